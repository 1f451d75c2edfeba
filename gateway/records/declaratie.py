"""The classes of a 323 and a 325: Declaratie, DeclaratieAntwoord, Client and Prestatie.

Records of which a message has many, or that are fetched per line, are named tuples: they are as
immutable as the frozen dataclasses beside them and ten times cheaper to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.records.extra import NO_EXTRA, Extra

# What is known of a stored line: refused, granted, or sent to a municipality that has not answered.
REFUSED, GRANTED, PENDING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Declaratie:
    """A declaration for one calendar month; amounts in eurocents, dates inclusive."""

    pad: str
    declaratienummer: str
    begindatum: date
    einddatum: date
    dagtekening: date
    totaal_bedrag: int
    debet_credit: str
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Declaratie is known by its number, which is no line reference."""
        return None

    @property
    def totaal(self) -> int:
        """TotaalIngediendBedrag with its sign: a credit total is negative."""
        return self.totaal_bedrag if self.debet_credit == "D" else -self.totaal_bedrag


@dataclass(frozen=True, slots=True)
class DeclaratieAntwoord:
    """What a 325 says of a declaration as a whole; amounts in eurocents."""

    pad: str
    declaratienummer: str
    ingediend_bedrag: int
    ingediend_debet_credit: str
    toegekend_bedrag: int
    toegekend_debet_credit: str
    retourcodes: tuple[str, ...] = ()
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A DeclaratieAntwoord has no line reference."""
        return None

    @property
    def ingediend(self) -> int:
        """TotaalIngediendBedrag with its sign."""
        sign = 1 if self.ingediend_debet_credit == "D" else -1
        return sign * self.ingediend_bedrag

    @property
    def toegekend(self) -> int:
        """TotaalToegekendBedrag with its sign."""
        sign = 1 if self.toegekend_debet_credit == "D" else -1
        return sign * self.toegekend_bedrag


@dataclass(frozen=True, slots=True)
class DeclaratieClient:
    """A Client of a 323 or 325: the Bsn under which lines stand."""

    pad: str
    bsn: str
    retourcodes: tuple[str, ...] = ()
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Client is known by its Bsn, which may not leave the records."""
        return None


class Prestatie(NamedTuple):
    """One invoice line; `volgnr` counts the lines of the message in document order from 1.

    Amounts are eurocents without a sign (`ondertekend` has it), volumes whole units of
    `eenheid` (eurocents for unit 83), the ProductPeriode includes both days.
    """

    pad: str
    volgnr: int
    bsn: str
    referentienummer: str
    vorig_referentienummer: str | None
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    geleverd_volume: int
    eenheid: str
    producttarief: int | None
    ingediend_bedrag: int
    debet_credit: str
    retourcodes: tuple[str, ...] = ()
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """The ReferentieNummer, by which sender and receiver speak of a line."""
        return self.referentienummer

    @property
    def ondertekend(self) -> int:
        """IngediendBedrag with its sign: a credit is negative."""
        return self.ingediend_bedrag if self.debet_credit == "D" else -self.ingediend_bedrag

    @property
    def is_credit(self) -> bool:
        """Whether the line undoes an earlier one."""
        return self.debet_credit == "C"

    @property
    def debetsleutel(self) -> tuple[int, str, str, date, date]:
        """What may be claimed once: number, product and period (TR389, TR416)."""
        return (
            self.toewijzingnummer,
            self.productcategorie,
            self.productcode,
            self.begindatum,
            self.einddatum,
        )
