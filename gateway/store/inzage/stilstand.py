"""What stands still: messages that are parked, that do not come further, or that cannot leave.

Nothing of what stands in a message is read here, so that who keeps the machine running sees no
client.  A reason is told with its Bsns masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from gateway.records.masker import mask
from gateway.store.engine import Database
from gateway.store.herstel import Gevonden
from gateway.store.inzage.binnen import GEMEENTE, bericht_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.pieces import StoredPieces
from gateway.store.tables import (
    BEZIG,
    GEPARKEERD,
    NIEUW,
    WERK,
    inbox,
    inbox_stuk,
    outbox,
    poging,
)
from gateway.toegang.wie import Bereik

Stilstandbron = Literal["geparkeerd", "onverzonden", "vast"]
BRONNEN: tuple[Stilstandbron, ...] = ("geparkeerd", "onverzonden", "vast")
# What was not settled after so long does not come further by itself.
VAST_NA = timedelta(minutes=15)
REDENEN = 500
_VAST = "wacht al lang op behandeling"


@dataclass(frozen=True, slots=True)
class Stilstandgroep:
    """Messages that stand still for the same reason; moments are those of standing still."""

    bron: Stilstandbron
    reden: str
    aantal: int
    oudste: datetime
    nieuwste: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stilstaand:
    """One of them: `sleutel` is its row, `inbox_id` the message that it is or comes from.

    `pogingen` counts the attempts that ended before this one, `tries` those of this attempt.
    """

    bron: Stilstandbron
    sleutel: int
    inbox_id: int
    soort: str | None
    afzender: str
    gemeente: str
    reden: str
    sinds: datetime
    tries: int
    pogingen: int
    grootte: int


class Stilstand:
    """Reads of what stands still, each within a Bereik.

    What is of no municipality that is served (`bediend`) is seen by who sees all of those.
    """

    def __init__(self, database: Database, bediend: frozenset[str]) -> None:
        self._database = database
        self._bediend = bediend

    def groepen(self, bereik: Bereik, nu: datetime) -> Sequence[Stilstandgroep]:
        """All of it by where it stands and why, the largest group in front."""
        found: dict[tuple[Stilstandbron, str], Stilstandgroep] = {}
        with self._database.snapshot(bereik.scope) as connection:
            for bron in BRONNEN:
                for row in connection.execute(_groups(bron, self._stands(bron, bereik, nu))):
                    group = _group_of(bron, row)
                    known = found.get((bron, group.reden))
                    found[bron, group.reden] = group if known is None else _both(known, group)
        return sorted(found.values(), key=lambda one: (-one.aantal, one.bron, one.reden))

    def zoek(
        self,
        bereik: Bereik,
        bron: Stilstandbron,
        nu: datetime,
        omvang: int,
        vanaf: str | None = None,
    ) -> Blad[Stilstaand]:
        """A page of what stands in one place, the oldest in front."""
        query, key = _ROWS[bron].where(*self._stands(bron, bereik, nu)), _KEY[bron]
        if vanaf is not None:
            query = query.where(key > place_of(vanaf, int)[0])
        query = query.order_by(key).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, lambda row: _stilstaand_of(bron, row), "sleutel")

    def een(self, bereik: Bereik, inbox_id: int, nu: datetime) -> Sequence[Stilstaand]:
        """What stands still of one message; nothing where it goes its way, or may not be seen."""
        found: list[Stilstaand] = []
        with self._database.snapshot(bereik.scope) as connection:
            for bron in BRONNEN:
                query = _ROWS[bron].where(*self._stands(bron, bereik, nu), inbox.c.id == inbox_id)
                found += [_stilstaand_of(bron, row) for row in connection.execute(query)]
        return found

    def terug_te_zetten(
        self, bereik: Bereik, bron: Stilstandbron, reden: str, tot: datetime
    ) -> Sequence[Gevonden]:
        """What stood still for one reason by a moment: a list that does not grow while it is shown.

        What waits for treatment is taken up again by itself, so that none of it is handed out.
        """
        if bron == "vast":
            return []
        query = _ROWS[bron].where(*self._stands(bron, bereik, tot), _SINCE[bron] <= tot.timestamp())
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.order_by(_KEY[bron])).all()
        found = [_stilstaand_of(bron, row) for row in rows]
        return [_gevonden_of(one) for one in found if one.reden == reden]

    def inhoud(self, bereik: Bereik, inbox_id: int) -> StoredPieces | None:
        """The bytes of a message that came in; None where it is not there for who asks."""
        query = sa.select(inbox.c.stukken).where(
            self._seen(bereik), inbox.c.id == inbox_id, inbox.c.gewist == sa.literal_column("0")
        )
        with self._database.snapshot(bereik.scope) as connection:
            count = connection.execute(query).scalar_one_or_none()
        return None if count is None else StoredPieces(self._database, inbox_stuk, inbox_id, count)

    def _stands(
        self, bron: Stilstandbron, bereik: Bereik, nu: datetime
    ) -> list[sa.ColumnElement[bool]]:
        """What makes it stand still in this place, for who may see it."""
        if bron == "onverzonden":
            own = [outbox.c.sent_at.is_(None), outbox.c.reden.is_not(None), outbox.c.soort != WERK]
        elif bron == "geparkeerd":
            own = [inbox.c.staat == GEPARKEERD, _OPEN, inbox.c.gewist == sa.literal_column("0")]
        else:
            before = (nu - VAST_NA).timestamp()
            own = [inbox.c.staat.in_((NIEUW, BEZIG)), _OPEN, inbox.c.received_at < before]
        return [*own, self._seen(bereik)]

    def _seen(self, bereik: Bereik) -> sa.ColumnElement[bool]:
        if bereik.aanbieder is None and bereik.gemeenten >= self._bediend:
            return sa.or_(bericht_in(bereik), GEMEENTE.not_in(sorted(self._bediend)))
        return bericht_in(bereik)


# An attempt that ended is one that was put back; the last one has no end.
_POGINGEN = (
    sa.select(sa.func.count())
    .where(poging.c.inbox_id == inbox.c.id, poging.c.geeindigd_at.is_not(None))
    .scalar_subquery()
)
_COMMON = (
    inbox.c.id.label("inbox_id"),
    inbox.c.afzender,
    inbox.c.ontvanger,
    inbox.c.gemeente,
    inbox.c.paar,
    inbox.c.grootte,
    _POGINGEN.label("pogingen"),
)
# The words of the index on what is not settled.
_OPEN = inbox.c.staat != sa.literal_column("'klaar'")
_OF_INBOX = sa.select(
    inbox.c.id.label("sleutel"), inbox.c.berichtcode.label("soort"), inbox.c.tries, *_COMMON
)
_ROWS: dict[Stilstandbron, sa.Select[Any]] = {
    "geparkeerd": _OF_INBOX.add_columns(inbox.c.reden, inbox.c.finished_at.label("sinds")),
    "vast": _OF_INBOX.add_columns(
        sa.literal(_VAST).label("reden"), inbox.c.received_at.label("sinds")
    ),
    "onverzonden": sa.select(
        outbox.c.id.label("sleutel"),
        outbox.c.berichttype.label("soort"),
        outbox.c.tries,
        *_COMMON,
        outbox.c.reden,
        outbox.c.created_at.label("sinds"),
    ).join_from(outbox, inbox, inbox.c.id == outbox.c.inbox_id),
}
_KEY: dict[Stilstandbron, sa.ColumnElement[int]] = {
    "geparkeerd": inbox.c.id,
    "vast": inbox.c.id,
    "onverzonden": outbox.c.id,
}
_SINCE: dict[Stilstandbron, sa.ColumnElement[float]] = {
    "geparkeerd": inbox.c.finished_at,
    "vast": inbox.c.received_at,
    "onverzonden": outbox.c.created_at,
}


def _groups(bron: Stilstandbron, stands: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Groups by the reason as it was written."""
    rows = _ROWS[bron].where(*stands).subquery()
    count = sa.func.count().label("aantal")
    edges = (sa.func.min(rows.c.sinds).label("oudste"), sa.func.max(rows.c.sinds).label("nieuwste"))
    grouped = sa.select(rows.c.reden, count, *edges).group_by(rows.c.reden)
    return grouped.order_by(count.desc()).limit(REDENEN)


