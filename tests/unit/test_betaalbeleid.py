"""How a municipality pays, and where that is booked: files that say what is wrong with them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.ledger.geld.betaalbeleid import read_betaalinstellingen
from gateway.ledger.geld.journaal import (
    Boeking,
    Post,
    Rekeningschema,
    Uitbetaling,
    journaal,
    read_rekeningschema,
    split_btw,
)
from gateway.messages.pain001 import sepa_text
from gateway.periods.werkdagen import add_working_days, latest_start
from gateway.records.rekening import Rekening

DAG = date(2026, 3, 5)
STANDAARD = """
[standaard]
tweede_persoon_boven = 100
termijn = 20
termijn_vanaf = "ontvangst"
"""
ZWOLLE = """
[gemeente.0193]
naam = "Gemeente Zwolle"
iban = "NL91 ABNA 0417 1643 00"
bic = "ABNANL2A"
termijn_vanaf = "antwoord"
vanaf = 2026-01-01
"""
ANDERE = """
[gemeente.0150]
naam = "Gemeente Deventer"
iban = "NL91ABNA0417164300"
"""
SCHEMA = """
boekjaar = "levering"
crediteuren = "1300"
onderweg = "1190"
btw = "1520"
[[boeking]]
wet = "jeugdwet"
taakveld = "6.72d"
kostenplaats = "J"
kostensoort = "4340"
[[boeking]]
productcategorie = "45"
taakveld = "6.72a"
kostenplaats = "J"
kostensoort = "4341"
[[boeking]]
productcode = "45A05"
taakveld = "6.6"
kostenplaats = "J"
kostensoort = "4342"
btw = { code = "H", percentage = 21 }
[crediteur]
"12345678" = "C1"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "bestand.toml"
    path.write_text(text, encoding="utf-8")
    return path


def schema(folder: Path, text: str = SCHEMA) -> Rekeningschema:
    return read_rekeningschema(written(folder, text))


def test_our_own_files_can_be_read() -> None:
    assert read_betaalinstellingen(Settings().betaalbestand).of("0193").rekening is None
    assert read_rekeningschema(Settings().grootboekbestand).voorbeeld


def test_a_municipality_goes_before_the_standard(tmp_path: Path) -> None:
    found = read_betaalinstellingen(written(tmp_path, STANDAARD + ZWOLLE))
    own, other = found.of("0193"), found.of("0150")
    assert (100, 20, True) == (own.tweede_persoon_boven, own.termijn, own.from_answer)
    assert Rekening("NL91ABNA0417164300", "Gemeente Zwolle") == own.rekening
    assert (False, None, None) == (other.from_answer, other.rekening, other.vanaf)
    assert date(2026, 1, 1) == own.vanaf


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"bestand\.toml: standaard ontbreekt$"),
        ("[", "bestand.toml: dit is geen geldige TOML in UTF-8"),
        (STANDAARD + "extra = 1", r"toml: standaard: extra is geen bekende sleutel$"),
        (
            STANDAARD.replace("20", "-1"),
            r"toml: standaard\.termijn: hier hoort een geheel getal van ten minste 0$",
        ),
        (
            STANDAARD.replace("20", "999"),
            r"toml: standaard\.termijn: hier hoort een geheel getal van hoogstens 260$",
        ),
        (STANDAARD + ZWOLLE + ANDERE, r"toml: gemeente\.0150: bic ontbreekt$"),
        (
            STANDAARD + ZWOLLE + ANDERE + 'bic = "ABN"',
            r"toml: gemeente\.0150\.bic: hier hoort een tekst van de vorm \[A-Z\]",
        ),
        (
            STANDAARD + ZWOLLE.replace("0193", "193"),
            r"toml: gemeente\.193: hier hoort een tekst van de vorm \[0-9\]\{4\}$",
        ),
        (
            STANDAARD.replace('"ontvangst"', '"later"'),
            r"toml: standaard\.termijn_vanaf: later kan hier niet$",
        ),
        (STANDAARD + ZWOLLE.replace("00", "01"), "de iban van gemeente 0193 klopt niet"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        read_betaalinstellingen(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"weg\.toml: dit bestand is niet te lezen"):
        read_betaalinstellingen(tmp_path / "weg.toml")


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.integers(0, 40),
    st.sets(st.dates(date(2020, 1, 1), date(2030, 12, 31)), max_size=3),
)
def test_what_comes_in_later_falls_due_later(end: date, n: int, extra: set[date]) -> None:
    begin = latest_start(end, n, extra)
    assert add_working_days(begin, n, extra) <= end
    assert add_working_days(begin + timedelta(days=1), n, extra) > end


def test_the_most_specific_place_wins(tmp_path: Path) -> None:
    places = schema(tmp_path)

    def taakveld(wet: str, categorie: str, code: str) -> str:
        return places.bestemming(Post(wet, categorie, code, 2026, 1, 1)).taakveld

    assert "6.6" == taakveld("jeugdwet", "45", "45A05")
    assert "6.72a" == taakveld("jeugdwet", "45", "45A04")
    assert "6.72d" == taakveld("jeugdwet", "50", "50A01")
    with pytest.raises(WrongUse, match="product 02A01 van categorie 02"):
        taakveld("wmo", "02", "02A01")


