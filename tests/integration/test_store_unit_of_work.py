"""What a message changes becomes true at once or not at all, and its answer is given once."""

import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from gateway.errors import MessageParked, TemporaryFailure
from gateway.pipeline.ports import Outcome
from gateway.records.finding import Evidence
from gateway.store.counters import CAPACITY, base36, start_from
from gateway.store.store import SqlStore
from tests.integration.store_builders import (
    AANBIEDER,
    ACCEPTED,
    BEGIN,
    BSN,
    HEADER,
    Klok,
    answer,
    declaratie,
    finding,
    finish,
    line,
    new_store,
    settled,
    taken,
    toewijzing,
)
from tests.opslag import file_of


def test_leaving_without_commit_undoes_everything(store: SqlStore) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.add_declaratie(AANBIEDER, HEADER, declaratie("D1"), 6600)
        work.add_prestaties(AANBIEDER, [[line(1)]])
        work.add_findings([finding("R1")])
        work.add_answer("0193", answer())
        work.finish(ACCEPTED)
    assert store.views.answer(claim.inbox_id) is None
    assert list(store.views.findings(claim.inbox_id)) == []
    assert getattr(store.views.bericht(claim.inbox_id), "staat", None) == "bezig"
    finish(store, claim)


def test_an_error_halfway_undoes_everything(store: SqlStore) -> None:
    claim = taken(store, 1)

    def broken() -> Iterator[list[tuple[object, ...]]]:
        yield [line(1)]
        raise KeyError("halfway")

    with store.unit_of_work(claim) as work:
        work.add_declaratie(AANBIEDER, HEADER, declaratie("D1"), 6600)
        work.add_prestaties(AANBIEDER, broken())
        work.finish(ACCEPTED)
        with pytest.raises(KeyError):
            work.commit()
    finish(store, claim)
    with store.facts(taken(store, 2)) as facts:
        assert facts.referenties(AANBIEDER, ["R1"]) == set()


def test_a_full_disk_changes_nothing_and_passes(tmp_path: Path, klok: Klok) -> None:
    store = new_store(tmp_path, klok, file_of(tmp_path))
    claim = taken(store, 1)
    engine = store._ground.database.engine

    def limit(pages: int) -> None:
        engine.dispose()
        listener = lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}")  # noqa: E731
        event.listen(engine, "connect", listener)

    limit(1)
    with pytest.raises(TemporaryFailure, match=r"niet te gebruiken \(SQLITE_FULL\)"):
        finish(
            store,
            claim,
            lambda work: work.add_answer("0193", answer(body=Random(1).randbytes(1 << 20))),
        )
    with pytest.raises(TemporaryFailure):
        store.inbox.receive("vol.xml", [Random(2).randbytes(1 << 21)])
    limit(1_000_000)
    assert store.views.balans().ontvangen == 1
    finish(store, claim)
    assert store.views.balans().klopt
    store.close()


def test_committing_an_unsettled_message_is_a_mistake_of_ours(store: SqlStore) -> None:
    with (
        store.unit_of_work(taken(store, 1)) as work,
        pytest.raises(RuntimeError, match="finish or hold"),
    ):
        work.commit()


def test_lines_without_a_declaration_are_a_mistake_of_ours(store: SqlStore) -> None:
    with (
        store.unit_of_work(taken(store, 1)) as work,
        pytest.raises(RuntimeError, match="add_declaratie goes before"),
    ):
        work.add_prestaties(AANBIEDER, [[line(1)]])


def test_one_message_has_one_answer(store: SqlStore) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.add_answer("0193", answer("A1"))
        work.add_answer("0193", answer("A2"))
        work.finish(ACCEPTED)
        with pytest.raises(MessageParked, match="de opslag weigert"):
            work.commit()


