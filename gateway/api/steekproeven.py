"""Steekproeven: the lines of a sample for legality, and what somebody found in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.nazorg import BEHEREN, WOORDEN, ZIEN
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_op
from gateway.api.woorden import REGEL, adres, kenmerk, nummer_van
from gateway.http.omgeving import Omgeving
from gateway.ledger.jaareinde.uitslagen import Uitslag
from gateway.store.jaareinde.steekproeven import Steekproef, Steekproefpost

GROEP, SOORTEN, SOORT = "jaarafsluitingen", "steekproeven", "steekproef"
MOST = 1_000
Bevonden = Literal["goed", "fout", "onzeker"]


class Getrokkenpost(Vorm, frozen=True, kw_only=True):
    """Een regel van een steekproef. Bedragen in eurocenten."""

    post: int
    aanbieder: str
    regel_adres: str
    bedrag: int
    geheel: Annotated[bool, msgspec.Meta(description="Zo groot dat zij er altijd in zit.")]
    oordeel: Annotated[Bevonden | None, msgspec.Meta(description="Leeg tot iemand keek.")]
    afwijking: Annotated[int, msgspec.Meta(description="Hoeveel van bedrag niet goed is.")]
    reden: str


class Getrokkenposten(Vorm, frozen=True, kw_only=True):
    """Alle posten van een steekproef."""

    resultaten: list[Getrokkenpost]


class Postuitslag(Invoer, frozen=True, kw_only=True):
    """Wat er in een post is gevonden."""

    post: Annotated[int, msgspec.Meta(ge=1, le=9_999_999)]
    oordeel: Bevonden
    afwijking: Annotated[
        int, msgspec.Meta(ge=0, le=10**12, description="Eurocenten die niet goed zijn.")
    ] = 0
    reden: WOORDEN = ""


class Uitslagen(Invoer, frozen=True, kw_only=True):
    """Uitslagen van posten; alle samen, of geen enkele. Een eerdere uitslag maakt plaats."""

    uitslagen: Annotated[list[Postuitslag], msgspec.Meta(min_length=1, max_length=MOST)]


def posten(oproep: Oproep) -> Uitkomst:
    """The lines of a sample; their ETag is what results have to name."""
    one, found = _gevraagd(oproep)
    oproep.verzoek.toont(one.gemeente, [], f"{SOORT} {one.nummer}")
    return Uitkomst(_shown(oproep, found))


def leg_vast(oproep: Oproep) -> Uitkomst:
    """Keep what was found in lines, as they were shown."""
    given: Uitslagen = oproep.inhoud
    one, found = _gevraagd(oproep)
    refuse_other_version(oproep, _shown(oproep, found))
    uitkomst = bewijs_op(f"{steekproefadres(oproep.verzoek.omgeving, one.nummer)}/posten")
    noteer = oproep.vastlegging(uitkomst, one.gemeente, over=f"{SOORT} {one.nummer}")
    results = [
        Uitslag(each.post, each.oordeel, each.afwijking, each.reden) for each in given.uitslagen
    ]
    store = oproep.verzoek.omgeving.store.steekproeven
    store.record(oproep.bereik, oproep.verzoek.wie, one.nummer, results, noteer)
    return uitkomst


def steekproefadres(omgeving: Omgeving, nummer: int) -> str:
    """Where a sample is."""
    return adres(SOORTEN, kenmerk(omgeving, SOORT, nummer))


def _gevraagd(oproep: Oproep) -> tuple[Steekproef, Sequence[Steekproefpost]]:
    nummer, _ = nummer_van(oproep, SOORT)
    return oproep.verzoek.omgeving.store.steekproeven.get(oproep.bereik, nummer)


def _shown(oproep: Oproep, found: Sequence[Steekproefpost]) -> Getrokkenposten:
    omgeving = oproep.verzoek.omgeving
    return Getrokkenposten(
        resultaten=[
            Getrokkenpost(
                post=one.nr,
                aanbieder=one.aanbieder,
                regel_adres=adres("regels", kenmerk(omgeving, REGEL, one.inbox_id, one.regelnr)),
                bedrag=one.bedrag,
                geheel=one.is_hoog,
                oordeel=one.oordeel,  # type: ignore[arg-type]
                afwijking=one.afwijking,
                reden=one.reden,
            )
            for one in found
        ]
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/steekproeven/{kenmerk}/posten",
        naam="geefPostenVanSteekproef",
        groep=GROEP,
        titel="De posten van een steekproef",
        uitleg="Geef de ETag mee als If-Match om uitslagen vast te leggen.",
        rechten=ZIEN,
        doe=posten,
        antwoord=Getrokkenposten,
        handeling="steekproef bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/steekproeven/{kenmerk}/uitslagen",
        naam="legUitslagenVast",
        groep=GROEP,
        titel="Uitslagen van een steekproef vastleggen",
        rechten=BEHEREN,
        doe=leg_vast,
        inhoud=Uitslagen,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="steekproef beoordelen",
        soort="U",
        herhaalbaar=True,
        met_versie=True,
    ),
)
