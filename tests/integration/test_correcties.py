"""`gateway correct` and `agreements reprice`: what they make comes back in and is granted."""

from __future__ import annotations

import csv
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.periods.bedragen import euros
from gateway.pipeline.ports import Partijen
from gateway.toegang.wie import Bereik
from gateway.werk.buiten import Buitenmelding, notices
from tests.eenmaal import read_once
from tests.integration.berichten import Tabel, run, sentence
from tests.integration.streek import Streek, _Nergens, handled
from tests.integration.test_replay import TWENTE, dearer, most_declared
from tests.opslag import altered, copied, is_sqlite

Captured = pytest.CaptureFixture[str]
SEED, PERIODE, MAAND = 11, "2026", "2026-07"
NUMMERS = ("--identificatie", "C1", "--declaratienummer", "CORR1", "--referentiebegin", "C1-")
GRANTED = (
    "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END) "
    "FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL"
)


@pytest.fixture(scope="module")
def eerste(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Streek:
    return handled(tmp_path_factory.mktemp("streek"), SEED)


@pytest.fixture
def streek(eerste: Streek, tmp_path: Path) -> Streek:
    """A region of which a test may change everything."""
    copied(eerste.folder, tmp_path / "eigen")
    return Streek(tmp_path / "eigen")


@contextmanager
def gateway_of(streek: Streek) -> Iterator[Installation]:
    """The gateway of the region, by the agreements that are in its folder now."""
    with read_once():
        kennis = load_kennis(read_settings({}), streek.agreements)
    place = Place(url=streek.store)
    installation = install(
        read_settings({}), kennis, lambda: datetime.now(UTC), place, {"antwoord": _Nergens()}
    )
    try:
        yield installation
    finally:
        installation.close()


def verdict_of(streek: Streek, body: bytes) -> str:
    """What becomes of a message that comes in."""
    with gateway_of(streek) as installation:
        inbox_id = installation.store.inbox.receive("correctie.xml", [body]).inbox_id
        installation.runtime.drain()
    ((verdict,),) = streek.rows("SELECT verdict FROM inbox WHERE id = ?", inbox_id)
    return str(verdict)


def correct(streek: Streek, capsys: Captured, *options: str, code: int = 1) -> Tabel:
    """Runs `gateway correct` and gives its document."""
    capsys.readouterr()
    given = ["--store", streek.store, "--agreements", str(streek.agreements), "--period", PERIODE]
    assert code == run(["correct", *given, "--json", *options]), capsys.readouterr()
    document: Tabel = json.loads(capsys.readouterr().out)
    return document


def reprice(streek: Streek, capsys: Captured, *options: str, code: int = 1) -> Tabel:
    """Runs `gateway agreements reprice` and gives its document."""
    capsys.readouterr()
    given = ["agreements", "reprice", "--store", streek.store, "--period", PERIODE, "--json"]
    assert code == run([*given, *options]), capsys.readouterr()
    document: Tabel = json.loads(capsys.readouterr().out)
    return document


def ledger_holds(streek: Streek, capsys: Captured) -> bool:
    capsys.readouterr()
    arguments = ["ledger", "check", "--store", streek.store, "--agreements", str(streek.agreements)]
    code = run(arguments)
    capsys.readouterr()
    return code == 0


def parties_of(document: list[Tabel]) -> set[tuple[str, str, str]]:
    return {(one["gemeente"], one["wet"], one["aanbieder"]) for one in document}


# --- A price that changes after the fact ------------------------------------------------------


def raised(streek: Streek, folder: Path) -> tuple[Path, str, int]:
    """A proposal with one product a cent dearer, its code and its old price."""
    code = most_declared(streek, TWENTE, "82")
    path, old = dearer(streek, TWENTE, code, folder)
    return path, code, old


def standing_debets(streek: Streek, code: str) -> list[tuple[Any, ...]]:
    """Granted debets of a product that no granted credit undoes: volume and amount."""
    return streek.rows(
        "SELECT p.geleverd_volume, p.ingediend_bedrag FROM prestatie p WHERE p.toegekend = 1 "
        "AND p.tot_volgnr IS NULL AND p.debet_credit = 'D' AND p.productcode = ? AND NOT EXISTS "
        "(SELECT 1 FROM prestatie c WHERE c.partij_id = p.partij_id AND c.toegekend = 1 AND "
        "c.tot_volgnr IS NULL AND c.vorig_referentienummer = p.referentienummer)",
        code,
    )


def test_a_cent_more_on_a_product_asks_a_credit_and_a_debet_of_each_of_its_lines(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    path, code, old = raised(streek, tmp_path)
    lines = [
        (volume, amount)
        for volume, amount in standing_debets(streek, code)
        if amount == volume * old
    ]
    out = tmp_path / "uit"
    document = reprice(streek, capsys, "--proposal", str(path), "--out", str(out))
    expected = {"regels": len(lines), "verschil": sum(volume for volume, _ in lines)}
    assert expected == {key: document["totaal"][key] for key in expected}
    for groep in ("aanbieders", "gemeenten", "cellen"):
        for column in ("regels", "voor", "na", "verschil"):
            assert document["totaal"][column] == sum(one[column] for one in document[groep])
    told = [json.loads(line) for line in (out / "regels.jsonl").read_text("utf-8").splitlines()]
    for one in told:
        unchanged = {"referentienummer", "vorigReferentienummer", "debetCredit"}
        same = {key: value for key, value in one["oud"].items() if key not in unchanged}
        assert same == {key: one["credit"][key] for key in same}
        assert one["oud"]["referentienummer"] == one["credit"]["vorigReferentienummer"]
        assert ("C", "D") == (one["credit"]["debetCredit"], one["debet"]["debetCredit"])
        assert old + 1 == one["debet"]["producttarief"]
        assert one["debet"]["ingediendBedrag"] == one["oud"]["geleverdVolume"] * (old + 1)
    with (out / "regels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(told) == len(rows) == document["totaal"]["regels"]
    assert document["totaal"]["verschil"] == sum(int(row["verschil"]) for row in rows)


def test_what_is_right_already_asks_nothing(streek: Streek, capsys: Captured) -> None:
    document = reprice(streek, capsys, "--proposal", str(streek.agreements / TWENTE), code=0)
    assert {"regels": 0, "voor": 0, "na": 0, "verschil": 0} == document["totaal"]


def test_the_made_323_is_granted_and_after_it_every_line_has_the_right_price(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    path, _, _ = raised(streek, tmp_path)
    report = reprice(streek, capsys, "--proposal", str(path), "--out", str(tmp_path / "uit"))
    lines = (tmp_path / "uit" / "regels.jsonl").read_text("utf-8").splitlines()
    parties = sorted(parties_of([json.loads(line) for line in lines]))
    assert parties
    shutil.copy(path, streek.agreements / TWENTE)
    ((before,),) = streek.rows(GRANTED)
    for number, (gemeente, wet, aanbieder) in enumerate(parties):
        out = tmp_path / f"correctie-{number}.xml"
        own = ["--aanbieder", aanbieder, "--gemeente", gemeente, "--wet", wet, "--uit", "tarief"]
        made = correct(streek, capsys, *own, *NUMMERS, "--maand", MAAND, "--out", str(out), code=0)
        assert [] == made["nietGecorrigeerd"]
        assert 2 * len(made["correcties"]) == made["regels"]
        assert "accepted" == verdict_of(streek, out.read_bytes())
    ((after,),) = streek.rows(GRANTED)
    assert report["totaal"]["verschil"] == after - before
    assert 0 == reprice(streek, capsys, "--proposal", str(path), code=0)["totaal"]["regels"]
    assert ledger_holds(streek, capsys)
    # Of a next price publishing says what a re-pricing says: what was credited is left out by both.
    (tmp_path / "volgend").mkdir()
    path, _, _ = raised(streek, tmp_path / "volgend")
    totaal = reprice(streek, capsys, "--proposal", str(path))["totaal"]
    arguments = ["publish", str(path), "--to", str(streek.agreements), "--store", streek.store]
    assert 2 == run(["agreements", *arguments])
    told = f"{totaal['regels']} toegekende regels, samen {euros(totaal['voor'])}, "
    assert told.replace("\N{NO-BREAK SPACE}", " ") in capsys.readouterr().err


# --- What was refused -------------------------------------------------------------------------


def refused_with(streek: Streek, code: str) -> tuple[str, str, str, str]:
    """A line with this retourcode alone: its party, and its ReferentieNummer."""
    (row, *_) = streek.rows(
        "SELECT q.gemeente, q.wet, q.aanbieder, p.referentienummer FROM prestatie p JOIN partij q "
        "ON q.id = p.partij_id WHERE p.retourcodes = ? AND p.tot_volgnr IS NULL AND "
        "p.debet_credit = 'D' AND NOT EXISTS (SELECT 1 FROM prestatie o WHERE o.toegekend = 1 AND "
        "o.partij_id = p.partij_id AND o.toewijzingnummer = p.toewijzingnummer AND "
        "o.begindatum = p.begindatum AND o.debet_credit = 'D') ORDER BY p.id",
        code,
    )
    return row


def made_wrong(streek: Streek, referentie: str, code: str, tarief: int) -> None:
    """The line as if it had been sent at another tariff, and refused for it."""
    altered(
        streek.folder,
        "UPDATE prestatie SET producttarief = ?, ingediend_bedrag = geleverd_volume * ?, "
        "toegekend = 0, retourcodes = ? WHERE referentienummer = ?",
        *(tarief, tarief, code, referentie),
    )


def a_granted_line(streek: Streek) -> tuple[str, str, str, str, int, int]:
    """A granted debet in pieces that nothing undid: party, number, volume and tariff."""
    (row, *_) = streek.rows(
        "SELECT q.gemeente, q.wet, q.aanbieder, p.referentienummer, p.geleverd_volume, "
        "p.producttarief FROM prestatie p JOIN partij q ON q.id = p.partij_id "
        "WHERE p.toegekend = 1 AND p.eenheid = '82' AND p.debet_credit = 'D' "
        "AND p.tot_volgnr IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM prestatie c WHERE c.vorig_referentienummer = p.referentienummer) "
        "AND p.productcode LIKE '45%' ORDER BY p.id DESC"
    )
    return row


def own(party: tuple[str, ...], uit: str) -> list[str]:
    gemeente, wet, aanbieder = party[:3]
    return ["--aanbieder", aanbieder, "--gemeente", gemeente, "--wet", wet, "--uit", uit]


def test_a_line_refused_for_its_tariff_comes_back_at_the_right_one(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    *party, referentie, volume, tarief = a_granted_line(streek)
    made_wrong(streek, referentie, "0611", tarief + 5)
    out = tmp_path / "c.xml"
    options = [*own(tuple(party), "afgewezen"), "--code", "0611"]
    (listed,) = [
        one
        for one in correct(streek, capsys, *options)["voorstellen"]
        if one["referentienummer"] == referentie
    ]
    assert (None, tarief, volume * tarief) == (
        listed["credit"],
        listed["debet"]["producttarief"],
        listed["debet"]["ingediendBedrag"],
    )
    capsys.readouterr()
    given = ["--store", streek.store, "--agreements", str(streek.agreements), "--period", PERIODE]
    run(["correct", *given, *options, *NUMMERS, "--maand", MAAND, "--out", str(out)])
    assert out.exists(), capsys.readouterr()
    assert "accepted" == verdict_of(streek, out.read_bytes())
    again = correct(streek, capsys, *options, code=0)["voorstellen"]
    assert [] == [one for one in again if one["referentienummer"] == referentie]


def test_what_cannot_be_put_right_is_listed_with_the_reason_of_the_judge(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    *party, _ = refused_with(streek, "9338")
    out = tmp_path / "c.xml"
    options = [*own(tuple(party), "afgewezen"), "--code", "9338"]
    made = correct(streek, capsys, *options, *NUMMERS, "--maand", MAAND, "--out", str(out))
    assert [] == made["correcties"]
    assert made["nietGecorrigeerd"]
    assert all(one["reden"].startswith("9338: ") for one in made["nietGecorrigeerd"])
    assert not out.exists()


# --- Outside the assignment -------------------------------------------------------------------


def test_what_a_shorter_assignment_leaves_outside_is_credited(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    """S138 tells it to the municipality when the 301 comes, and here is what it is about."""
    (told, *_) = streek.rows(
        "SELECT toewijzingnummer FROM bevinding WHERE rule = 'S138' AND tot_volgnr IS NULL"
    )
    ((gemeente, wet, aanbieder, einddatum), *_) = streek.rows(
        "SELECT t.gemeente, t.wet, q.aanbieder, t.einddatum FROM toewijzing t JOIN partij q ON "
        "q.id = t.partij_id WHERE t.toewijzingnummer = ? ORDER BY t.toewijzingsdatum DESC",
        told[0],
    )
    expected = streek.rows(
        "SELECT p.referentienummer, p.ingediend_bedrag FROM prestatie p WHERE p.toegekend = 1 AND "
        "p.toewijzingnummer = ? AND p.begindatum > ? AND p.debet_credit = 'D'",
        told[0],
        date.fromisoformat(str(einddatum)) if not is_sqlite() else einddatum,
    )
    assert expected
    options = own((gemeente, wet, aanbieder), "toewijzing")
    (before,) = noticed(streek, gemeente, aanbieder)
    assert (Partijen(gemeente, wet, aanbieder), 1) == (before.partijen, before.toewijzingen)
    (event,) = events_of(streek, "toegekend-buiten-toewijzing", aanbieder)
    assert 1 == event["data"]["toewijzingen"]
    listed = correct(streek, capsys, *options)["voorstellen"]
    mine = {
        (one["referentienummer"], -one["verschil"])
        for one in listed
        if one["oud"]["toewijzingnummer"] == told[0]
    }
    assert {(str(nummer), bedrag) for nummer, bedrag in expected} == mine
    out = tmp_path / "c.xml"
    made = correct(streek, capsys, *options, *NUMMERS, "--maand", MAAND, "--out", str(out), code=0)
    assert made["totaal"] == sum(one["verschil"] for one in listed)
    assert "accepted" == verdict_of(streek, out.read_bytes())
    assert [] == correct(streek, capsys, *options, code=0)["voorstellen"]
    assert [] == noticed(streek, gemeente, aanbieder)
    assert ledger_holds(streek, capsys)


def noticed(streek: Streek, gemeente: str, aanbieder: str) -> list[Buitenmelding]:
    """What the aanbieder is told on its pages."""
    with gateway_of(streek) as installation:
        installation.store.werkvolger.catch_up()
        bereik = Bereik(frozenset({gemeente}), aanbieder)
        return list(notices(installation.store, bereik, datetime.now(UTC)))


def events_of(streek: Streek, soort: str, aanbieder: str) -> list[Tabel]:
    """The events of one kind about an aanbieder."""
    rows = streek.rows(
        "SELECT s.data FROM outbox o JOIN outbox_stuk s ON s.outbox_id = o.id "
        "WHERE o.soort = 'event' AND o.berichttype = ? ORDER BY o.id",
        soort,
    )
    found = [json.loads(zlib.decompress(data)) for (data,) in rows]
    return [one for one in found if one["data"]["aanbieder"] == aanbieder]


# --- What cannot be asked ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--identificatie", "C1"], "noem met --out het bestand"),
        (["--out", "{out}"], "geef ook --identificatie en --declaratienummer"),
        (["--out", "{out}", *NUMMERS, "--maand", "2026"], "schrijf één maand"),
        (["--out", "{out}", *NUMMERS, "--maand", "2099-01"], "een maand die voorbij is"),
        (
            ["--out", "{out}", *NUMMERS, "--identificatie", "x" * 13, "--maand", MAAND],
            "1 tot en met 12 tekens",
        ),
        (["--aanbieder", "11111111"], "niets gedeclareerd"),
        (["--out", "{out}", *NUMMERS, "--maand", "2026-01"], "als geheel afgekeurd"),
    ],
)
def test_a_question_that_cannot_be_is_one_sentence(
    eerste: Streek, capsys: Captured, tmp_path: Path, options: list[str], told: str
) -> None:
    *party, _ = refused_with(eerste, "9338")
    asked = [one.format(out=tmp_path / "c.xml") for one in options]
    given = ["--store", eerste.store, "--agreements", str(eerste.agreements), "--period", PERIODE]
    capsys.readouterr()
    assert 2 == run(["correct", *given, *own(tuple(party), "afgewezen"), *asked])
    assert told in sentence(capsys.readouterr().err)
    assert not (tmp_path / "c.xml").exists()


def test_a_number_that_was_used_before_is_refused_by_name(
    streek: Streek, capsys: Captured, tmp_path: Path
) -> None:
    *party, referentie, _, tarief = a_granted_line(streek)
    made_wrong(streek, referentie, "0611", tarief + 5)
    ((used, _), *_) = streek.rows(
        "SELECT d.declaratienummer, d.id FROM declaratie d JOIN partij q ON q.id = d.partij_id "
        "WHERE q.gemeente = ? AND q.wet = ? AND q.aanbieder = ? AND d.tot_volgnr IS NULL",
        *party,
    )
    options = [*own(tuple(party), "afgewezen"), "--code", "0611", *NUMMERS, "--maand", MAAND]
    given = ["--store", streek.store, "--agreements", str(streek.agreements), "--period", PERIODE]
    again = ["--declaratienummer", str(used), "--out", str(tmp_path / "c.xml")]
    capsys.readouterr()
    assert 2 == run(["correct", *given, *options, *again])
    assert f"9333: DeclaratieNummer {used}" in sentence(capsys.readouterr().err)
