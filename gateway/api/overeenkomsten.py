"""Overeenkomsten and the rule set: the published rulebook, with its versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.woorden import Wet, adres
from gateway.errors import NietGevonden
from gateway.pipeline.kennis import dag_van
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.rules.registry import Rule
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

ZIEN = (Recht.OVEREENKOMSTEN_ZIEN,)


class Termijn(Vorm, frozen=True, kw_only=True):
    """Een deel van een traject; deel is een percentage, leeg voor de rest."""

    moment: str
    deel: int | None


class Overeenkomstcel(Vorm, frozen=True, kw_only=True):
    """Eén vaste prijs: een product in een eenheid, in een periode. Bedragen in eurocenten."""

    naam: str
    dimensies: dict[str, str]
    productcategorie: str
    productcode: str
    eenheid: str
    frequentie: str | None
    soort: str
    bedrag: int
    tarief: int | None
    vanaf: date
    tot: date | None
    bekendgemaakt_op: date | None
    peildatum: str
    variant: str
    wetten: list[str]
    gemeenten: list[str]
    voor_aanbieders: Annotated[
        list[str] | None,
        msgspec.Meta(description="Voor wie deze prijs alleen is; leeg voor iedereen."),
    ]
    termijnen: list[Termijn]
    toewijsbaar_tot: date | None
    indicatie_tot: date | None
    declarabel_tot: date | None
    gebroken_begin: str
    gebroken_eind: str
    hoort_bij: str | None
    geldt_nu: bool


class Overeenkomstkop(Vorm, frozen=True, kw_only=True):
    """Een overeenkomst in het kort; de hash is die van precies deze versie."""

    id: str
    versie: str
    naam: str
    hash: str
    wetten: list[Wet]
    gemeenten: list[str]
    variant: str
    peildatum: str
    dimensies: list[str]
    toelichting: str
    voorbeeld: bool
    bekendgemaakt_op: date | None
    indientermijn_dagen: int | None
    stapelen: bool
    hoofdaannemer: bool
    adres: str


class Contract(Vorm, frozen=True, kw_only=True):
    """Waarvoor een aanbieder is toegelaten; leeg is alles."""

    aanbieder: str
    cellen: list[dict[str, str]] | None
    gemeenten: list[str] | None
    vanaf: date | None
    tot: date | None


class Overeenkomstdetail(Overeenkomstkop, frozen=True, kw_only=True):
    """Een overeenkomst met al haar cellen."""

    cellen: list[Overeenkomstcel]
    contracten: Annotated[
        list[Contract] | None,
        msgspec.Meta(description="Een aanbieder ziet alleen het zijne; leeg als iedereen mag."),
    ]


class Overeenkomsten(Vorm, frozen=True, kw_only=True):
    """De overeenkomsten waarmee nu wordt beoordeeld."""

    resultaten: list[Overeenkomstkop]


class Controleregel(Vorm, frozen=True, kw_only=True):
    """Een regel van de standaard of een eigen controle van de gemeente."""

    code: str
    soort: Annotated[str, msgspec.Meta(description="standaard of controle.")]
    niveau: int | None
    retourcodes: list[str]
    wat: str | None
    doe: str | None
    adres: str


class Controleregels(Vorm, frozen=True, kw_only=True):
    """De regels waarmee nu wordt beoordeeld; de hash is die van precies deze verzameling."""

    versie: str
    hash: str
    resultaten: list[Controleregel]


class Overeenkomstvraag(Invoer, frozen=True, kw_only=True):
    """Which version is looked for."""

    versie: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None,
        msgspec.Meta(description="Een andere versie dan de laatste."),
    ] = None


def lijst(oproep: Oproep) -> Uitkomst:
    """The agreements that are judged by, of the municipalities of who asks."""
    found = [_kop(one) for one in _seen(oproep)]
    return Uitkomst(Overeenkomsten(resultaten=[Overeenkomstkop(**one) for one in found]))


def toon(oproep: Oproep) -> Uitkomst:
    """One agreement with its cells."""
    naam, vraag = oproep.verzoek.vraag.delen["id"], oproep.zoek
    found = [one for one in _seen(oproep) if one.id == naam]
    if vraag.versie is not None:
        found = [one for one in found if one.versie == vraag.versie]
    if not found:
        raise NietGevonden
    overeenkomst, vandaag = found[-1], dag_van(oproep.verzoek.omgeving.clock())
    detail = Overeenkomstdetail(
        **_kop(overeenkomst),
        cellen=[
            _cel(overeenkomst, cel, vandaag)
            for cel in overeenkomst.cellen
            if _may_see(oproep.bereik, cel)
        ],
        contracten=_contracten(oproep.bereik, overeenkomst),
    )
    return Uitkomst(detail)


def regels(oproep: Oproep) -> Uitkomst:
    """The rules and checks that judge, with what their codes mean."""
    kennis = oproep.verzoek.omgeving.kennis
    found = [_regel(oproep, one) for one in kennis.rules.values()]
    if not oproep.is_aanbieder:
        found += [_controle(oproep, code) for code in kennis.checks]
    found.sort(key=lambda one: one.code)
    return Uitkomst(
        Controleregels(versie=kennis.xslt_versie, hash=kennis.regelset(), resultaten=found)
    )


def regel(oproep: Oproep) -> Uitkomst:
    """One rule or check."""
    kennis, code = oproep.verzoek.omgeving.kennis, oproep.verzoek.vraag.delen["code"]
    if code in kennis.rules:
        return Uitkomst(_regel(oproep, kennis.rules[code]))
    if code in kennis.checks and not oproep.is_aanbieder:
        return Uitkomst(_controle(oproep, code))
    raise NietGevonden


def _seen(oproep: Oproep) -> Iterator[Overeenkomst]:
    for one in oproep.verzoek.omgeving.kennis.overeenkomsten.alle:
        if oproep.bereik.gemeenten & set(one.gemeenten):
            yield one


def _kop(one: Overeenkomst) -> dict[str, Any]:
    return {
        "id": one.id,
        "versie": one.versie,
        "naam": one.naam,
        "hash": one.hash,
        "wetten": list(one.wetten),
        "gemeenten": list(one.gemeenten),
        "variant": one.variant,
        "peildatum": one.peildatum,
        "dimensies": list(one.dimensies),
        "toelichting": one.toelichting,
        "voorbeeld": one.voorbeeld,
        "bekendgemaakt_op": one.bekendgemaakt_op,
        "indientermijn_dagen": one.indientermijn_dagen,
        "stapelen": one.stapelen,
        "hoofdaannemer": one.hoofdaannemer,
        "adres": adres("overeenkomsten", one.id),
    }


def _may_see(bereik: Bereik, cel: Cel) -> bool:
    """The price of another aanbieder alone is nobody else's business."""
    return bereik.aanbieder is None or cel.aanbieders is None or bereik.aanbieder in cel.aanbieders


