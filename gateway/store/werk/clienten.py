"""Whom findings are about: the client of the line, and of the assignment, that each is on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.store.tables import bevinding, declaratie, partij, prestatie, toewijzing

_OF_ASSIGNMENT = (
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
)
# A line may be on a number that nobody knows.
_OF_LINE = (
    sa.select(partij.c.gemeente, prestatie.c.bsn_hash)
    .join_from(bevinding, partij, partij.c.id == bevinding.c.partij_id)
    .join(declaratie, declaratie.c.inbox_id == bevinding.c.inbox_id)
    .join(
        prestatie,
        sa.and_(
            prestatie.c.partij_id == bevinding.c.partij_id,
            prestatie.c.referentienummer == bevinding.c.reference,
            prestatie.c.declaratie_id == declaratie.c.id,
            prestatie.c.volgnr == bevinding.c.regelnr,
        ),
    )
)


def clienten_of(*wanted: sa.ColumnElement[bool]) -> sa.CompoundSelect[Any]:
    """The clients of some findings, each once: `gemeente`, and `bsn_hash` as their fingerprint."""
    return sa.union(_OF_ASSIGNMENT.where(*wanted), _OF_LINE.where(*wanted))
