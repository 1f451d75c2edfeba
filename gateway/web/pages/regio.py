"""How care goes in a region, without a client to be seen, and the questions before next year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

from starlette.responses import Response

from gateway.errors import NietToegestaan, TemporaryFailure, WrongUse
from gateway.http.klein import regiobereik
from gateway.http.pad import Pad
from gateway.http.regio import JAREN, regiotaak
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.regio.antwoord import Antwoord, percent
from gateway.ledger.regio.geldvragen import HONDERDSTEN, Voorstelrij, proposal
from gateway.ledger.regio.lijst import (
    KOPPEN,
    TITELS,
    Kolom,
    Lijst,
    Waarde,
    lists_of,
    prijzen,
    redenen,
    share,
    wijken,
)
from gateway.ledger.regio.rapport import Jaarcijfers, Regiocijfers, Tabel
from gateway.ledger.regio.telling import ALLES, GEMEENTE, Veld
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.ledger.regio.vragen import answers
from gateway.pipeline.proef import Proefuitkomst
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import gemeentekeuzes, gemeentenaam, toon
from gateway.web.pages.balken import Balken, balken_of
from gateway.web.pages.proeven import PROEF
from gateway.web.pages.uitvoer import bestand_van, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

RIJEN, LANG = 50, 15
INDEXATIE = "3"
_NOT_YET = "de cijfers worden nog geteld; probeer het over een minuut weer"
_NO_PERCENTAGE = "vul een percentage in van 0 tot en met 100, bijvoorbeeld 3,5"


@dataclass(frozen=True, slots=True)
class Vak:
    """A cell of a table as it is shown: how many trajectories, and which part of its row."""

    trajecten: int
    deel: int | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table as it is shown; a row is its name and its cells, None for what is not told.

    `leeg` rows and the columns `zonder` have nothing that is told.
    """

    code: str
    titel: str
    kop: str
    is_gemeente: bool
    kolommen: Sequence[str]
    rijen: Sequence[tuple[str, Sequence[Vak | None]]]
    meer: int
    leeg: int
    zonder: Sequence[str]


@dataclass(frozen=True, slots=True)
class Getoond:
    """A list as it is shown: `leeg` rows are not told, and `meer` do not fit."""

    lijst: Lijst
    beeld: Balken | None
    leeg: int
    meer: int
    is_lang: bool


def _pagina(verzoek: Verzoek) -> Response:
    bereik, gekozen = _bereik(verzoek, verzoek.vraag.zoek.get("gemeente", ""))
    geteld, nu, _ = _years(verzoek, bereik, verzoek.vraag.zoek.get("jaar", ""))
    context = _context(verzoek, bereik, gekozen, geteld, nu) | {"matrices": [], "lijsten": []}
    if nu is not None and nu.totaal is not None and nu.totaal.trajecten:
        context["matrices"] = [_matrix(one) for one in nu.tabellen.values()]
        context["lijsten"] = [
            _getoond(verzoek, one) for one in (prijzen(nu), redenen(nu), wijken(nu))
        ]
    return toon(verzoek, "regio.html", context)


def _vragen(verzoek: Verzoek) -> Response:
    zoek = verzoek.vraag.zoek
    bereik, gekozen = _bereik(verzoek, zoek.get("gemeente", ""))
    geteld, nu, vorig = _years(verzoek, bereik, zoek.get("jaar", ""))
    asked = zoek.get("indexatie", INDEXATIE)
    fout, found = "", list[Antwoord]()
    try:
        rise = hundredths_of(asked)
    except WrongUse as wrong:
        fout, rise = str(wrong), hundredths_of(INDEXATIE)
    if nu is not None:
        found += answers(nu, vorig, rise)
        if found:
            found += _proposals(verzoek, nu)
    context = _context(verzoek, bereik, gekozen, geteld, nu) | {
        "indexatie": asked,
        "fout": fout,
        "antwoorden": [(one, _getoond(verzoek, one.lijst)) for one in found],
        "mag_proef": verzoek.mag(Recht.WERK_ZIEN) and verzoek.omgeving.doe_proef is not None,
    }
    return toon(verzoek, "regio-vragen.html", context, 422 if fout else 200)


