"""What may be changed of a provider, each on a form of its own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.register.wijzigingen import Nieuw
from gateway.store.register.register import Dossier
from gateway.toegang.rechten import Recht
from gateway.web.pages.geld.aanbiederafspraken import AFSPRAKEN
from gateway.web.pages.geld.aanbiedergegevens import GEGEVENS
from gateway.web.pages.geld.aanbieders import EEN, PATH, adres, dossier_van
from gateway.web.pages.geld.aanbiedersoort import WAAROM, Soort, changed, from_day
from gateway.web.pages.geld.formulier import (
    Formulier,
    Ingevuld,
    Veld,
    gedaan,
    toon_formulier,
)

SOORTEN: Mapping[str, Soort] = {**GEGEVENS, **AFSPRAKEN}


def _formulier(verzoek: Verzoek, soort: Soort, dossier: Dossier) -> Formulier:
    een = dossier.een
    return Formulier(
        titel=soort.titel,
        onder=een.naam,
        uitleg=soort.uitleg,
        velden=soort.velden(verzoek, dossier),
        knop=soort.knop,
        terug=(een.naam, adres(een.nummer)),
    )


def _asked(verzoek: Verzoek) -> tuple[Soort, Dossier]:
    soort = SOORTEN.get(verzoek.vraag.delen["wat"])
    if soort is None:
        raise NietGevonden
    return soort, dossier_van(verzoek)


def _toon(verzoek: Verzoek) -> Response:
    soort, dossier = _asked(verzoek)
    return toon_formulier(verzoek, _formulier(verzoek, soort, dossier))


def _doe(verzoek: Verzoek) -> Response:
    soort, dossier = _asked(verzoek)
    formulier = _formulier(verzoek, soort, dossier)
    return gedaan(verzoek, formulier, lambda ingevuld: soort.doe(ingevuld, dossier))


def _nieuw_formulier(verzoek: Verzoek) -> Formulier:
    return Formulier(
        titel="Nieuwe aanbieder",
        onder="",
        uitleg="",
        velden=(
            Veld("naam", "Naam"),
            Veld("agb", "AGB-code", "Acht cijfers.", verplicht=False),
            Veld("kvk", "KvK-nummer", "Acht cijfers.", verplicht=False),
            Veld("contact", "Contact", "Van de organisatie; geen persoon.", verplicht=False),
            from_day(verzoek),
            WAAROM,
        ),
        knop="Zet in het register",
        terug=("Aanbiedersregister", PATH),
    )


def _nieuw(verzoek: Verzoek) -> Response:
    return toon_formulier(verzoek, _nieuw_formulier(verzoek))


def _maak(verzoek: Verzoek) -> Response:
    def doe(ingevuld: Ingevuld) -> Response:
        nieuw = Nieuw(
            naam=ingevuld.text("naam"),
            vanaf=ingevuld.dag("vanaf"),
            kvk=ingevuld.text("kvk"),
            contact=ingevuld.text("contact"),
            agb=ingevuld.text("agb"),
        )
        ingevuld.done()
        return changed(verzoek, nieuw)

    return gedaan(verzoek, _nieuw_formulier(verzoek), doe)


_DOEL = "beheer van het aanbiedersregister"
_WAT = f"{PATH}/{{nummer}}/{{wat}}"
PADEN = (
    Pad(path=f"{PATH}/nieuw", method="GET", handler=_nieuw, recht=Recht.GELD_BEHEREN),
    Pad(
        path=f"{PATH}/nieuw",
        method="POST",
        handler=_maak,
        recht=Recht.GELD_BEHEREN,
        handeling="aanbieder in het register zetten",
        soort="C",
        doel=_DOEL,
    ),
    EEN,
    Pad(path=_WAT, method="GET", handler=_toon, recht=Recht.GELD_BEHEREN),
    Pad(
        path=_WAT,
        method="POST",
        handler=_doe,
        recht=Recht.GELD_BEHEREN,
        handeling="aanbiedersregister wijzigen",
        soort="U",
        doel=_DOEL,
    ),
)
