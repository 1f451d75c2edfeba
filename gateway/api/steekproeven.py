"""Steekproeven: samples for legality, drawn with a seed, and what was found in their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import CSV, XLSX, ZIP, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Lijst, blad_uitkomst
from gateway.api.nazorg import (
    AGB,
    BEHEREN,
    GEMEENTE,
    LEVERJAAR,
    WOORDEN,
    ZIEN,
    Jaarlijstvraag,
)
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_op, bewijs_van
from gateway.api.woorden import REGEL, adres, kenmerk, nummer_van
from gateway.errors import NietToegestaan
from gateway.http.bestand import attachment
from gateway.http.jaareinde import LARGEST_SHEET, draw, papers_of, take_results
from gateway.http.omgeving import Omgeving
from gateway.ledger.geld.specificatie import FACTUUR
from gateway.ledger.jaareinde.projectie import Projectie
from gateway.ledger.jaareinde.uitslagen import KOPPEN, Uitslag
from gateway.store.jaareinde.rekenblad import BY_HTTP
from gateway.store.jaareinde.steekproeven import (
    LONGEST_SEED,
    Steekproef,
    Steekproefpost,
    verdict_of,
)
from gateway.store.noteren import Noteer

GROEP, SOORTEN, SOORT = "jaarafsluitingen", "steekproeven", "steekproef"
MOST = 1_000
Bevonden = Literal["goed", "fout", "onzeker"]


class Doorgerekend(Vorm, frozen=True, kw_only=True):
    """Wat een steekproef over het geheel zegt, in eurocenten."""

    gevonden: int
    waarschijnlijk: int
    bovengrens: int
    oordeel: Literal["voldoet", "nog niet zeker", "voldoet niet"]


class Steekproefkop(Vorm, frozen=True, kw_only=True):
    """Hoe een steekproef is getrokken. Bedragen in eurocenten."""

    kenmerk: str
    gemeente: str
    jaar: int
    aanbieder: Annotated[str | None, msgspec.Meta(description="Leeg voor alle samen.")]
    zaad: str
    regels: Annotated[int, msgspec.Meta(description="Waaruit is getrokken.")]
    populatie: int
    interval: int
    getrokken_op: datetime
    adres: str
    posten_adres: str


class Steekproefblad(Lijst, frozen=True, kw_only=True):
    """Steekproeven, de nieuwste voorop."""

    resultaten: list[Steekproefkop]


class Getrokken(Steekproefkop, frozen=True, kw_only=True):
    """Een steekproef; een oordeel telt pas als er van elke post een uitslag is."""

    posten: int
    zonder_uitslag: int
    fouten: Doorgerekend
    onzekerheden: Doorgerekend


class Steekproefopdracht(Invoer, frozen=True, kw_only=True):
    """Waaruit u trekt. Uit hetzelfde zaad komt altijd dezelfde steekproef."""

    gemeente: GEMEENTE
    jaar: LEVERJAAR
    aanbieder: Annotated[AGB | None, msgspec.Meta(description="Leeg voor alle samen.")] = None
    zaad: Annotated[
        str, msgspec.Meta(min_length=1, max_length=LONGEST_SEED, description="Zonder BSN.")
    ]


class Getrokkenpost(Vorm, frozen=True, kw_only=True):
    """Een regel van een steekproef. Bedragen in eurocenten."""

    post: int
    bron: Literal["declaratie", "factuur"]
    aanbieder: str
    regel_adres: Annotated[
        str, msgspec.Meta(description="De regel, of de factuur buiten het berichtenverkeer.")
    ]
    regelnummer: Annotated[int, msgspec.Meta(description="Van de regel in de factuur of 323.")]
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


class Stukkenvraag(Invoer, frozen=True, kw_only=True):
    """Waarvoor u de stukken nodig hebt."""

    doel: Annotated[
        str, msgspec.Meta(min_length=3, max_length=200, description="Dit komt in het logboek.")
    ]


def lijst(oproep: Oproep) -> Uitkomst:
    """Samples."""
    vraag: Jaarlijstvraag = oproep.zoek
    store = oproep.verzoek.omgeving.store.steekproeven
    blad = store.blad(oproep.bereik, vraag.omvang, vraag.vanaf, vraag.gemeente, vraag.jaar)
    shown = [Steekproefkop(**_kop(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Steekproefblad, shown, blad)


def trek(oproep: Oproep) -> Uitkomst:
    """Draw a sample."""
    given: Steekproefopdracht = oproep.inhoud
    if given.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan
    over = f"{given.aanbieder or 'allen'}, {given.jaar}"
    noteer = oproep.vastlegging(partial(_bewijs, oproep), given.gemeente, over=over)
    plaats = (given.gemeente, given.jaar, given.aanbieder)
    return _bewijs(oproep, draw(oproep.verzoek, plaats, given.zaad, noteer))


def toon(oproep: Oproep) -> Uitkomst:
    """One sample, and what it says of the whole."""
    return Uitkomst(getrokken(oproep, *_gevraagd(oproep)))


def posten(oproep: Oproep) -> Uitkomst:
    """The lines of a sample; their ETag is what results have to name."""
    one, found = _gevraagd(oproep)
    oproep.verzoek.toont(one.gemeente, [], f"{SOORT} {one.nummer}")
    return Uitkomst(_shown(oproep, found))


def stukken(oproep: Oproep) -> Uitkomst:
    """The papers of a sample, in a zip."""
    given: Stukkenvraag = oproep.inhoud
    nummer, _ = nummer_van(oproep, SOORT)
    oproep.verzoek.doel = given.doel
    made = papers_of(oproep.verzoek, oproep.bereik, nummer)
    return Uitkomst(b"", attachment(made.naam, made.grootte), made.inhoud)


def leg_vast(oproep: Oproep) -> Uitkomst:
    """Keep what was found in lines, as they were shown."""
    given: Uitslagen = oproep.inhoud
    nummer, uitkomst, noteer = _to_record(oproep)
    results = [
        Uitslag(each.post, each.oordeel, each.afwijking, each.reden) for each in given.uitslagen
    ]
    store = oproep.verzoek.omgeving.store.steekproeven
    store.record(oproep.bereik, oproep.verzoek.wie, nummer, results, noteer)
    return uitkomst


def lees_in(oproep: Oproep) -> Uitkomst:
    """The same from the file of who looked at the papers."""
    nummer, uitkomst, noteer = _to_record(oproep)
    take_results(oproep.verzoek, oproep.bereik, nummer, oproep.inhoud, noteer)
    return uitkomst


def _to_record(oproep: Oproep) -> tuple[int, Uitkomst, Noteer]:
    """The sample whose lines somebody saw as they are, with what is answered and how it is kept."""
    one, found = _gevraagd(oproep)
    refuse_other_version(oproep, _shown(oproep, found))
    own = kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer)
    uitkomst = bewijs_op(adres(SOORTEN, own, "/posten"))
    noteer = oproep.vastlegging(uitkomst, one.gemeente, over=f"{SOORT} {one.nummer}")
    return one.nummer, uitkomst, noteer


def getrokken(oproep: Oproep, one: Steekproef, found: Sequence[Steekproefpost]) -> Getrokken:
    """A sample as it is shown."""
    outcome = verdict_of(one, found)
    return Getrokken(
        **_kop(oproep, one),
        posten=len(found),
        zonder_uitslag=outcome.ontbreekt,
        fouten=_doorgerekend(outcome.fouten, outcome.oordeel_fouten),
        onzekerheden=_doorgerekend(outcome.onzeker, outcome.oordeel_onzeker),
    )


def _kop(oproep: Oproep, one: Steekproef) -> dict[str, Any]:
    own = kenmerk(oproep.verzoek.omgeving, SOORT, one.nummer)
    return {
        "kenmerk": own,
        **{name: getattr(one, name) for name in _SAME},
        "getrokken_op": one.gemaakt,
        "adres": adres(SOORTEN, own),
        "posten_adres": adres(SOORTEN, own, "/posten"),
    }


_SAME = ("gemeente", "jaar", "aanbieder", "zaad", "regels", "populatie", "interval")


def _doorgerekend(projectie: Projectie, oordeel: str) -> Doorgerekend:
    return Doorgerekend(**projectie._asdict(), oordeel=str(oordeel))  # type: ignore[arg-type]


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    return bewijs_van(oproep, SOORTEN, SOORT, nummer)


def _gevraagd(oproep: Oproep) -> tuple[Steekproef, Sequence[Steekproefpost]]:
    nummer, _ = nummer_van(oproep, SOORT)
    return oproep.verzoek.omgeving.store.steekproeven.get(oproep.bereik, nummer)


def _shown(oproep: Oproep, found: Sequence[Steekproefpost]) -> Getrokkenposten:
    omgeving = oproep.verzoek.omgeving
    return Getrokkenposten(
        resultaten=[
            Getrokkenpost(
                post=one.nr,
                bron=one.bron,  # type: ignore[arg-type]
                aanbieder=one.aanbieder,
                regel_adres=_adres(omgeving, one),
                regelnummer=one.regelnr,
                bedrag=one.bedrag,
                geheel=one.is_hoog,
                oordeel=one.oordeel,  # type: ignore[arg-type]
                afwijking=one.afwijking,
                reden=one.reden,
            )
            for one in found
        ]
    )


def _adres(omgeving: Omgeving, one: Steekproefpost) -> str:
    if one.bron == FACTUUR:
        return adres("facturen", kenmerk(omgeving, FACTUUR, one.stuk_id))
    return adres("regels", kenmerk(omgeving, REGEL, one.stuk_id, one.regelnr))


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/steekproeven",
        naam="geefSteekproeven",
        groep=GROEP,
        titel="De steekproeven die zijn getrokken",
        rechten=ZIEN,
        doe=lijst,
        zoek=Jaarlijstvraag,
        antwoord=Steekproefblad,
    ),
    Eindpunt(
        methode="POST",
        pad="/steekproeven",
        naam="trekSteekproef",
        groep=GROEP,
        titel="Een steekproef trekken",
        uitleg=(
            "Uit wat is toegekend en niet is teruggenomen: elke euro heeft evenveel kans. Op het "
            "adres in Location staat zij, met wat de uitslagen over het geheel zeggen."
        ),
        rechten=BEHEREN,
        doe=trek,
        inhoud=Steekproefopdracht,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="steekproef trekken",
        soort="C",
        budget="export",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/steekproeven/{kenmerk}",
        naam="toonSteekproef",
        groep=GROEP,
        titel="Een steekproef, en wat zij over het geheel zegt",
        rechten=ZIEN,
        doe=toon,
        antwoord=Getrokken,
    ),
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
    Eindpunt(
        methode="POST",
        pad="/steekproeven/{kenmerk}/uitslagenbestand",
        naam="leesUitslagenIn",
        groep=GROEP,
        titel="Uitslagen van een steekproef uit een bestand vastleggen",
        uitleg=(
            f"Als CSV of werkmap van Excel, met de kolommen {', '.join(KOPPEN)}, zoals posten.csv "
            "bij de stukken; bedragen in euro's. Een post zonder oordeel blijft zoals hij is. Tot "
            f"25 MB en {BY_HTTP.rijen} rijen, alle samen of geen enkele."
        ),
        rechten=BEHEREN,
        doe=lees_in,
        media_in=CSV,
        media_ook=(XLSX,),
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="steekproef beoordelen",
        soort="U",
        budget="export",
        bytecap=LARGEST_SHEET,
        herhaalbaar=True,
        met_versie=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/steekproeven/{kenmerk}/stukken",
        naam="geefStukkenVanSteekproef",
        groep=GROEP,
        titel="De stukken bij elke post van een steekproef",
        uitleg=(
            "Een zip met per post het bewijs van de beslissing en de versies van de toewijzing, en "
            "met posten.csv om uitslagen in te vullen. Van elke cliënt komt in het logboek dat u "
            "zijn stukken hebt."
        ),
        rechten=BEHEREN,
        doe=stukken,
        inhoud=Stukkenvraag,
        media_uit=ZIP,
        fouten=(422, 429),
        handeling="steekproef uitvoeren",
        budget="export",
    ),
)
