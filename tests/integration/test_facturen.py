"""Invoices outside the traffic: checked, seen by two people, counted apart and paid once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.agreements.match import index
from gateway.errors import NietGevonden, NietToegestaan, WrongUse
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.store.geld.nazorg.factuurfeiten import in_traffic
from gateway.store.geld.nazorg.factuuropgave import Handopgave, Opgave
from gateway.store.geld.nazorg.tables import factuur
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    Klok,
    declared,
    line,
    new_store,
    settled,
    toewijzing,
)

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE, ELDERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
MEI, EIND = date(2026, 4, 1), date(2026, 4, 30)
REGEL = Factuurregel(1, "45A04", "01", MEI, EIND, 100, 150, 15_000)
FACTUUR = Factuur(
    gemeente="0193",
    wet="jeugdwet",
    aanbieder="12345678",
    factuurnummer="F1",
    factuurdatum=date(2026, 5, 2),
    regels=[REGEL],
)
GEEN = index([])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, Klok())
    yield made
    made.close()


def added(store: SqlStore, nummer: str = "F1", **changes: Any) -> int:
    given: dict[str, Any] = {"soort": "geen-bsn", "referentie": "zaak 12"} | changes
    regels = given.pop("regels", [REGEL])
    opgave = Opgave(factuur=replace(FACTUUR, factuurnummer=nummer, regels=regels), **given)
    return store.facturen.add(ZWOLLE, ANNA, opgave, GEEN)


def approved(store: SqlStore, nummer: int) -> None:
    one = store.facturen.get(ZWOLLE, nummer)
    store.voorstellen.approve(ZWOLLE, BRAM, one.voorstel_id)


def kinds(store: SqlStore, nummer: int) -> list[str]:
    return [one.controle for one in store.facturen.check(ZWOLLE, nummer, GEEN)]


def test_it_counts_only_once_a_second_person_approved_it(store: SqlStore) -> None:
    nummer = added(store)
    one = store.facturen.get(ZWOLLE, nummer)
    assert ("voorgesteld", 15_000) == (one.staat, one.bedrag)
    assert ["afspraak"] == [found.controle for found in one.bevindingen]
    assert [] == store.facturen.totalen(ZWOLLE)
    with pytest.raises(NietToegestaan, match="tweede persoon"):
        store.voorstellen.approve(ZWOLLE, ANNA, one.voorstel_id)
    approved(store, nummer)
    (total,) = store.facturen.totalen(ZWOLLE)
    assert ("0193", "12345678", 2026, 1, 15_000, 0) == (
        *(total.gemeente, total.aanbieder, total.jaar),
        *(total.facturen, total.bedrag, total.betaald),
    )
    assert [] == store.facturen.totalen(ZWOLLE, 2025)
    assert [] == store.facturen.totalen(ELDERS)


def test_what_was_refused_may_be_put_down_again(store: SqlStore) -> None:
    nummer = added(store)
    with pytest.raises(WrongUse, match="is er al"):
        added(store)
    one = store.facturen.get(ZWOLLE, nummer)
    store.voorstellen.refuse(ZWOLLE, BRAM, one.voorstel_id, "de handtekening ontbreekt")
    assert "vervallen" == store.facturen.get(ZWOLLE, nummer).staat
    assert "voorgesteld" == store.facturen.get(ZWOLLE, added(store)).staat
    assert [] == store.facturen.totalen(ZWOLLE)


def test_a_number_with_blanks_around_it_is_no_other_number(store: SqlStore) -> None:
    added(store)
    for nummer in ("F1 ", "\N{NO-BREAK SPACE}F1"):
        with pytest.raises(WrongUse, match="zonder spatie eromheen"):
            added(store, nummer)


def test_the_same_care_for_the_same_client_is_found(store: SqlStore) -> None:
    added(store)
    assert ["afspraak", "dubbel"] == kinds(store, added(store, "F2"))
    assert ["afspraak"] == kinds(store, added(store, "F3", referentie="zaak 13"))


def test_a_protected_client_is_known_and_not_named(store: SqlStore) -> None:
    given = {"soort": "afgeschermd", "referentie": "De Vries, Kerkstraat 3"}
    first, second = added(store, **given), added(store, "F2", **given)
    one = store.facturen.get(ZWOLLE, second)
    assert ("", 32) == (one.referentie, len(one.client or ""))
    assert ["afspraak", "dubbel"] == kinds(store, second)
    assert one.client == store.facturen.get(ZWOLLE, first).client
    with store.database.snapshot() as connection:
        kept = str(connection.execute(sa.select(factuur)).all())
        kept += str(connection.execute(sa.text("SELECT * FROM voorstel")).all())
    assert "Vries" not in kept
    with pytest.raises(WrongUse, match="afgeschermde"):
        store.facturen.link(ZWOLLE, first, 1)


def hand(**changes: Any) -> Handopgave:
    given: dict[str, Any] = {
        **{"gemeente": "0193", "wet": "jeugdwet", "aanbieder": "12345678", "soort": "geen-bsn"},
        **{"referentie": "zaak 12", "productcode": "45A04", "eenheid": "01"},
        **{"begindatum": MEI, "volume": 150},
    }
    return Handopgave(**given | changes)


def test_an_assignment_by_hand_is_a_limit_over_all_its_invoices(store: SqlStore) -> None:
    nummer = store.facturen.assign(ZWOLLE, ANNA, hand())
    assert ["afspraak"] == kinds(store, added(store, handtoewijzing=nummer))
    later = REGEL._replace(begindatum=date(2026, 5, 1), einddatum=date(2026, 5, 2))
    second = added(store, "F2", handtoewijzing=nummer, regels=[later._replace(volume=51)])
    assert "omvang" in kinds(store, second)
    with pytest.raises(WrongUse, match="andere cliënt"):
        added(store, "F3", handtoewijzing=nummer, referentie="zaak 13")
    with pytest.raises(WrongUse, match="niet voor hen"):
        added(store, "F3", handtoewijzing=99)
    assert [nummer] == [one.toewijzing.nummer for one in store.facturen.toewijzingen(ZWOLLE).rijen]


def test_care_that_comes_in_the_traffic_as_well_is_found_once_the_client_is_known(
    store: SqlStore,
) -> None:
    nummer = added(store)
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    declared(store, [line(1, begindatum="2026-04-01", einddatum="2026-04-30")], AANBIEDER, "D7")
    assert ["afspraak"] == kinds(store, nummer)
    with pytest.raises(WrongUse, match="geen toewijzing 5"):
        store.facturen.link(ZWOLLE, nummer, 5)
    store.facturen.link(ZWOLLE, nummer, 1)
    assert ["afspraak", "berichtenverkeer"] == kinds(store, nummer)
    assert {nummer} == in_traffic(store.database, ZWOLLE, [nummer])
    assert set() == in_traffic(store.database, ELDERS, [nummer])


def test_others_do_not_see_it(store: SqlStore) -> None:
    nummer = added(store)
    with pytest.raises(NietGevonden):
        store.facturen.get(ELDERS, nummer)
    assert [] == store.facturen.list(ELDERS).rijen
    assert [nummer] == [one.nummer for one in store.facturen.list(ZWOLLE).rijen]
    opgave = Opgave(factuur=replace(FACTUUR, gemeente="0150"), soort="anders")
    with pytest.raises(NietToegestaan, match="0150"):
        store.facturen.add(ZWOLLE, ANNA, opgave, GEEN)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"soort": "zomaar"}, "kies een soort"),
        ({"referentie": ""}, "eigen referentie"),
        ({"referentie": "999900006"}, "geen BSN"),
        ({"nummer": "999900006"}, "geen BSN"),
        ({"nummer": " "}, "factuurnummer"),
        ({"regels": []}, "regels"),
        ({"regels": [REGEL._replace(bedrag=0)]}, "groter dan nul"),
        ({"regels": [REGEL._replace(einddatum=date(2026, 3, 1))]}, "voor de eerste"),
        ({"document_sha256": "abc"}, "SHA-256"),
    ],
)
def test_what_cannot_be_is_said(store: SqlStore, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        added(store, **changes)
    assert [] == store.facturen.list(ZWOLLE).rijen
