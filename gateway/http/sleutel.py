"""How a program shows who it is: by its key, or by a token of the login provider."""

from __future__ import annotations

from gateway.errors import NietToegestaan
from gateway.http.aanmelden import rollen_of
from gateway.http.omgeving import Omgeving
from gateway.http.verzoek import Aanmelding, Verzoek
from gateway.toegang.namen import PROGRAMMA
from gateway.toegang.wie import Wie

_SCHEME = "bearer"
# The parts of a signed token have dots between them, and a key of ours has none.
_DOT = "."
VRAAG_SLEUTEL = {"WWW-Authenticate": 'Bearer realm="gateway"'}
ZONDER_SLEUTEL = "geef een geldige sleutel mee: Authorization: Bearer <sleutel>"


def met_sleutel(verzoek: Verzoek) -> Aanmelding | None:
    """Whose key comes with a request, with the rights that it has now; None for nobody's."""
    scheme, _, text = verzoek.vraag.koppen.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    omgeving, given = verzoek.omgeving, text.strip()
    wie = _programma(omgeving, given) if _DOT in given else omgeving.store.sleutels.who(given)
    return None if wie is None else Aanmelding(wie)


def _programma(omgeving: Omgeving, token: str) -> Wie | None:
    """The program that the provider let in; it has the roles in its token, and works for nobody."""
    dienst = omgeving.inlogdienst
    if dienst is None or omgeving.demo or omgeving.settings.oidc_api is None:
        return None
    try:
        found = dienst.programma(token)
    except NietToegestaan:
        return None
    rollen = rollen_of(found.rollen, omgeving.bediend)
    return Wie(f"{PROGRAMMA}{found.naam}", found.naam, "sleutel", rollen)
