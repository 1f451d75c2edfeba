"""All calls of the API, in the order in which its description tells of them."""

from __future__ import annotations

from gateway.api import (
    beoordelingen,
    berichten,
    betalingen,
    controles,
    correcties,
    creditverzoeken,
    facturen,
    gebeurtenissen,
    instemmingen,
    jaarafsluitingen,
    maandoverzichten,
    mutaties,
    oorzaken,
    overeenkomsten,
    pakketten,
    regels,
    regio,
    toewijzingen,
    verplichtingen,
    verplichtingregels,
    verrekeningen,
    verzoeken,
)
from gateway.api.eindpunt import Eindpunt

EINDPUNTEN: tuple[Eindpunt, ...] = (
    *berichten.EINDPUNTEN,
    *pakketten.EINDPUNTEN,
    *controles.EINDPUNTEN,
    *regels.EINDPUNTEN,
    *maandoverzichten.EINDPUNTEN,
    *correcties.EINDPUNTEN,
    *betalingen.EINDPUNTEN,
    *oorzaken.EINDPUNTEN,
    *beoordelingen.EINDPUNTEN,
    *toewijzingen.EINDPUNTEN,
    *verzoeken.EINDPUNTEN,
    *mutaties.EINDPUNTEN,
    *instemmingen.EINDPUNTEN,
    *creditverzoeken.EINDPUNTEN,
    *verrekeningen.EINDPUNTEN,
    *facturen.EINDPUNTEN,
    *overeenkomsten.EINDPUNTEN,
    *regio.EINDPUNTEN,
    *verplichtingen.EINDPUNTEN,
    *verplichtingregels.EINDPUNTEN,
    *jaarafsluitingen.EINDPUNTEN,
    *gebeurtenissen.EINDPUNTEN,
)
