"""Correcties: what an aanbieder can put right, and the 323 that does so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.woorden import REGEL, Wet, adres, kenmerk
from gateway.ledger.correctie.bericht import Berichtnummers
from gateway.ledger.correctie.regels import (
    Bron,
    Correctie,
    Onmogelijk,
    credit_of,
    debet_of,
)
from gateway.ledger.correctie.rijen import line_of, referentie
from gateway.pipeline.correctie.vraag import Correctievraag
from gateway.pipeline.kennis import dag_van
from gateway.records.declaratie import Prestatie
from gateway.toegang.rechten import Recht
from gateway.werk.eigen_correctie import Plek, overview, question, wijze_of
from gateway.werk.maanden import month_of

ZIEN = (Recht.EIGEN_ZIEN,)
SHOWN = 1_000
Redenwoord = Literal["afgewezen", "tarief", "toewijzing"]
_REDEN = msgspec.Meta(
    description=(
        "afgewezen: afgewezen regels opnieuw indienen. tarief: toegekende regels waarvan de juiste "
        "prijs nu een andere is. toewijzing: toegekende regels die door een latere 301 buiten hun "
        "toewijzing vallen."
    )
)
_MAAND = msgspec.Meta(pattern=r"^\d{4}-\d{2}$", description="Een maand als 2026-01.")
_CODES = msgspec.Meta(
    description="Alleen afgewezen regels met een van deze retourcodes, met komma's ertussen."
)
_INKORTEN = msgspec.Meta(
    description=(
        "Kort een periode in tot die van de toewijzing. Alleen goed als al het volume daarbinnen "
        "is geleverd."
    )
)


class Correctiezoek(Invoer, frozen=True, kw_only=True):
    """Which lines are looked at."""

    gemeente: str
    wet: Wet
    reden: Annotated[Redenwoord, _REDEN]
    van: Annotated[str, _MAAND]
    tot: Annotated[str, _MAAND]
    codes: Annotated[str, _CODES] = ""
    inkorten: Annotated[bool, _INKORTEN] = False


class Correctieopdracht(Correctiezoek, frozen=True, kw_only=True):
    """The same with the numbers that the aanbieder gives its message."""

    identificatie: Annotated[str, msgspec.Meta(description="Identificatie van het bericht.")]
    declaratienummer: str
    referentiebegin: Annotated[
        str, msgspec.Meta(description="Begin van de ReferentieNummers; er komt een getal achter.")
    ]
    maand: Annotated[str, _MAAND]
    dagtekening: Annotated[date | None, msgspec.Meta(description="Leeg: vandaag.")] = None


class Correctieregel(Vorm, frozen=True, kw_only=True):
    """Een regel zoals hij er staat, of zoals u hem verstuurt. Bedragen in eurocenten."""

    referentienummer: str | None
    vorig_referentienummer: str | None
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    geleverd_volume: int
    eenheid: str
    producttarief: int | None
    ingediend_bedrag: int
    debet_credit: str


class Correctievoorstel(Vorm, frozen=True, kw_only=True):
    """Een regel met wat u verstuurt om hem te corrigeren: eerst de credit, dan de debet."""

    declaratienummer: str
    regelnummer: int
    referentienummer: str
    waarom: str
    cel: str
    verschil: int
    oud: Correctieregel
    credit: Correctieregel | None
    debet: Correctieregel | None
    adres: str


class NietTeCorrigeren(Vorm, frozen=True, kw_only=True):
    """Een regel die u zelf moet bekijken, met de reden."""

    declaratienummer: str
    regelnummer: int
    referentienummer: str
    reden: str
    adres: str


class Correctieblad(Vorm, frozen=True, kw_only=True):
    """Wat er te corrigeren is. Van elk soort staan hier hoogstens de eerste duizend."""

    regels: Annotated[int, msgspec.Meta(description="Hoeveel regels te corrigeren zijn.")]
    verschil: Annotated[int, msgspec.Meta(description="Wat u daarmee meer krijgt, in eurocenten.")]
    voorstellen: list[Correctievoorstel]
    niet_te_corrigeren: list[NietTeCorrigeren]
    niet_te_corrigeren_aantal: int


class Correctiebericht(Vorm, frozen=True, kw_only=True):
    """De 323 met correcties; er is niets verstuurd. Wat er niet in kon, staat erbij."""

    bericht: Annotated[
        str | None, msgspec.Meta(description="De XML, leeg als er niets te corrigeren is.")
    ]
    regels: Annotated[int, msgspec.Meta(description="Regels in het bericht.")]
    correcties: int
    totaal: Annotated[int, msgspec.Meta(description="TotaalIngediendBedrag in eurocenten.")]
    niet_te_corrigeren: list[NietTeCorrigeren]
    niet_te_corrigeren_aantal: int
    meer: Annotated[bool, msgspec.Meta(description="Of er meer is dan in één bericht past.")]


def voorstellen(oproep: Oproep) -> Uitkomst:
    """What can be corrected, and what cannot."""
    found = overview(_plek(oproep).search(_vraag(oproep, oproep.zoek)), SHOWN)
    _note(oproep, oproep.zoek.gemeente, found.lines)
    return Uitkomst(
        Correctieblad(
            regels=found.som.regels,
            verschil=found.som.verschil,
            voorstellen=[_voorstel(oproep, one) for one in found.correcties],
            niet_te_corrigeren=[_niet(oproep, one) for one in found.onmogelijk],
            niet_te_corrigeren_aantal=found.anders,
        )
    )


def bericht(oproep: Oproep) -> Uitkomst:
    """The message; nothing is kept or sent."""
    vraag: Correctieopdracht = oproep.inhoud
    nummers = Berichtnummers(
        identificatie=vraag.identificatie,
        declaratienummer=vraag.declaratienummer,
        referentiebegin=vraag.referentiebegin,
        maand=month_of(vraag.maand),
        dagtekening=vraag.dagtekening or dag_van(oproep.verzoek.omgeving.clock()),
    )
    gemaakt = _plek(oproep).message(_vraag(oproep, vraag), nummers)
    made, shown = gemaakt.bericht, gemaakt.onmogelijk[:SHOWN]
    _note(oproep, vraag.gemeente, (*made.regels, *(one.oud for one in shown)))
    return Uitkomst(
        Correctiebericht(
            bericht=None if made.body is None else made.body.decode(),
            regels=len(made.regels),
            correcties=len(made.correcties),
            totaal=made.totaal,
            niet_te_corrigeren=[_niet(oproep, one) for one in shown],
            niet_te_corrigeren_aantal=len(gemaakt.onmogelijk),
            meer=gemaakt.meer,
        )
    )


def _plek(oproep: Oproep) -> Plek:
    omgeving = oproep.verzoek.omgeving
    return Plek(omgeving.store, omgeving.kennis, omgeving.kennis_van, omgeving.clock())


def _vraag(oproep: Oproep, zoek: Correctiezoek) -> Correctievraag:
    codes = [code.strip() for code in zoek.codes.split(",")]
    wijze = wijze_of(zoek.reden, codes, inkorten=zoek.inkorten)
    return question(oproep.bereik, zoek.gemeente, zoek.wet, (zoek.van, zoek.tot), wijze)


def _note(oproep: Oproep, gemeente: str, lines: Iterable[Prestatie]) -> None:
    """Whose lines are shown goes into the log."""
    fingerprint = oproep.verzoek.omgeving.store.fingerprint
    oproep.verzoek.toont(gemeente, [fingerprint(bsn) for bsn in {line.bsn for line in lines}])


def _voorstel(oproep: Oproep, one: Correctie) -> Correctievoorstel:
    credit = correctieregel(credit_of(one.oud)) if one.toegekend else None
    return Correctievoorstel(
        declaratienummer=one.bron.declaratienummer,
        regelnummer=one.bron.regelnr,
        referentienummer=referentie(one.oud),
        waarom=one.waarom,
        cel=one.cel,
        verschil=one.verschil,
        oud=correctieregel(one.oud),
        credit=credit,
        debet=None if one.nieuw is None else correctieregel(debet_of(one.nieuw)),
        adres=_adres(oproep, one.bron),
    )


def _niet(oproep: Oproep, one: Onmogelijk) -> NietTeCorrigeren:
    return NietTeCorrigeren(
        declaratienummer=one.bron.declaratienummer,
        regelnummer=one.bron.regelnr,
        referentienummer=referentie(one.oud),
        reden=one.reden,
        adres=_adres(oproep, one.bron),
    )


def correctieregel(line: Prestatie) -> Correctieregel:
    """A line as it stands, or as it is sent; never with its client."""
    return msgspec.convert(line_of(line), Correctieregel)


def _adres(oproep: Oproep, bron: Bron) -> str:
    return adres("regels", kenmerk(oproep.verzoek.omgeving, REGEL, bron.inbox_id, bron.regelnr))


_GROEP = "correcties"
EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/correcties",
        naam="geefCorrecties",
        groep=_GROEP,
        titel="Wat u kunt corrigeren",
        uitleg=(
            "Alleen wat u zelf hebt gedeclareerd, met de prijzen en toewijzingen van nu. Voor een "
            "toegekende regel krijgt u de credit en de nieuwe debet; een afgewezen regel hebt u "
            "niet te crediteren."
        ),
        rechten=ZIEN,
        doe=voorstellen,
        zoek=Correctiezoek,
        antwoord=Correctieblad,
        handeling="correcties ingezien",
        budget="export",
    ),
    Eindpunt(
        methode="POST",
        pad="/correcties",
        naam="maakCorrectiebericht",
        groep=_GROEP,
        titel="Een 323 met correcties maken",
        uitleg=(
            "De nummers geeft u zelf. De gateway houdt het bericht tegen alles wat hij weet: wat "
            "zou worden afgewezen, gaat er met zijn credit uit en staat in nietTeCorrigeren. Er "
            "wordt niets verstuurd en niets bewaard. In het bericht staan de BSN's van uw cliënten."
        ),
        rechten=ZIEN,
        doe=bericht,
        inhoud=Correctieopdracht,
        antwoord=Correctiebericht,
        fouten=(400, 403, 422),
        handeling="correctiebericht gemaakt",
        soort="E",
        budget="export",
    ),
)
