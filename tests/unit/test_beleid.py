"""The policy of a municipality: what its file may say, and one sentence when it cannot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.deviations.policy import Beleid, Ontheffing, read_beleid
from gateway.errors import WrongUse
from gateway.messages.teksten import read_teksten

MAPPINGS = Path(__file__).parents[2] / "mappings"
CHECKS = ("S101", "S105", "S109")

GOED = """
[check.S101]
effect = "hold"
[check.S105]
effect = "off"
[hold]
alarmdag = 7
besluitdag = 10
[[ontheffing]]
check = "S109"
aanbieder = "99000001"
productcode = "45P01"
eigenaar = "contractmanagement"
reden = "contract volgt"
tot = 2026-03-31
[[ontheffing]]
check = "S101"
toewijzingnummer = 10072
eigenaar = "toegang"
reden = "maatwerk"
tot = 2026-12-31
"""
ONTHEFFING = """
[[ontheffing]]
check = "S109"
eigenaar = "contractmanagement"
reden = "contract volgt"
tot = 2026-03-31
"""


def write(folder: Path, text: str, name: str = "0193.toml") -> Path:
    """A folder with one file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_file_gives_the_effects_holds_and_waivers_of_its_municipality(tmp_path: Path) -> None:
    expected = Beleid(
        effects={"S101": "hold", "S105": "off"},
        alarmdag=7,
        besluitdag=10,
        ontheffingen=(
            Ontheffing(
                check="S109",
                aanbieder="99000001",
                productcode="45P01",
                eigenaar="contractmanagement",
                reden="contract volgt",
                tot=date(2026, 3, 31),
            ),
            Ontheffing(
                check="S101",
                toewijzingnummer=10072,
                eigenaar="toegang",
                reden="maatwerk",
                tot=date(2026, 12, 31),
            ),
        ),
    )
    assert {"0193": expected} == read_beleid(write(tmp_path, GOED), CHECKS, {"0193"})


def test_what_no_file_says_is_a_signal_and_nothing_is_held(tmp_path: Path) -> None:
    assert {} == read_beleid(tmp_path, CHECKS)
    beleid = Beleid()
    assert {"signal"} == {beleid.effect_of(code) for code in CHECKS}
    assert (8, 9, ()) == (beleid.alarmdag, beleid.besluitdag, beleid.ontheffingen)


def test_an_empty_file_is_the_default_policy(tmp_path: Path) -> None:
    assert {"0193": Beleid()} == read_beleid(write(tmp_path, ""), CHECKS)


def test_an_effect_of_one_check_says_nothing_of_another(tmp_path: Path) -> None:
    beleid = read_beleid(write(tmp_path, GOED), CHECKS)["0193"]
    assert ["hold", "off", "signal"] == [beleid.effect_of(code) for code in CHECKS]


def test_an_example_is_checked_and_binds_nobody(tmp_path: Path) -> None:
    assert {} == read_beleid(write(tmp_path, GOED, "voorbeeld.toml"), CHECKS)
    with pytest.raises(WrongUse, match=r"^voorbeeld\.toml: "):
        read_beleid(write(tmp_path, "fout = 1", "voorbeeld.toml"), CHECKS)


def test_hidden_files_and_other_kinds_of_files_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, "fout = 1", ".0193.toml")
    write(tmp_path, "fout = 1", "0193.toml.oud")
    assert {} == read_beleid(tmp_path, CHECKS)


@pytest.mark.parametrize("name", ["193.toml", "zwolle.toml", "01933.toml", "٠١٩٣.toml"])
def test_a_file_that_is_not_named_after_a_municipality_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(WrongUse, match="heet naar zijn gemeente"):
        read_beleid(write(tmp_path, "", name), CHECKS)


