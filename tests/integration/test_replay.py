"""`gateway agreements replay`: what a proposal would have changed, and nothing else."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.berichten import Tabel, lines, run, sentence
from tests.integration.streek import PERIODE, Streek, handled
from tests.opslag import altered, copied

Captured = pytest.CaptureFixture[str]
Told = Callable[..., Tabel]
TWENTE, IJSSELLAND = "twente-ondersteuningsbehoeften.toml", "ijsselland-jeugd.toml"
GRANTED = (
    "SELECT d.declaratienummer, p.volgnr FROM prestatie p JOIN declaratie d ON "
    "d.id = p.declaratie_id WHERE p.toegekend = 1 AND p.debet_credit = 'D' AND p.productcode = ?"
)


@pytest.fixture(scope="module")
def streek(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Streek:
    return handled(tmp_path_factory.mktemp("streek"), 11)


@pytest.fixture
def told(streek: Streek, capsys: Captured) -> Told:
    """Runs a replay over the whole region and gives its document."""

    def replayed(*options: str, period: str = PERIODE) -> Tabel:
        capsys.readouterr()
        arguments = ["agreements", "replay", "--period", period, "--store", streek.store]
        assert 0 == run([*arguments, "--json", *options]), capsys.readouterr().err
        document: Tabel = json.loads(capsys.readouterr().out)
        return document

    return replayed


def proposal(streek: Streek, folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """An agreement of the region with every change made once."""
    text = (streek.agreements / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def dearer(streek: Streek, name: str, productcode: str, folder: Path) -> tuple[Path, int]:
    """The agreement with the present price of one product a cent higher, and the old price."""
    text = (streek.agreements / name).read_text(encoding="utf-8")
    cells = re.split(r"(?=^\[\[cel\]\])", text, flags=re.M)
    own = [n for n, cel in enumerate(cells) if f'productcode = "{productcode}"' in cel]
    last = own[-1]
    price = re.search(r"^bedrag = (\d+)$", cells[last], re.M)
    assert price is not None
    old = int(price[1])
    cells[last] = cells[last].replace(f"bedrag = {old}\n", f"bedrag = {old + 1}\n", 1)
    path = folder / name
    path.write_text("".join(cells), encoding="utf-8")
    return path, old


def products(streek: Streek, name: str) -> set[str]:
    """The product codes of an agreement."""
    text = (streek.agreements / name).read_text(encoding="utf-8")
    return set(re.findall(r'^productcode = "(.+)"$', text, re.M))


def declared(streek: Streek, name: str, eenheid: str) -> list[str]:
    """The products of an agreement with granted lines in a unit, the one with most first."""
    rows = streek.rows(
        "SELECT productcode FROM prestatie WHERE toegekend = 1 AND eenheid = ? "
        "AND debet_credit = 'D' GROUP BY productcode ORDER BY count(*) DESC, 1",
        eenheid,
    )
    return [str(code) for (code,) in rows if code in products(streek, name)]


def most_declared(streek: Streek, name: str, eenheid: str) -> str:
    """The product of an agreement with most granted lines in a unit."""
    return declared(streek, name, eenheid)[0]


def check_sums(document: Tabel) -> None:
    """Every way of adding up comes to the total, and the total to after minus before."""
    totaal = document["totaal"]
    assert totaal["verschil"] == totaal["na"] - totaal["voor"]
    for groep in ("aanbieders", "gemeenten", "cellen"):
        for column in ("regels", "omgeslagen", "voor", "na", "verschil", "herprijsd"):
            assert totaal[column] == sum(row[column] for row in document[groep]), (groep, column)
    assert {totaal["verschil"]} == set(document["aansluiting"].values())


# --- Nothing changes --------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--both"]])
@pytest.mark.parametrize("name", [TWENTE, IJSSELLAND])
def test_an_unchanged_agreement_flips_nothing(
    name: str, options: list[str], streek: Streek, told: Told
) -> None:
    document = told("--proposal", str(streek.agreements / name), *options)
    totaal = document["totaal"]
    ((regels, bedrag),) = streek.rows(
        "SELECT (SELECT count(*) FROM prestatie), (SELECT sum(toegekend) FROM declaratie)"
    )
    expected = {"regels": regels, "omgeslagen": 0, "verschil": 0}
    assert expected == {key: totaal[key] for key in expected}
    assert [bedrag] * 3 == [totaal[key] for key in ("voor", "na", "herprijsd")]
    assert ({}, {}, 0) == tuple(
        document[key] for key in ("signalenErbij", "signalenWeg", "andereCodes")
    )
    assert 0 == document["steekproef"]["anders"]
    check_sums(document)


def test_an_unchanged_folder_flips_nothing(streek: Streek, told: Told) -> None:
    document = told("--proposal", str(streek.agreements))
    assert (0, 0, 0) == (
        document["totaal"]["omgeslagen"],
        document["totaal"]["verschil"],
        document["nietGeraakt"],
    )


def test_municipalities_that_the_proposal_does_not_concern_are_left_alone(
    streek: Streek, told: Told
) -> None:
    document = told("--proposal", str(streek.agreements / TWENTE))
    (row,) = (one for one in document["cellen"] if one["cel"] == "niet geraakt")
    assert 0 < document["nietGeraakt"] < document["declaraties"]
    assert (0, 0) == (row["omgeslagen"], row["verschil"])
    check_sums(document)


def test_the_store_stays_as_it_was(streek: Streek, told: Told, tmp_path: Path) -> None:
    tables = ("inbox", "outbox", "bevinding", "bewijs", "kennis", "prestatie", "declaratie")
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in tables)
    before = streek.rows(counts)
    path, _ = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    told("--proposal", str(path), "--out", str(tmp_path / "out"))
    assert before == streek.rows(counts)


# --- One cell, one cent -----------------------------------------------------------------------


def test_one_cent_on_one_cell_flips_exactly_the_lines_of_that_cell(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    code = most_declared(streek, TWENTE, "82")
    path, price = dearer(streek, TWENTE, code, tmp_path)
    expected = streek.rows(f"{GRANTED} AND p.producttarief = ? ORDER BY 1, 2", code, price)
    assert expected
    document = told("--proposal", str(path), "--out", str(tmp_path / "out"))
    changed = lines(tmp_path / "out" / "flips.jsonl")
    flips = [one for one in changed if one["omgeslagen"]]
    assert expected == sorted((one["declaratie"], one["regelnummer"]) for one in flips)
    assert {((), ("0611",))} == {
        (tuple(one["retourcodesVoor"]), tuple(one["retourcodesNa"])) for one in flips
    }
    # A line that was rejected for something else now has one code more.
    others = [one for one in changed if not one["omgeslagen"]]
    assert document["andereCodes"] == len(others)
    assert all(code == one["na"]["regel"]["productcode"] for one in others)
    ((amount, volume),) = streek.rows(
        "SELECT sum(ingediend_bedrag), sum(geleverd_volume) FROM prestatie WHERE toegekend = 1 "
        "AND debet_credit = 'D' AND productcode = ? AND producttarief = ?",
        code,
        price,
    )
    assert -amount == document["totaal"]["verschil"]
    assert volume == document["totaal"]["herprijsd"] - document["totaal"]["voor"]
    cells = [row for row in document["cellen"] if row["verschil"]]
    assert [(len(expected), -amount)] == [(row["omgeslagen"], row["verschil"]) for row in cells]
    check_sums(document)


def test_a_cell_in_euros_flips_no_line_but_is_signalled_on_each(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    code = most_declared(streek, IJSSELLAND, "83")
    path, _ = dearer(streek, IJSSELLAND, code, tmp_path)
    document = told("--proposal", str(path), "--out", str(tmp_path / "out"))
    expected = streek.rows(
        f"{GRANTED} AND NOT EXISTS (SELECT 1 FROM bevinding b WHERE b.inbox_id = d.inbox_id "
        "AND b.regelnr = p.volgnr AND b.rule = 'S101') ORDER BY 1, 2",
        code,
    )
    flips = lines(tmp_path / "out" / "flips.jsonl")
    assert expected == sorted((one["declaratie"], one["regelnummer"]) for one in flips)
    assert {(False, ("S101",), ())} == {
        (one["omgeslagen"], tuple(one["signalenErbij"]), tuple(one["signalenWeg"])) for one in flips
    }
    assert {"S101": len(expected)} == document["signalenErbij"]
    assert 0 == document["totaal"]["verschil"]


def test_both_receipts_of_a_flipped_line_tell_their_own_story(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    path, price = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    told("--proposal", str(path), "--out", str(tmp_path / "out"))
    flips = [one for one in lines(tmp_path / "out" / "flips.jsonl") if one["omgeslagen"]]
    assert flips
    for one in flips:
        voor, na = one["voor"], one["na"]
        assert ("toegekend", "afgewezen") == (voor["oordeel"], na["oordeel"])
        assert voor["regel"] == na["regel"]
        assert ([price], [price + 1]) == (
            voor["prijs"]["juistePrijzen"],
            na["prijs"]["juistePrijzen"],
        )
        assert (True, False) == (voor["kennis"]["zoalsBeoordeeld"], na["kennis"]["zoalsBeoordeeld"])


def test_the_receipt_before_is_the_one_that_explain_gives(
    streek: Streek, told: Told, tmp_path: Path, capsys: Captured
) -> None:
    path, _ = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    told("--proposal", str(path), "--out", str(tmp_path / "out"))
    one = lines(tmp_path / "out" / "flips.jsonl")[0]
    arguments = [one["declaratie"], one["referentienummer"], "--aanbieder", one["aanbieder"]]
    assert 0 == run(["explain", *arguments, "--store", streek.store])
    assert one["voor"] == json.loads(capsys.readouterr().out)


def test_one_cent_flips_the_lines_of_its_own_cell_whichever_cell_it_is(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    codes = declared(streek, TWENTE, "82")
    assert len(codes) > 3
    for code in codes:
        path, price = dearer(streek, TWENTE, code, tmp_path)
        ((count, amount),) = streek.rows(
            "SELECT count(*), coalesce(sum(ingediend_bedrag), 0) FROM prestatie WHERE "
            "toegekend = 1 AND debet_credit = 'D' AND productcode = ? AND producttarief = ?",
            code,
            price,
        )
        document = told("--proposal", str(path))
        totaal = document["totaal"]
        assert (code, count, -amount) == (code, totaal["omgeslagen"], totaal["verschil"])
        check_sums(document)


# --- Other proposals --------------------------------------------------------------------------


def test_without_a_rule_its_lines_are_granted(streek: Streek, told: Told) -> None:
    only = streek.rows(
        "SELECT count(*), sum(ingediend_bedrag) FROM prestatie WHERE retourcodes = '0611' "
        "AND debet_credit = 'D'"
    )
    document = told("--without", "tr418")
    assert ["TR418"] == document["zonder"]
    assert only == [(document["totaal"]["omgeslagen"], document["totaal"]["verschil"])]
    check_sums(document)


def test_without_a_check_its_signals_go(streek: Streek, told: Told) -> None:
    ((count,),) = streek.rows("SELECT count(*) FROM bevinding WHERE rule = 'S105'")
    assert count
    document = told("--without", "S105")
    assert ({"S105": count}, 0) == (document["signalenWeg"], document["totaal"]["verschil"])


def test_an_agreement_with_another_id_is_added(streek: Streek, told: Told, tmp_path: Path) -> None:
    path = proposal(streek, tmp_path, TWENTE, ('id = "twente', 'id = "nieuw'))
    text = path.read_text(encoding="utf-8")
    renamed = re.sub(r'(productcode|hoort_bij) = "(\d)0', r'\1 = "\2X', text)
    path.write_text(renamed, encoding="utf-8")
    document = told("--proposal", str(path))
    (one,) = document["voorstel"]
    assert ("nieuw-ondersteuningsbehoeften", [], True) == (
        one["id"],
        one["vervangt"],
        one["toegevoegd"],
    )
    assert 0 == document["totaal"]["omgeslagen"]


def test_a_cell_that_the_proposal_drops_keeps_its_lines_together(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    code = most_declared(streek, TWENTE, "82")
    path = tmp_path / TWENTE
    text = (streek.agreements / TWENTE).read_text(encoding="utf-8")
    head, *cells = re.split(r"(?=^\[\[cel\]\])", text, flags=re.M)
    kept = [cel for cel in cells if f'productcode = "{code}"' not in cel]
    path.write_text("".join([head, *kept]), encoding="utf-8")
    document = told("--proposal", str(path))
    ((count,),) = streek.rows("SELECT count(*) FROM prestatie WHERE productcode = ?", code)
    unchanged = told("--proposal", str(streek.agreements / TWENTE))
    expected, found = (
        {one["cel"]: one["regels"] for one in told_["cellen"] if one["overeenkomst"] == TWENTE[:-5]}
        for told_ in (unchanged, document)
    )
    assert expected == found
    assert 0 < document["signalenErbij"]["S119"] <= count
    check_sums(document)


def test_only_invoices_of_the_period_are_judged(streek: Streek, told: Told) -> None:
    agreement = str(streek.agreements / TWENTE)
    months = [told("--proposal", agreement, period=f"2026-0{n}")["totaal"] for n in range(1, 7)]
    whole = told("--proposal", agreement, period="2026")["totaal"]
    assert all(month["regels"] for month in months)
    assert whole == {key: sum(month[key] for month in months) for key in whole}
    assert 0 == told("--proposal", agreement, period="2025")["totaal"]["regels"]


def test_invoices_from_before_knowledge_was_kept_are_judged_twice(
    streek: Streek, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    copied(streek.folder, tmp_path / "oud")
    oud = Streek(tmp_path / "oud")
    altered(oud.folder, "UPDATE inbox SET kennis = NULL")
    altered(oud.folder, "UPDATE bevinding SET regelnr = NULL")
    monkeypatch.setenv("GATEWAY_AGREEMENTS", str(oud.agreements))
    arguments = ["agreements", "replay", "--period", PERIODE, "--store", oud.store, "--json"]
    assert 0 == run([*arguments, "--proposal", str(oud.agreements / TWENTE)])
    document = json.loads(capsys.readouterr().out)
    assert (0, {}) == (document["totaal"]["omgeslagen"], document["signalenErbij"])


# --- What it writes ---------------------------------------------------------------------------


def test_the_csv_and_the_document_say_the_same(streek: Streek, told: Told, tmp_path: Path) -> None:
    path, _ = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    document = told("--proposal", str(path), "--out", str(tmp_path / "out"))
    assert document == json.loads((tmp_path / "out" / "replay.json").read_bytes())
    body = (tmp_path / "out" / "effect.csv").read_bytes()
    assert body.count(b"\n") == body.count(b"\r\n")
    rows = list(csv.DictReader(body.decode().splitlines()))
    for groep, key in (("aanbieder", "aanbieders"), ("cel", "cellen"), ("dimensie", "dimensies")):
        told_rows = [(one[groep], str(one["verschil"])) for one in document[key]]
        assert told_rows == [(r["sleutel"], r["verschil"]) for r in rows if r["groep"] == groep]
    assert str(document["totaal"]["na"]) == rows[0]["na"]


def test_the_table_shows_the_effect_and_that_it_adds_up(
    streek: Streek, tmp_path: Path, capsys: Captured
) -> None:
    path, _ = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    arguments = ["agreements", "replay", "--period", PERIODE, "--store", streek.store]
    assert 0 == run([*arguments, "--proposal", str(path)])
    shown = capsys.readouterr().out
    for part in (
        "in plaats van 2026.1",
        "per aanbieder",
        "per cel",
        "regels met een ander oordeel",
        "afgewezen 0611",
        "aansluiting:",
        "nagekeken:",
    ):
        assert part in shown, part


def test_no_receipt_of_a_changed_line_holds_a_bsn(
    streek: Streek, told: Told, tmp_path: Path
) -> None:
    path, _ = dearer(streek, TWENTE, most_declared(streek, TWENTE, "82"), tmp_path)
    told("--proposal", str(path), "--out", str(tmp_path / "out"))
    body = (tmp_path / "out" / "flips.jsonl").read_text(encoding="utf-8")
    assert [] == [
        bsn for (bsn,) in streek.rows("SELECT DISTINCT bsn FROM prestatie") if bsn in body
    ]


# --- Wrong use --------------------------------------------------------------------------------

WRONG = {
    "nothing": ([], "--proposal"),
    "rule_on_the_whole": (["--without", "TR056"], "TR056"),
    "rule_on_the_client": (["--without", "TR304"], "TR304"),
    "no_rule": (["--without", "TR418,S999"], "S999"),
    "absent": (["--proposal", "weg.toml"], "weg.toml"),
    "period": (["--without", "TR418", "--period", "maart"], "--period"),
    "month": (["--without", "TR418", "--period", "2025-13"], "--period"),
    "backwards": (["--without", "TR418", "--period", "2025-03..2025-01"], "--period"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_sentence(case: str, streek: Streek, capsys: Captured) -> None:
    options, part = WRONG[case]
    arguments = ["agreements", "replay", "--period", "2026", "--store", streek.store]
    assert 2 == run([*arguments, *options])
    assert part in sentence(capsys.readouterr().err)


def test_a_folder_that_is_not_empty_is_not_written_in(
    streek: Streek, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "iets").touch()
    arguments = ["agreements", "replay", "--period", "2026", "--store", streek.store]
    assert 2 == run([*arguments, "--without", "TR418", "--out", str(tmp_path)])
    assert "niet leeg" in sentence(capsys.readouterr().err)


def test_a_proposal_that_overlaps_what_stands_beside_it_is_refused(
    streek: Streek, tmp_path: Path, capsys: Captured
) -> None:
    path = proposal(streek, tmp_path, TWENTE, ('id = "twente', 'id = "nieuw'))
    arguments = ["agreements", "replay", "--period", "2026", "--store", streek.store]
    assert 2 == run([*arguments, "--proposal", str(path)])
    assert "overlapt" in sentence(capsys.readouterr().err)


def test_codes_that_this_version_no_longer_gives_are_told(
    streek: Streek, told: Told, tmp_path: Path, capsys: Captured
) -> None:
    copied(streek.folder, tmp_path / "ander")
    ander = Streek(tmp_path / "ander")
    altered(ander.folder, "UPDATE prestatie SET retourcodes = '9338' WHERE retourcodes = '0611'")
    arguments = ["agreements", "replay", "--period", "2026", "--store", ander.store]
    assert 0 == run([*arguments, "--proposal", str(ander.agreements / TWENTE)])
    assert "--both" in capsys.readouterr().out
    assert 0 == run([*arguments, "--proposal", str(ander.agreements / TWENTE), "--both", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (0, 0) == (document["andereCodes"], document["totaal"]["omgeslagen"])
