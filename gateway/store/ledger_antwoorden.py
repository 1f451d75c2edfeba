"""The statements that hand out stored 325s: those that we sent, and those that we took in."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from gateway.store.bouwstenen import Select
from gateway.store.tables import ANTWOORD, inbox, inbox_stuk, outbox, outbox_stuk


def verstuurd(berichttypen: Collection[str]) -> Select:
    """Every 325 with the first of its pieces, or without any where its bytes had their time."""
    first = sa.and_(outbox_stuk.c.outbox_id == outbox.c.id, outbox_stuk.c.nr == 0)
    return (
        sa.select(
            outbox.c.inbox_id,
            outbox.c.id,
            outbox.c.identificatie,
            outbox.c.gewist,
            outbox.c.stukken,
            outbox_stuk.c.data,
        )
        .select_from(outbox)
        .outerjoin(outbox_stuk, first)
        .where(outbox.c.soort == ANTWOORD, outbox.c.berichttype.in_(berichttypen))
        .order_by(outbox.c.inbox_id, outbox.c.id)
    )


def ontvangen(codes: Collection[str]) -> Select:
    """Every 325 that was taken in as the answer to a 323 of our own, with its first piece."""
    heen = inbox.alias("heen")
    first = sa.and_(inbox_stuk.c.inbox_id == inbox.c.id, inbox_stuk.c.nr == 0)
    return (
        sa.select(
            heen.c.id,
            inbox.c.id,
            inbox.c.identificatie,
            inbox.c.gewist,
            inbox.c.stukken,
            inbox_stuk.c.data,
        )
        .select_from(inbox)
        .join(heen, heen.c.id == inbox.c.heen_id)
        .outerjoin(inbox_stuk, first)
        .where(heen.c.berichtcode.in_(codes), inbox.c.verdict == "accepted")
        .order_by(heen.c.id, inbox.c.id)
    )
