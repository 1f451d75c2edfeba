"""Logging in and out, as staff do it and as others try it."""

from pathlib import Path

import httpx
import pytest

from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.http.omgeving import adres_of
from gateway.store.toegang.sessies import IDLE_SECONDS, LONGEST_SECONDS, Sessies
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.kant import naar_of
from gateway.web.wachtwoorden import _hasher, bezwaar
from tests.web.huis import WACHTWOORD, Huis, handeling, huis


def test_who_is_not_logged_in_comes_to_a_page_in_dutch(web: Huis) -> None:
    visitor = web.bezoeker()
    first = visitor.get("/")
    assert (303, "/inloggen?naar=/") == (first.status_code, first.headers["location"])
    page = visitor.get("/inloggen")
    assert 200 == page.status_code
    assert '<html lang="nl"' in page.text


def test_who_logs_in_sees_himself(web: Huis) -> None:
    page = web.bezoeker("lezer").get("/mijn")
    assert 200 == page.status_code
    assert "Lezer" in page.text


def test_a_login_leads_to_where_somebody_wanted_to_be(web: Huis) -> None:
    visitor = web.bezoeker()
    assert "/inloggen?naar=/mijn" == visitor.get("/mijn").headers["location"]
    assert "/mijn" == visitor.log_in("lezer", naar="/mijn").headers["location"]


@pytest.mark.parametrize("naar", ["https://elders.nl", "//elders.nl", "/\\elders.nl", "x", "/a\nb"])
def test_a_login_leads_nowhere_else(naar: str) -> None:
    assert "/" == naar_of(naar)


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(web: Huis) -> None:
    wrong = web.bezoeker().log_in("lezer", "een verkeerd wachtwoord")
    unknown = web.bezoeker().log_in("bestaat niet")
    assert (401, 401) == (wrong.status_code, unknown.status_code)
    assert _without_names(wrong) == _without_names(unknown)


def _without_names(response: httpx.Response) -> str:
    own = ("csrf", 'id="naam"')
    return "\n".join(
        line for line in response.text.splitlines() if not any(one in line.lower() for one in own)
    )


def test_who_guesses_waits_and_nobody_is_locked_out(web: Huis) -> None:
    web.maak("geraden", {ALLE: {Rol.LEZER}})
    visitor = web.bezoeker()
    for _ in range(4):
        visitor.log_in("geraden", "een verkeerd wachtwoord")
    assert 401 == visitor.log_in("geraden").status_code
    web.klok.later(seconds=10)
    assert 303 == visitor.log_in("geraden").status_code


def test_a_login_gives_another_session_than_the_one_that_was_planted(web: Huis) -> None:
    visitor = web.bezoeker()
    visitor.client.cookies.set("sessie", "geplant", domain="127.0.0.1")
    visitor.log_in("lezer")
    kept = [one.value for one in visitor.client.cookies.jar if one.name == "sessie"]
    assert 200 == visitor.get("/mijn").status_code
    assert "geplant" not in kept


