"""Lists of providers, of their invoices and of figures as files, for a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from gateway.errors import TemporaryFailure
from gateway.http.verzoek import Verzoek
from gateway.ledger.sturing import Meting, Verbruik
from gateway.store.inzage.aanbieders import Aanbiederrij, Declaratiestand
from gateway.store.inzage.blad import Blad
from gateway.web.opmaak import gemeentenaam
from gateway.web.pages import cijfers, woorden
from gateway.web.pages.aanbieders import inzage_van, lijst_van
from gateway.web.pages.sturing import bereik_van
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

AANBIEDERKOPPEN = (
    *("aanbieder", "ingediend dit jaar", "toegekend dit jaar"),
    *("goed deze maand", "beoordeeld deze maand", "goed drie maanden", "beoordeeld drie maanden"),
    *("open bevindingen", "open bedrag"),
)
REKENINGKOPPEN = (
    *("declaratie", "begindatum", "dagtekening", "gemeente", "gemeentecode", "wet", "regels"),
    *("ingediend", "afgewezen", "gecrediteerd", "toegekend", "wacht"),
)
CIJFERKOPPEN = (
    *("verdeling", "jaar", "wat", "gemeentecode", "overeenkomst", "versie"),
    *("cliënten", "toewijzingen", "regels", "toegekend"),
)
_NOT_YET = "de cijfers worden nog geteld"


def _aanbieders(verzoek: Verzoek) -> Response:
    rijen = map(_aanbiederrij, lijst_van(verzoek))
    return bestand_van(verzoek, "aanbieders", AANBIEDERKOPPEN, rijen)


def _rekening(verzoek: Verzoek) -> Response:
    inzage, bereik, agb = inzage_van(verzoek), verzoek.bereik, verzoek.vraag.delen["agb"]

    def page(na: str | None) -> Blad[Declaratiestand]:
        return inzage.rekening(bereik, agb, AT_ONCE, na)

    rijen = map(partial(_declaratierij, verzoek), rows_of(page))
    return bestand_van(verzoek, "declaraties", REKENINGKOPPEN, rijen)


def _sturing(verzoek: Verzoek) -> Response:
    bereik, _ = bereik_van(verzoek, verzoek.veld("gemeente"))
    found = cijfers.meting(verzoek, bereik)
    if found is None or found.uitkomst is None:
        raise TemporaryFailure(_NOT_YET)
    meting: Meting = found.uitkomst
    ways = (
        ("wet", meting.wetten),
        ("gemeente", meting.gemeenten),
        ("aanbieder", meting.aanbieders),
        ("cel", meting.cellen),
    )
    rijen = [
        _cijferrij(verzoek, naam, one)
        for naam, rows in ways
        for jaar in meting.jaren
        for one in rows
        if one.jaar == jaar
    ]
    return bestand_van(verzoek, "sturing", CIJFERKOPPEN, rijen)


def _aanbiederrij(one: Aanbiederrij) -> Sequence[Cel]:
    return (
        one.agb,
        Bedrag(one.ingediend),
        Bedrag(one.toegekend),
        one.deze_maand.goed,
        one.deze_maand.beoordeeld,
        one.samen.goed,
        one.samen.beoordeeld,
        one.bevindingen,
        Bedrag(one.belang),
    )


def _declaratierij(verzoek: Verzoek, one: Declaratiestand) -> Sequence[Cel]:
    saldo = one.saldo
    return (
        one.declaratienummer,
        one.begindatum.isoformat(),
        one.dagtekening.isoformat(),
        gemeentenaam(verzoek, one.gemeente),
        one.gemeente,
        woorden.WETTEN.get(one.wet, one.wet),
        saldo.regels,
        Bedrag(saldo.ingediend),
        Bedrag(saldo.afgewezen),
        Bedrag(saldo.credit),
        Bedrag(saldo.toegekend),
        Bedrag(saldo.wacht),
    )


def _cijferrij(verzoek: Verzoek, naam: str, rij: Verbruik) -> Sequence[Cel]:
    first, where = rij.sleutel[0], list[Cel]([None, None, None])
    wat = first
    if naam == "gemeente":
        wat, where[0] = gemeentenaam(verzoek, first), first
    elif naam == "cel":
        wat, where[1:] = rij.sleutel[3], rij.sleutel[:2]
    counts: Sequence[Cel] = (rij.clienten, rij.toewijzingen, rij.regels, Bedrag(rij.toegekend))
    return (naam, rij.jaar, wat, *where, *counts)


PADEN = (
    uitvoerpad("/aanbieders/uitvoer", _aanbieders, "aanbieders uitvoeren"),
    uitvoerpad("/aanbieders/{agb}/uitvoer", _rekening, "declaraties van een aanbieder uitvoeren"),
    uitvoerpad("/sturing/uitvoer", _sturing, "sturingscijfers uitvoeren"),
)
