"""The first rows of a list that is put together from parts, each in order in an index of its own.

No index has the rows of several municipalities in one order.  Of each of them the first ones are
taken, and the first of those are the page: so a page costs as much as it shows, however long the
list is and however few of its rows are of who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from gateway.store.inzage.binnen import IN_PAAR, Voorwaarde, paren_van
from gateway.store.tables import inbox
from gateway.toegang.wie import Bereik

Deel = tuple[Voorwaarde, ...]
AT_ONCE = 400


def eerste_van(
    sleutel: Sequence[sa.Column[Any]],
    volgorde: Sequence[sa.ColumnElement[Any]],
    omvang: int,
    delen: Iterable[Deel],
) -> Voorwaarde:
    """Whether a row, known by its key, is among the first so many of one of the parts."""
    parts = [
        sa.select(*sleutel).where(*deel).order_by(*volgorde).limit(omvang).subquery()
        for deel in delen
    ]
    # SQLite unites five hundred at most, and there are more municipalities than half of that.
    united = [
        sa.union_all(*(sa.select(part) for part in parts[begin : begin + AT_ONCE])).subquery()
        for begin in range(0, len(parts), AT_ONCE)
    ]
    own = sa.tuple_(*sleutel) if len(sleutel) > 1 else sleutel[0]
    return own.in_(sa.union_all(*(sa.select(some) for some in united)))


def berichtdelen(bereik: Bereik, aanbieder: str | None = None) -> Sequence[Deel]:
    """The messages of a Bereik, or those between it and a provider, in parts by receipt.

    A message that was not judged has no municipality yet: who it is of was seen at intake.
    """
    gemeenten, agb = sorted(bereik.gemeenten), bereik.aanbieder or aanbieder
    # The words of the indexes.
    gemeente_of = inbox.c.gemeente
    judged_for = sa.case((gemeente_of.is_(None), sa.literal_column("''")), else_=gemeente_of)
    if agb is not None:
        of_paar = zip(gemeenten, paren_van(bereik, agb), strict=True)
        return [
            (inbox.c.paar == paar, judged_for.in_(("", gemeente))) for gemeente, paar in of_paar
        ]
    return [
        *((judged_for == gemeente,) for gemeente in gemeenten),
        (judged_for == "", IN_PAAR.in_(gemeenten)),
    ]