def test_after_logging_out_the_old_cookie_is_worth_nothing(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    old = visitor.client.cookies["sessie"]
    response = visitor.post("/uitloggen")
    assert '"cache", "cookies", "storage"' == response.headers["clear-site-data"]
    visitor.client.cookies.set("sessie", old, domain="127.0.0.1")
    assert 303 == visitor.get("/mijn").status_code


def test_pages_with_data_are_kept_by_no_browser(web: Huis) -> None:
    assert "no-store" == web.bezoeker("lezer").get("/mijn").headers["cache-control"]


def test_a_session_ends_when_nobody_is_there(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    web.klok.later(seconds=IDLE_SECONDS + 1)
    assert 303 == visitor.get("/mijn").status_code


def test_a_session_ends_after_a_long_day(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    for _ in range(int(LONGEST_SECONDS // 1500)):
        web.klok.later(seconds=1500)
        assert 200 == visitor.get("/mijn").status_code
    web.klok.later(seconds=1500)
    assert 303 == visitor.get("/mijn").status_code


def test_who_is_shut_out_is_out_at_once(web: Huis) -> None:
    nummer = web.maak("weggaand", {ALLE: {Rol.LEZER}})
    visitor = web.bezoeker("weggaand")
    web.store.gebruikers.set_actief(nummer, False, handeling("toegang wijzigen"))
    assert 303 == visitor.get("/mijn").status_code
    assert 401 == visitor.log_in("weggaand").status_code


def test_who_gets_other_roles_logs_in_again(web: Huis) -> None:
    nummer = web.maak("wisselend", {ALLE: {Rol.AUDITOR}})
    visitor = web.bezoeker("wisselend")
    roles = {ALLE: frozenset({Rol.LEZER})}
    web.store.gebruikers.set_rollen(nummer, roles, handeling("rollen wijzigen"))
    assert 303 == visitor.get("/logboek").status_code
    visitor.log_in("wisselend")
    assert 403 == visitor.get("/logboek").status_code


def test_somebody_ends_his_other_sessions(web: Huis) -> None:
    web.maak("overal", {ALLE: {Rol.LEZER}})
    here, there = web.bezoeker("overal"), web.bezoeker("overal")
    here.post("/mijn/sessies", {"sessie": "andere"})
    assert (200, 303) == (here.get("/mijn").status_code, there.get("/mijn").status_code)


def test_logins_and_failures_are_in_the_log(web: Huis) -> None:
    web.bezoeker("lezer")
    web.bezoeker().log_in("lezer", "een verkeerd wachtwoord")
    last = [(row["name"], row["status_code"], row["wie"]) for row in web.store.logboek.rows()][-2:]
    assert [("inloggen", 1, "lezer"), ("inloggen", 2, "lezer")] == last


def test_a_password_is_kept_as_rfc_9106_has_it() -> None:
    # This name was bound before tests made passwords light.
    assert _hasher().hash(WACHTWOORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_only_a_hash_of_a_session_is_kept(web: Huis) -> None:
    token = web.bezoeker("lezer").client.cookies["sessie"]
    found = web.store.sessies.find(token)
    assert found is not None
    assert token not in repr(found)


def test_the_buttons_of_the_demo_work_in_the_demo_alone(web: Huis, tmp_path: Path) -> None:
    visitor = web.bezoeker()
    visitor.get("/inloggen")
    assert 404 == visitor.post("/inloggen/demo", {"naam": "lezer"}).status_code
    with huis(tmp_path, demo=True) as made:
        made.maak("lezer", {ALLE: {Rol.LEZER}}, wachtwoord=None)
        there = made.bezoeker()
        assert "Demo: alle gegevens zijn verzonnen" in there.get("/inloggen").text
        assert 303 == there.post("/inloggen/demo", {"naam": "lezer"}).status_code
        assert 200 == there.get("/mijn").status_code
        there.get("/inloggen")
        assert 404 == there.post("/inloggen", {"naam": "lezer"}).status_code


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_the_demo_listens_on_this_machine_alone(host: str) -> None:
    with pytest.raises(WrongUse, match="alleen op deze computer"):
        adres_of(Settings(web_adres="https://gateway.example"), host, 8080, demo=True)


def test_outside_this_machine_it_has_to_be_https() -> None:
    with pytest.raises(WrongUse, match="GATEWAY_WEB_ADRES"):
        adres_of(Settings(), "0.0.0.0", 8080)
    with pytest.raises(WrongUse, match="https"):
        adres_of(Settings(web_adres="http://gateway.example"), "0.0.0.0", 8080)
    settings = Settings(web_adres="https://gateway.example/")
    assert "https://gateway.example" == adres_of(settings, "0.0.0.0", 8080)


@pytest.mark.parametrize(
    ("wachtwoord", "is_good"),
    [
        (WACHTWOORD, True),
        ("korter dan 15", False),
        ("wachtwoord123456", False),
        ("Welkom2026Welkom2026", False),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("pietjansen pietjansen", False),
        ("x" * 201, False),
        ("mailcreated5240", False),
        ("MailCreated5240", False),
        ("dragondragondragon", False),
        ("Dragon-Monkey-Football1", False),
        ("dragon en een monkey met football", True),
        ("correct horse battery staple", True),
        ("  spaties horen erbij  ", True),
    ],
)
def test_a_password_is_long_and_its_own(wachtwoord: str, is_good: bool) -> None:
    assert is_good == (bezwaar(wachtwoord, "pietjansen") is None)


def test_a_token_works_once_and_not_for_long(web: Huis) -> None:
    sessies: Sessies = web.store.sessies
    token = sessies.give("eerste", "inhoud", 60)
    assert None is sessies.take("oidc", token)
    assert ("inhoud", None) == (sessies.take("eerste", token), sessies.take("eerste", token))
    late = sessies.give("eerste", "inhoud", 60)
    web.klok.later(seconds=61)
    assert None is sessies.take("eerste", late)


@pytest.mark.parametrize(
    ("naam", "page"),
    [("lezer", "/vandaag"), ("beheerder", "/beheer/gebruikers"), ("auditor", "/logboek")],
)
def test_everyone_begins_at_his_own_work(web: Huis, naam: str, page: str) -> None:
    assert page == web.bezoeker(naam).get("/").headers["location"]
