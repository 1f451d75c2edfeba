"""Small messages that wait are settled a handful at a time, and one that fails goes by itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import event

from gateway.broker.poller import Poller
from gateway.broker.worker import Worker
from gateway.pipeline.ports import Claim
from gateway.store import announcements, oppakken
from gateway.store.engine import Database
from gateway.store.oppakken import Taken
from gateway.store.store import SqlStore
from tests.integration.store_builders import ACCEPTED, Klok, finish, message
from tests.opslag import rows_of

LEASE = 30.0
VERDICTS = "SELECT id, verdict, tries FROM inbox ORDER BY id"
BUSY = "SELECT paar FROM inbox WHERE staat = 'bezig' AND volgt = 0"


def sender(number: int) -> str:
    return f"{number:08d}"


def received(store: SqlStore, number: int, partij: str | None = None) -> int:
    body = message(number, partij or sender(number))
    return store.inbox.receive(f"{number}.xml", [body]).inbox_id


def ids_of(taken_up: Taken | None) -> list[int]:
    assert taken_up is not None
    return [claim.inbox_id for claim in taken_up.claims]


def judging(store: SqlStore, poison: Sequence[int] = ()) -> Callable[[Sequence[Claim]], None]:
    """Settles what it is given, all or none, and falls over those that it cannot stand."""

    def judge(claims: Sequence[Claim]) -> None:
        with store.together(claims) as together:
            for claim in claims:
                with together.unit_of_work(claim) as work:
                    work.finish(ACCEPTED)
                    if claim.inbox_id in poison:
                        raise KeyError("vergif")
                    work.commit()

    return judge


@pytest.fixture
def workers(store: SqlStore) -> Callable[..., Poller]:
    return lambda poison=(): Poller(store.inbox, Worker(store.inbox, judging(store, poison), LEASE))


def test_what_waits_is_settled_in_one_transaction(
    store: SqlStore, tmp_path: Path, workers: Callable[..., Poller]
) -> None:
    ids = [received(store, number) for number in range(20)]
    commits: list[object] = []
    event.listen(store._ground.database.engine, "commit", commits.append)
    assert workers().run_once()
    assert [(one, "accepted", 1) for one in ids] == rows_of(tmp_path, VERDICTS)
    # They are taken in hand, settled, and it is looked whether others waited for them.
    assert 3 == len(commits)
    assert not workers().run_once()


def test_one_that_fails_is_parked_and_the_others_are_settled(
    store: SqlStore, tmp_path: Path, workers: Callable[..., Poller]
) -> None:
    ids = [received(store, number) for number in range(5)]
    assert workers(poison=[ids[2]]).run_once()
    verdicts = ["accepted", "accepted", "parked", "accepted", "accepted"]
    assert [(one, verdict, 1) for one, verdict in zip(ids, verdicts, strict=True)] == rows_of(
        tmp_path, VERDICTS
    )
    assert store.views.balans().klopt


def test_no_more_than_a_handful_is_taken_and_the_rest_stays(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oppakken, "AT_ONCE", 3)
    ids = [received(store, number) for number in range(5)]
    first = store.inbox.take_up(ids)
    assert (ids[:3], ids[3:]) == (ids_of(first), list(first.left))
    assert ids[3:] == ids_of(store.inbox.take())
    assert store.inbox.take() is None


def test_a_handful_has_a_size(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [received(store, number) for number in range(4)]
    size = len(message(0, sender(0)))
    monkeypatch.setattr(oppakken, "BYTES_AT_ONCE", 2 * size)
    assert ids[:2] == ids_of(store.inbox.take())
    monkeypatch.setattr(oppakken, "BYTES_AT_ONCE", size - 1)
    assert ids[2:3] == ids_of(store.inbox.take())
    assert ids[3:] == ids_of(store.inbox.take())


def test_messages_between_the_same_parties_are_in_one_hand_in_order_of_intake(
    store: SqlStore,
    tmp_path: Path,
) -> None:
    ids = [received(store, number, sender(number % 2)) for number in range(6)]
    hand = store.inbox.take()
    assert hand is not None
    assert ids == ids_of(hand)
    volgnrs = [claim.volgnr for claim in hand.claims]
    assert sorted(volgnrs) == volgnrs
    assert 2 == len(rows_of(tmp_path, BUSY))
    later = received(store, 6, sender(0))
    assert [] == ids_of(store.inbox.take())
    finish(store, hand.claims[0])
    # The one in front is done, but others between these parties are still in this hand.
    assert store.inbox.take() is None
    for claim in hand.claims[1:]:
        finish(store, claim)
    assert [later] == ids_of(store.inbox.take())


def test_one_that_was_tried_before_goes_by_itself(store: SqlStore, klok: Klok) -> None:
    ids = [received(store, number) for number in range(3)]
    assert ids == ids_of(store.inbox.take())
    klok.move(LEASE + 1)
    store.inbox.sweep()
    fresh = received(store, 3)
    hands = [ids_of(store.inbox.take()) for _ in range(4)]
    assert [[one] for one in ids] + [[fresh]] == hands


def test_an_opdracht_goes_by_itself(store: SqlStore) -> None:
    first = received(store, 0)
    opdracht = store.inbox.receive("1.json", [b"{}"]).inbox_id
    last = received(store, 2)
    assert [[first], [opdracht], [last]] == [ids_of(store.inbox.take()) for _ in range(3)]


def test_nothing_is_settled_when_a_claim_of_the_hand_was_lost(
    store: SqlStore, tmp_path: Path, klok: Klok, workers: Callable[..., Poller]
) -> None:
    ids = [received(store, number) for number in range(2)]
    hand = store.inbox.take()
    assert hand is not None
    klok.move(LEASE + 1)
    other = store.inbox.claim(ids[1])
    assert other is not None
    Worker(store.inbox, judging(store), LEASE).handle(hand.claims)
    # The first was still ours and goes by itself, the second is of whoever took it since.
    assert [(ids[0], "accepted", 1), (ids[1], None, 2)] == rows_of(tmp_path, VERDICTS)
    finish(store, other)
    assert store.views.balans().klopt


def test_the_rows_of_a_hand_are_free_again_after_the_process_ended(
    store: SqlStore, klok: Klok
) -> None:
    ids = [received(store, number, sender(1)) for number in range(3)]
    store.inbox.take()
    klok.move(LEASE + 1)
    assert 3 == store.inbox.sweep()
    hands = []
    for _ in range(3):
        hand = store.inbox.take()
        assert hand is not None
        hands.append(ids_of(hand))
        for claim in hand.claims:
            finish(store, claim)
    assert [[one] for one in ids] == hands


def test_a_hand_is_released_when_the_process_is_told_to_end(
    store: SqlStore, tmp_path: Path
) -> None:
    ids = [received(store, number) for number in range(2)]

    def ending(_: Sequence[Claim]) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        Worker(store.inbox, ending, LEASE).process(ids)
    assert [(ids[0], None, 1), (ids[1], None, 1)] == rows_of(tmp_path, VERDICTS)
    assert [("nieuw",)] * 2 == rows_of(tmp_path, "SELECT staat FROM inbox")


def test_who_was_behind_a_message_that_ended_meanwhile_is_not_forgotten(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (received(store, number, sender(1)) for number in range(2))
    claim = store.inbox.claim(first)
    assert claim is not None
    real = announcements.announce_next

    def ends_just_before(database: Database, inbox_ids: Sequence[int], now: float) -> None:
        # The other worker commits after it was seen in the way, and before we look again.
        monkeypatch.setattr(announcements, "announce_next", lambda *_: None)
        finish(store, claim)
        real(database, inbox_ids, now)

    monkeypatch.setattr(announcements, "announce_next", ends_just_before)
    assert [] == ids_of(store.inbox.take_up([second]))
    assert [second] == ids_of(store.inbox.take())
