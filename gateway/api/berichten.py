"""Berichten: offer one, look them up, follow one, and get what answers it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from gateway.api.eindpunt import XML, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.woorden import (
    BERICHT,
    BEVINDING,
    DECLARATIE,
    EFFECTEN,
    OORDELEN,
    STATEN,
    Effect,
    Oordeel,
    Richting,
    Staat,
    Wet,
    adres,
    dag_begin,
    kenmerk,
    nummer_van,
    richting_van,
)
from gateway.errors import MessageRefused, NietGevonden, NietToegestaan, VerzoekGeweigerd
from gateway.http.spoor import traceparent_of
from gateway.messages.reader import Source, peek
from gateway.records.masker import mask
from gateway.store.inzage.berichten import BEHIND, Berichtfilter, Berichtrij, Gevonden
from gateway.store.opname import Intake
from gateway.toegang.rechten import Recht

BYTECAP = 26_214_400
ONE_DAY = timedelta(days=1)
ZIEN = (Recht.WERK_ZIEN, Recht.EIGEN_ZIEN)
_NOT_OURS = "dit bericht is niet van deze aanbieder aan een gemeente waarvoor de sleutel geldt"
VERDICTS: Mapping[str, str] = {word: verdict for verdict, word in OORDELEN.items()}
_STATES: Mapping[str, str] = {word: state for state, word in STATEN.items()}


class Telling(Vorm, frozen=True, kw_only=True):
    """Wat een declaratie telt; bedragen in eurocenten, credits afgetrokken."""

    regels: int | None
    regels_toegekend: int | None
    regels_afgekeurd: int | None
    ingediend: int | None
    toegekend: int | None


class Retourbericht(Vorm, frozen=True, kw_only=True):
    """Een bericht dat antwoord geeft op een ander bericht, of dat van een opdracht is gemaakt."""

    bericht: str
    identificatie: str | None
    verstuurd_op: datetime | None
    adres: str


class Bericht(Vorm, frozen=True, kw_only=True):
    """Een bericht, hoe ver het is en wat ervan werd."""

    id: str
    bericht: Annotated[str | None, msgspec.Meta(description="De soort, zoals JW323.")]
    wet: Wet | None
    richting: Richting | None
    gemeente: str | None
    afzender: str | None
    ontvanger: str | None
    identificatie: str | None
    declaratienummer: str | None
    staat: Staat
    oordeel: Oordeel | None
    niveau: Annotated[
        int | None, msgspec.Meta(description="Het controleniveau (1 tot en met 4) dat besliste.")
    ]
    reden: str | None
    telling: Telling | None
    ontvangen_op: datetime
    afgerond_op: datetime | None
    besluit_op: Annotated[
        datetime | None,
        msgspec.Meta(description="Wanneer uiterlijk is beslist op wat nog bij iemand ligt."),
    ]
    retourbericht: Retourbericht | None
    adres: str


class Berichtdetail(Bericht, frozen=True, kw_only=True):
    """Een bericht met wat er aan de andere kant bij hoort."""

    antwoord_op: Annotated[
        str | None, msgspec.Meta(description="Het adres van het bericht waar dit op antwoordt.")
    ]
    antwoorden: Annotated[
        list[str], msgspec.Meta(description="De adressen van berichten die op dit antwoordden.")
    ]
    declaratie: Annotated[str | None, msgspec.Meta(description="Het adres van de declaratie.")]
    inhoud: Annotated[
        str,
        msgspec.Meta(
            description="Waar de bytes van dit bericht staan; voor een gemeente onder `_toon`."
        ),
    ]
    bevindingen: Annotated[str, msgspec.Meta(description="Waar staat wat er is gevonden.")]


class Berichten(Lijst, frozen=True, kw_only=True):
    """Een blad met berichten, het laatst ontvangen bericht vooraan."""

    resultaten: list[Bericht]


class Ontvangstbewijs(Vorm, frozen=True, kw_only=True):
    """Het bericht is veilig opgeslagen. Dezelfde bytes opnieuw geven hetzelfde bewijs."""

    id: str
    sha256: str
    adres: str


class Bevinding(Vorm, frozen=True, kw_only=True):
    """Wat een regel of controle vond, en wat u eraan kunt doen."""

    regel: str
    retourcode: str | None
    effect: Effect
    klasse: str
    plaats: Annotated[str, msgspec.Meta(description="Het XPath van het element.")]
    referentie: str | None
    gevonden: str
    verwacht: str
    tekst: str
    wat: Annotated[str | None, msgspec.Meta(description="Wat de code betekent.")]
    doe: Annotated[str | None, msgspec.Meta(description="Wat u kunt doen.")]


class Berichtbevinding(Bevinding, frozen=True, kw_only=True):
    """Een bevinding op een ontvangen bericht."""

    id: str
    regelnummer: int | None
    adres: Annotated[
        str | None,
        msgspec.Meta(description="Waar u erover kunt besluiten; leeg voor een aanbieder."),
    ]


class Bevindingen(Lijst, frozen=True, kw_only=True):
    """Een blad met bevindingen, in de volgorde waarin ze zijn gedaan."""

    resultaten: list[Berichtbevinding]


_CODE = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]
_AGB = Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")]
_TEXT = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Berichtvraag(Bladvraag, frozen=True, kw_only=True):
    """Which messages are looked for."""

    nummer: Annotated[
        _TEXT | None, msgspec.Meta(description="De identificatie of het declaratienummer.")
    ] = None
    referentie: Annotated[
        _TEXT | None,
        msgspec.Meta(description="Het referentienummer van een regel of van een verzoek."),
    ] = None
    aanbieder: Annotated[_AGB | None, msgspec.Meta(description="De AGB-code.")] = None
    gemeente: Annotated[_CODE | None, msgspec.Meta(description="De gemeentecode.")] = None
    bericht: Annotated[
        Annotated[str, msgspec.Meta(pattern="^(JW|WMO)[0-9]{3}$")] | None,
        msgspec.Meta(description="De soort, zoals JW323."),
    ] = None
    oordeel: Annotated[Oordeel | None, msgspec.Meta(description="Wat ervan werd.")] = None
    staat: Annotated[Staat | None, msgspec.Meta(description="Hoe ver het is.")] = None
    begindatum: Annotated[
        date | None, msgspec.Meta(description="De eerste dag van ontvangst die meetelt.")
    ] = None
    einddatum: Annotated[
        date | None, msgspec.Meta(description="De laatste dag van ontvangst die meetelt.")
    ] = None


class Berichtzoekvraag(Berichtvraag, frozen=True, kw_only=True):
    """The same in a body, where a number may look like a Bsn."""

    doel: Annotated[
        str, msgspec.Meta(min_length=3, max_length=200, description="Waarom u dit zoekt.")
    ]


class Inhoudvraag(Invoer, frozen=True, kw_only=True):
    """Why somebody needs a message with every Bsn in it."""

    doel: Annotated[
        str, msgspec.Meta(min_length=3, max_length=200, description="Waarom u dit nodig hebt.")
    ]


class Bevindingvraag(Bladvraag, frozen=True, kw_only=True):
    """Which findings are looked for."""

    effect: Annotated[Effect | None, msgspec.Meta(description="Wat de bevinding doet.")] = None


def bied_aan(oproep: Oproep) -> Uitkomst:
    """Store a message durably; whoever offers the same bytes again is told the same."""
    body: bytes = oproep.inhoud
    refuse_others(oproep, body)
    own = kenmerk(oproep.verzoek.omgeving, BERICHT, offered(oproep, body).inbox_id)
    where = adres("berichten", own)
    bewijs = Ontvangstbewijs(id=own, sha256=hashlib.sha256(body).hexdigest(), adres=where)
    return Uitkomst(bewijs, {"Location": where})


def offered(oproep: Oproep, body: bytes) -> Intake:
    """A message in the inbox, under a name of its bytes."""
    naam = f"api-{hashlib.sha256(body).hexdigest()[:16]}.xml"
    spoor = traceparent_of(oproep.verzoek.spoor)
    return oproep.verzoek.omgeving.store.inbox.receive(naam, [body], spoor=spoor)


def refuse_others(oproep: Oproep, body: bytes) -> None:
    """An aanbieder offers what an aanbieder sends, in its own name, to whom its key is for."""
    kennis, bereik = oproep.verzoek.omgeving.kennis, oproep.bereik
    try:
        kind = kennis.reader.open(Source([body], kennis.bytecap)).kind
    except MessageRefused as refusal:
        raise VerzoekGeweigerd(422, str(refusal)) from None
    seen = peek([body])
    if not seen.afzender or not seen.ontvanger:
        raise VerzoekGeweigerd(422, "in de Header staat geen afzender of geen ontvanger")
    parties = (seen.afzender, seen.ontvanger)
    gemeente, aanbieder = parties if kind.gemeente == "afzender" else parties[::-1]
    sent = richting_van(kennis.types, kind.naam, is_gemeente=True) == "inkomend"
    if not sent or aanbieder != bereik.aanbieder or gemeente not in bereik.gemeenten:
        raise NietToegestaan(_NOT_OURS)


def zoek(oproep: Oproep) -> Uitkomst:
    """Messages by number, reference, party, verdict or period."""
    return _found(oproep, oproep.zoek)


def zoek_met_doel(oproep: Oproep) -> Uitkomst:
    """The same by a body, with a purpose that goes into the log."""
    oproep.verzoek.doel = oproep.inhoud.doel
    return _found(oproep, oproep.inhoud)


def _found(oproep: Oproep, vraag: Berichtvraag) -> Uitkomst:
    omgeving = oproep.verzoek.omgeving
    codes = [one.code for one in omgeving.kennis.types.all() if one.naam == vraag.bericht]
    vanaf, tot = ontvangen_in(vraag.begindatum, vraag.einddatum)
    filter_ = Berichtfilter(
        nummer=vraag.nummer,
        referentie=vraag.referentie,
        aanbieder=vraag.aanbieder,
        gemeente=vraag.gemeente,
        berichtcodes=codes or ([""] if vraag.bericht else []),
        verdict=VERDICTS.get(vraag.oordeel or ""),
        staat=_STATES.get(vraag.staat or ""),
        vanaf=vanaf,
        tot=tot,
    )
    store = omgeving.store.berichten
    blad = store.zoek(oproep.bereik, filter_, vraag.omvang, vraag.vanaf)
    shown = [Bericht(**_told(oproep, one)) for one in blad.rijen]
    return blad_uitkomst(oproep, Berichten, shown, blad)


def volg(oproep: Oproep) -> Uitkomst:
    """One message with everything that belongs to it."""
    rij = _bericht(oproep)
    omgeving = oproep.verzoek.omgeving
    verband = omgeving.store.berichten.verband(oproep.bereik, rij)
    own = kenmerk(omgeving, BERICHT, rij.inbox_id)
    is_declaratie = rij.outcome is not None and (rij.outcome.berichttype or "").endswith("323")
    detail = Berichtdetail(
        **_told(oproep, rij),
        antwoord_op=None if verband.heen is None else _adres_van(oproep, verband.heen),
        antwoorden=[_adres_van(oproep, one) for one in verband.retouren],
        declaratie=adres("declaraties", kenmerk(omgeving, DECLARATIE, rij.inbox_id))
        if is_declaratie
        else None,
        inhoud=adres("berichten", own, "/inhoud"),
        bevindingen=adres("berichten", own, "/bevindingen"),
    )
    return Uitkomst(detail)


def bevindingen(oproep: Oproep) -> Uitkomst:
    """What was found in a message."""
    rij = _bericht(oproep)
    vraag: Bevindingvraag = oproep.zoek
    omgeving = oproep.verzoek.omgeving
    wanted = next((code for code, word in EFFECTEN.items() if word == vraag.effect), None)
    blad = omgeving.store.berichten.bevindingen(
        oproep.bereik, rij.inbox_id, vraag.omvang, vraag.vanaf, effect=wanted
    )
    shown = [berichtbevinding(oproep, one) for one in blad.rijen]
    return blad_uitkomst(oproep, Bevindingen, shown, blad)


def retourbericht(oproep: Oproep) -> Uitkomst:
    """The bytes of the message that left because of this one, as they left."""
    rij = _bericht(oproep)
    omgeving = oproep.verzoek.omgeving
    body = omgeving.store.berichten.antwoord(oproep.bereik, rij.inbox_id)
    if body is None:
        raise NietGevonden("op dit bericht is (nog) geen retourbericht")
    _toont(oproep, rij)
    return Uitkomst(b"".join(body), _attachment(f"{rij.antwoord}.xml"))


def inhoud(oproep: Oproep) -> Uitkomst:
    """The bytes of a message, as they came in or as they left."""
    rij = _bericht(oproep)
    omgeving = oproep.verzoek.omgeving
    body = b"".join(omgeving.store.message(rij.inbox_id))
    _toont(oproep, rij)
    naam = rij.outcome.berichttype if rij.outcome is not None else None
    return Uitkomst(body, _attachment(f"{naam or 'bericht'}.xml"))


def _met_doel(doe: Callable[[Oproep], Uitkomst]) -> Callable[[Oproep], Uitkomst]:
    """The same for a municipality: every Bsn stands in it, so its purpose goes into the log."""

    def gedaan(oproep: Oproep) -> Uitkomst:
        oproep.verzoek.doel = oproep.inhoud.doel
        return doe(oproep)

    return gedaan


def referentie_van(oproep: Oproep, nummer: str | None) -> str | None:
    """A number that a provider chose: whole for itself, for others without what can be a Bsn."""
    return nummer if nummer is None or oproep.is_aanbieder else mask(nummer)


def bevinding_velden(oproep: Oproep, found: Gevonden) -> dict[str, Any]:
    """The fields of a finding, with the texts of its code."""
    finding = found.finding
    tekst = oproep.verzoek.omgeving.teksten.of(finding.retourcode or finding.rule)
    return {
        "regel": finding.rule,
        "retourcode": finding.retourcode,
        "effect": EFFECTEN[finding.effect],
        "klasse": finding.klasse,
        "plaats": finding.path,
        "referentie": referentie_van(oproep, finding.reference),
        "gevonden": finding.found,
        "verwacht": finding.expected,
        "tekst": finding.text,
        "wat": None if tekst is None else tekst.wat,
        "doe": None if tekst is None else tekst.doe,
    }


def berichtbevinding(oproep: Oproep, found: Gevonden) -> Berichtbevinding:
    """A finding of a message or line, with its id."""
    own = kenmerk(oproep.verzoek.omgeving, BEVINDING, found.nummer)
    return Berichtbevinding(
        id=own,
        regelnummer=found.finding.regelnr,
        adres=None if oproep.is_aanbieder else adres("bevindingen", own),
        **bevinding_velden(oproep, found),
    )


def _bericht(oproep: Oproep) -> Berichtrij:
    inbox_id, _ = nummer_van(oproep, BERICHT)
    rij = oproep.verzoek.omgeving.store.berichten.een(oproep.bereik, inbox_id)
    if rij is None:
        raise NietGevonden
    return rij


def _told(oproep: Oproep, rij: Berichtrij) -> dict[str, Any]:
    """The fields of a message, as far as who asks may know them."""
    omgeving, found = oproep.verzoek.omgeving, rij.outcome
    naam = None if found is None else found.berichttype
    staat, oordeel = STATEN[rij.staat], OORDELEN.get(rij.verdict or "")
    reden = None if found is None else found.reason or None
    if oproep.is_aanbieder and rij.staat in BEHIND:
        staat, oordeel, reden = "in behandeling", None, None
    is_known = oordeel is not None and oordeel != "geparkeerd"
    return {
        "id": kenmerk(omgeving, BERICHT, rij.inbox_id),
        "bericht": naam,
        "wet": None if found is None else found.wet,
        "richting": None
        if naam is None
        else richting_van(omgeving.kennis.types, naam, is_gemeente=omgeving.kennis.is_gemeente),
        "gemeente": None if found is None else found.gemeente or None,
        "afzender": rij.afzender or None,
        "ontvanger": rij.ontvanger or None,
        "identificatie": None if found is None else found.identificatie or None,
        "declaratienummer": None if found is None else found.declaratie,
        "staat": staat,
        "oordeel": oordeel,
        "niveau": None if found is None or not is_known else found.level,
        "reden": reden,
        "telling": _telling(found.telling) if found is not None and is_known else None,
        "ontvangen_op": rij.ontvangen_at,
        "afgerond_op": rij.afgerond_at,
        "besluit_op": rij.besluit_op,
        "retourbericht": _retour(oproep, rij),
        "adres": _adres_van(oproep, rij),
    }


def _telling(telling: Mapping[str, int]) -> Telling | None:
    names = Telling.__struct_fields__
    return Telling(**{naam: telling.get(naam) for naam in names}) if telling else None


def _retour(oproep: Oproep, rij: Berichtrij) -> Retourbericht | None:
    if rij.antwoord is None:
        return None
    return Retourbericht(
        bericht=rij.antwoord,
        identificatie=rij.antwoord_identificatie,
        verstuurd_op=rij.antwoord_at,
        adres=f"{_adres_van(oproep, rij)}/retourbericht",
    )


def _adres_van(oproep: Oproep, rij: Berichtrij) -> str:
    return adres("berichten", kenmerk(oproep.verzoek.omgeving, BERICHT, rij.inbox_id))


def _toont(oproep: Oproep, rij: Berichtrij) -> None:
    """Bytes of a message show its clients."""
    own = kenmerk(oproep.verzoek.omgeving, BERICHT, rij.inbox_id)
    clienten = oproep.verzoek.omgeving.store.berichten.clienten(oproep.bereik, rij.inbox_id)
    for gemeente, kenmerken in clienten.items():
        oproep.verzoek.toont(gemeente, kenmerken, own)


def _attachment(naam: str) -> dict[str, str]:
    """What a browser may not open: it is data of others."""
    return {
        "Content-Disposition": f'attachment; filename="{naam}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def ontvangen_in(begin: date | None, einde: date | None) -> tuple[datetime | None, datetime | None]:
    """When days of receipt begin and end, both inclusive, as a Berichtfilter has them."""
    return (
        None if begin is None else dag_begin(begin),
        None if einde is None else dag_begin(_next(einde)),
    )


def _next(dag: date) -> date:
    return dag if dag == date.max else dag + ONE_DAY


_GROEP = "berichten"


def _bytes(
    deel: str, naam: str, titel: str, doe: Callable[[Oproep], Uitkomst]
) -> tuple[Eindpunt, Eindpunt]:
    """The bytes of a message: for who sent or gets it, and for a municipality with a purpose."""
    eigen = Eindpunt(
        methode="GET",
        pad=f"/berichten/{{kenmerk}}/{deel}",
        naam=f"geef{naam}",
        groep=_GROEP,
        titel=f"{titel}, byte voor byte, voor de aanbieder van wie het is",
        uitleg="Een gemeente vraagt dit met POST en een doel: er staan hele BSN's in.",
        rechten=(Recht.EIGEN_ZIEN,),
        doe=doe,
        media_uit=XML,
        handeling=f"{titel.partition(' ')[2].partition(' ')[0]} opgehaald",
    )
    van_gemeente = replace(
        eigen,
        methode="POST",
        pad=f"{eigen.pad}/_toon",
        naam=f"geef{naam}MetDoel",
        titel=f"{titel}, byte voor byte, voor een gemeente",
        uitleg="Er staan hele BSN's in. Uw doel komt in het logboek.",
        rechten=(Recht.BSN_ZIEN,),
        doe=_met_doel(doe),
        inhoud=Inhoudvraag,
        fouten=(422,),
        budget="zoeken",
    )
    return eigen, van_gemeente


EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/berichten",
        naam="biedBerichtAan",
        groep=_GROEP,
        titel="Een bericht aanbieden",
        uitleg=(
            "Het bericht is veilig opgeslagen als het antwoord komt. De beoordeling volgt daarna; "
            "volg het bericht op het adres in Location. Dezelfde bytes opnieuw aanbieden mag en "
            "geeft hetzelfde antwoord."
        ),
        rechten=(Recht.AANBIEDEN,),
        doe=bied_aan,
        media_in=XML,
        antwoord=Ontvangstbewijs,
        status=202,
        fouten=(403, 413, 422),
        handeling="bericht aangeboden",
        soort="C",
        bytecap=BYTECAP,
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/berichten",
        naam="zoekBerichten",
        groep=_GROEP,
        titel="Berichten zoeken",
        rechten=ZIEN,
        doe=zoek,
        zoek=Berichtvraag,
        antwoord=Berichten,
        handeling="berichten gezocht",
    ),
    Eindpunt(
        methode="POST",
        pad="/berichten/_zoek",
        naam="zoekBerichtenMetDoel",
        groep=_GROEP,
        titel="Berichten zoeken op nummers die op een BSN kunnen lijken",
        rechten=ZIEN,
        doe=zoek_met_doel,
        inhoud=Berichtzoekvraag,
        antwoord=Berichten,
        fouten=(422,),
        handeling="berichten gezocht",
        budget="zoeken",
    ),
    Eindpunt(
        methode="GET",
        pad="/berichten/{kenmerk}",
        naam="volgBericht",
        groep=_GROEP,
        titel="Een bericht volgen",
        rechten=ZIEN,
        doe=volg,
        antwoord=Berichtdetail,
        handeling="bericht ingezien",
    ),
    Eindpunt(
        methode="GET",
        pad="/berichten/{kenmerk}/bevindingen",
        naam="geefBevindingenVanBericht",
        groep=_GROEP,
        titel="Wat er in een bericht is gevonden",
        rechten=ZIEN,
        doe=bevindingen,
        zoek=Bevindingvraag,
        antwoord=Bevindingen,
        handeling="bevindingen ingezien",
    ),
    *_bytes("retourbericht", "Retourbericht", "Het retourbericht", retourbericht),
    *_bytes("inhoud", "InhoudVanBericht", "Het bericht zelf", inhoud),
)
