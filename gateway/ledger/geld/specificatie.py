"""The remittance of a payment: every line in it and every balance it took along, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from gateway.records.rekening import Rekening

Bron = Literal["declaratie", "factuur"]
DECLARATIE: Bron = "declaratie"
FACTUUR: Bron = "factuur"


class Specificatieregel(NamedTuple):
    """A line in a payment: `bedrag` in eurocents, below nothing for a credit.

    `nummer` is that of the declaratie or factuur (`bron`) that it is in, `stuk_id` its row.
    Outside the message traffic there is no `bericht`, and not always an assignment.  `client` is
    the fingerprint of whom it is about, for who accounts for having shown it.
    """

    bron: Bron
    stuk_id: int
    regelnr: int
    nummer: str
    bericht: str
    wet: str
    referentienummer: str
    toewijzingnummer: int | None
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    client: str | None


class Meegenomen(NamedTuple):
    """An earlier balance that a payment took along; `soort` is `negatief` or `teruggekomen`."""

    soort: str
    bedrag: int
    uit_kenmerk: str


class Stuktotaal(NamedTuple):
    """What the lines of one declaratie or factuur (`bron`) in a payment come to."""

    bron: Bron
    stuk_id: int
    nummer: str
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
    stukken: Sequence[Stuktotaal]
    regels: Iterable[Specificatieregel]

    @property
    def klopt(self) -> bool:
        """Whether declaraties, facturen and balances add up to what was paid or carried forward."""
        made = sum(one.bedrag for one in self.stukken)
        made += sum(one.bedrag for one in self.meegenomen)
        return made == self.bedrag + self.doorgeschoven
