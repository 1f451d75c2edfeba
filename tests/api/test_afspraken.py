"""The conventions that every call keeps: who comes in, what it takes and gives, how it says no."""

import re
from collections.abc import Callable, Mapping
from datetime import date

import httpx
import pytest

from gateway.api.lijst import Bladvraag
from gateway.api.tabel import EINDPUNTEN
from gateway.ledger.register.wijzigingen import Nieuw
from gateway.store.geld.voorstellen import Vraag
from gateway.store.noteren import no_log
from gateway.toegang.rechten import RECHTEN, Recht, Rol
from gateway.toegang.wie import Wie
from tests.api.dienst import GEMEENTE, V1, Dienst
from tests.api.nagekomen import put_right
from tests.integration.betaalhuis import runs_of_all
from tests.mutatierijen import filled
from tests.web import jaren
from tests.web.huis import handeling

# Any id that could be one.
IETS = "00000000-0000-4000-8000-000000000000"
AANBIEDER = "99000001"


def address(pad: str) -> str:
    return re.sub(r"{\w+}", IETS, pad)


def calls() -> list[tuple[str, str]]:
    return [(one.methode, address(one.pad)) for one in EINDPUNTEN]


@pytest.fixture(scope="module")
def lezer(api: Dienst) -> httpx.Client:
    return api.programma(Rol.LEZER)


def is_problem(response: httpx.Response, status: int) -> bool:
    told = response.json()
    return (
        response.status_code == status
        and response.headers["content-type"] == "application/problem+json"
        and response.headers["api-version"] == "1.0.0"
        and set(told) == {"status", "title", "detail", "type", "instance"}
        and told["status"] == status
        and len(told["detail"]) > 5
    )


@pytest.mark.parametrize(("methode", "pad"), calls())
def test_without_a_key_nobody_comes_in(api: Dienst, methode: str, pad: str) -> None:
    for koppen in (
        {},
        {"Authorization": "Bearer gwk_geraden"},
        {"Authorization": "Basic Z3drOng="},
        {"Authorization": "Bearer"},
        {"Cookie": "sessie=iets; __Host-sessie=iets"},
    ):
        response = api.client(**koppen).request(methode, pad)
        assert is_problem(response, 401), response.text
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_the_description_is_for_everyone(api: Dienst) -> None:
    response = api.client(Origin="https://ergens.example").get("/openapi.json")
    assert 200 == response.status_code
    assert "*" == response.headers["access-control-allow-origin"]
    assert {"name", "email", "url"} == set(response.json()["info"]["contact"])
    assert is_problem(api.client().get("/openapi.json?x=1"), 400)


def test_every_role_gets_what_its_rights_say_and_nothing_else(api: Dienst) -> None:
    for rol, rechten in RECHTEN.items():
        aanbieder = AANBIEDER if rol is Rol.AANBIEDER else None
        client = api.programma(rol, aanbieder=aanbieder)
        for one in EINDPUNTEN:
            response = client.request(one.methode, address(one.pad))
            may = bool(rechten & set(one.rechten))
            assert (response.status_code == 403) != may, (rol, one.naam, response.text)


def test_a_key_for_no_municipality_of_ours_opens_nothing(api: Dienst) -> None:
    elsewhere = api.programma(Rol.LEZER, "9999")
    for one in EINDPUNTEN:
        assert is_problem(elsewhere.request(one.methode, address(one.pad)), 403)


def test_a_revoked_key_is_refused_at_once(api: Dienst) -> None:
    client = api.programma(Rol.LEZER)
    assert 200 == client.get("/berichten").status_code
    sleutels = api.omgeving.store.sleutels
    sleutels.revoke(sleutels.list()[-1].nummer, handeling("sleutel intrekken"))
    assert is_problem(client.get("/berichten"), 401)


@pytest.mark.parametrize(
    ("methode", "pad", "status"),
    [
        ("GET", "/berichten/", 404),
        ("GET", "/bestaat-niet", 404),
        ("GET", "", 404),
        ("GET", "/openapi.json/", 404),
        ("DELETE", "/berichten", 405),
        ("PATCH", f"/berichten/{IETS}", 405),
        ("TRACE", "/berichten", 405),
        ("GET", f"/berichten/{IETS}", 404),
        ("GET", "/berichten/1", 404),
        ("GET", "/berichten/../berichten/1", 404),
        ("GET", "/berichten?vanaf=onzin", 400),
        ("GET", "/berichten?vanaf=WzFd", 400),
        ("GET", "/berichten?omvang=0", 400),
        ("GET", "/berichten?omvang=veel", 400),
        ("GET", "/berichten?gemeente=Zwolle", 400),
        ("GET", "/berichten?onbekend=1", 400),
        ("GET", "/berichten?omvang=1&omvang=2", 400),
        ("GET", "/berichten?nummer=999900006", 400),
        ("GET", "/toewijzingen?toewijzingnummer=999900006", 400),
        ("GET", "/berichten?begindatum=2026-02-30", 400),
    ],
)
def test_what_cannot_be_is_told_as_a_problem(
    lezer: httpx.Client, methode: str, pad: str, status: int
) -> None:
    response = lezer.request(methode, pad)
    assert is_problem(response, status), response.text
    assert "999900006" not in response.text
    if status == 405:
        assert "GET" in response.headers["allow"]


