"""A tariff year: a proposal indexed and compared, granted lines priced by it, and publishing it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Literal

import msgspec

from gateway.agreements.gevolg import consequences
from gateway.api.correcties import Correctieregel, correctieregel
from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import REGEL, Wet, adres, kenmerk
from gateway.errors import NietGevonden, WrongUse
from gateway.http.bestand import attachment
from gateway.ledger.correctie.regels import credit_of, debet_of
from gateway.ledger.correctie.rijen import referentie
from gateway.pipeline.grondslag import OVEREENKOMSTEN, Bestand
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask_own
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.werk.correctie import LINES_BESIDE
from gateway.werk.herprijzing import Herprijsd, Herprijsvraag, Herprijzing, herprijs
from gateway.werk.maanden import months_between
from gateway.werk.publiceren import (
    DOEL,
    HANDELING,
    Publicatie,
    folder_of,
    place_of,
    prepared,
    publish,
    refuse_others,
)
from gateway.werk.tariefjaar import Indexwens, indexed
from gateway.werk.wijziging import Wijziging, unchanged, wijziging_of

BEHEREN, WERK = (Recht.BEHEREN,), (Recht.WERK_ZIEN,)
TOML = "application/toml"
BYTES = 2 * 1024 * 1024
_MAAND = msgspec.Meta(pattern=r"^\d{4}-\d{2}$", description="Een maand als 2026-01.")
_BESTAND = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.+-]{0,90}\.toml$",
        description=(
            "Hoe het bestand heet. Het vervangt het bestand met die naam, en anders dat van "
            "dezelfde overeenkomst."
        ),
    ),
]


class Indexopdracht(Invoer, frozen=True, kw_only=True):
    """Hoe er wordt geïndexeerd; percentages zijn teksten als 4.2, en min mag ook."""

    percentage: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    vanaf: Annotated[date, msgspec.Meta(description="De eerste dag van de nieuwe prijzen.")]
    afronden: Annotated[
        Literal[1, 5, 10, 100], msgspec.Meta(description="Op zoveel centen, een half naar boven.")
    ] = 1
    cellen: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=200)], ...],
        msgspec.Meta(
            max_length=500,
            description="Andere percentages, als profiel=1,intensiteit=duurzaam=3.1.",
        ),
    ] = ()
    versie: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    bekendgemaakt: Annotated[date | None, msgspec.Meta(description="Leeg: vandaag.")] = None
    toewijsbaar_tot: date | None = None
    declarabel_tot: date | None = None


class Voorstelvraag(Invoer, frozen=True, kw_only=True):
    """Hoe het bestand heet dat wordt aangeboden."""

    bestand: _BESTAND = "voorstel.toml"


class Publiceervraag(Voorstelvraag, frozen=True, kw_only=True):
    """Wat er wordt gepubliceerd, en of dat ook mag wat het verleden verandert."""

    terugwerkend: Annotated[
        bool,
        msgspec.Meta(description="Ook als de juiste prijs van toegekende regels verandert."),
    ] = False


class Herprijszoek(Bladvraag, frozen=True, kw_only=True):
    """Welke toegekende regels: van deze maanden van de DeclaratiePeriode, hoogstens twaalf."""

    van: Annotated[str, _MAAND]
    tot: Annotated[str, _MAAND]


class Voorstelherprijszoek(Herprijszoek, frozen=True, kw_only=True):
    """Hetzelfde, met hoe het bestand heet."""

    bestand: _BESTAND = "voorstel.toml"


class Prijsversie(Vorm, frozen=True, kw_only=True):
    """Een prijs in een versie, met de laatste dagen waarop er nog iets op mag. In eurocenten."""

    bedrag: int
    vanaf: date
    tot: date | None
    toewijsbaar_tot: date | None
    indicatie_tot: date | None
    declarabel_tot: date | None


class Prijsverschil(Vorm, frozen=True, kw_only=True):
    """Een cel die verschilt; een nieuwe prijs staat naast de prijs waar hij op volgt."""

    soort: Literal["nieuw", "vervallen", "anders"]
    cel: str
    productcode: str
    eenheid: str
    was: Prijsversie | None
    wordt: Prijsversie | None
    velden: Annotated[list[str], msgspec.Meta(description="Wat er anders is aan de cel.")]


class Voorstelvergelijking(Vorm, frozen=True, kw_only=True):
    """Een voorstel naast wat nu geldt; het is gecontroleerd naast alle andere overeenkomsten."""

    id: str
    versie: str
    hash: str
    vervangt: Annotated[list[str], msgspec.Meta(description="Versies die het vervangt.")]
    in_gebruik: Annotated[bool, msgspec.Meta(description="Of precies dit al geldt.")]
    eerste_dag: Annotated[
        date | None, msgspec.Meta(description="Vanaf wanneer een prijs anders kan zijn.")
    ]
    verschillen: list[Prijsverschil]


class Publicatiebewijs(Vorm, frozen=True, kw_only=True):
    """Het bestand is in gebruik; elk proces neemt het binnen een paar seconden over."""

    id: str
    versie: str
    hash: str
    veranderd: Annotated[bool, msgspec.Meta(description="Onwaar als het al in gebruik was.")]
    verleden_veranderd: Annotated[
        bool, msgspec.Meta(description="Of toegekende regels nu een andere juiste prijs hebben.")
    ]
    adres: str


class Herprijsregel(Vorm, frozen=True, kw_only=True):
    """Een toegekende regel met wat de aanbieder stuurt: eerst de credit, dan de debet."""

    gemeente: str
    wet: Wet
    aanbieder: str
    declaratienummer: str
    regelnummer: int
    referentienummer: str
    waarom: str
    cel: str
    verschil: Annotated[int, msgspec.Meta(description="In eurocenten.")]
    door_voorstel: Annotated[
        bool, msgspec.Meta(description="Onwaar als de juiste prijs al een andere was.")
    ]
    credit: Correctieregel
    debet: Correctieregel | None
    adres: str


class Herprijsblad(Lijst, frozen=True, kw_only=True):
    """Een blad met regels. Het kan leeg zijn terwijl er nog een volgend blad is."""

    resultaten: list[Herprijsregel]


def indexeer(oproep: Oproep) -> Uitkomst:
    """A proposal with the next prices; nothing is kept."""
    gevraagd: Indexopdracht = oproep.inhoud
    wens = Indexwens(**msgspec.structs.asdict(gevraagd))
    bestand = _in_use(oproep)
    voorstel = indexed(bestand, wens, _vandaag(oproep), _codes(oproep))
    return Uitkomst(voorstel.inhoud, attachment(bestand[0]))


def vergelijk(oproep: Oproep) -> Uitkomst:
    """A proposal beside what it replaces."""
    publicatie = _publicatie(oproep)
    nieuw, vervangt = publicatie.nieuw, publicatie.wijziging.vervangt
    een = vervangt[0] if vervangt else replace(nieuw, cellen=())
    return Uitkomst(
        Voorstelvergelijking(
            id=nieuw.id,
            versie=nieuw.versie,
            hash=nieuw.hash,
            vervangt=[one.versie for one in vervangt],
            in_gebruik=publicatie.is_in_use,
            eerste_dag=publicatie.wijziging.vanaf,
            verschillen=_verschillen(een, nieuw),
        )
    )


def publiceer(oproep: Oproep) -> Uitkomst:
    """Take a file into use, once; refuses what changes the past, unless told so."""
    vraag: Publiceervraag = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    folder_of(omgeving.kennis.bronnen)
    publicatie = _publicatie(oproep)
    changes_past = not publicatie.is_in_use and _changes_past(oproep, publicatie)
    if changes_past and not vraag.terugwerkend:
        raise WrongUse(
            "dit verandert de juiste prijs van toegekende regels; vraag met een herprijzing welke, "
            "en geef daarna terugwerkend mee"
        )

    def record() -> None:
        # Its answer is kept once the file is there: whoever asks again is not told too early.
        omgeving.store.logboek.write(oproep.verzoek.verantwoord(over=publicatie.over))

    if not publish(publicatie, record):
        return _bewijs(publicatie, changed=False, past=False)
    omgeving.stand.look()
    return _bewijs(publicatie, changed=True, past=changes_past)


def herprijs_nu(oproep: Oproep) -> Uitkomst:
    """Granted lines with another right price by what is in use."""
    return _herprijsblad(oproep, unchanged(oproep.verzoek.omgeving.kennis.overeenkomsten))


def herprijs_straks(oproep: Oproep) -> Uitkomst:
    """The same by a proposal in its place."""
    kennis, voorstel = oproep.verzoek.omgeving.kennis, (oproep.zoek.bestand, oproep.inhoud)
    in_use = kennis.grondslag.of(OVEREENKOMSTEN)
    return _herprijsblad(oproep, wijziging_of([voorstel], in_use, kennis.gemeentecodes))


def _herprijsblad(oproep: Oproep, wijziging: Wijziging) -> Uitkomst:
    zoek: Herprijszoek = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    begin, eind = months_between(zoek.van, zoek.tot)
    vraag = Herprijsvraag(
        naam="", wijziging=wijziging, begin=begin, eind=eind, gemeenten=oproep.bereik.gemeenten
    )
    run = Herprijzing(wijziging, omgeving.kennis_van)
    blad = run.page(omgeving.store, vraag, omgeving.clock(), zoek.omvang, zoek.vanaf)
    fingerprint = omgeving.store.fingerprint
    for one in blad.rijen:
        oproep.verzoek.toont(one.partijen.gemeente, [fingerprint(one.correctie.oud.bsn)])
    shown = list(map(partial(_regel, oproep), blad.rijen))
    return blad_uitkomst(oproep, Herprijsblad, shown, blad)


def _regel(oproep: Oproep, found: Herprijsd) -> Herprijsregel:
    partijen, one = found.partijen, found.correctie
    bron = one.bron
    where = kenmerk(oproep.verzoek.omgeving, REGEL, bron.inbox_id, bron.regelnr)
    return Herprijsregel(
        gemeente=partijen.gemeente,
        wet=partijen.wet,  # type: ignore[arg-type]
        aanbieder=partijen.aanbieder,
        declaratienummer=mask_own(bron.declaratienummer, one.oud.bsn),
        regelnummer=bron.regelnr,
        referentienummer=referentie(one.oud),
        waarom=one.waarom,
        cel=one.cel,
        verschil=one.verschil,
        door_voorstel=found.is_nieuw,
        credit=correctieregel(credit_of(one.oud)),
        debet=None if one.nieuw is None else correctieregel(debet_of(one.nieuw)),
        adres=adres("regels", where),
    )


def _publicatie(oproep: Oproep) -> Publicatie:
    """The file in the body, checked with what is in use, of who manages all that it is about."""
    place = place_of(oproep.verzoek.omgeving.kennis.bronnen)
    found = prepared((oproep.zoek.bestand, oproep.inhoud), place, _codes(oproep))
    refuse_others(oproep.verzoek.wie, oproep.bereik, found.wijziging.alle)
    return found


def _changes_past(oproep: Oproep, publicatie: Publicatie) -> bool:
    """Whether granted lines get another right price; raises WrongUse for too many to look at."""
    vraag, omgeving = publicatie.vraag, oproep.verzoek.omgeving
    if vraag is None:
        return False
    declaraties = omgeving.store.declaraties
    if declaraties.lines(vraag.begin, vraag.eind, None, vraag.gemeenten) > LINES_BESIDE:
        raise WrongUse(
            "dit zijn te veel declaratieregels om nu na te rekenen; publiceer het op de pagina of "
            "met de opdracht"
        )
    found = herprijs(
        omgeving.store, omgeving.kennis_van, vraag, omgeving.clock(), lambda *_: None, 0
    )
    return found.run.geraakt.regels > 0


def _bewijs(publicatie: Publicatie, *, changed: bool, past: bool) -> Uitkomst:
    nieuw = publicatie.nieuw
    where = adres("overeenkomsten", nieuw.id)
    told = Publicatiebewijs(
        id=nieuw.id,
        versie=nieuw.versie,
        hash=nieuw.hash,
        veranderd=changed,
        verleden_veranderd=past,
        adres=where,
    )
    return Uitkomst(told, {"Location": where})


def _in_use(oproep: Oproep) -> Bestand:
    """The file of an agreement in use; who asks manages every municipality of it."""
    kennis, naam = oproep.verzoek.omgeving.kennis, oproep.verzoek.vraag.delen["id"]
    found = [
        one
        for one in kennis.overeenkomsten.alle
        if one.id == naam and not oproep.bereik.gemeenten.isdisjoint(one.gemeenten)
    ]
    if not found:
        raise NietGevonden
    refuse_others(oproep.verzoek.wie, oproep.bereik, found)
    for bestand in kennis.grondslag.of(OVEREENKOMSTEN):
        if bestand[0] == found[-1].bestand:
            return bestand
    raise NietGevonden


def _verschillen(een: Overeenkomst, ander: Overeenkomst) -> list[Prijsverschil]:
    return [
        Prijsverschil(
            soort=one.verschil.soort,  # type: ignore[arg-type]
            cel=one.verschil.cel.naam,
            productcode=one.verschil.cel.productcode,
            eenheid=one.verschil.cel.eenheid,
            was=_prijs(one.van),
            wordt=_prijs(one.verschil.ander),
            velden=list(one.verschil.velden),
        )
        for one in consequences(een, ander)
    ]


def _codes(oproep: Oproep) -> Set[str]:
    return oproep.verzoek.omgeving.kennis.gemeentecodes


def _vandaag(oproep: Oproep) -> date:
    return dag_van(oproep.verzoek.omgeving.clock())


def _prijs(cel: Cel | None) -> Prijsversie | None:
    if cel is None:
        return None
    return Prijsversie(
        bedrag=cel.bedrag,
        vanaf=cel.vanaf,
        tot=cel.tot,
        toewijsbaar_tot=cel.toewijsbaar_tot,
        indicatie_tot=cel.indicatie_tot,
        declarabel_tot=cel.declarabel_tot,
    )


_GROEP = "overeenkomsten"
_VOORSTEL = "Het bestand is de body, als TOML in UTF-8, tot 2 MB. "
EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/overeenkomsten/{id}/_indexeer",
        naam="indexeerOvereenkomst",
        groep=_GROEP,
        titel="Een voorstel met de prijzen van een volgend jaar",
        uitleg=(
            "U krijgt het nieuwe bestand. Er wordt niets bewaard en er geldt niets anders. Voor "
            "wie alle gemeenten van de overeenkomst beheert."
        ),
        rechten=BEHEREN,
        doe=indexeer,
        inhoud=Indexopdracht,
        media_uit=TOML,
        fouten=(404, 422),
        budget="export",
    ),
    Eindpunt(
        methode="POST",
        pad="/overeenkomsten/_vergelijk",
        naam="vergelijkVoorstel",
        groep=_GROEP,
        titel="Een voorstel naast wat het vervangt",
        uitleg=_VOORSTEL + "De gateway controleert het naast alle andere en bewaart het niet.",
        rechten=BEHEREN,
        doe=vergelijk,
        zoek=Voorstelvraag,
        media_in=TOML,
        antwoord=Voorstelvergelijking,
        bytecap=BYTES,
        budget="export",
    ),
    Eindpunt(
        methode="POST",
        pad="/overeenkomsten/_publiceer",
        naam="publiceerOvereenkomst",
        groep=_GROEP,
        titel="Een overeenkomst in gebruik nemen",
        uitleg=(
            _VOORSTEL
            + "Voor wie alle gemeenten van de oude en de nieuwe versie beheert. Verandert "
            "de juiste prijs van wat al is toegekend, dan is dat 400, tenzij u terugwerkend "
            f"meegeeft. Boven {LINES_BESIDE} regels om na te rekenen gaat het op de pagina of met "
            "de opdracht. Hetzelfde bestand nog eens verandert niets."
        ),
        rechten=BEHEREN,
        doe=publiceer,
        zoek=Publiceervraag,
        media_in=TOML,
        antwoord=Publicatiebewijs,
        handeling=HANDELING,
        soort="U",
        doel=DOEL,
        bytecap=BYTES,
        budget="export",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/overeenkomsten/_herprijzing",
        naam="geefHerprijzing",
        groep=_GROEP,
        titel="Toegekende regels met een andere juiste prijs",
        uitleg=(
            "Met de overeenkomsten die nu gelden, en met de credit en de debet die de aanbieder "
            "hoort te sturen. Een blad kan leeg zijn terwijl er nog een volgend blad is."
        ),
        rechten=WERK,
        doe=herprijs_nu,
        zoek=Herprijszoek,
        antwoord=Herprijsblad,
        handeling="toegekende regels herprijzen",
        budget="export",
    ),
    Eindpunt(
        methode="POST",
        pad="/overeenkomsten/_herprijzing",
        naam="geefHerprijzingMetVoorstel",
        groep=_GROEP,
        titel="Toegekende regels met een andere juiste prijs door een voorstel",
        uitleg=_VOORSTEL + "Geef vanaf mee voor het volgende blad. Er verandert niets.",
        rechten=WERK,
        doe=herprijs_straks,
        zoek=Voorstelherprijszoek,
        media_in=TOML,
        antwoord=Herprijsblad,
        handeling="toegekende regels herprijzen",
        bytecap=BYTES,
        budget="export",
    ),
)
