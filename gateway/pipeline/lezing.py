"""Reads a 323 once: lines into spools, and what the rules on the whole message need to know."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from gateway.messages.reader import Message
from gateway.pipeline.spool import CHUNK, Spool, prestatie_spool
from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.header import Header

AT_ONCE = 100_000


def repeated(hashes: array[int]) -> frozenset[int]:
    """Those of the hashes that occur more than once; looks at AT_ONCE of them at a time, about.

    Out of their array they take ten times as much memory.
    """
    parts = 1 + len(hashes) // AT_ONCE
    found: set[int] = set()
    for part in range(parts):
        these = [one for one in hashes if one % parts == part] if parts > 1 else hashes
        if len(set(these)) < len(these):
            found.update(one for one, times in Counter(these).items() if times > 1)
    return frozenset(found)


Record = TypeVar("Record")


def of_kind(records: Mapping[str, list[object]], name: str, kind: type[Record]) -> list[Record]:
    """The records of one map, which are all of this kind."""
    return [one for one in records.get(name, ()) if isinstance(one, kind)]


def sleutel_hash(prestatie: Prestatie) -> int:
    """Equal for lines with an equal debetsleutel."""
    return hash((prestatie.toewijzingnummer, prestatie.productcode, prestatie.begindatum))


@dataclass(slots=True)
class Herhalingen:
    """Finds what occurs more than once in a message, with eight bytes a line.

    A hash only nominates lines; the rules compare the values themselves.
    """

    clienten: array[int] = field(default_factory=lambda: array("q"))
    referenties: array[int] = field(default_factory=lambda: array("q"))
    vorige: array[int] = field(default_factory=lambda: array("q"))
    sleutels: array[int] = field(default_factory=lambda: array("q"))
    nummers: array[int] = field(default_factory=lambda: array("q"))

    def note(self, lines: list[Prestatie]) -> None:
        """Take in some lines."""
        self.referenties.extend([hash(p.referentienummer) for p in lines])
        self.nummers.extend([p.toewijzingnummer for p in lines])
        self.sleutels.extend([sleutel_hash(p) for p in lines if p.debet_credit == "D"])
        self.vorige.extend(
            [hash(p.vorig_referentienummer) for p in lines if p.vorig_referentienummer is not None]
        )


@dataclass(frozen=True, slots=True)
class Herhaald:
    """The hashes that occur more than once, by what they are of."""

    clienten: frozenset[int]
    referenties: frozenset[int]
    vorige: frozenset[int]
    sleutels: frozenset[int]
    nummers: frozenset[int]
    eigen_debets: frozenset[int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing occurs twice and no line refers to another one of the message."""
        return not (self.referenties or self.vorige or self.sleutels or self.eigen_debets)

    def nominates(self, prestatie: Prestatie) -> bool:
        """Whether a rule on the whole message may have something to say of this line."""
        referentie, vorig = prestatie.referentienummer, prestatie.vorig_referentienummer
        return (
            hash(referentie) in self.referenties
            or hash(referentie) in self.eigen_debets
            or (vorig is not None and hash(vorig) in self.vorige | self.eigen_debets)
            or sleutel_hash(prestatie) in self.sleutels
        )


def _herhaald(found: Herhalingen) -> Herhaald:
    vorige = frozenset(found.vorige)
    return Herhaald(
        clienten=repeated(found.clienten),
        referenties=repeated(found.referenties),
        vorige=repeated(found.vorige),
        sleutels=repeated(found.sleutels),
        nummers=repeated(found.nummers),
        eigen_debets=frozenset(one for one in found.referenties if one in vorige),
    )