# Lists that ask for more than a place in them, and are read page by page in tests of their own.
APART = (
    *("{maand}", "{jaar}", "/verplichtingen/toewijzingen", "_herprijzing"),
    *("/verantwoordingen/{kenmerk}/verschillen", "/verschillen/{kenmerk}/regels"),
)
LISTS = [
    one.pad
    for one in EINDPUNTEN
    if one.methode == "GET"
    and issubclass(one.zoek, Bladvraag)
    and not any(part in one.pad for part in APART)
]


@pytest.mark.parametrize("pad", LISTS)
def test_every_list_gives_no_more_than_is_asked_for(
    api: Dienst, lezer: httpx.Client, pad: str
) -> None:
    api.volg()
    put_right(api)
    beoordelaar = api.programma(Rol.BEOORDELAAR)
    for begin, fill in FILLED.items():
        if pad.startswith(begin):
            fill(api)
    adres = filled_in(beoordelaar, pad)
    if pad == "/beoordelingen":
        decide_twice(beoordelaar)
    whole = lezer.get(adres).json()["resultaten"]
    first = lezer.get(adres, params={"omvang": 1}).json()
    assert whole[:1] == first["resultaten"]
    assert 1 == len(first["resultaten"])
    second = lezer.get(adres, params={"omvang": 1, "vanaf": first["vanaf"]}).json()
    assert whole[1:2] == second["resultaten"]
    assert len(whole) > 1


def filled_in(client: httpx.Client, pad: str) -> str:
    """The address of a list, of the first thing that has something on it."""
    soorten, found, deel = pad.partition("/{kenmerk}")
    if not found:
        return pad
    for one in client.get(soorten, params={"omvang": 200}).json()["resultaten"]:
        adres = one["adres"].removeprefix(V1) + deel
        if client.get(adres).json()["resultaten"]:
            return str(adres)
    raise AssertionError(f"nothing on {pad}")


def fill_years(api: Dienst) -> None:
    """Two packs of a year."""
    for _ in range(2):
        jaren.fill_year(api.omgeving.store, GEMEENTE, AANBIEDER)


def tell_twice(api: Dienst) -> None:
    """Two statements and two samples, each of another provider."""
    for aanbieder in (AANBIEDER, "99000002"):
        jaren.fill_year(api.omgeving.store, GEMEENTE, aanbieder)


def ask_twice(api: Dienst) -> None:
    """Two requests for an assignment."""
    for number in range(2):
        api.vot(f"VBLAD{number}", f"BLAD-{number}", client=number)


def pay_twice(api: Dienst) -> None:
    """A run in more than one municipality, unless they are there."""
    if not api.rijen("SELECT 1 FROM betaalrun"):
        assert len(runs_of_all(api.omgeving.store)) > 1


def register_two(api: Dienst) -> None:
    """Two providers in the register."""
    names = [Nieuw(naam=naam, vanaf=date(2026, 1, 1)) for naam in ("De Linde", "De Eik")]
    api.omgeving.store.register.wijzig(names, no_log)


def assign_twice(api: Dienst) -> None:
    """Two assignments outside the traffic."""
    given = {
        **{"gemeente": GEMEENTE, "wet": "jeugdwet", "aanbieder": AANBIEDER, "soort": "instelling"},
        **{"productcode": "45A04", "eenheid": "01", "begindatum": "2025-01-01"},
    }
    client = api.programma(Rol.FINANCIEN)
    for place in range(2):
        made = client.post("/handtoewijzingen", json={**given, "referentie": f"dossier {place}"})
        assert 201 == made.status_code, made.text


def block_twice(api: Dienst) -> None:
    """Two blocks, of whom has declared there."""
    (row,) = api.rijen("SELECT gemeente, aanbieder FROM partij ORDER BY id LIMIT 1")
    given = {"gemeente": row[0], "aanbieder": row[1], "reden": "onderzoek"}
    client = api.programma(Rol.FINANCIEN)
    for _ in range(2):
        assert 201 == client.post("/blokkades", json=given).status_code


