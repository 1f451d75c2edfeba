"""Verplichtingen and prognoses: what a year obliges to, what it will cost, and why we think so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.klein import cijferbereik, sees_small
from gateway.http.prognoses import (
    Geteld,
    Rij,
    prognose_van,
    rows_for,
    terugblik_van,
    total_for,
    year_of,
)
from gateway.ledger.geld.aangifte import Tempo
from gateway.ledger.geld.opname import BEDRAGEN, PER
from gateway.ledger.geld.prognose import Groepsprognose
from gateway.ledger.geld.terugblik import Terugblik
from gateway.periods.maandnummers import month_name
from gateway.store.inzage.blad import Blad, read_place, write_place
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

ZIEN = (Recht.GELD_ZIEN,)
_NOT_YET = "de cijfers worden nog geteld; vraag ze straks opnieuw"
WAIT_SECONDS = 30
NA_DAGEN = (31, 61, 92)
Bedrag = Annotated[
    int | None, msgspec.Meta(description="Eurocenten; leeg als het over te weinig cliënten gaat.")
]
Gemeenten = Annotated[
    list[str],
    msgspec.Meta(
        description="Waarover de cijfers gaan. Wie geen cliënten mag zien, krijgt alle gemeenten "
        "samen, of één gemeente als hij ze niet alle ziet; en alleen het totaal."
    ),
]


class Prognosevraag(Bladvraag, frozen=True, kw_only=True):
    """Welk jaar, waarnaar verdeeld, en van welke gemeente."""

    jaar: Annotated[
        int | None, msgspec.Meta(description="Jaar van levering; zonder is dat dit jaar.")
    ] = None
    per: Annotated[
        Literal["wet", "categorie", "aanbieder", "gemeente", "groep"],
        msgspec.Meta(description="Een groep is wet, categorie, aanbieder en gemeente samen."),
    ] = "groep"
    gemeente: Annotated[
        str | None, msgspec.Meta(description="Alleen deze gemeente (CBS-code).")
    ] = None


class Groepsleutel(Vorm, frozen=True, kw_only=True):
    """Waarover een rij gaat; leeg is alles samen."""

    wet: str | None = None
    productcategorie: str | None = None
    aanbieder: str | None = None
    gemeente: str | None = None


class Verplichting(Groepsleutel, frozen=True, kw_only=True):
    """Verplicht is gerealiseerd, verwacht en vrijgevallen samen."""

    toewijzingen: Annotated[
        int | None, msgspec.Meta(description="Leeg als het over te weinig cliënten gaat.")
    ]
    verplicht: Bedrag
    gerealiseerd: Bedrag
    verwacht: Annotated[
        int | None, msgspec.Meta(description="Wat hoogstens nog kan komen, in eurocenten.")
    ]
    vrijgevallen: Bedrag
    boven: Annotated[
        int | None,
        msgspec.Meta(description="Deel van gerealiseerd dat boven een toewijzing uitkomt."),
    ]
    zonder_prijs: Annotated[
        int | None,
        msgspec.Meta(description="Toewijzingen waarvan een maand geen bekende prijs heeft."),
    ]


class Verplichtingen(Lijst, frozen=True, kw_only=True):
    """De verplichtingen van een jaar."""

    jaar: int
    gemeenten: Gemeenten
    geteld_op: datetime
    totaal: Verplichting
    resultaten: list[Verplichting]


class Benutting(Vorm, frozen=True, kw_only=True):
    """Wat in de laatste twaalf hele maanden is toegekend van wat was verplicht."""

    gebruikt: int
    verplicht: int
    gemeten_per: Annotated[
        str, msgspec.Meta(description="aanbieder, categorie, wet, of aanname: niets gemeten.")
    ]


class Prognoserij(Groepsleutel, frozen=True, kw_only=True):
    """De prognose is de som van de vier delen ervoor."""

    gerealiseerd: Bedrag
    nog_te_declareren: Bedrag
    nog_te_leveren: Bedrag
    instroom: Bedrag
    prognose: Bedrag
    benutting: Annotated[
        Benutting | None, msgspec.Meta(description="Alleen bij een rij per groep.")
    ] = None


class Prognosemaand(Vorm, frozen=True, kw_only=True):
    """Een maand van levering. Bedragen in eurocenten."""

    maand: str
    gerealiseerd: int
    nog_te_declareren: int
    nog_te_leveren: int
    instroom: int


class Aangiftetempo(Vorm, frozen=True, kw_only=True):
    """Hoeveel van een maand is gedeclareerd, zoveel dagen na die maand; in duizendsten."""

    wet: str
    productcategorie: str
    na_31_dagen: int
    na_61_dagen: int
    na_92_dagen: int


class Eerdereprognose(Vorm, frozen=True, kw_only=True):
    """Een prognose van vorig jaar met wat toen bekend was, naast wat het werd. In eurocenten."""

    gemaakt_op: date
    jaar: int
    voorspeld: int | None
    werkelijk: int | None
    fout: int | None
    fout_promille: int | None
    opmerking: str


class Prognoses(Lijst, frozen=True, kw_only=True):
    """De prognose van een jaar, met wat eronder ligt."""

    jaar: int
    gemeenten: Gemeenten
    geteld_op: datetime
    totaal: Prognoserij
    maanden: list[Prognosemaand]
    aangifte: list[Aangiftetempo]
    eerdere_prognoses: Annotated[
        list[Eerdereprognose] | None,
        msgspec.Meta(description="Leeg zolang ze nog niet zijn geteld."),
    ]
    resultaten: list[Prognoserij]


class _Cijfers(NamedTuple):
    """What a call is about."""

    bereik: Bereik
    geteld: Geteld
    op: datetime
    blad: Blad[Rij]
    totaal: Rij


def verplichtingen(oproep: Oproep) -> Uitkomst:
    """The obligations of a year."""
    found, per = _found(oproep), oproep.zoek.per
    shown = [_obliged(PER[per], one) for one in found.blad.rijen]
    return blad_uitkomst(
        oproep,
        Verplichtingen,
        shown,
        found.blad,
        jaar=found.geteld.prognose.peil.jaar,
        gemeenten=sorted(found.bereik.gemeenten),
        geteld_op=found.op,
        totaal=_obliged((), found.totaal),
    )


def prognoses(oproep: Oproep) -> Uitkomst:
    """The forecast of a year."""
    found, per = _found(oproep), oproep.zoek.per
    prognose = found.geteld.prognose
    groups = {tuple(one.groep): one for one in prognose.groepen} if per == "groep" else {}
    back = terugblik_van(oproep.verzoek.omgeving, found.bereik)
    sees_all = sees_small(oproep.verzoek, found.bereik)
    return blad_uitkomst(
        oproep,
        Prognoses,
        [_expected(PER[per], one, groups) for one in found.blad.rijen],
        found.blad,
        jaar=prognose.peil.jaar,
        gemeenten=sorted(found.bereik.gemeenten),
        geteld_op=found.op,
        totaal=_expected((), found.totaal, {}),
        maanden=[]
        if not sees_all
        else [
            Prognosemaand(
                maand=month_name(one.maand),
                gerealiseerd=one.gerealiseerd,
                nog_te_declareren=one.geleverd,
                nog_te_leveren=one.komend,
                instroom=one.instroom,
            )
            for one in prognose.maanden
        ],
        aangifte=[_tempo(found.geteld.tempo, *one) for one in found.geteld.tempo.gemeten]
        if sees_all
        else [],
        eerdere_prognoses=None
        if back is None or found.totaal.is_klein
        else list(map(_earlier, back)),
    )


def _found(oproep: Oproep) -> _Cijfers:
    """What was counted; raises VerzoekGeweigerd (503) while it is not there yet."""
    vraag: Prognosevraag = oproep.zoek
    verzoek = oproep.verzoek
    bereik = cijferbereik(verzoek, oproep.bereik, vraag.gemeente or "")
    jaar = year_of(verzoek.omgeving, vraag.jaar)
    taak = prognose_van(verzoek.omgeving, bereik, jaar)
    if taak is None:
        raise VerzoekGeweigerd(503, _NOT_YET, retry_after=WAIT_SECONDS)
    geteld: Geteld = taak.uitkomst
    rows = rows_for(verzoek, bereik, geteld.prognose, vraag.per)
    total = total_for(verzoek, bereik, geteld.prognose)
    blad = _page(sorted(rows, key=lambda one: one.sleutel), vraag)
    return _Cijfers(bereik, geteld, taak.begonnen, blad, total)


def _page(rows: Sequence[Rij], vraag: Prognosevraag) -> Blad[Rij]:
    """A part of what is in memory, in order of key."""
    if vraag.vanaf is not None:
        place = read_place(vraag.vanaf)
        if not all(isinstance(one, str) for one in place):
            raise WrongUse("deze plaats in de lijst bestaat niet")
        rows = [one for one in rows if one.sleutel > tuple(map(str, place))]
    shown, more = rows[: vraag.omvang], rows[vraag.omvang :]
    return Blad(shown, write_place(shown[-1].sleutel) if more else None)


def _key(names: Sequence[str], one: Rij) -> dict[str, Any]:
    told = dict(zip(names, one.sleutel, strict=True))
    if "categorie" in told:
        told["productcategorie"] = told.pop("categorie")
    return told


def _obliged(names: Sequence[str], one: Rij) -> Verplichting:
    counts = ("toewijzingen", *BEDRAGEN, "zonder_prijs")
    amounts = {name: None if name in one.verborgen else getattr(one.som, name) for name in counts}
    return Verplichting(**_key(names, one), **amounts)


def _expected(
    names: Sequence[str], one: Rij, groups: Mapping[tuple[str, ...], Groepsprognose]
) -> Prognoserij:
    own = groups.get(one.sleutel)
    return Prognoserij(
        **_key(names, one),
        **{
            told: None if name in one.verborgen else getattr(one.cijfers, name)
            for told, name in _DELEN.items()
        },
        benutting=None if own is None else _use(own),
    )


_DELEN = {
    "gerealiseerd": "gerealiseerd",
    "nog_te_declareren": "geleverd",
    "nog_te_leveren": "komend",
    "instroom": "instroom",
    "prognose": "prognose",
}


def _use(one: Groepsprognose) -> Benutting:
    deel = one.benutting.deel
    return Benutting(gebruikt=deel.teller, verplicht=deel.noemer, gemeten_per=one.benutting.niveau)


def _tempo(tempo: Tempo, wet: str, categorie: str) -> Aangiftetempo:
    parts = {f"na_{days}_dagen": tempo.na_dagen(wet, categorie, days).promille for days in NA_DAGEN}
    return Aangiftetempo(wet=wet, productcategorie=categorie, **parts)


def _earlier(one: Terugblik) -> Eerdereprognose:
    total = one.totaal if one.is_bekend else None
    return Eerdereprognose(
        gemaakt_op=one.dag,
        jaar=one.jaar,
        voorspeld=total and total.voorspeld,
        werkelijk=total and total.werkelijk,
        fout=total and total.fout,
        fout_promille=total and total.promille,
        opmerking=one.opmerking,
    )


_GROEP = "verplichtingen"
_GETELD = "Wordt hoogstens eens per uur geteld; `geteldOp` zegt wanneer. Zolang er niets is: 503."
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verplichtingen",
        naam="geefVerplichtingen",
        groep=_GROEP,
        titel="Wat een jaar aan verplichtingen heeft",
        uitleg=f"Elke toewijzing is een verplichting. {_GETELD}",
        rechten=ZIEN,
        doe=verplichtingen,
        zoek=Prognosevraag,
        antwoord=Verplichtingen,
        fouten=(404, 422, 503),
    ),
    Eindpunt(
        methode="GET",
        pad="/prognoses",
        naam="geefPrognoses",
        groep=_GROEP,
        titel="Wat een jaar naar verwachting kost",
        uitleg=f"Met de delen waaruit de prognose bestaat, en hoe goed eerdere waren. {_GETELD}",
        rechten=ZIEN,
        doe=prognoses,
        zoek=Prognosevraag,
        antwoord=Prognoses,
        fouten=(404, 422, 503),
    ),
)
