"""Jaar sluiten: the proofs of a year, and from any amount to the lines that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import NietGevonden, TemporaryFailure
from gateway.http.pad import Kop, Pad
from gateway.http.prognoses import TERUG, VOORUIT, year_of
from gateway.http.sluitingen import bewijs_in, clients_in, groups_for, regelvraag, sluiting_van
from gateway.http.verzoek import Verzoek
from gateway.ledger.sluiting.bewijs import Bewijs, Groep, Sluiting
from gateway.ledger.sluiting.regels import Sluitregel, counts
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.blad import Blad
from gateway.store.sluiting.regelblad import Regelblad
from gateway.store.sluiting.stromen import Regelvraag
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages import woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.geld.facturen import factuuradres
from gateway.web.pages.sturing import bereik_van, gebiedkeuzes
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.web.uitvoer import Bedrag, Cel

PATH = f"{GELD}/sluiting"
BEWIJS, REGELS = f"{PATH}/bewijs", f"{PATH}/regels"
# Where lines are of: a group of a proof, by gemeente and aanbieder, or by who paid and who should.
PLEK, AANBIEDER, AAN = "plek", "aanbieder", "aan"
LINES = 50
KOPPEN = ("bewijs", "wat", "groep", "kant", "post", "bedrag")
REGELKOPPEN = (
    *("kenmerk", "gemeente", "aanbieder", "declaratie", "regel", "toewijzing", "productcode"),
    *("begindatum", "einddatum", "bedrag", "telt mee", "stand", "betaling"),
)
_NOT_YET = "het jaar wordt nog nagerekend"


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """Which year of which municipalities (empty: all that are seen)."""

    bereik: Bereik
    gemeente: str
    jaar: int

    def adres(self, path: str, **more: str) -> str:
        """Where something of the same is."""
        told = {"jaar": str(self.jaar), "gemeente": self.gemeente, **more}
        return f"{path}?{urlencode({name: value for name, value in told.items() if value})}"

    @property
    def velden(self) -> Mapping[str, str]:
        """The same as fields of a form."""
        return {"jaar": str(self.jaar), "gemeente": self.gemeente}


def _pagina(verzoek: Verzoek) -> Response:
    gevraagd = _gevraagd(verzoek, verzoek.vraag.zoek)
    taak = sluiting_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    nu = dag_van(verzoek.omgeving.clock()).year
    context = {
        "gevraagd": gevraagd,
        "gemeenten": gebiedkeuzes(verzoek, sorted(verzoek.bereik.gemeenten)),
        "jaren": [(str(one), str(one)) for one in range(nu + VOORUIT, nu - TERUG - 1, -1)],
        "sluiting": None if taak is None else taak.uitkomst,
        "geteld": None if taak is None else taak.begonnen,
        "adres": lambda code: gevraagd.adres(BEWIJS, bewijs=code),
    }
    return toon(verzoek, "geld/sluiting.html", context)


def _bewijs(verzoek: Verzoek) -> Response:
    """One proof with its groups."""
    gevraagd = _gevraagd(verzoek, verzoek.vraag.zoek)
    taak = sluiting_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    if taak is None:
        return _pagina(verzoek)
    bewijs = bewijs_in(taak.uitkomst, verzoek.vraag.zoek.get("bewijs", ""))
    groepen = groups_for(verzoek, gevraagd.bereik, bewijs)
    context = {
        "gevraagd": gevraagd,
        "bewijs": bewijs,
        "kolommen": [(one.naam, "getal") for one in (*bewijs.links, *bewijs.rechts)],
        "groepen": None
        if groepen is None
        else [(one, _naam(one), _naar_regels(verzoek, gevraagd, bewijs, one)) for one in groepen],
        "terug": gevraagd.adres(PATH),
    }
    return toon(verzoek, "geld/sluitbewijs.html", context)


def _naam(groep: Groep) -> Sequence[str]:
    return [woorden.WETTEN.get(one, one) for one in groep.sleutel] or ["alles samen"]


def _naar_regels(verzoek: Verzoek, gevraagd: Gevraagd, bewijs: Bewijs, groep: Groep) -> str | None:
    """Where the lines of a group are, None where there are none to be seen."""
    if bewijs.regels is None or not verzoek.mag(Recht.WERK_ZIEN):
        return None
    names = (PLEK, AAN if AAN in bewijs.per else AANBIEDER)
    own = dict(zip(names, groep.sleutel, strict=False))
    return gevraagd.adres(REGELS, bewijs=bewijs.code, **own)


def _regels(verzoek: Verzoek) -> Response:
    """The lines of a group, each with what it counts."""
    asked = verzoek.vraag.zoek
    gevraagd = _gevraagd(verzoek, asked)
    taak = sluiting_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    if taak is None:
        return _pagina(verzoek)
    bewijs = bewijs_in(taak.uitkomst, asked.get("bewijs", ""))
    vraag, na = _regelvraag(verzoek, gevraagd, taak.uitkomst, asked), asked.get("na")
    blad = _blad(verzoek, vraag, LINES, na)
    only = _only(asked)
    here = gevraagd.adres(REGELS, bewijs=bewijs.code, **only)
    plek, aanbieder, aan = (only.get(name) for name in (PLEK, AANBIEDER, AAN))
    own = bewijs.alleen(gemeente=plek, van=plek, aanbieder=aanbieder, aan=aan)
    context = {
        "gevraagd": gevraagd,
        "bewijs": own,
        "plek": plek,
        "aanbieder": aanbieder,
        "aan": aan,
        "regels": [
            (one, counts(vraag.soort, one, vraag.jaar), _naar_bewijs(verzoek, one))
            for one in blad.rijen
        ],
        "terug": gevraagd.adres(BEWIJS, bewijs=bewijs.code),
        "velden": {**gevraagd.velden, "bewijs": bewijs.code, **only},
        "volgende": f"{here}&na={blad.volgende}" if blad.volgende else None,
        "begin": here if na else None,
    }
    return toon(verzoek, "geld/sluitregels.html", context)


def _naar_bewijs(verzoek: Verzoek, one: Sluitregel) -> str:
    """Where it stands how a line was decided."""
    if one.factuur is not None:
        return factuuradres(verzoek, one.factuur)
    _, inbox_id, regelnr = one.bron
    return Verwijzingen(verzoek).regel(inbox_id, regelnr)


def _gevraagd(verzoek: Verzoek, velden: Mapping[str, str]) -> Gevraagd:
    bereik, gemeente = bereik_van(verzoek, str(velden.get("gemeente", "")))
    return Gevraagd(bereik, gemeente, year_of(verzoek.omgeving, velden.get("jaar")))


def _geteld(verzoek: Verzoek, gevraagd: Gevraagd) -> Sluiting:
    taak = sluiting_van(verzoek.omgeving, gevraagd.bereik, gevraagd.jaar)
    if taak is None:
        raise TemporaryFailure(_NOT_YET)
    found: Sluiting = taak.uitkomst
    return found


def _regelvraag(
    verzoek: Verzoek, gevraagd: Gevraagd, sluiting: Sluiting, velden: Mapping[str, str]
) -> Regelvraag:
    if not verzoek.mag(Recht.GELD_ZIEN):
        raise NietGevonden
    only, seen = _only(velden), gevraagd.bereik.gemeenten
    plek = only.get(PLEK)
    if plek is not None and plek not in seen:
        raise NietGevonden
    own = Bereik(seen if plek is None else frozenset({plek}), only.get(AANBIEDER))
    return regelvraag(verzoek, sluiting, velden.get("bewijs", ""), own, only.get(AAN))


def _blad(verzoek: Verzoek, vraag: Regelvraag, omvang: int, na: str | None) -> Blad[Sluitregel]:
    """A page of lines; whose they are is logged."""
    found = Regelblad(verzoek.omgeving.store.database).blad(vraag, omvang, na)
    for gemeente in sorted({one.gemeente for one in found.rijen}):
        verzoek.toont(gemeente, clients_in(found.rijen, gemeente))
    return found


def _only(velden: Mapping[str, str]) -> Mapping[str, str]:
    """The group whose lines are asked for."""
    return {name: str(velden[name]) for name in (PLEK, AANBIEDER, AAN) if velden.get(name)}


def _uitvoer(verzoek: Verzoek) -> Response:
    gevraagd = _gevraagd(verzoek, _velden(verzoek))
    sluiting = _geteld(verzoek, gevraagd)
    rijen = (row for one in sluiting.bewijzen for row in _uitvoerrijen(verzoek, gevraagd, one))
    return bestand_van(verzoek, f"sluiting-{gevraagd.jaar}", KOPPEN, rijen)


def _uitvoerrijen(verzoek: Verzoek, gevraagd: Gevraagd, bewijs: Bewijs) -> Iterator[Sequence[Cel]]:
    """The posts of every group, or of the whole where groups are not for who looks."""
    shown = groups_for(verzoek, gevraagd.bereik, bewijs)
    sides = (("links", bewijs.links), ("rechts", bewijs.rechts))
    keys = [one.sleutel for one in shown] if shown else [None]
    for key in keys:
        for side, posten in sides:
            for post in posten:
                cents = post.totaal if key is None else post.bedragen.get(key, 0)
                name = "alles samen" if key is None else bewijs.naam_van(key)
                yield bewijs.code, bewijs.wat, name, side, post.naam, Bedrag(cents)


def _regeluitvoer(verzoek: Verzoek) -> Response:
    velden = _velden(verzoek)
    gevraagd = _gevraagd(verzoek, velden)
    vraag = _regelvraag(verzoek, gevraagd, _geteld(verzoek, gevraagd), velden)
    rijen = (
        _regelrij(verzoek, vraag, one)
        for one in rows_of(lambda na: _blad(verzoek, vraag, AT_ONCE, na))
    )
    return bestand_van(verzoek, f"sluiting-{gevraagd.jaar}-regels", REGELKOPPEN, rijen)


def _regelrij(verzoek: Verzoek, vraag: Regelvraag, one: Sluitregel) -> Sequence[Cel]:
    return (
        verzoek.omgeving.kenmerken.of(*one.bron),
        one.gemeente,
        one.aanbieder,
        one.declaratienummer,
        one.referentienummer,
        str(one.toewijzingnummer or ""),
        one.productcode,
        one.begindatum.isoformat(),
        one.einddatum.isoformat(),
        Bedrag(one.bedrag),
        Bedrag(counts(vraag.soort, one, vraag.jaar)),
        one.stand,
        one.betaling,
    )


def _velden(verzoek: Verzoek) -> Mapping[str, str]:
    return {name: str(value) for name, value in verzoek.vraag.formulier.items()}


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_pagina,
        recht=Recht.GELD_ZIEN,
        handeling="sluiting van een jaar bekijken",
        kop=Kop(
            "Jaar sluiten",
            "Of verplichtingen, toekenningen, betalingen en het jaareinde op de cent gelijk zijn.",
        ),
    ),
    Pad(
        path=BEWIJS,
        method="GET",
        handler=_bewijs,
        recht=Recht.GELD_ZIEN,
        handeling="sluiting van een jaar bekijken",
    ),
    Pad(
        path=REGELS,
        method="GET",
        handler=_regels,
        recht=Recht.WERK_ZIEN,
        handeling="regels achter een bedrag bekijken",
    ),
    uitvoerpad(f"{PATH}/uitvoer", _uitvoer, "sluiting van een jaar uitvoeren"),
    uitvoerpad(f"{REGELS}/uitvoer", _regeluitvoer, "regels achter een bedrag uitvoeren"),
)
