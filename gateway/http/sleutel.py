"""How a program shows who it is: by its key in the header Authorization."""

from __future__ import annotations

from gateway.http.verzoek import Aanmelding, Verzoek

_SCHEME = "bearer"
VRAAG_SLEUTEL = {"WWW-Authenticate": 'Bearer realm="gateway"'}
ZONDER_SLEUTEL = "geef een geldige sleutel mee: Authorization: Bearer <sleutel>"


def met_sleutel(verzoek: Verzoek) -> Aanmelding | None:
    """Whose key comes with a request, with the rights that it has now; None for nobody's."""
    scheme, _, text = verzoek.vraag.koppen.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    wie = verzoek.omgeving.store.sleutels.who(text.strip())
    return None if wie is None else Aanmelding(wie)
