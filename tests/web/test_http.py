"""How the server behaves whatever is asked: headers, methods, sizes, names and rates."""

import json
import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy import event
from structlog.testing import capture_logs

from gateway.config import Settings
from gateway.http.grenzen import BUDGETTEN, Emmer, Grenzen
from gateway.http.koppen import HSTS, KOPPEN
from gateway.toegang.rechten import Recht, Rol
from gateway.toegang.wie import ALLE
from gateway.web.paginas import PADEN
from tests.opslag import altered
from tests.web.huis import WACHTWOORD, Bezoeker, Huis, huis


@pytest.mark.parametrize("path", ["/healthz", "/inloggen", "/bestaat-niet", "/mijn"])
def test_every_answer_has_the_headers_that_guard_a_browser(web: Huis, path: str) -> None:
    response = web.bezoeker().get(path)
    expected = {name.lower(): value for name, value in KOPPEN}
    assert expected == {name: response.headers.get(name) for name in expected}
    csp = response.headers["content-security-policy"]
    assert "default-src 'none'" in csp
    assert "unsafe" not in csp
    assert "server" not in response.headers
    assert HSTS[0].lower() not in response.headers


def test_over_https_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    settings = Settings(gemeenten=("0193",), web_adres="https://gateway.example")
    with huis(tmp_path, settings) as made:
        visitor = made.bezoeker()
        visitor.client.base_url = f"http://127.0.0.1:{made.poort}"
        response = visitor.get("/inloggen", headers={"Host": "gateway.example"})
        assert HSTS[1] == response.headers["strict-transport-security"]
        (cookie,) = response.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-begin=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))


def test_head_works_where_get_does(web: Huis) -> None:
    response = web.bezoeker().client.head("/inloggen")
    assert (200, b"") == (response.status_code, response.content)


def test_another_method_is_told_which_ones_there_are(web: Huis) -> None:
    client = web.bezoeker().client
    response = client.put("/mijn")
    assert 405 == response.status_code
    assert {"GET", "HEAD"} == set(response.headers["allow"].split(", "))
    assert 405 == client.request("TRACE", "/mijn").status_code


def test_a_slash_at_the_end_is_another_address(web: Huis) -> None:
    response = web.bezoeker().get("/inloggen/")
    assert (404, True) == (response.status_code, '<html lang="nl"' in response.text)


@pytest.mark.parametrize("host", ["elders.example", "127.0.0.1.elders.example", "[", ""])
def test_another_name_is_not_answered(web: Huis, host: str) -> None:
    assert 400 == web.bezoeker().get("/inloggen", headers={"Host": host}).status_code


def test_a_probe_may_come_by_any_name(web: Huis) -> None:
    client = web.bezoeker().client
    for path in ("/healthz", "/readyz"):
        response = client.get(path, headers={"Host": "10.0.0.7:8080"})
        assert (200, {"status": "ok"}) == (response.status_code, response.json())


def test_a_store_of_another_version_is_not_ready(tmp_path: Path) -> None:
    with huis(tmp_path) as made:
        client = made.bezoeker().client
        altered(tmp_path, "UPDATE alembic_version SET version_num = '0001'")
        assert [503, 200] == [client.get(path).status_code for path in ("/readyz", "/healthz")]


