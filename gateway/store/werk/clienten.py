"""Whom findings are about: the client of the assignment that each is on."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import bevinding, partij, toewijzing

CLIENTEN = (
    sa.select(partij.c.gemeente, toewijzing.c.bsn_hash)
    .join_from(bevinding, partij, partij.c.id == bevinding.c.partij_id)
    .join(
        toewijzing,
        sa.and_(
            toewijzing.c.toewijzingnummer == bevinding.c.toewijzingnummer,
            toewijzing.c.gemeente == partij.c.gemeente,
            toewijzing.c.wet == partij.c.wet,
        ),
    )
    .distinct()
)
