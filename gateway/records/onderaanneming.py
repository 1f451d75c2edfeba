"""Which provider may work for which, by the codes that they declare with: what judging knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Samenwerking:
    """That `onder` (AGB code) does work of `hoofd`, from `vanaf` to `tot`, both inclusive.

    No `wet` or `productcategorie` is all of them.
    """

    hoofd: str
    onder: str
    vanaf: date
    tot: date | None = None
    wet: str | None = None
    productcategorie: str | None = None

    def other(self, agb: str) -> str:
        """The one that `agb` works with."""
        return self.hoofd if agb == self.onder else self.onder

    def geldt(self, productcategorie: str, begin: date, einde: date) -> bool:
        """Whether it is about a category on any day of a period."""
        is_about = self.productcategorie in (None, productcategorie)
        return is_about and self.vanaf <= einde and (self.tot is None or begin <= self.tot)


@dataclass(frozen=True, slots=True)
class Samenwerkingen:
    """All of them, found by either code; made by `index`."""

    per_agb: Mapping[str, tuple[Samenwerking, ...]] = field(default_factory=dict)

    def of(self, agb: str, wet: str) -> tuple[Samenwerking, ...]:
        """Those of a provider under a law, as main contractor or as subcontractor."""
        return tuple(one for one in self.per_agb.get(agb, ()) if one.wet in (None, wet))


def index(alle: Iterable[Samenwerking]) -> Samenwerkingen:
    """Made for looking up; nobody works for himself."""
    found: dict[str, tuple[Samenwerking, ...]] = {}
    for one in alle:
        if one.hoofd != one.onder:
            for agb in (one.hoofd, one.onder):
                found[agb] = (*found.get(agb, ()), one)
    return Samenwerkingen(found)


NIEMAND = Samenwerkingen()
