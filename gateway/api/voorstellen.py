"""Voorstellen: what waits for a second person, and what became of what was proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import BEHEREN, WOORDEN, ZIEN
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import adres, kenmerk, nummer_van
from gateway.store.geld.voorstellen import Voorstel as Rij
from gateway.toegang.rechten import Recht

GROEP, SOORT = "voorstellen", "voorstel"
Staat = Literal["voorgesteld", "uitgevoerd", "geweigerd", "ingetrokken"]


class Voorstel(Vorm, frozen=True, kw_only=True):
    """Wat iemand voorstelde. Bedrag in eurocenten."""

    id: str
    nummer: int
    gemeente: str
    soort: str
    titel: Annotated[str, msgspec.Meta(description="De soort in woorden.")]
    onderwerp: str
    bedrag: int | None
    staat: Staat
    door: str
    gemaakt_op: datetime
    besloten_door: str | None
    besloten_op: datetime | None
    reden: Annotated[str, msgspec.Meta(description="Waarom het niet doorging.")]
    adres: str


class Voorstelgegeven(Vorm, frozen=True, kw_only=True):
    """Iets dat u vergelijkt voordat u beslist."""

    naam: str
    waarde: str


class Voorsteldetail(Voorstel, frozen=True, kw_only=True):
    """Een voorstel met alles wat u vergelijkt; wie geen geld beheert, ziet geen heel IBAN."""

    van_mij: Annotated[bool, msgspec.Meta(description="Wie voorstelde, keurt niet goed.")]
    bezwaar: Annotated[
        str | None, msgspec.Meta(description="Waarom u niet de tweede persoon kunt zijn.")
    ]
    gegevens: list[Voorstelgegeven]


class Voorstellen(Lijst, frozen=True, kw_only=True):
    """Een blad met voorstellen, het nieuwste vooraan."""

    resultaten: list[Voorstel]


class Voorstellenvraag(Bladvraag, frozen=True, kw_only=True):
    """Which proposals are looked for."""

    staat: Annotated[
        Staat | None, msgspec.Meta(description="Zonder dit alle; voorgesteld wacht nog.")
    ] = None


class Voorstelbesluit(Invoer, frozen=True, kw_only=True):
    """Wat u over een voorstel beslist. Weigert wie het deed, dan heet het ingetrokken."""

    besluit: Literal["goedkeuren", "weigeren"]
    reden: Annotated[WOORDEN, msgspec.Meta(description="Nodig bij weigeren. Zonder BSN.")] = ""


def lijst(oproep: Oproep) -> Uitkomst:
    """Proposals."""
    vraag: Voorstellenvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.voorstellen
    blad = store.list(oproep.bereik, vraag.vanaf, vraag.omvang, staat=vraag.staat)
    shown = [Voorstel(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Voorstellen, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One proposal; its ETag is what a decision has to name."""
    return Uitkomst(_detail(oproep, _gevraagd(oproep)))


def beslis(oproep: Oproep) -> Uitkomst:
    """Carry a proposal out or put it aside, as it was shown."""
    given: Voorstelbesluit = oproep.inhoud
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _detail(oproep, one))
    store, wie = oproep.verzoek.omgeving.store.voorstellen, oproep.verzoek.wie
    uitkomst = bewijs_van(oproep, GROEP, SOORT, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    match given.besluit:
        case "goedkeuren":
            store.approve(oproep.bereik, wie, one.nummer, noteer)
        case "weigeren":
            store.refuse(oproep.bereik, wie, one.nummer, given.reden, noteer)
    return uitkomst


def voorsteladres(oproep: Oproep, nummer: int) -> str:
    """Where a proposal is."""
    return adres(GROEP, kenmerk(oproep.verzoek.omgeving, SOORT, nummer))


def _gevraagd(oproep: Oproep) -> Rij:
    nummer, _ = nummer_van(oproep, SOORT)
    return oproep.verzoek.omgeving.store.voorstellen.get(oproep.bereik, nummer)


def _detail(oproep: Oproep, one: Rij) -> Voorsteldetail:
    wie, store = oproep.verzoek.wie, oproep.verzoek.omgeving.store
    changes = wie.bereik(Recht.GELD_BEHEREN, frozenset({one.gemeente})) is not None
    gegevens = [
        Voorstelgegeven(naam=naam, waarde=waarde)
        for naam, waarde in store.voorstellen.gegevens(one, whole=changes)
    ]
    return Voorsteldetail(
        **_velden(oproep, one),
        van_mij=store.personen.is_dezelfde(one.wie, wie),
        bezwaar=store.personen.bezwaar(one.wie, wie),
        gegevens=gegevens,
    )


def _velden(oproep: Oproep, one: Rij) -> dict[str, Any]:
    soort = oproep.verzoek.omgeving.store.voorstellen.soorten.get(one.soort)
    return {
        "id": kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer),
        "nummer": one.nummer,
        "gemeente": one.gemeente,
        "soort": one.soort,
        "titel": one.soort if soort is None else soort.titel,
        "onderwerp": one.onderwerp,
        "bedrag": one.bedrag,
        "staat": one.staat,
        "door": one.naam,
        "gemaakt_op": one.gemaakt,
        "besloten_door": one.tweede_naam,
        "besloten_op": one.besloten,
        "reden": one.reden,
        "adres": voorsteladres(oproep, one.nummer),
    }


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/voorstellen",
        naam="geefVoorstellen",
        groep=GROEP,
        titel="Wat op een tweede persoon wacht, en wat ervan werd",
        rechten=ZIEN,
        doe=lijst,
        zoek=Voorstellenvraag,
        antwoord=Voorstellen,
    ),
    Eindpunt(
        methode="GET",
        pad="/voorstellen/{kenmerk}",
        naam="toonVoorstel",
        groep=GROEP,
        titel="Een voorstel",
        uitleg="Geef de ETag mee als If-Match om erover te beslissen.",
        rechten=ZIEN,
        doe=toon,
        antwoord=Voorsteldetail,
    ),
    Eindpunt(
        methode="POST",
        pad="/voorstellen/{kenmerk}/besluit",
        naam="beslisOverVoorstel",
        groep=GROEP,
        titel="Een voorstel goedkeuren, weigeren of intrekken",
        uitleg="Goedkeuren voert het uit. Dat doet een ander dan wie het voorstelde: elke sleutel "
        "van dezelfde persoon krijgt 403.",
        rechten=BEHEREN,
        doe=beslis,
        inhoud=Voorstelbesluit,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="beslissen over een voorstel",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)
