"""The records of a 323 with corrections: Header, Declaratie, and per Client its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from gateway.errors import WrongUse
from gateway.periods.maanden import first_of_month, last_of_month
from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.header import Header

# The longest that the standard takes.
IDENTIFICATIE, DECLARATIENUMMER, REFERENTIE = 12, 12, 20
# So many corrections go into one message: with credits and debets it stays below the byte cap.
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Berichtnummers:
    """The numbers that a provider gives its 323 itself, and the month that it declares.

    Raises WrongUse for what the standard does not take, in one Dutch sentence.
    """

    identificatie: str
    declaratienummer: str
    referentiebegin: str
    maand: date
    dagtekening: date

    def __post_init__(self) -> None:
        """Refuse what no message may have."""
        room = REFERENTIE - len(str(2 * MOST))
        for naam, waarde, longest in (
            ("de identificatie van het bericht", self.identificatie, IDENTIFICATIE),
            ("het declaratienummer", self.declaratienummer, DECLARATIENUMMER),
            ("het begin van de referentienummers", self.referentiebegin, room),
        ):
            if not waarde or waarde != waarde.strip() or len(waarde) > longest:
                raise WrongUse(
                    f"{naam} heeft 1 tot en met {longest} tekens, zonder spatie eromheen"
                )
        if self.einddatum > self.dagtekening:
            raise WrongUse(
                f"de declaratieperiode eindigt op {self.einddatum}, na de dagtekening "
                f"{self.dagtekening}; kies een maand die voorbij is"
            )

    @property
    def begindatum(self) -> date:
        """The first day of the DeclaratiePeriode."""
        return first_of_month(self.maand)

    @property
    def einddatum(self) -> date:
        """The last day of the DeclaratiePeriode."""
        return last_of_month(self.maand)


def records_of(
    header: Header, nummers: Berichtnummers, lines: Sequence[Prestatie]
) -> Iterator[tuple[str, Any]]:
    """The named records of the message, in document order; lines of one Bsn stand together."""
    yield "Header", header
    totaal = sum(line.ondertekend for line in lines)
    yield (
        "Declaratie",
        Declaratie(
            pad="",
            declaratienummer=nummers.declaratienummer,
            begindatum=nummers.begindatum,
            einddatum=nummers.einddatum,
            dagtekening=nummers.dagtekening,
            totaal_bedrag=abs(totaal),
            debet_credit="C" if totaal < 0 else "D",
        ),
    )
    for bsn, own in groupby(lines, key=lambda line: line.bsn):
        yield "Client", DeclaratieClient("", bsn)
        yield from (("Prestatie", line) for line in own)
