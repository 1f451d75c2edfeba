"""Lists of the work as files, for a purpose: what the page shows of each, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TypeVar

from starlette.responses import Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.masker import mask_own
from gateway.store.inzage.afwijzingen import Afgewezenregel
from gateway.store.inzage.berichten import Berichtrij
from gateway.store.inzage.blad import Blad
from gateway.store.inzage.declaratieregels import Regelfilter, Regelrij
from gateway.store.inzage.toewijzingen import Toewijzingrij
from gateway.store.inzage.vandaag import Verschil, Verschilfilter
from gateway.store.inzage.verzoeken import Verzoekrij
from gateway.store.werk.besluiten import Besluit
from gateway.web.opmaak import gemeentenaam
from gateway.web.pages import (
    adressen,
    berichten,
    besluiten,
    declaraties,
    toewijzingen,
    verschillen,
    verzoeken,
    woorden,
)
from gateway.web.pages.uitvoer import AT_ONCE, bestand_van, rows_of, uitvoerpad
from gateway.web.uitvoer import Bedrag, Cel

T = TypeVar("T")
Rij = Sequence[Cel]
BERICHTKOPPEN = (
    *("bericht", "identificatie", "declaratie", "oordeel", "van", "aan", "ontvangen"),
    *("antwoord", "identificatie antwoord"),
)
REGELKOPPEN = (
    *("regel", "toewijzing", "product", "begindatum", "einddatum", "volume", "eenheid"),
    *("bedrag", "stand", "codes"),
)
TOEWIJZINGKOPPEN = (
    *("toewijzing", "wet", "cliënt", "aanbieder", "categorie", "product"),
    *("begindatum", "einddatum", "ingetrokken", "gemeente", "gemeentecode"),
)
VERZOEKKOPPEN = (
    *("soort", "verzoek", "wet", "stand", "uiterlijk", "cliënt", "aanbieder", "ontvangen"),
    *("gemeente", "gemeentecode"),
)
BESLUITKOPPEN = (
    *("besluit", "stand", "aantal", "bedrag", "door", "goedgekeurd door", "wanneer", "reden"),
)
VERSCHILKOPPEN = (
    *("aanbieder", "maand", "gemeente", "gemeentecode", "wet"),
    *("gevraagd", "toegekend", "verschil"),
)
AFWIJZINGKOPPEN = (
    *("regel", "declaratie", "product", "codes", "bedrag", "later toegekend"),
    *("latere regel", "latere declaratie", "stand", "rest"),
)

REGELSTANDEN: Mapping[bool | None, str] = {True: "toegekend", False: "afgewezen", None: "wacht"}


def _berichten(verzoek: Verzoek) -> Response:
    velden, fouten = berichten.velden_van(verzoek.vraag.formulier)
    _refuse(fouten)
    filter_ = berichten.berichtfilter(verzoek, velden)
    store, bereik = verzoek.omgeving.store.berichten, verzoek.bereik

    def page(na: str | None) -> Blad[Berichtrij]:
        return store.zoek(bereik, filter_, AT_ONCE, na)

    return _bestand(verzoek, "berichten", BERICHTKOPPEN, page, partial(_berichtrij, verzoek))


def _regels(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    inbox_id, _ = adressen.nummer_van(verzoek, "declaratie")
    if store.declaratiebladen.een(bereik, inbox_id) is None:
        raise NietGevonden
    filter_ = Regelfilter(toegekend=declaraties.KEUZES.get(verzoek.veld("regels")))

    def page(na: str | None) -> Blad[Regelrij]:
        blad = store.regels.van_declaratie(bereik, inbox_id, AT_ONCE, na, filter_)
        for one in blad.rijen:
            verzoek.toont(one.partijen.gemeente, [one.client], f"declaratie {inbox_id}")
        return blad

    return _bestand(verzoek, "regels", REGELKOPPEN, page, _regelrij)


def _toewijzingen(verzoek: Verzoek) -> Response:
    velden, fouten = toewijzingen.velden_van(verzoek.vraag.formulier)
    _refuse(fouten)

    def page(na: str | None) -> Blad[Toewijzingrij]:
        return toewijzingen.gevonden(verzoek, velden, AT_ONCE, na)

    make = partial(_toewijzingrij, verzoek)
    return _bestand(verzoek, "toewijzingen", TOEWIJZINGKOPPEN, page, make)


def _verzoeken(verzoek: Verzoek) -> Response:
    def page(na: str | None) -> Blad[Verzoekrij]:
        return verzoeken.gevonden(verzoek, verzoek.veld("staat"), AT_ONCE, na)

    return _bestand(verzoek, "verzoeken", VERZOEKKOPPEN, page, partial(_verzoekrij, verzoek))


def _besluiten(verzoek: Verzoek) -> Response:
    inzage, bereik = verzoek.omgeving.store.besluiteninzage, verzoek.bereik

    def page(na: str | None) -> Blad[Besluit]:
        return inzage.besluiten(bereik, na=na, omvang=AT_ONCE)

    return _bestand(verzoek, "besluiten", BESLUITKOPPEN, page, _besluitrij)


def _verschillen(verzoek: Verzoek) -> Response:
    """All gaps, or of one the rejected lines: what the page before it shows."""
    return _een_verschil(verzoek) if verzoek.veld("maand") else _alle_verschillen(verzoek)


def _alle_verschillen(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store.vandaag, verzoek.bereik
    sinds = verschillen.sinds_van(verzoek)

    def page(filter_: Verschilfilter, na: str | None) -> Blad[Verschil]:
        return store.verschillen(bereik, filter_, AT_ONCE, na)

    lists = (
        rows_of(partial(page, Verschilfilter(vanaf=sinds, meer=meer))) for meer in (False, True)
    )
    rijen = map(partial(_verschilrij, verzoek), chain.from_iterable(lists))
    return bestand_van(verzoek, "verschillen", VERSCHILKOPPEN, rijen)


def _een_verschil(verzoek: Verzoek) -> Response:
    velden = {name: verzoek.veld(name) for name in verschillen.SLEUTEL}
    een = verschillen.uitsplitsing_van(verzoek, velden).verschil

    def page(na: str | None) -> Blad[Afgewezenregel]:
        return verschillen.afgewezen_van(verzoek, een, verzoek.veld("stand"), AT_ONCE, na)

    return _bestand(verzoek, "verschil", AFWIJZINGKOPPEN, page, _afwijzingrij)


def _bestand(
    verzoek: Verzoek,
    naam: str,
    koppen: Sequence[str],
    page: Callable[[str | None], Blad[T]],
    make: Callable[[T], Rij],
) -> Response:
    return bestand_van(verzoek, naam, koppen, map(make, rows_of(page)))


def _refuse(fouten: Iterable[tuple[str, str]]) -> None:
    """Raise WrongUse for the first field that is wrong."""
    for veld, text in fouten:
        raise WrongUse(text, veld=veld)


def _berichtrij(verzoek: Verzoek, one: Berichtrij) -> Rij:
    found = one.outcome
    return (
        None if found is None else found.berichttype,
        None if found is None else found.identificatie,
        None if found is None else found.declaratie,
        woorden.oordeel_van(one)[0],
        gemeentenaam(verzoek, one.afzender),
        gemeentenaam(verzoek, one.ontvanger),
        _moment(one.ontvangen_at),
        one.antwoord,
        one.antwoord_identificatie,
    )


def _regelrij(one: Regelrij) -> Rij:
    line = one.prestatie
    return (
        mask_own(line.referentienummer, line.bsn),
        str(line.toewijzingnummer),
        line.productcode,
        line.begindatum.isoformat(),
        line.einddatum.isoformat(),
        line.geleverd_volume,
        line.eenheid,
        Bedrag(line.ondertekend),
        REGELSTANDEN[one.toegekend],
        " ".join(line.retourcodes),
    )


def _toewijzingrij(verzoek: Verzoek, one: Toewijzingrij) -> Rij:
    product, partijen = one.product, one.partijen
    return (
        str(product.toewijzingnummer),
        woorden.WETTEN.get(partijen.wet, partijen.wet),
        _client(product.bsn),
        partijen.aanbieder,
        product.productcategorie,
        product.productcode,
        product.ingangsdatum.isoformat(),
        product.einddatum.isoformat() if product.einddatum else None,
        "ja" if product.is_ingetrokken else "nee",
        gemeentenaam(verzoek, partijen.gemeente),
        partijen.gemeente,
    )


def _verzoekrij(verzoek: Verzoek, one: Verzoekrij) -> Rij:
    partijen = one.partijen
    return (
        woorden.VERZOEKSOORTEN[one.soort],
        mask_own(one.referentie_aanbieder, one.bsn),
        woorden.WETTEN.get(partijen.wet, partijen.wet),
        woorden.VERZOEKSTATEN[one.staat][0],
        one.termijn.isoformat() if one.staat in verzoeken.OPEN else None,
        _client(one.bsn),
        partijen.aanbieder,
        one.ontvangen_op.isoformat(),
        gemeentenaam(verzoek, partijen.gemeente),
        partijen.gemeente,
    )


def _besluitrij(one: Besluit) -> Rij:
    return (
        one.soort.value,
        woorden.besluitstand(one)[0],
        one.aantal,
        Bedrag(one.bedrag),
        one.naam,
        one.goedkeurder,
        _moment(one.gemaakt),
        one.reden,
    )


def _verschilrij(verzoek: Verzoek, one: Verschil) -> Rij:
    return (
        one.aanbieder,
        one.maand,
        gemeentenaam(verzoek, one.gemeente),
        one.gemeente,
        woorden.WETTEN.get(one.wet, one.wet),
        Bedrag(one.ingediend),
        Bedrag(one.toegekend),
        Bedrag(one.afgewezen),
    )


def _afwijzingrij(one: Afgewezenregel) -> Rij:
    later = one.latere if one.later else None
    return (
        one.referentienummer,
        one.declaratienummer,
        one.productcode,
        " ".join(one.retourcodes),
        Bedrag(one.bedrag),
        Bedrag(one.later),
        None if later is None else later.referentienummer,
        None if later is None else later.declaratienummer,
        verschillen.STANDEN[one.stand][0],
        Bedrag(one.bedrag - one.later),
    )


def _client(bsn: str) -> str:
    """A client as lists show him."""
    return f"*****{bsn[-4:]}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


PADEN = (
    uitvoerpad(f"{berichten.PATH}/uitvoer", _berichten, "berichten uitvoeren"),
    uitvoerpad("/declaraties/{kenmerk}/uitvoer", _regels, "regels van een declaratie uitvoeren"),
    uitvoerpad(f"{toewijzingen.PATH}/uitvoer", _toewijzingen, "toewijzingen uitvoeren"),
    uitvoerpad(f"{verzoeken.PATH}/uitvoer", _verzoeken, "verzoeken uitvoeren"),
    uitvoerpad(f"{besluiten.PATH}/uitvoer", _besluiten, "besluiten uitvoeren"),
    uitvoerpad(f"{verschillen.PATH}/uitvoer", _verschillen, "verschillen per maand uitvoeren"),
)
