"""The proof that the ledger adds up: every way of adding gives the same, or a sentence says where.

Nothing here reads: a `Bron` hands out what stands in the store, in order and as a stream, all of
one and the same moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gateway.ledger.antwoord import Antwoordstuk, Lezer
from gateway.ledger.boek import Boekstuk, Fout, Regelkop, Saldo, total
from gateway.ledger.credits import Creditpaar, credit_faults, double_faults
from gateway.ledger.paren import Paren
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.records.declaratie import Prestatie

# By what balances are made, and what a balance is of.
PER: Mapping[str, tuple[str, ...]] = {
    "provider": ("aanbieder",),
    "cell": ("overeenkomst", "cel"),
    "municipality": ("gemeente",),
    "assignment": ("gemeente", "wet", "aanbieder", "toewijzing"),
    "client": ("gemeente", "client"),
    "year": ("jaar",),
    "pair": ("aanbieder", "gemeente", "declaratie", "323", "325"),
}
_IN_WORDS = {
    "provider": "per aanbieder",
    "cell": "per cel",
    "municipality": "per gemeente",
    "assignment": "per toewijzing",
    "client": "per cliënt",
    "year": "per jaar van levering",
    "pair": "per declaratie",
}


class Besteed(NamedTuple):
    """What a message adds to a product and year: by its lines, and by the table of spending."""

    inbox_id: int
    naam: str
    declaratienummer: str | None
    aanbieder: str
    productcode: str
    jaar: int
    regels: int
    besteding: int


class Losse(NamedTuple):
    """A line that hangs in the air; `waarom` tells in words what is missing."""

    inbox_id: int | None
    naam: str
    declaratienummer: str | None
    referentienummer: str | None
    bedrag: int
    waarom: str


class Bron(Protocol):
    """What the store hands out; every method is one pass, in the order that it says."""

    def totaal(self) -> Saldo:
        """All stored lines together."""

    def stukken(self) -> Iterator[Boekstuk]:
        """Every 323 of the inbox, by number of the inbox."""

    def afgewezen(self) -> Iterator[tuple[int, Prestatie]]:
        """Every rejected line, by number of the inbox and in document order."""

    def antwoorden(self) -> Iterator[tuple[int, Antwoordstuk]]:
        """Every stored 325 that answers a 323, by number of the inbox."""

    def losse(self) -> Iterator[Losse]:
        """Lines and Declaraties that do not hang together, and lines under a wrong fingerprint."""

    def credits(self) -> Iterator[Creditpaar]:
        """Granted credits beside the granted debets that they name, by party and number."""

    def dubbele(self) -> Iterator[Sequence[Regelkop]]:
        """Granted debets without a credit, more than one of which claims the same."""

    def besteed(self) -> Iterator[Besteed]:
        """Where the table of spending differs from the lines."""

    def saldi(self, per: str) -> Iterator[tuple[tuple[str, ...], Saldo]]:
        """The balances by one of PER."""

    def zonder_oordeel(self) -> int:
        """How many messages wait or are parked, of which nobody knows yet what they are."""


@dataclass(slots=True)
class Controle:
    """What the proof came to, while it goes on and at its end.

    `verdicts` counts the 323s by what became of them, `fouten` what does not add up by its kind.
    """

    totaal: Saldo = field(default_factory=Saldo)
    verdicts: Counter[str] = field(default_factory=Counter)
    aangehouden: int = 0
    zonder_oordeel: int = 0
    fouten: Counter[str] = field(default_factory=Counter)

    @property
    def klopt(self) -> bool:
        """Whether everything adds up."""
        return not self.fouten

    def run(self, bron: Bron, lees: Lezer) -> Iterator[Fout]:
        """Every fault, as it is found; when there are none left the rest of this is filled."""
        for fout in self._all(bron, lees):
            self.fouten[fout.soort] += 1
            yield fout

    def _all(self, bron: Bron, lees: Lezer) -> Iterator[Fout]:
        self.totaal = bron.totaal()
        self.zonder_oordeel = bron.zonder_oordeel()
        yield from self._pairs(bron, lees)
        yield from loose_faults(bron.losse())
        yield from credit_faults(bron.credits())
        yield from double_faults(bron.dubbele())
        yield from spending_faults(bron.besteed())
        for per in PER:
            yield from total_faults(per, total(s for _, s in bron.saldi(per)), self.totaal)

    def _pairs(self, bron: Bron, lees: Lezer) -> Iterator[Fout]:
        paren = Paren(bron.afgewezen(), bron.antwoorden(), lees)
        for stuk in bron.stukken():
            self.verdicts[stuk.uitkomst] += 1
            if stuk.verdict == "held":
                self.aangehouden += stuk.telling.get("ingediend", 0)
            yield from paren.faults(stuk)
        yield from paren.rest()


def loose_faults(losse: Iterable[Losse]) -> Iterator[Fout]:
    """A sentence for everything that hangs in the air."""
    for one in losse:
        parts = [
            f"bericht {one.inbox_id} ({one.naam})" if one.inbox_id is not None else "geen bericht",
            f"declaratie {one.declaratienummer}" if one.declaratienummer else "",
            f"regel {one.referentienummer}" if one.referentienummer else "",
        ]
        told = ", ".join(part for part in parts if part)
        yield Fout(
            "losse regel",
            f"{told}: {euros(one.bedrag)} {one.waarom}",
            one.inbox_id,
            one.declaratienummer,
            one.referentienummer,
            gevonden=one.bedrag,
        )


def spending_faults(verschillen: Iterable[Besteed]) -> Iterator[Fout]:
    """A sentence for every product and year in which spending is not what the lines come to."""
    for one in verschillen:
        declaratie = f", declaratie {one.declaratienummer}" if one.declaratienummer else ""
        yield Fout(
            "besteding",
            f"bericht {one.inbox_id} ({one.naam}){declaratie}: van product {one.productcode} in "
            f"{one.jaar} bij aanbieder {one.aanbieder} is {euros(one.besteding)} als besteed "
            f"geboekt, de toegekende regels tellen op tot {euros(one.regels)}",
            one.inbox_id,
            one.declaratienummer,
            verwacht=one.regels,
            gevonden=one.besteding,
        )


def total_faults(per: str, found: Saldo, whole: Saldo) -> Iterator[Fout]:
    """Balances of one kind together are all that is in the ledger, in every column."""
    columns = (
        ("ingediend", found.ingediend, whole.ingediend),
        ("afgewezen", found.afgewezen, whole.afgewezen),
        ("toegekend aan debet", found.debet, whole.debet),
        ("gecrediteerd", found.credit, whole.credit),
        ("nog niet beantwoord", found.wacht, whole.wacht),
    )
    words = _IN_WORDS[per]
    for wat, one, other in columns:
        if one != other:
            told = f"de saldi {words} tellen samen {euros(one)} {wat}, alle regels {euros(other)}"
            yield Fout("saldo", told, verwacht=other, gevonden=one)
    if found.regels != whole.regels:
        lines = aantal(found.regels, "regel", "regels")
        told = f"de saldi {words} gaan over {lines}, er zijn er {whole.regels}"
        yield Fout("saldo", told)