def test_a_mistake_in_a_list_is_told_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"toml: boeking\.2: kostensoort ontbreekt$"):
        schema(tmp_path, SCHEMA.replace('kostensoort = "4341"\n', ""))


def test_a_place_stands_there_once(tmp_path: Path) -> None:
    twice = '[[boeking]]\nwet = "jeugdwet"\ntaakveld = "x"\nkostenplaats = "x"\nkostensoort = "x"\n'
    with pytest.raises(WrongUse, match="voor jeugdwet staan er twee boekingen"):
        schema(tmp_path, SCHEMA.replace("[crediteur]", f"{twice}[crediteur]"))


def test_the_journal_of_a_payment_to_the_cent(tmp_path: Path) -> None:
    posten = [
        Post("jeugdwet", "45", "45A04", 2025, 1, 10_000),
        Post("jeugdwet", "45", "45A05", 2026, 1, 1_000),
        Post("jeugdwet", "50", "50A01", 2026, 1, -300),
    ]
    made = list(journaal(schema(tmp_path), DAG, [Uitbetaling("12345678", "K", 10_700, posten)]))
    assert [
        (2025, "4341", "6.72a", "", 10_000, 0),
        (2025, "1300", "", "", 0, 10_000),
        (2026, "4342", "6.6", "H", 826, 0),
        (2026, "1520", "6.6", "H", 174, 0),
        (2026, "4340", "6.72d", "", 0, 300),
        (2026, "1300", "", "", 0, 700),
        (2026, "1300", "", "", 10_700, 0),
        (2026, "1190", "", "", 0, 10_700),
    ] == [
        (one.boekjaar, one.rekening, one.taakveld, one.btwcode, one.debet, one.credit)
        for one in made
    ]
    assert {"C1"} == {one.crediteur for one in made}


def test_the_number_of_a_creditor_in_the_register_goes_before_the_file(tmp_path: Path) -> None:
    def creditor(aanbieder: str, known: str | None) -> set[str]:
        one = Uitbetaling(aanbieder, "K", 100, [], crediteur=known)
        return {line.crediteur for line in journaal(schema(tmp_path), DAG, [one])}

    assert [{"R7"}, {"C1"}] == [creditor("12345678", known) for known in ("R7", None)]
    assert [{"R8"}, {"87654321"}] == [creditor("87654321", known) for known in ("R8", None)]


def test_by_year_of_payment_all_is_in_one_year(tmp_path: Path) -> None:
    by_payment = SCHEMA.replace('"levering"', '"betaling"')
    posten = [Post("jeugdwet", "45", "45A04", 2025, 1, 10)]
    made = journaal(schema(tmp_path, by_payment), DAG, [Uitbetaling("1", "K", 10, posten)])
    assert {2026} == {one.boekjaar for one in made}


@given(st.integers(-(10**12), 10**12), st.integers(0, 100))
def test_vat_and_the_rest_are_the_whole_and_a_credit_is_the_mirror(
    bedrag: int, percentage: int
) -> None:
    netto, btw = split_btw(bedrag, percentage)
    assert bedrag == netto + btw
    assert (-netto, -btw) == split_btw(-bedrag, percentage)


POSTEN = st.builds(
    Post,
    st.just("jeugdwet"),
    st.sampled_from(["45", "50"]),
    st.sampled_from(["45A04", "45A05", "50A01"]),
    st.integers(2024, 2027),
    st.just(1),
    st.integers(-(10**9), 10**9),
)
BETALINGEN = st.builds(
    Uitbetaling,
    st.sampled_from(["12345678", "87654321"]),
    st.just("K"),
    st.integers(0, 10**9),
    st.lists(POSTEN, max_size=6),
    st.none() | st.just(date(2027, 1, 4)),
)


@given(betalingen=st.lists(BETALINGEN, max_size=5))
def test_debit_is_credit_in_every_year(
    tmp_path_factory: pytest.TempPathFactory, betalingen: list[Uitbetaling]
) -> None:
    places = schema(tmp_path_factory.getbasetemp())
    per_year: dict[tuple[str, int], int] = {}
    for one in journaal(places, DAG, betalingen):
        key = (one.aanbieder, one.boekjaar)
        per_year[key] = per_year.get(key, 0) + one.debet - one.credit
        assert min(one.debet, one.credit) == 0
        assert isinstance(one, Boeking)
    assert not any(per_year.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zörg & Co", "Zorg + Co"),
        ("Stichting „De Linde”", "Stichting .De Linde."),
        ("_", "."),
        ("", "-"),
        ("a" * 80, "a" * 70),
    ],
)
def test_a_bank_gets_only_signs_that_it_takes(text: str, expected: str) -> None:
    assert expected == sepa_text(text, 70)
