"""A stored invoice judged again comes to the same, from its bytes and from its stored lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.config import read_settings
from gateway.deviations.receipt import unpack
from gateway.inlezen import load_codes
from gateway.kennisbron import Kennisbron
from gateway.pipeline import lezing, spool
from gateway.pipeline.beoordeling import Deel
from gateway.pipeline.herbeoordeling import bewijs_of, judged_again
from gateway.pipeline.lezing import lezing_of
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.replay import judged
from gateway.records.masker import mask
from gateway.store import declaraties
from gateway.store.store import SqlStore, StoreOptions, open_store
from tests.integration.berichten import read_once
from tests.integration.streek import Streek, handled
from tests.opslag import POSTGRESQL, SQLITE, running

JAAR = (date(2026, 1, 1), date(2026, 12, 31))
# A finding as far as a stored line can tell it: its place in the message is not kept there.
Gevonden = tuple[str, str | None, str, int | None, str]
Regel = tuple[int, tuple[str, ...]]


# Each database has a region of its own.
SEEDS = {SQLITE: 7, POSTGRESQL: 41}
REGELS = 600


@pytest.fixture(scope="module")
def streek(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Streek:
    return handled(tmp_path_factory.mktemp("streek"), SEEDS[running()], REGELS)


@pytest.fixture
def store(streek: Streek) -> Iterator[SqlStore]:
    options = StoreOptions(codes=load_codes(read_settings({})), updates=False)
    opened = open_store(streek.store, lambda: datetime.now(UTC), options)
    yield opened
    opened.close()


@pytest.fixture
def bron(store: SqlStore) -> Kennisbron:
    with read_once():
        return Kennisbron(read_settings({}), store.bewaard)


def stored(store: SqlStore) -> list[Beoordeeld]:
    return [one for group in store.declaraties.judged(*JAAR) for one in group]


def regels(delen: list[Deel]) -> list[Regel]:
    return [(line.volgnr, deel.codes.get(line.volgnr, ())) for deel in delen for line in deel.lines]


def gevonden(delen: list[Deel]) -> list[Gevonden]:
    return [
        (one.rule, one.retourcode, one.effect, one.regelnr, one.text)
        for deel in delen
        for one in deel.findings
    ]


def from_bytes(store: SqlStore, bron: Kennisbron, one: Beoordeeld) -> list[Deel]:
    with judged_again(store, one.claim, bron.of(one.kennis), one.kennis) as opnieuw:
        assert opnieuw.refused() is None
        return list(opnieuw.delen())


def from_rows(store: SqlStore, bron: Kennisbron, one: Beoordeeld) -> list[Deel]:
    read = lezing_of(one.header, one.declaratie, one.regels)
    with closing(read), store.reading() as facts_of:
        return list(judged(one, bron.of(one.kennis), read, facts_of(one.claim)))


def test_judged_again_every_line_gets_the_codes_that_were_stored(
    store: SqlStore, bron: Kennisbron
) -> None:
    berichten = stored(store)
    assert len(berichten) > 5
    assert any(line.retourcodes for one in berichten for part in one.regels for line in part)
    for one in berichten:
        expected = [(line.volgnr, line.retourcodes) for part in one.regels for line in part]
        assert expected == regels(from_bytes(store, bron, one))


def test_judged_again_every_line_gets_the_findings_that_were_stored(
    store: SqlStore, bron: Kennisbron
) -> None:
    for one in stored(store):
        expected = [f for f in store.views.findings(one.claim.inbox_id) if f.regelnr is not None]
        again = [f for deel in from_bytes(store, bron, one) for f in deel.findings]
        assert [(f.rule, f.pad, f.text, f.effect) for f in expected] == [
            (f.rule, mask(f.pad), mask(f.text), f.effect) for f in again
        ]


@pytest.mark.parametrize("chunk", [3, spool.CHUNK])
def test_stored_lines_are_judged_as_the_bytes_are(
    chunk: int, store: SqlStore, bron: Kennisbron, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (spool, lezing, declaraties):
        monkeypatch.setattr(module, "CHUNK", chunk)
    for one in stored(store):
        expected, again = from_bytes(store, bron, one), from_rows(store, bron, one)
        assert regels(expected) == regels(again)
        assert sorted(gevonden(expected), key=repr) == sorted(gevonden(again), key=repr)


def test_a_receipt_that_was_kept_is_the_one_that_judging_again_gives(
    store: SqlStore, bron: Kennisbron, streek: Streek
) -> None:
    kept = streek.rows("SELECT inbox_id, regelnr, document FROM bewijs WHERE tot_volgnr IS NULL")
    assert kept
    for inbox_id, regelnr, packed in kept[:40]:
        claim = store.views.claim_of(inbox_id)
        assert claim is not None
        sleutel = store.bewaard.kennis_of(inbox_id)
        with judged_again(store, claim, bron.of(sleutel), sleutel) as opnieuw:
            assert unpack(packed) == bewijs_of(opnieuw, regelnr)


def test_receipts_are_kept_of_just_the_lines_that_were_rejected_or_flagged(streek: Streek) -> None:
    expected = streek.rows(
        "SELECT DISTINCT inbox_id, regelnr FROM bevinding WHERE regelnr IS NOT NULL "
        "AND inbox_id IN (SELECT inbox_id FROM declaratie) UNION "
        "SELECT d.inbox_id, p.volgnr FROM prestatie p JOIN declaratie d ON d.id = p.declaratie_id "
        "WHERE p.toegekend = 0 ORDER BY 1, 2"
    )
    found = streek.rows("SELECT inbox_id, regelnr FROM bewijs ORDER BY 1, 2")
    assert expected == found


def test_what_was_judged_with_is_kept_once(streek: Streek) -> None:
    (known,) = streek.rows("SELECT count(*) FROM kennis")
    assert (1,) == known
    assert [] == streek.rows(
        "SELECT id FROM inbox WHERE verdict NOT IN ('parked', 'invalid') AND kennis IS NULL"
    )


def test_the_kept_files_are_those_of_the_installation(
    store: SqlStore, streek: Streek, tmp_path: Path
) -> None:
    sleutel = store.bewaard.kennis_of(1)
    assert sleutel is not None
    grondslag = store.bewaard.grondslag(sleutel)
    assert grondslag is not None
    assert sleutel == grondslag.hash
    expected = {path.name: path.read_bytes() for path in streek.agreements.iterdir()}
    assert expected == dict(grondslag.of("overeenkomsten"))
    assert store.bewaard.grondslag("0" * 64) is None
