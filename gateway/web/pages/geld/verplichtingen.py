"""Verplichtingen en prognose: what a year obliges to, what it will cost, and why we think so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import TemporaryFailure
from gateway.http.klein import sees_small
from gateway.http.pad import Kop, Pad
from gateway.http.prognoses import (
    TERUG,
    VOORUIT,
    Geteld,
    Rij,
    prognose_van,
    rows_for,
    terugblik_van,
    total_for,
    year_of,
)
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.opname import PER, Sleutel, key_for
from gateway.ledger.geld.prognose import Prognose
from gateway.ledger.geld.terugblik import Terugblik
from gateway.ledger.geld.verplichting import GENERIEK, Groep
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.periods.datums import KORT
from gateway.periods.maandnummers import month_name
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage import sturing
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.grafiek import Grafiek, grafiek
from gateway.web.pages.sturing import bereik_van, gebiedkeuzes
from gateway.web.pages.uitvoer import bestand_van, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

PATH = f"{GELD}/verplichtingen"
TOEWIJZINGEN = f"{PATH}/toewijzingen"
RIJEN = 50
KEUZES: Mapping[str, str] = {
    "wet": "wet",
    "categorie": "productcategorie",
    "aanbieder": "aanbieder",
    "gemeente": "gemeente",
    "groep": "wet, categorie, aanbieder en gemeente",
}
FILTERS = ("wet", "categorie", "aanbieder")
# To where a row leads: the way of adding up within it.
DAARIN: Mapping[str, str] = {
    "wet": "categorie",
    "categorie": "groep",
    "aanbieder": "groep",
    "gemeente": "groep",
}
NA_DAGEN = (31, 61, 92)
NIVEAUS: Mapping[str, str] = {
    "aanbieder": "gemeten bij deze aanbieder",
    "categorie": "gemeten bij de productcategorie",
    "wet": "gemeten bij de wet",
    "aanname": "niet gemeten: alles wordt gebruikt",
}
UITVOERKOPPEN = (
    *("wet", "productcategorie", "aanbieder", "gemeente", "gemeentecode", "jaar"),
    *("toewijzingen", "verplicht", "gerealiseerd", "verwacht", "vrijgevallen", "boven toewijzing"),
    *("zonder prijs", "nog te declareren", "nog te leveren", "instroom", "prognose"),
)
_NOT_YET = "de cijfers worden nog geteld"


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """What is asked for: of which municipalities, of which year, by what and of what only."""

    bereik: Bereik
    gemeente: str
    jaar: int
    per: str
    alleen: Mapping[str, str]
    ziet_alles: bool

    def adres(self, path: str = PATH, **other: str) -> str:
        """Where the same is, with something else asked."""
        asked = {"gemeente": self.gemeente, "jaar": str(self.jaar), "per": self.per}
        told = {**asked, **self.alleen, **other}
        return f"{path}?{urlencode({name: value for name, value in told.items() if value})}"

    @property
    def velden(self) -> Mapping[str, str]:
        """The same as fields of a form."""
        return {"gemeente": self.gemeente, "jaar": str(self.jaar), "per": self.per, **self.alleen}


@dataclass(frozen=True, slots=True)
class Getoond:
    """A row with what it is called, where it leads, and how far a forecast of last year was off."""

    rij: Rij
    naam: str
    onder: Sequence[str]
    naar: str | None
    fout: str | None


def _pagina(verzoek: Verzoek) -> Response:
    gevraagd = gevraagd_van(verzoek, verzoek.vraag.zoek)
    taak = prognose_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    back = terugblik_van(verzoek.omgeving, gevraagd.bereik)
    database, nu = verzoek.omgeving.store.database, dag_van(verzoek.omgeving.clock()).year
    context: dict[str, Any] = {
        "gevraagd": gevraagd,
        "gemeenten": gebiedkeuzes(verzoek, sturing.gemeenten_van(database, verzoek.bereik)),
        "jaren": [(str(one), str(one)) for one in range(nu + VOORUIT, nu - TERUG - 1, -1)],
        "keuzes": list(KEUZES.items()),
        "geteld": None if taak is None else taak.begonnen,
        "beeld": None if taak is None else _beeld(verzoek, gevraagd, taak.uitkomst, back or ()),
        "eerder": None if back is None else [_eerder(one, gevraagd) for one in back],
        "kleinste": KLEINSTE,
        "woorden": woorden,
        "niveaus": NIVEAUS,
        "na_dagen": NA_DAGEN,
        "procent": procent,
    }
    return toon(verzoek, "geld/verplichtingen.html", context)


def gevraagd_van(verzoek: Verzoek, velden: Mapping[str, str]) -> Gevraagd:
    """What a page or form asks; who sees no clients looks at sums only."""
    bereik, gemeente = bereik_van(verzoek, velden.get("gemeente", ""), _eerste(verzoek))
    sees_all = sees_small(verzoek, bereik)
    per = velden.get("per", "")
    wanted = {name: velden[name] for name in FILTERS if velden.get(name)} if sees_all else {}
    return Gevraagd(
        bereik=bereik,
        gemeente=gemeente,
        jaar=year_of(verzoek.omgeving, velden.get("jaar")),
        per=per if per in PER else "categorie",
        alleen=wanted,
        ziet_alles=sees_all,
    )


def _eerste(verzoek: Verzoek) -> str:
    return min(verzoek.bereik.gemeenten)


def _beeld(
    verzoek: Verzoek, gevraagd: Gevraagd, geteld: Geteld, back: Sequence[Terugblik]
) -> Mapping[str, Any]:
    prognose = geteld.prognose.alleen(**gevraagd.alleen)
    rows = rows_for(verzoek, gevraagd.bereik, prognose, gevraagd.per)
    errors = _errors(back, gevraagd)
    shown = [_getoond(verzoek, gevraagd, one, errors) for one in rows[:RIJEN]]
    tempo, sees_all = geteld.tempo, gevraagd.ziet_alles
    seen = {(one.groep.wet, one.groep.categorie) for one in prognose.groepen}
    return {
        "totaal": total_for(verzoek, gevraagd.bereik, prognose),
        "gevuld": bool(prognose.groepen),
        "rijen": shown,
        "meer": max(0, len(rows) - RIJEN),
        "kent_fouten": bool(errors),
        "grafiek": _grafiek(prognose) if sees_all else None,
        "benutting": prognose.groepen[:RIJEN] if sees_all else [],
        "tempo": [
            (*key, [procent(tempo.na_dagen(*key, days).promille) for days in NA_DAGEN])
            for key in tempo.gemeten
            if sees_all and key in seen
        ],
        "peildatum": prognose.peil.dag,
        "meetmaanden": len(prognose.instroom.gewoon),
        "pieken": [woorden.maandnaam(month_name(one)) for one in prognose.instroom.pieken],
    }


def _grafiek(prognose: Prognose) -> Grafiek:
    return grafiek(
        "Gerealiseerd en verwacht",
        [
            (_maandnaam(one.maand), one.gerealiseerd, one.prognose - one.gerealiseerd)
            for one in prognose.maanden
        ],
    )


def _maandnaam(maand: int) -> str:
    """A month below a bar."""
    return f"{KORT[maand % 12]} {maand // 12}"


def _errors(back: Sequence[Terugblik], gevraagd: Gevraagd) -> Mapping[Sleutel, str]:
    """How far the forecast of halfway last year was off, by key."""
    known = [one for one in back if one.is_bekend]
    if not known or gevraagd.alleen:
        return {}
    halfway = known[len(known) // 2]
    return {
        one.sleutel: procent(one.promille)
        for one in halfway.per(key_for(gevraagd.per))
        if one.promille is not None
    }


def _eerder(one: Terugblik, gevraagd: Gevraagd) -> tuple[Terugblik, str]:
    promille = one.totaal.promille if one.is_bekend else None
    return one, "" if promille is None else procent(promille)


def _getoond(
    verzoek: Verzoek, gevraagd: Gevraagd, rij: Rij, errors: Mapping[Sleutel, str]
) -> Getoond:
    names = PER[gevraagd.per]
    key = dict(zip(names, rij.sleutel, strict=True))
    naar = None
    if gevraagd.per == "groep":
        naar = _naar_toewijzingen(verzoek, gevraagd, Groep(*rij.sleutel))
    else:
        naar = gevraagd.adres(**key, per=DAARIN[gevraagd.per])
    naam, *onder = _namen(key)
    return Getoond(
        rij,
        naam,
        onder,
        naar,
        errors.get(rij.sleutel),
    )


def _namen(key: Mapping[str, str]) -> Sequence[str]:
    """What people call the parts of a key, the one that tells most in front."""
    told = dict(key)
    if "wet" in told:
        told["wet"] = woorden.WETTEN.get(told["wet"], told["wet"])
    if "categorie" in told and told["categorie"] != GENERIEK:
        told["categorie"] = f"categorie {told['categorie']}"
    order = ("categorie", "wet", "aanbieder", "gemeente")
    return [told[name] for name in order if name in told]


def _naar_toewijzingen(verzoek: Verzoek, gevraagd: Gevraagd, groep: Groep) -> str | None:
    if not verzoek.mag(Recht.WERK_ZIEN):
        return None
    asked = {**groep._asdict(), "jaar": str(gevraagd.jaar)}
    return f"{TOEWIJZINGEN}?{urlencode(asked)}"


def procent(promille: int) -> str:
    """Thousandths as people read them, with one decimal."""
    whole, rest = divmod(abs(promille), 10)
    return f"{'-' if promille < 0 else ''}{whole},{rest}\N{NO-BREAK SPACE}%"


def _uitvoer(verzoek: Verzoek) -> Response:
    velden = {name: str(value) for name, value in verzoek.vraag.formulier.items()}
    gevraagd = gevraagd_van(verzoek, velden)
    taak = prognose_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    if taak is None:
        raise TemporaryFailure(_NOT_YET)
    geteld: Geteld = taak.uitkomst
    prognose = geteld.prognose.alleen(**gevraagd.alleen)
    rows = rows_for(verzoek, gevraagd.bereik, prognose, gevraagd.per)
    rijen = (_uitvoerrij(verzoek, gevraagd, one) for one in rows)
    return bestand_van(verzoek, f"verplichtingen-{gevraagd.jaar}", UITVOERKOPPEN, rijen)


def _uitvoerrij(verzoek: Verzoek, gevraagd: Gevraagd, one: Rij) -> Sequence[Cel]:
    key = dict(zip(PER[gevraagd.per], one.sleutel, strict=True))
    gemeente = key.get("gemeente")
    about: Sequence[Cel] = (
        woorden.WETTEN.get(key.get("wet", ""), key.get("wet")),
        key.get("categorie"),
        key.get("aanbieder"),
        None if gemeente is None else verzoek.omgeving.gemeentenamen.get(gemeente, gemeente),
        gemeente,
        gevraagd.jaar,
    )
    som, cijfers = one.som, one.cijfers
    amounts: Sequence[Cel] = (
        som.toewijzingen,
        Bedrag(som.verplicht),
        Bedrag(som.gerealiseerd),
        Bedrag(som.verwacht),
        Bedrag(som.vrijgevallen),
        Bedrag(som.boven),
        som.zonder_prijs,
        Bedrag(cijfers.geleverd),
        Bedrag(cijfers.komend),
        Bedrag(cijfers.instroom),
        Bedrag(cijfers.prognose),
    )
    return (*about, *amounts)


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.GELD_ZIEN,
        handeling="verplichtingen en prognose bekijken",
        kop=Kop(
            "Verplichtingen en prognose",
            "Wat is toegewezen, wat daarvan is gedeclareerd, en wat het jaar gaat kosten.",
        ),
    ),
    uitvoerpad(f"{PATH}/uitvoer", _uitvoer, "verplichtingen uitvoeren"),
)
