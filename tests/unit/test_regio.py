"""Trajectories, and what is measured of them, in numbers that were worked out by hand."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.config import data_folder, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_lists, load_regio
from gateway.ledger.regio import verloop
from gateway.ledger.regio.basis import (
    ANDERS,
    GEEN_WIJK,
    LOOPT,
    PLAN,
    UITVAL,
    ZONDER_STOP,
    Basis,
    Wijken,
)
from gateway.ledger.regio.bestanden import basis_of, wijken_of
from gateway.ledger.regio.geldvragen import Voorstelrij, proposal
from gateway.ledger.regio.lijst import Lijst, lists_of
from gateway.ledger.regio.prijs import Prijs, quantile
from gateway.ledger.regio.rapport import Jaarcijfers, report
from gateway.ledger.regio.telling import count
from gateway.ledger.regio.traject import (
    VERWIJZER_ONBEKEND,
    ZONDER_VERZOEK,
    Bouwer,
    Clientzorg,
    Geleverd,
    Jaarregels,
    Toegewezen,
    Traject,
)
from gateway.ledger.regio.vragen import answers
from gateway.periods.maanden import months_after
from gateway.records.overeenkomst import Zwaarte
from tests.unit.agreement_builders import cel, overeenkomst

VANDAAG = date(2026, 12, 31)
LICHT = cel(
    dimensies=(("profiel", "1"), ("intensiteit", "licht")), productcode="45L01", bedrag=100_00
)
ZWAAR = cel(
    dimensies=(("profiel", "1"), ("intensiteit", "zwaar")), productcode="45Z01", bedrag=300_00
)
ANDER = cel(
    dimensies=(("profiel", "2"), ("intensiteit", "licht")), productcode="45L02", bedrag=100_00
)
UUR = cel(
    dimensies=(("profiel", "3"), ("intensiteit", "licht")),
    productcode="45U01",
    eenheid="04",
    soort="pxq",
    bedrag=60_00,
)
AFSPRAKEN = index(
    [
        overeenkomst(
            LICHT,
            ZWAAR,
            ANDER,
            UUR,
            dimensies=("profiel", "intensiteit"),
            zwaarte=Zwaarte("intensiteit", ("licht", "zwaar")),
        )
    ]
)
BASIS = load_regio(read_settings({}), load_lists())
CEL_LICHT = "proef: profiel=1, intensiteit=licht"


def toegewezen(nummer: int, ingang: date, **changes: Any) -> Toegewezen:
    made = Toegewezen(
        sleutel=(1, nummer),
        gemeente="0193",
        wet="jeugdwet",
        aanbieder="99000001",
        versie=(date(2026, 1, 1), "10:00:00"),
        productcode="45L01",
        eenheid="83",
        ingangsdatum=ingang,
        einddatum=None,
        reden_wijziging=None,
        postcode=None,
        verwijzer="",
    )
    return made._replace(**changes)


def start(nummer: int, begin: date) -> Geleverd:
    return Geleverd((1, nummer), begin, None, None)


def stop(nummer: int, einde: date, reden: str = "31") -> Geleverd:
    return Geleverd((1, nummer), date(2026, 1, 1), reden, einde)


def regels(nummer: int, bedrag: int, jaar: int = 2026, **changes: Any) -> Jaarregels:
    made = Jaarregels(
        sleutel=(1, nummer),
        gemeente="0193",
        wet="jeugdwet",
        aanbieder="99000001",
        productcode="45L01",
        eenheid="83",
        jaar=jaar,
        begindatum=date(jaar, 3, 1),
        volume=bedrag,
        bedrag=bedrag,
    )
    return made._replace(**changes)


def built(*given: Toegewezen, leveringen: Sequence[Geleverd] = ()) -> Sequence[Traject]:
    return Bouwer(AFSPRAKEN, BASIS, VANDAAG).trajecten(Clientzorg(given, leveringen, ()))[0]


def the_one(*given: Toegewezen, leveringen: Sequence[Geleverd] = ()) -> Traject:
    (found,) = built(*given, leveringen=leveringen)
    return found


# --- what a trajectory is ------------------------------------------------------------------------

MAART, JUNI = date(2026, 3, 1), date(2026, 6, 30)


def test_a_trajectory_runs_from_its_first_start_to_its_stop() -> None:
    given = [start(1, date(2026, 3, 9)), stop(1, JUNI)]
    found = the_one(toegewezen(1, MAART), leveringen=given)
    assert (date(2026, 3, 9), JUNI, PLAN, 114) == (
        found.begin,
        found.einde,
        found.uitkomst,
        found.dagen,
    )


@pytest.mark.parametrize(
    ("wet", "reden", "expected"),
    [
        ("jeugdwet", "31", PLAN),
        ("jeugdwet", "32", UITVAL),
        ("jeugdwet", "38", ANDERS),
        ("wmo", "19", PLAN),
        ("wmo", "21", UITVAL),
        ("wmo", "31", ANDERS),  # moved away: another meaning than under the other law
    ],
)
def test_how_care_ended_follows_from_the_reason(wet: str, reden: str, expected: str) -> None:
    found = the_one(toegewezen(1, MAART, wet=wet), leveringen=[stop(1, JUNI, reden)])
    assert expected == found.uitkomst


def test_a_temporary_stop_ends_nothing() -> None:
    found = the_one(toegewezen(1, MAART), leveringen=[stop(1, JUNI, "20")])
    assert (None, LOOPT) == (found.einde, found.uitkomst)


def test_a_start_after_a_stop_takes_care_up_again() -> None:
    given = [start(1, MAART), stop(1, JUNI), start(1, date(2026, 8, 1))]
    assert the_one(toegewezen(1, MAART), leveringen=given).uitkomst == LOOPT


def test_an_assignment_that_ran_out_without_a_stop_is_told_apart() -> None:
    found = the_one(toegewezen(1, MAART, einddatum=JUNI))
    assert (JUNI, ZONDER_STOP, "") == (found.einde, found.uitkomst, found.reden)


def test_the_latest_version_counts_and_a_deleted_one_does_not() -> None:
    later = (date(2026, 2, 1), "10:00:00")
    shorter = toegewezen(1, MAART, einddatum=JUNI, versie=later)
    assert JUNI == the_one(toegewezen(1, MAART), shorter).einde
    gone = toegewezen(1, MAART, reden_wijziging="13", einddatum=MAART, versie=later)
    assert not built(toegewezen(1, MAART), gone)


def test_what_has_not_begun_does_not_run() -> None:
    assert not built(toegewezen(1, date(2027, 1, 1)))


def test_the_referrer_is_a_kind_and_never_somebody() -> None:
    told = [the_one(toegewezen(1, MAART, verwijzer=code)).verwijzer for code in ("02", "", " ")]
    assert ["huisarts", ZONDER_VERZOEK, VERWIJZER_ONBEKEND] == told


def test_the_cell_has_a_profile_an_intensity_and_a_weight() -> None:
    found = the_one(toegewezen(1, MAART, productcode="45Z01"))
    assert ("proef: profiel=1", "proef: zwaar", 1, 300_00) == (
        found.profiel,
        found.intensiteit,
        found.rang,
        found.vast,
    )


# --- what came after it --------------------------------------------------------------------------

KLAAR = date(2025, 6, 30)


def gevolgd(*later: Toegewezen) -> str:
    first = toegewezen(1, date(2025, 1, 1))
    trajecten = built(first, *later, leveringen=[stop(1, KLAAR)])
    return verloop.terugkeer_of(trajecten[0], trajecten[1:], BASIS, VANDAAG)


@pytest.mark.parametrize(
    ("begin", "product", "expected"),
    [
        (date(2025, 7, 7), "45L01", verloop.LIEP_DOOR),  # within seven days
        (date(2025, 7, 8), "45L01", verloop.KORT_ZELFDE),
        (date(2025, 12, 30), "45Z01", verloop.KORT_ZELFDE),  # six months, to the day
        (date(2025, 12, 31), "45L01", verloop.LANG_ZELFDE),
        (date(2025, 12, 30), "45L02", verloop.KORT_ANDER),
        (date(2026, 6, 30), "45L02", verloop.LANG_ANDER),  # twelve months, to the day
        (date(2026, 7, 1), "45L01", verloop.NIET_TERUG),
    ],
)
def test_a_return_is_new_care_within_the_terms(begin: date, product: str, expected: str) -> None:
    assert expected == gevolgd(toegewezen(2, begin, productcode=product))


def test_care_that_ran_beside_it_and_goes_on_is_no_return() -> None:
    assert verloop.LIEP_DOOR == gevolgd(toegewezen(2, date(2025, 3, 1)))


def test_who_ended_too_lately_is_told_apart_even_when_he_is_back() -> None:
    back = toegewezen(2, date(2026, 9, 1))
    for later in ([], [back]):
        traject, *rest = built(toegewezen(1, MAART), *later, leveringen=[stop(1, JUNI)])
        assert verloop.TE_KORT_TERUG == verloop.terugkeer_of(traject, rest, BASIS, VANDAAG)


def test_a_step_up_from_what_still_runs_is_not_told_yet() -> None:
    heavier = toegewezen(2, date(2026, 9, 1), productcode="45Z01")
    traject, *rest = built(toegewezen(1, MAART), heavier)
    assert verloop.TE_KORT_ZWAARDER == verloop.verzwaring_of(traject, rest, BASIS, VANDAAG)


def test_only_completed_care_can_be_returned_from() -> None:
    (traject,) = built(toegewezen(1, MAART), leveringen=[stop(1, JUNI, "32")])
    assert verloop.NIET_KLAAR == verloop.terugkeer_of(traject, [], BASIS, VANDAAG)


@pytest.mark.parametrize(
    ("begin", "product", "expected"),
    [
        (date(2025, 3, 1), "45Z01", verloop.TIJDENS),
        (date(2025, 12, 30), "45Z01", verloop.ERNA),
        (date(2025, 12, 31), "45Z01", verloop.NIET_ZWAARDER),
        (date(2025, 3, 1), "45L02", verloop.NIET_ZWAARDER),
        (date(2024, 12, 1), "45Z01", verloop.NIET_ZWAARDER),  # it was there before
    ],
)
def test_a_step_up_is_later_care_that_is_heavier(begin: date, product: str, expected: str) -> None:
    agreed = index([_zonder_begin(one) for one in AFSPRAKEN.alle])
    zorg = Clientzorg(
        [toegewezen(1, date(2025, 1, 1)), toegewezen(2, begin, productcode=product)],
        [stop(1, KLAAR)],
        [],
    )
    (first, *rest), _ = Bouwer(agreed, BASIS, VANDAAG).trajecten(zorg)
    assert expected == verloop.verzwaring_of(first, rest, BASIS, VANDAAG)


def _zonder_begin(one: Any) -> Any:
    cellen = tuple(replace(each, vanaf=date(2020, 1, 1)) for each in one.cellen)
    return replace(one, cellen=cellen)


def test_months_after_end_on_the_last_day_of_a_short_month() -> None:
    assert date(2026, 2, 28) == months_after(date(2025, 8, 31), 6)
    assert date(2027, 1, 15) == months_after(date(2026, 1, 15), 12)


# --- a whole year --------------------------------------------------------------------------------


def clienten() -> list[Clientzorg]:
    """Six clients in a light cell, six in a heavy one, and one who had both."""
    found = []
    for n in range(6):
        begin, einde = date(2026, 1, 1), date(2026, 1, 10 + 10 * (n % 2))
        reden = "31" if n < 5 else "32"
        found.append(
            Clientzorg(
                [toegewezen(1, begin)],
                [stop(1, einde, reden)],
                [regels(1, 90_00 if n else 100_00)],
            )
        )
        zwaar = toegewezen(1, date(2026, 7, 1), productcode="45Z01", gemeente="0150")
        found.append(Clientzorg([zwaar], [], [regels(1, 120_00, productcode="45Z01")]))
    heavier = toegewezen(2, date(2026, 4, 1), productcode="45Z01", gemeente="0150")
    both = [toegewezen(1, MAART), heavier]
    found.append(Clientzorg(both, [], []))
    return found


def cijfers(zorg: Sequence[Clientzorg], basis: Basis = BASIS) -> Jaarcijfers:
    tellingen = count(lambda: zorg, AFSPRAKEN, basis, [2026], VANDAAG)
    return report(tellingen, AFSPRAKEN, {"0193", "0150"}, basis.wijken, VANDAAG).jaren[2026]


def prijs_of(jaar: Jaarcijfers, naam: str) -> Prijs:
    return next(one for one in jaar.prijzen if one.cel == naam)


def test_clients_are_counted_once_and_trajectories_each() -> None:
    totaal = cijfers(clienten()).totaal
    assert totaal is not None
    assert (14, 13, 550_00 + 720_00) == (totaal.trajecten, totaal.clienten, totaal.bedrag)


def test_the_price_of_a_cell_is_worked_out_to_the_cent() -> None:
    found = prijs_of(cijfers(clienten()), CEL_LICHT)
    # Six ended: three took 10 days and three 20, for 100 + 5 x 90 euros; the price is 100 euros.
    assert (10, 10, 20) == (found.kwart, found.helft, found.driekwart)
    assert (91_67, 91_67, 100_00) == (found.per_traject, found.vast_betaald, found.vast)
    # Seven clients, one of whom was granted nothing: 550 / 7.
    assert 78_57 == found.per_client
    # 3 x 10 + 3 x 20 days, and 306 of who still has it: 550 x 365 / (396 x 12).
    assert 42_25 == found.per_maand


def test_what_is_of_a_few_is_in_no_table_and_comes_back_in_one_sum() -> None:
    few = [
        Clientzorg(
            [toegewezen(1, MAART, aanbieder="99000002", gemeente=gemeente)],
            [],
            [regels(1, 10_00, aanbieder="99000002")],
        )
        for gemeente in ("0193", "0166", "0193", "0166", "0150")
    ]
    whole, found = cijfers(clienten()), cijfers([*clienten(), *few])
    assert (whole.totaal, whole.tabellen) == (found.totaal, found.tabellen)
    assert (5, 5, 50_00) == (found.rest.trajecten, found.rest.clienten, found.rest.bedrag)
    told = [("in de tabellen", 14, 13, 550_00 + 720_00), ("niet verdeeld", 5, 5, 50_00)]
    assert told == list(lists_of(found)[0].rijen)
    rows = answer("indexatie", answers(found, None, 300)).lijst.rijen
    assert ("niet verdeeld", 50_00, 1_50, 51_50) == rows[-1]
    assert "99000002" not in str(answers(found, None, 300))


def test_a_price_per_hour_stands_beside_what_the_list_asks() -> None:
    zorg = [
        Clientzorg(
            [toegewezen(1, MAART, productcode="45U01", eenheid="04")],
            [],
            [regels(1, 100_00, productcode="45U01", eenheid="01", volume=120)],
        )
        for _ in range(5)
    ]
    found = prijs_of(cijfers(zorg), "proef: profiel=3, intensiteit=licht")
    assert (50_00, 60_00) == (found.per_uur, found.norm_uur)


def test_a_price_per_hour_of_too_few_clients_is_not_told() -> None:
    uren = toegewezen(1, MAART, productcode="45U01", eenheid="04")
    lines = [regels(1, 100_00, productcode="45U01", eenheid="01", volume=120)]
    zorg = [Clientzorg([uren], [], lines if n < 4 else []) for n in range(6)]
    found = prijs_of(cijfers(zorg), "proef: profiel=3, intensiteit=licht")
    assert (None, None) == (found.per_uur, found.norm_uur)


def test_money_beside_every_trajectory_is_told_apart() -> None:
    zorg = [Clientzorg([toegewezen(1, MAART)], [], [regels(9, 10_00)]) for _ in range(5)]
    found = cijfers(zorg)
    assert found.totaal is not None
    assert (0, 50_00) == (found.totaal.bedrag, found.los)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([2024, 2025, 2026]),
            st.integers(-500, 900),
            st.sampled_from(["0193", "0150"]),
        ),
        min_size=5,
        max_size=30,
    )
)
@settings(max_examples=100, deadline=None)
def test_every_cent_of_a_year_is_somewhere(lines: list[tuple[int, int, int, str]]) -> None:
    zorg = [
        Clientzorg(
            [toegewezen(1, MAART, gemeente=gemeente), toegewezen(2, date(2025, 1, 1))],
            [],
            [regels(nummer, bedrag, jaar)],
        )
        for nummer, jaar, bedrag, gemeente in lines
    ]
    tellingen = count(lambda: zorg, AFSPRAKEN, BASIS, [2024, 2025, 2026], VANDAAG)
    for jaar, telling in tellingen.items():
        expected = sum(bedrag for _, of, bedrag, _ in lines if of == jaar)
        assert expected == telling.totaal.bedrag + telling.rest.bedrag + telling.los
        for sums in telling.sommen.values():
            assert telling.totaal.bedrag == sum(veld.bedrag for veld in sums.values())
            assert telling.totaal.trajecten == sum(veld.trajecten for veld in sums.values())


@pytest.mark.parametrize(("part", "of", "expected"), [(1, 4, 10), (1, 2, 20), (3, 4, 30)])
def test_a_quantile_is_the_nearest_rank(part: int, of: int, expected: int) -> None:
    assert expected == quantile(Counter([10, 20, 30, 40]), part, of)
    assert quantile(Counter(), part, of) is None


# --- the questions -------------------------------------------------------------------------------


def answer(code: str, found: Sequence[Any]) -> Any:
    return next(one for one in found if one.lijst.code == code)


def test_every_question_has_an_answer_in_a_sentence() -> None:
    found = answers(cijfers(clienten()), None, 300)
    assert [
        "prijsverschil",
        "mixverschuiving",
        "ongebruikt",
        "indexatie",
        "uitval",
        "terugkeer",
        "concentratie",
    ] == [one.lijst.code for one in found]
    assert all(one.zin.endswith(".") and one.vraag.endswith("?") for one in found)


def test_a_price_that_is_far_off_is_counted() -> None:
    one = answer("prijsverschil", answers(cijfers(clienten()), None, 300))
    assert [(CEL_LICHT, "per traject", 100_00, 91_67, -83)] == list(one.lijst.rijen)
    assert one.zin.startswith("Bij 0 van de 1 cellen")


def test_an_indexation_is_rounded_once_per_municipality_and_adds_up() -> None:
    one = answer("indexatie", answers(cijfers(clienten()), None, 333))
    # 720.00 x 3.33% = 23.976 and 550.00 x 3.33% = 18.315
    assert [("0150", 720_00, 23_98, 743_98), ("0193", 550_00, 18_32, 568_32)] == list(
        one.lijst.rijen
    )
    assert "€\N{NO-BREAK SPACE}42,30" in one.zin


def test_cells_that_nobody_uses_are_named() -> None:
    one = answer("ongebruikt", answers(cijfers(clienten()), None, 300))
    assert [
        ("proef: profiel=2, intensiteit=licht",),
        ("proef: profiel=3, intensiteit=licht",),
    ] == list(one.lijst.rijen)
    assert one.zin == (
        "Van 2 van de 4 cellen die golden of gebruikt zijn, liep in 2026 geen enkel traject."
    )


def test_a_share_of_returns_is_of_those_whose_care_stopped() -> None:
    begin, klaar = date(2025, 1, 1), date(2025, 6, 30)
    known = [Clientzorg([toegewezen(1, begin)], [stop(1, klaar)], []) for _ in range(10)]
    back = [
        Clientzorg([toegewezen(1, begin), toegewezen(2, date(2025, 9, 1))], [stop(1, klaar)], [])
        for _ in range(10)
    ]
    on = [
        Clientzorg([toegewezen(1, begin), toegewezen(2, klaar)], [stop(1, klaar)], [])
        for _ in range(10)
    ]
    everyone = [*known, *back, *on]
    tellingen = count(lambda: everyone, AFSPRAKEN, BASIS, [2025], VANDAAG)
    nu = report(tellingen, AFSPRAKEN, {"0193"}, BASIS.wijken, VANDAAG).jaren[2025]
    one = answer("terugkeer", answers(nu, None, 300))
    assert [(CEL_LICHT, 20, 10, 500), ("alle cellen samen", 20, 10, 500)] == list(one.lijst.rijen)
    assert "kwam 50% terug" in one.zin


def test_a_year_without_anybody_answers_nothing() -> None:
    assert answers(cijfers([]), None, 300) == ()


def test_a_proposal_stands_beside_the_use_of_its_cells() -> None:
    nu = cijfers(clienten())
    one = proposal(nu, "proef 2", [Voorstelrij(CEL_LICHT, 500_00, 520_00)])
    assert [(CEL_LICHT, 40, 500, 10, None)] == [tuple(row) for row in one.lijst.rijen]
    assert "4% hoger" in one.zin


def test_a_proposal_tells_nothing_of_a_cell_that_is_not_told() -> None:
    nu, small = cijfers(clienten()), "proef: profiel=2, intensiteit=licht"
    lines = [Voorstelrij(CEL_LICHT, 500_00, 520_00), Voorstelrij(small, 10_00, 99_00)]
    assert proposal(nu, "proef", lines[:1]) == proposal(nu, "proef", lines)
    alone = proposal(nu, "proef", lines[1:])
    assert ([], "Van geen cel met genoeg cliënten") == (alone.lijst.rijen, alone.zin[:32])


def test_every_row_of_every_list_has_a_cell_for_each_heading() -> None:
    nu = cijfers(clienten())
    lists: list[Lijst] = [*lists_of(nu), *(one.lijst for one in answers(nu, nu, 300))]
    assert not [one.code for one in lists for rij in one.rijen if len(rij) != len(one.kolommen)]


# --- what it rests on ----------------------------------------------------------------------------


def test_every_reason_of_both_laws_is_read_as_something() -> None:
    document = tomllib.loads((data_folder("mappings") / "regio.toml").read_text(encoding="utf-8"))
    lists = load_lists()
    for wet, lijst in (("jeugdwet", "JZ588"), ("wmo", "WMO588")):
        codes = set(lists.lijsten[lijst].codes) - {"20"}
        assert codes == document["uitkomst"][wet].keys()


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"terugkeer_maanden": [12, 6]}, "terugkeer_maanden"),
        ({"terugkeer_maanden": 6}, "terugkeer_maanden"),
        ({"aansluitend_dagen": -1}, "aansluitend_dagen"),
        ({"zwaarder_maanden": True}, "zwaarder_maanden"),
        ({"uitkomst": {"wmo": {"19": "mooi"}}}, "reden 19"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(document: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        basis_of(document)


NAMEN = {"0193": "Zwolle", "0150": "Deventer"}
WIJKEN = """gemeente;postcode;wijk;inwoners
0193;8011;Centrum;4000
0193;8012;Centrum;6000
0150;7411;Centrum;
"""


def test_a_district_is_some_postcodes_with_their_residents_together() -> None:
    found = wijken_of(WIJKEN, "wijken.csv", NAMEN)
    unknown = f"Zwolle: {GEEN_WIJK}"
    assert ("Zwolle: Centrum", unknown, unknown) == (
        found.of("0193", "8012"),
        found.of("0193", "9999"),
        found.of("0193", None),
    )
    assert {"Zwolle: Centrum": 10_000} == found.inwoners


def test_without_districts_a_postcode_is_one() -> None:
    assert "Zwolle: 8011" == Wijken(NAMEN).of("0193", "8011")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gemeente;wijk\n0193;Centrum\n", "de kolom postcode ontbreekt"),
        ("gemeente,postcode,wijk\n9999,8011,Centrum\n", "regel 2: gemeente 9999 bestaat niet"),
        ("gemeente,postcode,wijk\n0193,8011AB,Centrum\n", "vier cijfers"),
        ("gemeente,postcode,wijk\n0193,8011,\n", "de wijk ontbreekt"),
        ("gemeente,postcode,wijk,inwoners\n0193,8011,Centrum,veel\n", "geheel getal"),
        (
            WIJKEN + "0193;8011;Noord;5\n",
            "regel 5: postcode 8011 van gemeente 0193 staat er dubbel",
        ),
        ("gemeente,postcode,wijk\n", "geen enkele wijk"),
        ("", "de kolom gemeente ontbreekt"),
    ],
)
def test_a_file_of_districts_that_is_wrong_is_refused(text: str, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        wijken_of(text, "wijken.csv", NAMEN)


def test_use_per_thousand_residents_is_worked_out() -> None:
    basis = replace(BASIS, wijken=wijken_of(WIJKEN, "wijken.csv", NAMEN))
    zorg = [Clientzorg([toegewezen(1, MAART, postcode="8011")], [], []) for _ in range(25)]
    (found,) = cijfers(zorg, basis).wijken
    assert ("Zwolle: Centrum", 10_000, 25) == (found.wijk, found.inwoners, found.per_duizend)