def _bereik(verzoek: Verzoek, asked: str) -> tuple[Bereik, str]:
    """What the figures are over, and the municipality where it is one of several."""
    bereik = regiobereik(verzoek, verzoek.bereik_van(Recht.STURING_ZIEN), asked)
    is_whole = bereik.gemeenten >= verzoek.omgeving.bediend
    return bereik, "" if is_whole else next(iter(bereik.gemeenten))


def _years(
    verzoek: Verzoek, bereik: Bereik, asked: str
) -> tuple[Taak | None, Jaarcijfers | None, Jaarcijfers | None]:
    """The task that counted, the year that is asked for and the one before it."""
    taak = regiotaak(verzoek.omgeving, bereik)
    if taak is None or taak.uitkomst is None:
        return None, None, None
    found: Regiocijfers = taak.uitkomst
    shown = list(found.jaren)[:JAREN]
    jaar = int(asked) if asked in map(str, shown) else shown[0]
    return taak, found.jaren[jaar], found.jaren.get(jaar - 1)


def _context(
    verzoek: Verzoek,
    bereik: Bereik,
    gekozen: str,
    geteld: Taak | None,
    nu: Jaarcijfers | None,
) -> dict[str, Any]:
    jaren = [] if geteld is None else list(geteld.uitkomst.jaren)[:JAREN]
    own = sorted(verzoek.bereik_van(Recht.STURING_ZIEN).gemeenten) if gekozen else []
    return {
        "gemeentekeuzes": gemeentekeuzes(verzoek, own),
        "gekozen": gekozen,
        "aantal": len(bereik.gemeenten),
        "mag_uitvoeren": _may_save(verzoek, bereik),
        "jaar": "" if nu is None else nu.jaar,
        "jaren": [(str(one), str(one)) for one in jaren],
        "geteld": None if geteld is None else geteld.begonnen,
        "nu": nu,
        "basis": verzoek.omgeving.regio,
        "kleinste": KLEINSTE,
        "procent": percent,
    }


def _getoond(verzoek: Verzoek, lijst: Lijst) -> Getoond:
    """A list without the rows of which nothing is told."""
    told = [rij for rij in lijst.rijen if len(rij) == 1 or _says_anything(lijst, rij)]
    shown = replace(lijst, rijen=told[:RIJEN])
    return Getoond(
        shown,
        balken_of(lijst, partial(gemeentenaam, verzoek)),
        leeg=len(lijst.rijen) - len(told),
        meer=max(0, len(told) - RIJEN),
        is_lang=len(shown.rijen) > LANG,
    )


def _says_anything(lijst: Lijst, rij: Sequence[Waarde]) -> bool:
    pairs = zip(lijst.kolommen, rij, strict=True)
    return any(value is not None for kolom, value in pairs if kolom.soort not in _NAMES)


def _matrix(tabel: Tabel) -> Matrix:
    """A table without the rows and columns of which nothing is told."""
    every_row = (*tabel.rijen, ALLES)
    kolommen = [one for one in tabel.kolommen if _is_told(tabel, every_row, [one])]
    told = [one for one in tabel.rijen if _is_told(tabel, [one], (*kolommen, ALLES))]
    return Matrix(
        code=tabel.naam,
        titel=TITELS[tabel.naam],
        kop=KOPPEN[tabel.rijas],
        is_gemeente=tabel.rijas == GEMEENTE,
        kolommen=kolommen,
        rijen=[(rij, _row(tabel, rij, kolommen)) for rij in (*told[:RIJEN], ALLES)],
        meer=max(0, len(told) - RIJEN),
        leeg=len(tabel.rijen) - len(told),
        zonder=[one for one in tabel.kolommen if one not in kolommen],
    )


def _is_told(tabel: Tabel, rijen: Iterable[str], kolommen: Iterable[str]) -> bool:
    return any(tabel.veld(rij, kolom) is not None for rij, kolom in product(rijen, kolommen))


def _row(tabel: Tabel, rij: str, kolommen: Sequence[str]) -> Sequence[Vak | None]:
    whole = tabel.veld(rij)
    return [_vak(tabel.veld(rij, kolom), whole) for kolom in (*kolommen, ALLES)]


def _vak(veld: Veld | None, whole: Veld | None) -> Vak | None:
    if veld is None:
        return None
    return Vak(veld.trajecten, None if whole is None else share(veld.trajecten, whole.trajecten))


