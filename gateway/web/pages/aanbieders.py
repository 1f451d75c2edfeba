"""Providers: how often invoices are good at once, what goes wrong, and what they were paid."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.agreements.pagina.woorden import opsomming, periode
from gateway.errors import NietGevonden
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Lopend
from gateway.records.overeenkomst import Aanbiedercontract, Overeenkomst
from gateway.store.inzage.aanbieders import (
    Aanbiederrij,
    Aanbiedersinzage,
    Maandrij,
    Telling,
    Venster,
)
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.inzage.vandaag import first_day
from gateway.store.inzage.verzoeken import Verzoekfilter
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import cijfers, woorden
from gateway.web.pages.grafiek import grafiek
from gateway.web.pages.verwijzingen import Verwijzingen

OP_EEN_BLAD, DECLARATIES, VERZOEKEN, GEMIST = 100, 20, 20, 20
DRIE, TWAALF = 3, 12
OPEN = ("open", "in onderzoek")


@dataclass(frozen=True, slots=True)
class Contract:
    """What a provider is admitted for by one row of an agreement."""

    overeenkomst: Overeenkomst
    rij: Aanbiedercontract
    cellen: str
    periode: str


def _lijst(verzoek: Verzoek) -> Response:
    vandaag = _vandaag(verzoek)
    zoek, vanaf = verzoek.vraag.zoek.get("zoek", "").strip(), verzoek.vraag.zoek.get("vanaf")
    found = lijst_van(verzoek)
    namen = {
        agb: naam for agb, (_, naam) in verzoek.omgeving.store.register.namen_op(vandaag).items()
    }
    wanted = zoek.casefold()
    blad = _blad(
        [
            one
            for one in found
            if one.agb.startswith(zoek) or wanted in namen.get(one.agb, "").casefold()
        ],
        vanaf,
    )
    context = {
        "namen": namen,
        "blad": blad,
        "jaar": vandaag.year,
        "zoek": zoek,
        "begin": f"/aanbieders?{urlencode({'zoek': zoek})}" if zoek else "/aanbieders",
        "is_vervolg": vanaf is not None,
        "naar": Verwijzingen(verzoek),
        "aantal": len(found),
    }
    return toon(verzoek, "aanbieders.html", context)


def lijst_van(verzoek: Verzoek) -> Sequence[Aanbiederrij]:
    """All providers of this year, most at stake in front."""
    return inzage_van(verzoek).lijst(verzoek.bereik, _venster(_vandaag(verzoek)))


def _blad(found: Sequence[Aanbiederrij], vanaf: str | None) -> Blad[Aanbiederrij]:
    """A page of a list that was made whole; it is sorted by what is at stake."""
    if vanaf is not None:
        belang, ingediend, agb = place_of(vanaf, int, int, str)
        after = (-int(belang or 0), -int(ingediend or 0), str(agb))
        found = [one for one in found if (-one.belang, -one.ingediend, one.agb) > after]
    shown = found[:OP_EEN_BLAD]
    if len(found) <= OP_EEN_BLAD:
        return Blad(shown, None)
    last = shown[-1]
    return Blad(shown, write_place((last.belang, last.ingediend, last.agb)))


def _pagina(verzoek: Verzoek) -> Response:
    inzage, bereik, vandaag = inzage_van(verzoek), verzoek.bereik, _vandaag(verzoek)
    agb, store = verzoek.vraag.delen["agb"], verzoek.omgeving.store
    contracten = list(_contracten(verzoek, bereik, agb))
    if not contracten and not inzage.is_bekend(bereik, agb):
        raise NietGevonden
    eerste = month_before(vandaag, TWAALF - 1)
    buiten = store.facturen.maanden(bereik, agb, first_day(eerste))
    maanden = _maanden(inzage, bereik, agb, eerste, buiten)
    rekening = inzage.rekening(bereik, agb, DECLARATIES, verzoek.vraag.zoek.get("vanaf"))
    verzoeken = store.verzoeken.zoek(bereik, Verzoekfilter(staten=OPEN, aanbieder=agb), VERZOEKEN)
    for one in verzoeken.rijen:
        verzoek.toont(one.partijen.gemeente, [one.client])
    drie = month_before(vandaag, DRIE - 1)
    in_register = store.register.namen_op(vandaag, [agb]).get(agb)
    context = {
        "agb": agb,
        "in_register": in_register,
        "maanden": maanden,
        "buiten": buiten,
        "samen": _together(maanden),
        "drie": _together([one for one in maanden if one.maand >= drie]),
        "grafiek": grafiek(
            f"Aanbieder {agb}",
            [
                (woorden.maandnaam(one.maand), one.toegekend, one.ingediend - one.toegekend)
                for one in maanden
            ],
        ),
        "oorzaken": inzage.oorzaken(bereik, agb),
        "rekening": rekening,
        "is_vervolg": "vanaf" in verzoek.vraag.zoek,
        "aangehouden": inzage.aangehouden(bereik, agb),
        "contracten": contracten,
        "verzoeken": verzoeken,
        "gemist": _gemist(verzoek, agb),
        "vandaag": vandaag,
        "naar": Verwijzingen(verzoek),
        "woorden": woorden,
        "teksten": verzoek.omgeving.teksten,
    }
    return toon(verzoek, "aanbieder.html", context)


def _maanden(
    inzage: Aanbiedersinzage, bereik: Bereik, agb: str, eerste: str, buiten: Collection[str]
) -> Sequence[Maandrij]:
    """Every month from the first one on in which anything happened, or did outside (`buiten`)."""
    amounts = inzage.maanden(bereik, agb, eerste)
    verdicts = inzage.oordelen(bereik, agb, eerste)
    return [
        Maandrij(
            maand=maand,
            telling=verdicts.get(maand, Telling()),
            ingediend=amounts.get(maand, (0, 0))[0],
            toegekend=amounts.get(maand, (0, 0))[1],
        )
        for maand in sorted(amounts.keys() | verdicts.keys() | set(buiten))
    ]


def _together(maanden: Sequence[Maandrij]) -> Maandrij:
    found = Maandrij(maand="", telling=Telling(), ingediend=0, toegekend=0)
    for one in maanden:
        found = Maandrij(
            maand="",
            telling=found.telling + one.telling,
            ingediend=found.ingediend + one.ingediend,
            toegekend=found.toegekend + one.toegekend,
        )
    return found


def _contracten(verzoek: Verzoek, bereik: Bereik, agb: str) -> Iterator[Contract]:
    """The rows of the provider in the agreements of the municipalities that are seen."""
    for one in verzoek.omgeving.kennis.overeenkomsten.alle:
        if bereik.gemeenten.isdisjoint(one.gemeenten):
            continue
        for rij in one.aanbieders:
            if rij.agb == agb:
                yield Contract(one, rij, cellen_van(rij), periode(rij.vanaf, rij.tot))


def cellen_van(rij: Aanbiedercontract) -> str:
    """The part of the table that a contract is for, in words."""
    if rij.cellen is None:
        return "alle cellen"
    return opsomming(
        " ".join(f"{naam.replace('_', ' ')} {waarde}" for naam, waarde in selector) or "alle cellen"
        for selector in rij.cellen
    )


def _gemist(verzoek: Verzoek, agb: str) -> Sequence[Lopend] | None:
    """What should have come from the provider by now."""
    awaited = cijfers.uitgebleven(verzoek, verzoek.bereik)
    return None if awaited is None else [one for one in awaited if one.van == agb][:GEMIST]


def inzage_van(verzoek: Verzoek) -> Aanbiedersinzage:
    """The reads of providers, which know an invoice by its Berichtcode."""
    omgeving = verzoek.omgeving
    codes = {one.code for one in omgeving.kennis.types.all() if one.nummer == "323"}
    return Aanbiedersinzage(omgeving.store.database, codes)


def _venster(vandaag: date) -> Venster:
    """Amounts of this year, verdicts of three months."""
    drie = month_before(vandaag, DRIE - 1)
    return Venster(eerste=f"{vandaag.year}-01", drie=drie, deze=f"{vandaag:%Y-%m}")


def _vandaag(verzoek: Verzoek) -> date:
    return dag_van(verzoek.omgeving.clock())


PADEN = (
    Pad(
        path="/aanbieders",
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        menu="Aanbieders",
    ),
    Pad(
        path="/aanbieders/{agb}",
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="aanbieder bekijken",
    ),
)
