"""Notes of which messages the worklist has to look at the findings again.

This stands in the transaction that changes something, so that nothing is missed in whatever order
transactions end; who follows takes away the very rows that it read.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from gateway.store.bulk import insert_all
from gateway.store.werk.tables import werk_wachtrij


def look_again(connection: Connection, changed: Sequence[tuple[int, int | None]]) -> None:
    """Note messages by their number; the second one is that of a judgement that made facts."""
    if changed:
        rows = [{"inbox_id": inbox_id, "volgnr": volgnr} for inbox_id, volgnr in changed]
        insert_all(connection, werk_wachtrij, rows)
