"""What is due about money stands on Vandaag, for who sees money, and leads to where it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.toegang import wie
from gateway.toegang.rechten import Recht, Rol
from tests.integration.betaalhuis import Betaalhuis
from tests.web.huis import KAMPEN, ZWOLLE, Huis, huis

TEGEL = re.compile(
    r'<a href="(/geld[^"]*)"><span class="tegel__getal">([0-9.]+)</span> <span>([^<]+)</span>'
)


@pytest.fixture
def betalen(tmp_path: Path) -> Path:
    path = tmp_path / "betalen.toml"
    path.write_text(
        '[standaard]\ntweede_persoon_boven = 1\ntermijn = 1\ntermijn_vanaf = "ontvangst"\n'
        "vanaf = 2026-01-01\n"
    )
    return path


@pytest.fixture
def web(tmp_path: Path, betalen: Path) -> Iterator[Huis]:
    settings = Settings(gemeenten=(ZWOLLE, KAMPEN), port=0, betalen=betalen)
    with huis(tmp_path, settings) as made:
        made.maak("anna", {ZWOLLE: {Rol.FINANCIEN}})
        made.maak("kampen", {KAMPEN: {Rol.LEZER}})
        yield made


def due(web: Huis, naam: str) -> dict[str, tuple[str, str]]:
    """What stands in the block: how much of each kind, and where it leads."""
    page = web.bezoeker(naam).get("/vandaag")
    assert 200 == page.status_code
    return {what: (much, where) for where, much, what in TEGEL.findall(page.text)}


def test_what_is_due_leads_to_where_it_is_done(web: Huis) -> None:
    boek = Betaalhuis(web.store, web.klok, count(1))  # type: ignore[arg-type]
    boek.declareer(100)
    boek.factureer(500, is_approved=False)
    web.store.betaalvolger.catch_up()
    web.klok.later(days=7)
    expected = {
        "te laat betaald": ("1", "/geld/betalingen"),
        "credits te laat": ("0", "/geld/creditverzoeken"),
        "voorstellen open": ("1", "/geld/voorstellen"),
        "verrekeningen open": ("0", "/geld/verrekeningen"),
        "verantwoordingen te laat": ("0", "/geld/jaarafsluiting?jaar=2025"),
    }
    found = due(web, "anna")
    assert expected == found
    for _, where in found.values():
        assert 200 == web.bezoeker("anna").get(where).status_code
    assert {"0"} == {much for much, _ in due(web, "kampen").values()}


def test_who_did_not_begin_to_pay_here_is_not_late(web: Huis, betalen: Path) -> None:
    boek = Betaalhuis(web.store, web.klok, count(1))  # type: ignore[arg-type]
    boek.declareer(100)
    web.store.betaalvolger.catch_up()
    web.klok.later(days=7)
    assert "1" == due(web, "anna")["te laat betaald"][0]
    betalen.write_text(betalen.read_text().replace("vanaf = 2026-01-01", ""))
    assert "0" == due(web, "anna")["te laat betaald"][0]


def test_who_sees_no_money_sees_no_block(web: Huis, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = wie.RECHTEN[Rol.LEZER] - {Recht.GELD_ZIEN}
    monkeypatch.setattr(wie, "RECHTEN", {**wie.RECHTEN, Rol.LEZER: seen})
    assert {} == due(web, "kampen")
    assert 5 == len(due(web, "anna"))


def test_a_mistake_in_the_settings_of_money_leaves_the_rest_of_the_page(
    web: Huis, betalen: Path
) -> None:
    betalen.write_text("[standaard]\n")
    page = web.bezoeker("anna").get("/vandaag")
    assert (200, True) == (page.status_code, "betalen.toml" in page.text)
    assert "Termijnen" in page.text
