"""Why somebody looks at a client: chosen from a list, so that the reason never holds a Bsn."""

from __future__ import annotations

from gateway.http.verzoek import Verzoek
from gateway.toegang.doelen import DOELEN

KEUZES = [("", "Kies een doel"), *DOELEN.items()]
ONTBREEKT = "Kies waarvoor u dit nodig hebt."


def doel_van(verzoek: Verzoek) -> str | None:
    """The purpose that was chosen in the form, kept for the log; None where none was."""
    return _noted(verzoek, verzoek.veld("doel"))


def doel_uit_adres(verzoek: Verzoek) -> str | None:
    """The same, taken along in the address from the page before."""
    return _noted(verzoek, verzoek.vraag.zoek.get("doel", ""))


def _noted(verzoek: Verzoek, sleutel: str) -> str | None:
    if sleutel not in DOELEN:
        return None
    verzoek.doel = DOELEN[sleutel]
    return sleutel
