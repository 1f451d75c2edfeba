"""Logging in at the provider of one's own organisation."""

from __future__ import annotations

import secrets

import msgspec
from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, NietToegestaan, VerzoekGeweigerd, WrongUse
from gateway.http.aanmelden import TERUG, Dienst, LoginVraag, Persoon, rollen_of
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.gebruikers import Gebruiker, NieuweGebruiker, Rollen
from gateway.toegang.namen import is_bezet
from gateway.web.inloggen import TOEGANG, kom_binnen, log_mislukt
from gateway.web.kant import naar_of
from gateway.web.koekjes import koekje

DOEL = "oidc"
UNDER_WAY_SECONDS = 600.0
_REFUSED = "inloggen is niet gelukt; begin opnieuw op de inlogpagina"


class _Onderweg(msgspec.Struct):
    """What we remember of a login under way."""

    nonce: str
    verifier: str
    naar: str


def _begin(verzoek: Verzoek) -> Response:
    dienst = _dienst(verzoek)
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    naar = naar_of(verzoek.vraag.zoek.get("naar", "/"))
    kept = msgspec.json.encode(_Onderweg(nonce, verifier, naar)).decode()
    state = verzoek.omgeving.store.sessies.give(DOEL, kept, UNDER_WAY_SECONDS)
    opnieuw = verzoek.vraag.zoek.get("opnieuw") == "1"
    response = RedirectResponse(
        dienst.begin(LoginVraag(state, nonce, verifier), opnieuw=opnieuw), 303
    )
    # Who comes back has to be who went: another browser has no such cookie.
    response.set_cookie(
        _koekje(verzoek),
        state,
        max_age=int(UNDER_WAY_SECONDS),
        secure=verzoek.omgeving.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


def _terug(verzoek: Verzoek) -> Response:
    try:
        return _come_back(verzoek, _dienst(verzoek))
    except NietGevonden:
        raise
    except VerzoekGeweigerd:
        log_mislukt(verzoek, "")
        raise


def _come_back(verzoek: Verzoek, dienst: Dienst) -> Response:
    zoek = verzoek.vraag.zoek
    state, code = zoek.get("state", ""), zoek.get("code", "")
    kept = None
    own = koekje(verzoek, _koekje(verzoek))
    if state and secrets.compare_digest(state.encode(), own.encode()):
        kept = verzoek.omgeving.store.sessies.take(DOEL, state)
    if kept is None or not code or zoek.get("iss", dienst.issuer) != dienst.issuer:
        raise NietToegestaan(_REFUSED)
    onderweg = msgspec.json.decode(kept, type=_Onderweg)
    persoon = dienst.finish(LoginVraag(state, onderweg.nonce, onderweg.verifier), code)
    gebruiker = _gebruiker(verzoek, persoon)
    response = kom_binnen(
        verzoek, gebruiker, onderweg.naar, oidc_token=persoon.token, sterk_at=persoon.auth_time
    )
    response.delete_cookie(_koekje(verzoek), secure=verzoek.omgeving.is_https)
    return response


def _gebruiker(verzoek: Verzoek, persoon: Persoon) -> Gebruiker:
    """The user behind a login; made or given other roles where the provider hands those out."""
    gebruikers = verzoek.omgeving.store.gebruikers
    known = gebruikers.by_oidc(persoon.sub)
    if persoon.rollen is not None:
        rollen = rollen_of(persoon.rollen, verzoek.omgeving.bediend)
        known = _kept(verzoek, persoon, known, rollen)
    if known is None:
        raise NietToegestaan(
            f"uw account is hier nog niet bekend; geef uw beheerder dit nummer: {persoon.sub}"
        )
    if not known.actief:
        raise NietToegestaan("u bent uitgesloten; vraag uw beheerder waarom")
    return known


def _kept(
    verzoek: Verzoek, persoon: Persoon, known: Gebruiker | None, rollen: Rollen
) -> Gebruiker | None:
    gebruikers = verzoek.omgeving.store.gebruikers
    if known is not None:
        if dict(known.rollen) != dict(rollen):
            gebruikers.set_rollen(known.nummer, rollen, verzoek.handeling())
        return gebruikers.by_oidc(persoon.sub)
    if not rollen or is_bezet(persoon.naam):
        return None
    nieuw = NieuweGebruiker(
        naam=persoon.naam[:80], weergave=persoon.weergave[:120], oidc=persoon.sub, rollen=rollen
    )
    try:
        gebruikers.make(nieuw, verzoek.handeling())
    except WrongUse:
        raise NietToegestaan(
            "er is al een andere gebruiker met uw naam; vraag uw beheerder om hulp"
        ) from None
    return gebruikers.by_oidc(persoon.sub)


def _dienst(verzoek: Verzoek) -> Dienst:
    dienst = verzoek.omgeving.inlogdienst
    if dienst is None or verzoek.omgeving.demo:
        raise NietGevonden
    return dienst


def _koekje(verzoek: Verzoek) -> str:
    return "__Host-oidc" if verzoek.omgeving.is_https else "oidc"


PADEN = (
    Pad(
        path="/inloggen/oidc",
        method="GET",
        handler=_begin,
        recht=OPENBAAR,
        budget="inloggen",
    ),
    Pad(
        path=TERUG,
        method="GET",
        handler=_terug,
        recht=OPENBAAR,
        handeling="inloggen",
        soort="E",
        doel=TOEGANG,
        budget="inloggen",
    ),
)
