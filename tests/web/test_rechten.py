"""Every route x role x municipality, from the table of routes: it grows with the table."""

import re
from itertools import product

import pytest

from gateway.http.pad import INGELOGD, OPENBAAR, Pad
from gateway.toegang.rechten import RECHTEN, Recht, Rol
from gateway.web.paginas import PADEN
from tests.web.huis import ZWOLLE, Huis

GUARDED = [pad for pad in PADEN if pad.recht is not OPENBAAR]
NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


def address_of(pad: Pad) -> str:
    """An address on a path, of something that is not there."""
    return "/".join(NOBODYS_ID if part.startswith("{") else part for part in pad.path.split("/"))


def name_of(pad: Pad) -> str:
    return f"{pad.method} {pad.path}"


def test_every_route_names_a_right() -> None:
    assert [] == [
        name_of(pad)
        for pad in PADEN
        if not isinstance(pad.recht, Recht) and pad.recht not in (OPENBAAR, INGELOGD)
    ]


def test_what_is_open_to_everyone_is_this_and_nothing_else() -> None:
    expected = {
        "GET /healthz",
        "GET /readyz",
        "GET /static/{merk}/{naam:path}",
        "GET /thema.css",
        "GET /.well-known/security.txt",
        "GET /inloggen",
        "POST /inloggen",
        "POST /inloggen/demo",
        "GET /inloggen/oidc",
        "GET /inloggen/terug",
        "GET /eerste",
        "GET /wachtwoord",
        "POST /wachtwoord",
        "POST /eerste",
    }
    assert expected == {name_of(pad) for pad in PADEN if pad.recht is OPENBAAR}


@pytest.mark.parametrize("pad", GUARDED, ids=name_of)
def test_nobody_comes_in_without_login(web: Huis, pad: Pad) -> None:
    visitor = web.bezoeker()
    visitor.get("/inloggen")
    asked = visitor.get if pad.method == "GET" else visitor.post
    response = asked(address_of(pad))
    assert 303 == response.status_code
    assert response.headers["location"].startswith("/inloggen")


@pytest.mark.parametrize(
    ("rol", "where"),
    list(product(Rol, ("", f" {ZWOLLE}"))),
    ids=lambda value: str(value) or "alles",
)
def test_a_role_gives_its_rights_and_no_other(web: Huis, rol: Rol, where: str) -> None:
    visitor = web.bezoeker(f"{rol.value}{where}")
    # What ends this session comes last.
    ending = [pad for pad in GUARDED if pad.path == "/uitloggen"]
    for pad in [one for one in GUARDED if one not in ending] + ending:
        asked = visitor.get if pad.method == "GET" else visitor.post
        response = asked(address_of(pad))
        may = pad.recht is INGELOGD or pad.recht in RECHTEN[rol]
        assert may == (response.status_code != 403), (name_of(pad), response.status_code)
        assert response.status_code < 500, name_of(pad)


def test_who_has_no_role_is_told_so(web: Huis) -> None:
    visitor = web.bezoeker("niemand")
    page = visitor.get("/")
    assert (200, True) == (page.status_code, "nog geen rechten" in page.text)


VAN_LEZER = (
    *("Vandaag", "Werkvoorraad", "Besluiten", "Berichten", "Verzoeken", "Toewijzingen"),
    *("Aanbieders", "Overeenkomsten", "Sturing", "Geld", "Beleid"),
)
MENUS = {
    "lezer": VAN_LEZER,
    "beoordelaar": (
        *("Vandaag", "Werkvoorraad", "Besluiten", "Berichten", "Controleren", "Verzoeken"),
        *("Toewijzingen", "Cliënten", "Aanbieders", "Overeenkomsten", "Sturing", "Geld", "Fouten"),
        "Beleid",
    ),
    "financien": VAN_LEZER,
    "beheerder": ("Overeenkomsten", "Sturing", "Beleid", "Gemeenten", "Gebruikers", "Sleutels"),
    "auditor": ("Overeenkomsten", "Sturing", "Geld", "Beleid", "Logboek"),
    "technisch beheer": ("Fouten",),
    "aanbieder": (
        *("Mijn berichten", "Maandoverzicht", "Correcties", "Betalingen", "Creditverzoeken"),
        *("Controleren", "Overeenkomsten"),
    ),
}
PUNT = re.compile(r"<li><a href=\"[^\"]+\"[^>]*>([^<]+)</a></li>")


@pytest.mark.parametrize("wie", MENUS)
def test_the_menu_has_one_place_for_each_thing_that_somebody_does(web: Huis, wie: str) -> None:
    page = web.bezoeker(wie).get("/mijn").text
    menu = page.partition('<nav class="menu"')[2].partition("</nav>")[0]
    assert list(MENUS[wie]) == PUNT.findall(menu)


def test_a_provider_begins_with_his_own_messages(web: Huis) -> None:
    assert "/eigen" == web.bezoeker("aanbieder").get("/").headers["location"]


def test_what_was_refused_is_in_the_log(web: Huis) -> None:
    web.bezoeker("lezer").get("/logboek")
    *_, last = web.store.logboek.rows()
    assert ("logboek inzien", 2, "lezer") == (last["name"], last["status_code"], last["wie"])
