"""The radar of a store that was filled by messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.berichten import Tabel, run, sentence
from tests.opslag import acts_on_clients, altered, store_of
from tests.scenarios import uitkomst, verhaal

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
AGREEMENT = """
[overeenkomst]
id = "proef"
naam = "Proef"
versie = "1"
wetten = ["jeugdwet"]
gemeenten = ["0193"]
variant = "inspanning"
peildatum = "productperiode"
dimensies = []

[[cel]]
productcategorie = "45"
productcode = "45A03"
eenheid = "04"
soort = "pxq"
bedrag = 5000
vanaf = 2025-01-01
tot = 2025-06-30

[[cel]]
productcategorie = "45"
productcode = "45D01"
eenheid = "16"
soort = "lumpsum"
bedrag = 1200000
tarief = 4000
voorschotten = 12
vanaf = 2025-01-01
tot = 2025-12-31
aanbieders = ["65656055"]

[[cel]]
productcategorie = "50"
productcode = "50B01"
eenheid = "84"
soort = "taak"
bedrag = 9900000
vanaf = 2025-01-01

[[aanbieder]]
agb = "65656055"
jaarbedrag = 500000
tot = 2025-07-15

[drempels]
plafond = { "0193" = 1000000 }
"""
STORY = """
story = "Vier maanden zorg op drie toewijzingen, en een cliënt in zorg zonder toewijzing."
bron = ["radar"]
wetten = ["jeugdwet"]
klok = 2025-05-06

[[bericht]]
soort = "301"
[[bericht.producten]]
einddatum = 2025-06-15
[[bericht.producten]]
toewijzingnummer = 10073
productcode = "45D01"
eenheid = "16"
volume = 10
[[bericht.producten]]
toewijzingnummer = 10074
productcode = "45A04"
volume = 100
frequentie = "6"

[[bericht]]
soort = "305"
[[bericht.starts]]
toewijzingnummer = ""
toewijzing_ingangsdatum = ""
productcategorie = "50"
productcode = "50B01"

[[bericht]]
soort = "323"
prestaties = [
    { begindatum = 2025-01-01, geleverd_volume = 12 },
    { begindatum = 2025-02-01, geleverd_volume = 15 },
    { begindatum = 2025-03-01, geleverd_volume = 18 },
    { begindatum = 2025-04-01, geleverd_volume = 12 },
    { DAGDELEN, geleverd_volume = 30, producttarief = 4000 },
    { UREN, begindatum = 2025-03-01, geleverd_volume = 50 },
    { UREN, geleverd_volume = 10 },
]
"""
SHORT = {
    "DAGDELEN": 'toewijzingnummer = 10073, productcode = "45D01", eenheid = "16"',
    "UREN": 'toewijzingnummer = 10074, productcode = "45A04"',
}
STOP = """
story = "De zorg stopt."
bron = ["radar"]
wetten = ["jeugdwet"]
klok = 2025-05-07

