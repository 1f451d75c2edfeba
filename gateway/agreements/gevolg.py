"""What another version of an agreement comes to: which cells, since when, and in euros."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from gateway.agreements.verschil import Celverschil, compare
from gateway.periods.bedragen import half_up
from gateway.records.overeenkomst import ONE_DAY, Cel, Overeenkomst

# The keys of a cell that say until when something is allowed.
VENSTERS = ("toewijsbaar_tot", "indicatie_tot", "declarabel_tot")
_ENDS = frozenset({"tot", *VENSTERS})
# The keys of an agreement that decide over all of its prices.
_OVERAL = ("wetten", "gemeenten", "variant", "peildatum", "uitgestapt", "bekendgemaakt_op")
# What was granted in a year, in eurocents, by the number of the cell in its file.
Gebruik = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Gevolg:
    """A cell that differs.

    `gebruik` is what was granted on it in a year, `jaar` what that costs more by the other price;
    None where no use is known, or there is no other price.  `eerder` is the price that a new one
    follows.
    """

    verschil: Celverschil
    gebruik: int | None
    jaar: int | None
    eerder: Cel | None = None

    @property
    def van(self) -> Cel | None:
        """The price that the other one is held against."""
        return self.verschil.een or self.eerder

    @property
    def bedrag(self) -> int | None:
        """How many eurocents more the other price is; None where there is only one."""
        een, ander = self.van, self.verschil.ander
        return None if een is None or ander is None else ander.bedrag - een.bedrag


def consequences(
    een: Overeenkomst, ander: Overeenkomst, gebruik: Gebruik | None = None
) -> Sequence[Gevolg]:
    """All cells that differ, and in euros of what was used of them.

    A price that follows an earlier one of the same kind is held against that one; the earlier one,
    when it only ends because of that, is told with it, as it is then.
    """
    found = [one for one in compare(een, ander) if one.soort != "gelijk"]
    successors = _followed(found, een)
    closed = _closed(found, {cel.rij for cel in successors.values()})
    return [
        _told(one, successors.get(one.cel.rij) if one.soort == "nieuw" else None, closed, gebruik)
        for one in found
        if one.een is None or one.een.rij not in closed
    ]


def more_a_year(toegekend: int, oud: int, nieuw: int) -> int:
    """What the same use costs more by another price, in eurocents, rounded once."""
    return half_up(toegekend * (nieuw - oud), oud) if oud else 0


def first_day(een: Sequence[Overeenkomst], ander: Overeenkomst) -> date | None:
    """The first day on which a price can be another one; None where nothing differs.

    `een` are the versions that `ander` replaces; without any all of it is new.
    """
    days = [cel.vanaf for cel in ander.cellen] if not een else []
    for one in een:
        if any(getattr(one, name) != getattr(ander, name) for name in _OVERAL):
            days += [cel.vanaf for cel in (*one.cellen, *ander.cellen)]
        for verschil in compare(one, ander):
            if verschil.soort != "gelijk":
                days += _days(verschil)
    return min(days, default=None)


def _days(verschil: Celverschil) -> Iterator[date]:
    cellen = [cel for cel in (verschil.een, verschil.ander) if cel is not None]
    if verschil.soort != "anders" or not set(verschil.velden) <= _ENDS:
        yield from (cel.vanaf for cel in cellen)
        return
    for cel in cellen:
        ends = (getattr(cel, name) for name in verschil.velden)
        yield from (end + ONE_DAY for end in ends if end is not None and end < date.max)


def _followed(found: Sequence[Celverschil], een: Overeenkomst) -> dict[int, Cel]:
    """For a new cell the one before it of the same kind, by the number of the new one."""
    earlier: dict[tuple[object, ...], Cel] = {}
    for cel in sorted(een.cellen, key=lambda one: one.vanaf):
        earlier[_kind(cel)] = cel
    return {
        one.cel.rij: earlier[_kind(one.cel)]
        for one in found
        if one.soort == "nieuw" and _kind(one.cel) in earlier
    }


def _kind(cel: Cel) -> tuple[object, ...]:
    who = (cel.wet, cel.gemeenten, cel.aanbieders)
    return (cel.dimensies, cel.productcategorie, cel.productcode, cel.eenheid, cel.soort, *who)


def _closed(found: Sequence[Celverschil], followed: Set[int]) -> dict[int, Cel]:
    """The prices that only end because another one follows, by their number before it."""
    return {
        one.een.rij: one.ander
        for one in found
        if one.een is not None
        and one.ander is not None
        and one.een.rij in followed
        and set(one.velden) <= _ENDS
    }


def _told(
    verschil: Celverschil, eerder: Cel | None, closed: Mapping[int, Cel], gebruik: Gebruik | None
) -> Gevolg:
    old = verschil.een or eerder
    shown = None if eerder is None else closed.get(eerder.rij, eerder)
    if gebruik is None or old is None:
        return Gevolg(verschil, None, None, shown)
    used = gebruik.get(old.rij, 0)
    if verschil.ander is None:
        return Gevolg(verschil, used, None)
    return Gevolg(verschil, used, more_a_year(used, old.bedrag, verschil.ander.bedrag), shown)
