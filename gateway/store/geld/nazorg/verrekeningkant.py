"""Each side of an item is of other people: who spoke for one municipality is silent for the other.

Somebody may work for both.  Of an item with a municipality that does not work with this store there
is one side only: who paid writes down what the other one said.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from gateway.store.toegang.personen import bezwaar, is_dezelfde
from gateway.toegang.wie import Wie

BEIDE = "u sprak bij deze post al voor de andere gemeente; laat een collega dit doen"


class Bezwaren(NamedTuple):
    """Why somebody cannot speak for who paid (`van`) or the other (`aan`); None where he can."""

    van: str | None
    aan: str | None


def bezwaren(connection: Connection, row: Any, wie: Wie) -> Bezwaren:
    """What stands in the way of somebody before he does something with the item in a row."""
    return Bezwaren(bezwaar_van(connection, row, wie), bezwaar_aan(connection, row, wie))


def bezwaar_van(connection: Connection, row: Any, wie: Wie) -> str | None:
    """Why somebody cannot speak for the municipality that paid; None where nobody answered yet."""
    if row.buiten or row.aan_wie is None:
        return None
    return bezwaar(connection, row.aan_wie, wie, BEIDE)


def bezwaar_aan(connection: Connection, row: Any, wie: Wie) -> str | None:
    """Why somebody cannot answer for the municipality that should have paid.

    What was found in a 319 is of who confirmed it; whose account only looked for it need not be
    known, but is not the same one.
    """
    if row.buiten:
        return None
    if is_dezelfde(connection, row.wie, wie):
        return BEIDE
    return bezwaar(connection, row.bevestigd_wie or row.wie, wie, BEIDE)
