"""The policy of a municipality as staff sees it."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.deviations.policy import Beleid, Ontheffing
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik
from tests.web.huis import BEGIN, KAMPEN, ZWOLLE, Bezoeker, Huis, huis

VANDAAG = BEGIN.date()


def waiver(reden: str, **given: object) -> Ontheffing:
    return Ontheffing(check="S105", eigenaar="contractbeheer", reden=reden, **given)  # type: ignore[arg-type]


BELEID = Beleid(
    effects={"S101": "hold", "S110": "off"},
    controleplannen={"S101": "plan 2026"},
    besluitdag=7,
    alarmdag=6,
    tweede_persoon_boven=250_000,
    ontheffingen=(
        waiver("loopt nog", tot=VANDAAG, aanbieder="12345678"),
        waiver("is voorbij", tot=VANDAAG - timedelta(days=1)),
    ),
)


@pytest.fixture
def met_beleid(web: Huis, monkeypatch: pytest.MonkeyPatch) -> Huis:
    for gemeente in (ZWOLLE, KAMPEN):
        monkeypatch.setitem(web.omgeving.kennis.beleid, gemeente, BELEID)
    return web


def test_what_a_municipality_chose_is_told(met_beleid: Huis) -> None:
    page = met_beleid.bezoeker("lezer").get("/beheer/beleid").text
    for told in ("S101", "aanhouden", "plan 2026", "werkdag 7", "€\xa02.500,00", "S110", "uit"):
        assert told in page
    assert page.index("loopt nog") < page.index("geldig") < page.index("is voorbij")
    assert page.index("is voorbij") < page.index("verlopen")
    assert "aanbieder 12345678" in page


def test_of_another_municipality_nothing_is_told(met_beleid: Huis) -> None:
    met_beleid.maak("kampenaar", {KAMPEN: {Rol.LEZER}})
    page = met_beleid.bezoeker("kampenaar").get("/beheer/beleid").text
    assert "Kampen" in page
    assert "Zwolle" not in page


def test_it_is_not_for_an_aanbieder(met_beleid: Huis) -> None:
    assert 403 == met_beleid.bezoeker("aanbieder").get("/beheer/beleid").status_code


@pytest.fixture
def veranderbaar(tmp_path: Path) -> Iterator[Huis]:
    with huis(tmp_path) as made:
        for naam in ("eerste", "tweede"):
            made.maak(naam, {ZWOLLE: {Rol.BEHEERDER}})
        yield made


WIJZIGEN = f"/beheer/beleid/{ZWOLLE}"
VOORSTEL = {
    "alarmdag": "6",
    "besluitdag": "7",
    "tweede_persoon_boven": "2.500,00",
    "bedenktijd": "30",
    "effect-S105": "hold",
    "plan-S105": "MC-2026 onderdeel 3",
    "vanaf": VANDAAG.isoformat(),
    "toelichting": "afgesproken in het overleg",
    "basis": "0",
}
ONTHEFFING = {
    "nieuw-0-check": "S109",
    "nieuw-0-aanbieder": "12345678",
    "nieuw-0-eigenaar": "contractbeheer",
    "nieuw-0-reden": "het contract volgt",
    "nieuw-0-tot": "2026-12-31",
}


def propose(wie: Bezoeker, **changed: str) -> httpx.Response:
    wie.get(WIJZIGEN)
    return wie.post(WIJZIGEN, {**VOORSTEL, **changed})


def decide(wie: Bezoeker, doe: str) -> httpx.Response:
    found = re.search(r'name="voorstel" value="(\d+)"', wie.get(WIJZIGEN).text)
    assert found is not None
    return wie.post(f"{WIJZIGEN}/besluit", {"voorstel": found[1], "doe": doe})


def test_a_policy_is_proposed_by_one_and_in_force_once_a_second_confirms_it(
    veranderbaar: Huis,
) -> None:
    eerste, tweede = veranderbaar.bezoeker("eerste"), veranderbaar.bezoeker("tweede")
    assert 303 == propose(eerste, **ONTHEFFING).status_code
    kennis = veranderbaar.omgeving.kennis
    assert Beleid() == kennis.beleid_of(ZWOLLE)
    assert 403 == decide(eerste, "bevestigen").status_code
    shown = tweede.get(WIJZIGEN).text
    for told in ("Controle S105", "aanhouden", "€\xa02.500,00", "30 minuten", "het contract volgt"):
        assert told in shown
    assert 303 == decide(tweede, "bevestigen").status_code
    found = veranderbaar.omgeving.kennis.beleid_of(ZWOLLE)
    assert ("hold", "MC-2026 onderdeel 3") == (
        found.effect_of("S105"),
        found.controleplannen["S105"],
    )
    assert (6, 7, 250_000, 30) == (
        found.alarmdag,
        found.besluitdag,
        found.tweede_persoon_boven,
        found.bedenktijd,
    )
    assert ["het contract volgt"] == [one.reden for one in found.ontheffingen]
    assert Beleid() == veranderbaar.omgeving.kennis.beleid_of(KAMPEN)
    assert "versie 1" in tweede.get("/beheer/gemeenten").text
    acts = [row["name"] for row in veranderbaar.store.logboek.rows()]
    assert {"beleid voorstellen", "over beleid beslissen"} <= set(acts)


def test_a_waiver_is_taken_away_and_every_version_stays(veranderbaar: Huis) -> None:
    eerste, tweede = veranderbaar.bezoeker("eerste"), veranderbaar.bezoeker("tweede")
    propose(eerste, **ONTHEFFING)
    decide(tweede, "bevestigen")
    propose(tweede, basis="1", weg="0", toelichting="het contract is er")
    decide(eerste, "bevestigen")
    assert () == veranderbaar.omgeving.kennis.beleid_of(ZWOLLE).ontheffingen
    page = eerste.get(WIJZIGEN).text
    assert "afgesproken in het overleg" in page
    assert "het contract is er" in page


def test_a_version_that_begins_later_is_not_in_force_before_its_day(veranderbaar: Huis) -> None:
    propose(veranderbaar.bezoeker("eerste"), vanaf=(VANDAAG + timedelta(days=3)).isoformat())
    decide(veranderbaar.bezoeker("tweede"), "bevestigen")
    stand = veranderbaar.omgeving.stand
    assert Beleid() == stand.nu.beleid_of(ZWOLLE)
    veranderbaar.klok.later(days=3)
    assert stand.look()
    assert "hold" == stand.nu.beleid_of(ZWOLLE).effect_of("S105")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"toelichting": ""}, "waarom het beleid verandert"),
        ({"alarmdag": "9"}, "alarmdag 9 ligt na besluitdag 7"),
        ({"besluitdag": "11"}, "werkdag van 1 tot en met 10"),
        ({"tweede_persoon_boven": "veel"}, "chrijf het bedrag"),
        ({"vanaf": "2026-01-01"}, "niet ingaan in het verleden"),
        ({**ONTHEFFING, "nieuw-0-aanbieder": ""}, "noem een aanbieder"),
        ({**ONTHEFFING, "nieuw-0-check": ""}, "voor welke controle"),
    ],
)
def test_what_is_no_policy_is_told_in_the_form(
    veranderbaar: Huis, given: dict[str, str], told: str
) -> None:
    found = propose(veranderbaar.bezoeker("eerste"), **given)
    assert (422, True) == (found.status_code, told in html.unescape(found.text))
    assert [] == list(veranderbaar.store.beleidsversies.van(Bereik(frozenset({ZWOLLE}))))


def test_a_form_of_before_another_change_is_not_taken(veranderbaar: Huis) -> None:
    eerste, tweede = veranderbaar.bezoeker("eerste"), veranderbaar.bezoeker("tweede")
    assert 303 == propose(eerste).status_code
    assert 409 == propose(tweede, bedenktijd="5").status_code
    decide(eerste, "intrekken")
    assert 303 == propose(tweede, bedenktijd="5").status_code
    decide(eerste, "bevestigen")
    assert 409 == propose(eerste, bedenktijd="6").status_code


def test_a_policy_of_elsewhere_is_not_changed(veranderbaar: Huis) -> None:
    wie = veranderbaar.bezoeker("eerste")
    assert 404 == wie.get(f"/beheer/beleid/{KAMPEN}").status_code
    assert 404 == wie.post(f"/beheer/beleid/{KAMPEN}", VOORSTEL).status_code
    assert "Kampen" not in wie.get("/beheer/gemeenten").text