def _group_of(bron: Stilstandbron, row: Any) -> Stilstandgroep:
    reden = mask(row.reden or "")
    return Stilstandgroep(bron, reden, row.aantal, _moment(row.oudste), _moment(row.nieuwste))


def _both(one: Stilstandgroep, other: Stilstandgroep) -> Stilstandgroep:
    """Two groups whose reasons read the same once masked."""
    return Stilstandgroep(
        one.bron,
        one.reden,
        one.aantal + other.aantal,
        min(one.oudste, other.oudste),
        max(one.nieuwste, other.nieuwste),
    )


def _stilstaand_of(bron: Stilstandbron, row: Any) -> Stilstaand:
    others = [one for one in (row.paar or "").split("-") if one and one != row.ontvanger]
    return Stilstaand(
        bron=bron,
        sleutel=row.sleutel,
        inbox_id=row.inbox_id,
        soort=row.soort,
        afzender=row.afzender or (others[0] if others else ""),
        gemeente=row.gemeente or row.ontvanger,
        reden=mask(row.reden or ""),
        sinds=_moment(row.sinds),
        tries=row.tries,
        pogingen=row.pogingen,
        grootte=row.grootte,
    )


def _gevonden_of(one: Stilstaand) -> Gevonden:
    return Gevonden(
        bron="onverzonden" if one.bron == "onverzonden" else "geparkeerd",
        sleutel=one.sleutel,
        nummer=one.inbox_id,
        naam="",
        soort=one.soort,
        afzender=one.afzender,
        gemeente=one.gemeente,
        reden=one.reden,
        op=one.sinds,
    )


def _moment(seconds: float | None) -> datetime:
    return datetime.fromtimestamp(seconds or 0.0, UTC)
