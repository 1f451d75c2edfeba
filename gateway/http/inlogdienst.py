"""The provider that staff log in at (OpenID Connect): who somebody is, and whether that is so.

Code flow with PKCE, state and nonce.  Nothing that it names is followed to another place than it
may name: no redirects, and no private address but that of the issuer itself.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from gateway.config import Settings
from gateway.errors import NietToegestaan, VerzoekGeweigerd
from gateway.http.aanmelden import LoginVraag, Persoon, Programma

DISCOVERY = "/.well-known/openid-configuration"
# Signed by the provider alone: nothing unsigned, and nothing with a secret that we share.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
SKEW_SECONDS = 60
# How a provider says that somebody logged in in more than one step (RFC 8176).
MFA = {"mfa"}
SCOPE = "openid profile email"
TIMEOUT = 5.0
KNOWN_SECONDS = 3600.0
# Keys that we do not know are looked for no more often, whoever sends them.
KEYS_SECONDS = 30.0
AWAY_SECONDS = 10.0
_AWAY = "de inlogdienst van uw organisatie geeft nu geen antwoord; probeer het straks opnieuw"
_REFUSED = "inloggen is niet gelukt; begin opnieuw op de inlogpagina"
_UNKNOWN = "dit opent de API niet"
# What a provider calls a program, and what only the token of a person has.
PROGRAM = re.compile(r"[A-Za-z0-9._:/-]{1,70}")
OF_PERSONS = frozenset({"nonce", "auth_time", "amr", "sid"})
_WEAK = "uw organisatie vroeg bij het inloggen geen tweede stap; zonder die stap kunt u niet verder"


@dataclass(slots=True)
class Inlogdienst:
    """The provider of the settings; what it says of itself is kept for an hour."""

    settings: Settings
    terug: str
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    _metadata: tuple[float, Mapping[str, Any]] | None = None
    _keys: tuple[float, KeySet] | None = None
    _away_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, vraag: LoginVraag, *, opnieuw: bool) -> str:
        """See `Dienst`."""
        given = {
            "nonce": vraag.nonce,
            "code_challenge": create_s256_code_challenge(vraag.verifier),
            "code_challenge_method": "S256",
        }
        if self.settings.oidc_acr:
            given["acr_values"] = " ".join(self.settings.oidc_acr)
        if opnieuw:
            given |= {"prompt": "login", "max_age": "0"}
        return str(
            prepare_grant_uri(
                self._endpoint("authorization_endpoint"),
                client_id=self.settings.oidc_client,
                response_type="code",
                redirect_uri=self.terug,
                scope=SCOPE,
                state=vraag.state,
                **given,
            )
        )

    def finish(self, vraag: LoginVraag, code: str) -> Persoon:
        """See `Dienst`."""
        token = self._token(vraag, code)
        try:
            claims = self._claims(token, vraag.nonce)
        except (JoseError, KeyError, ValueError) as error:
            raise NietToegestaan(_REFUSED) from error
        self._check_strength(claims)
        return self._persoon(claims, str(token["id_token"]))

    def programma(self, token: str) -> Programma:
        """See `Dienst`."""
        try:
            claims = self._signed(token).claims
            JWTClaimsRegistry(
                now=int(self.clock().timestamp()),
                leeway=SKEW_SECONDS,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.settings.oidc_api or ""},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise NietToegestaan(_UNKNOWN) from error
        naam = claims.get("client_id", claims.get("azp"))
        is_of_person = OF_PERSONS & claims.keys() or claims.get("idtyp", "app") != "app"
        if not isinstance(naam, str) or not PROGRAM.fullmatch(naam) or is_of_person:
            raise NietToegestaan(_UNKNOWN)
        return Programma(naam, self._rollen(claims) or ())

    def end(self, token: str, after: str) -> str | None:
        """See `Dienst`."""
        endpoint = self._known().get("end_session_endpoint")
        if endpoint is None:
            return None
        given = {"id_token_hint": token, "post_logout_redirect_uri": after}
        return f"{endpoint}?{urlencode({**given, 'client_id': self.settings.oidc_client or ''})}"

    @property
    def issuer(self) -> str:
        """See `Dienst`."""
        return self.settings.oidc_issuer or ""

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        decoded = self._signed(str(token["id_token"]))
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.settings.oidc_client},
            },
            {
                "nonce": nonce,
                "client_id": self.settings.oidc_client,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(self.clock().timestamp()), leeway=SKEW_SECONDS)
        return dict(claims)

    def _signed(self, token: str) -> jwt.Token:
        """A token that the provider signed, by a key that it may have had for a moment only."""
        try:
            return self._decoded(token, self._key_set())
        except InvalidKeyIdError:
            return self._decoded(token, self._key_set(newer=True))

    def _decoded(self, token: str, keys: KeySet) -> jwt.Token:
        offered = self._known().get("id_token_signing_alg_values_supported", ["RS256"])
        registry = JWSRegistry(
            algorithms=sorted(ALGORITHMS & set(offered)), strict_check_header=False
        )
        return jwt.decode(token, key=keys, registry=registry)

    def _check_strength(self, claims: Mapping[str, Any]) -> None:
        """What counts as two steps is agreed with the provider, by acr or by amr.

        A token that tells of neither was not a login in two steps.
        """
        if not self.settings.oidc_twee_stappen:
            return
        acr, amr = set(self.settings.oidc_acr), set(self.settings.oidc_amr)
        if not acr and not amr:
            amr = MFA
        given = claims.get("amr")
        methods = set(given) if isinstance(given, list) else {given}
        if claims.get("acr") not in acr and not amr & methods:
            raise NietToegestaan(_WEAK)

    def _persoon(self, claims: Mapping[str, Any], token: str) -> Persoon:
        sub = str(claims["sub"])
        naam = str(claims.get("preferred_username") or claims.get("email") or sub)
        return Persoon(
            sub=sub,
            naam=naam,
            weergave=str(claims.get("name") or naam),
            rollen=self._rollen(claims),
            auth_time=float(claims.get("auth_time") or 0),
            token=token,
        )

    def _rollen(self, claims: Mapping[str, Any]) -> Sequence[str] | None:
        """The roles that the provider hands out; None where it does not."""
        claim = self.settings.oidc_rollen
        if claim is None:
            return None
        given = claims.get(claim, [])
        return given.split() if isinstance(given, str) else [str(one) for one in given]

    def _known(self) -> Mapping[str, Any]:
        """What the provider says of itself."""
        with self._lock:
            now = self.monotonic()
            if self._metadata is None or now - self._metadata[0] > KNOWN_SECONDS:
                found = self._ask(self.issuer.rstrip("/") + DISCOVERY)
                if found.get("issuer") != self.issuer:
                    raise VerzoekGeweigerd(503, _AWAY, retry_after=30)
                self._metadata = now, found
            return self._metadata[1]

    def _key_set(self, *, newer: bool = False) -> KeySet:
        endpoint = self._endpoint("jwks_uri")
        with self._lock:
            now = self.monotonic()
            since = KNOWN_SECONDS if self._keys is None else now - self._keys[0]
            if self._keys is None or since > (KEYS_SECONDS if newer else KNOWN_SECONDS):
                self._keys = now, KeySet.import_key_set(self._ask(endpoint))  # type: ignore[arg-type]
            return self._keys[1]

    def _ask(self, url: str) -> dict[str, Any]:
        """What it says there; who comes just after it did not answer does not wait for it again."""
        if self._away_at is not None and self.monotonic() - self._away_at < AWAY_SECONDS:
            raise VerzoekGeweigerd(503, _AWAY, retry_after=30)
        try:
            return _answer("GET", url)
        except VerzoekGeweigerd:
            self._away_at = self.monotonic()
            raise

    def _endpoint(self, name: str) -> str:
        found = self._known().get(name)
        if not isinstance(found, str) or not _may_be_asked(found, self.issuer):
            raise VerzoekGeweigerd(503, _AWAY, retry_after=30)
        return found

    def _token(self, vraag: LoginVraag, code: str) -> Mapping[str, Any]:
        """What the provider gives for a code; we show it the secret that we share, if any."""
        client, secret = self.settings.oidc_client or "", self.settings.oidc_geheim
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.terug,
            "code_verifier": vraag.verifier,
        }
        shown = None if secret is None else (quote(client, safe=""), quote(secret, safe=""))
        if shown is None:
            given["client_id"] = client
        return _answer("POST", self._endpoint("token_endpoint"), data=given, auth=shown)


def _answer(method: str, url: str, **given: Any) -> dict[str, Any]:
    """What a place of the provider says; raises VerzoekGeweigerd when that is of no use."""
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            response = client.request(method, url, **given)
        found = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise VerzoekGeweigerd(503, _AWAY, retry_after=30) from error
    if response.is_client_error:
        raise NietToegestaan(_REFUSED)
    if not response.is_success or not isinstance(found, dict):
        raise VerzoekGeweigerd(503, _AWAY, retry_after=30)
    return found


def _may_be_asked(url: str, issuer: str) -> bool:
    """The host of the issuer, or another one over TLS that is not inside a private network."""
    there, home = urlsplit(url), urlsplit(issuer)
    if there.hostname == home.hostname:
        return there.scheme == home.scheme
    if there.scheme != "https" or there.hostname is None:
        return False
    try:
        found = socket.getaddrinfo(there.hostname, there.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ipaddress.ip_address(one[4][0]).is_global for one in found)
