"""When messages came in."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from gateway.store.engine import ALL, Database
from gateway.store.tables import inbox


def last_receipt(database: Database) -> datetime | None:
    """When the last message came in; None where there is none yet."""
    with database.snapshot(ALL) as connection:
        moment = connection.execute(_LAST).scalar()
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


_LAST = sa.select(inbox.c.received_at).order_by(inbox.c.id.desc()).limit(1)
