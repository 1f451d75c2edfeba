"""Payments on pages: made by one, released by another, seen by the aanbieder that got them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.toegang.rechten import Rol
from tests.integration.betaalhuis import LINDE, ZWOLLE, Betaalhuis, declared
from tests.integration.test_cli_betalen import BETALEN
from tests.web.huis import ZWOLLE as CODE
from tests.web.huis import Bezoeker, Huis, huis, iedereen

PATH = "/geld/betalingen"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Huis]:
    file = tmp_path / "betalen.toml"
    file.write_text(BETALEN, encoding="utf-8")
    with huis(tmp_path, Settings(gemeenten=(CODE, "0166"), port=0, betalen=file)) as made:
        iedereen(made)
        made.maak("tweede", {CODE: {Rol.FINANCIEN}})
        yield made


@pytest.fixture
def boek(web: Huis) -> Betaalhuis:
    return declared(web.store, web.klok)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


def made_run(who: Bezoeker) -> str:
    who.get(PATH)
    response = who.post(PATH, {"gemeente": CODE, "tot": "", "uitvoering": "", "vervalt": ""})
    assert 303 == response.status_code, response.text
    return str(response.headers["location"])


def pressed(who: Bezoeker, path: str, **given: str) -> int:
    who.get(path)
    return who.post(path, given).status_code


def test_a_run_is_made_released_sent_and_paid(web: Huis, boek: Betaalhuis) -> None:
    who = web.bezoeker("financien")
    page = text_of(who.get(PATH).text)
    assert f"{LINDE} Zwolle 2 2 € 25,00" in page
    run = made_run(who)
    assert "€ 25,00" in text_of(who.get(run).text)
    assert 303 == pressed(who, run, doe="vrijgeven")
    first, again = (who.post(f"{run}/bestand") for _ in range(2))
    assert (200, first.content) == (again.status_code, again.content)
    assert b"25.00" in first.content
    assert 303 == pressed(who, run, doe="betaald", op="2026-11-27")
    page = who.get(run).text
    assert "betaald" in page
    journal = who.get(f"{run}/journaal")
    assert (200, True) == (journal.status_code, "6.72a" in journal.text)

    betaling = re.search(rf'href="({PATH}/[0-9a-f-]+)"[^>]*>{LINDE}', page)
    assert betaling is not None
    page = who.get(betaling[1]).text
    assert "€ 30,00" in text_of(page)
    assert "€ -5,00" in text_of(page)
    assert "/regels/" in page
    line = re.findall(r'href="(/regels/[^"]+)"', page)[0]
    shown = who.get(line).text
    invoice = re.findall(r'href="(/declaraties/[^"?]+)"', shown)[0]
    assert "Betaald 27 nov 2026 € " in text_of(shown)
    assert "Betaald 27 nov 2026 € " in text_of(who.get(invoice).text)
    assert betaling[1] in shown
    assert 303 == pressed(who, betaling[1], op="2026-11-27", reden="rekening opgeheven")
    assert "teruggekomen" in who.get(betaling[1]).text
    assert [] == boek.verschillen()


def test_above_the_amount_a_second_person_presses(web: Huis, boek: Betaalhuis) -> None:
    boek.declareer(100_000)
    who, second = web.bezoeker("financien"), web.bezoeker("tweede")
    run = made_run(who)
    assert 303 == pressed(who, run, doe="vrijgeven")
    found = re.search(r'href="(/geld/voorstellen/[^"]+)"', who.get(run).text)
    assert found is not None
    assert 403 == pressed(who, found[1], doe="goedkeuren")
    assert 303 == pressed(second, found[1], doe="goedkeuren")
    assert "vrijgegeven" in who.get(run).text


def test_a_run_can_be_dropped(web: Huis, boek: Betaalhuis) -> None:
    who = web.bezoeker("financien")
    run = made_run(who)
    who.get(run)
    assert "kies wat u met deze betaalrun wilt doen" in who.post(run, {"doe": "iets"}).text.lower()
    assert 303 == pressed(who, run, doe="vervallen")
    assert "vervallen" in who.get(run).text


def test_a_block_stands_on_its_page_until_it_is_lifted(web: Huis, boek: Betaalhuis) -> None:
    who, path = web.bezoeker("financien"), f"{PATH}/blokkades"
    given = {"gemeente": CODE, "aanbieder": LINDE, "reden": "onderzoek"}
    assert 303 == pressed(who, path, **given)
    page = who.get(path).text
    assert "onderzoek" in page
    made = re.search(rf'action="({path}/[^"]+)"', page)
    assert made is not None
    who.get(PATH)
    refused = who.post(PATH, {"gemeente": CODE})
    assert "geblokkeerd: onderzoek" in refused.text
    who.get(path)
    assert 303 == who.post(made[1]).status_code
    assert "opgeheven" in who.get(path).text


def test_one_invoice_is_blocked_on_the_page(web: Huis, boek: Betaalhuis) -> None:
    boek.factureer(40)
    who, path = web.bezoeker("financien"), f"{PATH}/blokkades"
    given = {"gemeente": CODE, "aanbieder": LINDE, "reden": "onderzoek", "factuur": "F3"}
    assert 303 == pressed(who, path, **given)
    assert "een factuur" in who.get(path).text
    page = text_of(who.get(made_run(who)).text)
    assert ("€ 25,00" in page, "€ 25,40" in page) == (True, False)


def test_who_reads_presses_nothing(web: Huis, boek: Betaalhuis) -> None:
    run = made_run(web.bezoeker("financien"))
    who = web.bezoeker("lezer")
    page = who.get(run)
    assert (200, False) == (page.status_code, "Geef vrij" in page.text)
    assert 403 == pressed(who, run, doe="vrijgeven")
    assert "Maak concept" not in who.get(PATH).text


def test_an_auditor_gets_no_links_to_lines(web: Huis, boek: Betaalhuis) -> None:
    who = web.bezoeker("financien")
    page = web.bezoeker("auditor").get(made_run(who)).text
    found = re.search(rf'href="({PATH}/[0-9a-f-]+)"[^>]*>{LINDE}', page)
    assert found is not None
    page = web.bezoeker("auditor").get(found[1]).text
    assert ("R1-1" in page, "/regels/" in page) == (True, False)


def test_an_aanbieder_sees_what_it_was_paid_once_it_is_released(
    web: Huis, boek: Betaalhuis
) -> None:
    own, other = web.bezoeker("aanbieder"), web.bezoeker("financien")
    run = made_run(other)
    assert "nog niets betaald" in own.get("/eigen/betalingen").text
    assert 303 == pressed(other, run, doe="vrijgeven")
    page = own.get("/eigen/betalingen").text
    found = re.search(r'href="(/eigen/betalingen/[^"]+)"', page)
    assert found is not None
    page = own.get(found[1]).text
    assert "€ 25,00" in text_of(page)
    assert "/eigen/regels/" in page
    file = own.post(
        f"{found[1]}/uitvoer", {"doel": "anders", "toelichting": "boekhouding", "soort": "csv"}
    )
    lines = file.content.decode("utf-8-sig").splitlines()
    assert ["30,00", "-5,00"] == [line.rpartition(";")[2] for line in lines[1:]]
    assert 403 == own.get(run).status_code
    with web.store.database.snapshot(ZWOLLE.scope):
        names = {row["name"] for row in web.store.logboek.rows()}
    assert {"betaling bekijken", "betaling uitvoeren", "betaalrun maken"} <= names


def test_an_invoice_stands_in_its_payment_by_its_own_number(web: Huis, boek: Betaalhuis) -> None:
    nummer = boek.factureer(1500)
    who, own = web.bezoeker("financien"), web.bezoeker("aanbieder")
    run = made_run(who)
    found = re.search(rf'href="({PATH}/[0-9a-f-]+)"[^>]*>{LINDE}', who.get(run).text)
    assert found is not None
    page = who.get(found[1]).text
    assert "Te betalen € 40,00" in text_of(page)
    assert "factuur F3" in text_of(page)
    link = re.search(r'href="(/geld/facturen/[^"]+)"', page)
    assert link is not None
    assert "in betaling" in who.get(link[1]).text
    assert 303 == pressed(who, run, doe="vrijgeven")
    mine = re.search(r'href="(/eigen/betalingen/[^"]+)"', own.get("/eigen/betalingen").text)
    assert mine is not None
    page = own.get(mine[1]).text
    assert ("factuur F3" in text_of(page), "/geld/facturen" in page) == (True, False)
    given = {"doel": "anders", "toelichting": "boekhouding", "soort": "csv"}
    lines = own.post(f"{mine[1]}/uitvoer", given).content.decode("utf-8-sig").splitlines()
    assert lines[-1].split(";")[2:4] == ["", "F3"]
    assert "in betaling" == boek.regels_van(nummer)[0][0]
