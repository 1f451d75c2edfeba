"""Blokkades: what holds up payment of an aanbieder, a declaratie, a line or a factuur."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from gateway.api.betalingen import GROEP
from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import (
    AGB,
    BEHEREN,
    GEMEENTE,
    ZIEN,
    Gezet,
    Vastgelegd,
    gezet,
    noteer_van,
    vastgelegd,
)
from gateway.api.woorden import adres, kenmerk, nummer_van
from gateway.errors import NietToegestaan
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.blokkades import LONGEST_REASON, Blokkadevraag
from gateway.store.geld.betalen.blokkades import Blokkade as Rij

SOORTEN, SOORT = "blokkades", "blokkade"
_NUMMER = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Blokkade(Vorm, frozen=True, kw_only=True):
    """Wat een betaling tegenhoudt. Het antwoord op een declaratie gaat gewoon weg."""

    id: str
    gemeente: str
    soort: Annotated[
        Literal["aanbieder", "declaratie", "regel", "factuur"],
        msgspec.Meta(description="Waarop de blokkade is gezet."),
    ]
    aanbieder: str
    vanaf: date
    tot_en_met: date | None
    reden: str
    geldt: Annotated[bool, msgspec.Meta(description="Of zij vandaag betaling tegenhoudt.")]
    opgeheven: bool
    adres: str


class Blokkades(Lijst, frozen=True, kw_only=True):
    """Een blad met blokkades, de nieuwste vooraan."""

    resultaten: list[Blokkade]


class NieuweBlokkade(Invoer, frozen=True, kw_only=True):
    """Wat u tegenhoudt: alles van een aanbieder, of alleen wat u noemt."""

    gemeente: GEMEENTE
    aanbieder: AGB
    declaratie: Annotated[
        _NUMMER | None, msgspec.Meta(description="Haar nummer, of de Identificatie van de 323.")
    ] = None
    regel: Annotated[
        _NUMMER | None, msgspec.Meta(description="Het ReferentieNummer, in die declaratie.")
    ] = None
    factuur: Annotated[
        _NUMMER | None, msgspec.Meta(description="Een factuur buiten het berichtenverkeer.")
    ] = None
    vanaf: Annotated[date | None, msgspec.Meta(description="Standaard vandaag.")] = None
    tot_en_met: Annotated[date | None, msgspec.Meta(description="Standaard tot u haar opheft.")] = (
        None
    )
    reden: Annotated[
        str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON, description="Zonder BSN.")
    ]


class Opheffing(Invoer, frozen=True, kw_only=True):
    """Er is niets bij te zeggen: stuur een leeg object."""


def lijst(oproep: Oproep) -> Uitkomst:
    """Blocks."""
    vraag: Bladvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.blokkades
    blad = store.list(oproep.bereik, vraag.vanaf, vraag.omvang)
    return blad_uitkomst(oproep, Blokkades, [_shown(oproep, one) for one in blad.rijen], blad)


def toon(oproep: Oproep) -> Uitkomst:
    """One block."""
    return Uitkomst(_shown(oproep, _een(oproep)))


def blokkeer(oproep: Oproep) -> Uitkomst:
    """Hold up payment."""
    given: NieuweBlokkade = oproep.inhoud
    if given.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan(f"u werkt niet voor gemeente {given.gemeente}")
    vraag = Blokkadevraag(
        gemeente=given.gemeente,
        aanbieder=given.aanbieder,
        reden=given.reden,
        vanaf=given.vanaf or _vandaag(oproep),
        tot=given.tot_en_met,
        declaratie=given.declaratie,
        referentie=given.regel,
        factuur=given.factuur,
    )
    store, noteer = oproep.verzoek.omgeving.store.blokkades, noteer_van(oproep, given.gemeente)
    return vastgelegd(oproep, SOORTEN, SOORT, [store.block(oproep.verzoek.wie, vraag, noteer)])


def hef_op(oproep: Oproep) -> Uitkomst:
    """Lift a block."""
    one, store = _een(oproep), oproep.verzoek.omgeving.store.blokkades
    store.unblock(oproep.bereik, oproep.verzoek.wie, one.nummer, noteer_van(oproep, one.gemeente))
    return gezet(oproep, SOORTEN, SOORT, one.nummer)


def _een(oproep: Oproep) -> Rij:
    store = oproep.verzoek.omgeving.store.blokkades
    return store.get(oproep.bereik, nummer_van(oproep, SOORT)[0])


def _vandaag(oproep: Oproep) -> date:
    return dag_van(oproep.verzoek.omgeving.clock())


def _shown(oproep: Oproep, one: Rij) -> Blokkade:
    own = kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer)
    return Blokkade(
        id=own,
        gemeente=one.gemeente,
        soort=one.soort,  # type: ignore[arg-type]
        aanbieder=one.aanbieder,
        vanaf=one.vanaf,
        tot_en_met=one.tot,
        reden=one.reden,
        geldt=one.geldt_op(_vandaag(oproep)),
        opgeheven=one.opgeheven is not None,
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
        antwoord=Blokkades,
    ),
    Eindpunt(
        methode="POST",
        pad="/blokkades",
        naam="blokkeerBetaling",
        groep=GROEP,
        titel="Een betaling tegenhouden",
        uitleg="Van een aanbieder, een declaratie, een regel daarvan of een factuur.",
        rechten=BEHEREN,
        doe=blokkeer,
        inhoud=NieuweBlokkade,
        antwoord=Vastgelegd,
        status=201,
        fouten=(403, 422),
        handeling="betaling blokkeren",
        soort="C",
    ),
    Eindpunt(
        methode="GET",
        pad="/blokkades/{kenmerk}",
        naam="toonBlokkade",
        groep=GROEP,
        titel="Een blokkade",
        rechten=ZIEN,
        doe=toon,
        antwoord=Blokkade,
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
        antwoord=Gezet,
        fouten=(409, 422),
        handeling="blokkade opheffen",
        soort="U",
    ),
)
