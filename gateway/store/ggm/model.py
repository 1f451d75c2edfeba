"""What the GGM has in its model of youth care and Wmo, and what of it an export does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.store.ggm.soorten import SOORTEN

_OBJECTTYPEN: Mapping[str, str] = {
    "Beschikking": "datumAfgifte code grondslagen commentaar wet",
    "BeschikteVoorziening": (
        "omvang eenheid frequentie wet code datumStart datumEinde leveringsvorm status "
        "redenEinde datumEindeOorspronkelijk"
    ),
    "Budgetuitputting": "datum uitgenutBedrag",
    "Declaratie": "declaratieBedrag datumDeclaratie declaratieStatus",
    "Declaratieregel": "code bedrag datumStart datumEinde",
    "Levering": "eenheid frequentie omvang code datumStart datumStop stopreden",
    "Tarief": "datumStart datumEinde bedrag wet eenheid",
    "Toewijzing": (
        "toewijzingnummer datumToewijzing datumStartToewijzing datumEindeToewijzing "
        "redenWijziging omvang commentaar eenheid frequentie datumAanschaf code wet"
    ),
    "VerzoekOmToewijzing": (
        "referentieAanbieder beschikkingsnummer datumIngangBeschikking datumIngangToewijzing "
        "datumEindeToewijzing volume eenheid frequentie verwijzer raamcontract commentaar "
        "datumOntvangst soortVerwijzer"
    ),
    "Voorziening": "productcode naam omschrijving wet code afhandelwijze",
}


def left_out() -> Mapping[str, Sequence[str]]:
    """The attributes of the GGM that no file has, by object type; all of one without a file."""
    had = {soort.naam: {one.naam for one in soort.kolommen} for soort in SOORTEN}
    lacking = {
        naam: tuple(one for one in attributes.split() if one not in had.get(naam, ()))
        for naam, attributes in _OBJECTTYPEN.items()
    }
    return {naam: names for naam, names in lacking.items() if names}
