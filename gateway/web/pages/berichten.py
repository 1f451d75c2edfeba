"""Berichten: find a message by what is known of it, and see both directions of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gateway.errors import Gearchiveerd, NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.messages.uittreksel import Uittrekselregel, fouten_in, uittreksel
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.finding import Finding
from gateway.records.masker import holds_bsn
from gateway.store.inzage.berichten import Berichtfilter, Berichtrij
from gateway.store.inzage.blad import Blad
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import adressen, woorden

PATH = "/berichten"
LINES, SHOWN = 50, 20
FIELDS = ("nummer", "referentie", "aanbieder", "bericht", "oordeel", "van", "tot")
HEADER = "/Bericht/Header"
LONGEST = 40
_BSN = "dit kan een BSN zijn, en dat mag niet in een adres; zoek een cliënt op bij Cliënten"


def _lijst(verzoek: Verzoek) -> Response:
    velden, fouten = velden_van(verzoek.vraag.zoek)
    na = verzoek.vraag.zoek.get("na")
    blad: Blad[Berichtrij] = Blad([], None)
    if not fouten:
        filter_ = berichtfilter(verzoek, velden)
        blad = verzoek.omgeving.store.berichten.zoek(verzoek.bereik, filter_, LINES, na)
    asked = {name: value for name, value in velden.items() if value}
    context = {
        "velden": velden,
        "fouten": fouten,
        "berichten": [(one, adressen.bericht(verzoek, one.inbox_id)) for one in blad.rijen],
        "soorten": soorten(verzoek),
        "volgende": here_from(PATH, asked, blad.volgende),
        "begin": here_from(PATH, asked) if na else None,
        "woorden": woorden,
    }
    return toon(verzoek, "berichten.html", context)


def velden_van(gegeven: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """What was filled in to look for messages, and what is wrong with it."""
    velden = {name: str(gegeven.get(name, "")).strip()[:LONGEST] for name in FIELDS}
    return velden, [(name, _BSN) for name in ("nummer", "referentie") if holds_bsn(velden[name])]


def here_from(path: str, asked: Mapping[str, str], na: str | None = "") -> str | None:
    """The address of a list, from a place on; None where there is no place."""
    if na is None:
        return None
    told = urlencode({**asked, "na": na} if na else asked)
    return f"{path}?{told}" if told else path


def berichtfilter(verzoek: Verzoek, velden: Mapping[str, str]) -> Berichtfilter:
    """What the fields of a form look for; raises WrongUse for a day that is none."""
    naam = velden.get("bericht", "")
    codes = [one.code for one in verzoek.omgeving.kennis.types.all() if one.naam == naam]
    tot = _dag(velden.get("tot", ""))
    return Berichtfilter(
        nummer=velden.get("nummer") or None,
        referentie=velden.get("referentie") or None,
        aanbieder=velden.get("aanbieder") or None,
        berichtcodes=codes,
        verdict=velden.get("oordeel") or None,
        vanaf=_begin(_dag(velden.get("van", ""))),
        tot=None if tot is None or tot == date.max else _begin(tot + timedelta(days=1)),
    )


def soorten(verzoek: Verzoek) -> list[tuple[str, str]]:
    """The kinds of messages to choose from."""
    names = sorted({one.naam for one in verzoek.omgeving.kennis.types.all()})
    return [("", "alle"), *((name, name) for name in names)]


def _een(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    een = bericht_van(verzoek)
    verband = store.berichten.verband(bereik, een)
    blad = store.berichten.bevindingen(bereik, een.inbox_id, SHOWN)
    chosen = _chosen(verzoek, [one.finding for one in blad.rijen])
    toont_bericht(verzoek, een)
    path = adressen.bericht(verzoek, een.inbox_id)
    teksten = verzoek.omgeving.teksten
    context = {
        "een": een,
        "oordeel": woorden.oordeel_van(een),
        "heen": verband.heen and (verband.heen, adressen.bericht(verzoek, verband.heen.inbox_id)),
        "retouren": [(one, adressen.bericht(verzoek, one.inbox_id)) for one in verband.retouren],
        "declaratie": adressen.van(verzoek, "declaratie", een.inbox_id)
        if een.outcome and (een.outcome.berichttype or "").endswith("323")
        else None,
        "bevindingen": [
            (
                one.finding,
                woorden.tekst_van(teksten, one.finding.rule, one.finding.retourcode),
                f"{path}?toon={number}#xml",
            )
            for number, one in enumerate(blad.rijen)
        ],
        "meer": blad.volgende is not None,
        "gekozen": chosen,
        "xml": excerpt(verzoek, een, chosen),
        "path": path,
        "woorden": woorden,
    }
    return toon(verzoek, "bericht.html", context)


def bericht_van(verzoek: Verzoek) -> Berichtrij:
    """The message in the address; raises NietGevonden for none that may be seen."""
    inbox_id, _ = adressen.nummer_van(verzoek, "bericht")
    found = verzoek.omgeving.store.berichten.een(verzoek.bereik, inbox_id)
    if found is None:
        raise NietGevonden
    return found


def excerpt(verzoek: Verzoek, een: Berichtrij, chosen: Finding | None) -> Sequence[Uittrekselregel]:
    """The class that a finding is on, with what is at fault marked; else the Header."""
    pad = HEADER if chosen is None else chosen.pad
    found = [] if chosen is None else fouten_in(pad, [(chosen.pad, chosen.element)])
    try:
        return uittreksel(verzoek.omgeving.store.message(een.inbox_id), pad, found)
    except Gearchiveerd:
        return ()


def toont_bericht(verzoek: Verzoek, een: Berichtrij) -> None:
    """A message shows its clients."""
    clienten = verzoek.omgeving.store.berichten.clienten(verzoek.bereik, een.inbox_id)
    for gemeente, kenmerken in clienten.items():
        verzoek.toont(gemeente, kenmerken, f"bericht {een.inbox_id}")


def _chosen(verzoek: Verzoek, findings: Sequence[Finding]) -> Finding | None:
    told = verzoek.vraag.zoek.get("toon", "0")
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    return findings[number] if number < len(findings) else None


def _bestand(verzoek: Verzoek) -> Response:
    """The bytes themselves, with every Bsn in it: for a purpose, which is written down."""
    een, doel = bericht_van(verzoek), verzoek.veld("doel")
    if not doel:
        return RedirectResponse(adressen.bericht(verzoek, een.inbox_id), 303)
    verzoek.doel = doel
    toont_bericht(verzoek, een)
    store = verzoek.omgeving.store
    if verzoek.veld("welk") == "antwoord":
        body = store.berichten.antwoord(verzoek.bereik, een.inbox_id)
        if body is None:
            raise NietGevonden
        return download(b"".join(body), f"{een.antwoord}.xml")
    naam = een.outcome.berichttype if een.outcome else None
    return download(b"".join(store.message(een.inbox_id)), f"{naam or 'bericht'}.xml")


def download(body: bytes, naam: str) -> Response:
    """A file that a browser keeps and does not open."""
    koppen = {
        "Content-Disposition": f'attachment; filename="{naam}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(body, 200, koppen, "application/xml")


def _dag(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUse("schrijf een dag als 2026-01-31") from None


def _begin(dag: date | None) -> datetime | None:
    return None if dag is None else datetime.combine(dag, time(), tzinfo=AMSTERDAM)


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="berichten zoeken",
        menu="Berichten",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.WERK_ZIEN,
        handeling="bericht bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_bestand,
        recht=Recht.BSN_ZIEN,
        handeling="bericht opslaan",
        budget="export",
    ),
)
