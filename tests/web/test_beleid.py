"""The policy of a municipality as staff sees it."""

from datetime import timedelta

import pytest

from gateway.deviations.policy import Beleid, Ontheffing
from gateway.toegang.rechten import Rol
from tests.web.huis import BEGIN, KAMPEN, ZWOLLE, Huis

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
