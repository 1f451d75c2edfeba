"""Two agreements beside each other, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from gateway.records.overeenkomst import Cel, Overeenkomst

Soort = Literal["nieuw", "vervallen", "anders", "gelijk"]
# What tells a cell apart from its neighbours, whatever it costs and however long it holds.
_WIE = (
    *("dimensies", "productcategorie", "productcode", "eenheid", "soort", "frequentie"),
    *("wet", "gemeenten", "aanbieders"),
)
_WAT = tuple(one.name for one in fields(Cel) if one.name not in (*_WIE, "rij"))
_ORDE: Sequence[Soort] = ("anders", "nieuw", "vervallen", "gelijk")


@dataclass(frozen=True, slots=True)
class Celverschil:
    """A cell in both agreements, or in one of them; `velden` are the keys that differ."""

    een: Cel | None
    ander: Cel | None
    velden: Sequence[str] = ()

    @property
    def cel(self) -> Cel:
        """The cell by which the two are known."""
        found = self.ander or self.een
        assert found is not None  # noqa: S101 - one of them is always there
        return found

    @property
    def soort(self) -> Soort:
        """What became of the cell."""
        if self.een is None:
            return "nieuw"
        if self.ander is None:
            return "vervallen"
        return "anders" if self.velden else "gelijk"

    @property
    def bedrag(self) -> int | None:
        """How many eurocents more the other cell costs; None where there is only one."""
        if self.een is None or self.ander is None:
            return None
        return self.ander.bedrag - self.een.bedrag


def compare(een: Overeenkomst, ander: Overeenkomst) -> Sequence[Celverschil]:
    """All cells of both: what differs, is new and is gone in front of what stayed the same.

    Cells of one kind with several periods are held against each other by their first day, and what
    is left by order of time.
    """
    found = [*_pairs(_by_kind(een), _by_kind(ander))]
    return sorted(found, key=lambda one: (_ORDE.index(one.soort), one.cel.rij))


def _by_kind(overeenkomst: Overeenkomst) -> Mapping[tuple[Any, ...], list[Cel]]:
    found: dict[tuple[Any, ...], list[Cel]] = {}
    for cel in sorted(overeenkomst.cellen, key=lambda one: one.vanaf):
        found.setdefault(tuple(getattr(cel, name) for name in _WIE), []).append(cel)
    return found


def _pairs(
    een: Mapping[tuple[Any, ...], list[Cel]], ander: Mapping[tuple[Any, ...], list[Cel]]
) -> Iterator[Celverschil]:
    for kind in dict.fromkeys((*ander, *een)):
        old, new = een.get(kind, []), ander.get(kind, [])
        days = {cel.vanaf for cel in old} & {cel.vanaf for cel in new}
        same = ([cel for cel in some if cel.vanaf in days] for some in (old, new))
        rest = [[cel for cel in some if cel.vanaf not in days] for some in (old, new)]
        pairs = [*zip(*same, strict=True), *zip(*rest, strict=False)]
        for one, other in pairs:
            yield Celverschil(one, other, _different(one, other))
        paired = min(map(len, rest))
        yield from (Celverschil(cel, None) for cel in rest[0][paired:])
        yield from (Celverschil(None, cel) for cel in rest[1][paired:])


def _different(een: Cel, ander: Cel) -> Sequence[str]:
    return [name for name in _WAT if getattr(een, name) != getattr(ander, name)]
