"""The steps of a decision and the price that it rests on, as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from gateway.agreements.pagina.woorden import periode
from gateway.deviations.receipt import Document
from gateway.http.verzoek import Verzoek
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.records.overeenkomst import Plaats
from gateway.web.opmaak import getal

SOORTEN: Mapping[str, str] = {
    "pxq": "prijs per eenheid",
    "stuk": "prijs per stuk",
    "traject": "vaste prijs voor het hele traject",
    "periode": "vast bedrag per maand",
    "budget": "budget",
    "lumpsum": "vast bedrag voor de hele periode",
    "taak": "vast bedrag voor de hele groep",
}
# A step tells its unit between brackets where it is no amount of money.
_EENHEDEN = {
    "minuten": "minuut",
    "uren": "uur",
    "etmalen": "etmaal",
    "dagdelen": "dagdeel",
    "stuks": "stuk",
}
_EENHEID = re.compile(rf" \(({'|'.join(_EENHEDEN)})\)")
# A price inside such a step is in eurocents.
_PRIJS = re.compile(r"(tarief|prijs|% van) (\d+)")
_CENTEN = re.compile(r" \(centen\)| in centen")


def stappen(bewijs: Document | None, welke: str) -> list[tuple[str, str]]:
    """The steps of a calculation with what each comes to, in its own unit."""
    return [] if bewijs is None else [_stap(one["stap"], one["uitkomst"]) for one in bewijs[welke]]


def _stap(sentence: str, uitkomst: int) -> tuple[str, str]:
    unit = _EENHEID.search(sentence)
    told = _PRIJS.sub(_in_euros, _CENTEN.sub("", sentence))
    if unit is None:
        return told, euros(uitkomst)
    name = _EENHEDEN[unit[1]] if uitkomst == 1 else unit[1]
    return _EENHEID.sub("", told), f"{getal(uitkomst)} {name}"


def _in_euros(found: re.Match[str]) -> str:
    return f"{found[1]} {euros(int(found[2]))}"


def afspraak(verzoek: Verzoek, bewijs: Document | None) -> list[tuple[str, str]]:
    """The price of a line: of which agreement and cell, when it holds, and which day picked it."""
    prijs = None if bewijs is None else bewijs["prijs"]
    if bewijs is None or prijs is None:
        return []
    tot = None if prijs["tot"] is None else date.fromisoformat(prijs["tot"])
    told = [
        ("Overeenkomst", f"{prijs['overeenkomst']} {prijs['versie']}"),
        ("Cel", prijs["cel"]),
        ("Soort", SOORTEN.get(prijs["soort"], prijs["soort"])),
        ("Juiste prijs", " of ".join(map(euros, prijs["juistePrijzen"])) or "–"),
        ("Prijs geldt", periode(date.fromisoformat(prijs["vanaf"]), tot)),
    ]
    peildag = _peildag(verzoek, bewijs)
    return [*told, ("Prijs gekozen op", peildag)] if peildag else told


def _peildag(verzoek: Verzoek, bewijs: Document) -> str | None:
    """The day by which the price was chosen, and why that one; None where nobody knows any more."""
    prijs, toewijzing = bewijs["prijs"], bewijs["toewijzing"]
    plaats = next(
        (
            Plaats(one, cel)
            for one in verzoek.omgeving.kennis.overeenkomsten.alle
            if (one.id, one.versie) == (prijs["overeenkomst"], prijs["versie"])
            for cel in one.cellen
            if (cel.naam, cel.vanaf.isoformat()) == (prijs["cel"], prijs["vanaf"])
        ),
        None,
    )
    if plaats is None:
        return None
    if plaats.peildatum == "ingangsdatum" and toewijzing is not None:
        return f"{_dag(toewijzing['ingangsdatum'])}, de dag waarop de toewijzing ingaat"
    return f"{_dag(bewijs['regel']['begindatum'])}, de eerste dag van de regel"


def _dag(text: str) -> str:
    return datum_lang(date.fromisoformat(text))
