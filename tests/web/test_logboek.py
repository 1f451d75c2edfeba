"""The log of processing: a chain that shows every change, and pages for who watches over it."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.store.engine import Conflict, TemporaryFailure
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.store.toegang.controle import controleer
from gateway.store.toegang.logboek import Betrokkene, Handeling, hash_of_row
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.opslag import altered, is_sqlite, rows_of, store_of
from tests.web.huis import KAMPEN, SPOOR, ZWOLLE, Huis, Klok, huis

BSN = "999900006"


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def store(opslag: None, tmp_path: Path, klok: Klok):  # type: ignore[no-untyped-def]
    opened = open_store(store_of(tmp_path), klok, StoreOptions(codes={}, rol="gemeente"))
    yield opened
    opened.close()


def act(naam: str = "regel inzien", **given: object) -> Handeling:
    made = {"soort": "R", "spoor": SPOOR, "begin": 1, "einde": 2, "wie": "lezer", **given}
    return Handeling(naam=naam, **made)  # type: ignore[arg-type]


def filled(store: SqlStore, klok: Klok) -> None:
    """Seven rows on two days."""
    two = (Betrokkene(ZWOLLE, "a" * 32), Betrokkene(ZWOLLE, "b" * 32))
    for _ in range(2):
        store.logboek.write(act(betrokkenen=two, gemeente=ZWOLLE))
        klok.later(days=1)
    store.logboek.write(act("inloggen", soort="E"))


def test_one_row_per_client_as_children_of_the_act(store: SqlStore, klok: Klok) -> None:
    filled(store, klok)
    rows = list(store.logboek.rows())
    assert 7 == len(rows)
    parent, first, second = rows[:3]
    assert (None, None) == (parent["parent_span_id"], parent["betrokkene"])
    assert {parent["span_id"]} == {first["parent_span_id"], second["parent_span_id"]}
    assert 3 == len({parent["span_id"], first["span_id"], second["span_id"]})
    told = json.loads(first["attributes"])
    assert ("a" * 32, "BSN") == (
        told["dpl.core.data_subject_id"],
        told["dpl.core.data_subject_id_type"],
    )
    assert "lezer" == told["dpl.nen7513.users"][0]["userID"]


def test_a_whole_log_is_found_whole(store: SqlStore, klok: Klok) -> None:
    filled(store, klok)
    found = controleer(store.logboek)
    *_, last = store.logboek.rows()
    assert (7, last["hash"], None) == (found.regels, found.hash, found.breuk)
    second = controleer(store.logboek, klok().date() - timedelta(days=1))
    assert (3, None) == (second.regels, second.breuk)


def test_the_database_itself_keeps_rows_as_they_are(store: SqlStore, klok: Klok) -> None:
    filled(store, klok)
    for statement in ("UPDATE verwerking SET wie = 'x'", "DELETE FROM verwerking"):
        with (
            pytest.raises((Conflict, TemporaryFailure)),
            store.database.writing(ALLE) as connection,
        ):
            connection.exec_driver_sql(statement)


DAMAGE = {
    "een ander": "UPDATE verwerking SET wie = 'ander' WHERE dag = '2026-11-28' AND nr = 2",
    "een dag": "DELETE FROM verwerking WHERE dag = '2026-11-27'",
    "een regel": "DELETE FROM verwerking WHERE dag = '2026-11-28' AND nr = 1",
    "de eerste": "DELETE FROM verwerking WHERE dag = '2026-11-27' AND nr = 1",
}
WHERE = {
    "een ander": "dag 2026-11-28, regel 2: deze regel is veranderd",
    "een dag": "dag 2026-11-28, regel 1: hiervoor is iets weggehaald of veranderd",
    "een regel": "dag 2026-11-28, regel 2: hiervoor is iets weggehaald of veranderd",
    "de eerste": "dag 2026-11-27, regel 2: hiervoor is iets weggehaald of veranderd",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_change_past_the_guard_is_found_and_named(
    store: SqlStore, klok: Klok, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(store, klok)
    guards = "DROP TRIGGER verwerking_blijft_update; DROP TRIGGER verwerking_blijft_delete;"
    altered(tmp_path, f"{guards if is_sqlite() else ''} {DAMAGE[damage]}")
    assert 1 == run(["audit", "verify", "--store", store_of(tmp_path)])
    assert f"het logboek klopt niet: {WHERE[damage]}\n" == capsys.readouterr().out


def test_a_row_that_was_put_in_with_a_right_hash_is_found_too(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    filled(store, klok)
    row = dict(list(store.logboek.rows())[2])
    forged = {**row, "nr": 4, "vorige": row["hash"]}
    forged["hash"] = hash_of_row(forged)
    names = ", ".join(forged)
    marks = ", ".join("?" for _ in forged)
    altered(tmp_path, f"INSERT INTO verwerking ({names}) VALUES ({marks})", *_plain(forged))
    assert "dag 2026-11-28, regel 1" in (controleer(store.logboek).breuk or "")


def _plain(row: dict[str, object]) -> list[object]:
    return [value.isoformat() if isinstance(value, date) else value for value in row.values()]


def test_writers_at_once_make_one_chain(store: SqlStore) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.logboek.write(act()), range(80)))
    found = controleer(store.logboek)
    assert (80, None) == (found.regels, found.breuk)


def test_a_clock_that_was_put_back_breaks_nothing(store: SqlStore, klok: Klok) -> None:
    filled(store, klok)
    klok.later(days=-5)
    store.logboek.write(act())
    assert None is controleer(store.logboek).breuk


def test_the_log_goes_out_as_json_lines(
    store: SqlStore, klok: Klok, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(store, klok)
    url = store_of(tmp_path)
    assert 0 == run(["audit", "export", "--tot", "2026-11-27", "--store", url])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ["2026-11-27"] * 3 == [row["dag"] for row in rows]
    told = [row["attributes"]["dpl.nen7513.eventTypeCode"] for row in rows]
    assert ["R"] * 3 == told


def test_who_saw_a_client_is_told_for_a_bsn_that_is_no_argument(
    store: SqlStore,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from io import StringIO

    seen = Betrokkene(ZWOLLE, store.fingerprint(BSN))
    store.logboek.write(act(betrokkenen=(seen,), weergave="Lies Lezer", doel="vraag"))
    monkeypatch.setattr("sys.stdin", StringIO(f"{BSN}\n"))
    assert 0 == run(["audit", "wie", "--doel", "verzoek", "--store", store_of(tmp_path)])
    told = capsys.readouterr().out
    assert "Lies Lezer" in told
    assert BSN not in told
    kept = rows_of(tmp_path, "SELECT name, attributes FROM verwerking ORDER BY dag, nr")
    assert "inzage in logboek" == kept[-1][0]
    assert BSN not in repr(kept)
    monkeypatch.setattr("sys.stdin", StringIO("123\n"))
    assert 2 == run(["audit", "wie", "--doel", "verzoek", "--store", store_of(tmp_path)])


def test_who_saw_a_client_is_told_for_the_days_that_are_asked(
    store: SqlStore,
    klok: Klok,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from io import StringIO

    seen = Betrokkene(ZWOLLE, store.fingerprint(BSN))
    store.logboek.write(act(betrokkenen=(seen,), weergave="Lies Lezer", doel="vraag"))
    day = klok().date()
    for since, till, expected in (
        (day, day, True),
        (day + timedelta(1), day + timedelta(9), False),
        (day - timedelta(9), day - timedelta(1), False),
    ):
        monkeypatch.setattr("sys.stdin", StringIO(f"{BSN}\n"))
        asked = ["--doel", "verzoek", "--vanaf", str(since), "--tot", str(till)]
        assert 0 == run(["audit", "wie", *asked, "--store", store_of(tmp_path)])
        assert expected == ("Lies Lezer" in capsys.readouterr().out)


@pytest.mark.usefixtures("opslag")
def test_an_auditor_reads_on_page_by_page(tmp_path: Path) -> None:
    with huis(tmp_path) as made:
        made.maak("auditor", {ALLE: {Rol.AUDITOR}})
        for number in range(120):
            made.store.logboek.write(act(f"handeling {number}"))
        visitor = made.bezoeker("auditor")
        page, seen = visitor.get("/logboek"), []
        while True:
            seen += [
                n
                for n in range(120)
                if f'<td class="utrecht-table__cell">handeling {n}<' in page.text
            ]
            if 'rel="next"' not in page.text:
                break
            start = page.text.index('href="/logboek?na=') + 6
            page = visitor.get(page.text[start : page.text.index('"', start)])
        assert list(range(120)) == sorted(seen)


@pytest.mark.usefixtures("opslag")
def test_an_auditor_of_one_place_sees_that_place(tmp_path: Path) -> None:
    with huis(tmp_path) as made:
        made.maak("auditor", {ZWOLLE: {Rol.AUDITOR}})
        made.store.logboek.write(act("hier", betrokkenen=(Betrokkene(ZWOLLE, "a" * 32),)))
        made.store.logboek.write(act("daar", betrokkenen=(Betrokkene(KAMPEN, "a" * 32),)))
        made.store.logboek.write(act("nergens"))
        text = made.bezoeker("auditor").get("/logboek").text
        assert [True, False, False] == [f">{naam}<" in text for naam in ("hier", "daar", "nergens")]


def test_the_report_of_one_client_asks_why(web: Huis) -> None:
    web.store.logboek.write(
        act("iets inzien", betrokkenen=(Betrokkene(ZWOLLE, web.store.fingerprint(BSN)),))
    )
    visitor = web.bezoeker("auditor")
    visitor.get("/logboek/inzage")
    refused = visitor.post("/logboek/inzage", {"bsn": BSN, "reden": ""})
    assert (422, True) == (refused.status_code, "Vul in waarom" in refused.text)
    found = visitor.post("/logboek/inzage", {"bsn": BSN, "reden": "verzoek van de cliënt"})
    assert (200, True, False) == (found.status_code, "iets inzien" in found.text, BSN in found.text)
    *_, last = web.store.logboek.rows()
    assert web.store.fingerprint(BSN) == last["betrokkene"]
    assert "verzoek van de cliënt" in last["attributes"]
    assert 422 == visitor.post("/logboek/inzage", {"bsn": "123", "reden": "iets"}).status_code
