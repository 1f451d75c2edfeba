"""Offers the messages of a batch, some at a time, as opdrachten that go the way of any other.

A step is one transaction: it takes messages, puts their opdrachten in the inbox and notes where.
Killed at any moment it has done all of that or nothing, so no message goes twice and none is lost;
its name is also its number of the transport, which the inbox takes once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import Gearchiveerd
from gateway.store.engine import ALL, Database
from gateway.store.inbox import Clock
from gateway.store.inzage.toewijzingen import STANDS_LAST
from gateway.store.mutaties.tables import KLAAR, LOOPT, mutatie, mutatie_bericht, mutatie_regel
from gateway.store.opname import Offer, store_all
from gateway.store.pieces import Packed
from gateway.store.tables import AANGEHOUDEN, BEZIG, NIEUW, inbox, toewijzing

MOST_AT_ONCE = 50
# What has no end yet: not offered, waiting, in hand, or held for a person.
UNDER_WAY = (None, NIEUW, BEZIG, AANGEHOUDEN)
STEP_SECONDS, WAIT_SECONDS = 2, 2.0
GONE = "toewijzing {} staat niet meer in de opslag"
CHANGED = "toewijzing {} is gewijzigd nadat deze partij is gemaakt; maak een nieuwe partij"
NOT_ENDED = "de beëindiging van toewijzing {} is niet gelukt; daarom is zij elders niet begonnen"
NO_PERSON = "de gegevens van de cliënt zijn niet meer te lezen; geef deze toewijzing zelf af"

# The person of the 301 in an inbox row, as an opdracht has it; raises Gearchiveerd.
PersoonVan = Callable[[int], Mapping[str, Any]]


class Klaar(NamedTuple):
    """A message that may go, or a reason why it does not (`waarom`); neither: not yet."""

    opdracht: bytes | None = None
    waarom: str | None = None


class Aanbod:
    """Offers what was released."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def step(self, persoon_van: PersoonVan, nummer: int | None = None) -> bool:
        """Offer the next messages of a batch that is due, or of this one; False for none."""
        now = self._clock().timestamp()
        with self._database.writing(ALL) as connection:
            row = connection.execute(_due(now, nummer)).first()
            if row is None:
                return False
            most = max(1, min(MOST_AT_ONCE, row.per_minuut * STEP_SECONDS // 60))
            berichten = connection.execute(_next(row.id, most)).all()
            if not berichten:
                _change(connection, row.id, staat=KLAAR, klaar_at=now)
                return True
            taken = self._offer(connection, row, berichten, persoon_van, now)
            seconds = taken * 60 / row.per_minuut if taken else WAIT_SECONDS
            _change(connection, row.id, volgende_at=now + seconds)
            return True

    def _offer(
        self,
        connection: Connection,
        batch: Any,
        berichten: Sequence[Any],
        persoon_van: PersoonVan,
        now: float,
    ) -> int:
        """Put messages in the inbox, in order, up to one that has to wait; returns how many."""
        regels = _regels_of(connection, batch.id, berichten)
        offers: list[tuple[int, bytes]] = []
        passed: list[dict[str, Any]] = []
        for bericht in berichten:
            found = _made(batch, bericht, regels[_key(bericht)], persoon_van)
            if found.waarom is not None:
                passed.append({"welk": bericht.id, "reden": found.waarom})
            elif found.opdracht is not None:
                offers.append((bericht.id, found.opdracht))
            else:
                break
        if passed:
            connection.execute(_PASSED, passed)
        if offers:
            connection.execute(_OFFERED, _stored(connection, batch.id, offers, now))
        return len(offers)


def _stored(
    connection: Connection, batch: int, offers: Sequence[tuple[int, bytes]], now: float
) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        given = []
        for number, body in offers:
            naam = f"mutatie-{batch}-{number}"
            packed = stack.enter_context(closing(Packed([body])))
            given.append((Offer(f"{naam}.json", naam), packed))
        intakes = store_all(connection, given, now)
    return [
        {"welk": number, "bericht": intake.inbox_id}
        for (number, _), intake in zip(offers, intakes, strict=True)
    ]


def _made(batch: Any, bericht: Any, regels: Sequence[Any], persoon_van: PersoonVan) -> Klaar:
    """The opdracht of a message, or why there is none."""
    for regel in regels:
        reason = _hindered(regel)
        if reason is not None:
            return Klaar(waarom=reason.format(regel.toewijzingnummer))
    if any(regel.deel and regel.eind_staat in UNDER_WAY for regel in regels):
        return Klaar()
    asked: dict[str, Any] = {
        "opdracht": "toewijzing",
        "kenmerk": f"mutatie {batch.id}, bericht {bericht.id}",
        "gemeente": bericht.gemeente,
        "aanbieder": bericht.aanbieder,
        "wet": batch.wet,
        "bsn": regels[0].bsn,
        "toewijzingen": [one for regel in regels for one in msgspec.json.decode(regel.inhoud)],
    }
    if bericht.gemeente != batch.gemeente:
        try:
            asked["client"] = persoon_van(regels[0].inbox_id)
        except Gearchiveerd:
            return Klaar(waarom=NO_PERSON)
    return Klaar(msgspec.json.encode(asked))


def _hindered(regel: Any) -> str | None:
    """Why an assignment cannot be changed any more as it was shown."""
    if regel.bsn is None:
        return GONE
    if not regel.deel:
        return None if regel.staat_nog else CHANGED
    ended = regel.eind_staat in UNDER_WAY or regel.eind_verdict == "accepted"
    return NOT_ENDED if regel.eind_overgeslagen is not None or not ended else None


def _key(row: Any) -> tuple[str, str, str]:
    return (row.gemeente, row.aanbieder, row.bsn_hash)


def _regels_of(
    connection: Connection, batch: int, berichten: Sequence[Any]
) -> Mapping[tuple[str, str, str], list[Any]]:
    """The lines of messages, each with how its assignment stands and how its end elsewhere went."""
    clients = sorted({one.bsn_hash for one in berichten})
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(_REGELS, {"welke": batch, "clienten": clients}):
        found[_key(row)].append(row)
    return found


def _due(now: float, nummer: int | None) -> sa.Select[Any]:
    query = (
        sa.select(mutatie)
        .where(mutatie.c.staat == sa.literal_column(f"'{LOOPT}'"), mutatie.c.volgende_at <= now)
        .order_by(mutatie.c.volgende_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return query if nummer is None else query.where(mutatie.c.id == nummer)


def _next(batch: int, most: int) -> sa.Select[Any]:
    return (
        sa.select(mutatie_bericht)
        .where(
            mutatie_bericht.c.mutatie_id == batch,
            mutatie_bericht.c.inbox_id.is_(None),
            mutatie_bericht.c.overgeslagen.is_(None),
        )
        .order_by(mutatie_bericht.c.id)
        .limit(most)
    )


def _change(connection: Connection, nummer: int, **values: Any) -> None:
    connection.execute(sa.update(mutatie).where(mutatie.c.id == nummer).values(**values))


_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
_OF_BERICHT = sa.update(mutatie_bericht).where(mutatie_bericht.c.id == _WELK)
_PASSED = _OF_BERICHT.values(overgeslagen=sa.bindparam("reden"))
_OFFERED = _OF_BERICHT.values(inbox_id=sa.bindparam("bericht", type_=sa.BigInteger))
_R = mutatie_regel.c
_first = mutatie_regel.alias("eerste")
_end = mutatie_bericht.alias("einde")
_REGELS = (
    sa.select(
        _R.gemeente,
        _R.aanbieder,
        _R.bsn_hash,
        _R.deel,
        _R.inhoud,
        _R.toewijzingnummer,
        toewijzing.c.bsn,
        toewijzing.c.inbox_id,
        sa.and_(*STANDS_LAST).label("staat_nog"),
        inbox.c.staat.label("eind_staat"),
        inbox.c.verdict.label("eind_verdict"),
        _end.c.overgeslagen.label("eind_overgeslagen"),
    )
    .join_from(mutatie_regel, toewijzing, toewijzing.c.id == _R.toewijzing_id, isouter=True)
    .join(
        _first,
        sa.and_(
            _first.c.mutatie_id == _R.mutatie_id,
            _first.c.toewijzing_id == _R.toewijzing_id,
            _first.c.deel == sa.literal_column("0"),
        ),
    )
    .join(
        _end,
        sa.and_(
            _end.c.mutatie_id == _first.c.mutatie_id,
            _end.c.gemeente == _first.c.gemeente,
            _end.c.aanbieder == _first.c.aanbieder,
            _end.c.bsn_hash == _first.c.bsn_hash,
        ),
    )
    .join(inbox, inbox.c.id == _end.c.inbox_id, isouter=True)
    .where(
        _R.mutatie_id == sa.bindparam("welke", type_=sa.BigInteger),
        _R.bsn_hash.in_(sa.bindparam("clienten", expanding=True)),
        _R.weigering.is_(None),
    )
    .order_by(_R.id)
)
