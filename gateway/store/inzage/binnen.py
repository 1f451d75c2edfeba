"""The filter by which a read shows no more than its Bereik: every read of people has it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.store.tables import inbox, partij
from gateway.toegang.wie import Bereik

Voorwaarde = sa.ColumnElement[bool]

# Of two parties the municipality is the one with four digits (`paar`, see `opname`).
IN_PAAR = sa.case(
    (sa.func.substr(inbox.c.paar, 5, 1) == "-", sa.func.substr(inbox.c.paar, 1, 4)),
    (sa.func.substr(inbox.c.paar, 9, 1) == "-", sa.func.substr(inbox.c.paar, 10, 4)),
    else_=inbox.c.ontvanger,
)
# Whose a message is: the municipality that it was judged for, until then as seen at intake.
GEMEENTE = sa.func.coalesce(sa.func.nullif(inbox.c.gemeente, ""), IN_PAAR)


def partij_in(bereik: Bereik) -> Voorwaarde:
    """Whether a party is one that may be seen."""
    own = partij.c.gemeente.in_(sorted(bereik.gemeenten))
    if bereik.aanbieder is None:
        return own
    return sa.and_(own, partij.c.aanbieder == bereik.aanbieder)


def bericht_in(bereik: Bereik) -> Voorwaarde:
    """Whether a message is one that may be seen: for an aanbieder one that it sent or was sent.

    A message between others that was unreadable has no municipality; who it is of was seen at
    intake (`paar`).
    """
    if bereik.aanbieder is None:
        return GEMEENTE.in_(sorted(bereik.gemeenten))
    return tussen(bereik, bereik.aanbieder)


def tussen(bereik: Bereik, aanbieder: str) -> Voorwaarde:
    """Whether a message goes between an aanbieder and one of the municipalities that are seen."""
    judged = sa.func.coalesce(inbox.c.gemeente, "").in_(["", *sorted(bereik.gemeenten)])
    return sa.and_(inbox.c.paar.in_(paren_van(bereik, aanbieder)), judged)


def paren_van(bereik: Bereik, aanbieder: str) -> Sequence[str]:
    """The two sides of messages with an aanbieder, as the inbox keeps them (`opname`)."""
    return ["-".join(sorted((gemeente, aanbieder))) for gemeente in sorted(bereik.gemeenten)]
