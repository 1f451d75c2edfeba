"""What people read of the store: the story of a message, its answer, its lines, the balance."""

from datetime import timedelta

import pytest

from gateway.errors import CouldNotFinish
from gateway.pipeline.ports import Outcome
from gateway.store.pieces import PIECE
from gateway.store.store import SqlStore
from tests.integration.store_builders import (
    AANBIEDER,
    ACCEPTED,
    ANDERE_AANBIEDER,
    BEGIN,
    Klok,
    answer,
    declared,
    finish,
    line,
    message,
    settled,
    taken,
)


def test_a_message_shows_what_became_of_it(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    waiting = store.views.bericht(claim.inbox_id)
    assert waiting is not None
    assert ("bezig", None) == (waiting.staat, waiting.outcome)
    klok.move(2)
    outcome = Outcome(
        "partly",
        3,
        "JW323",
        "jeugdwet",
        "12345678",
        "0193",
        "0193",
        "ID1",
        BEGIN.date(),
        "D1",
        telling={"regels": 2, "ingediend": 9900},
    )
    finish(store, claim, outcome=outcome)
    done = store.views.bericht(claim.inbox_id)
    assert done is not None
    assert ("1.xml", "klaar", BEGIN, BEGIN + timedelta(seconds=2), outcome) == (
        done.naam,
        done.staat,
        done.received_at,
        done.finished_at,
        done.outcome,
    )
    assert [done] == store.views.berichten_van("ID1") == store.views.berichten_van("D1")
    assert store.views.bericht(99) is None


def test_the_answer_is_the_same_bytes_every_time(store: SqlStore) -> None:
    body = b"<antwoord>" + b"x" * PIECE + b"</antwoord>"
    claim = settled(store, lambda work: work.add_answer("0193", answer("A1", body)))
    found = store.views.answer(claim.inbox_id)
    assert found is not None
    assert ("JW325", "A1", "JW325_0193_A1") == (found.berichttype, found.identificatie, found.naam)
    assert body == b"".join(found.body) == b"".join(found.body)
    assert store.views.answer(99) is None


def test_a_line_is_found_by_declaration_and_reference(store: SqlStore) -> None:
    declared(store, [line(1), line(2, toegekend=0, retourcodes="9307 9308")])
    declared(store, [line(2)], ANDERE_AANBIEDER)
    by_number = store.views.regels("D1", "R2")
    assert [AANBIEDER, ANDERE_AANBIEDER] == [one.partijen for one in by_number]
    assert by_number == store.views.regels("ID1", "R2")
    (found,) = store.views.regels("D1", "R2", "12345678")
    assert (False, ("9307", "9308"), "D1", 1) == (
        found.toegekend,
        found.prestatie.retourcodes,
        found.declaratienummer,
        found.volgnr,
    )
    assert store.views.regels("D1", "R3") == []


def test_the_balance_accounts_for_every_message(store: SqlStore) -> None:
    settled(store, lambda work: work.add_answer("0193", answer()))
    with store.unit_of_work(taken(store, 1)) as work:
        work.hold(Outcome("held", 3), BEGIN + timedelta(days=1))
        work.commit()
    parked = taken(store, 2)
    store.inbox.park(parked.inbox_id, "regel TR307 viel om", parked.token)
    taken(store, 3)
    store.inbox.receive("4.xml", [message(4)])
    store.inbox.receive("nogmaals.xml", [message(4)])
    balans = store.views.balans()
    assert (5, 1, 1, 1, 2, 1) == (
        balans.ontvangen,
        balans.afgehandeld,
        balans.aangehouden,
        balans.geparkeerd,
        balans.wachtend,
        balans.antwoorden_onderweg,
    )
    assert balans.verdicts == {"accepted": 1, "held": 1, "parked": 1}
    assert balans.klopt
    (shown,) = store.views.berichten_in("geparkeerd")
    assert shown.outcome == Outcome("parked", ontvanger="0193", reason="regel TR307 viel om")


def test_a_lost_row_puts_the_balance_out(store: SqlStore) -> None:
    store.inbox.receive("1.xml", [message(1)])
    with store._ground.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
        connection.exec_driver_sql("DELETE FROM inbox_stuk")
        connection.exec_driver_sql("DELETE FROM inbox")
    assert not store.views.balans().klopt


def test_a_judgement_can_be_read_back_but_not_written(store: SqlStore) -> None:
    claim = settled(store, lambda work: None)
    again = store.views.claim_of(claim.inbox_id)
    assert again is not None
    assert (claim.volgnr, "") == (again.volgnr, again.token)
    assert store.views.claim_of(99) is None
    assert store.views.bericht(claim.inbox_id) is not None
    assert getattr(store.views.bericht(claim.inbox_id), "outcome", None) == ACCEPTED


def test_bytes_of_an_unknown_message_are_refused(store: SqlStore) -> None:
    with pytest.raises(CouldNotFinish, match="bericht 99 staat niet in de opslag"):
        store.pieces(99)