def propose_twice(api: Dienst) -> None:
    """Two proposals that wait."""
    store, wie = api.omgeving.store, Wie("anna", "Anna", "gebruiker")
    vraag = Vraag(gemeente=GEMEENTE, soort="betaalrun", onderwerp="een run", inhoud={})
    with store.database.writing(GEMEENTE) as connection:
        for _ in range(2):
            store.voorstellen.propose(connection, wie, vraag)


# What a list needs before there is more than one thing on it, by how its path begins.
FILLED: Mapping[str, Callable[[Dienst], None]] = {
    "/mutaties": lambda api: filled(api.omgeving.store, "0193", AANBIEDER),
    "/instemmingen": lambda api: filled(api.omgeving.store, "0193", AANBIEDER),
    "/jaarafsluitingen": fill_years,
    "/verantwoordingen": tell_twice,
    "/steekproeven": tell_twice,
    "/verzoeken": ask_twice,
    "/betalingen": pay_twice,
    "/blokkades": block_twice,
    "/voorstellen": propose_twice,
    "/handtoewijzingen": assign_twice,
    "/aanbieders": register_two,
}


def decide_twice(client: httpx.Client) -> None:
    """Two decisions, so that there are two pages of one."""
    for oorzaak in client.get("/oorzaken", params={"omvang": 2}).json()["resultaten"]:
        adres = oorzaak["adres"].removeprefix(V1) + "/beoordelingen"
        for soort in ("toekennen", "terecht afgewezen", "afgehandeld"):
            made = client.post(adres, json={"soort": soort})
            if made.status_code == 201:
                besluit = made.headers["location"].removeprefix(V1)
                etag = client.get(besluit).headers["etag"]
                stap = {"stap": "nemen", "reden": "nagekeken"}
                taken = client.post(f"{besluit}/stappen", json=stap, headers={"If-Match": etag})
                assert 201 == taken.status_code, taken.text
                break


@pytest.mark.parametrize("pad", ["/bestaat-niet", "/berichten/", "", "/openapi.json/"])
def test_who_has_no_key_is_not_told_what_there_is(api: Dienst, pad: str) -> None:
    adres = f"{api.omgeving.adres}/api/v1{pad}"
    for response in (httpx.get(adres, trust_env=False), httpx.delete(adres, trust_env=False)):
        assert is_problem(response, 401)


def test_the_same_holds_outside_of_the_version(api: Dienst, lezer: httpx.Client) -> None:
    for pad in ("/api", "/api/", "/api/v2/berichten", "/api/v1"):
        assert is_problem(lezer.get(api.omgeving.adres + pad), 404)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("text/html, application/json;q=0.1", 200),
        ("application/xml", 406),
        ("text/html", 406),
        ("application/json;q=0", 406),
    ],
)
def test_a_caller_says_what_it_takes(lezer: httpx.Client, accept: str, status: int) -> None:
    response = lezer.get("/berichten", headers={"Accept": accept})
    assert status == response.status_code
    if status == 406:
        assert is_problem(response, 406)


def test_a_body_is_of_the_kind_that_is_asked_for(api: Dienst) -> None:
    client = api.programma(Rol.BEOORDELAAR)
    wrong = client.post("/berichten/_zoek", content=b"{}", headers={"Content-Type": "text/plain"})
    assert is_problem(wrong, 415)
    json = {"Content-Type": "application/json; charset=utf-8"}
    for body, status in (
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 422),
        (b"{}", 422),
        (b'{"doel": "test", "erbij": 1}', 422),
        (b'{"doel": "test", "omvang": "1"}', 422),
        (b'{"doel": "test"}', 200),
    ):
        response = client.post("/berichten/_zoek", content=body, headers=json)
        assert status == response.status_code, response.text
        assert status == 200 or is_problem(response, status)
    assert "doel" in client.post("/berichten/_zoek", json={}).json()["detail"]


def test_head_gives_what_get_gives_without_a_body(lezer: httpx.Client) -> None:
    got, head = lezer.get("/berichten"), lezer.head("/berichten")
    assert (200, b"") == (head.status_code, head.content)
    same = ("etag", "content-length", "content-type", "api-version")
    assert [got.headers[name] for name in same] == [head.headers[name] for name in same]


def test_what_did_not_change_is_not_sent_again(lezer: httpx.Client) -> None:
    etag = lezer.get("/overeenkomsten").headers["etag"]
    for given in (etag, f'"x", W/{etag}', "*"):
        again = lezer.get("/overeenkomsten", headers={"If-None-Match": given})
        assert (304, b"", etag) == (again.status_code, again.content, again.headers["etag"])
    assert 200 == lezer.get("/overeenkomsten", headers={"If-None-Match": '"x"'}).status_code


