"""Intake is durable and happens once; one worker at a time has a message in hand."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gateway.errors import MessageRefused, TemporaryFailure
from gateway.pipeline.ports import Claim, Outcome
from gateway.store import announcements, opname
from gateway.store.announcements import PATIENCE_SECONDS
from gateway.store.opname import Intake, Offer
from gateway.store.pieces import PIECE, cut
from gateway.store.store import SqlStore
from gateway.store.waits import wait_after
from tests.integration.store_builders import (
    ACCEPTED,
    BEGIN,
    Klok,
    answer,
    finish,
    message,
    put_back,
    taken,
)

HELD = Outcome("held", 3, "JW323")


def announced(store: SqlStore) -> list[int]:
    """Which messages are waiting to be announced; the word is taken as passed on."""
    waiting = store.outbox.announcements()
    store.outbox.announced(waiting)
    return [one.inbox_id for one in waiting]


def parallel(count: int, do: Callable[[int], object]) -> list[object]:
    """What `do` gave in each of so many threads that began together."""
    gate = threading.Barrier(count)
    results: list[object] = []

    def run(number: int) -> None:
        gate.wait()
        results.append(do(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_bytes_again_give_the_first_row(store: SqlStore) -> None:
    first = store.inbox.receive("a.xml", [message(1)])
    again = store.inbox.receive("b.xml", [message(1)[:10], message(1)[10:]], "uuid-2")
    assert Intake(first.inbox_id, is_new=False) == again
    assert announced(store) == [first.inbox_id]
    assert store.views.balans().ontvangen == 1


def test_other_bytes_make_a_new_row(store: SqlStore) -> None:
    first = store.inbox.receive("a.xml", [message(1)])
    second = store.inbox.receive("a.xml", [message(1) + b"\n"])
    assert second.is_new
    assert first.inbox_id != second.inbox_id


def test_a_transport_number_that_comes_again_with_other_bytes_is_refused(store: SqlStore) -> None:
    first = store.inbox.receive("a.xml", [message(1)], "uuid-1")
    with pytest.raises(MessageRefused, match="eerder gebruikt voor een ander bericht"):
        store.inbox.receive("b.xml", [message(2)], "uuid-1")
    assert store.inbox.receive("c.xml", [message(1)], "uuid-1").inbox_id == first.inbox_id
    assert store.views.balans().ontvangen == 1


def test_raw_bytes_are_kept_exactly_in_pieces(store: SqlStore) -> None:
    raw = random.Random(1).randbytes(PIECE * 2 + 12345)
    odd = [raw[begin : begin + 99_991] for begin in range(0, len(raw), 99_991)]
    intake = store.inbox.receive("a.xml", odd)
    pieces = store.pieces(intake.inbox_id)
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, 12345]
    assert b"".join(pieces) == raw


def test_an_empty_message_is_kept_too(store: SqlStore) -> None:
    intake = store.inbox.receive("leeg.xml", [])
    assert list(store.pieces(intake.inbox_id)) == []


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_pieces_are_whole_whatever_the_chunks(size: int) -> None:
    raw = bytes(size)
    assert [len(one) for one in cut([raw])] == [len(one) for one in cut([raw[:7], raw[7:]])]
    assert b"".join(cut([raw[:7], b"", raw[7:]])) == raw


def test_twenty_callers_with_the_same_bytes_make_one_row(store: SqlStore) -> None:
    found = parallel(20, lambda number: store.inbox.receive(f"{number}.xml", [message(1)]))
    assert len({one.inbox_id for one in found if isinstance(one, Intake)}) == 1
    assert sum(one.is_new for one in found if isinstance(one, Intake)) == 1
    assert store.views.balans().ontvangen == 1


def test_an_intake_that_fails_halfway_leaves_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TemporaryFailure("weg")

    with monkeypatch.context() as patched:
        patched.setattr(opname, "put_in_turn", fail)
        with pytest.raises(TemporaryFailure):
            store.inbox.receive("a.xml", [message(1)])
    assert store.views.balans().ontvangen == 0
    assert store.inbox.receive("a.xml", [message(1)]).is_new


def test_a_sender_who_stops_halfway_leaves_nothing(store: SqlStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"<Bericht>"
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        store.inbox.receive("a.xml", broken())
    assert store.views.balans().ontvangen == 0


def test_a_claim_tells_what_is_in_hand(store: SqlStore) -> None:
    claim = taken(store, 1)
    own = {"identificatie": "1", "claimed_at": BEGIN, "is_klein": True}
    expected = Claim(1, 1, claim.token, "1.xml", BEGIN, **own)
    assert expected == claim


def test_every_claim_has_a_higher_sequence_number(store: SqlStore) -> None:
    first, second = taken(store, 1), taken(store, 2, sender="87654321")
    store.inbox.release(first)
    again = store.inbox.claim(first.inbox_id)
    assert again is not None
    assert [1, 2, 3] == [first.volgnr, second.volgnr, again.volgnr]
    assert again.tries == 1


def test_a_message_in_hand_done_or_unknown_is_not_given_out(store: SqlStore) -> None:
    claim = taken(store, 1)
    assert store.inbox.claim(claim.inbox_id) is None
    finish(store, claim)
    assert store.inbox.claim(claim.inbox_id) is None
    assert store.inbox.claim(999) is None


def test_of_many_workers_one_gets_the_message(store: SqlStore) -> None:
    intake = store.inbox.receive("a.xml", [message(1)])
    found = parallel(8, lambda _: store.inbox.claim(intake.inbox_id))
    assert sum(one is not None for one in found) == 1


def test_an_ended_lease_lets_another_in_and_the_first_one_out(store: SqlStore, klok: Klok) -> None:
    slow = taken(store, 1)
    klok.move(31)
    fast = store.inbox.claim(slow.inbox_id)
    assert fast is not None
    assert not store.inbox.renew(slow)
    assert not store.inbox.release(slow)
    assert not store.inbox.park(slow.inbox_id, "te laat", slow.token)
    with pytest.raises(TemporaryFailure, match="aan een ander"):
        finish(store, slow, lambda work: work.add_answer("0193", answer("A1")))
    finish(store, fast)
    with pytest.raises(TemporaryFailure, match="aan een ander"):
        finish(store, slow)


def test_a_renewed_lease_keeps_others_out(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    klok.move(20)
    assert store.inbox.renew(claim)
    klok.move(20)
    assert store.inbox.claim(claim.inbox_id) is None


def test_the_sweeper_announces_what_an_ended_lease_left(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    assert announced(store) == [claim.inbox_id]
    assert store.inbox.sweep() == 0
    klok.move(31)
    assert store.inbox.sweep() == 1
    assert announced(store) == [claim.inbox_id]
    assert store.inbox.sweep() == 0


def test_the_sweeper_announces_again_what_a_queue_lost(store: SqlStore, klok: Klok) -> None:
    intake = store.inbox.receive("a.xml", [message(1)])
    assert store.inbox.sweep() == 0
    assert announced(store) == [intake.inbox_id]
    klok.move(PATIENCE_SECONDS + 1)
    assert store.inbox.sweep() == 1


def test_the_sweeper_takes_a_long_row_at_once(store: SqlStore, klok: Klok) -> None:
    count = announcements.AT_ONCE + 3
    for number in range(count):
        store.inbox.receive("x", [message(number)])
    while announced(store):
        pass
    klok.move(PATIENCE_SECONDS + 1)
    assert store.inbox.sweep() == count


def test_a_released_message_waits_longer_every_time(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    announced(store)
    assert store.inbox.release(claim)
    assert store.inbox.sweep() == 0
    klok.move(wait_after(0))
    assert store.inbox.sweep() == 1
    again = store.inbox.claim(claim.inbox_id)
    assert again is not None
    announced(store)
    store.inbox.release(again)
    klok.move(wait_after(0))
    assert store.inbox.sweep() == 0
    klok.move(wait_after(1) - wait_after(0))
    assert store.inbox.sweep() == 1


def test_a_wait_ends_when_the_clock_is_put_back(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    store.inbox.release(claim)
    announced(store)
    klok.move(-3600)
    assert 1 == store.inbox.sweep()
    again = store.inbox.claim(announced(store)[0])
    assert again is not None
    with store.unit_of_work(again) as work:
        work.add_event("proef", "0193", {})
        work.finish(ACCEPTED)
        work.commit()
    assert 1 == len(store.outbox.due(["event"]))
    klok.move(-3600)
    # Taken by a relay whose clock ran ahead, and not sent.
    assert 1 == len(store.outbox.due(["event"]))


def test_waits_double_up_to_five_minutes() -> None:
    assert [wait_after(tries) for tries in (0, 1, 2, 3, 9, 10, 5000)] == [
        0.5,
        1.0,
        2.0,
        4.0,
        256.0,
        300.0,
        300.0,
    ]


def test_after_too_many_tries_a_message_is_parked(store: SqlStore) -> None:
    claim: Claim | None = taken(store, 1)
    for _ in range(3):
        assert claim is not None
        store.inbox.release(claim)
        claim = store.inbox.claim(1)
    assert claim is None
    parked = store.views.bericht(1)
    assert parked is not None
    assert parked.outcome is not None
    assert ("geparkeerd", "parked", "is na 3 keer niet afgehandeld") == (
        parked.staat,
        parked.outcome.verdict,
        parked.outcome.reason,
    )


def test_a_parked_message_gets_a_new_chance_when_an_operator_says_so(store: SqlStore) -> None:
    claim = taken(store, 1)
    announced(store)
    assert store.inbox.park(1, "fout", claim.token)
    assert store.inbox.claim(1) is None
    assert put_back(store, 1)
    assert not put_back(store, 1)
    assert announced(store) == [1]
    again = store.inbox.claim(1)
    assert again is not None
    assert again.tries == 0


def test_a_message_that_is_done_is_not_parked(store: SqlStore) -> None:
    claim = taken(store, 1)
    finish(store, claim)
    assert not store.inbox.park(1, "te laat")


def test_messages_between_the_same_parties_wait_for_each_other(store: SqlStore) -> None:
    first = taken(store, 1)
    second = store.inbox.receive("2.xml", [message(2)])
    third = store.inbox.receive("3.xml", [message(3)])
    announced(store)
    assert store.inbox.claim(second.inbox_id) is None
    assert store.inbox.claim(third.inbox_id) is None
    assert announced(store) == []
    finish(store, first)
    assert announced(store) == [second.inbox_id, third.inbox_id]
    turn = store.inbox.claim(second.inbox_id)
    assert turn is not None
    assert store.inbox.claim(third.inbox_id) is None
    store.inbox.park(turn.inbox_id, "fout", turn.token)
    assert announced(store) == [third.inbox_id]


def test_a_party_whose_worker_died_is_not_blocked(store: SqlStore, klok: Klok) -> None:
    taken(store, 1)
    second = store.inbox.receive("2.xml", [message(2)])
    klok.move(31)
    assert store.inbox.claim(second.inbox_id) is not None


def test_messages_between_other_parties_go_side_by_side(store: SqlStore) -> None:
    taken(store, 1)
    taken(store, 2, sender="87654321")


def test_the_only_owner_of_a_store_begins_again_at_once(store: SqlStore) -> None:
    claim = taken(store, 1)
    waiting = store.inbox.receive("2.xml", [message(2)])
    announced(store)
    assert store.inbox.free_all() == 1
    assert announced(store) == [claim.inbox_id, waiting.inbox_id]
    again = store.inbox.claim(claim.inbox_id)
    assert again is not None
    assert again.tries == 1


def test_a_held_message_is_decided_when_its_term_has_passed(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    announced(store)
    with store.unit_of_work(claim) as work:
        work.hold(HELD, BEGIN + timedelta(hours=1))
        work.commit()
    klok.move(3599)
    assert store.inbox.sweep() == 0
    assert store.inbox.claim(1) is None
    klok.move(1)
    assert store.inbox.sweep() == 1
    assert announced(store) == [1]
    decided = store.inbox.claim(1)
    assert decided is not None
    assert decided.ontheven
    store.inbox.release(decided)
    again = store.inbox.claim(1)
    assert again is not None
    assert again.ontheven
    finish(store, again)
    assert store.views.balans().verdicts == {"accepted": 1}
    assert ACCEPTED == getattr(store.views.bericht(1), "outcome", None)


def offered(*numbers: int) -> list[tuple[Offer, bytes]]:
    return [(Offer(f"{one}.xml", f"T{one}"), message(one)) for one in numbers]


def test_messages_are_taken_in_together_each_once(store: SqlStore) -> None:
    known = store.inbox.receive("1.xml", [message(1)], "T1").inbox_id
    taken_in = store.inbox.receive_all(offered(1, 2, 3, 2))
    assert [known, taken_in[1].inbox_id] == [taken_in[0].inbox_id, taken_in[3].inbox_id]
    assert [False, True, True, False] == [one.is_new for one in taken_in]
    assert [known, *sorted({one.inbox_id for one in taken_in[1:]})] == announced(store)
    assert 3 == store.views.balans().ontvangen


def test_none_is_taken_in_when_one_has_a_number_that_was_used(store: SqlStore) -> None:
    store.inbox.receive("1.xml", [message(1)], "T1")
    other = (Offer("9.xml", "T1"), message(9))
    for offers in ([*offered(2), other], [*offered(3), (Offer("4.xml", "T3"), message(4))]):
        with pytest.raises(MessageRefused, match="transportnummer"):
            store.inbox.receive_all(offers)
    assert 1 == store.views.balans().ontvangen


def test_offered_by_many_at_the_same_time_each_is_taken_in_once(store: SqlStore) -> None:
    def offer(number: int) -> tuple[int, bool]:
        taken = store.inbox.receive(f"{number}.xml", [message(number)], f"T{number}")
        return taken.inbox_id, taken.is_new

    with ThreadPoolExecutor(8) as pool:
        taken_in = list(pool.map(offer, [*range(1, 21), *range(1, 21)]))
    first, again = taken_in[:20], taken_in[20:]
    assert [one for one, _ in first] == [one for one, _ in again]
    assert 20 == sum(is_new for _, is_new in taken_in)
    assert sorted({one for one, _ in taken_in}) == announced(store)
    assert 20 == store.views.balans().ontvangen


def test_a_mark_does_not_wait_for_the_disk_and_what_comes_after_it_does(store: SqlStore) -> None:
    database = store._ground.database
    asked = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.exec_driver_sql("SET synchronous_commit TO on")
    found = []
    for way in (database.writing, database.marking, database.writing):
        with way() as connection:
            found.append(connection.exec_driver_sql(asked).scalar_one())
    # Of SQLite: 2 is FULL, 1 is NORMAL.
    assert ([2, 1, 2] if database.is_sqlite else ["on", "off", "on"]) == found
