"""`gateway ledger yearend` on a store that was filled by messages."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from gateway.pipeline.herbeoordeling import judged_again
from gateway.pipeline.ports import Claim
from gateway.store.jaareinde import steekproefmap
from gateway.store.store import SqlStore
from tests.integration.berichten import BSN, Tabel, run, sentence
from tests.integration.test_ledger import STORY, told
from tests.opslag import acts_on_clients, altered, copied, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
AGB = "65656055"
WHERE = ("--gemeente", "0193", "--jaar", "2025")


@pytest.fixture(scope="module")
def _story(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jaareinde")
    told(folder, STORY)
    return folder


@pytest.fixture
def folder(_story: Path, tmp_path: Path) -> Path:
    """A folder with a store of its own in which the story took place."""
    copied(_story, tmp_path)
    return tmp_path


def yearend(folder: Path, *arguments: object) -> int:
    return run(["ledger", "yearend", *map(str, arguments), "--store", store_of(folder)])


def words(captured: Captured) -> list[str]:
    return [" ".join(line.split()) for line in captured.readouterr().out.splitlines()]


def pack(folder: Path) -> Path:
    assert 0 == yearend(folder, "make", *WHERE, "--out", folder / "pakketten")
    (found,) = (folder / "pakketten").glob("jaarafsluiting-*")
    return found


def statement(folder: Path, *rows: tuple[object, ...]) -> Path:
    """A workbook of Excel with a title above its headings."""
    book = Workbook()
    sheet = book.active
    for row in (("Verantwoording",), ("Regelnummer", "Omzet"), *rows):
        sheet.append(row)
    book.save(folder / "opgave.xlsx")
    (folder / "kolommen.toml").write_text(
        'koprij = 2\n[kolommen]\nreferentienummer = "regelnummer"\nbedrag = "omzet"\n'
    )
    return folder / "opgave.xlsx"


def imported(folder: Path, *rows: tuple[object, ...]) -> int:
    file, kolommen = statement(folder, *rows), folder / "kolommen.toml"
    who = (*WHERE, "--aanbieder", AGB)
    return yearend(folder, "import", file, *who, "--kolommen", kolommen)


def granted(folder: Path) -> list[tuple[str, int]]:
    """The granted debets that nothing took back, of the provider in the year."""
    query = (
        "SELECT referentienummer, ingediend_bedrag FROM prestatie WHERE toegekend = 1 "
        "AND debet_credit = 'D' AND tot_volgnr IS NULL AND referentienummer NOT IN "
        "(SELECT vorig_referentienummer FROM prestatie WHERE toegekend = 1 "
        "AND vorig_referentienummer IS NOT NULL) ORDER BY id"
    )
    return [(row[0], row[1]) for row in rows_of(folder, query)]


def test_a_pack_is_made_and_found_right(folder: Path, capsys: Captured) -> None:
    place = pack(folder)
    assert words(capsys) == [
        f"{place}: € 950,00 netto toegekend, € 0,00 aan facturen, € 950,00 lasten; "
        "het grootboek klopt"
    ]
    assert 0 == yearend(folder, "verify", place)
    assert words(capsys) == [f"{place}: klopt met de opslag"]
    assert json.loads((place / "controle.json").read_bytes()) == {"klopt": True, "fouten": {}}
    (place / "regels.csv").write_text("anders")
    assert 1 == yearend(folder, "verify", place)
    assert words(capsys) == [f"{place}: regels.csv is niet het bestand dat is gemaakt"]


def test_a_pack_is_right_as_before_once_clients_have_another_key(
    folder: Path, capsys: Captured
) -> None:
    place = pack(folder)
    close = ["ledger", "close", "--gemeente", "0193", "--jaar", "2025", "--pack", str(place)]
    close += ["--clock", "2026-04-01", "--store", store_of(folder)]
    capsys.readouterr()
    before = run(close), words(capsys)
    assert 0 == run(["fingerprints", "rotate", "--store", store_of(folder)])
    capsys.readouterr()
    assert before == (run(close), words(capsys))
    assert 0 == yearend(folder, "verify", place)
    assert words(capsys) == [
        f"{place}: klopt met de opslag; het is van voor een nieuwe sleutel, dus de kolom client is "
        "niet vergeleken"
    ]
    # Everything beside that column still counts, and so does a file that somebody changed.
    altered(folder, "UPDATE prestatie SET referentienummer = 'X' WHERE toegekend = 1")
    (place / "laat.csv").write_text("anders")
    assert 1 == yearend(folder, "verify", place)
    told = words(capsys)
    assert f"{place}: laat.csv is niet het bestand dat is gemaakt" in told
    assert any(one.startswith(f"{place}: regels.csv komt er nu anders uit") for one in told)
    assert 0 == len([one for one in told if one.startswith(f"{place}: laat.csv komt er nu")])


def test_the_overview_tells_how_far_each_provider_is(folder: Path, capsys: Captured) -> None:
    pack(folder)
    capsys.readouterr()
    assert 0 == yearend(folder, "show", *WHERE, "--clock", "2026-04-01")
    assert f"{AGB} € 950,00 € 0,00 € 0,00 € 0,00 € 950,00 ontbreekt" in words(capsys)
    assert 1 == yearend(folder, "show", *WHERE, "--clock", "2026-04-02", "--json")
    document: Tabel = json.loads(capsys.readouterr().out)
    assert [(AGB, True)] == [(o["aanbieder"], o["is_te_laat"]) for o in document["aanbieders"]]


def test_a_statement_that_agrees_is_agreed_with(folder: Path, capsys: Captured) -> None:
    rows = [(nummer, cents / 100) for nummer, cents in granted(folder)]
    assert 0 == imported(folder, *rows)
    assert words(capsys) == [f"verantwoording 1: {len(rows)} rijen per regel, samen € 950,00"]
    assert 0 == yearend(folder, "compare", 1, "--oordeel", "akkoord")
    last = words(capsys)[-1]
    assert "verschil € 0,00 (klein); stand: akkoord" in last
    assert "verantwoording bekijken" in acts_on_clients(folder)


def test_a_statement_that_differs_is_explained_and_disputed(folder: Path, capsys: Captured) -> None:
    assert 0 == imported(folder, ("NIET-GESTUURD", 12.5))
    capsys.readouterr()
    options = ("--oordeel", "betwist", "--toelichting", "nagevraagd", "--json")
    assert 1 == yearend(folder, "compare", 1, *options)
    document: Tabel = json.loads(capsys.readouterr().out)
    found = {one["soort"]: one["bedrag"] for one in document["soorten"]}
    assert {"niet ingediend": 1_250, "niet opgegeven": -95_000} == found
    assert ("betwist", -93_750) == (
        document["verantwoording"]["staat"],
        sum(one["bedrag"] for one in document["verschillen"]),
    )


def test_a_sample_comes_with_its_papers_and_goes_back_with_results(
    folder: Path, capsys: Captured
) -> None:
    altered(folder, "UPDATE prestatie SET referentienummer = '1' || bsn WHERE volgnr = 1")
    altered(folder, "UPDATE inbox SET declaratienummer = 'D' || (SELECT min(bsn) FROM prestatie)")
    out = folder / "steekproef"
    assert 0 == yearend(folder, "sample", *WHERE, "--zaad", "2025", "--out", out)
    place, count = out / "steekproef-1", len(granted(folder))
    assert f"steekproef 1: {count} posten uit {count} regels" in words(capsys)[-1]
    paper: Tabel = json.loads((place / "post-00001.json").read_bytes())
    assert ("toegekend", "opslag") == (paper["bewijs"]["oordeel"], paper["bericht"]["plaats"])
    assert paper["toewijzingsversies"][0]["toewijzingnummer"]
    assert [] == [one.name for one in place.iterdir() if BSN.encode() in one.read_bytes()]
    assert 1 == yearend(folder, "project", 1)
    assert f"van {count} posten is er nog geen uitslag" in words(capsys)
    results = filled_in(place / "posten.csv", folder / "uitslagen.csv")
    assert 0 == yearend(folder, "result", 1, results)
    assert words(capsys) == [f"steekproef 1: {count} posten vastgelegd"]
    assert 0 == yearend(folder, "project", 1, "--json")
    assert "voldoet" == json.loads(capsys.readouterr().out)["uitkomst"]["oordeel_fouten"]
    assert 0 == yearend(folder, "papers", 1, "--out", folder / "later")
    seen = rows_of(folder, "SELECT betrokkene FROM verwerking WHERE name = 'steekproef uitvoeren'")
    assert 2 == len(seen)
    assert {len(kenmerk or "") for (kenmerk,) in seen} == {32}


def test_a_message_is_judged_once_for_the_papers_of_all_its_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = list[int]()

    def counted(store: SqlStore, claim: Claim, *known: Any) -> Any:
        judged.append(claim.inbox_id)
        return judged_again(store, claim, *known)

    monkeypatch.setattr(steekproefmap, "judged_again", counted)
    altered(folder, "DELETE FROM bewijs")
    assert 0 == yearend(folder, "sample", *WHERE, "--zaad", "2025", "--out", folder)
    posten = rows_of(folder, "SELECT inbox_id, regelnr FROM steekproefpost ORDER BY nr")
    berichten = [inbox_id for inbox_id, _ in posten]
    assert len(set(berichten)) < len(berichten)
    assert sorted(set(berichten)) == sorted(judged)
    papers = sorted((folder / "steekproef-1").glob("post-*.json"))
    bewijzen = [json.loads(one.read_bytes())["bewijs"] for one in papers]
    assert [regelnr for _, regelnr in posten] == [one["regel"]["regelnummer"] for one in bewijzen]


def filled_in(posten: Path, to: Path) -> Path:
    """The list of a sample with every line found right."""
    with posten.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "oordeel": "goed"} for row in rows)
    return to


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("make", "--gemeente", "0150", "--jaar", "2025", "--out", "{}/uit"),
            "van gemeente 0150 staat er niets in de opslag",
        ),
        (("verify", "{}"), "in {} staat geen jaarafsluiting"),
        (("compare", "9"), "deze verantwoording bestaat niet, of er kwam een andere voor"),
        (
            ("sample", *WHERE, "--aanbieder", "99999999", "--zaad", "x"),
            "er is niets toegekend om een steekproef uit te trekken",
        ),
        (("project", "9"), "deze steekproef bestaat niet"),
        (
            ("import", "{}/er-niet.csv", *WHERE, "--aanbieder", AGB),
            "{}/er-niet.csv: dit bestand is niet te lezen (No such file or directory)",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    folder: Path, capsys: Captured, arguments: tuple[str, ...], told: str
) -> None:
    assert 2 <= yearend(folder, *(one.format(folder) for one in arguments))
    assert told.format(folder) == sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"PK\x03\x04 en dan niets", "deze werkmap van Excel is beschadigd"),
        (b"a\0b", "dit bestand is geen CSV en geen werkmap van Excel (.xlsx)"),
        (
            b"bedrag\n1,00\n",
            "deze opgave heeft de kolom referentienummer of toewijzingnummer nodig",
        ),
    ],
)
def test_a_file_that_is_no_statement_changes_nothing(
    folder: Path, capsys: Captured, body: bytes, told: str
) -> None:
    (folder / "fout.csv").write_bytes(body)
    code = yearend(folder, "import", folder / "fout.csv", *WHERE, "--aanbieder", AGB)
    assert (2, told) == (code, sentence(capsys.readouterr().err))
    assert [(0,)] == rows_of(folder, "SELECT count(*) FROM verantwoording")