def test_headers_keep_answers_out_of_caches_and_frames(lezer: httpx.Client) -> None:
    koppen = lezer.get("/berichten").headers
    assert ("no-store", "DENY", "nosniff", "no-referrer") == (
        koppen["cache-control"],
        koppen["x-frame-options"],
        koppen["x-content-type-options"],
        koppen["referrer-policy"],
    )
    assert "frame-ancestors 'none'" in koppen["content-security-policy"]
    assert "server" not in koppen


def test_only_sites_on_the_list_may_call_from_a_browser(api: Dienst) -> None:
    asked = {
        "Origin": "https://portaal.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    good = api.client(**asked).options("/berichten")
    assert (200, asked["Origin"]) == (
        good.status_code,
        good.headers["access-control-allow-origin"],
    )
    bad = api.client(**{**asked, "Origin": "https://elders.example"}).options("/berichten")
    assert is_problem(bad, 400)
    assert "deze site staat niet op de lijst" in bad.json()["detail"]
    other = {**asked, "Access-Control-Request-Method": "DELETE"}
    assert "een andere site mag" in api.client(**other).options("/berichten").json()["detail"]
    assert "access-control-allow-origin" not in bad.headers


def test_pages_follow_each_other_without_a_gap(lezer: httpx.Client) -> None:
    whole = lezer.get("/berichten?omvang=200").json()["resultaten"]
    found: list[str] = []
    pad = "/berichten?omvang=7"
    while pad is not None and len(found) < 35:
        response = lezer.get(pad.removeprefix(V1))
        blad = response.json()
        found += [one["id"] for one in blad["resultaten"]]
        assert f'<{blad["volgende"]}>; rel="next"' == response.headers["link"]
        pad = blad["volgende"]
    assert [one["id"] for one in whole[: len(found)]] == found
    last = lezer.get("/berichten?omvang=200&begindatum=2100-01-01")
    assert ([], None) == (last.json()["resultaten"], last.json()["volgende"])
    assert "link" not in last.headers


def test_who_asks_too_often_waits(api: Dienst) -> None:
    from dataclasses import replace

    from gateway.http.grenzen import BUDGETTEN, Emmer, Grenzen
    from gateway.serving import listen, serving

    few = Grenzen({budget: Emmer(60, 2) for budget in BUDGETTEN})
    plek = listen(api.omgeving.settings, "127.0.0.1", 0)
    with serving(plek, replace(api.omgeving, grenzen=few, adres=plek.adres)):
        client = api.programma(Rol.LEZER)
        answers = [client.get(f"{plek.adres}{V1}/overeenkomsten") for _ in range(3)]
    assert [200, 200, 429] == [one.status_code for one in answers]
    assert is_problem(answers[2], 429)
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60


def test_every_call_has_a_right(api: Dienst) -> None:
    assert all(one.rechten and set(one.rechten) <= set(Recht) for one in EINDPUNTEN)
    shows_clients = [one.naam for one in EINDPUNTEN if one.handeling is None]
    assert [
        "geefTrefkans",
        "geefMaanden",
        "toonMaandoverzicht",
        "geefBetalingen",
        "geefOpenstaandeBedragen",
        "toonBetaling",
        "geefBetaalruns",
        "toonBetaalrun",
        "geefJournaal",
        "geefBlokkades",
        "toonBlokkade",
        "geefVoorstellen",
        "toonVoorstel",
        "geefMutaties",
        "toonMutatie",
        "zoekCreditverzoeken",
        "toonCreditverzoek",
        "geefSaldiTussenGemeenten",
        "zoekFacturen",
        "geefFactuurtotalen",
        "geefHandtoewijzingen",
        "indexeerOvereenkomst",
        "vergelijkVoorstel",
        "geefOvereenkomsten",
        "toonOvereenkomst",
        "geefControleregels",
        "toonControleregel",
        "toonRegio",
        "geefRegiovragen",
        "geefVerplichtingen",
        "geefPrognoses",
        "geefJaarafsluitingen",
        "toonJaarafsluiting",
        "geefStandenVanJaar",
        "geefVerantwoordingenVanJaar",
        "geefSteekproevenVanJaar",
        "geefVerantwoordingen",
        "geefSteekproeven",
        "toonSteekproef",
        "geefAanbieders",
        "toonAanbieder",
        "geefRekeningenVanAanbieder",
        "geefSluiting",
        "leesGebeurtenissen",
    ] == shows_clients
