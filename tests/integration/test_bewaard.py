"""What the store keeps of a judgement: receipts that end with it, and knowledge, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.pipeline.grondslag import grondslag_of
from gateway.store import declaraties
from gateway.store.store import SqlStore
from tests.integration.berichten import made, process, run, sentence, write
from tests.integration.store_builders import Klok, declared, finish, line, new_store, taken
from tests.integration.test_explain import AGREEMENT
from tests.integration.test_hold import BESLUIT, HOLD, Huis
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
FIRST, SECOND = (grondslag_of([("a.toml", text)], []) for text in (b"1", b"2"))


def counted(folder: Path, query: str) -> list[tuple[object, ...]]:
    return rows_of(folder, query)


def test_a_later_judgement_puts_its_receipts_in_the_place_of_the_earlier_ones(
    tmp_path: Path,
) -> None:
    huis = Huis(tmp_path, HOLD)
    try:
        huis.take(made("JW301"), made("JW323"))
        huis.at(BESLUIT)
        store = huis.installation.store
        claim = store.views.claim_of(2)
        assert claim is not None
        assert claim.ontheven
    finally:
        huis.installation.close()
    query = "SELECT regelnr, van_volgnr, tot_volgnr FROM bewijs ORDER BY id"
    assert [(1, 2, 3), (2, 2, 3), (1, 3, None), (2, 3, None)] == counted(tmp_path, query)


def test_a_hold_that_was_lifted_stays_lifted_when_it_is_judged_again(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.inlezen.read_beleid", lambda *_: {"0193": HOLD})
    huis = Huis(tmp_path, HOLD)
    try:
        huis.take(made("JW301"), made("JW323"))
        huis.at(BESLUIT)
    finally:
        huis.installation.close()
    arguments = ["D202503", "2025-03-001", "--store", store_of(tmp_path)]
    capsys.readouterr()
    assert 0 == run(["explain", *arguments])
    kept = capsys.readouterr().out
    assert '"oordeel": "toegekend"' in kept
    (tmp_path / "bewijs.json").write_text(kept, encoding="utf-8")
    verify = ["--verify", str(tmp_path / "bewijs.json"), "--store", store_of(tmp_path)]
    assert 0 == run(["explain", *verify])


def test_knowledge_is_kept_once_per_content(store: SqlStore, tmp_path: Path) -> None:
    for number, grondslag in enumerate([FIRST, FIRST, SECOND, FIRST]):
        claim = taken(store, number)
        finish(store, claim, lambda work, known=grondslag: work.judged_with(known))
        assert grondslag.hash == store.bewaard.kennis_of(claim.inbox_id)
    assert [FIRST, SECOND] == [store.bewaard.grondslag(one.hash) for one in (FIRST, SECOND)]
    assert [(2,)] == counted(tmp_path, "SELECT count(*) FROM kennis")


def test_knowledge_of_a_judgement_that_was_undone_is_kept_by_the_next(
    store: SqlStore, klok: Klok
) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.judged_with(FIRST)
    assert store.bewaard.grondslag(FIRST.hash) is None
    finish(store, claim, lambda work: work.judged_with(FIRST))
    assert FIRST == store.bewaard.grondslag(FIRST.hash)


def test_another_process_may_keep_the_same_knowledge(tmp_path: Path, klok: Klok) -> None:
    for number in range(2):
        opened = new_store(tmp_path, klok)
        finish(opened, taken(opened, number), lambda work: work.judged_with(FIRST))
        opened.close()
    assert [(1,)] == counted(tmp_path, "SELECT count(*) FROM kennis")


def test_messages_are_read_back_in_groups_whatever_their_size(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [1, 4, 2, 9, 1, 1, 3]
    for number, size in enumerate(sizes):
        declared(store, [line(n + 1) for n in range(size)], nummer=f"D{number}")
    year = date(2026, 1, 1), date(2026, 12, 31)
    for chunk, at_once in ((1, 2), (3, 500), (2_000, 1)):
        monkeypatch.setattr(declaraties, "CHUNK", chunk)
        monkeypatch.setattr(declaraties, "AT_ONCE", at_once)
        found = [one for group in store.declaraties.judged(*year) for one in group]
        numbers = [one.declaratie.declaratienummer for one in found]
        assert [f"D{n}" for n in range(len(sizes))] == numbers
        read = [[p.volgnr for part in one.regels for p in part] for one in found]
        assert [list(range(1, size + 1)) for size in sizes] == read
        assert all(len(part) <= max(chunk, 1) for one in found[3:4] for part in one.regels)
    assert len(sizes) == store.declaraties.count(*year)
    assert 0 == store.declaraties.count(date(2025, 1, 1), date(2025, 12, 31))


def test_kept_agreements_that_this_version_refuses_are_told(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW305"), c=made("JW323"))
    options = ("--store", store_of(tmp_path), "--agreements", str(tmp_path / "proef.toml"))
    process(tmp_path / "out", *paths, options=options)
    refused = grondslag_of([("proef.toml", b"onzin")], [])
    opened = new_store(tmp_path, Klok())
    finish(opened, taken(opened, 99), lambda work: work.judged_with(refused))
    opened.close()
    altered(tmp_path, "UPDATE inbox SET kennis = ?", refused.hash)
    altered(tmp_path, "DELETE FROM bewijs")
    arguments = ["D202503", "2025-03-001", "--store", store_of(tmp_path)]
    assert 3 == run(["explain", *arguments])
    told = sentence(capsys.readouterr().err)
    assert "bewaard bij het oordeel, nu geweigerd: proef.toml" in told
