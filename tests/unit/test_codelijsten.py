"""The code lists agree with the schemas, and a mistake in one is told in one sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gateway.agreements.keys import CATEGORIEEN, EENHEDEN, FREQUENTIES
from gateway.errors import WrongUse
from gateway.messages.codelijsten import Code, read_codelijsten
from gateway.records.geldigheid import Plaatsing

ROOT = Path(__file__).parents[2]
LIJSTEN = read_codelijsten(ROOT / "mappings" / "codelijsten")
XS = "{http://www.w3.org/2001/XMLSchema}"
# The types of the base schemas that enumerate a list: the same in both laws, or one per law.
BEIDE = {
    "LDT_AanduidingWoonadres": "NUM061",
    "LDT_AdresSoort": "COD757",
    "LDT_Communicatievorm": "COD747",
    "LDT_DatumGebruik": "COD170",
    "LDT_DebetCredit": "COD043",
    "LDT_Eenheid": "WJ756",
    "LDT_Frequentie": "WMO757",
    "LDT_Geslacht": "COD046",
    "LDT_JaNee": "COD260",
    "LDT_JuridischeStatus": "WJ232",
    "LDT_LandCode": "COD032",
    "LDT_NaamGebruik": "COD700",
    "LDT_RedenAfwijzingVerzoek": "WJ759",
    "LDT_RedenVerzoek": "WJ758",
    "LDT_RetourCode": "WJ001",
    "LDT_SoortRelatie": "COD472",
    "LDT_StatusAanlevering": "COD467",
    "LDT_TypeVerwijzer": "COD327",
    "LDT_VerzoekAntwoord": "WJ760",
    "LDT_WettelijkeVertegenwoordiging": "WJ003",
}
IJW = {
    "LDT_ProductCategorie": "JZ020",
    "LDT_RedenBeeindiging": "JZ588",
    "LDT_RedenWijziging": "JZ002",
}
IWMO = {
    "LDT_ProductCategorie": "WMO020",
    "LDT_RedenBeeindiging": "WMO588",
    "LDT_RedenWijziging": "WMO002",
}
TYPES = [("ijw-3.2", *one) for one in {**BEIDE, **IJW}.items()] + [
    ("iwmo-3.2", *one) for one in {**BEIDE, **IWMO}.items()
]


def enumerated(release: str, name: str) -> set[str]:
    """The values that a type of the base schema allows."""
    tree = ElementTree.parse(ROOT / "schemas" / release / "basisschema.xsd")
    found = tree.findall(f"{XS}simpleType[@name='{name}']//{XS}enumeration")
    return {one.attrib["value"] for one in found}


@pytest.mark.parametrize(("release", "name", "lijst"), TYPES)
def test_a_list_holds_exactly_the_codes_that_the_schema_allows(
    release: str, name: str, lijst: str
) -> None:
    assert enumerated(release, name) == set(LIJSTEN.lijsten[lijst].codes)


def test_a_list_is_for_the_laws_whose_schemas_use_it() -> None:
    expected = {
        **dict.fromkeys(BEIDE.values(), ("jeugdwet", "wmo")),
        **dict.fromkeys(IJW.values(), ("jeugdwet",)),
        **dict.fromkeys(IWMO.values(), ("wmo",)),
        "gemeenten": ("jeugdwet", "wmo"),
        "gemeenten-historisch": ("jeugdwet", "wmo"),
        "hulpmiddelen": ("wmo",),
    }
    assert expected == {one.id: one.wetten for one in LIJSTEN.lijsten.values()}


def test_agreements_know_the_same_categories_units_and_frequencies() -> None:
    lijsten = LIJSTEN.lijsten
    assert set(CATEGORIEEN["jeugdwet"]) == set(lijsten["JZ020"].codes)
    assert set(CATEGORIEEN["wmo"]) == set(lijsten["WMO020"].codes)
    assert set(EENHEDEN) == set(lijsten["WJ756"].codes)
    assert set(FREQUENTIES) == set(lijsten["WMO757"].codes)


def test_every_code_has_a_label_without_blanks_around_it() -> None:
    labels = [code.label for one in LIJSTEN.lijsten.values() for code in one.codes.values()]
    assert [] == [label for label in labels if label != label.strip() or not label]


def test_there_are_342_municipalities_and_those_that_were_before() -> None:
    today = LIJSTEN.lijsten["gemeenten"].codes
    before = LIJSTEN.lijsten["gemeenten-historisch"].codes
    assert 342 == len(today)
    assert set() == today.keys() & before.keys()
    assert {True} == {code.tot is not None for code in before.values()}
    assert {*today, *before} == LIJSTEN.gemeentecodes()


@pytest.mark.parametrize("code", ["0193", "0164", "0457", "1921"])
def test_a_code_that_is_or_was_a_municipality_is_known(code: str) -> None:
    assert code in LIJSTEN.gemeentecodes()


@pytest.mark.parametrize("code", ["0000", "9999", "193"])
def test_a_code_that_never_was_a_municipality_is_unknown(code: str) -> None:
    assert code not in LIJSTEN.gemeentecodes()


def test_an_operator_may_add_a_list_of_municipalities(tmp_path: Path) -> None:
    write(tmp_path, "gemeenten", '"0193" = "Zwolle"')
    write(tmp_path, "WJ001", '"0200" = "niets"')
    write(tmp_path, "gemeenten-eigen", '"9001" = { label = "Proef", vanaf = 2027-01-01 }')
    assert {"0193", "9001"} == read_codelijsten(tmp_path).gemeentecodes()


def test_aids_have_the_category_that_their_code_begins_with() -> None:
    aids = LIJSTEN.product_categories("wmo")
    assert 129 == len(aids)
    assert {code: frozenset({code[:2]}) for code in aids} == aids
    assert {"11", "12", "13"} == {code[:2] for code in aids}


def test_no_published_list_places_a_product_of_the_jeugdwet() -> None:
    assert {} == LIJSTEN.product_categories("jeugdwet")


def test_a_code_in_two_lists_has_the_categories_of_both(tmp_path: Path) -> None:
    write(tmp_path, "gemeenten", '"0193" = "Zwolle"')
    write(tmp_path, "WJ001", '"0200" = "niets"')
    write(tmp_path, "een", '"11X00" = { label = "rolstoel", categorie = "11" }')
    write(tmp_path, "twee", '"11X00" = { label = "rolstoel", categorie = "14" }')
    expected = {"11X00": frozenset({"11", "14"})}
    assert expected == read_codelijsten(tmp_path).product_categories("wmo")


def test_a_code_is_told_by_its_label() -> None:
    assert "ander tarief dan afgesproken" == LIJSTEN.retourcode_label("0611")
    assert "uur" == LIJSTEN.label("WJ756", "04")
    assert "Hengelo (O.)" == LIJSTEN.label("gemeenten", "0164")


def test_a_code_that_no_list_has_is_its_own_name() -> None:
    assert "0612" == LIJSTEN.retourcode_label("0612")


def test_a_code_may_begin_and_end() -> None:
    assert date(2022, 4, 1) == LIJSTEN.lijsten["JZ588"].codes["38"].vanaf
    expected = Code("Weesp", tot=date(2022, 3, 23))
    assert expected == LIJSTEN.lijsten["gemeenten-historisch"].codes["0457"]


def elements(release: str) -> set[tuple[str, str, str]]:
    """Class, element and list of every element that takes its values from a list."""
    lists = {name: lijst for one, name, lijst in TYPES if one == release}
    found: set[tuple[str, str, str]] = set()
    for path in (ROOT / "schemas" / release).glob("*.xsd"):
        for kind in ElementTree.parse(path).iter(f"{XS}complexType"):
            for element in kind.iter(f"{XS}element"):
                inside = element.find(f"{XS}simpleType/{XS}restriction")
                base = element.get("type", "") if inside is None else inside.attrib["base"]
                if (lijst := lists.get(base.rpartition(":")[2])) is not None:
                    found.add((kind.attrib["name"], element.attrib["name"], lijst))
    return found


@pytest.mark.parametrize("release", ["ijw-3.2", "iwmo-3.2"])
def test_every_element_with_codes_names_its_list(release: str) -> None:
    wet = "jeugdwet" if release.startswith("ijw") else "wmo"
    named = {
        element: one.id
        for one in LIJSTEN.lijsten.values()
        for element in one.elementen
        if wet in one.wetten
    }
    for klasse, element, lijst in elements(release):
        # What an answer says in codes of its own is for who is answered.
        expected = None if element == "RetourCode" else lijst
        assert expected == named.get(element, named.get(f"{klasse}/{element}"))


def test_a_municipality_that_begins_has_a_first_day(tmp_path: Path) -> None:
    write(tmp_path, "WJ001", '"0200" = "niets"')
    later = '"9001" = { label = "A", vanaf = 2027-01-01 }'
    write(tmp_path, "gemeenten", f'"0193" = "Zwolle"\n{later}')
    write(tmp_path, "gemeenten-eigen", later.replace("2027", "2026"))
    write(tmp_path, "gemeenten-oud", later.replace("9001", "0193"))
    assert {"9001": date(2026, 1, 1)} == read_codelijsten(tmp_path).gemeenten_vanaf()


def test_a_placement_that_began_or_ended_stands_apart(tmp_path: Path) -> None:
    write(tmp_path, "gemeenten", '"0193" = "Zwolle"')
    write(tmp_path, "WJ001", '"0200" = "niets"')
    moved = '"11X00" = { label = "rolstoel", categorie = "11", tot = 2025-12-31 }'
    write(tmp_path, "een", f'{moved}\n"12X00" = {{ label = "fiets", categorie = "12" }}')
    lijsten = read_codelijsten(tmp_path)
    assert {"12X00": frozenset({"12"})} == lijsten.product_categories("wmo")
    assert {"11X00": (Plaatsing("11", None, date(2025, 12, 31)),)} == lijsten.plaatsingen("wmo")


def write(folder: Path, lijst: str, codes: str) -> Path:
    """A folder with one more list."""
    head = 'naam = "Proef"\nwetten = ["wmo"]\n[codes]\n'
    (folder / f"{lijst}.toml").write_text(head + codes, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ('"1" =', "proef.toml: dit is geen geldige TOML in UTF-8"),
        ('"1" = 1', "proef.toml: code 1: label heeft de verkeerde vorm"),
        ('"1" = { tot = 2026-01-01 }', "proef.toml: code 1: label ontbreekt"),
        ('"1" = { label = "a", einde = 1 }', "proef.toml: code 1: onbekende sleutel einde"),
        ('"1" = { label = "a", tot = "x" }', "proef.toml: code 1: tot heeft de verkeerde vorm"),
        ("[meer]", "proef.toml: een codelijst heeft naam, wetten en [codes]"),
    ],
)
def test_a_mistake_in_a_list_is_told_in_one_sentence(tmp_path: Path, codes: str, said: str) -> None:
    with pytest.raises(WrongUse) as refused:
        read_codelijsten(write(tmp_path, "proef", codes))
    assert said == str(refused.value)


def test_a_list_whose_codes_are_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "proef.toml").write_text('naam = "a"\nwetten = []\ncodes = 1', encoding="utf-8")
    with pytest.raises(WrongUse, match="een codelijst heeft naam"):
        read_codelijsten(tmp_path)


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "proef.toml").mkdir()
    with pytest.raises(WrongUse, match=r"proef\.toml: dit bestand is niet te lezen"):
        read_codelijsten(tmp_path)


def test_a_folder_without_the_lists_that_judging_needs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="geen codelijsten gevonden in de map"):
        read_codelijsten(write(tmp_path, "gemeenten", '"0193" = "Zwolle"'))
