"""What waits for a second person: carried out once, by another, wholly or not at all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietGevonden, NietToegestaan, WrongUse
from gateway.records.rekening import Rekening
from gateway.store.engine import insert_one
from gateway.store.geld.rekeningen import rekeningen_op
from gateway.store.geld.tables import aanbieder_rekening
from gateway.store.geld.voorstellen import Voorstel, Voorstellen, Voorstelsoort, Vraag
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import new_store

ZWOLLE, ELDERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
IBAN = "NL91ABNA0417164300"


def open_account(connection: Connection, een: Voorstel) -> None:
    row = {**een.inhoud, "gemeente": een.gemeente, "vanaf": date(2026, 3, 1)}
    insert_one(connection, aanbieder_rekening, row | {"voorstel_id": een.nummer})


def fail(_connection: Connection, _een: Voorstel) -> None:
    raise WrongUse("de rekening bestaat niet meer")


SOORTEN = {
    "rekening": Voorstelsoort("Andere rekening", open_account),
    "mislukt": Voorstelsoort("Iets dat mislukt", fail),
}


pytestmark = pytest.mark.usefixtures("opslag")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, lambda: NOW)
    yield made
    made.close()


def voorstellen_of(store: SqlStore) -> Voorstellen:
    return Voorstellen(store.database, lambda: NOW, SOORTEN)


def proposed(store: SqlStore, soort: str = "rekening") -> int:
    inhoud = {"aanbieder": "99000011", "iban": IBAN, "tenaamstelling": "De Linde"}
    vraag = Vraag(gemeente="0193", soort=soort, onderwerp="rekening van 99000011", inhoud=inhoud)
    with store.database.writing(ZWOLLE.scope) as connection:
        return voorstellen_of(store).propose(connection, ANNA, vraag)


def accounts(store: SqlStore, dag: date) -> dict[str, Rekening]:
    with store.database.snapshot(ZWOLLE.scope) as connection:
        return dict(rekeningen_op(connection, "0193", ["99000011", "99000022"], dag))


def test_what_another_approves_is_carried_out(store: SqlStore) -> None:
    nummer = proposed(store)
    assert [nummer] == [one.nummer for one in voorstellen_of(store).open(ZWOLLE)]
    assert {} == accounts(store, date(2026, 3, 5))
    done = voorstellen_of(store).approve(ZWOLLE, BRAM, nummer)
    assert ("uitgevoerd", "Bram", NOW) == (done.staat, done.tweede_naam, done.besloten)
    expected = {"99000011": Rekening(IBAN, "De Linde")}
    assert ({}, expected) == (
        accounts(store, date(2026, 2, 28)),
        accounts(store, date(2026, 3, 1)),
    )
    assert [] == voorstellen_of(store).open(ZWOLLE)


def test_nobody_approves_his_own(store: SqlStore) -> None:
    nummer = proposed(store)
    with pytest.raises(NietToegestaan, match="tweede persoon"):
        voorstellen_of(store).approve(ZWOLLE, ANNA, nummer)
    assert "voorgesteld" == voorstellen_of(store).get(ZWOLLE, nummer).staat


def test_who_proposed_withdraws_and_another_refuses(store: SqlStore) -> None:
    own, others = proposed(store), proposed(store)
    alle = voorstellen_of(store)
    assert "ingetrokken" == alle.refuse(ZWOLLE, ANNA, own, "te vroeg").staat
    assert ("geweigerd", "klopt niet") == (
        (one := alle.refuse(ZWOLLE, BRAM, others, "klopt niet")).staat,
        one.reden,
    )
    assert {} == accounts(store, date(2026, 3, 5))


def test_a_refusal_has_a_reason(store: SqlStore) -> None:
    nummer = proposed(store)
    with pytest.raises(WrongUse, match="reden"):
        voorstellen_of(store).refuse(ZWOLLE, BRAM, nummer, "  ")


def test_nothing_is_decided_twice(store: SqlStore) -> None:
    nummer = proposed(store)
    voorstellen_of(store).approve(ZWOLLE, BRAM, nummer)
    with pytest.raises(AlBeoordeeld, match="uitgevoerd"):
        voorstellen_of(store).approve(ZWOLLE, BRAM, nummer)
    with store.database.snapshot(ZWOLLE.scope) as connection:
        assert 1 == connection.scalar(sa.select(sa.func.count()).select_from(aanbieder_rekening))


def test_what_cannot_be_carried_out_is_still_a_proposal(store: SqlStore) -> None:
    nummer = proposed(store, "mislukt")
    with pytest.raises(WrongUse, match="bestaat niet meer"):
        voorstellen_of(store).approve(ZWOLLE, BRAM, nummer)
    assert "voorgesteld" == voorstellen_of(store).get(ZWOLLE, nummer).staat


def test_another_municipality_does_not_see_it(store: SqlStore) -> None:
    nummer = proposed(store)
    with pytest.raises(NietGevonden):
        voorstellen_of(store).get(ELDERS, nummer)
    with pytest.raises(NietGevonden):
        voorstellen_of(store).approve(ELDERS, BRAM, nummer)
    assert [] == voorstellen_of(store).open(ELDERS)
