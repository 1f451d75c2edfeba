"""Logging in at a real OpenID provider, and everything that may be wrong with its answer."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.config import Settings
from gateway.errors import NietToegestaan, VerzoekGeweigerd, WrongUse
from gateway.http.aanmelden import LoginVraag
from gateway.http.inlogdienst import Inlogdienst, _may_be_asked
from gateway.serving import _inlogdienst
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.oidc import rollen_of
from tests.web.huis import ZWOLLE, Bezoeker, Huis, handeling, huis

PACKAGE = "oidc-provider@9"
MODULES = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gateway-test" / "oidc"
SCRIPT = Path(__file__).with_name("provider.mjs")
CLIENT, SECRET = "gateway", "een geheim dat alleen deze test kent"
SUB = "a1b2c3"


def node_modules() -> Path:
    """The package of the provider, fetched once; without node the tests are skipped."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("GATEWAY_REQUIRE_SERVICES") == "1":
            pytest.fail("geen node", pytrace=False)
        pytest.skip("geen node")
    if not (MODULES / "node_modules" / "oidc-provider").is_dir():
        MODULES.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        subprocess.run([*command, "--prefix", str(MODULES), PACKAGE], check=True, timeout=300)
    return MODULES


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass
class Provider:
    """A provider that can be started again with other keys, claims or strength."""

    port: int
    web: int
    given: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **given: Any) -> None:
        self.stop()
        told = {
            "modules": str(node_modules()),
            "port": self.port,
            "redirect": f"http://127.0.0.1:{self.web}/inloggen/terug",
            "after": f"http://127.0.0.1:{self.web}/inloggen",
            "client": CLIENT,
            "secret": SECRET,
            "sub": SUB,
            "key": "eerste",
            "claims": {"name": "Jans Jansen", "preferred_username": "jans"},
            "acr": "mfa",
            "amr": ["pwd", "otp", "mfa"],
            **given,
        }
        self.process = subprocess.Popen(
            ["node", str(SCRIPT), json.dumps(told)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert any(line == "ready\n" for line in self.process.stdout)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


@dataclass
class Opstelling:
    """A gateway whose staff log in at a provider."""

    web: Huis
    provider: Provider

    def to_provider(self, path: str = "/inloggen/oidc?naar=/mijn") -> tuple[Bezoeker, str]:
        """Somebody on his way, and the address by which the provider sends him back."""
        visitor = self.web.bezoeker()
        response = visitor.client.get(path)
        assert 303 == response.status_code, response.text
        back = self.web.omgeving.adres
        while not response.headers["location"].startswith(back):
            there = httpx.URL(self.provider.issuer).join(response.headers["location"])
            response = visitor.client.get(there)
            assert response.status_code in (302, 303), response.text
        return visitor, response.headers["location"]

    def log_in(self, path: str = "/inloggen/oidc?naar=/mijn") -> tuple[Bezoeker, httpx.Response]:
        visitor, back = self.to_provider(path)
        return visitor, visitor.client.get(back)

    def admit(self, *rollen: Rol) -> None:
        nieuw = NieuweGebruiker(
            naam="jans", weergave="Jans", oidc=SUB, rollen={ALLE: frozenset(rollen)}
        )
        self.web.store.gebruikers.make(nieuw, handeling("gebruiker maken"))


@contextmanager
def opstelling(folder: Path, **settings: Any) -> Iterator[Opstelling]:
    provider = Provider(free_port(), 0)
    chosen = Settings(
        gemeenten=(ZWOLLE,),
        oidc_issuer=provider.issuer,
        oidc_client=CLIENT,
        oidc_geheim=SECRET,
        **settings,
    )
    with ExitStack() as stack:
        stack.callback(provider.stop)
        web = stack.enter_context(huis(folder, chosen))
        web.klok.moment = datetime.now(UTC)
        provider.web = web.poort
        provider.start()
        yield Opstelling(web, provider)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Opstelling]:
    with opstelling(tmp_path) as one:
        yield one


def test_who_is_known_comes_in_and_goes_out_at_both(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    visitor, response = made.log_in()
    assert (303, "/mijn") == (response.status_code, response.headers["location"])
    assert "Jans" in visitor.get("/mijn").text
    out = visitor.post("/uitloggen").headers["location"]
    assert out.startswith(f"{made.provider.issuer}/session/end?id_token_hint=")
    asked = visitor.client.get(out)
    assert 200 == asked.status_code
    assert 303 == visitor.get("/mijn").status_code


def test_the_login_page_leads_there_and_has_no_password(made: Opstelling) -> None:
    page = made.web.bezoeker().get("/inloggen").text
    assert "/inloggen/oidc" in page
    assert "Wachtwoord" not in page


def test_it_is_asked_with_pkce_state_and_nonce(made: Opstelling) -> None:
    asked = made.web.bezoeker().client.get("/inloggen/oidc").headers["location"]
    query = parse_qs(urlsplit(asked).query)
    assert {"state", "nonce", "code_challenge"} <= query.keys()
    assert (["S256"], ["code"]) == (query["code_challenge_method"], query["response_type"])


def test_who_is_not_known_is_told_his_number(made: Opstelling) -> None:
    _, response = made.log_in()
    assert (403, True) == (response.status_code, SUB in response.text)
    assert [] == list(made.web.store.gebruikers.all())


def test_who_was_shut_out_stays_out(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    known = made.web.store.gebruikers.by_oidc(SUB)
    assert known is not None
    made.web.store.gebruikers.set_actief(known.nummer, False, handeling("toegang wijzigen"))
    assert 403 == made.log_in()[1].status_code


def test_an_answer_works_once_and_in_one_browser(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    visitor, back = made.to_provider()
    assert 403 == made.web.bezoeker().client.get(back).status_code
    visitor, back = made.to_provider()
    assert 303 == visitor.client.get(back).status_code
    assert 403 == visitor.client.get(back).status_code


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.copy_set_param("state", "ander"),
        lambda url: url.copy_set_param("code", "ander"),
        lambda url: url.copy_set_param("iss", "https://elders.example"),
        lambda url: url.copy_remove_param("code"),
    ],
    ids=["state", "code", "iss", "without code"],
)
def test_an_answer_that_was_changed_is_refused(
    made: Opstelling, change: Callable[[httpx.URL], httpx.URL]
) -> None:
    made.admit(Rol.LEZER)
    visitor, back = made.to_provider()
    assert 403 == visitor.client.get(change(httpx.URL(back))).status_code
    *_, last = made.web.store.logboek.rows()
    assert ("inloggen", 2) == (last["name"], last["status_code"])


def dienst_of(made: Opstelling) -> Inlogdienst:
    found = made.web.omgeving.inlogdienst
    assert isinstance(found, Inlogdienst)
    return found


def code_for(made: Opstelling, vraag: LoginVraag) -> str:
    """A code of the provider for a login that we began ourselves."""
    url = dienst_of(made).begin(vraag, opnieuw=False)
    with httpx.Client() as client:
        while not url.startswith(made.web.omgeving.adres):
            response = client.get(url)
            url = str(httpx.URL(made.provider.issuer).join(response.headers["location"]))
    return parse_qs(urlsplit(url).query)["code"][0]


VRAAG = LoginVraag("state", "de nonce van deze login", "v" * 64)


def test_a_right_answer_is_taken(made: Opstelling) -> None:
    persoon = dienst_of(made).finish(VRAAG, code_for(made, VRAAG))
    assert (SUB, "jans", "Jans Jansen") == (persoon.sub, persoon.naam, persoon.weergave)


def test_another_nonce_is_refused(made: Opstelling) -> None:
    code = code_for(made, VRAAG)
    with pytest.raises(NietToegestaan):
        dienst_of(made).finish(VRAAG._replace(nonce="een andere"), code)


def test_another_verifier_is_refused(made: Opstelling) -> None:
    code = code_for(made, VRAAG)
    with pytest.raises(NietToegestaan):
        dienst_of(made).finish(VRAAG._replace(verifier="w" * 64), code)


def test_a_token_for_somebody_else_is_refused(
    made: Opstelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    dienst = dienst_of(made)
    token = dienst._token(VRAAG, code_for(made, VRAAG))
    settings = Settings(oidc_issuer=made.provider.issuer, oidc_client="een ander")
    other = Inlogdienst(settings, dienst.terug, dienst.clock)
    monkeypatch.setattr(Inlogdienst, "_token", lambda *_: token)
    with pytest.raises(NietToegestaan):
        other.finish(VRAAG, "de code van het andere programma")


@pytest.mark.parametrize(
    ("skew", "is_taken"), [(30, True), (-30, True), (2 * 3600, False), (-300, False)]
)
def test_clocks_may_differ_a_little(made: Opstelling, skew: float, is_taken: bool) -> None:
    code = code_for(made, VRAAG)
    made.web.klok.moment = datetime.now(UTC) + timedelta(seconds=skew)
    if is_taken:
        assert SUB == dienst_of(made).finish(VRAAG, code).sub
    else:
        with pytest.raises(NietToegestaan):
            dienst_of(made).finish(VRAAG, code)


def test_new_keys_of_the_provider_are_fetched(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    dienst = dienst_of(made)
    now = [0.0]
    dienst.monotonic = lambda: now[0]
    assert 303 == made.log_in()[1].status_code
    made.provider.start(key="tweede")
    # Not at once again and again, whoever sends us keys that we do not know.
    assert 403 == made.log_in()[1].status_code
    now[0] = 31.0
    assert 303 == made.log_in()[1].status_code


def test_a_key_of_the_same_name_that_is_another_is_refused(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    assert 303 == made.log_in()[1].status_code
    made.provider.start(key="eerste")
    assert 403 == made.log_in()[1].status_code


def test_without_its_provider_a_login_is_refused_kindly(made: Opstelling) -> None:
    made.admit(Rol.LEZER)
    inside, _ = made.log_in()
    visitor, back = made.to_provider()
    made.provider.stop()
    response = visitor.client.get(back)
    assert (503, "30") == (response.status_code, response.headers["retry-after"])
    assert "geeft nu geen antwoord" in response.text
    # Who is in stays in, and gets out.
    assert 200 == inside.get("/mijn").status_code
    assert 303 == inside.post("/uitloggen").status_code


def test_a_provider_that_never_was_there_is_told_kindly(made: Opstelling) -> None:
    made.provider.stop()
    response = made.web.bezoeker().client.get("/inloggen/oidc")
    assert (503, True) == (response.status_code, "inlogdienst" in response.text)


def test_a_fresh_login_is_asked_for_before_rights_change(made: Opstelling) -> None:
    made.admit(Rol.BEHEERDER)
    visitor, _ = made.log_in()
    made.web.klok.later(minutes=11)
    page = visitor.get("/beheer/gebruikers/nieuw")
    assert page.headers["location"].endswith("&opnieuw=1")
    link = visitor.client.get(page.headers["location"]).text
    assert "&amp;opnieuw=1" in link
    asked = visitor.client.get("/inloggen/oidc?opnieuw=1").headers["location"]
    query = parse_qs(urlsplit(asked).query)
    assert (["login"], ["0"]) == (query["prompt"], query["max_age"])


def test_two_factors_are_demanded_where_they_were_agreed(tmp_path: Path) -> None:
    with opstelling(tmp_path, oidc_acr=("mfa",)) as made:
        made.admit(Rol.LEZER)
        assert 303 == made.log_in()[1].status_code
        made.provider.start(key="tweede", acr="0")
        dienst_of(made).monotonic = lambda: 1e9
        _, response = made.log_in()
        assert (403, True) == (response.status_code, "tweede stap" in response.text)


def test_two_factors_may_be_told_by_their_methods(tmp_path: Path) -> None:
    with opstelling(tmp_path, oidc_amr=("otp", "hwk")) as made:
        made.admit(Rol.LEZER)
        assert 303 == made.log_in()[1].status_code
        made.provider.start(key="tweede", amr=["pwd"])
        dienst_of(made).monotonic = lambda: 1e9
        assert 403 == made.log_in()[1].status_code


@pytest.mark.parametrize("told", [{"amr": ["pwd"]}, {"amr": None}, {"acr": None, "amr": None}])
def test_without_a_word_of_two_steps_nobody_comes_in(
    made: Opstelling, told: dict[str, Any]
) -> None:
    made.admit(Rol.LEZER)
    assert 303 == made.log_in()[1].status_code
    made.provider.start(key="tweede", **told)
    dienst_of(made).monotonic = lambda: 1e9
    _, response = made.log_in()
    assert (403, True) == (response.status_code, "tweede stap" in response.text)
    *_, last = made.web.store.logboek.rows()
    assert ("inloggen", 2) == (last["name"], last["status_code"])


def test_an_installation_may_leave_two_steps_to_its_provider(tmp_path: Path) -> None:
    with opstelling(tmp_path, oidc_twee_stappen=False) as made:
        made.admit(Rol.LEZER)
        made.provider.start(acr=None, amr=None)
        assert 303 == made.log_in()[1].status_code


def test_two_steps_are_not_demanded_and_left_at_once() -> None:
    settings = Settings(
        oidc_issuer="https://a.example", oidc_client="x", oidc_twee_stappen=False, oidc_acr=("2",)
    )
    with pytest.raises(WrongUse, match="kies er een"):
        _inlogdienst(settings, lambda: datetime.now(UTC), "https://b.example")


def test_roles_may_come_from_the_provider_and_go_with_it(tmp_path: Path) -> None:
    with opstelling(tmp_path, oidc_rollen="roles") as made:
        claims = {"name": "Jans", "preferred_username": "jans"}
        made.provider.start(claims={**claims, "roles": ["auditor", "iets anders"]})
        visitor, response = made.log_in()
        assert 303 == response.status_code
        assert 200 == visitor.get("/logboek").status_code
        made.provider.start(claims={**claims, "roles": [f"lezer:{ZWOLLE}"]}, key="tweede")
        dienst_of(made).monotonic = lambda: 1e9
        visitor, _ = made.log_in()
        assert 403 == visitor.get("/logboek").status_code


def test_roles_of_a_claim_are_read_with_their_municipality() -> None:
    given = ["lezer", f"beoordelaar:{ZWOLLE}", "technisch-beheer", "lezer:9999", "aanbieder", "x"]
    expected = {
        ALLE: frozenset({Rol.LEZER, Rol.TECHNISCH_BEHEER}),
        ZWOLLE: frozenset({Rol.BEOORDELAAR}),
    }
    assert expected == rollen_of(given, frozenset({ZWOLLE}))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://login.example/token", True),
        ("http://login.example/token", False),
        ("https://127.0.0.1/token", False),
        ("https://169.254.169.254/token", False),
        ("https://[::1]/token", False),
        ("https://10.0.0.1/token", False),
        ("https://1.1.1.1/token", True),
        ("http://1.1.1.1/token", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_places_that_a_provider_may_have_are_asked(url: str, may: bool) -> None:
    assert may == _may_be_asked(url, "https://login.example")


def test_half_a_provider_is_told_at_start() -> None:
    for settings, told in (
        (Settings(oidc_issuer="https://login.example"), "GATEWAY_OIDC_CLIENT"),
        (Settings(oidc_issuer="http://login.example", oidc_client="x"), "https"),
    ):
        with pytest.raises(WrongUse, match=told):
            _inlogdienst(settings, lambda: datetime.now(UTC), "https://gateway.example")
    assert None is _inlogdienst(Settings(), lambda: datetime.now(UTC), "https://gateway.example")


def test_a_provider_that_says_to_be_another_is_not_believed(made: Opstelling) -> None:
    settings = Settings(oidc_issuer=f"{made.provider.issuer}/", oidc_client=CLIENT)
    other = Inlogdienst(settings, dienst_of(made).terug, dienst_of(made).clock)
    with pytest.raises(VerzoekGeweigerd):
        other.begin(VRAAG, opnieuw=False)
