"""The obligations of one group, assignment by assignment."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from gateway.api.eindpunt import Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import BERICHT, TOEWIJZING, Wet, adres, kenmerk
from gateway.errors import NietGevonden, NietToegestaan
from gateway.http.prognoses import year_of
from gateway.ledger.geld.opname import BEDRAGEN
from gateway.ledger.geld.verplichting import Groep, Peil, Verplichting, Vrijval
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.toewijzingenblad import Bladlezer, Toewijzingenblad
from gateway.toegang.rechten import Recht

# Assignments are of clients: who sees those, and money, sees what they oblige to.
ZIEN = (Recht.WERK_ZIEN,)


class Toewijzinggroepvraag(Bladvraag, frozen=True, kw_only=True):
    """Van welke groep, en van welk jaar."""

    wet: Annotated[Wet, msgspec.Meta(description="Onder welke wet.")]
    categorie: Annotated[
        str,
        msgspec.Meta(description="De productcategorie; generiek voor toewijzingen zonder."),
    ]
    aanbieder: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")], msgspec.Meta(description="De AGB-code.")
    ]
    gemeente: Annotated[
        Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")],
        msgspec.Meta(description="De gemeentecode."),
    ]
    jaar: Annotated[
        int | None, msgspec.Meta(description="Jaar van levering; zonder is dat dit jaar.")
    ] = None


class Vrijgevallen(Vorm, frozen=True, kw_only=True):
    """Wat niet meer verplicht is: kleiner, ingetrokken, gestopt of niet meer te declareren."""

    soort: str
    datum: date
    bedrag: int
    bericht: Annotated[
        str | None,
        msgspec.Meta(
            description="Waar het bericht staat waardoor het vrijviel; leeg als het door de tijd "
            "niet meer te declareren is."
        ),
    ]


class Toewijzingverplichting(Vorm, frozen=True, kw_only=True):
    """Een toewijzing in een jaar. Bedragen in eurocenten."""

    toewijzingnummer: int
    toewijzing: Annotated[str, msgspec.Meta(description="Waar de toewijzing staat.")]
    ingangsdatum: date
    einddatum: date | None
    verplicht: int
    gerealiseerd: int
    verwacht: int
    vrijgevallen: int
    boven: int
    zonder_prijs: bool
    vrijval: list[Vrijgevallen]


class Buitenverkeer(Vorm, frozen=True, kw_only=True):
    """Een toewijzing met de hand, of een factuur zonder toewijzing. Bedragen in eurocenten."""

    handtoewijzing: Annotated[int | None, msgspec.Meta(description="Leeg bij alleen facturen.")]
    verplicht: int
    gerealiseerd: int
    verwacht: int
    vrijgevallen: int
    boven: int
    zonder_prijs: bool


class Toewijzingverplichtingen(Lijst, frozen=True, kw_only=True):
    """De toewijzingen van een groep die in het jaar lopen, de laatst ontvangen vooraan."""

    jaar: int
    resultaten: list[Toewijzingverplichting]
    buiten: Annotated[
        list[Buitenverkeer],
        msgspec.Meta(description="Wat buiten het berichtenverkeer is; op het eerste blad."),
    ]


def toewijzingen(oproep: Oproep) -> Uitkomst:
    """Assignments with what they oblige to."""
    vraag: Toewijzinggroepvraag = oproep.zoek
    verzoek, omgeving = oproep.verzoek, oproep.verzoek.omgeving
    if not verzoek.mag(Recht.GELD_ZIEN):
        raise NietToegestaan
    if vraag.gemeente not in oproep.bereik.gemeenten:
        raise NietGevonden
    groep = Groep(vraag.wet, vraag.categorie, vraag.aanbieder, vraag.gemeente)
    peil = Peil(dag_van(omgeving.clock()), year_of(omgeving, vraag.jaar))
    lezer = Bladlezer(
        omgeving.store.database, oproep.bereik, omgeving.kennis.overeenkomsten, peil, groep
    )
    found = lezer.blad(vraag.omvang, vraag.vanaf)
    buiten = lezer.buiten() if vraag.vanaf is None else []
    clients = [one.toegewezen.client for one in (*found.blad.rijen, *buiten)]
    verzoek.toont(groep.gemeente, [one for one in clients if one is not None])
    shown = [_shown(oproep, one, found) for one in found.blad.rijen]
    return blad_uitkomst(
        oproep,
        Toewijzingverplichtingen,
        shown,
        found.blad,
        jaar=peil.jaar,
        buiten=list(map(_outside, buiten)),
    )


def _outside(een: Verplichting) -> Buitenverkeer:
    return Buitenverkeer(
        handtoewijzing=een.toegewezen.nummer or None,
        **{name: getattr(een, name) for name in (*BEDRAGEN, "zonder_prijs")},
    )


def _shown(oproep: Oproep, een: Verplichting, found: Toewijzingenblad) -> Toewijzingverplichting:
    own, product = een.toegewezen, een.toegewezen.versies[-1].product
    naar = kenmerk(oproep.verzoek.omgeving, TOEWIJZING, own.nummer, own.partij)
    return Toewijzingverplichting(
        toewijzingnummer=own.nummer,
        toewijzing=adres("toewijzingen", naar),
        ingangsdatum=product.ingangsdatum,
        einddatum=product.einddatum,
        verplicht=een.verplicht,
        gerealiseerd=een.gerealiseerd,
        verwacht=een.verwacht,
        vrijgevallen=een.vrijgevallen,
        boven=een.boven,
        zonder_prijs=een.zonder_prijs,
        vrijval=[_released(oproep, one, found) for one in een.vrijval],
    )


def _released(oproep: Oproep, one: Vrijval, found: Toewijzingenblad) -> Vrijgevallen:
    inbox_id = found.message_of(one)
    bericht = None
    if inbox_id is not None:
        bericht = adres("berichten", kenmerk(oproep.verzoek.omgeving, BERICHT, inbox_id))
    return Vrijgevallen(soort=one.soort, datum=one.datum, bedrag=one.bedrag, bericht=bericht)


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/verplichtingen/toewijzingen",
        naam="geefVerplichtingenPerToewijzing",
        groep="verplichtingen",
        titel="De toewijzingen achter een groep",
        uitleg="Met wat er vrijviel, wanneer en door welk bericht.",
        rechten=ZIEN,
        doe=toewijzingen,
        zoek=Toewijzinggroepvraag,
        antwoord=Toewijzingverplichtingen,
        fouten=(404, 422),
        handeling="verplichtingen per toewijzing bekijken",
    ),
)