@dataclass(slots=True)
class Lezing:
    """A 323 that was read to its end and obeys its XSD.

    Lines stand in two spools, because credits are judged before debets; `som` is the signed sum
    of all lines in eurocents.
    """

    header: Header
    declaratie: Declaratie
    clienten: Spool[DeclaratieClient]
    credits: Spool[Prestatie]
    debets: Spool[Prestatie]
    som: int
    herhaald: Herhaald
    bsn_hashes: frozenset[int]

    def is_client(self, text: str) -> bool:
        """Whether a text is the Bsn of a client of this message."""
        return hash(text) in self.bsn_hashes

    @property
    def interacts(self) -> bool:
        """Whether what becomes of one line can matter to another one of this message."""
        herhaald = self.herhaald
        return bool(self.credits.count or herhaald.referenties or herhaald.nummers)

    @property
    def aantal(self) -> int:
        """How many lines there are."""
        return self.credits.count + self.debets.count

    def chunks(self) -> Iterator[list[Prestatie]]:
        """All lines in processing order: credits first, then debets, each in document order."""
        yield from self.credits.chunks()
        yield from self.debets.chunks()

    def nominated(self) -> list[Prestatie]:
        """The lines that the rules on the whole message have to compare, in document order."""
        if self.herhaald.is_empty:
            return []
        lines = [p for chunk in self.chunks() for p in chunk if self.herhaald.nominates(p)]
        return sorted(lines, key=lambda p: p.volgnr)

    def nominated_clienten(self) -> list[DeclaratieClient]:
        """The Clients that occur more than once, in document order."""
        return [c for c in self.clienten if hash(c.bsn) in self.herhaald.clienten]

    def close(self) -> None:
        """Give the spools back."""
        for spool in (self.clienten, self.credits, self.debets):
            spool.close()


def read_declaratie(message: Message) -> Lezing:
    """Read the whole message; raises NotXml or SchemaViolated at its end, with nothing kept."""
    spools = (_client_spool(), prestatie_spool(), prestatie_spool())
    try:
        return _read(message, *spools)
    except BaseException:
        for spool in spools:
            spool.close()
        raise


def _client_spool() -> Spool[DeclaratieClient]:
    return Spool(DeclaratieClient)


def _read(
    message: Message,
    clienten: Spool[DeclaratieClient],
    credits: Spool[Prestatie],
    debets: Spool[Prestatie],
) -> Lezing:
    single: dict[str, list[object]] = {}
    found = Herhalingen()
    som = 0
    lines: list[Prestatie] = []
    for name, record in chain.from_iterable(message.batches()):
        if name == "Prestatie":
            lines.append(record)
            if len(lines) == CHUNK:
                som += _put_away(lines, found, credits, debets)
                lines = []
        elif name == "Client":
            clienten.add(record)
            found.clienten.append(hash(record.bsn))
        else:
            single[name] = [record]
    som += _put_away(lines, found, credits, debets)
    return Lezing(
        header=of_kind(single, "Header", Header)[0],
        declaratie=of_kind(single, "Declaratie", Declaratie)[0],
        clienten=clienten,
        credits=credits,
        debets=debets,
        som=som,
        herhaald=_herhaald(found),
        bsn_hashes=frozenset(found.clienten),
    )


def _put_away(
    lines: list[Prestatie], found: Herhalingen, credits: Spool[Prestatie], debets: Spool[Prestatie]
) -> int:
    """Note lines and put them in their spool; returns their signed sum in eurocents."""
    found.note(lines)
    credited = [p for p in lines if p.debet_credit == "C"]
    credits.extend(credited)
    debets.extend([p for p in lines if p.debet_credit != "C"] if credited else lines)
    return sum([p.ondertekend for p in lines])


def lezing_of(header: Header, declaratie: Declaratie, regels: Iterable[list[Prestatie]]) -> Lezing:
    """The reading of a stored 323 from its lines, which stand in processing order."""
    credits, debets = prestatie_spool(), prestatie_spool()
    found = Herhalingen()
    som = 0
    bsns: dict[str, None] = {}
    for lines in regels:
        som += _put_away(lines, found, credits, debets)
        bsns |= dict.fromkeys([line.bsn for line in lines])
    clienten = _client_spool()
    clienten.extend([DeclaratieClient(str(n), bsn) for n, bsn in enumerate(bsns)])
    return Lezing(
        header=header,
        declaratie=declaratie,
        clienten=clienten,
        credits=credits,
        debets=debets,
        som=som,
        herhaald=_herhaald(found),
        bsn_hashes=frozenset(map(hash, bsns)),
    )
