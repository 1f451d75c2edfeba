"""Requests that another site has a browser send change nothing."""

from collections.abc import Mapping

import pytest

from tests.web.huis import Bezoeker, Huis

PROBE = "/mijn/sessies"


def sent(visitor: Bezoeker, headers: Mapping[str, str], token: str | None) -> int:
    form = {"sessie": "andere", **({} if token is None else {"_csrf": token})}
    return visitor.client.post(PROBE, data=form, headers=headers).status_code


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": "OWN"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({}, 403),
        ({"Origin": "https://elders.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elders.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
def test_a_change_comes_from_our_own_pages(
    web: Huis, headers: dict[str, str], expected: int
) -> None:
    visitor = web.bezoeker("lezer")
    given = {name: visitor.adres if value == "OWN" else value for name, value in headers.items()}
    assert expected == sent(visitor, given, visitor.token)


def test_a_change_has_the_token_of_its_own_session(web: Huis) -> None:
    visitor, other = web.bezoeker("lezer"), web.bezoeker("auditor")
    own = {"Origin": visitor.adres}
    assert 403 == sent(visitor, own, None)
    assert 403 == sent(visitor, own, "")
    assert 403 == sent(visitor, own, other.token)
    assert 403 == sent(visitor, own, visitor.client.cookies["begin"])
    assert 303 == sent(visitor, own, visitor.token)


def test_a_script_of_ours_sends_the_token_in_a_header(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    headers = {"Origin": visitor.adres, "X-CSRF-Token": visitor.token, "HX-Request": "true"}
    assert 303 == sent(visitor, headers, None)


def test_the_login_form_is_guarded_too(web: Huis) -> None:
    visitor = web.bezoeker()
    visitor.get("/inloggen")
    form = {"naam": "lezer", "wachtwoord": "x", "_csrf": visitor.token}
    elsewhere = visitor.client.post("/inloggen", data=form, headers={"Origin": "https://x.nl"})
    visitor.token = "geraden"
    assert (403, 403) == (
        elsewhere.status_code,
        visitor.post("/inloggen", form | {"_csrf": "x"}).status_code,
    )


def test_reading_never_changes_anything(web: Huis) -> None:
    visitor = web.bezoeker("lezer")
    assert 405 == visitor.get("/uitloggen").status_code
    assert 200 == visitor.get("/mijn").status_code
