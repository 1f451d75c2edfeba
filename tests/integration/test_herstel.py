"""What stood still goes back: by query, at a limited rate, once, and with its history."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import gateway.cli.redrive
from gateway.broker.connection import Announcer
from gateway.broker.relay import Relay
from gateway.errors import TemporaryFailure
from gateway.rules.registry import RULES, Rule, load_rules
from gateway.store.herstel import SILENT_SECONDS, Gevonden, Vraag
from gateway.store.store import SqlStore
from gateway.store.terugzetten import Terugzetten
from tests.integration.berichten import (
    CODE,
    PROJECT,
    Tabel,
    comes_true,
    counted,
    familie,
    made,
    own_environment,
    process,
    run,
    sentence,
    write,
)
from tests.integration.store_builders import (
    BEGIN,
    Klok,
    answer,
    finish,
    message,
    new_store,
    settled,
    taken,
)
from tests.integration.test_broker import Uit, new_broker
from tests.integration.test_run import Gateway, out
from tests.integration.test_run import settled as all_settled
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")
KAPOT = "regel {} is afgebroken met KeyError; het bericht is geparkeerd"
ALLES = Vraag(bronnen=frozenset({"geparkeerd", "onverzonden"}))


def _crash(batch: Any) -> Iterator[Any]:
    raise KeyError("mis")
    yield


def _break(monkeypatch: pytest.MonkeyPatch, *codes: str) -> None:
    load_rules()
    for code in codes:
        monkeypatch.setitem(RULES, code, Rule(code, RULES[code].retourcode, _crash))


@pytest.fixture
def parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of both laws in which 323 and 307 of the first are parked, for a reason each."""
    paths = [*familie(tmp_path / "in"), *familie(tmp_path / "in", "WMO")]
    with monkeypatch.context() as broken:
        _break(broken, "TR304", "TR414")
        done = process(tmp_path / "1", *paths, options=("--store", store_of(tmp_path)))
    good = ["accepted", "accepted", "parked", "parked"]
    assert good * 2 == done.verdicts
    return tmp_path


def _redrive(folder: Path, *options: str) -> int:
    return run(["redrive", *options, "--store", store_of(folder)])


