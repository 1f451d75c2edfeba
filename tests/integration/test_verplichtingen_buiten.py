"""Assignments by hand and invoices outside the message traffic are obligations and costs too."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.match import index
from gateway.cli import run
from gateway.ledger.geld.opname import Opname, Som, take_stock
from gateway.ledger.geld.prognose import forecast
from gateway.ledger.geld.verplichting import Groep, Peil
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.factuuropgave import Handopgave
from gateway.store.geld.toewijzingenblad import Bladlezer
from gateway.store.geld.verplichtingen import Verplichtingenbron, history_on
from tests.integration.betaalhuis import ANNA, LINDE, VANDAAG, ZWOLLE, Betaalhuis, betaalhuis
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")
GROEP = Groep("jeugdwet", "45", LINDE, "0193")
JANUARI, DECEMBER = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    """A granted line of 10.00, an assignment of 100.00 by hand of which 30.00 was invoiced, and an
    invoice of 5.00 on none, of which 2.00 was taken back."""
    with betaalhuis(tmp_path) as made:
        made.declareer(1000)
        hand = assigned(made, 10_000)
        made.factureer(3000, handtoewijzing=hand, referentie="zaak 1")
        los = made.factureer(300, 200)
        opgave = Creditopgave(factuurnummer="C1", factuurdatum=VANDAAG, regels=[2])
        made.keur_goed(made.store.facturen.credit(ZWOLLE, ANNA, los, opgave))
        made.factureer(9_999, is_approved=False)
        yield made


def assigned(huis: Betaalhuis, bedrag: int | None) -> int:
    opgave = Handopgave(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder=LINDE,
        soort="geen-bsn",
        referentie="zaak 1",
        productcode="45A04",
        eenheid="01",
        begindatum=JANUARI,
        einddatum=DECEMBER,
        bedrag=bedrag,
    )
    return huis.store.facturen.assign(ZWOLLE, ANNA, opgave)


def stock(huis: Betaalhuis, peil: int | None = None) -> Opname:
    with huis.store.database.snapshot() as connection:
        bron = Verplichtingenbron(connection, ZWOLLE, peil)
        found = take_stock(bron, index([]), Peil(VANDAAG, 2026))
        assert peil is not None or found.totaal.gerealiseerd == bron.gerealiseerd(2026)
    return found


def amounts(som: Som) -> tuple[int, ...]:
    return som.verplicht, som.gerealiseerd, som.verwacht, som.los


def test_they_count_with_what_is_granted_and_what_is_left_of_them_is_expected(
    huis: Betaalhuis,
) -> None:
    found = stock(huis)
    assert {GROEP: (11_300, 4300, 7000, 1000)} == {
        groep: amounts(one.som) for groep, one in found.groepen.items()
    }
    prognose = forecast(found)
    assert 4300 == prognose.totaal.gerealiseerd
    assert 0 < prognose.totaal.komend <= 7000


def test_without_an_amount_nothing_is_guessed(huis: Betaalhuis) -> None:
    before = stock(huis).totaal
    assigned(huis, None)
    after = stock(huis).totaal
    assert (amounts(before), before.zonder_prijs + 1) == (amounts(after), after.zonder_prijs)


def test_an_earlier_day_knows_what_was_approved_by_then(huis: Betaalhuis) -> None:
    huis.klok.move(24 * 3600)
    huis.factureer(700)
    with huis.store.database.snapshot() as connection:
        known = history_on(connection, date(2026, 5, 5))
        now = history_on(connection, date(2026, 5, 6))
    assert known.peil is not None
    assert now.peil is not None
    assert (4300, 5000, 5000) == tuple(
        stock(huis, one).totaal.gerealiseerd for one in (known.peil, now.peil, None)
    )


def test_the_command_tells_them_apart_and_comes_to_the_same(
    huis: Betaalhuis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*words: str) -> str:
        given = ["--clock", VANDAAG.isoformat(), "--store", store_of(tmp_path), *words]
        assert 0 == run(["ledger", "commitments", *given])
        return capsys.readouterr().out

    one_by_one = json.loads(told("--per", "toewijzing", "--json"))
    assert [(1, 0, 1000), (1, 1, 3000), (0, 1, 300)] == [
        (row["toewijzing"], row["buiten"], row["gerealiseerd"]) for row in one_by_one["rows"]
    ]
    assert (True, 4300) == (one_by_one["balanced"], one_by_one["ledger"])
    (row,) = csv.DictReader(io.StringIO(told("--csv"), newline=""), delimiter=";")
    assert ("113,00", "43,00") == (row["verplicht"], row["gerealiseerd"])


def test_they_stand_behind_their_group(huis: Betaalhuis) -> None:
    lezer = Bladlezer(huis.store.database, ZWOLLE, index([]), Peil(VANDAAG, 2026), GROEP)
    assert [(1, 10_000), (0, 300)] == [
        (one.toegewezen.nummer, one.verplicht) for one in lezer.buiten()
    ]
    elders = Bladlezer(
        huis.store.database, ZWOLLE, index([]), Peil(VANDAAG, 2026), GROEP._replace(categorie="46")
    )
    assert [] == elders.buiten()
