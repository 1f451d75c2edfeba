"""`gateway agreements index`, `compare` and `publish`: a tariff year by command."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.agreements.table import problems, read_agreement
from gateway.config import read_settings
from gateway.inlezen import kennisstand_of, load_kennis, load_lists
from gateway.kennisbron import Kennisbron
from gateway.periods.bedragen import euros
from gateway.pipeline.correctie.anders import Anders, Prijsloos, priced_otherwise
from gateway.pipeline.ports import Beoordeeld
from gateway.records.declaratie import Prestatie
from gateway.store import declaraties
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.werk import herprijzing
from gateway.werk.herprijzing import Herprijsd, Herprijsvraag, Herprijzing
from gateway.werk.wijziging import files_in_use, wijziging_of
from tests.eenmaal import read_once
from tests.integration.berichten import run, sentence
from tests.integration.streek import PERIODE, Streek, handled
from tests.integration.test_replay import TWENTE, dearer, declared, most_declared
from tests.opslag import copied

Captured = pytest.CaptureFixture[str]
Told = Callable[..., tuple[int, str, str]]
JAAR = (date(2026, 1, 1), date(2026, 12, 31))


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def eerste(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Streek:
    return handled(tmp_path_factory.mktemp("streek"), 11)


@pytest.fixture
def streek(eerste: Streek, tmp_path: Path) -> Streek:
    copied(eerste.folder, tmp_path / "eigen")
    return Streek(tmp_path / "eigen")


@pytest.fixture
def told(streek: Streek, capsys: Captured) -> Told:
    """Runs `gateway agreements`, and gives its code and what it told."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["agreements", *map(str, arguments), "--store", streek.store])
        out, err = capsys.readouterr()
        return code, out, err

    return ran


def acts(streek: Streek) -> list[str]:
    """What the log of processing tells of publishing."""
    return [
        str(attributes)
        for (attributes,) in streek.rows(
            "SELECT attributes FROM verwerking WHERE name = 'overeenkomst publiceren'"
        )
    ]


