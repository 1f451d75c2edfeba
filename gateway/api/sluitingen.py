"""Sluitingen: the proofs that a year closes, and the lines behind an amount."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import Wet, adres, kenmerk
from gateway.errors import NietGevonden, VerzoekGeweigerd
from gateway.http.klein import cijferbereik
from gateway.http.prognoses import year_of
from gateway.http.sluitingen import clients_in, groups_for, regelvraag, sluiting_van
from gateway.http.taken import Taak
from gateway.ledger.sluiting.bewijs import Bewijs, Post, Sluiting
from gateway.ledger.sluiting.regels import Sluitregel, counts
from gateway.store.sluiting.regelblad import Regelblad
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

WAIT_SECONDS = 30
Agb = Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$", description="Alleen deze aanbieder.")]
Code = Annotated[str, msgspec.Meta(description="Alleen deze gemeente (CBS-code).")]


class Gemeentevraag(Invoer, frozen=True, kw_only=True):
    """Van welke gemeente; zonder is dat alles wat de sleutel mag zien.

    Wie geen cliënten mag zien, krijgt nooit een gemeente naast alle gemeenten samen.
    """

    gemeente: Code | None = None


class Sluitregelvraag(Bladvraag, frozen=True, kw_only=True):
    """De regels achter welk bewijs."""

    bewijs: Annotated[str, msgspec.Meta(description="De code van een bewijs dat regels heeft.")]
    gemeente: Code | None = None
    aanbieder: Agb | None = None
    aan: Annotated[
        str | None,
        msgspec.Meta(description="Alleen wat met deze gemeente (CBS-code) is verrekend."),
    ] = None


class Sluitpost(Vorm, frozen=True, kw_only=True):
    """Een bedrag aan een kant van een bewijs, in eurocenten."""

    kant: Literal["links", "rechts"]
    naam: str
    bedrag: int


class Sluitgroep(Vorm, frozen=True, kw_only=True):
    """Een groep, met beide kanten in eurocenten; de sleutel is op volgorde van `per`."""

    sleutel: list[str]
    links: int
    rechts: int
    verschil: int


class Sluitbewijs(Vorm, frozen=True, kw_only=True):
    """Twee kanten die gelijk moeten zijn, in eurocenten."""

    code: str
    wat: str
    per: list[str]
    links: int
    rechts: int
    verschil: Annotated[int, msgspec.Meta(description="Van alle groepen, elk zonder teken.")]
    klopt: bool
    heeft_regels: bool
    posten: list[Sluitpost]
    groepen: Annotated[
        list[Sluitgroep] | None,
        msgspec.Meta(description="Leeg als zij over te weinig cliënten kunnen gaan."),
    ]
    fouten: list[str]


class Jaarsluiting(Vorm, frozen=True, kw_only=True):
    """Of een jaar op de cent sluit."""

    jaar: int
    gemeenten: list[str]
    nagerekend_op: datetime
    sluit: bool
    bewijzen: list[Sluitbewijs]


class Bedragregel(Vorm, frozen=True, kw_only=True):
    """Een regel van een declaratie of een factuur, en wat hij meetelt. In eurocenten."""

    adres: Annotated[str, msgspec.Meta(description="Van de regel, of van de factuur.")]
    gemeente: str
    wet: Wet
    aanbieder: str
    declaratienummer: Annotated[str, msgspec.Meta(description="Of het factuurnummer.")]
    referentienummer: Annotated[str, msgspec.Meta(description="Of het nummer in de factuur.")]
    toewijzingnummer: int | None
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    telt_mee: int
    jaren: Annotated[
        dict[str, int],
        msgspec.Meta(
            description=(
                "Wat ervan bij elk jaar hoort, naar dagen; van een startdeel bij `overlopend` en "
                "`lasten` naar de dagen van het traject."
            )
        ),
    ]
    stand: str
    betaling: Annotated[str | None, msgspec.Meta(description="Het kenmerk van de betaling.")]


class Bedragregels(Lijst, frozen=True, kw_only=True):
    """De regels achter een bedrag."""

    jaar: int
    bewijs: str
    resultaten: list[Bedragregel]


def een(oproep: Oproep) -> Uitkomst:
    """How a year closes."""
    vraag: Gemeentevraag = oproep.zoek
    bereik = _bereik(oproep, vraag.gemeente)
    taak = _geteld(oproep, bereik)
    found: Sluiting = taak.uitkomst
    return Uitkomst(
        Jaarsluiting(
            jaar=found.jaar,
            gemeenten=list(found.gemeenten),
            nagerekend_op=taak.begonnen,
            sluit=found.klopt,
            bewijzen=[_bewijs(oproep, bereik, one) for one in found.bewijzen],
        )
    )


def regels(oproep: Oproep) -> Uitkomst:
    """The lines behind an amount."""
    vraag: Sluitregelvraag = oproep.zoek
    verzoek, bereik = oproep.verzoek, _bereik(oproep, vraag.gemeente)
    if not verzoek.mag(Recht.GELD_ZIEN):
        raise NietGevonden
    sluiting: Sluiting = _geteld(oproep, oproep.bereik).uitkomst
    own = Bereik(bereik.gemeenten, vraag.aanbieder)
    asked = regelvraag(verzoek, sluiting, vraag.bewijs, own, vraag.aan)
    blad = Regelblad(verzoek.omgeving.store.database).blad(asked, vraag.omvang, vraag.vanaf)
    for gemeente in sorted({one.gemeente for one in blad.rijen}):
        verzoek.toont(gemeente, clients_in(blad.rijen, gemeente))
    shown = [_regel(oproep, asked.soort, asked.jaar, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Bedragregels, shown, blad, jaar=sluiting.jaar, bewijs=vraag.bewijs)


def _bereik(oproep: Oproep, gemeente: str | None) -> Bereik:
    return cijferbereik(oproep.verzoek, oproep.bereik, gemeente or "")


def _geteld(oproep: Oproep, bereik: Bereik) -> Taak:
    """What was counted; raises VerzoekGeweigerd (503) while it is not there yet."""
    omgeving = oproep.verzoek.omgeving
    jaar = year_of(omgeving, oproep.verzoek.vraag.delen["jaar"])
    taak = sluiting_van(omgeving, bereik, jaar)
    if taak is None:
        told = "het jaar wordt nog nagerekend; vraag het straks opnieuw"
        raise VerzoekGeweigerd(503, told, retry_after=WAIT_SECONDS)
    return taak


def _bewijs(oproep: Oproep, bereik: Bereik, one: Bewijs) -> Sluitbewijs:
    groepen = groups_for(oproep.verzoek, bereik, one)
    return Sluitbewijs(
        code=one.code,
        wat=one.wat,
        per=list(one.per),
        links=one.links_bedrag,
        rechts=one.rechts_bedrag,
        verschil=one.verschil,
        klopt=one.klopt,
        heeft_regels=one.regels is not None,
        posten=[*_posten("links", one.links), *_posten("rechts", one.rechts)],
        groepen=None
        if groepen is None
        else [
            Sluitgroep(
                sleutel=list(groep.sleutel),
                links=groep.links,
                rechts=groep.rechts,
                verschil=groep.verschil,
            )
            for groep in groepen
        ],
        fouten=list(one.fouten),
    )


def _posten(kant: Literal["links", "rechts"], posten: Sequence[Post]) -> Sequence[Sluitpost]:
    return [Sluitpost(kant=kant, naam=one.naam, bedrag=one.totaal) for one in posten]


def _regel(oproep: Oproep, soort: str, jaar: int, one: Sluitregel) -> Bedragregel:
    return Bedragregel(
        adres=adres(
            "regels" if one.factuur is None else "facturen",
            kenmerk(oproep.verzoek.omgeving, *one.bron),
        ),
        gemeente=one.gemeente,
        wet=one.wet,  # type: ignore[arg-type]
        aanbieder=one.aanbieder,
        declaratienummer=one.declaratienummer,
        referentienummer=one.referentienummer,
        toewijzingnummer=one.toewijzingnummer,
        productcode=one.productcode,
        begindatum=one.begindatum,
        einddatum=one.einddatum,
        bedrag=one.bedrag,
        telt_mee=counts(soort, one, jaar),
        jaren={str(year): cents for year, cents in one.jaren.items()},
        stand=one.stand,
        betaling=one.betaling,
    )


_GROEP = "sluitingen"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/sluitingen/{jaar}",
        naam="geefSluiting",
        groep=_GROEP,
        titel="Of een jaar op de cent sluit",
        uitleg=(
            "Wordt hoogstens eens per uur nagerekend; `nagerekendOp` zegt wanneer. Zolang er niets "
            "is: 503."
        ),
        rechten=(Recht.GELD_ZIEN,),
        doe=een,
        zoek=Gemeentevraag,
        antwoord=Jaarsluiting,
        fouten=(404, 422, 503),
    ),
    Eindpunt(
        methode="GET",
        pad="/sluitingen/{jaar}/regels",
        naam="geefRegelsVanSluiting",
        groep=_GROEP,
        titel="De regels achter een bedrag",
        uitleg="Wat zij meetellen, is samen de linkerkant van het bewijs.",
        rechten=(Recht.WERK_ZIEN,),
        doe=regels,
        zoek=Sluitregelvraag,
        antwoord=Bedragregels,
        fouten=(404, 422, 503),
        handeling="regels achter een bedrag bekijken",
    ),
)
