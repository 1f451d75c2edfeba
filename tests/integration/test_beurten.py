"""Who floods waits for its own flood; who does not, goes in order of intake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.broker.connection import Announcer
from gateway.broker.relay import Relay
from gateway.broker.turns import MOST, Turns
from gateway.store import beurten, oppakken
from gateway.store.beurten import BYTES_PER_TURN, announced
from gateway.store.opname import Offer
from gateway.store.outbox import Announcement, Hand
from gateway.store.store import SqlStore
from gateway.store.tables import outbox
from tests.integration.store_builders import finish, message
from tests.integration.test_broker import new_broker
from tests.opslag import rows_of

FLOODER, OTHER, THIRD = "11111111", "22222222", "33333333"
# As large as a message of half a turn.
HALF = BYTES_PER_TURN // 2
LITERAL: Any = {"compile_kwargs": {"literal_binds": True}}


def offered(store: SqlStore, sender: str, *numbers: int, size: int = 0) -> list[int]:
    """Messages of a sender, of a size where one is given, in one intake."""
    offers = [(Offer(f"{number}.xml"), message(number, sender).ljust(size)) for number in numbers]
    return [one.inbox_id for one in store.inbox.receive_all(offers)]


def taken(store: SqlStore) -> list[int]:
    """What is taken in one go, and brought to its end."""
    hand = store.inbox.take()
    assert hand is not None
    for claim in hand.claims:
        finish(store, claim)
    return [claim.inbox_id for claim in hand.claims]


def test_up_to_a_turn_the_order_is_that_of_intake(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oppakken, "AT_ONCE", 1)
    ids = [
        offered(store, sender, number)[0]
        for number, sender in enumerate([FLOODER, FLOODER, OTHER, FLOODER, THIRD, OTHER])
    ]
    assert ids == [one for _ in ids for one in taken(store)]


@pytest.mark.parametrize("at_once", [True, False])
def test_who_floods_keeps_nobody_else_waiting(store: SqlStore, *, at_once: bool) -> None:
    numbers = range(20)
    parts: Sequence[Sequence[int]] = [numbers] if at_once else [[one] for one in numbers]
    flood = [one for part in parts for one in offered(store, FLOODER, *part, size=HALF)]
    other = offered(store, OTHER, 50)
    third = offered(store, THIRD, 51, 52)
    assert [[flood[0], *other, *third], flood[1:3], flood[3:5]] == [taken(store) for _ in range(3)]


def test_large_messages_take_turns_with_the_small_ones_of_others(store: SqlStore) -> None:
    flood = [offered(store, FLOODER, number, size=3 * BYTES_PER_TURN)[0] for number in range(5)]
    small = offered(store, OTHER, *range(10, 15))
    more = offered(store, THIRD, 20, size=2 * BYTES_PER_TURN)
    assert [flood[:1], small, flood[1:2], more, flood[2:3]] == [taken(store) for _ in range(5)]


def test_who_comes_late_goes_where_taking_has_come(store: SqlStore) -> None:
    flood = offered(store, FLOODER, *range(20), size=HALF)
    for _ in range(3):
        taken(store)
    late = offered(store, OTHER, 50)
    before_late = [taken(store) for _ in range(2)]
    assert late[0] in [one for hand in before_late for one in hand]
    rest = [one for _ in range(30) if store.outbox.announcements() for one in taken(store)]
    assert flood[-1] == rest[-1]


def test_the_place_of_a_message_is_told_by_what_waits_before_it(
    store: SqlStore, tmp_path: Path
) -> None:
    offered(store, FLOODER, 1, 2)
    offered(store, OTHER, 3)
    sizes = {1: len(message(1, FLOODER)), 2: 2 * len(message(1, FLOODER))}
    # The third stands where the first of the others does, with its own size added.
    sizes[3] = 2 * sizes[1]
    assert [(one, size, 0) for one, size in sizes.items()] == rows_of(
        tmp_path, "SELECT inbox_id, omvang, beurt FROM outbox ORDER BY inbox_id"
    )


def test_a_place_is_told_and_taken_by_an_index(store: SqlStore) -> None:
    """Also where the plan was made before there was anything."""
    database = store.database
    take = str(announced(outbox.c.id).limit(1).compile(database.engine, **LITERAL))
    with database.writing() as connection:
        if database.is_sqlite:
            told = [beurten._IN_SQLITE.replace(":moment", "1").replace(":keys", "'[1]'"), take]
            plans = [
                row[3]
                for one in told
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")
            ]
            assert not [one for one in plans if re.match(r"SCAN (eigen|outbox)$", one)]
        else:
            told = [beurten._IN_POSTGRES % {"moment": "1", "keys": "'{1}'"}, take]
            plans = [row[0] for one in told for row in connection.exec_driver_sql(f"EXPLAIN {one}")]
            assert not [one for one in plans if "Seq Scan" in one]
        # Its own parties, and whose turn it is, twice.
        assert [1, 2] == [
            sum(name in one for one in plans) for name in ("outbox_paar", "outbox_beurt")
        ]


def waiting_in(*turns: int) -> list[Hand]:
    return [[Announcement(number, number, 1, turn)] for number, turn in enumerate(turns)]


def turns_in(hands: Sequence[Hand]) -> list[int]:
    return [one.beurt for hand in hands for one in hand]


def test_a_queue_gets_one_turn_after_the_other() -> None:
    depth = [0]
    turns = Turns(lambda: depth[0])
    assert [0, 0] == turns_in(turns.of(waiting_in(0, 0, 1, 2)))
    depth[0] = 1
    assert [] == turns.of(waiting_in(1, 2))
    # Who is in the turn that goes on now need not wait for it to end.
    assert [0] == turns_in(turns.of(waiting_in(0, 1, 2)))
    depth[0] = 0
    assert [1] == turns_in(turns.of(waiting_in(1, 2)))
    depth[0] = 1
    # Nothing waited meanwhile: turns began again.
    assert [0] == turns_in(turns.of(waiting_in(0, 1)))


def test_a_queue_gets_no_more_than_so_many() -> None:
    depth, asked = [0], [0]

    def waiting_now() -> int:
        asked[0] += 1
        return depth[0]

    turns = Turns(waiting_now)
    assert MOST == len(turns.of(waiting_in(*[0] * (MOST + 10))))
    depth[0] = MOST - 3
    assert 3 == len(turns.of(waiting_in(*[0] * 10)))
    asked[0] = depth[0] = 0
    assert 10 == len(turns.of(waiting_in(*[0] * 10)))
    for _ in range(20):
        assert 1 == len(turns.of(waiting_in(0)))
    # What is known to fit is not asked for.
    assert 1 == asked[0]


def test_a_flood_does_not_fill_the_queue(
    store: SqlStore,
) -> None:
    flood = offered(store, FLOODER, *range(20), size=HALF)
    announcer = Announcer(new_broker())
    relay = Relay(store.outbox, announcer, {})
    assert 1 == relay.run_once()
    other = offered(store, OTHER, 50)
    assert 0 == relay.run_once()
    assert [flood[1], flood[2], *other] == [
        one.inbox_id for one in store.outbox.announcements() if one.beurt == 1
    ]
    assert 1 == announcer.waiting()
    relay.close()