def test_an_indexed_agreement_is_good_and_compared_with_what_it_came_from(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    own, new = streek.agreements / TWENTE, tmp_path / "nieuw.toml"
    index = ("index", own, "--percentage", "4.2", "--vanaf", "2027-01-01", "--out", new)
    code, out, _ = told(*index, "--bekendgemaakt", "2026-11-01", "--versie", "2027.1")
    assert (0, True) == (code, "versie 2027.1, 30 nieuwe prijzen vanaf 2027-01-01" in out)
    assert [] == problems(new)
    code, out, _ = told("compare", own, new)
    assert 1 == code
    rows = [line.split() for line in out.splitlines()]
    assert 30 == sum(row[:1] == ["nieuw"] for row in rows)
    assert 0 == sum(row[:1] == ["anders"] for row in rows)
    assert 0 == told("compare", own, own)[0]


def test_an_indexed_agreement_is_never_written_over_a_file(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    own, new = streek.agreements / TWENTE, tmp_path / "nieuw.toml"
    new.write_text("van mij")
    index = ("index", own, "--percentage", "4.2", "--vanaf", "2027-01-01", "--out", new)
    code, _, err = told(*index)
    assert (2, "bestaat al") == (code, sentence(err)[-10:])
    assert "van mij" == new.read_text()


def test_a_price_of_the_month_changes_on_its_first_day(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    own, new = streek.agreements / TWENTE, tmp_path / "nieuw.toml"
    code, _, err = told("index", own, "--percentage", "4.2", "--vanaf", "2027-01-15", "--out", new)
    assert (2, True) == (code, "midden in een maand" in sentence(err))
    assert not new.exists()


def test_a_price_for_later_is_published_and_recorded(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    own, new = streek.agreements / TWENTE, tmp_path / "nieuw.toml"
    told("index", own, "--percentage", "4.2", "--vanaf", "2027-01-01", "--out", new)
    code, out, err = told("publish", new, "--to", streek.agreements)
    assert (0, "") == (code, err)
    assert new.read_bytes() == own.read_bytes()
    published = read_agreement(own)
    assert published.hash in out
    (act,) = acts(streek)
    assert f"{published.id} {published.versie} sha-256 {published.hash}" in act
    assert 0o644 == os.stat(own).st_mode & 0o777
    assert not list(streek.agreements.glob(".publiceren*"))
    code, out, _ = told("publish", new, "--to", streek.agreements)
    assert (0, True) == (code, "al in gebruik" in out)
    assert 1 == len(acts(streek))


def test_what_changes_the_past_is_refused_unless_it_is_meant(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    code = most_declared(streek, TWENTE, "82")
    new, price = dearer(streek, TWENTE, code, tmp_path)
    before = (streek.agreements / TWENTE).read_bytes()
    lines = streek.rows(
        "SELECT count(*), sum(ingediend_bedrag) FROM prestatie WHERE productcode = ? AND "
        "producttarief = ? AND toegekend = 1 AND debet_credit = 'D' AND tot_volgnr IS NULL",
        code,
        price,
    )
    ((count, _),) = lines
    refused, _, err = told("publish", new, "--to", streek.agreements)
    assert (2, True) == (refused, f"prijs van {count} toegekende" in sentence(err))
    assert before == (streek.agreements / TWENTE).read_bytes()
    assert [] == acts(streek)
    done, out, _ = told("publish", new, "--to", streek.agreements, "--met-terugwerkende-kracht")
    assert (0, True) == (done, f"{count} toegekende regels hebben nu" in out)
    assert new.read_bytes() == (streek.agreements / TWENTE).read_bytes()
    assert 1 == len(acts(streek))


def at_the_last_price(streek: Streek, folder: Path) -> list[str]:
    """Two products with lines that were granted at the price that `dearer` changes."""
    query = (
        "SELECT count(*) FROM prestatie "
        "WHERE productcode = ? AND producttarief = ? AND toegekend = 1"
    )
    units = ("82", "04", "01", "14", "16")
    codes = [code for unit in units for code in declared(streek, TWENTE, unit)]
    found = (
        code
        for code in codes
        if streek.rows(query, code, dearer(streek, TWENTE, code, folder)[1])[0][0]
    )
    return list(islice(found, 2))


def test_publishing_counts_what_a_repricing_lists_as_new(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    """What was due already, by an earlier change, is listed and not counted again."""
    first, second = at_the_last_price(streek, tmp_path)
    new, _ = dearer(streek, TWENTE, first, tmp_path)
    told("publish", new, "--to", streek.agreements, "--met-terugwerkende-kracht")
    new, _ = dearer(streek, TWENTE, second, tmp_path)
    asked = ("reprice", "--proposal", new, "--agreements", streek.agreements, "--json")
    code, out, _ = told(*asked)
    document = json.loads(out)
    by_this, all_of = document["doorVoorstel"], document["totaal"]
    assert (1, True) == (code, 0 < by_this["regels"] < all_of["regels"])
    refused, _, err = told("publish", new, "--to", streek.agreements)
    count = f"prijs van {by_this['regels']} toegekende regels, samen {euros(by_this['voor'])}, "
    assert (2, True) == (refused, count.replace("\N{NO-BREAK SPACE}", " ") in err)
    whole = json.loads(told(*asked, "--period", PERIODE)[1])
    assert all_of == whole["totaal"]
    # By what is in use the second change is none: only the first one is due.
    now = json.loads(told("reprice", *asked[3:], "--period", PERIODE)[1])
    own = [one["regels"] for one in now["cellen"] if one["sleutel"].startswith("twente-")]
    assert all_of["regels"] - by_this["regels"] == sum(own)
    assert 2 == told("reprice", "--agreements", streek.agreements)[0]


def test_lines_that_lose_their_price_are_counted_by_both(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    code = most_declared(streek, TWENTE, "82")
    text = (streek.agreements / TWENTE).read_text(encoding="utf-8")
    cells = re.split(r"(?=^\[\[cel\]\])", text, flags=re.M)
    new = tmp_path / TWENTE
    kept = [one for one in cells if f'productcode = "{code}"' not in one]
    new.write_text("".join(kept), encoding="utf-8")
    asked = ("reprice", "--proposal", new, "--agreements", streek.agreements, "--json")
    document = json.loads(told(*asked)[1])
    lost = document["zonderPrijs"]
    assert (0, True) == (document["totaal"]["regels"], 0 < lost["regels"])
    refused, _, err = told("publish", new, "--to", streek.agreements)
    assert (2, True) == (refused, f"prijs van {lost['regels']} toegekende" in sentence(err))


Gevonden = tuple[int, int]


def found_of(some: Iterable[Herprijsd]) -> list[Gevonden]:
    """The lines by message and number."""
    return [(one.correctie.bron.inbox_id, one.correctie.bron.regelnr) for one in some]


class Bladen:
    """A repricing of one municipality among others, each price of an agreement a cent higher."""

    def __init__(self, streek: Streek, store: SqlStore) -> None:
        codes = load_lists().gemeentecodes()
        text = (streek.agreements / TWENTE).read_bytes()
        new = re.sub(rb"(?m)^bedrag = (\d+)$", lambda one: b"bedrag = %d" % (int(one[1]) + 1), text)
        in_use = files_in_use(streek.agreements)
        with read_once():
            self._kennis_van = Kennisbron(read_settings({}), store.bewaard).of
            wijziging = wijziging_of([(TWENTE, new)], in_use, codes)
        gemeenten = Counter(
            one.partijen.gemeente for group in store.declaraties.judged(*JAAR) for one in group
        )
        (gemeente, _), *others = gemeenten.most_common()
        assert others
        self._store = store
        self._vraag = Herprijsvraag(
            naam="",
            wijziging=wijziging,
            begin=JAAR[0],
            eind=JAAR[1],
            gemeenten=frozenset({gemeente}),
        )

    def run(self) -> list[Gevonden]:
        """All lines in one run."""
        vraag = self._vraag
        run = Herprijzing(vraag.wijziging, self._kennis_van)
        return found_of(run.run(self._store, *JAAR, _now(), vraag.gemeenten))

    def walk(self, omvang: int) -> list[list[Gevonden]]:
        """The lines of every page."""
        pages, vanaf, is_last = list[list[Gevonden]](), None, False
        while not is_last:
            run = Herprijzing(self._vraag.wijziging, self._kennis_van)
            blad = run.page(self._store, self._vraag, _now(), omvang, vanaf)
            pages.append(found_of(blad.rijen))
            vanaf, is_last = blad.volgende, blad.volgende is None
        return pages


@pytest.fixture(scope="module")
def bladen(eerste: Streek) -> Iterator[Bladen]:
    store = open_store(eerste.store, _now, StoreOptions(codes={}, updates=False))
    yield Bladen(eerste, store)
    store.close()


def test_pages_of_a_repricing_are_full_and_have_each_line_once(bladen: Bladen) -> None:
    whole = bladen.run()
    assert len({inbox_id for inbox_id, _ in whole}) > 5
    assert [whole] == bladen.walk(len(whole) + 1)
    pages = bladen.walk(23)
    assert whole == list(chain(*pages))
    assert {23} == {len(page) for page in pages[:-1]}


def test_a_page_of_a_repricing_ends_within_a_large_message_and_prices_no_line_again(
    bladen: Bladen, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, priced = bladen.run(), Counter[Gevonden]()

    def counted(
        beoordeeld: Beoordeeld, lines: Sequence[Prestatie], *known: Any
    ) -> Iterator[Anders | Prijsloos]:
        priced.update((beoordeeld.claim.inbox_id, line.volgnr) for line in lines)
        return priced_otherwise(beoordeeld, lines, *known)

    monkeypatch.setattr(herprijzing, "priced_otherwise", counted)
    monkeypatch.setattr(herprijzing, "LINES", 6)
    monkeypatch.setattr(declaraties, "CHUNK", 3)
    pages = bladen.walk(200)
    assert whole == list(chain(*pages))
    assert {1} == set(priced.values())
    assert len(pages) <= priced.total() / 6 + 1
    assert any(one and two and one[-1][0] == two[0][0] for one, two in pairwise(pages))


def test_a_page_of_a_repricing_ends_after_so_many_groups(
    bladen: Bladen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(herprijzing, "GROUPS", 2)
    assert bladen.run() == list(chain(*bladen.walk(200)))


def test_what_clashes_with_what_is_in_use_is_refused(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    clash = tmp_path / "ander.toml"
    text = (streek.agreements / TWENTE).read_text(encoding="utf-8")
    clash.write_text(text.replace('id = "twente-', 'id = "ander-', 1), encoding="utf-8")
    code, _, err = told("publish", clash, "--to", streek.agreements)
    assert (2, True) == (code, "overlap" in sentence(err))
    taken = tmp_path / "lta-jeugd.toml"
    shutil.copyfile(streek.agreements / TWENTE, taken)
    code, _, err = told("publish", taken, "--to", streek.agreements)
    assert (2, True) == (code, "zo heet daar al het bestand" in sentence(err))
    assert 2 == told("publish", tmp_path / "weg.toml", "--to", streek.agreements)[0]
    assert 2 == told("publish", clash, "--to", clash)[0]
    assert [] == acts(streek)


def test_a_running_gateway_takes_over_what_was_published(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    with read_once():
        kennis = load_kennis(read_settings({}), streek.agreements)
    store = open_store(streek.store, _now, StoreOptions(codes={}, rol="gemeente"))
    try:
        stand = kennisstand_of(kennis, store.beleidsversies, store.registerkennis)
        stand.look()
        new = tmp_path / "nieuw.toml"
        index = ("index", streek.agreements / TWENTE, "--percentage", "4.2")
        told(*index, "--vanaf", "2027-01-01", "--out", new, "--versie", "2027.1")
        told("publish", new, "--to", streek.agreements)
        assert stand.look()
        assert stand.bezwaar is None
        versies = {one.id: one.versie for one in stand.nu.overeenkomsten.alle}
        assert "2027.1" == versies["twente-ondersteuningsbehoeften"]
    finally:
        store.close()
