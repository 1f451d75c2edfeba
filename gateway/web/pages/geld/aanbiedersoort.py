"""What the forms about a provider have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from gateway.http.verzoek import Verzoek
from gateway.ledger.register.wijzigingen import Wijziging, told
from gateway.pipeline.kennis import dag_van
from gateway.store.noteren import Noteer
from gateway.store.register.register import Dossier
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes
from gateway.web.pages.geld.aanbieders import adres
from gateway.web.pages.geld.formulier import REDEN, Ingevuld, Veld

WAAROM = Veld(REDEN, "Waarom", "Komt in het logboek. Zonder BSN of namen van personen.")


@dataclass(frozen=True, slots=True)
class Soort:
    """A kind of change: how its form looks, and what it does."""

    titel: str
    velden: Callable[[Verzoek, Dossier], Sequence[Veld]]
    doe: Callable[[Ingevuld, Dossier], Response]
    uitleg: str = ""
    knop: str = "Bewaar"


def from_day(verzoek: Verzoek) -> Veld:
    """From which day on: today where nobody says otherwise."""
    vandaag = dag_van(verzoek.omgeving.clock())
    return Veld("vanaf", "Vanaf", soort="date", waarde=vandaag.isoformat())


TOT = Veld("tot", "Tot en met", soort="date")
TOT_LEEG = Veld("tot", "Tot en met", "Leeg: zonder einde.", soort="date", verplicht=False)


def gemeenteveld(verzoek: Verzoek) -> Veld:
    """A municipality of those where who asks may change money."""
    codes = verzoek.bereik_van(Recht.GELD_BEHEREN).gemeenten
    return Veld("gemeente", "Gemeente", keuzes=gemeentekeuzes(verzoek, codes))


def changed(verzoek: Verzoek, wijziging: Wijziging) -> Response:
    """Carry one change out; back to the page of the provider that it is about."""
    noteer = noted(verzoek, told(wijziging))
    (nummer,) = verzoek.omgeving.store.register.wijzig([wijziging], noteer)
    return RedirectResponse(adres(nummer), 303)


def noted(verzoek: Verzoek, over: str) -> Noteer:
    """Accounts for a change in its own transaction."""
    handeling = verzoek.verantwoord(over=over)
    return lambda connection, *_: verzoek.omgeving.store.logboek.schrijf(connection, handeling)
