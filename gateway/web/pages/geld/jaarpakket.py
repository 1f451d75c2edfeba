"""The pack of a year for the accountant, made for who asks for it and sent as a zip."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from gateway.http.bestand import attachment, sent
from gateway.http.jaareinde import pack_of
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.toegang.rechten import Recht
from gateway.web.pages.exportdoel import doel_van
from gateway.web.pages.geld.aanbiedersoort import gemeenteveld
from gateway.web.pages.geld.formulier import DOELVELDEN, Formulier, Veld, toon_formulier
from gateway.web.pages.geld.jaarafsluiting import PATH, jaaradres, year_of, years_before
from gateway.web.pages.uitvoer import uitvoerpad

HIER = f"{PATH}/pakketten"
ZIP = "application/zip"


def _toon(verzoek: Verzoek) -> Response:
    zoek, vandaag = verzoek.vraag.zoek, dag_van(verzoek.omgeving.clock())
    gemeente, jaar = zoek.get("gemeente", ""), year_of(zoek.get("jaar", ""), vandaag)
    formulier = Formulier(
        titel="Pakket voor de accountant",
        onder="",
        uitleg=(
            "U krijgt een zip met alle lijsten van dit moment en hun controlegetallen: hetzelfde "
            "pakket als met de opdracht gateway ledger yearend make. Het grootboek wordt erbij "
            "nagerekend. Bij een grote gemeente duurt dat minuten; gebruik dan de opdracht."
        ),
        velden=(
            replace(gemeenteveld(verzoek), waarde=gemeente),
            Veld("jaar", "Jaar", waarde=str(jaar), keuzes=years_before(vandaag)),
            *DOELVELDEN,
        ),
        knop="Maak het pakket",
        terug=("Jaarafsluiting", jaaradres(gemeente, jaar) if gemeente else PATH),
    )
    return toon_formulier(verzoek, formulier)


def _maak(verzoek: Verzoek) -> Response:
    """The pack as it is made now; the page of the year tells of it afterwards."""
    verzoek.doel = doel_van(verzoek)
    gemeente = verzoek.veld("gemeente")
    jaar = year_of(verzoek.veld("jaar"), dag_van(verzoek.omgeving.clock()))
    made = pack_of(verzoek, verzoek.bereik, gemeente, jaar)
    return sent(made.inhoud, ZIP, attachment(made.naam, made.grootte))


PADEN = (
    Pad(path=HIER, method="GET", handler=_toon, recht=Recht.GELD_BEHEREN),
    uitvoerpad(HIER, _maak, "jaarafsluiting maken", recht=Recht.GELD_BEHEREN),
)
