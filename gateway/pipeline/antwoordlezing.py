"""Reads a 325 once, whatever its size: the returned lines into a spool."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from gateway.messages.reader import Message
from gateway.pipeline.lezing import of_kind, repeated
from gateway.pipeline.spool import Spool, prestatie_spool
from gateway.records.declaratie import DeclaratieAntwoord, DeclaratieClient, Prestatie
from gateway.records.header import Header
from gateway.rules.declaratie_antwoord import refuses


@dataclass(slots=True)
class Antwoordlezing:
    """A 325 that was read to its end and obeys its XSD.

    `antwoord` is None where the Header says it all; `som` is the signed sum of the returned lines
    in eurocents.  The hashes are of what occurs more than once, and of the Bsns.
    """

    header: Header
    antwoord: DeclaratieAntwoord | None
    clienten: Spool[DeclaratieClient]
    prestaties: Spool[Prestatie]
    som: int
    herhaalde_clienten: frozenset[int]
    herhaalde_referenties: frozenset[int]
    bsn_hashes: frozenset[int]

    @property
    def refuses_whole(self) -> bool:
        """Whether the Declaratie, or the message with it, is refused as a whole."""
        return self.antwoord is None or refuses(self.antwoord.retourcodes)

    @property
    def contradicts_itself(self) -> bool:
        """Whether the Header refuses the message that the rest answers, or neither says a thing."""
        return refuses(self.header.retourcodes or ()) == (self.antwoord is not None)

    def is_client(self, text: str) -> bool:
        """Whether a text is the Bsn of a client of this message."""
        return hash(text) in self.bsn_hashes

    def parts(self) -> Iterator[tuple[list[DeclaratieClient], list[Prestatie]]]:
        """All lines in chunks, each with the Clients that they stand below."""
        clienten = iter(self.clienten)
        waiting: list[DeclaratieClient] = []
        for lines in self.prestaties.chunks():
            bsns = {line.bsn for line in lines}
            while not waiting or waiting[-1].bsn in bsns:
                one = next(clienten, None)
                if one is None:
                    break
                waiting.append(one)
            here = [one for one in waiting if one.bsn in bsns]
            yield here, lines
            waiting = [one for one in waiting if one.bsn not in bsns]

    def nominated_clienten(self) -> list[DeclaratieClient]:
        """The Clients that occur more than once, and the first: there are any, it tells."""
        return [
            one
            for number, one in enumerate(self.clienten)
            if not number or hash(one.bsn) in self.herhaalde_clienten
        ]

    def nominated(self) -> list[Prestatie]:
        """The lines that occur more than once or are not refused, in document order."""
        return [
            line
            for line in self.prestaties
            if hash(line.referentienummer) in self.herhaalde_referenties
            or not refuses(line.retourcodes)
        ]

    def close(self) -> None:
        """Give the spools back."""
        self.clienten.close()
        self.prestaties.close()


def read_antwoord(message: Message) -> Antwoordlezing:
    """Read the whole message; raises NotXml or SchemaViolated at its end, with nothing kept."""
    clienten: Spool[DeclaratieClient] = Spool(DeclaratieClient)
    prestaties = prestatie_spool()
    try:
        return _read(message, clienten, prestaties)
    except BaseException:
        clienten.close()
        prestaties.close()
        raise


def _read(
    message: Message, clienten: Spool[DeclaratieClient], prestaties: Spool[Prestatie]
) -> Antwoordlezing:
    single: dict[str, list[object]] = {}
    bsns, referenties = array("q"), array("q")
    som = 0
    for name, record in chain.from_iterable(message.batches()):
        if name == "Prestatie":
            prestaties.add(record)
            referenties.append(hash(record.referentienummer))
            som += record.ondertekend
        elif name == "Client":
            clienten.add(record)
            bsns.append(hash(record.bsn))
        else:
            single[name] = [record]
    antwoorden = of_kind(single, "DeclaratieAntwoord", DeclaratieAntwoord)
    return Antwoordlezing(
        header=of_kind(single, "Header", Header)[0],
        antwoord=antwoorden[0] if antwoorden else None,
        clienten=clienten,
        prestaties=prestaties,
        som=som,
        herhaalde_clienten=repeated(bsns),
        herhaalde_referenties=repeated(referenties),
        bsn_hashes=frozenset(bsns),
    )
