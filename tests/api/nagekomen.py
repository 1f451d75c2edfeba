"""Puts two of everything down that is put right afterwards, in a region that was handled."""

from __future__ import annotations

from datetime import date

from gateway.agreements.match import index
from gateway.errors import WrongUse
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.geld.nazorg.keuze import VanDeclaratie
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.toegang.wie import Bereik, Wie
from tests.api.dienst import Dienst

ANNA = Wie("anna", "Anna", "gebruiker")
LAST = date(2099, 1, 1)


def put_right(api: Dienst) -> None:
    """Two requests of lines, two items, and two invoices with a block, where there are none."""
    gemeenten = [row[0] for row in api.rijen("SELECT DISTINCT gemeente FROM partij ORDER BY 1")]
    bereik = Bereik(frozenset(gemeenten))
    if len(api.omgeving.store.facturen.list(bereik).rijen) > 1:
        return
    _credits(api, bereik)
    _items(api, bereik)
    _invoices(api, bereik)


def _credits(api: Dienst, bereik: Bereik) -> None:
    store, made = api.omgeving.store.creditverzoeken, 0
    for row in api.rijen("SELECT inbox_id FROM declaratie WHERE tot_volgnr IS NULL ORDER BY id"):
        keuze = VanDeclaratie(row[0])
        if len(store.candidates(bereik, keuze)) > 1 and made < 2:
            store.request(bereik, ANNA, Aanvraag(keuze=keuze, reden="tarief", uiterlijk=LAST))
            made += 1
    assert 2 == made


def _items(api: Dienst, bereik: Bereik) -> None:
    store, made = api.omgeving.store.verrekeningen, 0
    known = "SELECT gemeente, wet, toewijzingnummer FROM toewijzing ORDER BY id"
    for gemeente, wet, nummer in api.rijen(known):
        if made > 1:
            break
        aan = next(code for code in sorted(bereik.gemeenten) if code != gemeente)
        vraag = Aanleiding(
            van=gemeente,
            aan=aan,
            wet=wet,
            toewijzingnummer=nummer,
            vanaf=date(2000, 1, 1),
            grond="anders",
        )
        try:
            made += len(store.add(bereik, ANNA, vraag))
        except WrongUse:
            continue
    assert made > 1


def _invoices(api: Dienst, bereik: Bereik) -> None:
    for nummer in ("B1", "B2"):
        factuur = Factuur(
            gemeente=min(bereik.gemeenten),
            wet="jeugdwet",
            aanbieder="99000001",
            factuurnummer=nummer,
            factuurdatum=date(2025, 1, 2),
            regels=[
                Factuurregel(1, "45A04", "01", date(2025, 1, 1), date(2025, 1, 1), 60, 150, 9000)
            ],
        )
        opgave = Opgave(factuur=factuur, soort="anders")
        api.omgeving.store.facturen.add(bereik, ANNA, opgave, index([]))
        vraag = Blokkadevraag(
            gemeente=factuur.gemeente,
            aanbieder=factuur.aanbieder,
            factuur=nummer,
            reden="onderzoek",
            vanaf=LAST,
        )
        api.omgeving.store.blokkades.block(ANNA, vraag)
