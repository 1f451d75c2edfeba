"""Old bytes go to an archive: whole, once, and never before the archive is safe on disk."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import gateway.store.archief
from gateway.bootstrap import Installation, Place, install
from gateway.cli.archive import _begin_of_month
from gateway.config import read_settings
from gateway.errors import CouldNotFinish, Gearchiveerd, TemporaryFailure
from gateway.inlezen import load_kennis
from gateway.store.archief import Archief
from gateway.store.pieces import PIECE
from gateway.store.store import SqlStore
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
    read_once,
    renumbered,
    run,
    sentence,
    write,
)
from tests.integration.store_builders import (
    ACCEPTED,
    Klok,
    answer,
    finish,
    message,
    settled,
    taken,
)
from tests.integration.test_broker import Uit
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

# The clock of these tests stands in May 2026.
LATER = ("--clock", "2026-09-01", "--older-than", "3")
FILE = "0193-2026-05-001.zip"


def _installed(folder: Path, uit: Uit) -> Installation:
    settings = read_settings({})
    place = Place(url=store_of(folder))
    return install(settings, load_kennis(settings), Klok(), place, {"antwoord": uit, "event": uit})


@pytest.fixture
def uit(tmp_path: Path) -> Uit:
    """A family and an invoice that is refused in part, all of it judged and sent."""
    paths = familie(tmp_path / "in")
    paths += write(tmp_path / "in", rood=renumbered("JW323", "9", (">100001<", ">999999<")))
    uit = Uit()
    with read_once():
        installation = _installed(tmp_path, uit)
    try:
        for path in paths:
            installation.store.inbox.receive(path.name, [path.read_bytes()])
        installation.runtime.drain()
    finally:
        installation.close()
    return uit


def _make(folder: Path, *options: str) -> int:
    out = ("--out", str(folder / "archief"))
    return run(["archive", "make", *out, "--store", store_of(folder), *(options or LATER)])


def _verify(folder: Path) -> int:
    return run(["archive", "verify", "--out", str(folder / "archief"), "--store", store_of(folder)])


def _bytes_in_store(folder: Path) -> set[int]:
    return {row[0] for row in rows_of(folder, "SELECT inbox_id FROM inbox_stuk")}


def _manifest(path: Path) -> list[Tabel]:
    with zipfile.ZipFile(path) as archive:
        return [json.loads(line) for line in archive.read("manifest.jsonl").splitlines()]


def _contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_archive_holds_what_came_what_was_sent_and_what_was_decided(
    uit: Uit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = counted(tmp_path)
    capsys.readouterr()
    assert 0 == _make(tmp_path)
    told = capsys.readouterr().out
    assert f"{FILE}: 4 berichten" in told
    assert "4 berichten van voor 2026-06-01 naar een archief; 1 blijven" in told
    path = tmp_path / "archief" / FILE
    contents = _contents(path)
    sent = {naam: body for naam, _, body in uit.delivered}
    for regel, naam in zip(_manifest(path), ("JW305", "JW323", "JW307", "rood"), strict=True):
        body = (tmp_path / "in" / f"{naam}.xml").read_bytes()
        assert body == contents[f"{regel['inbox']}/bericht.xml"]
        assert hashlib.sha256(body).hexdigest() == regel["sha256"] == regel["entries"][0]["sha256"]
        assert ("0193", "12345678", f"{naam}.xml") == (
            regel["municipality"],
            regel["sender"],
            regel["name"],
        )
        for entry in regel["entries"]:
            assert hashlib.sha256(contents[entry["name"]]).hexdigest() == entry["sha256"]
            assert len(contents[entry["name"]]) == entry["size"]
            if "/uit/" in entry["name"]:
                left = Path(entry["name"]).stem
                assert sent[left] == contents[entry["name"]]
        assert json.loads(contents[f"{regel['inbox']}/oordeel.json"])["verdict"] == regel["verdict"]
    assert b"TR338" in contents["5/bevindingen.jsonl"]
    assert 0o600 == path.stat().st_mode & 0o777
    assert [] == [one.name for one in path.parent.iterdir() if one.name.endswith(".tmp")]
    # The assignment stands, and a next one of this client is made from its message.
    assert {1} == _bytes_in_store(tmp_path)
    assert facts == counted(tmp_path)
    assert 0 == run(["status", "--store", store_of(tmp_path)])
    assert 0 == run(["ledger", "check", "--store", store_of(tmp_path)])


def test_a_repeat_of_an_archived_message_gets_its_first_answer(uit: Uit, tmp_path: Path) -> None:
    assert 0 == _make(tmp_path)
    options = ("--store", store_of(tmp_path))
    again = process(tmp_path / "uit", *familie(tmp_path / "nog"), options=options)
    assert ["duplicate"] * 4 == again.verdicts
    sent = [body for _, soort, body in uit.delivered if soort == "antwoord"]
    assert 3 == len(again.answers)
    assert all(body in sent for body in again.answers.values())


def test_archiving_again_does_nothing(
    uit: Uit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == _make(tmp_path)
    before = (tmp_path / "archief" / FILE).read_bytes()
    capsys.readouterr()
    assert 0 == _make(tmp_path)
    assert "0 berichten van voor 2026-06-01 naar een archief" in capsys.readouterr().out
    assert before == (tmp_path / "archief" / FILE).read_bytes()
    assert 1 == len(list((tmp_path / "archief").glob("*.zip")))


def test_the_bytes_of_an_event_go_and_of_an_answer_stay(uit: Uit, tmp_path: Path) -> None:
    query = (
        "SELECT o.soort, count(*) FROM outbox o JOIN outbox_stuk s ON s.outbox_id = o.id "
        "WHERE o.inbox_id > 1 AND o.soort <> 'werk' GROUP BY o.soort ORDER BY o.soort"
    )
    assert [("antwoord", 4), ("event", 4)] == rows_of(tmp_path, query)
    assert 0 == _make(tmp_path)
    assert [("antwoord", 4)] == rows_of(tmp_path, query)


@pytest.mark.parametrize("clock", ["2026-05-31", "2026-07-31"])
def test_what_is_not_old_enough_stays(clock: str, uit: Uit, tmp_path: Path) -> None:
    assert 0 == _make(tmp_path, "--clock", clock, "--older-than", "3")
    assert {1, 2, 3, 4, 5} == _bytes_in_store(tmp_path)
    assert [] == list((tmp_path / "archief").glob("*.zip"))


def test_what_did_not_end_or_was_not_sent_stays(tmp_path: Path, store: SqlStore) -> None:
    settled(store, lambda work: work.add_answer("0193", answer()))
    parked = taken(store, 1)
    store.inbox.park(parked.inbox_id, "fout", parked.token)
    taken(store, 2, sender="87654321")
    store.inbox.receive("3.xml", [message(3)])
    assert 0 == _make(tmp_path)
    assert {1, 2, 3, 4} == _bytes_in_store(tmp_path)
    for item in store.outbox.due(["antwoord"]):
        store.outbox.sent([item])
    assert 0 == _make(tmp_path)
    assert {2, 3, 4} == _bytes_in_store(tmp_path)


def test_an_event_that_nobody_took_waits_by_itself(tmp_path: Path, store: SqlStore) -> None:
    settled(store, lambda work: work.add_event("bericht-accepted", "0193", {"x": 1}))
    assert 0 == _make(tmp_path)
    assert set() == _bytes_in_store(tmp_path)
    (item,) = store.outbox.due(["event"])
    assert {"x": 1} == json.loads(b"".join(item.body))["data"]


def test_a_request_that_is_open_stays(tmp_path: Path, store: SqlStore) -> None:
    settled(store, lambda work: work.add_event("bericht-accepted", "0193", {}))
    for item in store.outbox.due(["event"]):
        store.outbox.sent([item])
    altered(
        tmp_path,
        "INSERT INTO partij (gemeente, wet, aanbieder) VALUES ('0193', 'jeugdwet', '1'); "
        "INSERT INTO verzoek (partij_id, inbox_id, soort, referentie_aanbieder, bsn, bsn_hash, "
        "toewijzingnummers, dagtekening, ontvangen_op, termijn, staat, onderzocht, van_volgnr) "
        "SELECT max(id), 1, '315', 'R', '999900006', '', '', '2026-05-01', '2026-05-01', "
        "'2026-05-01', 'in onderzoek', 1, 1 FROM partij",
    )
    assert 0 == _make(tmp_path)
    assert {1} == _bytes_in_store(tmp_path)
    altered(tmp_path, "UPDATE verzoek SET tot_volgnr = 2")
    assert 0 == _make(tmp_path)
    assert set() == _bytes_in_store(tmp_path)


def test_each_municipality_and_month_has_its_own_files_of_a_limited_size(
    tmp_path: Path, store: SqlStore, klok: Klok, monkeypatch: pytest.MonkeyPatch
) -> None:
    for gemeente in ("0193", "0150", "../x"):
        for _ in range(3 if gemeente == "0193" else 1):
            settled(store, lambda _: None, _of(gemeente))
    klok.move(40 * 86400)
    settled(store, lambda _: None, _of("0193"))
    limited = gateway.store.archief._OF_MAAND.limit(2)
    monkeypatch.setattr(gateway.store.archief, "_OF_MAAND", limited)
    assert 0 == _make(tmp_path, "--clock", "2027-01-01", "--older-than", "1")
    found = {path.name: len(_manifest(path)) for path in (tmp_path / "archief").glob("*.zip")}
    assert {
        "0150-2026-05-001.zip": 1,
        "0193-2026-05-001.zip": 2,
        "0193-2026-05-002.zip": 1,
        "0193-2026-06-001.zip": 1,
        "zonder-2026-05-001.zip": 1,
    } == found
    assert set() == _bytes_in_store(tmp_path)
    assert 0 == _verify(tmp_path)


def _of(gemeente: str) -> Any:
    return type(ACCEPTED)(
        **{name: getattr(ACCEPTED, name) for name in ("verdict", "berichttype", "wet")},
        gemeente=gemeente,
    )


def test_a_file_stops_growing_after_so_many_bytes(
    tmp_path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        settled(store, lambda _: None)
    monkeypatch.setattr(gateway.store.archief, "MOST_BYTES", 1)
    assert 0 == _make(tmp_path)
    assert 3 == len(list((tmp_path / "archief").glob("*.zip")))


def test_a_large_message_comes_whole(tmp_path: Path, store: SqlStore) -> None:
    body = [bytes([number]) * PIECE for number in range(3)] + [b"einde"]
    intake = store.inbox.receive("groot.xml", body)
    claim = store.inbox.claim(intake.inbox_id)
    assert claim is not None
    finish(store, claim)
    assert 0 == _make(tmp_path)
    assert b"".join(body) == _contents(tmp_path / "archief" / FILE)["1/bericht.xml"]


# ---- stops in between --------------------------------------------------------------------------


def _stop(*_: object, **__: object) -> Any:
    raise TemporaryFailure("de stekker ging eruit")


def _stop_after_writing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gateway.store.archief, "problems", _stop)


def _stop_while_writing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Archief, "_judgement", _stop)


def _stop_before_removing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Archief, "_remove", _stop)


def _stop_before_a_file(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Archief, "_next", _stop)


def _stop_while_removing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gateway.store.archief, "REMOVED_AT_ONCE", 2)
    real = gateway.store.archief._naam_of
    met: list[int] = []

    def naam_of(entry: Any) -> str | None:
        met.append(int(entry.name.split("/")[0]))
        return _stop() if met[-1] == 4 else real(entry)

    patch.setattr(gateway.store.archief, "_naam_of", naam_of)


@pytest.mark.parametrize(
    ("stop", "left"),
    [
        (_stop_before_a_file, {1, 2, 3, 4, 5}),
        (_stop_while_writing, {1, 2, 3, 4, 5}),
        (_stop_after_writing, {1, 2, 3, 4, 5}),
        (_stop_before_removing, {1, 2, 3, 4, 5}),
        (_stop_while_removing, {1, 4, 5}),
    ],
)
def test_after_a_stop_it_goes_on_and_nothing_is_lost(
    stop: Callable[[pytest.MonkeyPatch], None],
    left: set[int],
    uit: Uit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        stop(broken)
        assert 3 == _make(tmp_path)
    assert left == _bytes_in_store(tmp_path)
    assert 0 == _make(tmp_path)
    assert {1} == _bytes_in_store(tmp_path)
    path = tmp_path / "archief" / FILE
    assert [2, 3, 4, 5] == [one["inbox"] for one in _manifest(path)]
    assert [path.name] == [one.name for one in path.parent.glob("*.zip")]
    assert 0 == _verify(tmp_path)


def test_after_a_kill_every_message_is_in_the_store_or_in_an_archive(
    tmp_path: Path, store: SqlStore
) -> None:
    bodies: dict[int, bytes] = {}
    for number in range(60):
        claim = settled(store, lambda _: None, _of(f"{number % 12:04}"))
        bodies[claim.inbox_id] = b"".join(store.pieces(claim.inbox_id))
    out = tmp_path / "archief"
    arguments = ["archive", "make", "--out", str(out), *LATER, "--store", store_of(tmp_path)]
    going = subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments], cwd=PROJECT, env=own_environment({})
    )
    comes_true(lambda: len(list(out.glob("*.zip"))) > 3, 30)
    going.kill()
    going.wait()
    archived = {
        int(name.split("/")[0]): body
        for path in out.glob("*.zip")
        for name, body in _contents(path).items()
        if name.endswith("/bericht.xml")
    }
    kept = {one: b"".join(store.pieces(one)) for one in _bytes_in_store(tmp_path)}
    assert bodies == archived | kept
    assert 0 == _make(tmp_path)
    assert set() == _bytes_in_store(tmp_path)
    assert 60 == sum(len(_manifest(path)) for path in out.glob("*.zip"))
    assert 0 == _verify(tmp_path)


def test_nothing_is_removed_when_the_file_is_not_what_it_was(
    uit: Uit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as broken:
        _stop_before_removing(broken)
        assert 3 == _make(tmp_path)
    path = tmp_path / "archief" / FILE
    path.write_bytes(path.read_bytes() + b"x")
    capsys.readouterr()
    assert 3 == _make(tmp_path)
    assert "weg of veranderd" in sentence(capsys.readouterr().err)
    assert {1, 2, 3, 4, 5} == _bytes_in_store(tmp_path)


def test_bytes_that_do_not_fit_what_the_inbox_knows_are_never_removed(
    uit: Uit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered(tmp_path, "UPDATE inbox SET sha256 = 'anders' WHERE id = 3")
    capsys.readouterr()
    assert 3 == _make(tmp_path)
    told = sentence(capsys.readouterr().err)
    assert "bericht 3 is niet het bericht dat binnenkwam; er is niets gewist" in told
    assert {1, 2, 3, 4, 5} == _bytes_in_store(tmp_path)


# ---- reading back ------------------------------------------------------------------------------


@pytest.fixture
def archive(uit: Uit, tmp_path: Path) -> Path:
    assert 0 == _make(tmp_path)
    return tmp_path / "archief" / FILE


def _rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    contents = _contents(path)
    change(contents)
    with zipfile.ZipFile(path, "w") as changed:
        for name, body in contents.items():
            changed.writestr(name, body)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update({"3/bericht.xml": b"<a/>"}), "3/bericht.xml is veranderd"),
        (lambda c: c.pop("3/oordeel.json"), "3/oordeel.json ontbreekt"),
        (lambda c: c.update({"9/x": b""}), "9/x staat niet in het manifest"),
        (lambda c: c.pop("manifest.jsonl"), "is geen archief, of is beschadigd"),
    ],
)
def test_a_changed_archive_is_told(
    change: Callable[[dict[str, bytes]], object],
    told: str,
    archive: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert 0 == run(["archive", "verify", str(archive)])
    assert f"{archive}: in orde\n" == capsys.readouterr().out
    _rewritten(archive, change)
    assert 1 == run(["archive", "verify", str(archive)])
    assert f"{archive}: {told}" in capsys.readouterr().out


def test_every_byte_counts(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo("3/bericht.xml")
    place = info.header_offset + 120
    archive.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    assert 1 == run(["archive", "verify", str(archive)])


def test_the_store_knows_its_archives(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == _verify(tmp_path)
    _rewritten(archive, lambda _: None)
    capsys.readouterr()
    assert 1 == _verify(tmp_path)
    assert "is niet het bestand dat de opslag kent" in capsys.readouterr().out
    archive.unlink()
    assert 1 == _verify(tmp_path)
    assert f"{archive}: is er niet (meer)\n" == capsys.readouterr().out


def test_an_archive_shows_its_messages_and_gives_one_back(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert 0 == run(["archive", "show", str(archive)])
    shown = capsys.readouterr().out
    assert 4 == shown.count("2026-05-04")
    assert "rood.xml" in shown
    assert 0 == run(["archive", "show", str(archive), "2", "--store", store_of(tmp_path)])
    assert made("JW305").decode() == capsys.readouterr().out
    seen = [("bericht uit archief bekijken", "0193")]
    assert seen == rows_of(tmp_path, "SELECT name, gemeente FROM verwerking WHERE betrokkene <> ''")
    assert 2 == run(["archive", "show", str(archive), "99"])
    assert "bericht 99 staat niet in dit archief" in sentence(capsys.readouterr().err)


def test_a_file_that_is_no_archive_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.zip").write_bytes(b"geen zip")
    assert 3 == run(["archive", "show", str(tmp_path / "a.zip")])
    assert "is geen archief" in sentence(capsys.readouterr().err)
    assert 2 == run(["archive", "verify", str(tmp_path / "b.zip")])
    assert "niet te lezen" in sentence(capsys.readouterr().err)


def test_who_asks_for_an_archived_message_hears_where_it_is(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], store: SqlStore
) -> None:
    capsys.readouterr()
    # Line 1 was granted without a word, so that its receipt is made again from the message.
    assert 3 == run(["explain", "D202503", "2025-03-001", "--store", store_of(tmp_path)])
    told = sentence(capsys.readouterr().err)
    assert told == f"bericht 3 staat in archief {FILE} en niet meer in de opslag"
    with pytest.raises(Gearchiveerd):
        store.message(3)
    assert made("JW301") == b"".join(store.message(1))
    assert 0 == run(["explain", "D9", "9-1", "--store", store_of(tmp_path)])
    assert 1 == run(["causes", "--json", "--store", store_of(tmp_path)])


def test_a_cause_of_an_archived_message_can_be_looked_at(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert 1 == run(["causes", "--json", "--store", store_of(tmp_path)])
    causes = json.loads(capsys.readouterr().out)["causes"]
    (kenmerk,) = (one["id"] for one in causes if one["rule"] == "TR338")
    told = run(["causes", kenmerk, "--preview", "--json", "--store", store_of(tmp_path)])
    assert 1 == told
    assert {"blijft"} == {one["now"] for one in json.loads(capsys.readouterr().out)["lines"]}


# ---- what was asked ----------------------------------------------------------------------------


def test_nothing_is_archived_unless_somebody_said_when_and_where(
    uit: Uit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["archive", "make", "--store", store_of(tmp_path), "--clock", "2026-09-01"]
    capsys.readouterr()
    assert 2 == run(arguments)
    assert "GATEWAY_ARCHIEF" in sentence(capsys.readouterr().err)
    monkeypatch.setenv("GATEWAY_ARCHIEF", str(tmp_path / "archief"))
    assert 2 == run(arguments)
    assert "GATEWAY_ARCHIEF_NA" in sentence(capsys.readouterr().err)
    assert {1, 2, 3, 4, 5} == _bytes_in_store(tmp_path)
    monkeypatch.setenv("GATEWAY_ARCHIEF_NA", "3")
    assert 0 == run(arguments)
    assert {1} == _bytes_in_store(tmp_path)


def test_two_at_once_is_one_too_many(
    uit: Uit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "archief").mkdir()
    with gateway.cli.archive.owned(tmp_path / "archief"):
        assert 3 == _make(tmp_path)
    assert "al in gebruik" in sentence(capsys.readouterr().err)


def test_a_folder_that_cannot_be_made_is_told(
    uit: Uit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "archief").write_text("een bestand")
    capsys.readouterr()
    assert 3 == _make(tmp_path)
    assert "niet te maken" in sentence(capsys.readouterr().err)


def test_a_disk_that_is_full_removes_nothing(
    uit: Uit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: SqlStore
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.store.archiefbestand.os.fsync", full)
    store.archief.point_out(datetime(2026, 9, 1, tzinfo=UTC))
    (tmp_path / "archief").mkdir()
    with pytest.raises(CouldNotFinish, match="niet te schrijven"):
        _exhaust(store.archief.run(tmp_path / "archief"))
    assert {1, 2, 3, 4, 5} == _bytes_in_store(tmp_path)


def _exhaust(waiting: Iterator[object]) -> None:
    for _ in waiting:
        pass


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ((2026, 5, 4), 1, "2026-04-01"),
        ((2026, 5, 31), 3, "2026-02-01"),
        ((2026, 1, 31), 1, "2025-12-01"),
        ((2026, 3, 1), 3, "2025-12-01"),
        ((2026, 12, 31), 12, "2025-12-01"),
        ((2026, 12, 1), 24, "2024-12-01"),
    ],
)
def test_months_are_counted_whole(now: tuple[int, int, int], months: int, expected: str) -> None:
    found = _begin_of_month(datetime(*now, 12, tzinfo=UTC), months)
    assert f"{expected}T00:00:00" == found.isoformat()[:19]
