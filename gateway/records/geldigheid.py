"""From when until when something is in use: both days inclusive, either may be open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def in_use(vanaf: date | None, tot: date | None, dag: date) -> bool:
    """Whether something that runs from `vanaf` to `tot` is in use on a day."""
    return (vanaf is None or vanaf <= dag) and (tot is None or dag <= tot)


@dataclass(frozen=True, slots=True)
class Plaatsing:
    """That a list places a product code in a category, from `vanaf` to `tot`, both inclusive."""

    categorie: str
    vanaf: date | None
    tot: date | None

    def geldt_op(self, dag: date) -> bool:
        """Whether it holds on a day."""
        return in_use(self.vanaf, self.tot, dag)
