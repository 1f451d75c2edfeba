"""What is due about money today: counted per kind, within what somebody sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.store.engine import insert_one
from gateway.store.geld.betalen.openstaand import Laat
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.keuze import VanDeclaratie
from gateway.store.geld.nazorg.tables import gemeenteverrekening
from gateway.store.geld.vandaag import geldwerk
from gateway.store.jaareinde.tables import verantwoording
from gateway.toegang.wie import Bereik
from tests.integration.betaalhuis import ANNA, LINDE, VANDAAG, ZWOLLE, Betaalhuis, betaalhuis
from tests.integration.test_betalen_tegelijk import statements_of
from tests.web.jaren import JAAR, fill_year

pytestmark = pytest.mark.usefixtures("opslag")
KAMPEN = Bereik(frozenset({"0166"}))
DAGEN = 24 * 3600


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    with betaalhuis(tmp_path) as made:
        yield made


def counted(huis: Betaalhuis, bereik: Bereik = ZWOLLE, dag: date = VANDAAG) -> tuple[int, ...]:
    """Late credits, open proposals, late payments, missing statements and settlements."""
    laat = {one: Laat(dag - timedelta(days=1), from_answer=False) for one in bereik.gemeenten}
    jaren = dict.fromkeys(bereik.gemeenten, JAAR)
    return astuple(geldwerk(huis.store.database, bereik, dag, laat, jaren))


def settlement(huis: Betaalhuis, **changes: Any) -> None:
    row: dict[str, Any] = {
        **{"van": "0193", "aan": "0166", "wet": "jeugdwet", "client": "0" * 32, "jaar": 2026},
        **{"begindatum": VANDAAG, "einddatum": VANDAAG, "regels": 1, "bedrag": 100, "buiten": 0},
        **{"grond": "verhuizing", "toelichting": "", "van_staat": "bevestigd"},
        **{"aan_staat": "open", "wie": "anna", "naam": "Anna", "gemaakt_at": 0.0},
    }
    with huis.store.database.writing("*") as connection:
        insert_one(connection, gemeenteverrekening, row | changes)


def test_without_anything_nothing_is_due(huis: Betaalhuis) -> None:
    huis.declareer(100)
    huis.store.betaalvolger.catch_up()
    assert (0, 0, 0, 0, 0) == counted(huis)
    assert (0, 0, 0, 0, 0) == counted(huis, KAMPEN)


def test_a_credit_that_did_not_come_in_time_is_due(huis: Betaalhuis) -> None:
    claim = huis.declareer(100)
    keuze = VanDeclaratie(claim.inbox_id)
    vraag = Aanvraag(keuze=keuze, reden="dubbel", uiterlijk=VANDAAG)
    huis.store.creditverzoeken.request(ZWOLLE, ANNA, vraag)
    assert 0 == counted(huis)[0]
    assert 1 == counted(huis, dag=VANDAAG + timedelta(days=1))[0]
    assert 0 == counted(huis, KAMPEN, VANDAAG + timedelta(days=1))[0]


def test_a_proposal_is_due_until_somebody_decides(huis: Betaalhuis) -> None:
    factuur = huis.factureer(100, is_approved=False)
    assert (1, 0) == (counted(huis)[1], counted(huis, KAMPEN)[1])
    huis.keur_goed(factuur)
    assert 0 == counted(huis)[1]


def test_what_should_have_been_paid_is_due_credits_aside(huis: Betaalhuis) -> None:
    huis.declareer(100, 20)
    huis.declareer(-30)
    huis.factureer(100)
    huis.store.betaalvolger.catch_up()
    assert (0, 2) == (counted(huis)[2], counted(huis, dag=VANDAAG + timedelta(days=1))[2])
    huis.maak()
    assert 0 == counted(huis, dag=VANDAAG + timedelta(days=1))[2]


def test_who_told_nothing_of_a_year_is_due(huis: Betaalhuis) -> None:
    fill_year(huis.store, "0193", LINDE)
    assert 0 == counted(huis)[3]
    with huis.store.database.writing("0193") as connection:
        connection.execute(sa.update(verantwoording).values(vervallen=1))
    assert (1, 0) == (counted(huis)[3], counted(huis, KAMPEN)[3])
    fill_year(huis.store, "0193", LINDE)
    assert 0 == counted(huis)[3]


def test_a_settlement_is_due_for_whom_it_waits(huis: Betaalhuis) -> None:
    settlement(huis)
    assert (0, 1) == (counted(huis)[4], counted(huis, KAMPEN)[4])
    settlement(huis, van_staat="voorgesteld")
    assert (1, 1) == (counted(huis)[4], counted(huis, KAMPEN)[4])
    settlement(huis, aan_staat="akkoord")
    settlement(huis, van_staat="ingetrokken")
    assert (1, 1) == (counted(huis)[4], counted(huis, KAMPEN)[4])
    # Who paid writes down what a municipality outside answers.
    settlement(huis, aan="0150", buiten=1)
    assert (2, 1) == (counted(huis)[4], counted(huis, KAMPEN)[4])


def test_it_takes_one_statement_a_kind(huis: Betaalhuis) -> None:
    one = statements_of(huis, lambda: counted(huis, KAMPEN))
    for _ in range(3):
        huis.declareer(100, 5)
        huis.factureer(7)
    assert one == statements_of(huis, lambda: counted(huis))
