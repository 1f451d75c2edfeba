"""Verschillen: what providers did not get of what they asked for in a month, and why.

From here a program goes on: to the lines behind a gap, the findings on them, and a decision.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import (
    BESLUIT,
    BEVINDING,
    DECLARATIE,
    OORZAAK,
    REGEL,
    Wet,
    adres,
    kenmerk,
    nummer_van,
)
from gateway.errors import NietGevonden
from gateway.store.inzage.afwijzingen import Afgewezenregel, Afwijzingfilter, Afwijzingsgrond, Lot
from gateway.store.inzage.vandaag import Verschil as Gat
from gateway.store.inzage.vandaag import Verschilfilter
from gateway.toegang.rechten import Recht

ZIEN = (Recht.WERK_ZIEN,)
VERSCHIL = "verschil"
_MAAND = Annotated[str, msgspec.Meta(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]
_CODES = Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{4}(,[0-9A-Z]{4}){0,9}$")]
Stand = Literal["nog open", "later toegekend", "afgehandeld", "niet meer gevraagd"]
STANDEN: dict[Lot, Stand] = {
    "open": "nog open",
    "later": "later toegekend",
    "afgehandeld": "afgehandeld",
    "vervallen": "niet meer gevraagd",
}
LOTEN: dict[Stand, Lot] = {stand: lot for lot, stand in STANDEN.items()}


class Verschil(Vorm, frozen=True, kw_only=True):
    """Wat een aanbieder in een maand minder kreeg dan gevraagd. Bedragen in eurocenten."""

    id: str
    gemeente: str
    wet: Wet
    aanbieder: str
    maand: Annotated[str, msgspec.Meta(description="De maand van levering, als jjjj-mm.")]
    aantal_declaraties: int
    ingediend: int
    toegekend: int
    verschil: Annotated[
        int,
        msgspec.Meta(description="Ingediend min toegekend; negatief als een credit is afgewezen."),
    ]
    adres: str


class Verschillen(Lijst, frozen=True, kw_only=True):
    """Een blad met verschillen, het grootste vooraan."""

    resultaten: list[Verschil]


class Codetekst(Vorm, frozen=True, kw_only=True):
    """Een retourcode in woorden."""

    retourcode: str
    wat: str | None
    doe: Annotated[str | None, msgspec.Meta(description="Wat de aanbieder kan doen.")]


class Verdeling(Vorm, frozen=True, kw_only=True):
    """Wat er van een afgewezen bedrag werd; samen is dat het hele bedrag. In eurocenten."""

    later_toegekend: Annotated[
        int, msgspec.Meta(description="In een latere regel over dezelfde zorg toegekend.")
    ]
    niet_meer_gevraagd: Annotated[
        int, msgspec.Meta(description="In die latere regel is minder gevraagd.")
    ]
    afgehandeld: Annotated[int, msgspec.Meta(description="Daarover is besloten.")]
    nog_open: int


class Verschilgrond(Vorm, frozen=True, kw_only=True):
    """Wat met dezelfde retourcodes is afgewezen."""

    retourcodes: list[str]
    teksten: list[Codetekst]
    aantal_regels: int
    bedrag: Annotated[int, msgspec.Meta(description="In eurocenten, credits afgetrokken.")]
    verdeling: Verdeling
    open_regels: Annotated[int, msgspec.Meta(description="Hoeveel regels nog openstaan.")]
    regels: Annotated[str, msgspec.Meta(description="Waar deze regels staan.")]
    oorzaak: Annotated[
        str | None,
        msgspec.Meta(
            description="De oorzaak van een regel die openstaat; per regel staat die erbij."
        ),
    ]
    bevindingen: Annotated[
        str | None, msgspec.Meta(description="Waar de open bevindingen van die oorzaak staan.")
    ]


class Verschildeclaratie(Vorm, frozen=True, kw_only=True):
    """Een declaratie van de maand. Bedragen in eurocenten."""

    declaratienummer: str
    ingediend: int
    toegekend: int
    adres: str


class Verschildetail(Verschil, frozen=True, kw_only=True):
    """Een verschil met alles waardoor het komt: de gronden zijn samen het hele verschil."""

    verdeling: Verdeling
    gronden: list[Verschilgrond]
    declaraties: Annotated[
        list[Verschildeclaratie],
        msgspec.Meta(description="De laatste 200; wat als geheel is afgewezen, telt niet mee."),
    ]
    regels: Annotated[str, msgspec.Meta(description="Waar de afgewezen regels staan.")]


class Verschilregel(Vorm, frozen=True, kw_only=True):
    """Een afgewezen regel, wat ervan werd en waar het verder gaat. Bedragen in eurocenten."""

    referentienummer: str
    declaratienummer: str
    productcode: str
    retourcodes: list[str]
    bedrag: int
    later_toegekend: int
    rest: Annotated[int, msgspec.Meta(description="Wat niet later is toegekend.")]
    stand: Annotated[Stand, msgspec.Meta(description="Wat er van de rest werd.")]
    regel: Annotated[str, msgspec.Meta(description="De regel, met alle bevindingen erop.")]
    declaratie: str
    bevinding: Annotated[
        str | None,
        msgspec.Meta(description="Een open bevinding waarover u kunt besluiten."),
    ]
    oorzaak: str | None
    beoordeling: Annotated[str | None, msgspec.Meta(description="Wat erover is besloten.")]
    latere_regel: Annotated[
        str | None, msgspec.Meta(description="De latere regel over dezelfde zorg.")
    ]


class Verschilregels(Lijst, frozen=True, kw_only=True):
    """Een blad met afgewezen regels, het hoogste bedrag vooraan."""

    resultaten: list[Verschilregel]


class Verschilvraag(Bladvraag, frozen=True, kw_only=True):
    """Which gaps are looked for."""

    gemeente: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None,
        msgspec.Meta(description="De gemeentecode."),
    ] = None
    wet: Annotated[Wet | None, msgspec.Meta(description="Onder welke wet.")] = None
    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")] | None,
        msgspec.Meta(description="De AGB-code."),
    ] = None
    beginmaand: Annotated[
        _MAAND | None, msgspec.Meta(description="De eerste maand die meetelt, als jjjj-mm.")
    ] = None
    eindmaand: Annotated[
        _MAAND | None, msgspec.Meta(description="De laatste maand die meetelt, als jjjj-mm.")
    ] = None
    richting: Annotated[
        Literal["minder", "meer"] | None,
        msgspec.Meta(description="Alleen wie minder, of meer kreeg dan gevraagd."),
    ] = None


class Verschilregelvraag(Bladvraag, frozen=True, kw_only=True):
    """Which rejected lines of a gap are looked for."""

    stand: Annotated[Stand | None, msgspec.Meta(description="Wat ervan werd.")] = None
    retourcodes: Annotated[
        _CODES | None,
        msgspec.Meta(description="De retourcodes van een grond, met komma's ertussen."),
    ] = None


def verschillen(oproep: Oproep) -> Uitkomst:
    """The gaps per provider and month."""
    vraag: Verschilvraag = oproep.zoek
    filter_ = Verschilfilter(
        gemeente=vraag.gemeente,
        wet=vraag.wet,
        aanbieder=vraag.aanbieder,
        vanaf=vraag.beginmaand,
        tot=vraag.eindmaand,
        meer=None if vraag.richting is None else vraag.richting == "meer",
    )
    store = oproep.verzoek.omgeving.store.vandaag
    blad = store.verschillen(oproep.bereik, filter_, vraag.omvang, vraag.vanaf)
    shown = [Verschil(**_velden(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Verschillen, shown, blad)


def verschil(oproep: Oproep) -> Uitkomst:
    """One gap, explained to the cent."""
    gat = _gat(oproep)
    store = oproep.verzoek.omgeving.store.vandaag
    found = store.uitsplitsing(oproep.bereik, gat.partijen, gat.maand)
    if found is None:
        raise NietGevonden
    velden = _velden(oproep, found.verschil)
    where = f"{velden['adres']}/regels"
    detail = Verschildetail(
        **velden,
        verdeling=_verdeling(*found.gronden),
        gronden=[_grond(oproep, one, where) for one in found.gronden],
        declaraties=[
            Verschildeclaratie(
                declaratienummer=one.declaratienummer,
                ingediend=one.ingediend,
                toegekend=one.toegekend,
                adres=_adres(oproep, DECLARATIE, one.inbox_id),
            )
            for one in found.declaraties
        ],
        regels=where,
    )
    return Uitkomst(detail)


def regels(oproep: Oproep) -> Uitkomst:
    """The rejected lines behind a gap."""
    gat, vraag = _gat(oproep), oproep.zoek
    lot = None if vraag.stand is None else LOTEN[vraag.stand]
    codes = () if vraag.retourcodes is None else tuple(vraag.retourcodes.split(","))
    store = oproep.verzoek.omgeving.store.vandaag
    filter_ = Afwijzingfilter(lot, codes)
    blad = store.afgewezen(oproep.bereik, gat, filter_, vraag.omvang, vraag.vanaf)
    for one in blad.rijen:
        oproep.verzoek.toont(gat.gemeente, [one.client])
    shown = [_regel(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Verschilregels, shown, blad)


def _gat(oproep: Oproep) -> Gat:
    """The gap in the address; raises NietGevonden for none that may be seen."""
    partij_id, month = nummer_van(oproep, VERSCHIL)
    store, maand = oproep.verzoek.omgeving.store.vandaag, f"{month // 100:04}-{month % 100:02}"
    found = store.verschil(oproep.bereik, partij_id, maand)
    if found is None:
        raise NietGevonden
    return found


def _velden(oproep: Oproep, gat: Gat) -> dict[str, Any]:
    month = int(gat.maand.replace("-", ""))
    own = kenmerk(oproep.verzoek.omgeving, VERSCHIL, gat.partij_id, month)
    return {
        "id": own,
        "gemeente": gat.gemeente,
        "wet": gat.wet,
        "aanbieder": gat.aanbieder,
        "maand": gat.maand,
        "aantal_declaraties": gat.declaraties,
        "ingediend": gat.ingediend,
        "toegekend": gat.toegekend,
        "verschil": gat.afgewezen,
        "adres": adres("verschillen", own),
    }


def _grond(oproep: Oproep, grond: Afwijzingsgrond, regels: str) -> Verschilgrond:
    oorzaak = _adres(oproep, OORZAAK, grond.oorzaak_id)
    return Verschilgrond(
        retourcodes=list(grond.retourcodes),
        teksten=[_tekst(oproep, code) for code in grond.retourcodes],
        aantal_regels=grond.regels,
        bedrag=grond.bedrag,
        verdeling=_verdeling(grond),
        open_regels=grond.open,
        regels=f"{regels}?retourcodes={','.join(grond.retourcodes)}",
        oorzaak=oorzaak,
        bevindingen=None if oorzaak is None else f"{oorzaak}/bevindingen",
    )


def _tekst(oproep: Oproep, code: str) -> Codetekst:
    tekst = oproep.verzoek.omgeving.teksten.of(code)
    return Codetekst(
        retourcode=code,
        wat=None if tekst is None else tekst.wat,
        doe=None if tekst is None else tekst.doe,
    )


def _verdeling(*gronden: Afwijzingsgrond) -> Verdeling:
    return Verdeling(
        later_toegekend=sum(one.later for one in gronden),
        niet_meer_gevraagd=sum(one.vervallen for one in gronden),
        afgehandeld=sum(one.afgehandeld for one in gronden),
        nog_open=sum(one.open_bedrag for one in gronden),
    )


def _regel(oproep: Oproep, one: Afgewezenregel) -> Verschilregel:
    later = one.latere
    return Verschilregel(
        referentienummer=one.referentienummer,
        declaratienummer=one.declaratienummer,
        productcode=one.productcode,
        retourcodes=list(one.retourcodes),
        bedrag=one.bedrag,
        later_toegekend=one.later,
        rest=one.bedrag - one.later,
        stand=STANDEN[one.stand],
        regel=_adres(oproep, REGEL, one.inbox_id, one.regelnr),
        declaratie=_adres(oproep, DECLARATIE, one.inbox_id),
        bevinding=_adres(oproep, BEVINDING, one.bevinding_id),
        oorzaak=_adres(oproep, OORZAAK, one.oorzaak_id),
        beoordeling=_adres(oproep, BESLUIT, one.besluit_id),
        latere_regel=None
        if later is None
        else _adres(oproep, REGEL, later.inbox_id, later.regelnr),
    )


_PLAATSEN = {
    DECLARATIE: "declaraties",
    REGEL: "regels",
    OORZAAK: "oorzaken",
    BEVINDING: "bevindingen",
    BESLUIT: "beoordelingen",
}


def _adres(oproep: Oproep, soort: str, nummer: int | None, deel: int = 0) -> Any:
    """Where a thing is, None for nothing."""
    if nummer is None:
        return None
    return adres(_PLAATSEN[soort], kenmerk(oproep.verzoek.omgeving, soort, nummer, deel))


_GROEP = "verschillen"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verschillen",
        naam="zoekVerschillen",
        groep=_GROEP,
        titel="Wat aanbieders per maand minder kregen dan gevraagd",
        rechten=ZIEN,
        doe=verschillen,
        zoek=Verschilvraag,
        antwoord=Verschillen,
        handeling="verschil per maand bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verschillen/{kenmerk}",
        naam="toonVerschil",
        groep=_GROEP,
        titel="Waardoor een aanbieder in een maand minder kreeg",
        uitleg=(
            "Wat later is toegekend, niet meer gevraagd, afgehandeld en nog open, is samen het "
            "hele verschil. Ga verder bij de regels van een grond, of bij de bevindingen van zijn "
            "oorzaak."
        ),
        rechten=ZIEN,
        doe=verschil,
        antwoord=Verschildetail,
        handeling="verschil per maand bekijken",
    ),
    Eindpunt(
        methode="GET",
        pad="/verschillen/{kenmerk}/regels",
        naam="geefRegelsVanVerschil",
        groep=_GROEP,
        titel="De afgewezen regels achter een verschil",
        uitleg=(
            "Een regel die is gevallen met haar cliënt, heeft de bevinding op die cliënt: zij "
            "staat dan wel hier, en niet bij de regel zelf."
        ),
        rechten=ZIEN,
        doe=regels,
        zoek=Verschilregelvraag,
        antwoord=Verschilregels,
        handeling="verschil per maand bekijken",
    ),
)
