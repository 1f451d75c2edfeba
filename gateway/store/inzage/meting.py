"""What the store tells to who watches over an installation: numbers, and nothing of a client.

It is asked every few seconds: each statement reads an index that holds only what waits, or counts
that are kept up beside the work, and none goes over all messages or lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.store.engine import Database
from gateway.store.envelop import WACHTEND
from gateway.store.inzage.vandaag import Maand
from gateway.store.tables import KLAAR, NIEUW, inbox, outbox
from gateway.store.webhooks import aflevering
from gateway.store.werk.tables import maandstand, oordeelstand, werk_wachtrij

# More than so many is not counted: the number only has to tell that it is a lot.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Onverzonden:
    """How many things of a kind wait to leave, and since when the first of them does."""

    aantal: int
    oudste_at: float


@dataclass(frozen=True, slots=True)
class Maandoordelen:
    """How many messages of a month were accepted, accepted in part and rejected."""

    maand: str
    goed: int
    deels: int
    afgewezen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meting:
    """The store at one moment; moments are seconds since 1970 (UTC).

    `staten` counts the messages that came to no end.  `aan_de_beurt_at` is since when the first
    message could have been taken in hand, None where none waits.  `stilgezet` counts by kind what
    was refused where it goes, `enveloppen_apart` what came in an envelope and waits for somebody,
    `webhooks_dood` the events that did not arrive at a subscriber.
    `werkvoorraad_achter` is how many messages the worklist did not look at yet.  The last two are
    MOST_COUNTED at most.
    """

    staten: Mapping[str, int]
    aan_de_beurt_at: float | None
    onverzonden: Mapping[str, Onverzonden]
    stilgezet: Mapping[str, int]
    enveloppen_apart: Mapping[str, int]
    webhooks_dood: int
    geld: Collection[Maand]
    oordelen: Collection[Maandoordelen]
    werkvoorraad_achter: int


def meet(database: Database, soorten: Collection[str], eerste: str, laatste: str) -> Meting:
    """Measure: what waits to leave of these kinds, and what months came to between two (YYYY-MM).

    Both months are included.  Raises TemporaryFailure when the store is away.
    """
    maanden = {"eerste": eerste, "laatste": laatste}
    with database.snapshot() as connection:

        def rows(query: sa.Select[Any], **given: str) -> Any:
            return connection.execute(query, given)

        waiting = {soort: rows(_WACHTEND, soort=soort).one() for soort in soorten}
        return Meting(
            staten={row.staat: row.aantal for row in rows(_STATEN)},
            aan_de_beurt_at=rows(_EERSTE).scalar_one(),
            onverzonden={
                soort: Onverzonden(int(one.aantal), rows(_OUDSTE, soort=soort).scalar_one())
                for soort, one in waiting.items()
                if one.aantal
            },
            stilgezet={soort: int(one.stil) for soort, one in waiting.items()},
            enveloppen_apart={naam: int(n) for naam, n in rows(WACHTEND).mappings().one().items()},
            webhooks_dood=rows(_WEBHOOKS_DOOD).scalar_one(),
            geld=[Maand(*row[:2], *map(int, row[2:])) for row in rows(_GELD, **maanden)],
            oordelen=[
                Maandoordelen(row[0], *map(int, row[1:])) for row in rows(_OORDELEN, **maanden)
            ],
            werkvoorraad_achter=rows(_ACHTER).scalar_one(),
        )


_OPEN = inbox.c.staat != sa.literal_column(f"'{KLAAR}'")
_STATEN = (
    sa.select(inbox.c.staat, sa.func.count().label("aantal")).where(_OPEN).group_by(inbox.c.staat)
)
_EERSTE = sa.select(sa.func.min(inbox.c.next_at)).where(
    _OPEN, inbox.c.staat == sa.literal_column(f"'{NIEUW}'")
)
_WAITS = (outbox.c.soort == sa.bindparam("soort"), outbox.c.sent_at.is_(None))
_WACHTEND = sa.select(
    sa.func.coalesce(sa.func.sum(1 - outbox.c.stil), 0).label("aantal"),
    sa.func.coalesce(sa.func.sum(outbox.c.stil), 0).label("stil"),
).where(*_WAITS)
_OUDSTE = (
    sa.select(outbox.c.created_at)
    .where(*_WAITS, outbox.c.stil == sa.literal_column("0"))
    .order_by(outbox.c.id)
    .limit(1)
)
_WEBHOOKS_DOOD = sa.select(sa.func.count()).select_from(
    sa.select(aflevering.c.id)
    .where(aflevering.c.dood_at.is_not(None))
    .limit(MOST_COUNTED)
    .subquery("dood")
)
_MAANDEN: tuple[Any, Any] = (sa.bindparam("eerste"), sa.bindparam("laatste"))
_GELD = (
    sa.select(
        maandstand.c.maand,
        maandstand.c.wet,
        sa.func.sum(maandstand.c.ingediend),
        sa.func.sum(maandstand.c.toegekend),
    )
    .where(maandstand.c.maand.between(*_MAANDEN))
    .group_by(maandstand.c.maand, maandstand.c.wet)
)
_OORDELEN = (
    sa.select(
        oordeelstand.c.maand,
        *(sa.func.sum(oordeelstand.c[name]) for name in ("goed", "deels", "afgewezen")),
    )
    .where(oordeelstand.c.maand.between(*_MAANDEN))
    .group_by(oordeelstand.c.maand)
)
_ACHTER = sa.select(sa.func.count()).select_from(
    sa.select(werk_wachtrij.c.id).limit(MOST_COUNTED).subquery("achter")
)
