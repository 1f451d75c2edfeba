"""What follows from sums that were told: the attack of somebody who solves them as equations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

# Sums are worked out by a large prime: without fractions, and without what follows by chance.
PRIME = 2**61 - 1
Rij = dict[Hashable, int]


class Kennis:
    """Sums of unknown figures that somebody knows."""

    def __init__(self) -> None:
        self._solved: dict[Hashable, Rij] = {}

    def tell(self, figures: Iterable[Hashable]) -> None:
        """These figures together are known."""
        row = self._left_of(figures)
        if not row:
            return
        pivot, value = next(iter(row.items()))
        inverse = pow(value, -1, PRIME)
        self._solved[pivot] = {name: own * inverse % PRIME for name, own in row.items()}

    def knows(self, figures: Iterable[Hashable]) -> bool:
        """Whether these figures together follow from what was told."""
        return not self._left_of(figures)

    def _left_of(self, figures: Iterable[Hashable]) -> Rij:
        """A sum without all that is known of it."""
        row: Rij = dict.fromkeys(figures, 1)
        # A solved row may bring in the first figure of one that was solved later.
        while (pivot := next((one for one in row if one in self._solved), None)) is not None:
            factor = row[pivot]
            for name, value in self._solved[pivot].items():
                left = (row.get(name, 0) - factor * value) % PRIME
                if left:
                    row[name] = left
                else:
                    row.pop(name, None)
        return row