def _contracten(bereik: Bereik, overeenkomst: Overeenkomst) -> list[Contract] | None:
    if not overeenkomst.aanbieders:
        return None
    return [
        Contract(
            aanbieder=one.agb,
            cellen=None if one.cellen is None else [dict(selector) for selector in one.cellen],
            gemeenten=None if one.gemeenten is None else list(one.gemeenten),
            vanaf=one.vanaf,
            tot=one.tot,
        )
        for one in overeenkomst.aanbieders
        if bereik.aanbieder in (None, one.agb)
    ]


def _cel(overeenkomst: Overeenkomst, cel: Cel, vandaag: date) -> Overeenkomstcel:
    return Overeenkomstcel(
        naam=cel.naam,
        dimensies=dict(cel.dimensies),
        productcategorie=cel.productcategorie,
        productcode=cel.productcode,
        eenheid=cel.eenheid,
        frequentie=cel.frequentie,
        soort=cel.soort,
        bedrag=cel.bedrag,
        tarief=cel.stuktarief,
        vanaf=cel.vanaf,
        tot=cel.tot,
        bekendgemaakt_op=cel.bekendgemaakt_op or overeenkomst.bekendgemaakt_op,
        peildatum=cel.peildatum or overeenkomst.peildatum,
        variant=cel.variant or overeenkomst.variant,
        wetten=list(overeenkomst.wetten) if cel.wet is None else [cel.wet],
        gemeenten=list(overeenkomst.gemeenten if cel.gemeenten is None else cel.gemeenten),
        voor_aanbieders=None if cel.aanbieders is None else list(cel.aanbieders),
        termijnen=[Termijn(moment=one.moment, deel=one.deel) for one in cel.termijnen],
        toewijsbaar_tot=cel.toewijsbaar_tot,
        indicatie_tot=cel.indicatie_tot,
        declarabel_tot=cel.declarabel_tot,
        gebroken_begin=cel.gebroken_begin,
        gebroken_eind=cel.gebroken_eind,
        hoort_bij=cel.hoort_bij,
        geldt_nu=cel.covers(vandaag),
    )


def _regel(oproep: Oproep, one: Rule) -> Controleregel:
    omgeving = oproep.verzoek.omgeving
    codes = [] if one.retourcode is None else [one.retourcode]
    tekst = omgeving.teksten.of(codes[0]) if codes else None
    return Controleregel(
        code=one.code,
        soort="standaard",
        niveau=omgeving.kennis.niveaus.get(one.code),
        retourcodes=codes,
        wat=None if tekst is None else tekst.wat,
        doe=None if tekst is None else tekst.doe,
        adres=adres("controleregels", one.code),
    )


def _controle(oproep: Oproep, code: str) -> Controleregel:
    tekst = oproep.verzoek.omgeving.teksten.of(code)
    return Controleregel(
        code=code,
        soort="controle",
        niveau=None,
        retourcodes=[],
        wat=None if tekst is None else tekst.wat,
        doe=None if tekst is None else tekst.doe,
        adres=adres("controleregels", code),
    )


_GROEP = "overeenkomsten"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/overeenkomsten",
        naam="geefOvereenkomsten",
        groep=_GROEP,
        titel="De overeenkomsten die gelden",
        rechten=ZIEN,
        doe=lijst,
        antwoord=Overeenkomsten,
    ),
    Eindpunt(
        methode="GET",
        pad="/overeenkomsten/{id}",
        naam="toonOvereenkomst",
        groep=_GROEP,
        titel="Een overeenkomst met al haar cellen",
        rechten=ZIEN,
        doe=toon,
        zoek=Overeenkomstvraag,
        antwoord=Overeenkomstdetail,
    ),
    Eindpunt(
        methode="GET",
        pad="/controleregels",
        naam="geefControleregels",
        groep=_GROEP,
        titel="De regels en controles waarmee wordt beoordeeld",
        rechten=ZIEN,
        doe=regels,
        antwoord=Controleregels,
    ),
    Eindpunt(
        methode="GET",
        pad="/controleregels/{code}",
        naam="toonControleregel",
        groep=_GROEP,
        titel="Een regel of controle",
        rechten=ZIEN,
        doe=regel,
        antwoord=Controleregel,
    ),
)
