"""A program comes in by a token of the login provider (client credentials), with its roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.config import Settings
from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.inlogdienst import AWAY_SECONDS, Inlogdienst
from gateway.serving import _inlogdienst
from gateway.store.toegang.personen import vier_ogen
from gateway.toegang.wie import Wie
from tests.web.huis import KAMPEN, ZWOLLE, Huis, Klok, huis

ISSUER, API = "https://inloggen.gemeente.nl", "gateway-api"
SETTINGS = Settings(
    gemeenten=(ZWOLLE, KAMPEN),
    port=0,
    oidc_issuer=ISSUER,
    oidc_client="gateway",
    oidc_rollen="rollen",
    oidc_api=API,
)
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "een"}) for _ in range(2))


def answered(_method: str, url: str, **_given: object) -> dict[str, Any]:
    if url.endswith("openid-configuration"):
        return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
    return {"keys": [KEY.as_dict(private=False)]}


@pytest.fixture(scope="module")
def thuis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.http.inlogdienst._answer", answered)
        dienst = Inlogdienst(SETTINGS, "http://127.0.0.1/inloggen/terug", Klok())
        with huis(tmp_path_factory.mktemp("api"), SETTINGS, inlogdienst=dienst) as made:
            yield made


def asked(made: Huis, key: RSAKey = KEY, **other: object) -> int:
    now = int(made.klok().timestamp())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": API,
        "sub": "regie",
        "azp": "regie",
        "iat": now,
        "exp": now + 300,
        "rollen": [f"beoordelaar:{ZWOLLE}"],
        **other,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    token = jwt.encode({"alg": "RS256", "kid": "een"}, given, key)
    headers = {"Authorization": f"Bearer {token}"}
    return made.bezoeker().client.get("/api/v1/declaraties", headers=headers).status_code


def test_a_program_comes_in_by_the_token_of_the_provider(thuis: Huis) -> None:
    assert 200 == asked(thuis)
    *_, last = thuis.store.logboek.rows()
    assert "programma-regie" == last["wie"]
    assert 403 == asked(thuis, rollen=["iets anders"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "gateway"},
        {"aud": None},
        {"iss": "https://elders.nl"},
        {"exp": 1},
        {"exp": None},
        {"azp": None},
        {"azp": "x\ny"},
        {"nonce": "n"},
        {"auth_time": 1},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_api_opens_nothing(
    thuis: Huis, wrong: dict[str, object]
) -> None:
    assert 401 == asked(thuis, **wrong)


def test_a_token_that_another_signed_or_nobody_opens_nothing(thuis: Huis) -> None:
    assert 401 == asked(thuis, OTHER)
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    client = thuis.bezoeker().client
    assert 401 == client.get("/api/v1/declaraties", headers=headers).status_code


def test_a_program_is_no_second_person(thuis: Huis) -> None:
    wie = Wie("programma-regie", "regie", "sleutel")
    with (
        thuis.store.database.snapshot() as connection,
        pytest.raises(VerzoekGeweigerd, match="telt daarom niet als persoon"),
    ):
        vier_ogen(connection, "jans", wie)


def test_a_provider_that_is_away_is_asked_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries, now = [0], [0.0]

    def away(*_: object, **__: object) -> dict[str, Any]:
        tries[0] += 1
        raise VerzoekGeweigerd(503, "weg")

    monkeypatch.setattr("gateway.http.inlogdienst._answer", away)
    dienst = Inlogdienst(SETTINGS, "http://x/terug", Klok(), monotonic=lambda: now[0])
    for moment, expected in ((0.0, 1), (AWAY_SECONDS - 0.1, 1), (AWAY_SECONDS + 1.0, 2)):
        now[0] = moment
        for _ in range(3):
            with pytest.raises(VerzoekGeweigerd):
                dienst.programma("a.b.c")
        assert [expected] == tries


@pytest.mark.parametrize(
    "half",
    [
        Settings(oidc_api=API),
        Settings(oidc_api=API, oidc_issuer=ISSUER, oidc_client="gateway"),
        Settings(oidc_api=API, oidc_issuer=ISSUER, oidc_client=API, oidc_rollen="rollen"),
    ],
    ids=["no provider", "no roles", "one name"],
)
def test_half_of_it_does_not_start(half: Settings) -> None:
    with pytest.raises(WrongUse, match="GATEWAY_OIDC_API"):
        _inlogdienst(half, Klok(), "https://gateway.gemeente.nl")
