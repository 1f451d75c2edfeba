"""Who is taken out of the store is in nothing that was put right; the amounts stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.match import index
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.factuuropgave import Handopgave, Opgave
from gateway.store.geld.nazorg.keuze import VanDeclaratie
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.berichten import run
from tests.integration.store_builders import BSN, Klok, declared, line, new_store, settled
from tests.integration.store_builders import toewijzing as assigned
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE, ANNA = Bereik(frozenset({"0193"})), Wie("anna", "Anna", "gebruiker")
MEI = date(2026, 5, 1)
FACTUUR = Factuur(
    gemeente="0193",
    wet="jeugdwet",
    aanbieder="12345678",
    factuurnummer="F1",
    factuurdatum=date(2026, 5, 3),
    regels=[Factuurregel(1, "45A04", "01", MEI, MEI, 60, 110, 6600)],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A client with a line, a credit request, an item and an invoice."""
    made = new_store(tmp_path, Klok(), rol="gemeente")
    client = assigned(1, einddatum=date(2026, 5, 31))
    settled(made, lambda work: work.add_toewijzingen("0193", "jeugdwet", [client]))
    claim = declared(made, [line(1)])
    made.werkvolger.catch_up()
    vraag = Aanvraag(
        keuze=VanDeclaratie(claim.inbox_id), reden="dubbel", uiterlijk=date(2026, 6, 1)
    )
    made.creditverzoeken.request(ZWOLLE, ANNA, vraag)
    moved = Aanleiding(van="0193", aan="0150", toewijzingnummer=1, vanaf=MEI, grond="anders")
    made.verrekeningen.add(ZWOLLE, ANNA, moved)
    hand = Handopgave(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder="12345678",
        soort="geen-bsn",
        referentie="zaak 12",
        productcode="45A04",
        eenheid="01",
        begindatum=MEI,
        einddatum=MEI,
    )
    own = made.facturen.assign(ZWOLLE, ANNA, hand)
    for naam, on in (("F1", own), ("F2", None)):
        opgave = Opgave(
            factuur=replace(FACTUUR, factuurnummer=naam),
            soort="geen-bsn",
            referentie="zaak 12",
            handtoewijzing=on,
        )
        nummer = made.facturen.add(ZWOLLE, ANNA, opgave, index([]))
        made.facturen.link(ZWOLLE, nummer, 1)
    yield made
    made.close()


def retention(folder: Path, clock: str, *words: str) -> int:
    given = ["retention", *words, "--clock", clock, "--store", store_of(folder)]
    return run(given)


def test_after_their_term_invoices_and_assignments_name_nobody(
    store: SqlStore, tmp_path: Path
) -> None:
    assert 0 == retention(tmp_path, "2033-04-30", "run", "--apply")
    assert ["zaak 12"] * 2 == [one.referentie for one in store.facturen.list(ZWOLLE).rijen]
    assert 0 == retention(tmp_path, "2033-06-01", "run", "--apply")
    found = store.facturen.list(ZWOLLE).rijen
    assert [("", None, None, 6600)] * 2 == [
        (one.referentie, one.client, one.toewijzingnummer, one.bedrag) for one in found
    ]
    (hand,) = store.facturen.toewijzingen(ZWOLLE).rijen
    assert "" == hand.referentie
    assert [(None,)] == rows_of(tmp_path, "SELECT client FROM handtoewijzing")


def test_an_erased_client_is_in_no_item_and_on_no_invoice(store: SqlStore, tmp_path: Path) -> None:
    before = store.verrekeningen.list(ZWOLLE).rijen[0]
    assert store.fingerprint(BSN) == before.client
    assert 0 == retention(tmp_path, "2066-06-01", "run", "--apply")
    after = store.verrekeningen.list(ZWOLLE).rijen[0]
    assert (store.fingerprint(""), before.bedrag) == (after.client, after.bedrag)
    (regel,) = store.creditverzoeken.regels(ZWOLLE, 1).rijen
    assert (True, 6600) == (regel.referentienummer.startswith("Z"), regel.bedrag)
    assert [(None,)] == rows_of(tmp_path, "SELECT DISTINCT toewijzingnummer FROM factuur")