[[bericht]]
soort = "307"
[[bericht.stops]]
toewijzingnummer = ""
toewijzing_ingangsdatum = ""
productcategorie = "50"
productcode = "50B01"
"""
OPTIONS = ("--clock", "2025-05-20")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store in which the story took place, and the agreement."""
    monkeypatch.setattr(verhaal, "HERE", tmp_path)
    (tmp_path / "proef").mkdir()
    text = STORY
    for short, long in SHORT.items():
        text = text.replace(short, long)
    (tmp_path / "proef" / "scenario.toml").write_text(text, encoding="utf-8")
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    story = verhaal.read("proef", "jeugdwet")
    uitkomst.write(story, tmp_path / "in")
    arguments = ["process", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    arguments += ["--clock", "2025-05-06", "--store", store_of(tmp_path)]
    assert 0 == run([*arguments, "--agreements", str(tmp_path / "proef.toml")])
    return tmp_path


def radar(captured: Captured, folder: Path, *options: str) -> Tabel:
    """The document of `gateway radar`."""
    captured.readouterr()
    arguments = ["radar", "--json", "--store", store_of(folder), *(options or OPTIONS)]
    assert 0 == run([*arguments, "--agreements", str(folder / "proef.toml")])
    document: Tabel = json.loads(captured.readouterr().out)
    return document


def test_what_runs_out_is_told_with_its_date(folder: Path, capsys: Captured) -> None:
    document = radar(capsys, folder)
    assert ("2025-05-20", 60, 3) == (document["clock"], document["days"], document["running"])
    assert [("2025-06-01", "TR322", 10072), ("2025-07-20", "TR322", 10074)] == [
        (one["datum"], one["regel"], one["toewijzing"]) for one in document["exhaustion"]
    ]
    assert {
        "datum": "2025-07-20",
        "regel": "TR322",
        "gemeente": "0193",
        "wet": "jeugdwet",
        "aanbieder": "65656055",
        "toewijzing": 10074,
        "productcategorie": "45",
        "productcode": "45A04",
        "einddatum": "2025-12-31",
        "gebruikt": 3600,
        "ruimte": 6000,
        "eenheid": "01",
        "percentage": 60,
        "totEnMet": "2025-04-30",
        "belang": 412500,
    } == document["exhaustion"][1]


def test_what_ends_is_told_within_the_days(folder: Path, capsys: Captured) -> None:
    document = radar(capsys, folder)
    assert [
        ("2025-06-15", "toewijzing", "10072 (45A03)", 1, None),
        ("2025-06-30", "prijs", "proef: 45A03/04", 1, False),
        ("2025-07-15", "contract", "proef", 2, None),
    ] == [
        (one["datum"], one["soort"], one["wat"], one["lopend"], one["opvolger"])
        for one in document["expiring"]
    ]
    short = radar(capsys, folder, *OPTIONS, "--dagen", "30")
    assert ["toewijzing"] == [one["soort"] for one in short["expiring"]]


def test_ceilings_and_allowances_are_told_with_their_use(folder: Path, capsys: Captured) -> None:
    assert [
        ("jaarbedrag", "65656055", 2025, 500000, 405000, 81, True),
        ("plafond", "0193", 2025, 1000000, 405000, 40, False),
    ] == [
        tuple(
            one[name]
            for name in ("soort", "van", "jaar", "ruimte", "gebruikt", "percentage", "bereikt")
        )
        for one in radar(capsys, folder)["allowances"]
    ]


def test_a_lump_sum_is_settled_on_use(folder: Path, capsys: Captured) -> None:
    (now,) = radar(capsys, folder)["settlements"]
    assert ("2025-04-30", 394521, 120000, -274521, True, False, None, 500000) == (
        now["totEnMet"],
        now["budgetTot"],
        now["gebruik"],
        now["verschil"],
        now["buitenTolerantie"],
        now["definitief"],
        now["vastgesteld"],
        now["voorschotten"],
    )
    (later,) = radar(capsys, folder, "--clock", "2026-03-01")["settlements"]
    assert (True, -1080000, 120000, -1080000) == (
        later["definitief"],
        later["verrekend"],
        later["vastgesteld"],
        later["nogTeBetalen"],
    )


def test_use_of_a_task_comes_from_start_and_stop(folder: Path, capsys: Captured) -> None:
    (one,) = radar(capsys, folder)["use"]
    assert ("50B01", False, 1, 1, 0, 9900000) == (
        one["productcode"],
        one["metNummer"],
        one["inZorg"],
        one["begonnen"],
        one["gestopt"],
        one["bedrag"],
    )
    assert [] == radar(capsys, folder, "--clock", "2025-01-05")["use"]


def test_a_stop_ends_care_from_the_day_after_it(folder: Path, capsys: Captured) -> None:
    (folder / "stop").mkdir()
    (folder / "stop" / "scenario.toml").write_text(STOP, encoding="utf-8")
    uitkomst.write(verhaal.read("stop", "jeugdwet"), folder / "meer")
    arguments = ["process", str(folder / "meer"), "--out", str(folder / "uit")]
    assert 0 == run([*arguments, "--clock", "2025-05-07", "--store", store_of(folder)])
    found = [
        radar(capsys, folder, "--clock", day)["use"][0] for day in ("2025-04-30", "2025-05-01")
    ]
    assert [(1, 1), (0, 1)] == [(one["inZorg"], one["gestopt"]) for one in found]


def test_a_deleted_assignment_and_a_number_that_nobody_knows_do_not_run(
    folder: Path, capsys: Captured
) -> None:
    altered(folder, "UPDATE toewijzing SET reden_wijziging = '13' WHERE toewijzingnummer = 10074")
    altered(folder, "UPDATE prestatie SET toewijzingnummer = 9 WHERE toewijzingnummer = 10073")
    document = radar(capsys, folder)
    assert (2, [10072]) == (
        document["running"],
        [one["toewijzing"] for one in document["exhaustion"]],
    )


def test_another_municipality_sees_nothing_of_it(folder: Path, capsys: Captured) -> None:
    document = radar(capsys, folder, *OPTIONS, "--gemeente", "0150")
    assert 0 == document["running"]
    names = ("exhaustion", "expiring", "allowances", "settlements", "use")
    assert [[]] * 5 == [document[name] for name in names]
    assert 3 == radar(capsys, folder, *OPTIONS, "--gemeente", "0193")["running"]


def test_the_tables_tell_it_to_an_account_manager(folder: Path, capsys: Captured) -> None:
    arguments = ["radar", "--store", store_of(folder), *OPTIONS, "--regels", "1"]
    assert 0 == run([*arguments, "--agreements", str(folder / "proef.toml")])
    plain = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert plain.startswith("3 lopende toewijzingen op 2025-05-20\n")
    for text in (
        "2025-06-01  TR322  volume op  10072",
        "72 uur",
        "en nog 1; met --regels 0 ziet u alles",
        "en nog 2; met --regels 0 ziet u alles",
        "81 %",
        "vanaf 70 %",
        "aanbieder 65656055, proef: 45D01/16, 2025-01-01 tot en met 2025-12-31",
        "budget € 12.000,00, betaald als voorschot € 5.000,00",
        "tot en met 2025-04-30: gebruik € 1.200,00 van € 3.945,21, verschil € -2.745,21, buiten de "
        "10 procent",
        "verrekenen: € -2.745,21, voorlopig",
        "jeugdwet  0193      65656055   50/50B01  proef: 50B01/84",
    ):
        assert text in plain
    assert "9999" not in plain
    assert {"radar bekijken"} == acts_on_clients(folder)


def test_a_settlement_is_told_when_the_period_is_over(folder: Path, capsys: Captured) -> None:
    arguments = ["radar", "--store", store_of(folder), "--clock", "2026-03-01"]
    assert 0 == run([*arguments, "--agreements", str(folder / "proef.toml")])
    assert (
        "verrekenen: € -10.800,00; vastgesteld op € 1.200,00, nog te betalen € -10.800,00"
        in capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    )


def test_a_lump_sum_without_lines_counts_clients(folder: Path, capsys: Captured) -> None:
    path = folder / "ander.toml"
    path.write_text(AGREEMENT.replace('soort = "taak"', 'soort = "lumpsum"'), encoding="utf-8")
    assert 0 == run(["radar", "--store", store_of(folder), *OPTIONS, "--agreements", str(path)])
    shown = capsys.readouterr().out
    assert "gebruik onbekend: er zijn geen regels toegekend; 1 cliënten in zorg" in shown


def test_without_agreements_the_assignments_are_still_told(folder: Path, capsys: Captured) -> None:
    assert 0 == run(["radar", "--store", store_of(folder), *OPTIONS])
    shown = capsys.readouterr().out
    assert 2 == shown.count("  niets\n")
    assert "10074" in shown


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (("--clock", "gisteren"), "--clock gisteren: dit is geen datum als 2025-12-05"),
        (("--dagen", "-1"), "--dagen heeft een waarde die niet kan"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    wrong: tuple[str, str], expected: str, capsys: Captured
) -> None:
    assert 2 == run(["radar", *wrong])
    assert expected in sentence(capsys.readouterr().err)


def test_today_is_the_day_without_a_clock(folder: Path, capsys: Captured) -> None:
    document = radar(capsys, folder, "--dagen", "0")
    assert document["clock"] > "2025-05-20"
