"""Regel: a line with its whole story, and the XML that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from starlette.responses import RedirectResponse, Response

from gateway.errors import Gearchiveerd, NietGevonden, WrongUse
from gateway.http.bewijs import bewijs_van
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.messages.uittreksel import fouten_in, uittreksel
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.records.finding import Finding
from gateway.store.inzage.regelverhaal import Regelverhaal
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import getal, toon
from gateway.web.pages import adressen, doelen, woorden
from gateway.web.pages.tijdlijn import Strook, Tijdlijn, tijdlijn
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.pages.werkvoorraad import noteer_van

PATH = "/regels/{kenmerk}"
STOP = "stop"
# Asks for the calculation of a line without findings: its whole message is judged again for it.
BEREKEN = "bereken"
# A step of a calculation tells its unit between brackets where it is no amount of money.
_EENHEID = re.compile(r" \((minuten|uren|etmalen|dagdelen|stuks)\)")
# A price inside such a step is in eurocents.
_PRIJS = re.compile(r"(tarief|prijs|% van) (\d+)")
_LINE = re.compile(r"(.*/Prestatie\[\d+\]|.*/Prestatie)(?:/.*)?$")
VERSIES = 6


def _pagina(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    een = verhaal_van(verzoek)
    inbox_id, regelnr = een.bericht.inbox_id, een.stuk.regelnr
    if een.bewijs is None and BEREKEN in verzoek.vraag.zoek:
        een = replace(een, bewijs=bewijs_van(verzoek.omgeving, bereik, inbox_id, regelnr))
    if een.client is not None:
        verzoek.toont(een.partijen.gemeente, [een.client], f"regel {inbox_id}-{regelnr}")
    posten = store.werkvoorraad.posten_van(bereik, inbox_id, regelnr)
    causes = {one.oorzaak.rule: one for one in store.werkvoorraad.oorzaken_van(bereik, inbox_id)}
    teksten = verzoek.omgeving.teksten
    context = {
        "een": een,
        "doelen": doelen.KEUZES,
        "stand": _stand(een),
        "declaratie": adressen.van(verzoek, "declaratie", inbox_id),
        "bevindingen": [
            (
                one,
                woorden.tekst_van(teksten, one.rule, one.retourcode),
                adressen.van(verzoek, "oorzaak", causes[one.rule].nummer)
                if one.rule in causes
                else None,
            )
            for one in een.bevindingen
        ],
        "berekening": _stappen(een, "berekening"),
        "ruimte": _stappen(een, "ruimte"),
        "tijdlijn": _tijdlijn(een),
        "verhaal": [
            (one, adressen.regel(verzoek, one.regel.inzending.inbox_id, one.regel.prestatie.volgnr))
            for one in een.verhaal
        ],
        "posten": [adressen.postregel(verzoek, one) for one in posten],
        "besluiten": [
            (one, adressen.besluit(verzoek, one))
            for one in store.besluiteninzage.besluiten_over(bereik, inbox_id, regelnr)
        ],
        "log": store.overleg.about_message(bereik, inbox_id, regelnr),
        "xml": _xml(verzoek, een),
        "bereken": BEREKEN,
        "path": adressen.van(verzoek, "regel", inbox_id, regelnr),
        "woorden": woorden,
    }
    return toon(verzoek, "regel.html", context)


def verhaal_van(verzoek: Verzoek) -> Regelverhaal:
    """The line in the address; raises NietGevonden for none that may be seen."""
    inbox_id, regelnr = adressen.nummer_van(verzoek, "regel")
    found = verzoek.omgeving.store.regelverhalen.een(verzoek.bereik, inbox_id, regelnr)
    if found is None:
        raise NietGevonden
    return found


def _notitie(verzoek: Verzoek) -> Response:
    een = verhaal_van(verzoek)
    regel = (een.bericht.inbox_id, een.stuk.regelnr)
    if een.client is not None:
        verzoek.toont(een.partijen.gemeente, [een.client])
    noteer = noteer_van(verzoek, een.partijen.gemeente)
    overleg = verzoek.omgeving.store.overleg
    overleg.note_line(verzoek.bereik, verzoek.wie, regel, verzoek.veld("tekst"), noteer)
    return RedirectResponse(adressen.van(verzoek, "regel", *regel), 303)


def _client(verzoek: Verzoek) -> Response:
    """To the page of the client of a line, for a purpose; its address tells nothing."""
    een = verhaal_van(verzoek)
    if een.client is None:
        raise NietGevonden
    if (doel := doelen.doel_van(verzoek)) is None:
        verzoek.is_verantwoord = True  # nothing is shown
        raise WrongUse("kies waarvoor u de cliënt wilt zien", veld="doel")
    verzoek.toont(een.partijen.gemeente, [een.client])
    return RedirectResponse(f"{Verwijzingen(verzoek).client(een.client)}?doel={doel}", 303)


def _stand(een: Regelverhaal) -> tuple[str, str]:
    """How the line stands, and the kind of badge for it."""
    if een.toegekend is None:
        return ("wacht op besluit", "let-op")
    return ("toegekend", "goed") if een.toegekend else ("afgewezen", "fout")


def _stappen(een: Regelverhaal, welke: str) -> list[tuple[str, str]]:
    """The steps of a calculation with what each comes to, in its own unit."""
    if een.bewijs is None:
        return []
    steps = []
    for one in een.bewijs[welke]:
        unit = _EENHEID.search(one["stap"])
        told = _PRIJS.sub(_in_euros, one["stap"].replace(" (centen)", ""))
        if unit is None:
            steps.append((told, euros(one["uitkomst"])))
        else:
            steps.append((_EENHEID.sub("", told), f"{getal(one['uitkomst'])} {unit[1]}"))
    return steps


def _in_euros(found: re.Match[str]) -> str:
    return f"{found[1]} {euros(int(found[2]))}"


def _tijdlijn(een: Regelverhaal) -> Tijdlijn:
    return tijdlijn([*_toegewezen(een), *_geleverd(een), *_gedeclareerd(een)])


def _toegewezen(een: Regelverhaal) -> Iterator[Strook]:
    if een.toewijzing is None:
        return
    versies = een.toewijzing.versies[-VERSIES:]
    for one in versies:
        product = one.product
        is_last = one is versies[-1]
        yield Strook(
            "Toewijzing" if is_last else "Eerdere versie",
            product.ingangsdatum,
            product.einddatum,
            "toewijzing" if is_last else "oud",
            f"versie van {product.toewijzingsdatum:%d-%m-%Y}",
        )


def _geleverd(een: Regelverhaal) -> Iterator[Strook]:
    if een.toewijzing is None:
        return
    leveringen, nummer = een.toewijzing.leveringen, een.stuk.toewijzingnummer
    for start in leveringen.starts.get(nummer, ()):
        yield Strook("Startbericht", start.begindatum, start.begindatum, "start")
    for stop in leveringen.stops.get(nummer, ()):
        yield Strook("Stopbericht", stop.einddatum, stop.einddatum, STOP)


def _gedeclareerd(een: Regelverhaal) -> Iterator[Strook]:
    stuk = een.stuk
    yield Strook("Deze regel", stuk.begindatum, stuk.einddatum, "regel", euros(stuk.bedrag))
    came = dag_van(een.bericht.ontvangen_at)
    yield Strook("Declaratie ontvangen", came, came, "bericht")
    if een.bericht.antwoord_at is not None:
        left: date = dag_van(een.bericht.antwoord_at)
        yield Strook("Antwoord verstuurd", left, left, "bericht")


def _xml(verzoek: Verzoek, een: Regelverhaal) -> Sequence[object]:
    """The line in the message, where something was found on it."""
    pad = _pad_of(een.bevindingen)
    if pad is None:
        return []
    try:
        pieces = verzoek.omgeving.store.message(een.bericht.inbox_id)
    except Gearchiveerd:
        return []
    found = [(one.pad, one.element) for one in een.bevindingen]
    return uittreksel(pieces, pad, fouten_in(pad, found))


def _pad_of(bevindingen: Sequence[Finding]) -> str | None:
    """The line that findings on it, or on something in it, are about."""
    for one in bevindingen:
        line = _LINE.match(one.pad)
        if line is not None:
            return line[1]
    return None


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.WERK_ZIEN,
        handeling="declaratieregel bekijken",
    ),
    Pad(
        path=PATH + "/notitie",
        method="POST",
        handler=_notitie,
        recht=Recht.BEOORDELEN,
        handeling="notitie bij regel",
        soort="C",
    ),
    Pad(
        path=f"{PATH}/client",
        method="POST",
        handler=_client,
        recht=Recht.WERK_ZIEN,
        handeling="cliënt van een regel zoeken",
        budget="zoeken",
    ),
)
