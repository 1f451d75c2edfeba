"""The remittance of a payment: every line in it and every balance it took along, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.records.rekening import Rekening


class Specificatieregel(NamedTuple):
    """A line in a payment: `bedrag` in eurocents, below nothing for a credit.

    `client` is the fingerprint of the Bsn, for who accounts for having shown it.
    """

    inbox_id: int
    regelnr: int
    declaratienummer: str
    bericht: str
    wet: str
    referentienummer: str
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    client: str


class Meegenomen(NamedTuple):
    """An earlier balance that a payment took along; `soort` is `negatief` or `teruggekomen`."""

    soort: str
    bedrag: int
    uit_kenmerk: str


class Declaratietotaal(NamedTuple):
    """What the lines of one invoice in a payment come to."""

    inbox_id: int
    declaratienummer: str
    bericht: str
    regels: int
    bedrag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Specificatie:
    """A payment with what it is made of; `regels` may be a stream and is then read once.

    The lines and what was taken along together are `bedrag`, or `doorgeschoven` where that is
    below nothing.
    """

    gemeente: str
    aanbieder: str
    kenmerk: str
    rekening: Rekening
    uitvoering: date
    betaald_op: date | None
    bedrag: int
    doorgeschoven: int
    meegenomen: Sequence[Meegenomen]
    declaraties: Sequence[Declaratietotaal]
    regels: Iterable[Specificatieregel]

    @property
    def klopt(self) -> bool:
        """Whether invoices and balances add up to what was paid or carried forward."""
        made = sum(one.bedrag for one in self.declaraties)
        made += sum(one.bedrag for one in self.meegenomen)
        return made == self.bedrag + self.doorgeschoven
