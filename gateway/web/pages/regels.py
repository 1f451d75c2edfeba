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
from gateway.ledger.verhaal import Verhaal
from gateway.messages.uittreksel import fouten_in, uittreksel
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.pipeline.kennis import dag_van
from gateway.records.finding import Finding
from gateway.store.inzage.regelverhaal import Regelverhaal
from gateway.store.werk.voorraad import Post
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, doelen, woorden
from gateway.web.pages.berekening import afspraak, stappen
from gateway.web.pages.tijdlijn import Strook, Tijdlijn, tijdlijn
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.pages.werkvoorraad import noteer_van

PATH = "/regels/{kenmerk}"
STOP = "stop"
# Asks for the calculation of a line without findings: its whole message is judged again for it.
BEREKEN = "bereken"
_LINE = re.compile(r"(.*/Prestatie\[\d+\]|.*/Prestatie)(?:/.*)?$")
VERSIES = 6


def _pagina(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    inbox_id, regelnr = adressen.nummer_van(verzoek, "regel")
    een = store.regelverhalen.een(bereik, inbox_id, regelnr)
    if een is None:
        return _to_message(verzoek, inbox_id)
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
        "stand": _stand(een, posten),
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
        "afspraak": afspraak(verzoek, een.bewijs),
        "berekening": stappen(een.bewijs, "berekening"),
        "ruimte": stappen(een.bewijs, "ruimte"),
        "tijdlijn": _tijdlijn(een),
        "verhaal": _met_adres(verzoek, een.verhaal),
        "ernaast": _met_adres(verzoek, een.ernaast),
        "betaling": een.betaling and (een.betaling, adressen.betaling(verzoek, een.betaling)),
        "posten": [adressen.postregel(verzoek, one) for one in posten],
        "besluiten": [
            (one, adressen.besluit(verzoek, one))
            for one in store.besluiteninzage.besluiten_over(bereik, inbox_id, regelnr)
        ],
        "log": woorden.stappen(store.overleg.about_message(bereik, inbox_id, regelnr)),
        "xml": _xml(verzoek, een),
        "bereken": BEREKEN,
        "path": adressen.van(verzoek, "regel", inbox_id, regelnr),
        "woorden": woorden,
    }
    return toon(verzoek, "regel.html", context)


def _to_message(verzoek: Verzoek, inbox_id: int) -> Response:
    """A line of an invoice that counts as not sent has no story: its message tells what there is.

    Raises NietGevonden where that may not be seen either.
    """
    if verzoek.omgeving.store.berichten.een(verzoek.bereik, inbox_id) is None:
        raise NietGevonden
    verzoek.is_verantwoord = True  # nothing is shown
    return RedirectResponse(adressen.bericht(verzoek, inbox_id), 303)


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


def _met_adres(verzoek: Verzoek, verhaal: Sequence[Verhaal]) -> list[tuple[Verhaal, str]]:
    return [
        (one, adressen.regel(verzoek, one.regel.inzending.inbox_id, one.regel.prestatie.volgnr))
        for one in verhaal
    ]


def _stand(een: Regelverhaal, posten: Sequence[Post]) -> tuple[str, str]:
    """How the line stands, and the kind of badge for it; `posten` is what is open of it."""
    if een.toegekend is not None:
        return ("toegekend", "goed") if een.toegekend else ("afgewezen", "fout")
    if any(one.effect == "hold" for one in posten):
        return ("wacht op besluit", "let-op")
    is_held = any(one.effect == "hold" for one in een.bevindingen)
    return ("besloten, antwoord volgt", "goed") if is_held else ("wacht op antwoord", "bezig")


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
            f"versie van {datum_lang(product.toewijzingsdatum)}",
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
