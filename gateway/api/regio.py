"""How care goes in a region, without a client to be seen, and the questions before next year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.errors import NietGevonden, VerzoekGeweigerd
from gateway.http.klein import regiobereik
from gateway.http.regio import JAREN, regiotaak
from gateway.ledger.regio.lijst import Lijst, lists_of
from gateway.ledger.regio.rapport import Jaarcijfers, Regiocijfers
from gateway.ledger.regio.telling import Veld
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.ledger.regio.vragen import answers
from gateway.toegang.rechten import Recht

ZIEN = (Recht.STURING_ZIEN,)
RETRY_SECONDS, INDEXATIE = 30, 300

Gemeentecode = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]
Kolomsoort = Literal["tekst", "gemeente", "aantal", "euro", "procent", "tiende", "dagen"]


class Kolom(Vorm, frozen=True, kw_only=True):
    """Een kolom. Een euro is in centen, een procent en een tiende zijn in tienden."""

    naam: str
    soort: Kolomsoort


class Cijferlijst(Vorm, frozen=True, kw_only=True):
    """Een lijst met cijfers. Een leeg vak geldt niet, of gaat over te weinig cliënten."""

    code: str
    titel: str
    kolommen: list[Kolom]
    rijen: list[list[str | int | None]]


class Deeltelling(Vorm, frozen=True, kw_only=True):
    """Trajecten die alleen samen worden getoond."""

    trajecten: int
    clienten: int
    toegekend: int


class Regiojaar(Vorm, frozen=True, kw_only=True):
    """De cijfers van een jaar. Bedragen in eurocenten."""

    jaar: int
    gemeenten: list[str]
    peildatum: date
    geteld_op: datetime
    kleinste: Annotated[
        int, msgspec.Meta(description="Over minder cliënten dan dit wordt niets getoond.")
    ]
    verborgen: Annotated[int, msgspec.Meta(description="Hoeveel vakken niet worden getoond.")]
    trajecten: Annotated[int | None, msgspec.Meta(description="Die in de tabellen staan.")]
    clienten: int | None
    toegekend: int | None
    niet_verdeeld: Annotated[
        Deeltelling | None,
        msgspec.Meta(
            description="Wat in geen enkele tabel staat, omdat het over te weinig cliënten gaat."
        ),
    ]
    toegekend_daarbuiten: Annotated[
        int | None, msgspec.Meta(description="Toegekend op geen traject van dit jaar.")
    ]
    lijsten: list[Cijferlijst]


class Antwoord(Vorm, frozen=True, kw_only=True):
    """Het antwoord op een vraag, in een zin en in cijfers."""

    vraag: str
    antwoord: str
    uitleg: str
    cijfers: Cijferlijst


class Antwoorden(Vorm, frozen=True, kw_only=True):
    """De vragen van een regio voordat zij de tarieven van het volgende jaar vaststelt."""

    jaar: int
    gemeenten: list[str]
    geteld_op: datetime
    resultaten: list[Antwoord]


class Regiovraag(Invoer, frozen=True, kw_only=True):
    """Of which year, and of whom."""

    jaar: Annotated[
        Annotated[int, msgspec.Meta(ge=2015, le=2100)] | None,
        msgspec.Meta(description="Dit jaar of het vorige. Zonder: dit jaar."),
    ] = None
    gemeente: Annotated[
        Gemeentecode | None,
        msgspec.Meta(
            description="Voor wie niet alle gemeenten ziet: van welke gemeente. Wie ze alle ziet, "
            "krijgt de cijfers van alle samen."
        ),
    ] = None


class Vragenvraag(Regiovraag, frozen=True, kw_only=True):
    """The same, with a rise of tariffs."""

    indexatie: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=10_000)],
        msgspec.Meta(description="De stijging in honderdsten van een procent; 350 is 3,5%."),
    ] = INDEXATIE


def regio(oproep: Oproep) -> Uitkomst:
    """All figures of a year."""
    cijfers, nu, _, geteld = _years(oproep)
    totaal = nu.totaal
    filled = totaal is not None and totaal.trajecten > 0
    return Uitkomst(
        Regiojaar(
            jaar=nu.jaar,
            gemeenten=list(cijfers.gemeenten),
            peildatum=cijfers.vandaag,
            geteld_op=geteld,
            kleinste=KLEINSTE,
            verborgen=nu.verborgen,
            trajecten=None if totaal is None else totaal.trajecten,
            clienten=None if totaal is None else totaal.clienten,
            toegekend=None if totaal is None else totaal.bedrag,
            niet_verdeeld=_part(nu.rest),
            toegekend_daarbuiten=None if totaal is None else nu.los,
            lijsten=list(map(_lijst, lists_of(nu) if filled else ())),
        )
    )


def _part(veld: Veld) -> Deeltelling | None:
    if not veld.clienten:
        return None
    return Deeltelling(trajecten=veld.trajecten, clienten=veld.clienten, toegekend=veld.bedrag)


def vragen(oproep: Oproep) -> Uitkomst:
    """The questions with their answers."""
    vraag: Vragenvraag = oproep.zoek
    cijfers, nu, vorig, geteld = _years(oproep)
    found = [
        Antwoord(vraag=one.vraag, antwoord=one.zin, uitleg=one.uitleg, cijfers=_lijst(one.lijst))
        for one in answers(nu, vorig, vraag.indexatie)
    ]
    gemeenten = list(cijfers.gemeenten)
    return Uitkomst(
        Antwoorden(jaar=nu.jaar, gemeenten=gemeenten, geteld_op=geteld, resultaten=found)
    )


def _years(oproep: Oproep) -> tuple[Regiocijfers, Jaarcijfers, Jaarcijfers | None, datetime]:
    """The year that is asked for and the one before; refuses while they are counted."""
    vraag: Regiovraag = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    bereik = regiobereik(oproep.verzoek, oproep.bereik, vraag.gemeente or "")
    taak = regiotaak(omgeving, bereik)
    if taak is None:
        raise VerzoekGeweigerd(
            503, "de cijfers worden nog geteld; vraag het later weer", retry_after=RETRY_SECONDS
        )
    cijfers: Regiocijfers = taak.uitkomst
    shown = list(cijfers.jaren)[:JAREN]
    jaar = vraag.jaar or shown[0]
    if jaar not in shown:
        raise NietGevonden(f"van {jaar} zijn er geen cijfers; kies {shown[0]} of {shown[-1]}")
    return cijfers, cijfers.jaren[jaar], cijfers.jaren.get(jaar - 1), taak.begonnen


def _lijst(lijst: Lijst) -> Cijferlijst:
    rijen: Sequence[Sequence[str | int | None]] = lijst.rijen
    return Cijferlijst(
        code=lijst.code,
        titel=lijst.titel,
        kolommen=[Kolom(naam=one.naam, soort=one.soort) for one in lijst.kolommen],
        rijen=[list(one) for one in rijen],
    )


_GROEP = "sturing"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/sturing/regio",
        naam="toonRegio",
        groep=_GROEP,
        titel="Hoe de zorg in een regio loopt",
        uitleg=(
            "Mix, duur, prijs, afloop, terugkeer, zwaardere zorg en gebruik per wijk. De cijfers "
            "worden hoogstens twee keer per dag geteld; zijn de eerste er nog niet, dan is het "
            "antwoord 503 met Retry-After."
        ),
        rechten=ZIEN,
        doe=regio,
        zoek=Regiovraag,
        antwoord=Regiojaar,
        fouten=(404,),
    ),
    Eindpunt(
        methode="GET",
        pad="/sturing/regio/vragen",
        naam="geefRegiovragen",
        groep=_GROEP,
        titel="Vragen voordat een regio haar tarieven vaststelt",
        rechten=ZIEN,
        doe=vragen,
        zoek=Vragenvraag,
        antwoord=Antwoorden,
        fouten=(404,),
    ),
)
