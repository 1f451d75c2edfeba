"""Agreement files: what is read, and what is refused in which words."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.match import instalments
from gateway.agreements.table import problems, read_agreement, read_agreements
from gateway.errors import AgreementRefused
from gateway.records.overeenkomst import Aanbiedercontract, Drempels, Overeenkomst, Termijn
from tests.unit.agreement_builders import AGB, ANDERE_AGB, CEL, CONTRACT, HEAD, cel

SHIPPED = Path(__file__).parents[2] / "mappings" / "agreements"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an agreement file and give its path."""

    def written(text: str, name: str = "proef.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


# Reading.


def test_a_file_becomes_an_agreement_with_the_hash_of_its_bytes(write: Write) -> None:
    text = HEAD + CEL + CONTRACT
    read = read_agreement(write(text))
    assert hashlib.sha256(text.encode()).hexdigest() == read.hash
    assert "proef.toml" == read.bestand
    assert ("0193", "0150") == read.gemeenten
    assert not read.voorbeeld
    assert (cel(bedrag=265000),) == read.cellen
    assert (Aanbiedercontract(agb=AGB, cellen=((("profiel", "1"),),)),) == read.aanbieders
    assert Drempels() == read.drempels


def test_every_optional_key_is_read(write: Write) -> None:
    optional = """
tot = 2025-12-31
wet = "jeugdwet"
frequentie = "6"
termijnen = [{ moment = "start", deel = 70 }, { moment = "einde" }]
toewijsbaar_tot = 2025-06-30
gebroken_begin = "geen"
gebroken_eind = "naar-rato"
variant = "inspanning"
peildatum = "productperiode"
bekendgemaakt_op = 2024-11-01
gemeenten = ["0150"]
aanbieders = ["99000002"]

[drempels]
melding_traject = 2500000
plafond = { "0193" = 4500000000 }
"""
    read = read_agreement(
        write(HEAD + "voorbeeld = true\nbekendgemaakt_op = 2024-10-01" + CEL + optional)
    )
    expected = cel(
        bedrag=265000,
        tot=date(2025, 12, 31),
        wet="jeugdwet",
        frequentie="6",
        termijnen=(Termijn("start", 70), Termijn("einde")),
        toewijsbaar_tot=date(2025, 6, 30),
        gebroken_begin="geen",
        gebroken_eind="naar-rato",
        variant="inspanning",
        peildatum="productperiode",
        bekendgemaakt_op=date(2024, 11, 1),
        gemeenten=("0150",),
        aanbieders=(ANDERE_AGB,),
    )
    assert (expected,) == read.cellen
    assert Drempels(2500000, {"0193": 4500000000}) == read.drempels
    assert read.voorbeeld
    assert date(2024, 10, 1) == read.bekendgemaakt_op


def test_a_folder_is_read_in_byte_order_without_hidden_and_other_files(
    write: Write, tmp_path: Path
) -> None:
    for name, gemeente in (("b.toml", "0150"), ("a.toml", "0193"), ("Z.toml", "0148")):
        text = (HEAD + CEL).replace('["0193", "0150"]', f'["{gemeente}"]')
        write(text.replace('"proef"', f'"{name}"'), name)
    write("not toml", ".a.toml")
    write("not toml", "leesmij.txt")
    read = read_agreements(tmp_path)
    assert ["Z.toml", "a.toml", "b.toml"] == [one.bestand for one in read.alle]
    assert {"0148", "0150", "0193"} == read.gemeenten


def test_a_plain_price_list_has_no_dimensions(write: Write) -> None:
    text = (HEAD + CEL).replace('["profiel"]', "[]").replace('profiel = "1"\n', "")
    assert "45P11/83" == read_agreement(write(text)).cellen[0].naam


def test_a_cell_is_called_by_its_dimensions() -> None:
    two = cel(dimensies=(("profiel", "1"), ("intensiteit", "perspectief")))
    assert "profiel=1, intensiteit=perspectief" == two.naam


# Refusing: what is changed in a good file, and the sentence that follows.

REFUSALS = [
    ("bedrag = 265000", "bedrag = 2650.0",
     "cel 1 (45P11/83): bedrag moet een geheel aantal centen zijn, gevonden 2650.0"),
    ("bedrag = 265000", "bedrag = -1",
     "cel 1 (45P11/83): bedrag moet een geheel aantal centen zijn, gevonden -1"),
    ("bedrag = 265000", "bedrag = true",
     "cel 1 (45P11/83): bedrag moet een geheel aantal centen zijn, gevonden true"),
    ("bedrag = 265000\n", "", "cel 1 (45P11/83): bedrag ontbreekt"),
    ("bedrag = 265000", "bedrag = 265000\nprijs = 1", "cel 1 (45P11/83): onbekende sleutel prijs"),
    ('eenheid = "83"', 'eenheid = "99"',
     "cel 1 (45P11/99): eenheid moet een van 01, 04, 14, 16, 82, 83, 84 zijn, gevonden \"99\""),
    ('eenheid = "83"', "eenheid = 83",
     "cel 1: eenheid moet een van 01, 04, 14, 16, 82, 83, 84 zijn, gevonden 83"),
    ('soort = "traject"', 'soort = "trajekt"',
     "cel 1 (45P11/83): soort moet een van pxq, stuk, traject, periode, budget, lumpsum, taak "
     'zijn, gevonden "trajekt"'),
    ('soort = "traject"', 'soort = "traject"\nfrequentie = "3"',
     'cel 1 (45P11/83): frequentie moet een van 1, 2, 4, 6 zijn, gevonden "3"'),
    ('soort = "traject"', 'soort = "traject"\nwet = "wmo"',
     "cel 1 (45P11/83): wet wmo staat niet in wetten van de overeenkomst"),
    ('soort = "traject"', 'soort = "traject"\ngemeenten = ["0148"]',
     "cel 1 (45P11/83): gemeente 0148 staat niet in gemeenten van de overeenkomst"),
    ('soort = "traject"', 'soort = "traject"\naanbieders = ["123"]',
     "cel 1 (45P11/83): aanbieders moet een lijst van verschillende AGB-codes van acht cijfers "
     'zijn, gevonden ["123"]'),
    ('productcategorie = "45"', 'productcategorie = "5"',
     "cel 1 (45P11/83): productcategorie moet een code van twee cijfers tussen aanhalingstekens "
     'zijn, gevonden "5"'),
    ('productcategorie = "45"', 'productcategorie = "01"',
     "cel 1 (45P11/83): productcategorie 01 bestaat niet voor jeugdwet"),
    ('productcode = "45P11"', 'productcode = "45P111"',
     "cel 1 (45P111/83): productcode moet een code van hoogstens vijf tekens zonder spaties zijn, "
     'gevonden "45P111"'),
    ('profiel = "1"\n', "", "cel 1 (45P11/83): profiel ontbreekt"),
    ('profiel = "1"\n', "profiel = 1\n",
     "cel 1 (45P11/83): profiel moet een tekst tussen aanhalingstekens zijn, gevonden 1"),
    ('profiel = "1"\n', 'profiel = "1"\nsegment = "a"\n',
     "cel 1 (45P11/83): onbekende sleutel segment"),
    ("vanaf = 2025-01-01", 'vanaf = "2025-01-01"',
     'cel 1 (45P11/83): vanaf moet een datum als 2026-01-31 zijn, gevonden "2025-01-01"'),
    ("vanaf = 2025-01-01", "vanaf = 2025-01-01T00:00:00",
     "cel 1 (45P11/83): vanaf moet een datum als 2026-01-31 zijn, gevonden 2025-01-01T00:00:00"),
    ("vanaf = 2025-01-01", "vanaf = 2025-01-01\ntot = 2024-12-31",
     "cel 1 (45P11/83): tot 2024-12-31 ligt voor vanaf 2025-01-01"),
    ("vanaf = 2025-01-01", "vanaf = 2025-01-01\ntoewijsbaar_tot = 2024-12-31",
     "cel 1 (45P11/83): toewijsbaar_tot 2024-12-31 ligt voor vanaf 2025-01-01"),
    ("vanaf = 2025-01-01", 'vanaf = 2025-01-01\ngebroken_begin = "half"',
     "cel 1 (45P11/83): gebroken_begin moet een van vol, geen, naar-rato zijn, gevonden \"half\""),
    ("vanaf = 2025-01-01", 'vanaf = 2025-01-01\ntermijnen = [{ moment = "start" }, { deel = 5 }]',
     "cel 1 (45P11/83): termijn 1: deel ontbreekt, alleen de laatste is de rest"),
    ("vanaf = 2025-01-01", 'vanaf = 2025-01-01\ntermijnen = [{ deel = 50 }]',
     "cel 1 (45P11/83): termijn 1: moment ontbreekt"),
    ("vanaf = 2025-01-01", 'vanaf = 2025-01-01\ntermijnen = [{ moment = "start", deel = 50 }]',
     "cel 1 (45P11/83): termijnen zijn samen 50 procent en geen 100"),
    ("vanaf = 2025-01-01",
     'vanaf = 2025-01-01\ntermijnen = [{ moment = "start", deel = 100 }, { moment = "einde" }]',
     "cel 1 (45P11/83): termijnen laten met 100 procent niets over voor de laatste"),
    ("vanaf = 2025-01-01", "vanaf = 2025-01-01\ntermijnen = []",
     "cel 1 (45P11/83): termijnen moet een lijst van termijnen zijn, gevonden []"),
    ('versie = "1"\n', "", "overeenkomst: versie ontbreekt"),
    ('versie = "1"', "versie = 2018.1",
     "overeenkomst: versie moet een tekst tussen aanhalingstekens zijn, gevonden 2018.1"),
    ('versie = "1"', 'versie = "1"\neigenaar = "x"', "overeenkomst: onbekende sleutel eigenaar"),
    ('versie = "1"', 'versie = "1"\nvoorbeeld = "ja"',
     'overeenkomst: voorbeeld moet true of false zijn, gevonden "ja"'),
    ('["jeugdwet"]', '["wlz"]',
     "overeenkomst: wetten moet een lijst van verschillende wetten uit jeugdwet, wmo zijn, "
     'gevonden ["wlz"]'),
    ('["0193", "0150"]', '["193"]',
     'overeenkomst: gemeenten moet een lijst van verschillende gemeentecodes als "0193" zijn, '
     'gevonden ["193"]'),
    ('["0193", "0150"]', '["0193", "0193"]',
     'overeenkomst: gemeenten moet een lijst van verschillende gemeentecodes als "0193" zijn, '
     'gevonden ["0193", "0193"]'),
    ('["0193", "0150"]', '["0193", "9999"]', "overeenkomst: gemeente 9999 bestaat niet"),
    ('variant = "output"', 'variant = "uitvoer"',
     "overeenkomst: variant moet een van inspanning, output, taak zijn, gevonden \"uitvoer\""),
    ('peildatum = "ingangsdatum"', 'peildatum = "vandaag"',
     "overeenkomst: peildatum moet een van ingangsdatum, productperiode zijn, "
     'gevonden "vandaag"'),
    ('dimensies = ["profiel"]', 'dimensies = ["Profiel 1"]',
     "overeenkomst: dimensies moet een lijst van verschillende namen in kleine letters zijn, "
     'gevonden ["Profiel 1"]'),
    ('dimensies = ["profiel"]', "dimensies = [{ a = 1 }]",
     "overeenkomst: dimensies moet een lijst van verschillende namen in kleine letters zijn, "
     "gevonden [een tabel]"),
    ('dimensies = ["profiel"]', 'dimensies = ["soort"]',
     "overeenkomst: dimensie soort heeft de naam van een vaste sleutel"),
    ("[overeenkomst]", "[contract]", "bestand: onbekende sleutel contract"),
    ("[[cel]]", "[cel]",
     "bestand: cel moet een reeks tabellen [[cel]] zijn, gevonden een tabel"),
    ("[[cel]]", "[[cell]]", "bestand: onbekende sleutel cell"),
    ('agb = "99000001"', 'agb = "9900000"',
     "aanbieder 1 (9900000): agb moet een AGB-code van acht cijfers zijn, gevonden \"9900000\""),
    ('agb = "99000001"\n', "", "aanbieder 1: agb ontbreekt"),
    ('agb = "99000001"', 'agb = "99000001"\nvanaf = 2025-02-01\ntot = 2025-01-01',
     "aanbieder 1 (99000001): tot 2025-01-01 ligt voor vanaf 2025-02-01"),
    ('agb = "99000001"', 'agb = "99000001"\ngemeenten = ["9999"]',
     "aanbieder 1 (99000001): gemeente 9999 bestaat niet"),
    ('agb = "99000001"', 'agb = "99000001"\ngeblokkeerd = 0',
     "aanbieder 1 (99000001): geblokkeerd moet true of false zijn, gevonden 0"),
    ('[{ profiel = "1" }]', '[{ profil = "1" }]',
     "aanbieder 1 (99000001): cellen 1: onbekende sleutel profil"),
    ('[{ profiel = "1" }]', "[{}]",
     "aanbieder 1 (99000001): cellen 1: een lege tabel wijst niets aan"),
    ('cellen = [{ profiel = "1" }]', "[drempels]\nmelding_traject = 25000.00",
     "drempels: melding_traject moet een geheel aantal centen zijn, gevonden 25000.0"),
    ('cellen = [{ profiel = "1" }]', '[drempels]\nplafond = { "0193" = 1.5 }',
     "drempels: plafond moet een tabel van gemeentecode en geheel aantal centen zijn, "
     "gevonden een tabel"),
    ('cellen = [{ profiel = "1" }]', '[drempels]\nplafond = { "9999" = 1 }',
     "drempels: gemeente 9999 bestaat niet"),
    ("bedrag = 265000", "bedrag 265000", "regel 18, kolom 8: dit is geen geldige TOML"),
    ("vanaf = 2025-01-01", "vanaf = 2025-02-30", "regel 19, kolom 9: dit is geen geldige TOML"),
    ('agb = "99000001"', 'agb = "99000001"\nagb = "99000001"',
     "regel 23, kolom 17: dit is geen geldige TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "sentence"), REFUSALS)
def test_a_mistake_is_told_in_one_sentence(
    write: Write, good: str, bad: str, sentence: str
) -> None:
    text = HEAD + CEL + CONTRACT
    assert good in text
    path = write(text.replace(good, bad, 1))
    known = {"0193", "0150", "0148"}
    with pytest.raises(AgreementRefused) as refused:
        read_agreement(path, known)
    assert f"proef.toml: {sentence}" == str(refused.value)
    with pytest.raises(AgreementRefused) as refused_too:
        read_agreements(path, known)
    assert f"proef.toml: {sentence}" == str(refused_too.value)
    assert f"proef.toml: {sentence}" == problems(path, known)[0]


def test_a_price_of_the_productperiode_may_be_for_assignments_that_ran_already(
    write: Write,
) -> None:
    text = HEAD + CEL.replace(
        "vanaf = 2025-01-01", "vanaf = 2025-01-01\ntoewijsbaar_tot = 2024-12-31"
    )
    assert 1 == len(problems(write(text)))
    assert [] == problems(write(text.replace('"ingangsdatum"', '"productperiode"')))
    own = text.replace('soort = "traject"', 'soort = "traject"\npeildatum = "productperiode"')
    assert [] == problems(write(own))


def test_an_explanation_may_have_lines_and_must_say_something(write: Write) -> None:
    text = HEAD + 'toelichting = """\nEen prijs\nper traject.\n"""' + CEL
    assert "Een prijs\nper traject.\n" == read_agreement(write(text)).toelichting
    assert [
        "proef.toml: overeenkomst: toelichting moet een tekst tussen aanhalingstekens zijn, "
        'gevonden "  "'
    ] == problems(write(HEAD + 'toelichting = "  "' + CEL))


def test_a_file_that_ends_too_soon_is_told(write: Write) -> None:
    assert ["proef.toml: dit is geen geldige TOML"] == problems(write("[overeenkomst"))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(HEAD.encode() + b'naam = "\xe9"')
    assert ["latin.toml: dit bestand is geen UTF-8-tekst"] == problems(latin)
    assert ["weg.toml: dit bestand bestaat niet"] == problems(tmp_path / "weg.toml")
    (tmp_path / "map").mkdir()
    assert ["map: in deze map staat geen enkel .toml-bestand"] == problems(tmp_path / "map")
    (tmp_path / "map" / "map.toml").mkdir()
    assert ["map.toml: dit bestand is niet te lezen"] == problems(tmp_path / "map")
    with pytest.raises(AgreementRefused):
        read_agreements(tmp_path / "weg.toml")


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> list[str]:
        raise PermissionError

    monkeypatch.setattr("gateway.agreements.table.os.listdir", refuse)
    assert [f"{tmp_path.name}: deze map is niet te lezen"] == problems(tmp_path)


def test_a_number_too_long_to_read_is_told(write: Write) -> None:
    assert ["proef.toml: dit is geen geldige TOML"] == problems(write("a = " + "9" * 5000))


def test_a_file_nested_beyond_reason_is_told(write: Write) -> None:
    assert ["proef.toml: dit bestand is te diep genest"] == problems(
        write("a = " + "[" * 5000 + "]" * 5000)
    )


def test_all_mistakes_are_collected(write: Write) -> None:
    bad = CEL.replace("265000", "1.5").replace('"traject"', '"x"')
    told = problems(write(HEAD + bad + CEL.replace('"83"', '"85"') + "[drempels]\nx = 1"))
    assert [
        "proef.toml: cel 1 (45P11/83): soort",
        "proef.toml: cel 1 (45P11/83): bedrag",
        "proef.toml: cel 2 (45P11/85): eenheid",
        "proef.toml: drempels: onbekende",
    ] == [" ".join(one.split()[: 5 if "cel" in one else 3]) for one in told]


def test_a_byte_order_mark_and_an_agreement_without_cells_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "leeg.toml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert () == read_agreement(path).cellen
    assert {"0193", "0150"} == read_agreements(path).gemeenten


def test_a_cell_for_both_laws_needs_a_category_of_one_of_them(write: Write) -> None:
    text = (HEAD + CEL).replace('["jeugdwet"]', '["jeugdwet", "wmo"]')
    assert [] == problems(write(text))
    assert [
        "proef.toml: cel 1 (45P11/83): productcategorie 39 bestaat niet voor jeugdwet of wmo"
    ] == (problems(write(text.replace('"45"', '"39"'))))


# What is shipped.

# The cells of each agreement: every dated price and every price for one aanbieder or municipality.
CELLEN = {
    "gi-jeugdbescherming": 14,
    "hengelo-basisondersteuning": 9,
    "hengelo-huishoudelijk": 9,
    "ijsselland-jeugd": 36,
    "ijsselland-pxq": 49,
    "lta-jeugd": 7,
    "twente-2019": 54,
    "twente-2025": 13,
    "twente-ondersteuningsbehoeften": 66,
    "twente-pxq": 29,
    "zwolle-beschermd-wonen": 4,
    "zwolle-dagbesteding": 5,
    "zwolle-diah": 13,
    "zwolle-hulpmiddelen": 40,
    "zwolle-thuisondersteuning": 18,
    "zwolle-vervoer": 4,
}
LANDELIJK = {"gi-jeugdbescherming", "lta-jeugd"}
GEMEENTEN = {"ijsselland": 11, "twente": 14, "zwolle": 1, "hengelo": 1}


def test_the_shipped_agreements_are_sound_and_marked_as_examples() -> None:
    read = read_agreements(SHIPPED)
    assert {one.id: len(one.cellen) for one in read.alle} == CELLEN
    assert [f"{one.id}.toml" for one in read.alle] == [one.bestand for one in read.alle]
    assert all(one.voorbeeld and one.toelichting for one in read.alle)
    assert {one.id: len(one.gemeenten) for one in read.alle} == {
        one: 25 if one in LANDELIJK else GEMEENTEN[one.split("-")[0]] for one in CELLEN
    }
    assert 25 == len(read.gemeenten)


def test_ijsselland_has_a_trajectory_price_for_every_profile_and_intensity() -> None:
    ijsselland = read_agreement(SHIPPED / "ijsselland-jeugd.toml")
    expected = {
        (str(profiel), intensiteit)
        for profiel in range(1, 13)
        for intensiteit in ("perspectief", "intensief", "duurzaam")
    }
    assert expected == {(one.dimensies[0][1], one.dimensies[1][1]) for one in ijsselland.cellen}
    assert {("83", "traject", "6")} == {
        (one.eenheid, one.soort, one.frequentie) for one in ijsselland.cellen
    }
    assert 2500000 == ijsselland.drempels.melding_traject
    assert all(one.bedrag == sum(instalments(one)) for one in ijsselland.cellen)
    above = [one for one in ijsselland.cellen if one.bedrag > 2500000]
    assert ["45I09"] == [one.productcode for one in above]


def test_twente_pays_one_price_under_both_laws() -> None:
    twente = read_agreement(SHIPPED / "twente-ondersteuningsbehoeften.toml")

    def prices(wet: str) -> list[tuple[object, ...]]:
        return [
            (one.dimensies, one.eenheid, one.bedrag, one.vanaf)
            for one in twente.cellen
            if one.wet == wet
        ]

    assert 33 == len(prices("wmo"))
    assert prices("jeugdwet") == prices("wmo")


def of(naam: str) -> Overeenkomst:
    return read_agreement(SHIPPED / f"{naam}.toml")


def test_ijsselland_has_one_main_contractor_and_stacks_no_trajectories() -> None:
    ijsselland = of("ijsselland-jeugd")
    assert ijsselland.hoofdaannemer
    assert not ijsselland.stapelen
    assert "Gezin " == ijsselland.gezinskenmerk
    assert ("01-01", "07-01") == ijsselland.toelatingsmomenten


def test_the_loose_products_of_ijsselland_are_for_those_who_had_them() -> None:
    pxq = of("ijsselland-pxq")
    assert all(one.jaarbedrag for one in pxq.aanbieders)
    assert {"42101", "42102", "50101"} == {
        one.productcode for one in pxq.cellen if one.toewijsbaar_tot is None
    }
    assert {date(2017, 12, 31)} == {one.toewijsbaar_tot for one in pxq.cellen} - {None}


def test_zwolle_has_eighteen_arrangements_that_replace_thirteen_services() -> None:
    arrangementen, diensten = of("zwolle-thuisondersteuning"), of("zwolle-diah")
    expected = {
        (soort, aantal, hoe)
        for soort in ("ondersteunend", "activerend")
        for aantal in ("1-2", "3-4", "5-6")
        for hoe in ("gemiddeld", "plus", "hoog")
    }
    assert expected == {tuple(value for _, value in c.dimensies) for c in arrangementen.cellen}
    assert {date(2018, 4, 1)} == {one.vanaf for one in arrangementen.cellen}
    assert (diensten.id,) == arrangementen.vervangt
    assert {date(2018, 3, 31)} == {one.toewijsbaar_tot for one in diensten.cellen}
    assert [3, 5, 5] == [
        sum(one.productcode.startswith(code) for one in diensten.cellen)
        for code in ("01HH", "02IB", "02IG")
    ]


def test_zwolle_pays_day_activities_and_sheltered_living_per_provider() -> None:
    dagbesteding, wonen = of("zwolle-dagbesteding"), of("zwolle-beschermd-wonen")
    for cell in (*dagbesteding.cellen, *wonen.cellen):
        assert ("lumpsum", None) == (cell.soort, cell.stuktarief)
        assert cell.tarief is not None
        assert 1 == len(cell.aanbieders or ())
    assert {10} == {one.tolerantie for one in dagbesteding.cellen}
    assert {"geheel", "meerdere"} == {one.verrekening for one in dagbesteding.cellen}
    assert all(one.voorschotten > 1 for one in wonen.cellen)


def test_zwolle_gives_every_client_a_yearly_budget_for_regional_transport() -> None:
    regio = [one for one in of("zwolle-vervoer").cellen if one.soort == "budget"]
    assert {(56200, "client-jaar")} == {(one.bedrag, one.per) for one in regio}


def test_the_aids_of_zwolle_are_pieces_of_both_kinds_and_a_monthly_amount() -> None:
    cellen = of("zwolle-hulpmiddelen").cellen
    assert {("82", "stuk"), ("84", "pxq"), ("83", "periode")} == {
        (one.eenheid, one.soort) for one in cellen
    }
    assert {"11", "12", "13"} == {one.productcategorie for one in cellen}


def test_twente_2019_ends_where_twente_2025_begins() -> None:
    oud, nieuw = of("twente-2019"), of("twente-2025")
    last = {(one.toewijsbaar_tot, one.declarabel_tot) for one in oud.cellen if one.tot is None}
    assert {(date(2024, 12, 31), date(2024, 12, 31))} == last
    assert date(2025, 1, 1) == min(one.vanaf for one in nieuw.cellen)
    assert {"pxq", "traject", "periode", "lumpsum"} == {one.soort for one in nieuw.cellen}
    assert all(one.cellen for one in nieuw.aanbieders)


def test_what_moves_in_hengelo_has_no_indication_after_2025() -> None:
    cellen = of("hengelo-basisondersteuning").cellen
    assert {("taak", None), ("pxq", date(2025, 12, 31))} == {
        (one.soort, one.indicatie_tot) for one in cellen
    }


def test_both_parts_of_a_need_in_twente_make_one_price() -> None:
    cellen = {one.productcode: one for one in of("twente-ondersteuningsbehoeften").cellen}
    later = [one for one in cellen.values() if one.hoort_bij is not None]
    assert 6 == len(later)
    for one in later:
        eerste = cellen[one.hoort_bij or ""].bedrag
        assert 70 * one.bedrag == 30 * eerste


ZWAARTE = """
[zwaarte]
dimensie = "profiel"
volgorde = {volgorde}
"""
TWEEDE = CEL.replace('profiel = "1"', 'profiel = "2"').replace("45P11", "45P12")


def test_an_agreement_says_what_is_heavier(tmp_path: Path) -> None:
    file = tmp_path / "proef.toml"
    file.write_text(HEAD + CEL + TWEEDE + ZWAARTE.format(volgorde='["2", "1"]'), encoding="utf-8")
    zwaarte = read_agreement(file).zwaarte
    assert zwaarte is not None
    assert [1, 0] == [zwaarte.rang(one.dimensies) for one in read_agreement(file).cellen]
    assert zwaarte.rang((("profiel", "3"),)) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ZWAARTE.format(volgorde='["1"]'), "volgorde moet een lijst van minstens twee"),
        (ZWAARTE.format(volgorde='["1", "9"]'), 'geen enkele cel heeft profiel "9"'),
        (
            ZWAARTE.format(volgorde='["1", "2"]').replace('"profiel"', '"segment"'),
            "segment is geen dimensie van de overeenkomst",
        ),
        ('[zwaarte]\ndimensie = "profiel"\n', "volgorde ontbreekt"),
    ],
)
def test_an_order_that_cannot_be_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "proef.toml"
    file.write_text(HEAD + CEL + TWEEDE + text, encoding="utf-8")
    assert [one for one in problems(file) if told in one], problems(file)
