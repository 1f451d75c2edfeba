"""Why somebody looks at a client: chosen from a list, so that the reason never holds a Bsn."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.http.verzoek import Verzoek

DOELEN: Mapping[str, str] = {
    "vraag-client": "vraag van de cliënt of zijn vertegenwoordiger",
    "vraag-aanbieder": "vraag van een aanbieder",
    "declaratie": "controle van een declaratie",
    "toewijzing": "controle van een toewijzing",
    "bezwaar": "bezwaar of klacht",
    "onderzoek": "onderzoek naar rechtmatigheid",
    "storing": "herstel van een storing",
}
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
