"""The register of providers: which change it takes, and what a file of it comes to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.ledger.register.aanbiederbestand import AANBIEDERS
from gateway.ledger.register.afspraken import Register
from gateway.ledger.register.bestand import as_bestand, plan_of, read_rijen
from gateway.ledger.register.rekening import (
    Rekeningvraag,
    checked,
    first_day,
    is_iban,
    is_other_name,
    masked,
)
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    Wijziging,
    told,
)
from gateway.records.aanbieder import Overgang
from gateway.records.rekening import Rekening
from tests.properties.profiel import examples

BEGIN, VANDAAG = date(2024, 1, 1), date(2026, 3, 2)
LINDE = Nieuw(naam="Stichting De Linde", vanaf=BEGIN, kvk="12345678", agb="99000011")
EIK = Nieuw(naam="Jeugdhulp De Eik", vanaf=BEGIN, kvk="87654321", agb="99000022")


def stand_with(*wijzigingen: Wijziging) -> Registerstand:
    made = Registerstand(())
    for one in wijzigingen:
        made.neem(one)
    return made


def wrong(stand: Registerstand, wijziging: Wijziging) -> dict[str, str]:
    """What is wrong with a change, which then changed nothing."""
    before = dict(stand.aanbieders)
    with pytest.raises(OngeldigeVelden) as refused:
        stand.neem(wijziging)
    assert before == stand.aanbieders
    return refused.value.fouten


def test_a_provider_has_a_number_of_our_own_and_a_code_from_its_first_day() -> None:
    stand = stand_with(LINDE, EIK)
    assert [1, 2] == list(stand.aanbieders)
    found = stand.houder("99000022", BEGIN)
    assert found is not None
    assert ("Jeugdhulp De Eik", "87654321") == (found.naam, found.kvk)
    assert stand.houder("99000022", BEGIN - timedelta(days=1)) is None


def test_a_name_is_known_by_the_day() -> None:
    stand = stand_with(LINDE, Hernoem(nummer=1, naam="De Linde Zorg", vanaf=date(2025, 7, 1)))
    one = stand.aanbieders[1]
    assert ("Stichting De Linde", "De Linde Zorg", "De Linde Zorg") == (
        one.naam_op(date(2025, 6, 30)),
        one.naam_op(date(2025, 7, 1)),
        one.naam,
    )


def test_on_the_same_day_another_name_sets_right_what_was_wrong() -> None:
    stand = stand_with(LINDE, Hernoem(nummer=1, naam="De Linde", vanaf=BEGIN))
    assert ["De Linde"] == [one.naam for one in stand.aanbieders[1].namen]


@pytest.mark.parametrize(
    ("wijziging", "veld"),
    [
        (Nieuw(naam=" ", vanaf=BEGIN), "naam"),
        (Nieuw(naam="x" * 121, vanaf=BEGIN), "naam"),
        (Nieuw(naam="Zorg van 999900006", vanaf=BEGIN), "naam"),
        (Nieuw(naam="Nieuw", vanaf=BEGIN, kvk="1234567"), "kvk"),
        (Nieuw(naam="Nieuw", vanaf=BEGIN, kvk="12345678"), "kvk"),
        (Nieuw(naam="Nieuw", vanaf=BEGIN, contact="999900006"), "contact"),
        (Nieuw(naam="Nieuw", vanaf=BEGIN, agb="9900001"), "agb"),
        (Nieuw(naam="Nieuw", vanaf=BEGIN, agb="99000011"), "agb"),
        (Hernoem(nummer=1, naam="Ander", vanaf=BEGIN - timedelta(days=1)), "vanaf"),
        (Hernoem(nummer=7, naam="Ander", vanaf=BEGIN), "nummer"),
        (Gegevens(nummer=2, kvk="12345678", contact=""), "kvk"),
        (Einde(nummer=1, tot=BEGIN - timedelta(days=1)), "tot"),
        (AgbErbij(nummer=2, agb="99000011", vanaf=VANDAAG), "agb"),
        (AgbErbij(nummer=2, agb="99000033", vanaf=BEGIN - timedelta(days=1)), "vanaf"),
        (AgbErbij(nummer=2, agb="99000033", vanaf=VANDAAG, tot=BEGIN), "tot"),
        (AgbEinde(nummer=2, agb="99000011", vanaf=BEGIN, tot=VANDAAG), "agb"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(wijziging: Wijziging, veld: str) -> None:
    assert [veld] == list(wrong(stand_with(LINDE, EIK), wijziging))


def test_a_code_goes_to_another_once_it_is_over() -> None:
    einde = AgbEinde(nummer=1, agb="99000011", vanaf=BEGIN, tot=date(2025, 12, 31))
    stand = stand_with(LINDE, EIK, einde)
    stand.neem(AgbErbij(nummer=2, agb="99000011", vanaf=date(2026, 1, 1)))
    holders = [stand.houder("99000011", dag) for dag in (date(2025, 12, 31), date(2026, 1, 1))]
    assert [1, 2] == [one.nummer for one in holders if one]
    assert "agb" in wrong(stand, AgbEinde(nummer=1, agb="99000011", vanaf=BEGIN, tot=None))


def test_whoever_ends_has_no_codes_left() -> None:
    stand = stand_with(LINDE, Einde(nummer=1, tot=VANDAAG))
    assert [VANDAAG] == [code.tot for code in stand.aanbieders[1].agbs]
    assert stand.houder("99000011", VANDAAG + timedelta(days=1)) is None


def overgang(soort: str, *agbs: str, dag: date = date(2026, 1, 1)) -> Overgang:
    return Overgang(soort=soort, van=1, naar=2, dag=dag, agbs=agbs)  # type: ignore[arg-type]


def test_a_merger_takes_the_codes_along_that_it_names_and_ends_the_others() -> None:
    second = AgbErbij(nummer=1, agb="99000012", vanaf=BEGIN)
    stand = stand_with(LINDE, EIK, second, overgang("fusie", "99000011"))
    before, after = date(2025, 12, 31), date(2026, 1, 1)
    assert (before, {"99000011", "99000012"}) == (
        stand.aanbieders[1].tot,
        set(stand.aanbieders[1].agbs_op(before)),
    )
    assert {"99000011", "99000022"} == set(stand.aanbieders[2].agbs_op(after))
    assert stand.houder("99000012", after) is None
    assert {"99000011", "99000012", "99000022"} == stand.geheel(2)
    assert {"99000011", "99000012"} == stand.geheel(1)


def test_who_is_split_goes_on_without_the_codes_that_left() -> None:
    second = AgbErbij(nummer=1, agb="99000012", vanaf=BEGIN)
    stand = stand_with(LINDE, EIK, second, overgang("splitsing", "99000012"))
    after = date(2026, 1, 1)
    assert (None, {"99000011"}) == (
        stand.aanbieders[1].tot,
        set(stand.aanbieders[1].agbs_op(after)),
    )
    assert {"99000012", "99000022"} == stand.geheel(2)


@pytest.mark.parametrize(
    ("wijziging", "veld"),
    [
        (overgang("fusie", "99000022"), "agbs"),
        (overgang("splitsing"), "agbs"),
        (overgang("fusie", dag=BEGIN), "dag"),
        (Overgang(soort="fusie", van=1, naar=1, dag=VANDAAG, agbs=()), "naar"),
        (Overgang(soort="fusie", van=1, naar=9, dag=VANDAAG, agbs=()), "naar"),
    ],
)
def test_a_merger_that_cannot_be_is_told(wijziging: Overgang, veld: str) -> None:
    assert [veld] == list(wrong(stand_with(LINDE, EIK), wijziging))


def test_a_merger_is_done_once() -> None:
    stand = stand_with(LINDE, EIK, overgang("overname", "99000011"))
    assert ["dag"] == list(wrong(stand, overgang("overname", "99000011")))


def test_a_change_is_told_in_words() -> None:
    assert [
        "nieuwe aanbieder Stichting De Linde met AGB-code 99000011 vanaf 2024-01-01",
        "aanbieder 1 heet X vanaf 2024-01-01",
        "aanbieder 1: KvK-nummer geen, contact",
        "aanbieder 1 eindigt op 2024-01-01",
        "aanbieder 1: AGB-code 99000012 vanaf 2024-01-01 tot en met 2024-01-01",
        "aanbieder 1: AGB-code 99000012 van 2024-01-01, weer zonder einde",
        "fusie op 2026-01-01: aanbieder 1 naar 2, met geen AGB-code",
    ] == [
        told(one).strip()
        for one in (
            LINDE,
            Hernoem(nummer=1, naam="X", vanaf=BEGIN),
            Gegevens(nummer=1, kvk="", contact=""),
            Einde(nummer=1, tot=BEGIN),
            AgbErbij(nummer=1, agb="99000012", vanaf=BEGIN, tot=BEGIN),
            AgbEinde(nummer=1, agb="99000012", vanaf=BEGIN, tot=None),
            overgang("fusie"),
        )
    ]


# --- the file

DAYS = st.dates(date(2020, 1, 1), date(2026, 1, 1))
CODES = st.sampled_from([f"990000{n:02}" for n in range(20)])
NAMES = st.sampled_from(["De Linde", "=Som", "-Zorg", "'t Hof", 'Zorg; "Plus"', "Ætt"])


@st.composite
def registers(draw: st.DrawFn) -> Registerstand:
    """A register after some changes, of which those that it does not take are left out."""
    stand = Registerstand(())
    for _ in range(draw(st.integers(1, 12))):
        nummer = st.integers(1, max(1, len(stand.aanbieders)))
        change = draw(
            st.one_of(
                st.builds(Nieuw, naam=NAMES, vanaf=DAYS, agb=CODES, contact=NAMES),
                st.builds(Hernoem, nummer=nummer, naam=NAMES, vanaf=DAYS),
                st.builds(AgbErbij, nummer=nummer, agb=CODES, vanaf=DAYS, tot=st.none() | DAYS),
                st.builds(Einde, nummer=nummer, tot=DAYS),
                st.builds(
                    Overgang,
                    soort=st.sampled_from(["fusie", "splitsing"]),
                    van=nummer,
                    naar=nummer,
                    dag=DAYS,
                    agbs=st.tuples(CODES),
                ),
            )
        )
        try:
            stand.neem(change)
        except OngeldigeVelden:
            continue
    return stand


@examples(40)
@given(registers())
def test_a_register_that_is_written_and_read_back_changes_nothing(stand: Registerstand) -> None:
    register = Register(stand)
    body = as_bestand(AANBIEDERS, register)
    plan = plan_of(AANBIEDERS, register, read_rijen(AANBIEDERS, body), VANDAAG)
    assert ([], []) == (plan.fouten, plan.wijzigingen)


@examples(40)
@given(registers(), DAYS)
def test_a_code_is_never_of_two_providers_on_a_day(stand: Registerstand, dag: date) -> None:
    codes = [code for one in stand.aanbieders.values() for code in one.agbs_op(dag)]
    assert len(codes) == len(set(codes))
    assert all(one.geldt_op(dag) for one in stand.aanbieders.values() if list(one.agbs_op(dag)))


def plan_for(stand: Registerstand, text: str) -> tuple[list[str], list[tuple[int, str]]]:
    rijen = read_rijen(AANBIEDERS, text.encode())
    plan = plan_of(AANBIEDERS, Register(stand), rijen, VANDAAG)
    return [told(one) for _, one in plan.wijzigingen], plan.fouten


def test_a_file_makes_providers_with_their_codes() -> None:
    changes, fouten = plan_for(
        stand_with(LINDE),
        "naam;kvk;vanaf;agb;agb_vanaf\nDe Eik;87654321;2024-01-01;99000022;2024-01-01\n"
        "De Eik;87654321;;99000023;2025-01-01\n",
    )
    assert [] == fouten
    assert [
        "nieuwe aanbieder De Eik vanaf 2024-01-01",
        "aanbieder 2: AGB-code 99000022 vanaf 2024-01-01",
        "aanbieder 2: AGB-code 99000023 vanaf 2025-01-01",
    ] == changes


def test_a_file_twice_changes_nothing_the_second_time() -> None:
    stand = stand_with(LINDE)
    text = "naam,agb,agb_vanaf,agb_tot\nDe Linde,99000011,2024-01-01,2026-12-31\n"
    first, _ = plan_for(stand, text)
    assert 2 == len(first)
    assert ([], []) == plan_for(stand, text)


def test_what_is_wrong_is_told_by_the_row_of_the_spreadsheet() -> None:
    _, fouten = plan_for(
        stand_with(LINDE),
        "nummer;naam;kvk;agb;agb_vanaf\n9;X;;;\n;Y;123;;\n;Z;;99000044;2026-13-01\n;;;99000055;\n",
    )
    assert [2, 3, 4, 5] == [row for row, _ in fouten]
    assert "Aanbieder 9 staat niet in het register." == fouten[0][1]
    assert "2026-13-01 is geen datum" in fouten[2][1]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"naam;iets\n", "kolom iets"),
        (b"kvk\n", "kolom naam ontbreekt"),
    ],
)
def test_what_is_no_such_file_is_told(body: bytes, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        read_rijen(AANBIEDERS, body)


# --- accounts

IBAN = "NL91ABNA0417164300"


@pytest.mark.parametrize(
    ("iban", "expected"),
    [
        (IBAN, True),
        ("NL91ABNA0417164301", False),
        ("NL91ABNA041716430", False),
        ("BE68539007547034", True),
        ("XX91ABNA0417164300", False),
        ("nl91abna0417164300", False),
        ("", False),
    ],
)
def test_an_iban_has_its_form_and_check_digits(iban: str, expected: bool) -> None:
    assert expected == is_iban(iban)


def asked(iban: str = IBAN, naam: str = "De Linde", notitie: str = "") -> Rekeningvraag:
    return Rekeningvraag(
        aanbieder="99000011", rekening=Rekening(iban, naam), vanaf=VANDAAG, notitie=notitie
    )


def test_an_account_is_written_as_banks_do() -> None:
    assert (
        Rekening(IBAN, "De Linde")
        == checked(asked("nl91 abna 0417 1643 00", " De  Linde")).rekening
    )


@pytest.mark.parametrize(
    ("vraag", "veld"),
    [
        (asked("NL00"), "iban"),
        (asked(naam=""), "tenaamstelling"),
        (asked(naam="<script>"), "tenaamstelling"),
        (asked(notitie="gebeld over 999900006"), "notitie"),
    ],
)
def test_what_is_wrong_with_an_account_is_told(vraag: Rekeningvraag, veld: str) -> None:
    with pytest.raises(OngeldigeVelden) as refused:
        checked(vraag)
    assert [veld] == list(refused.value.fouten)


@pytest.mark.parametrize(
    ("vanaf", "notitie", "expected"),
    [
        (date(2026, 3, 1), "gebeld op het bekende nummer", date(2026, 3, 10)),
        (date(2026, 5, 1), "gebeld op het bekende nummer", date(2026, 5, 1)),
        (date(2026, 3, 1), "", date(2026, 3, 24)),
        (date(2026, 5, 1), "", date(2026, 5, 1)),
    ],
)
def test_an_account_nobody_called_back_about_waits(
    vanaf: date, notitie: str, expected: date
) -> None:
    assert expected == first_day(vanaf, notitie, date(2026, 3, 10), 14)


def test_a_name_without_a_word_in_common_is_another_one() -> None:
    names = ["Stichting De Linde"]
    assert (False, True, False) == (
        is_other_name("LINDE ZORG BV", names),
        is_other_name("Stichting De Eik", names),
        is_other_name("Iets", []),
    )


def test_an_iban_shows_its_last_four() -> None:
    assert "NL** **** 4300" == masked(IBAN)
