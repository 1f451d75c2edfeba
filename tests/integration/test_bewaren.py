"""What has had its time goes, bit by bit and told in the log; what was counted still adds up."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import gateway.store.bewaren.opruiming
import gateway.store.bewaren.soorten
from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.errors import Gearchiveerd, TemporaryFailure
from gateway.inlezen import load_kennis
from gateway.store.bewaren.opruiming import Opruimingen
from gateway.store.engine import Conflict
from gateway.store.store import SqlStore
from tests.integration.berichten import (
    BSN,
    CODE,
    familie,
    process,
    read_once,
    renumbered,
    run,
    sentence,
    write,
)
from tests.integration.store_builders import BSN2, Klok, declared, line, taken
from tests.integration.test_broker import Uit
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

# The clock of these tests stands in May 2026; all care is of the year before.
EEN_JAAR, TIEN_JAAR, VEERTIG_JAAR = "2027-06-01", "2036-06-01", "2066-06-01"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def bezig(tmp_path: Path) -> Iterator[Installation]:
    """A family and an invoice that is refused in part, all of it judged and sent."""
    paths = familie(tmp_path / "in")
    paths += write(tmp_path / "in", rood=renumbered("JW323", "9", (">100001<", ">999999<")))
    uit = Uit()
    settings = read_settings({})
    with read_once():
        place = Place(url=store_of(tmp_path))
        edges = {"antwoord": uit, "event": uit}
        installation = install(settings, load_kennis(settings), Klok(), place, edges)
    for path in paths:
        installation.store.inbox.receive(path.name, [path.read_bytes()])
    installation.runtime.drain()
    installation.store.werkvolger.catch_up()
    yield installation
    installation.close()


def _retention(folder: Path, *words: str) -> int:
    return run(["retention", *words, "--store", store_of(folder)])


def _done(folder: Path, clock: str, capsys: Captured, *words: str) -> dict[str, Any]:
    """What a run says that it did."""
    capsys.readouterr()
    assert 0 == _retention(folder, "run", "--clock", clock, "--json", *words)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def _goes_on(folder: Path) -> None:
    """The assignment, which ended in 2025, has no end."""
    altered(folder, "UPDATE toewijzing SET einddatum = NULL")


def _balances(folder: Path, capsys: Captured, per: str) -> Any:
    capsys.readouterr()
    options = ["--store", store_of(folder), "--per", per, "--json"]
    assert 0 == run(["ledger", "check", *options])
    return json.loads(capsys.readouterr().out)["balances"]


def _adds_up(folder: Path) -> None:
    store = ("--store", store_of(folder))
    assert 0 == run(["status", *store])
    assert 0 == run(["ledger", "check", *store])
    assert 0 == run(["audit", "verify", *store])


def _count(folder: Path, table: str, where: str = "1 = 1") -> int:
    query = f"SELECT count(*) FROM {table} WHERE {where}"
    return int(rows_of(folder, query)[0][0])


def test_without_apply_nothing_goes(bezig: Installation, tmp_path: Path, capsys: Captured) -> None:
    _goes_on(tmp_path)
    before = _count(tmp_path, "inbox_stuk")
    found = _done(tmp_path, EEN_JAAR, capsys)
    assert {"berichten": 4} == found["totals"]
    assert (None, False, "2027-06-01") == (found["run"], found["finished"], found["date"])
    assert before == _count(tmp_path, "inbox_stuk")
    assert 0 == _count(tmp_path, "verwerking")


def test_bytes_go_and_what_judging_needs_stays(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    _goes_on(tmp_path)
    before = _balances(tmp_path, capsys, "provider")
    found = _done(tmp_path, EEN_JAAR, capsys, "--apply")
    assert {"berichten": 4} == found["totals"]
    assert [("berichten", "0193", 4)] == [
        (one["kind"], one["municipality"], one["count"]) for one in found["counts"]
    ]
    # The assignment goes on: its next message is made from this one.
    assert [(1,)] == rows_of(tmp_path, "SELECT inbox_id FROM inbox_stuk")
    assert [("bewaartermijn", "0193")] == rows_of(tmp_path, "SELECT name, gemeente FROM verwerking")
    assert before == _balances(tmp_path, capsys, "provider")
    _adds_up(tmp_path)
    with pytest.raises(Gearchiveerd, match="de bewaartermijn voorbij"):
        bezig.store.message(2)
    assert {} == _done(tmp_path, EEN_JAAR, capsys, "--apply")["totals"]


def test_an_event_that_nobody_took_keeps_no_client(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    altered(tmp_path, "UPDATE outbox SET sent_at = NULL, next_at = 0 WHERE soort = 'event'")
    events = _count(tmp_path, "outbox", "soort = 'event'")
    found = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    assert (5, 1) == (found["totals"]["berichten"], found["totals"]["dossiers"])
    # They can still be sent.
    kept = "outbox_id IN (SELECT id FROM outbox WHERE soort = 'event')"
    assert events == _count(tmp_path, "outbox_stuk", kept) == _count(tmp_path, "outbox_stuk")
    assert events == len(bezig.store.outbox.due(["event"]))


def test_a_repeat_is_known_and_gets_its_answer_as_long_as_that_is_kept(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    bezig.close()
    options = ("--store", store_of(tmp_path))
    for clock, answers in ((EEN_JAAR, 3), (TIEN_JAAR, 0)):
        _done(tmp_path, clock, capsys, "--apply")
        again = process(tmp_path / clock, *familie(tmp_path / "nog"), options=options)
        assert ["duplicate"] * 4 == again.verdicts
        assert answers == len(again.answers)


def test_a_client_goes_after_his_term_and_the_amounts_stay(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    per = ("provider", "municipality", "year")
    before = [_balances(tmp_path, capsys, one) for one in per]
    lines = _count(tmp_path, "prestatie")
    found = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    totals = {"berichten": 5, "antwoorden": 4, "bevindingen": 1, "dossiers": 1}
    assert totals == {name: found["totals"].get(name) for name in totals}
    (dossier,) = (one for one in found["counts"] if one["kind"] == "dossiers")
    assert dossier["amount"] == before[0][0]["toegekend"]
    for table in ("toewijzing", "levering", "verzoek", "bevinding", "bewijs", "inbox_stuk"):
        assert 0 == _count(tmp_path, table), table
    assert 0 == _count(tmp_path, "outbox_stuk")
    assert lines == _count(tmp_path, "prestatie", "bsn = '' AND toewijzingnummer < 0")
    assert before == [_balances(tmp_path, capsys, one) for one in per]
    _adds_up(tmp_path)
    kenmerk = bezig.store.fingerprint(BSN)
    assert 0 == _count(tmp_path, "prestatie", f"bsn_hash = '{kenmerk}'")
    assert [(kenmerk,)] == rows_of(
        tmp_path, "SELECT betrokkene FROM verwerking WHERE betrokkene IS NOT NULL"
    )


def test_a_client_with_something_open_stays(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    _goes_on(tmp_path)
    found = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    assert "dossiers" not in found["totals"]
    assert 2 == _count(tmp_path, "toewijzing")


@pytest.mark.parametrize("step", [0, 2, 4])
def test_a_run_that_was_cut_off_goes_on(
    step: int,
    bezig: Installation,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway.store.bewaren.soorten, "AT_ONCE", 2)
    whole = Opruimingen._step
    steps = iter(range(100))

    def cut_off(self: Opruimingen, *given: Any) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt
        whole(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(gateway.store.bewaren.opruiming.Opruimingen, "_step", cut_off)
        assert 3 == _retention(tmp_path, "run", "--apply", "--clock", VEERTIG_JAAR)
    capsys.readouterr()
    assert 0 == _retention(tmp_path, "report", "--json") if step else True
    _adds_up(tmp_path)
    # The day of the run that was begun counts.
    found = _done(tmp_path, EEN_JAAR, capsys, "--apply")
    assert (1, "2066-06-01", True) == (found["run"], found["date"], found["finished"])
    assert {"berichten": 5, "antwoorden": 4, "bevindingen": 1, "dossiers": 1} == {
        name: count for name, count in found["totals"].items() if name != "toegangslog"
    }
    _adds_up(tmp_path)


def test_what_is_parked_loses_its_bytes_and_stays_counted(
    store: SqlStore, tmp_path: Path, capsys: Captured
) -> None:
    parked = taken(store, 1)
    store.inbox.park(parked.inbox_id, "fout", parked.token)
    waiting = taken(store, 2, sender="87654321")
    found = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    assert {"geparkeerd": 1} == found["totals"]
    assert [(waiting.inbox_id,)] == rows_of(tmp_path, "SELECT inbox_id FROM inbox_stuk")
    assert [] == list(store.herstel.geparkeerd(lambda _: None))
    assert 0 == run(["status", "--store", store_of(tmp_path)])


def test_where_an_archive_is_made_messages_leave_by_it(
    bezig: Installation, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_ARCHIEF_NA", "12")
    assert {} == _done(tmp_path, EEN_JAAR, capsys, "--apply")["totals"]


def test_old_days_of_the_log_go_and_the_chain_begins_after_them(
    store: SqlStore, klok: Klok, tmp_path: Path, capsys: Captured, act: Callable[[str], Any]
) -> None:
    for year in (2019, 2020, 2021):
        klok.now = datetime(year, 5, 4, 12, tzinfo=UTC)
        store.logboek.write(act(f"in {year}"))
    found = _done(tmp_path, "2026-01-01", capsys, "--apply")
    assert {"toegangslog": 2} == found["totals"]
    names = [name for (name,) in rows_of(tmp_path, "SELECT name FROM verwerking ORDER BY dag, nr")]
    assert ["in 2021", "logboek inkorten", "logboek inkorten"] == names
    assert 0 == run(["audit", "verify", "--store", store_of(tmp_path)])
    # Who takes more of its beginning away, and says nothing of it, is found out.
    with pytest.raises((Conflict, TemporaryFailure)):
        _delete(store, "verwerking")
    altered(tmp_path, "DELETE FROM instelling WHERE naam = 'logboek_anker'")
    assert 1 == run(["audit", "verify", "--store", store_of(tmp_path)])


def _delete(store: SqlStore, table: str) -> None:
    with store.database.writing("*") as connection:
        connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def act() -> Callable[[str], Any]:
    from gateway.cli.verantwoord import handeling_of
    from gateway.store.toegang.logboek import Betrokkene

    return lambda naam: handeling_of(naam, "R", Betrokkene(), "test")


def _erase(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str, bsn: str = BSN) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{bsn}\n"))
    return _retention(folder, "erase", "--doel", "verzoek 12", *words)


def test_who_asks_to_be_erased_hears_why_he_stays(
    bezig: Installation, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    _goes_on(tmp_path)
    assert 1 == _erase(tmp_path, monkeypatch, "--apply", "--clock", "2026-06-01")
    told = capsys.readouterr().out
    for reason in (
        "een toewijzing loopt nog",
        "in bericht 5 staat een bevinding open",
    ):
        assert f"gemeente 0193, jeugdwet: blijft, want {reason}" in told
    altered(tmp_path, "UPDATE toewijzing SET einddatum = '2025-12-31'")
    assert 1 == _erase(tmp_path, monkeypatch, "--apply", "--clock", "2026-06-01")
    told = capsys.readouterr().out
    assert "de financiële bewaartermijn loopt tot en met 31 maart 2032" in told
    assert 2 == _count(tmp_path, "toewijzing")
    assert BSN not in told
    _adds_up(tmp_path)


def test_who_asks_to_be_erased_goes_where_the_law_allows_it(
    bezig: Installation, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    _done(tmp_path, "2034-01-01", capsys, "--apply")
    assert 2 == _count(tmp_path, "toewijzing")
    before = _balances(tmp_path, capsys, "year")
    assert 0 == _erase(tmp_path, monkeypatch, "--clock", "2034-01-01", "--json")
    (found,) = json.loads(capsys.readouterr().out)["dossiers"]
    assert (True, [], "0193", "jeugdwet") == (
        found["erased"],
        found["reasons"],
        found["municipality"],
        found["law"],
    )
    assert 2 == _count(tmp_path, "toewijzing")
    assert 0 == _erase(tmp_path, monkeypatch, "--apply", "--clock", "2034-01-01")
    assert "gemeente 0193, jeugdwet: gewist" in capsys.readouterr().out
    for table in ("toewijzing", "levering"):
        assert 0 == _count(tmp_path, table)
    assert before == _balances(tmp_path, capsys, "year")
    _adds_up(tmp_path)
    assert 0 == _erase(tmp_path, monkeypatch, "--apply")
    assert "van deze cliënt staat er niets in de opslag" in capsys.readouterr().out


def test_without_lines_he_goes_at_once_with_the_messages_that_are_his_alone(
    bezig: Installation, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered(tmp_path, "DELETE FROM prestatie")
    altered(tmp_path, "DELETE FROM declaratie")
    assert 0 == _erase(tmp_path, monkeypatch, "--apply", "--clock", "2026-06-01")
    assert {(3,), (5,)} == set(rows_of(tmp_path, "SELECT DISTINCT inbox_id FROM inbox_stuk"))
    assert [(1, 1), (2, 1), (3, 0), (4, 1), (5, 0)] == rows_of(
        tmp_path, "SELECT id, gewist FROM inbox ORDER BY id"
    )


def test_a_bsn_that_is_none_is_refused(
    store: SqlStore, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 2 == _erase(tmp_path, monkeypatch, bsn="123456789")
    assert "op de standaardinvoer staat geen burgerservicenummer" in sentence(
        capsys.readouterr().err
    )


def test_a_credit_still_belongs_with_its_debet(
    store: SqlStore, tmp_path: Path, capsys: Captured
) -> None:
    lines = [
        line(1, toegekend=0),
        line(2, referentienummer="R1"),
        line(3, debet_credit="C", vorig_referentienummer="R1"),
        line(4, debet_credit="C", vorig_referentienummer="R8", toegekend=0),
        line(5, toewijzingnummer=7, bsn=BSN2),
    ]
    declared(store, lines)
    found = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    assert (2, 6600) == next(
        (one["count"], one["amount"]) for one in found["counts"] if one["kind"] == "dossiers"
    )
    rows = rows_of(
        tmp_path,
        "SELECT id, toewijzingnummer, referentienummer, vorig_referentienummer "
        "FROM prestatie ORDER BY id",
    )
    first = rows[0][0]
    assert [
        (-first, f"Z{first}", None),
        (-first, f"Z{first + 1}", None),
        (-first, f"Z{first + 2}", f"Z{first + 1}"),
        (-first, f"Z{first + 3}", None),
        (-first - 4, f"Z{first + 4}", None),
    ] == [row[1:] for row in rows]


def test_work_goes_on_during_a_run(
    bezig: Installation, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Opruimingen._step
    taken_in: list[int] = []

    def beside(self: Opruimingen, *given: Any) -> None:
        whole(self, *given)
        if not taken_in:
            body = renumbered("JW323", "8")
            taken_in.append(bezig.store.inbox.receive("erbij.xml", [body]).inbox_id)
            bezig.runtime.drain()

    monkeypatch.setattr(Opruimingen, "_step", beside)
    _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    (answered,) = rows_of(tmp_path, "SELECT staat FROM inbox WHERE id = ?", *taken_in)
    assert ("klaar",) == answered
    _adds_up(tmp_path)


def test_a_run_that_is_killed_goes_on(
    bezig: Installation, tmp_path: Path, capsys: Captured
) -> None:
    bezig.close()
    code = (
        "import os\n"
        "from gateway.store.bewaren.opruiming import Opruimingen\n"
        "from gateway.store.toegang.logboek import Logboek\n"
        "write, count = Logboek.schrijf, iter(range(9))\n"
        "def killed(self, *given):\n"
        "    write(self, *given)\n"
        "    if next(count) == 1:\n"
        "        os._exit(9)\n"
        "Logboek.schrijf = killed\n" + CODE
    )
    words = ["retention", "run", "--apply", "--clock", VEERTIG_JAAR, "--store", store_of(tmp_path)]
    # In the middle of a transaction: of its second step nothing may be left.
    assert 9 == subprocess.run([sys.executable, "-c", code, *words], check=False).returncode
    assert 1 == _count(tmp_path, "verwerking")
    assert 0 == _retention(tmp_path, "report", "--csv")
    told = capsys.readouterr().out.splitlines()
    assert "soort,gemeente,aantal,bytes,bedrag" == told[-2]
    assert told[-1].startswith("berichten,0193,5,")
    done = _done(tmp_path, VEERTIG_JAAR, capsys, "--apply")
    assert {"berichten": 5, "antwoorden": 4, "bevindingen": 1, "dossiers": 1} == done["totals"]
    _adds_up(tmp_path)
