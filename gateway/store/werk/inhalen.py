"""Takes away the posts that messages overtook: care that was granted after all, a later version.

What is said of a request may come back, when its answer is refused: those messages are looked at
again as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.tables import bevinding, declaratie, prestatie, toewijzing, verzoek
from gateway.store.werk.tables import werkpost
from gateway.store.werk.wachtrij import look_again


class Ingehaald:
    """The statements for one kind of database."""

    def __init__(self, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        self._granted = _GRANTED.where(among(declaratie.c.inbox_id, is_sqlite))
        self._sent = _SENT.where(among(toewijzing.c.inbox_id, is_sqlite))
        self._asked = _ASKED.where(among(verzoek.c.van_volgnr, is_sqlite))
        away = sa.delete(werkpost).where(among(werkpost.c.bevinding_id, is_sqlite))
        self._away = away.returning(werkpost.c.oorzaak_id)

    def take_away(self, connection: Connection, rows: Sequence[Any]) -> set[int]:
        """What judgements overtook, by the rows of the queue; returns the causes touched."""
        judged = [row for row in rows if row.volgnr is not None]
        if not judged:
            return set()
        berichten = self._keys([row.inbox_id for row in judged])
        overtaken = {*connection.scalars(self._granted, berichten)}
        overtaken |= {*connection.scalars(self._sent, berichten)}
        asked = connection.scalars(self._asked, self._keys([row.volgnr for row in judged]))
        look_again(connection, [(inbox_id, None) for inbox_id in asked])
        if not overtaken:
            return set()
        return {*connection.scalars(self._away, self._keys(sorted(overtaken)))}

    def _keys(self, keys: Sequence[int]) -> dict[str, Any]:
        return {KEYS: as_keys(keys, self._is_sqlite)}


_GRANTED = (
    sa.select(werkpost.c.bevinding_id)
    .join_from(declaratie, prestatie, prestatie.c.declaratie_id == declaratie.c.id)
    .join(
        werkpost,
        sa.and_(
            werkpost.c.toewijzingnummer == prestatie.c.toewijzingnummer,
            werkpost.c.partij_id == prestatie.c.partij_id,
        ),
    )
    .where(
        prestatie.c.id.between(declaratie.c.regel_van, declaratie.c.regel_tot),
        prestatie.c.debet_credit == "D",
        prestatie.c.toegekend == 1,
        werkpost.c.effect == "reject",
        werkpost.c.productcode == prestatie.c.productcode,
        werkpost.c.begindatum == prestatie.c.begindatum,
        werkpost.c.van_volgnr < prestatie.c.van_volgnr,
    )
)
# What a version said that is not the standing one any more, the standing one says as well.
_SENT = (
    sa.select(werkpost.c.bevinding_id)
    .join_from(toewijzing, werkpost, werkpost.c.toewijzingnummer == toewijzing.c.toewijzingnummer)
    .where(
        toewijzing.c.tot_volgnr.is_(None),
        werkpost.c.klasse == "ToegewezenProduct",
        werkpost.c.gemeente == toewijzing.c.gemeente,
        werkpost.c.wet == toewijzing.c.wet,
        werkpost.c.van_volgnr < toewijzing.c.van_volgnr,
    )
)
# The words are those of the index.
_ASKED = (
    sa.select(bevinding.c.inbox_id)
    .join_from(
        verzoek,
        bevinding,
        sa.and_(
            bevinding.c.reference == verzoek.c.referentie_aanbieder,
            bevinding.c.partij_id == verzoek.c.partij_id,
        ),
    )
    .where(
        bevinding.c.klasse == sa.literal_column("'AangevraagdProduct'"),
        bevinding.c.tot_volgnr.is_(None),
    )
    .distinct()
)