def test_a_municipality_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"^0193\.toml: gemeente 0193 bestaat niet$"):
        read_beleid(write(tmp_path, ""), CHECKS, {"0150"})


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"^weg: deze map met beleid bestaat niet$"):
        read_beleid(tmp_path / "weg", CHECKS)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0193.toml").mkdir()
    with pytest.raises(WrongUse, match="niet te lezen"):
        read_beleid(tmp_path, CHECKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[check", "dit is geen geldige TOML in UTF-8"),
        ("regel = 1", "bestand: onbekende sleutel regel"),
        ("hold = 1", "bestand: hold moet een tabel zijn, gevonden 1"),
        ("ontheffing = 1", "bestand: ontheffing moet een reeks tabellen"),
        ('[check.S999]\neffect = "off"', "check S999: controle S999 bestaat niet"),
        ('[check.TR307]\neffect = "off"', "check TR307: controle TR307 bestaat niet"),
        ('[check]\nS101 = "off"', "check S101: schrijf [check.S101] met daaronder effect"),
        ("[check.S101]", "check S101: effect ontbreekt"),
        ('[check.S101]\neffect = "reject"', "effect moet een van signal, hold, off zijn"),
        ('[check.S101]\neffect = "off"\nsinds = 1', "check S101: onbekende sleutel sinds"),
        ("[hold]\nbesluitdag = 11", "besluitdag moet een werkdag van 1 tot en met 10 zijn"),
        ("[hold]\nbesluitdag = 0", "gevonden 0"),
        ('[hold]\nalarmdag = "8"', 'gevonden "8"'),
        ("[hold]\nalarmdag = true", "gevonden true"),
        ("[hold]\nbesluitdag = 7", "hold: alarmdag 8 ligt na besluitdag 7"),
        (ONTHEFFING, "ontheffing 1: noem een aanbieder, productcode of toewijzingnummer"),
        (ONTHEFFING + 'aanbieder = "1"', "aanbieder moet een AGB-code van acht cijfers zijn"),
        (ONTHEFFING + 'productcode = "45 P1"', "productcode moet een code van hoogstens vijf"),
        (ONTHEFFING + 'toewijzingnummer = "1"', "toewijzingnummer moet een geheel getal zijn"),
        (ONTHEFFING + 'gemeente = "0193"', "ontheffing 1: onbekende sleutel gemeente"),
        (ONTHEFFING.replace("S109", "S999"), "ontheffing 1: controle S999 bestaat niet"),
        (ONTHEFFING.replace("contract volgt", ""), "reden moet een tekst"),
        (ONTHEFFING.replace('eigenaar = "contractmanagement"', ""), "eigenaar ontbreekt"),
        (ONTHEFFING.replace("tot = 2026-03-31", ""), "ontheffing 1: tot ontbreekt"),
        (ONTHEFFING.replace("2026-03-31", '"2026"'), "tot moet een datum als 2026-01-31 zijn"),
        (ONTHEFFING.replace("[[ontheffing]]", "[ontheffing]"), "ontheffing moet een reeks"),
    ],
)
def test_a_mistake_is_told_in_one_sentence_that_names_the_file(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        read_beleid(write(tmp_path, text), CHECKS)
    assert str(refused.value).startswith("0193.toml: ")
    assert said in str(refused.value)


def test_the_shipped_example_is_the_default_policy(tmp_path: Path) -> None:
    checks = read_teksten(MAPPINGS / "teksten").checks
    assert {} == read_beleid(MAPPINGS / "beleid", checks)
    example = (MAPPINGS / "beleid" / "voorbeeld.toml").read_text(encoding="utf-8")
    beleid = read_beleid(write(tmp_path, example), checks)["0193"]
    assert {"signal"} == {beleid.effect_of(code) for code in checks}
    assert (Beleid().alarmdag, Beleid().besluitdag) == (beleid.alarmdag, beleid.besluitdag)


def test_the_waiver_in_the_shipped_example_is_a_good_one(tmp_path: Path) -> None:
    example = (MAPPINGS / "beleid" / "voorbeeld.toml").read_text(encoding="utf-8")
    waiver = example[example.index("# [[ontheffing]]") :].replace("# ", "")
    beleid = read_beleid(write(tmp_path, waiver), read_teksten(MAPPINGS / "teksten").checks)
    assert 1 == len(beleid["0193"].ontheffingen)


def test_how_people_decide_is_policy_too(tmp_path: Path) -> None:
    (tmp_path / "0193.toml").write_text("[besluit]\nbedenktijd = 0\ntweede_persoon_boven = 5\n")
    found = read_beleid(tmp_path, ())["0193"]
    assert (0, 5) == (found.bedenktijd, found.tweede_persoon_boven)
    for wrong in ("bedenktijd = 1441", "bedenktijd = -1", "tweede_persoon_boven = 1.5", "x = 1"):
        (tmp_path / "0193.toml").write_text(f"[besluit]\n{wrong}\n")
        with pytest.raises(WrongUse, match=r"0193\.toml: besluit"):
            read_beleid(tmp_path, ())