def hundredths_of(text: str) -> int:
    """A percentage as somebody types it, in hundredths; raises WrongUse for another text."""
    whole, _, rest = text.strip().removesuffix("%").strip().replace(",", ".").partition(".")
    digits = f"{whole}{rest:0<2}"
    if not (whole.isdecimal() and digits.isdecimal() and len(rest) <= 2 and digits.isascii()):
        raise WrongUse(_NO_PERCENTAGE)
    found = int(digits)
    if found > HONDERDSTEN:
        raise WrongUse(_NO_PERCENTAGE)
    return found


def _proposals(verzoek: Verzoek, nu: Jaarcijfers) -> Iterator[Antwoord]:
    """What the last proposal that somebody tried does, beside the use of its cells."""
    for taak in verzoek.omgeving.taken.latest(PROEF, verzoek.wie.kenmerk):
        uitkomst: Proefuitkomst | None = taak.uitkomst
        if uitkomst is not None:
            rijen = [
                Voorstelrij(f"{cel.overeenkomst}: {cel.cel}", telling.voor, telling.herprijsd)
                for cel, telling in sorted(uitkomst.effect.cellen.items())
                if cel.overeenkomst
            ]
            yield proposal(nu, uitkomst.vraag.naam, rijen)
            return


def _uitvoer(verzoek: Verzoek) -> Response:
    """All lists of a year below each other, of what the page is over."""
    bereik, _ = _bereik(verzoek, verzoek.veld("gemeente"))
    if not _may_save(verzoek, bereik):
        raise NietToegestaan
    _, nu, vorig = _years(verzoek, bereik, verzoek.veld("jaar"))
    if nu is None:
        raise TemporaryFailure(_NOT_YET)
    filled = nu.totaal is not None and nu.totaal.trajecten > 0
    lists = [*lists_of(nu), *(one.lijst for one in answers(nu, vorig, hundredths_of(INDEXATIE)))]
    rows = [row for one in lists for row in _rows(verzoek, one)] if filled else []
    return bestand_van(verzoek, f"regio-{nu.jaar}", ("lijst", "rij", "kolom", "waarde"), rows)


def _may_save(verzoek: Verzoek, bereik: Bereik) -> bool:
    """Whether all that the page is over may be saved: a part of it would be another sum."""
    if not verzoek.mag(Recht.EXPORTEREN):
        return False
    return verzoek.bereik_van(Recht.EXPORTEREN).gemeenten >= bereik.gemeenten


def _rows(verzoek: Verzoek, lijst: Lijst) -> Iterator[Sequence[Cel]]:
    """A row for every figure: by names of its row and column, as a pivot table takes them."""
    texts = [place for place, one in enumerate(lijst.kolommen) if one.soort in _NAMES]
    for rij in lijst.rijen:
        names = [_name(verzoek, lijst.kolommen[place], rij[place]) for place in texts]
        for kolom, value in zip(lijst.kolommen, rij, strict=True):
            if kolom.soort not in _NAMES:
                yield lijst.titel, " / ".join(names), _heading(kolom), _plain(kolom, value)
        if len(texts) == len(lijst.kolommen):
            yield lijst.titel, " / ".join(names), "", None


_NAMES = ("tekst", "gemeente")
_UNITS: Mapping[str, str] = {"procent": " (procent)", "dagen": " (dagen)"}


def _heading(kolom: Kolom) -> str:
    return f"{kolom.naam}{_UNITS.get(kolom.soort, '')}"


def _name(verzoek: Verzoek, kolom: Kolom, value: Waarde) -> str:
    text = "" if value is None else str(value)
    return gemeentenaam(verzoek, text) if kolom.soort == "gemeente" else text


def _plain(kolom: Kolom, value: Waarde) -> Cel:
    if not isinstance(value, int):
        return value
    if kolom.soort == "euro":
        return Bedrag(value)
    if kolom.soort in ("procent", "tiende"):
        return percent(value).rstrip("%")
    return value


PADEN = (
    Pad(
        path="/sturing/regio",
        method="GET",
        handler=_pagina,
        recht=Recht.STURING_ZIEN,
    ),
    Pad(
        path="/sturing/regio/vragen",
        method="GET",
        handler=_vragen,
        recht=Recht.STURING_ZIEN,
    ),
    uitvoerpad("/sturing/regio/uitvoer", _uitvoer, "sturingscijfers uitvoeren"),
)
