"""Blokkades: what holds up payment, and never the 325."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated

import msgspec

from gateway.api.betalingen import GROEP
from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import AGB, BEHEREN, GEMEENTE, ZIEN
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_van
from gateway.api.woorden import REGEL, adres, kenmerk, nummer_van
from gateway.errors import NietToegestaan
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen import blokkades
from gateway.toegang.rechten import Recht

SOORTEN, BLOKKADE = "blokkades", "blokkade"
_REDEN = Annotated[
    str, msgspec.Meta(min_length=1, max_length=blokkades.LONGEST_REASON, description="Zonder BSN.")
]
_STUK = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]


class Betaalblokkade(Vorm, frozen=True, kw_only=True):
    """Wat betaling tegenhoudt: van een aanbieder, een declaratie, een regel of een factuur."""

    id: str
    gemeente: str
    soort: str
    aanbieder: str
    regel_adres: Annotated[str | None, msgspec.Meta(description="Als het om één regel gaat.")]
    vanaf: date
    tot: date | None
    reden: str
    door: str
    gemaakt_op: datetime
    opgeheven_op: datetime | None
    opgeheven_door: str | None
    adres: str


class Betaalblokkades(Lijst, frozen=True, kw_only=True):
    """Een blad met blokkades, de nieuwste vooraan."""

    resultaten: list[Betaalblokkade]


class Nieuweblokkade(Invoer, frozen=True, kw_only=True):
    """Wat u tegenhoudt. Het antwoord op de declaratie gaat gewoon weg."""

    gemeente: GEMEENTE
    aanbieder: AGB
    declaratie: Annotated[
        _STUK | None, msgspec.Meta(description="Alleen deze, door haar nummer of Identificatie.")
    ] = None
    regel: Annotated[
        _STUK | None, msgspec.Meta(description="Alleen deze, door zijn ReferentieNummer.")
    ] = None
    factuur: Annotated[
        _STUK | None, msgspec.Meta(description="Alleen deze, buiten het berichtenverkeer om.")
    ] = None
    vanaf: Annotated[date | None, msgspec.Meta(description="Zonder deze dag: vandaag.")] = None
    tot: Annotated[date | None, msgspec.Meta(description="Zonder deze dag: tot u opheft.")] = None
    reden: _REDEN


class Opheffing(Invoer, frozen=True, kw_only=True):
    """Er is niets bij te vertellen: stuur een leeg object."""


def lijst(oproep: Oproep) -> Uitkomst:
    """Blocks."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.blokkades
    blad = store.list(oproep.bereik, vraag.vanaf, vraag.omvang)
    shown = [_blokkade(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Betaalblokkades, shown, blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One block."""
    return Uitkomst(_blokkade(oproep, _gevraagd(oproep)))


def blokkeer(oproep: Oproep) -> Uitkomst:
    """Hold up payment."""
    given: Nieuweblokkade = oproep.inhoud
    if given.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan
    omgeving = oproep.verzoek.omgeving
    vraag = blokkades.Blokkadevraag(
        gemeente=given.gemeente,
        aanbieder=given.aanbieder,
        reden=given.reden,
        vanaf=given.vanaf or dag_van(omgeving.clock()),
        tot=given.tot,
        declaratie=given.declaratie,
        referentie=given.regel,
        factuur=given.factuur,
    )
    noteer = oproep.vastlegging(partial(_bewijs, oproep), given.gemeente)
    return _bewijs(oproep, omgeving.store.blokkades.block(oproep.verzoek.wie, vraag, noteer))


def hef_op(oproep: Oproep) -> Uitkomst:
    """Lift a block, as it was shown."""
    one = _gevraagd(oproep)
    refuse_other_version(oproep, _blokkade(oproep, one))
    uitkomst = _bewijs(oproep, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    store = oproep.verzoek.omgeving.store.blokkades
    store.unblock(oproep.bereik, oproep.verzoek.wie, one.nummer, noteer)
    return uitkomst


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    return bewijs_van(oproep, SOORTEN, BLOKKADE, nummer)


def _gevraagd(oproep: Oproep) -> blokkades.Blokkade:
    nummer, _ = nummer_van(oproep, BLOKKADE)
    return oproep.verzoek.omgeving.store.blokkades.get(oproep.bereik, nummer)


def _blokkade(oproep: Oproep, one: blokkades.Blokkade) -> Betaalblokkade:
    omgeving, line = oproep.verzoek.omgeving, None
    own = kenmerk(omgeving, BLOKKADE, one.nummer)
    if one.stuk_id is not None and one.regelnr is not None and oproep.verzoek.mag(Recht.WERK_ZIEN):
        line = adres("regels", kenmerk(omgeving, REGEL, one.stuk_id, one.regelnr))
    return Betaalblokkade(
        id=own,
        gemeente=one.gemeente,
        soort=one.soort,
        aanbieder=one.aanbieder,
        regel_adres=line,
        vanaf=one.vanaf,
        tot=one.tot,
        reden=one.reden,
        door=one.naam,
        gemaakt_op=one.gemaakt,
        opgeheven_op=one.opgeheven,
        opgeheven_door=one.opgeheven_naam,
        adres=adres(SOORTEN, own),
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/blokkades",
        naam="geefBlokkades",
        groep=GROEP,
        titel="Wat betaling tegenhoudt",
        rechten=ZIEN,
        doe=lijst,
        zoek=Bladvraag,
        antwoord=Betaalblokkades,
    ),
    Eindpunt(
        methode="POST",
        pad="/blokkades",
        naam="blokkeerBetaling",
        groep=GROEP,
        titel="Betaling tegenhouden",
        uitleg="Van een aanbieder, of alleen van een declaratie, een regel daarvan of een factuur.",
        rechten=BEHEREN,
        doe=blokkeer,
        inhoud=Nieuweblokkade,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="betaling blokkeren",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/blokkades/{kenmerk}",
        naam="toonBlokkade",
        groep=GROEP,
        titel="Een blokkade",
        rechten=ZIEN,
        doe=toon,
        antwoord=Betaalblokkade,
    ),
    Eindpunt(
        methode="POST",
        pad="/blokkades/{kenmerk}/opheffing",
        naam="hefBlokkadeOp",
        groep=GROEP,
        titel="Een blokkade opheffen",
        rechten=BEHEREN,
        doe=hef_op,
        inhoud=Opheffing,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="blokkade opheffen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)
