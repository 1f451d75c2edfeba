"""Controles: a check before sending by the same engine, and how well such checks foretell."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from gateway.api.berichten import BYTECAP, Bevinding, bevinding_velden
from gateway.api.eindpunt import XML, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.woorden import OORDELEN, Oordeel, Wet
from gateway.http.vooraf import Gevolg, alone, with_own_data
from gateway.store.inzage.berichten import Gevonden
from gateway.toegang.rechten import Recht

TREFKANS_DAYS = 365


class Controlevraag(Invoer, frozen=True, kw_only=True):
    """How a message is checked."""

    gegevens: Annotated[
        Literal["eigen", "geen"],
        msgspec.Meta(
            description=(
                "eigen: alle vier niveaus, met de toewijzingen, het gebruik en de tarieven die de "
                "gateway kent. geen: alleen wat zonder eerdere berichten is te zien."
            )
        ),
    ] = "eigen"


class Controle(Vorm, frozen=True, kw_only=True):
    """Wat er van een bericht zou worden als u het nu verstuurt. Er is niets van bewaard."""

    bericht: str | None
    wet: Wet | None
    gegevens: Literal["eigen", "geen"]
    oordeel: Oordeel | Literal["niet te beoordelen"]
    niveau: int | None
    regels: Annotated[int | None, msgspec.Meta(description="Hoeveel regels de declaratie heeft.")]
    regels_goed: Annotated[
        int | None, msgspec.Meta(description="Hoeveel daarvan zouden worden toegekend.")
    ]
    ingediend: Annotated[int | None, msgspec.Meta(description="Eurocenten.")]
    toegekend: Annotated[int | None, msgspec.Meta(description="Eurocenten.")]
    bevindingen: list[Bevinding]
    meer_bevindingen: Annotated[
        int, msgspec.Meta(description="Hoeveel bevindingen er nog meer zijn dan hier staan.")
    ]


class Trefkansblad(Vorm, frozen=True, kw_only=True):
    """Hoe vaak klopte wat een controle goed vond, over het afgelopen jaar."""

    controles: Annotated[int, msgspec.Meta(description="Gecontroleerde declaraties.")]
    regels: Annotated[int, msgspec.Meta(description="Gecontroleerde regels.")]
    regels_goed: Annotated[int, msgspec.Meta(description="Regels die de controle goed vond.")]
    regels_ingediend: Annotated[
        int, msgspec.Meta(description="Goed gevonden regels die daarna ongewijzigd binnenkwamen.")
    ]
    regels_toegekend: Annotated[int, msgspec.Meta(description="Daarvan toegekend.")]
    trefkans: Annotated[
        float | None,
        msgspec.Meta(description="Toegekend gedeeld door ingediend; leeg zolang er niets is."),
    ]


def controleer(oproep: Oproep) -> Uitkomst:
    """Check a message, on what is known here or on itself alone; the message is not kept."""
    body: bytes = oproep.inhoud
    omgeving = oproep.verzoek.omgeving
    if oproep.zoek.gegevens == "geen":
        return Uitkomst(_shown(oproep, "geen", alone(omgeving, body)))
    return Uitkomst(_shown(oproep, "eigen", with_own_data(omgeving, oproep.bereik, body)))


def trefkans(oproep: Oproep) -> Uitkomst:
    """How many lines that a check found good were granted later."""
    omgeving = oproep.verzoek.omgeving
    since = omgeving.clock() - timedelta(days=TREFKANS_DAYS)
    found = omgeving.store.controles.trefkans(oproep.bereik, since)
    return Uitkomst(
        Trefkansblad(
            controles=found.controles,
            regels=found.regels,
            regels_goed=found.goed,
            regels_ingediend=found.ingediend,
            regels_toegekend=found.toegekend,
            trefkans=found.toegekend / found.ingediend if found.ingediend else None,
        )
    )


def _shown(oproep: Oproep, gegevens: Literal["eigen", "geen"], gevolg: Gevolg) -> Controle:
    outcome = gevolg.outcome
    telling = outcome.telling
    bevindingen = [
        Bevinding(**bevinding_velden(oproep, Gevonden(0, 0, one))) for one in gevolg.findings
    ]
    is_parked = outcome.verdict == "parked"
    return Controle(
        bericht=outcome.berichttype,
        wet=outcome.wet,  # type: ignore[arg-type]
        gegevens=gegevens,
        oordeel="niet te beoordelen" if is_parked else OORDELEN[outcome.verdict],
        niveau=outcome.level,
        regels=telling.get("regels"),
        regels_goed=telling.get("regels_toegekend"),
        ingediend=telling.get("ingediend"),
        toegekend=telling.get("toegekend"),
        bevindingen=bevindingen,
        meer_bevindingen=gevolg.aantal - len(gevolg.findings),
    )


_GROEP = "controles"
EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/controles",
        naam="controleerBericht",
        groep=_GROEP,
        titel="Een bericht controleren vóór verzending",
        uitleg=(
            "Dezelfde regels als bij echte verzending. Het bericht wordt niet bewaard en niet "
            "verwerkt. Van een declaratie bewaren wij per goede regel een onherleidbaar kenmerk, "
            "om te meten hoe vaak de controle klopt (zie trefkans)."
        ),
        rechten=(Recht.CONTROLEREN,),
        doe=controleer,
        zoek=Controlevraag,
        media_in=XML,
        antwoord=Controle,
        fouten=(403, 413),
        handeling="bericht gecontroleerd",
        soort="E",
        budget="zoeken",
        bytecap=BYTECAP,
    ),
    Eindpunt(
        methode="GET",
        pad="/controles/trefkans",
        naam="geefTrefkans",
        groep=_GROEP,
        titel="Hoe vaak de controle klopte",
        rechten=(Recht.CONTROLEREN,),
        doe=trefkans,
        antwoord=Trefkansblad,
    ),
)