def test_one_identification_is_given_out_once(store: SqlStore) -> None:
    settled(store, lambda work: work.add_answer("0193", answer("A1")))
    settled(store, lambda work: work.add_answer("0150", answer("A1")))
    with pytest.raises(MessageParked):
        settled(store, lambda work: work.add_answer("0193", answer("A1")))


def test_every_claim_gets_the_next_number_for_its_answer(store: SqlStore) -> None:
    given = [taken(store, n, sender=f"1234567{n}").identificatie for n in range(3)]
    assert given == ["1", "2", "3"]


def test_numbers_go_on_after_reopening(tmp_path: Path, klok: Klok) -> None:
    given = []
    for number in range(2):
        store = new_store(tmp_path, klok)
        given.append(taken(store, number, sender=f"1234567{number}").identificatie)
        store.close()
    assert given == ["1", "2"]


def test_a_lasting_store_begins_its_numbers_at_the_moment_it_was_made(
    tmp_path: Path, klok: Klok
) -> None:
    given = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        store = new_store(tmp_path / name, klok, start=None)
        given.append(taken(store, 1).identificatie)
        store.close()
        klok.move(1)
    assert len(set(given)) == 2
    assert all(len(one) <= 12 for one in given)


def test_numbers_have_at_most_twelve_characters() -> None:
    assert [base36(number) for number in (0, 35, 36, CAPACITY - 1)] == ["0", "Z", "10", "Z" * 12]
    with pytest.raises(OverflowError):
        base36(CAPACITY)
    assert [start_from(seed) for seed in (0, 5, CAPACITY // 2)] == [1, 6, 1]


def test_findings_keep_their_order_and_what_they_rest_on(store: SqlStore) -> None:
    evidence = Evidence("twente", "2026.1", "profiel=1", 6600, 6500)
    found = [finding(f"R{number}") for number in range(1500)]
    found.append(replace(finding("R9"), evidence=evidence, retourcode=None, effect="signal"))
    claim = settled(store, lambda work: work.add_findings(iter(found)))
    assert found == list(store.views.findings(claim.inbox_id))


def test_judging_a_held_message_again_replaces_its_findings(store: SqlStore, klok: Klok) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.add_findings([finding("R1"), finding("R2")])
        work.hold(Outcome("held", 3, "JW323"), BEGIN + timedelta(seconds=5))
        work.commit()
    klok.move(6)
    again = store.inbox.claim(claim.inbox_id)
    assert again is not None
    finish(store, again, lambda work: work.add_findings([finding("R2")]))
    assert [finding("R2")] == list(store.views.findings(claim.inbox_id))


def test_an_event_tells_what_happened_without_a_person(store: SqlStore) -> None:
    claim = settled(store, lambda work: work.add_event("bericht-accepted", "0193", {"regels": 2}))
    (item,) = store.outbox.due(["event"])
    assert json.loads(b"".join(item.body)) == {
        "soort": "bericht-accepted",
        "gemeente": "0193",
        "inbox": claim.inbox_id,
        "tijd": "2026-05-04T12:00:00Z",
        "data": {"regels": 2},
    }


def test_a_new_version_within_one_message_replaces_the_first(store: SqlStore) -> None:
    both = [toewijzing(1), toewijzing(1, volume=9)]
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", both))
    with store.facts(taken(store, 1)) as facts:
        found = facts.toewijzingen("0193", "jeugdwet", [1])
    assert {1: (toewijzing(1, volume=9),)} == found


def test_errors_of_the_database_show_no_values(store: SqlStore) -> None:
    claim = taken(store, 1)
    twice = line(1, bsn=BSN, debet_credit=None)
    with store.unit_of_work(claim) as work:
        work.add_declaratie(AANBIEDER, HEADER, declaratie("D1"), 6600)
        work.add_prestaties(AANBIEDER, [[twice]])
        work.finish(ACCEPTED)
        with pytest.raises(MessageParked) as caught:
            work.commit()
    assert BSN not in "".join(traceback.format_exception(caught.value))