def _asked(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Tabel:
    capsys.readouterr()
    assert _redrive(folder, "--json", *options) in (0, 1)
    document: Tabel = json.loads(capsys.readouterr().out)
    return document


def _numbers(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[int]:
    return [one["inbox"] for one in _asked(folder, capsys, *options)["list"]]


def _handle_waiting(folder: Path) -> None:
    """Have all that waits judged, along with something that is no message."""
    number = rows_of(folder, "SELECT count(*) FROM inbox")[0][0]
    (path,) = write(folder / f"in{number}", geen=f"<geen{number}".encode())
    process(folder / f"uit{number}", path, options=("--store", store_of(folder)))


def _history(
    folder: Path, capsys: pytest.CaptureFixture[str], nummer: int
) -> list[tuple[int, int | None, str]]:
    attempts = _asked(folder, capsys, "--history", str(nummer))["attempts"]
    return [(one["attempt"], one["run"], one["reason"]) for one in attempts]


def _rows(folder: Path) -> list[tuple[Any, ...]]:
    """What makes a message the one that it is."""
    return rows_of(folder, "SELECT id, naam, ontvanger, sha256, transport_id FROM inbox ORDER BY 1")


def _all(folder: Path) -> list[list[tuple[Any, ...]]]:
    """Everything that putting back could change."""
    tables = ("inbox", "outbox", "herstel", "poging")
    return [rows_of(folder, f"SELECT * FROM {one} ORDER BY id") for one in tables]


def test_a_preview_tells_what_would_go_back_and_changes_nothing(
    parked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _all(parked)
    capsys.readouterr()
    assert 1 == _redrive(parked)
    told = capsys.readouterr().out
    assert "4 zou terug gaan; met --apply gebeurt dat" in told
    found = _asked(parked, capsys)
    assert 4 == found["count"]
    assert {
        (
            "geparkeerd",
            f"{wet}{soort}",
            KAPOT.format(regel),
            1,
        )
        for wet in ("JW", "WMO")
        for soort, regel in (("323", "TR304"), ("307", "TR414"))
    } == {(one["source"], one["kind"], one["reason"], one["count"]) for one in found["groups"]}
    assert before == _all(parked)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [3, 4, 7, 8]),
        (("--kind", "JW323"), [3]),
        (("--kind", "JW325"), []),
        (("--reason", "tr304"), [3, 7]),
        (("--number", "4", "--number", "8"), [4, 8]),
        (("--gemeente", "0193"), [3, 4, 7, 8]),
        (("--gemeente", "0194"), []),
        (("--afzender", "12345678", "--kind", "WMO307"), [8]),
        (("--afzender", "87654321"), []),
        (("--since", "2025-12-05", "--until", "2025-12-05"), [3, 4, 7, 8]),
        (("--since", "2025-12-06"), []),
        (("--until", "2025-12-04"), []),
        (("--source", "onverzonden"), []),
    ],
)
def test_a_query_picks_by_what_is_known_of_a_message(
    options: tuple[str, ...],
    expected: list[int],
    parked: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert expected == _numbers(parked, capsys, *options)


def test_what_goes_back_is_the_same_message_and_is_judged(
    parked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _rows(parked)
    assert 0 == _redrive(parked, "--apply", "--rate", "1000", "--kind", "JW323", "--number", "3")
    told = capsys.readouterr().out
    assert "terugzetten 1 (--kind JW323 --number 3): 1 van 1 teruggezet, klaar\n" == told
    _handle_waiting(parked)
    assert before == _rows(parked)[:8]
    assert [(3, "klaar", "accepted")] == rows_of(
        parked, "SELECT id, staat, verdict FROM inbox WHERE id = 3"
    )
    assert (1, 2) == (counted(parked)["declaratie"], counted(parked)["prestatie"])
    assert [4, 7, 8] == _numbers(parked, capsys)
    assert [
        (1, None, KAPOT.format("TR304")),
        (2, 1, "klaar"),
    ] == _history(parked, capsys, 3)


def test_every_attempt_keeps_its_own_reason(
    parked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [(1, None, KAPOT.format("TR304"))] == _history(parked, capsys, 3)
    for code in ("TR338", "TR322"):
        assert 0 == _redrive(parked, "--apply", "--rate", "1000", "--number", "3")
        with monkeypatch.context() as broken:
            _break(broken, code)
            _handle_waiting(parked)
    assert [
        (1, None, KAPOT.format("TR304")),
        (2, 1, KAPOT.format("TR338")),
        (3, 2, KAPOT.format("TR322")),
    ] == _history(parked, capsys, 3)
    assert [(None, 1), (1, 2), (2, 3)] == rows_of(
        parked, "SELECT herstel_id, nr FROM poging WHERE inbox_id = 3 ORDER BY nr"
    )


def test_cancelling_takes_effect_at_the_next_message_and_undoes_nothing(
    parked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    told: list[Tabel] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            capsys.readouterr()
            assert 0 == run(["status", "--json", "--store", store_of(parked)])
            told.extend(json.loads(capsys.readouterr().out)["redrives"])
            assert 0 == _redrive(parked, "--cancel")

    monkeypatch.setattr(gateway.cli.redrive.time, "sleep", sleep)
    assert 1 == _redrive(parked, "--apply", "--rate", "4")
    assert [0.25, 0.25] == waits
    assert [(1, 4, 2, None)] == [
        (one["run"], one["total"], one["returned"], one["end"]) for one in told
    ]
    assert "2 van 4 teruggezet, gestopt" in capsys.readouterr().out
    assert [7, 8] == _numbers(parked, capsys)
    assert 0 == _redrive(parked, "--cancel")
    assert "niets is bezig" in capsys.readouterr().out
    monkeypatch.setattr(gateway.cli.redrive.time, "sleep", waits.append)
    assert 0 == _redrive(parked, "--apply")
    assert [] == _numbers(parked, capsys)


def test_a_run_that_is_killed_loses_nothing_and_can_be_done_again(
    parked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["redrive", "--apply", "--rate", "0.5", "--store", store_of(parked)]
    going = subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments], cwd=PROJECT, env=own_environment({})
    )
    try:
        assert comes_true(lambda: len(_numbers(parked, capsys)) < 4, 30)
    finally:
        going.kill()
        going.wait()
    left = _numbers(parked, capsys)
    (gang,) = rows_of(parked, "SELECT totaal, teruggezet, geeindigd_at FROM herstel")
    assert (4, 4 - len(left), None) == gang
    assert left
    assert 0 == _redrive(parked, "--apply", "--rate", "1000")
    assert [(2,)] * 4 == rows_of(
        parked, "SELECT max(nr) FROM poging GROUP BY inbox_id ORDER BY inbox_id"
    )
    _handle_waiting(parked)
    assert [("accepted", 8), ("invalid", 1)] == rows_of(
        parked, "SELECT verdict, count(*) FROM inbox GROUP BY verdict ORDER BY verdict"
    )
    assert 0 == run(["status", "--store", store_of(parked)])


def test_a_running_gateway_takes_up_what_is_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    store = new_store(data, Klok())
    intake = store.inbox.receive("a.xml", [made("JW305")])
    assert store.inbox.park(intake.inbox_id, "fout")
    store.close()
    running = Gateway(data).started()
    try:
        assert [1] == _numbers(data, capsys)
        assert 0 == _redrive(data, "--apply")
        assert all_settled(data, 1, capsys), running.logged()
        assert 1 == len(out(data))
        assert 0 == running.stop()[0]
    finally:
        running.end()


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_day_that_is_none_is_wrong_use(
    option: str, tmp_path: Path, parked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert 2 == _redrive(parked, option, "gisteren")
    assert f"{option} gisteren: dit is geen datum" in sentence(capsys.readouterr().err)


def test_a_number_that_is_not_there_and_a_queue_that_is_not_there_are_told(
    parked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert 2 == _redrive(parked, "--history", "99")
    assert "bericht 99 staat niet in de opslag" in sentence(capsys.readouterr().err)
    assert 2 == _redrive(parked, "--source", "dood")
    assert "geen wachtrij dood" in sentence(capsys.readouterr().err)


# ---- by itself ---------------------------------------------------------------------------------


def _parked(store: SqlStore, count: int) -> list[int]:
    found = []
    for number in range(count):
        claim = taken(store, number)
        store.inbox.park(claim.inbox_id, "fout", claim.token)
        found.append(claim.inbox_id)
    return found


def _found(store: SqlStore) -> list[Gevonden]:
    return [*store.herstel.geparkeerd(lambda _: None), *store.herstel.onverzonden()]


def _run(store: SqlStore, sleep: Any = lambda _: None) -> int:
    found = _found(store)
    run = store.herstel.begin("alles", 2.0, len(found))
    terugzetten = Terugzetten(herstel=store.herstel, doodbak=None, per_seconde=2.0, sleep=sleep)
    for _ in terugzetten.run(run, found, ALLES):
        pass
    return run


def test_messages_go_back_at_the_rate_that_was_asked_for(store: SqlStore) -> None:
    _parked(store, 3)
    waits: list[float] = []
    _run(store, waits.append)
    assert [0.5, 0.5, 0.5] == waits


def test_what_somebody_else_put_back_meanwhile_is_passed_over(store: SqlStore) -> None:
    _parked(store, 2)
    found = _found(store)
    run = store.herstel.begin("alles", 1.0, 2)
    assert store.herstel.put_back(run, found[0])
    assert store.herstel.put_back(run, found[0])
    assert store.herstel.put_back(run, found[1])
    gang = store.herstel.gang(run)
    assert (2, 1) == (gang.teruggezet, gang.overgeslagen)
    assert 2 == len(store.herstel.pogingen(found[0].nummer or 0))


def test_a_transaction_that_fails_leaves_the_message_parked_and_uncounted(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _parked(store, 1)

    def away(*_: object) -> None:
        raise TemporaryFailure("weg")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.store.announcements.announce", away)
        with pytest.raises(TemporaryFailure):
            _run(store)
    (one,) = _found(store)
    assert one.nummer is not None
    assert [] == list(store.herstel.pogingen(one.nummer))
    assert (0, "afgebroken") == (
        store.herstel.gang(1).teruggezet,
        store.herstel.gang(1).einde,
    )


def test_a_run_without_a_sign_of_life_counts_as_ended(store: SqlStore, klok: Klok) -> None:
    run = store.herstel.begin("alles", 1.0, 1)
    (gang,) = store.herstel.gangen()
    assert (run, None) == (gang.nummer, gang.einde)
    klok.move(SILENT_SECONDS + 1)
    (gang,) = store.herstel.gangen()
    assert "afgebroken" == gang.einde
    assert 0 == store.herstel.stop()
    assert [] == list(store.herstel.gangen())
    assert not store.herstel.may_go_on(run)


def test_what_could_not_be_sent_goes_out_at_once_under_its_own_name(
    store: SqlStore, klok: Klok
) -> None:
    claim = settled(store, lambda work: work.add_answer("0193", answer()))
    store.outbox.announced(store.outbox.announcements())
    uit = Uit()
    relay = Relay(store.outbox, Announcer(new_broker()), {"antwoord": uit})
    uit.is_away = True
    for _ in range(5):
        relay.run_once()
        klok.move(3600)
    uit.is_away = False
    (item,) = store.outbox.due(["antwoord"])
    store.outbox.failed(item, "ConnectionError")
    assert 0 == relay.run_once()
    (one,) = _found(store)
    assert ("onverzonden", "JW325_0193_A1", "JW325", "0193", "ConnectionError") == (
        one.bron,
        one.naam,
        one.soort,
        one.gemeente,
        one.reden,
    )
    _run(store)
    assert 1 == relay.run_once()
    assert [("JW325_0193_A1", "antwoord", b"<antwoord/>")] == uit.delivered
    assert [(1, "ConnectionError"), (2, None)] == [
        (one.nr, one.reden) for one in store.herstel.pogingen(claim.inbox_id)
    ]
    assert [] == _found(store)


def test_the_time_of_parking_is_what_a_query_looks_at(store: SqlStore, klok: Klok) -> None:
    _parked(store, 1)
    klok.move(60)
    _parked_later = taken(store, 7)
    store.inbox.park(_parked_later.inbox_id, "fout", _parked_later.token)
    border = BEGIN + timedelta(seconds=30)
    early, late = _found(store)
    assert replace(ALLES, tot=border).means(early)
    assert not replace(ALLES, sinds=border).means(early)
    assert replace(ALLES, sinds=border).means(late)
    assert not replace(ALLES, tot=border).means(late)


def test_a_message_of_which_the_bytes_are_lost_is_shown_all_the_same(store: SqlStore) -> None:
    (inbox_id,) = _parked(store, 1)
    with store._ground.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM inbox_stuk")
    (one,) = _found(store)
    assert (inbox_id, None, "") == (one.nummer, one.soort, one.gemeente)


def test_what_is_done_is_never_put_back(store: SqlStore) -> None:
    (inbox_id,) = _parked(store, 1)
    (one,) = _found(store)
    _run(store)
    claim = store.inbox.claim(inbox_id)
    assert claim is not None
    finish(store, claim)
    run = store.herstel.begin("alles", 1.0, 1)
    assert store.herstel.put_back(run, one)
    assert (0, 1) == (store.herstel.gang(run).teruggezet, store.herstel.gang(run).overgeslagen)
    again = store.inbox.receive("nogmaals.xml", [message(0)])
    assert (inbox_id, False) == (again.inbox_id, again.is_new)