def test_a_form_has_a_size(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    large = {"sessie": "x" * 1_100_000}
    assert 413 == visitor.post("/mijn/sessies", large).status_code

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    chunked = visitor.client.post("/mijn/sessies", content=pieces())
    assert 413 == chunked.status_code


def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    grenzen = Grenzen({**BUDGETTEN, "gewoon": Emmer(60, 3)}, monotonic=lambda: 0.0)
    with huis(tmp_path, grenzen=grenzen) as made:
        client = made.bezoeker().client
        statuses = [client.get("/inloggen").status_code for _ in range(4)]
        assert [200, 200, 200, 429] == statuses
        assert "1" == client.get("/inloggen").headers["retry-after"]


def test_logins_have_a_budget_of_their_own(tmp_path: Path) -> None:
    grenzen = Grenzen({**BUDGETTEN, "inloggen": Emmer(1, 1)}, monotonic=lambda: 0.0)
    with huis(tmp_path, grenzen=grenzen) as made:
        made.maak("lezer", {ALLE: {Rol.LEZER}})
        visitor = made.bezoeker()
        statuses = [visitor.log_in("lezer", "verkeerd").status_code for _ in range(2)]
        assert [401, 429] == statuses
        assert 200 == visitor.get("/inloggen").status_code


def test_a_trace_goes_on_and_another_begins(web: Huis) -> None:
    client = web.bezoeker().client
    given = f"00-{'a' * 32}-{'b' * 16}-01"
    known = client.get("/healthz", headers={"traceparent": given}).headers["traceparent"]
    assert known.startswith(f"00-{'a' * 32}-")
    assert "b" * 16 not in known
    for wrong in ("", "x", f"00-{'0' * 32}-{'b' * 16}-01"):
        made = client.get("/healthz", headers={"traceparent": wrong}).headers["traceparent"]
        assert 55 == len(made)


def test_our_own_fault_is_told_with_a_number_and_no_more(
    web: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("999900006 stond hier")

    visitor = web.bezoeker("lezer")
    monkeypatch.setattr("gateway.store.toegang.sessies.Sessies.of", broken)
    response = visitor.get("/mijn")
    assert 500 == response.status_code
    assert "referentie" in response.text
    assert "RuntimeError" not in response.text
    assert "999900006" not in response.text


def test_even_without_the_page_that_says_so_our_fault_is_told(
    web: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("999900006 stond hier")

    monkeypatch.setattr("gateway.web.kant.toon", broken)
    response = web.bezoeker().get("/bestaat-niet")
    assert (500, True) == (response.status_code, "Probeer het later" in response.text)
    assert "999900006" not in response.text


def test_without_a_log_there_is_no_answer(web: Huis, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.errors import TemporaryFailure

    def away(*_: object) -> None:
        raise TemporaryFailure("weg")

    visitor = web.bezoeker("auditor")
    monkeypatch.setattr("gateway.store.toegang.logboek.Logboek.schrijf", away)
    response = visitor.get("/logboek")
    assert (503, "30") == (response.status_code, response.headers["retry-after"])
    assert "Handelingen" not in response.text


def test_files_are_kept_for_long_and_named_by_their_content(web: Huis) -> None:
    client = web.bezoeker().client
    page = client.get("/inloggen").text
    start = page.index("/static/")
    address = page[start : page.index('"', start)]
    response = client.get(address)
    assert "immutable" in response.headers["cache-control"]
    changed = address.replace("/static/", "/static/x")
    assert 404 == client.get(changed).status_code
    assert 404 == client.get("/static/x/../app.py").status_code


def test_a_municipality_has_its_own_look(tmp_path: Path) -> None:
    (tmp_path / "0193.css").write_text(":root { --gateway-accent: #7a0050; }")
    settings = Settings(gemeenten=("0193",), thema=tmp_path)
    with huis(tmp_path, settings) as made:
        response = made.bezoeker().get("/thema.css")
        assert "--gateway-accent: #7a0050" in response.text


def test_a_page_asks_the_store_a_fixed_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with huis(tmp_path) as made:
        made.maak("allebei", {ALLE: {Rol.AUDITOR, Rol.BEHEERDER}})
        visitor = made.bezoeker("allebei")
        before = {path: queries_of(made, visitor, path) for path in COUNTED}
        for number in range(30):
            made.maak(f"nog een {number}", {ALLE: {Rol.LEZER}})
        assert COUNTED == before
        assert COUNTED == {path: queries_of(made, visitor, path) for path in COUNTED}


# With the one that finds the session, and those that write in the log of processing.
COUNTED = {"/mijn": 4, "/beheer/gebruikers": 2, "/logboek": 4, "/logboek/inzage": 1}


def queries_of(made: Huis, visitor: Bezoeker, path: str) -> int:
    statements: list[str] = []

    def heard(*told: object) -> None:
        statements.append(str(told[2]))

    engine = made.store.database.engine
    event.listen(engine, "before_cursor_execute", heard)
    assert 200 == visitor.get(path).status_code
    event.remove(engine, "before_cursor_execute", heard)
    return sum(not one.startswith("BEGIN") for one in statements)


def test_nothing_is_read_of_who_may_not_send_it(web: Huis) -> None:
    with socket.create_connection(("127.0.0.1", web.poort), timeout=10) as stranger:
        stranger.sendall(
            b"POST /api/v1/berichten HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/xml\r\nContent-Length: 20000000\r\n\r\n<"
        )
        # The rest of it never comes, and is not waited for.
        assert stranger.recv(100).startswith(b"HTTP/1.1 401 ")


def test_who_finds_a_weak_spot_is_told_where_to_tell_it(web: Huis) -> None:
    response = web.bezoeker().client.get("/.well-known/security.txt")
    assert (200, "text/plain; charset=utf-8") == (
        response.status_code,
        response.headers["content-type"],
    )
    told = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert f"mailto:{web.omgeving.settings.contact_email}" == told["Contact"]
    assert f"{web.omgeving.adres}/.well-known/security.txt" == told["Canonical"]
    until = datetime.fromisoformat(told["Expires"])
    assert timedelta() < until - web.klok() < timedelta(days=365)


def test_what_gives_rights_or_files_asks_for_a_fresh_login() -> None:
    guarded = [one for one in PADEN if one.path.endswith("/uitvoer")]
    guarded += [one for one in PADEN if one.recht is Recht.BEHEREN and one.is_change]
    assert len(guarded) > 8
    # Taking access away is for any moment, and so is a proposal: only publishing changes anything.
    ending = {"/beheer/gebruikers/{kenmerk}/sessies", "/beheer/sleutels/{kenmerk}/intrekken"}
    proposed = {"/overeenkomsten/indexeren", "/overeenkomsten/publiceren"}
    proposed.add("/overeenkomsten/publiceren/{kenmerk}/stoppen")
    assert ending | proposed == {one.path for one in guarded if not one.sterk}


def test_a_cookie_of_a_session_is_guarded_by_the_browser(tmp_path: Path) -> None:
    settings = Settings(port=0, web_adres="https://gateway.example")
    with huis(tmp_path, settings) as made:
        made.maak("lezer", {ALLE: {Rol.LEZER}})
        given = {"Host": "gateway.example", "Origin": "https://gateway.example"}
        where = f"http://127.0.0.1:{made.poort}/inloggen"
        page = httpx.get(where, headers=given, trust_env=False)
        token = re.search(r'name="_csrf" value="([^"]*)"', page.text)
        assert token is not None
        form = {"naam": "lezer", "wachtwoord": WACHTWOORD, "_csrf": token[1]}
        begin = page.headers["set-cookie"].split(";")[0]
        response = httpx.post(where, data=form, headers={**given, "Cookie": begin}, trust_env=False)
    assert 303 == response.status_code
    koekje, *marks = response.headers["set-cookie"].split("; ")
    assert koekje.startswith("__Host-sessie=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} == set(marks)


def test_a_change_has_a_cookie_that_no_other_site_can_send_along(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    kept = visitor.client.cookies["handelen"]
    assert kept != visitor.token
    del visitor.client.cookies["handelen"]
    refused = visitor.post("/mijn/sessies")

    # The next page gives it back, even one that refuses.
    koekje, *marks = refused.headers["set-cookie"].split("; ")
    assert (403, f"handelen={kept}") == (refused.status_code, koekje)
    assert {"HttpOnly", "Path=/", "SameSite=strict"} == set(marks)
    assert "set-cookie" not in visitor.get("/mijn").headers
    assert 303 == visitor.post("/mijn/sessies").status_code


def test_who_logs_out_keeps_no_cookie(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    visitor.post("/uitloggen")
    assert not {"sessie", "handelen"} & set(visitor.client.cookies)


REPORT = {
    "type": "csp-violation",
    "url": "https://gateway.example/clienten/9b1d",
    "body": {"effectiveDirective": "img-src", "blockedURL": "https://elders.example/999900006?x"},
}
OLDER = {"csp-report": {"effective-directive": "script-src", "blocked-uri": "inline"}}
MADE_UP = {"body": {"effectiveDirective": "x\n", "blockedURL": "http://[::" + "x" * 900}}


def test_a_browser_tells_what_it_stopped(web: Huis) -> None:
    client = web.bezoeker().client
    page = client.get("/inloggen")
    assert "report-to csp; report-uri /csp-meldingen" in page.headers["content-security-policy"]
    assert 'csp="/csp-meldingen"' == page.headers["reporting-endpoints"]
    structlog.reset_defaults()  # whatever level a test before it asked for
    with capture_logs() as logs:
        for media, given in (
            ("application/reports+json", [REPORT, MADE_UP, 1, {"body": 2}]),
            ("application/csp-report", OLDER),
        ):
            told = json.dumps(given).encode()
            headers = {"Content-Type": media}
            assert 204 == client.post("/csp-meldingen", content=told, headers=headers).status_code
    found = [
        (one["richtlijn"], one["geblokkeerd"]) for one in logs if one["event"] == "csp_overtreding"
    ]
    images = ("img-src", "https://elders.example")
    assert [images, ("anders", "anders"), ("script-src", "inline")] == found


def test_what_no_browser_tells_is_not_read(web: Huis) -> None:
    client = web.bezoeker().client
    for status, media, body in (
        (415, "application/json", b"{}"),
        (400, "application/csp-report", b"{"),
        (413, "application/csp-report", b"[" + b" " * 70_000),
    ):
        headers = {"Content-Type": media}
        assert status == client.post("/csp-meldingen", content=body, headers=headers).status_code
