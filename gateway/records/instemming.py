"""What an aanbieder agreed to: an assignment lowered, ended in the past, or deleted."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

VOLUME, BUDGET, EINDDATUM, VERWIJDEREN = "volume", "budget", "einddatum", "verwijderen"
WAT = (VOLUME, BUDGET, EINDDATUM, VERWIJDEREN)


class Instemming(NamedTuple):
    """A consent that was put down; dates inclusive, `niet_onder` in eurocents or units of volume.

    `niet_onder` is how far a volume or budget may go down, `niet_voor` how early an assignment may
    end; empty: as far as the standard lets it.  It counts from `op` up to and including `tot`.
    """

    toewijzingnummer: int
    wat: str
    op: date
    tot: date | None = None
    niet_onder: int | None = None
    niet_voor: date | None = None

    def geldt_op(self, dag: date) -> bool:
        """Whether it counts on this day."""
        return self.op <= dag and (self.tot is None or dag <= self.tot)
