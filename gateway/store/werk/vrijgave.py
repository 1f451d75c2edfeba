"""Lets held messages go, once all their held lines are decided on, and holds them again."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld
from gateway.store.bevindingen import ONDERWERP
from gateway.store.tables import AANGEHOUDEN, bevinding, inbox
from gateway.store.werk.tables import BESLOTEN, besluit_post

LEFT = "het antwoord op een van deze berichten wordt al gemaakt of is al weg"


def let_go(connection: Connection, nummer: int, moment: float) -> None:
    """Have the messages of a decision decided at a moment, unless that would be later than now.

    Of those only which have no held line left that waits for a decision.  Raises AlBeoordeeld when
    one is not held any more.
    """
    rows = connection.execute(_HELD, {"welk": nummer}).all()
    if any(row.staat != AANGEHOUDEN for row in rows):
        raise AlBeoordeeld(LEFT)
    connection.execute(_REMEMBER, {"welk": nummer})
    done = connection.scalars(_DONE, {"welk": nummer}).all()
    if done:
        connection.execute(_LET_GO, [{"bericht": one, "moment": moment} for one in done])


def set_back(connection: Connection, nummer: int) -> None:
    """Have the messages of a decision wait again as they did before it.

    Raises AlBeoordeeld when one was taken up since.
    """
    rows = connection.execute(_BEFORE, {"welk": nummer}).all()
    given = [{"bericht": row.inbox_id, "moment": row.was} for row in rows]
    for one in given:
        if connection.execute(_SET_BACK, one).rowcount != 1:
            raise AlBeoordeeld(LEFT)


_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
_OF_IT = besluit_post.c.besluit_id == _WELK
_MESSAGES = sa.select(besluit_post.c.inbox_id).where(_OF_IT)
_HELD = (
    sa.select(inbox.c.id, inbox.c.staat)
    .where(inbox.c.id.in_(_MESSAGES))
    .order_by(inbox.c.id)
    .with_for_update()
)
_other = besluit_post.alias("ander")
# Where an earlier decision moved the moment already, the first one knows what it was.
_REMEMBER = (
    sa.update(besluit_post)
    .where(_OF_IT)
    .values(
        was_besluit_op=sa.func.coalesce(
            sa.select(sa.func.max(_other.c.was_besluit_op))
            .where(
                _other.c.inbox_id == besluit_post.c.inbox_id,
                _other.c.telt > sa.literal_column("0"),
                _other.c.besluit_id != besluit_post.c.besluit_id,
            )
            .scalar_subquery(),
            sa.select(inbox.c.besluit_op)
            .where(inbox.c.id == besluit_post.c.inbox_id)
            .scalar_subquery(),
        )
    )
)
_decided = besluit_post.alias("besloten")


def left_open(bericht: sa.ColumnElement[int]) -> sa.Exists:
    """Whether a message has a held line left that waits for a decision."""
    return sa.exists().where(
        bevinding.c.inbox_id == bericht,
        bevinding.c.tot_volgnr.is_(None),
        bevinding.c.effect == "hold",
        ~sa.exists().where(
            _decided.c.inbox_id == bevinding.c.inbox_id,
            _decided.c.rule == bevinding.c.rule,
            _decided.c.onderwerp == ONDERWERP,
            _decided.c.telt > sa.literal_column("0"),
            _decided.c.telt == sa.literal_column(f"{BESLOTEN}"),
        ),
    )


_DONE = (
    sa.select(besluit_post.c.inbox_id).where(_OF_IT, ~left_open(besluit_post.c.inbox_id)).distinct()
)
_BERICHT: sa.BindParameter[int] = sa.bindparam("bericht", type_=sa.BigInteger)
_MOMENT: sa.BindParameter[float] = sa.bindparam("moment", type_=sa.Double)
_WAITS = (inbox.c.id == _BERICHT, inbox.c.staat == AANGEHOUDEN)
_LET_GO = (
    sa.update(inbox)
    .where(*_WAITS, inbox.c.besluit_op > _MOMENT)
    .values(besluit_op=_MOMENT, next_at=_MOMENT, announced_at=None)
)
_SET_BACK = (
    sa.update(inbox).where(*_WAITS).values(besluit_op=_MOMENT, next_at=_MOMENT, announced_at=None)
)
_BEFORE = (
    sa.select(besluit_post.c.inbox_id, sa.func.max(besluit_post.c.was_besluit_op).label("was"))
    .where(_OF_IT)
    .group_by(besluit_post.c.inbox_id)
)
