"""Why somebody wants a file: chosen from a list, with words of his own beside it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import WrongUse
from gateway.http.verzoek import Verzoek
from gateway.toegang.doelen import BESTANDSDOELEN, DOELEN

ANDERS = "anders"
EXPORTDOELEN: Mapping[str, str] = {
    "overleg": "overleg met een aanbieder",
    **BESTANDSDOELEN,
    **{sleutel: DOELEN[sleutel] for sleutel in ("declaratie", "toewijzing", "onderzoek")},
    ANDERS: "iets anders",
}
KEUZES = [("", "Kies een doel"), *EXPORTDOELEN.items()]
SHORTEST, LONGEST = 5, 200


def doel_van(verzoek: Verzoek) -> str:
    """The purpose in the form as it is logged.

    Raises WrongUse where none was chosen, and where it is another one that is not told.
    """
    sleutel, toelichting = verzoek.veld("doel"), verzoek.veld("toelichting")[:LONGEST]
    if sleutel not in EXPORTDOELEN:
        raise WrongUse("kies waarvoor u dit bestand nodig hebt", veld="doel")
    if sleutel == ANDERS and len(toelichting) < SHORTEST:
        raise WrongUse("schrijf op waarvoor u dit bestand nodig hebt", veld="toelichting")
    if not toelichting:
        return EXPORTDOELEN[sleutel]
    return f"{EXPORTDOELEN[sleutel]}: {toelichting}"
