"""The facts of the rules agree with the stage lists, the functions and the code lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import WrongUse
from gateway.messages.codelijsten import read_codelijsten
from gateway.messages.definition import Berichttype, read_types
from gateway.rules.catalogus import Regelfeit, read_catalogus
from gateway.rules.registry import load_rules

MAPPINGS = Path(__file__).parents[2] / "mappings"
CATALOGUS = read_catalogus(MAPPINGS)
RULES = load_rules()
JUDGED = [
    one
    for one in read_types(MAPPINGS).all()
    if one.stages or one.nummer in ("301", "305", "307", "323", "325")
]


def listed(kind: Berichttype) -> set[str]:
    """The rules in the stages of a message."""
    return {code for stage in kind.stages for code in stage.rules}


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.naam)
def test_the_stages_of_a_message_hold_exactly_its_rules(kind: Berichttype) -> None:
    expected = {
        code
        for code, one in CATALOGUS.feiten.items()
        if one.level > 1 and one.applies_to(kind.wet, kind.nummer)
    }
    assert expected == listed(kind)


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.naam)
def test_level_2_is_judged_apart_from_levels_3_and_4(kind: Berichttype) -> None:
    for stage in kind.stages:
        levels = {CATALOGUS.level_of(code) for code in stage.rules}
        assert levels <= ({2} if stage.level == 2 else {3, 4})


def test_there_are_ten_messages_with_stages() -> None:
    expected = {f"{law}{n}" for law in ("JW", "WMO") for n in (301, 305, 307, 323, 325)}
    assert expected <= {one.naam for one in JUDGED}


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_with_a_function_gives_a_retourcode_of_the_catalogue(code: str) -> None:
    one = CATALOGUS.feiten[code]
    assert RULES[code].retourcode in (None, *one.retourcodes)


def test_every_retourcode_of_a_rule_is_in_the_list_of_the_release() -> None:
    known = read_codelijsten(MAPPINGS / "codelijsten").lijsten["WJ001"].codes
    used = {code for one in CATALOGUS.feiten.values() for code in one.retourcodes}
    assert {"0200", "0233", "8001"} == known.keys() - used
    assert set() == used - known.keys()


def test_a_rule_tells_kind_level_and_messages() -> None:
    expected = Regelfeit(
        "TR307",
        3,
        ("9307",),
        ("323",),
        ("323",),
        "Een ProductPeriode begint niet voor de Ingangsdatum van haar ToegewezenProduct.",
    )
    assert expected == CATALOGUS.feiten["TR307"]
    assert "TR" == expected.kind
    assert (2, 3, 4) == tuple(CATALOGUS.level_of(code) for code in ("CD005", "TR019", "TR346"))
    assert CATALOGUS.niveaus["TR307"] == CATALOGUS.level_of("TR307")


def test_a_rule_of_the_schema_is_level_1_and_says_what_it_asks() -> None:
    one = CATALOGUS.feiten["CS015"]
    assert (1, (), "BerichtSubversie is 2.") == (one.level, one.retourcodes, one.statement)


def test_a_rule_may_be_for_one_law_only() -> None:
    one = CATALOGUS.feiten["TR377"]
    assert (True, False) == (one.applies_to("jeugdwet", "319"), one.applies_to("wmo", "319"))


def test_both_laws_hold_start_and_stop_against_the_assignment() -> None:
    assert (("305", "307"), ("305", "307")) == (
        CATALOGUS.feiten["TR019"].ijw,
        CATALOGUS.feiten["TR019"].iwmo,
    )


SENTENCE = 'TR001 = "Iets."\n'
JUDGED_RULE = '[TR001]\nniveau = 3\nretourcodes = ["0001"]\nijw = []\niwmo = []\n'
SCHEMA_RULE = '[RS001]\nstatement = "Iets."\nijw = []\niwmo = []\n'


@pytest.mark.parametrize(
    ("judged", "by_schema", "said"),
    [
        ("[TR001", "", "regels.toml: dit is geen geldige TOML in UTF-8"),
        ("TR001 = 1", "", "regels.toml: TR001 heeft precies deze sleutels nodig"),
        (JUDGED_RULE + "extra = 1", "", "regels.toml: TR001 heeft precies deze sleutels nodig"),
        (JUDGED_RULE.replace("= 3", "= 1"), "", "regels.toml: TR001 heeft niveau 1"),
        ("", SCHEMA_RULE + "extra = 1", "regels-schema.toml: RS001 heeft precies"),
        (
            JUDGED_RULE,
            SCHEMA_RULE.replace("RS", "TR"),
            "regels-schema.toml: TR001 staat ook in regels.toml",
        ),
    ],
)
def test_a_mistake_in_the_catalogue_is_told_in_one_sentence(
    tmp_path: Path, judged: str, by_schema: str, said: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        read_catalogus(written(tmp_path, judged, by_schema, SENTENCE if judged else ""))
    assert str(refused.value).startswith(said)


def written(folder: Path, judged: str, by_schema: str, statements: str) -> Path:
    """Mappings with these rules and nothing else."""
    (folder / "teksten").mkdir()
    (folder / "regels.toml").write_text(judged, encoding="utf-8")
    (folder / "regels-schema.toml").write_text(by_schema, encoding="utf-8")
    (folder / "teksten" / "regels.toml").write_text(statements, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("statements", "code"),
    [("", "TR001"), (SENTENCE + 'TR002 = "Iets."', "TR002"), ("TR001 = 1", "TR001")],
)
def test_a_rule_without_a_sentence_is_told_and_a_sentence_without_a_rule(
    tmp_path: Path, statements: str, code: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        read_catalogus(written(tmp_path, JUDGED_RULE, "", statements))
    said = f"teksten/regels.toml: {code} heeft hier en in regels.toml één zin nodig"
    assert said == str(refused.value)


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"regels\.toml: dit bestand is niet te lezen"):
        read_catalogus(tmp_path)
