"""What was set aside is taken or closed on a page, as the command does, and is told in the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from gateway.network.ggk.lezen import parse
from gateway.network.ggk.ontvangst import ontvanger_of
from gateway.network.ggk.schrijven import write
from gateway.store.toegang.logboek import GOED
from gateway.toegang.rechten import Rol
from tests.enveloppen import di01, du01
from tests.integration.berichten import BSN, bericht
from tests.web.huis import KAMPEN, Bezoeker, Huis, huis, iedereen

LINK = re.compile(r'href="(/fouten/enveloppen/[^"]+)"')
JW323 = bericht("JW323").encode()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    """An envelope that tells of another message than is in it, and an answer to nothing."""
    with huis(tmp_path_factory.mktemp("enveloppen")) as made:
        iedereen(made)
        made.maak("elders", {KAMPEN: {Rol.TECHNISCH_BEHEER}})
        omgeving = made.omgeving
        ontvanger = ontvanger_of(made.store, omgeving.kennis, omgeving.settings, made.klok, uuid4)
        ontvanger.ontvang(parse(write(di01(JW323, "JW307"))))
        other = "1f0e9d8c-7b6a-4958-8776-655443322110"
        ontvanger.ontvang(parse(write(du01(bericht("JW302").encode(), referentienummer=other))))
        yield made


def asides(who: Bezoeker) -> list[str]:
    return LINK.findall(who.get("/fouten").text)


def acts(web: Huis) -> list[tuple[str, str, str]]:
    return [
        (row["name"], row["wie"], row["attributes"])
        for row in web.store.logboek.rows()
        if row["name"].startswith("envelop") and row["status_code"] == GOED
    ]


def test_only_technical_staff_of_a_municipality_does_something_with_it(web: Huis) -> None:
    first, _ = asides(web.bezoeker("technisch beheer"))
    seen = web.bezoeker("beoordelaar")
    page = seen.get(first)
    assert (200, False) == (page.status_code, "Sluit de envelop" in page.text)
    given = {"doe": "sluiten", "reden": "niet van ons"}
    assert 403 == seen.post(first, given).status_code
    elders = web.bezoeker("elders")
    assert [] == asides(elders)
    assert [404, 404] == [elders.get(first).status_code, elders.post(first, given).status_code]
    assert [] == acts(web)


def test_it_is_taken_or_closed_for_a_reason(web: Huis) -> None:
    who = web.bezoeker("technisch beheer")
    wrong, answer = asides(who)
    page = who.get(wrong).text
    assert "de envelop noemt JW307 3.2, erin zit JW323" in page
    assert ("Neem het bericht op" in page, BSN in page) == (True, False)
    told = who.post(wrong, {"doe": "opnemen", "reden": "", "_van": wrong})
    assert (422, True) == (told.status_code, "Schrijf op waarom" in told.text)
    assert 400 == who.post(wrong, {"doe": "weggooien", "reden": "zomaar"}).status_code
    assert [] == acts(web)
    taken = who.post(wrong, {"doe": "opnemen", "reden": "de afzender vergiste zich"})
    assert (303, "/fouten") == (taken.status_code, taken.headers["location"])
    assert JW323 == b"".join(web.store.message(1))
    assert 404 == who.post(wrong, {"doe": "opnemen", "reden": "nog eens"}).status_code
    closed = who.post(answer, {"doe": "sluiten", "reden": "van een oude installatie"})
    assert 303 == closed.status_code
    assert [] == asides(who)
    (first, by, why), (second, _, closing) = acts(web)
    assert ("envelop opnemen", "technisch beheer", "envelop sluiten") == (first, by, second)
    assert ("de afzender vergiste zich" in why, "oude installatie" in closing) == (True, True)
