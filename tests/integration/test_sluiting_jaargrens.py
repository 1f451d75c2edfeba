"""Over new year: what lies in two years is divided, and the bridge is worked out by hand."""

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.inlezen import NO_AGREEMENTS
from gateway.ledger.sluiting.bewijs import Sluiting
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.sluiting.tellen import Ernaast, Sluitvraag, count
from gateway.store.sluiting.vragen import Betaalblik
from gateway.store.store import SqlStore
from tests.integration import jaarhuis
from tests.integration.berichten import run
from tests.integration.jaarhuis import AGB, ANNA, ZWOLLE, fill, regel, stuk
from tests.integration.store_builders import BSN, Klok, new_store, settled, toewijzing
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")
PLEK = ("0193", AGB)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    klok = Klok()
    made = new_store(tmp_path, klok)
    settled(made, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    fill(made, klok)
    yield made
    made.close()


def closed(store: SqlStore, jaar: int) -> Sluiting:
    vraag = Sluitvraag(
        jaar=jaar,
        bereik=ZWOLLE,
        blik=Betaalblik(date(2026, 6, 1), {"0193": None}, {}),
        overeenkomsten=NO_AGREEMENTS,
        instellingen={"0193": jaarhuis.opdracht(jaar).instellingen},
    )
    return count(store.database, vraag, lambda _connection, _merk: Ernaast())


@pytest.mark.parametrize(
    ("jaar", "begonnen", "erbij", "eraf", "netto"),
    [(2025, 22_500, 0, 4_516, 17_984), (2026, 0, 4_516, 0, 4_516), (2024, 0, 0, 0, 0)],
)
def test_from_begin_dates_to_days(
    store: SqlStore, jaar: int, begonnen: int, erbij: int, eraf: int, netto: int
) -> None:
    bewijs = closed(store, jaar).get("jaargrens")
    assert bewijs is not None
    assert [begonnen, erbij, -eraf] == [one.totaal for one in bewijs.links]
    assert (netto, 0) == (bewijs.rechts_bedrag, bewijs.verschil)
    assert bewijs.klopt


def test_every_year_closes_and_all_of_them_are_the_ledger(store: SqlStore) -> None:
    found = closed(store, 2025)
    assert [] == list(found.zinnen())
    jaren = found.get("jaren")
    assert jaren is not None
    assert 22_500 == jaren.links_bedrag == jaren.rechts_bedrag
    assert found.get("pakket") is None


def test_without_an_answer_that_left_a_line_waits_for_it(store: SqlStore) -> None:
    bewijs = closed(store, 2025).get("betaling")
    assert bewijs is not None
    where = {one.naam: one.totaal for one in bewijs.rechts}
    assert {"wacht op de 325": 22_500} == {name: cents for name, cents in where.items() if cents}


def test_spending_that_was_changed_is_a_sentence_with_the_amount(store: SqlStore) -> None:
    with store.database.writing("0193") as connection:
        connection.execute(
            sa.text(
                "UPDATE besteding SET bedrag = bedrag + 100 "
                "WHERE id = (SELECT min(id) FROM besteding WHERE jaar = 2025 AND bedrag > 0)"
            )
        )
    found = [one.replace("\N{NO-BREAK SPACE}", " ") for one in closed(store, 2025).zinnen()]
    place, names = f"gemeente 0193, aanbieder {AGB}", ("grootboek", "gerealiseerd")
    assert [f"{one}, {place}" for one in names] == [one.split(":")[0] for one in found]
    assert "is € 225,00, besteed is € 226,00" in found[0]
    assert "besteed is € 226,00, gerealiseerd op verplichtingen is € 225,00" in found[1]


def test_what_was_granted_on_a_number_that_nobody_knows_is_on_no_obligation(
    store: SqlStore,
) -> None:
    settled(store, stuk("D9", regel(1, "R9", "2025-07-01", "2025-07-31", 900, toewijzingnummer=9)))
    (zin,) = [one.replace("\N{NO-BREAK SPACE}", " ") for one in closed(store, 2025).zinnen()]
    assert zin.startswith(f"gerealiseerd, gemeente 0193, aanbieder {AGB}: ")
    assert zin.endswith("verschil € 9,00")


def test_who_was_erased_keeps_the_year_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    klok = Klok()
    with closing(new_store(tmp_path, klok, rol="gemeente")) as made:
        ended = toewijzing(1, einddatum=date(2026, 5, 31))
        settled(made, lambda work: work.add_toewijzingen("0193", "jeugdwet", [ended]))
        fill(made, klok)
        with made.database.writing() as connection:
            connection.execute(sa.text("UPDATE outbox SET sent_at = 1.0"))
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{BSN}\n"))
        words = ["retention", "erase", "--apply", "--doel", "verzoek 12", "--clock", "2066-06-01"]
        assert 0 == run([*words, "--store", store_of(tmp_path)])
        assert [(True,)] == rows_of(tmp_path, "SELECT DISTINCT toewijzingnummer < 0 FROM prestatie")
        found = closed(made, 2025)
    assert [] == list(found.zinnen())
    bewijs = found.get("gerealiseerd")
    assert bewijs is not None
    assert 22_500 == bewijs.rechts_bedrag


def test_a_settled_line_that_is_credited_later_is_told_and_closes(store: SqlStore) -> None:
    moved = Aanleiding(
        van="0193", aan="0150", toewijzingnummer=1, vanaf=date(2025, 1, 1), grond="verhuizing"
    )
    store.verrekeningen.add(ZWOLLE, ANNA, moved)
    undone = {"vorig_referentienummer": "R1", "debet_credit": "C"}
    settled(store, stuk("D8", regel(1, "C1", "2025-11-01", "2025-11-30", 10_000, **undone)))
    bewijs = closed(store, 2025).get("verrekeningsregels")
    assert bewijs is not None
    assert [12_500, 10_000, 0] == [one.totaal for one in bewijs.rechts]
    assert bewijs.klopt


def test_it_asks_as_many_questions_of_a_larger_store(store: SqlStore) -> None:
    before = questions(store)
    for number in range(3):
        lines = [regel(n, f"X{number}-{n}", "2025-03-01", "2025-03-31", 1_000) for n in (1, 2, 3)]
        settled(store, stuk(f"X{number}", *lines))
    assert before == questions(store)
    bewijs = closed(store, 2025).get("betaling")
    assert bewijs is not None
    assert 31_500 == bewijs.links_bedrag


def questions(store: SqlStore) -> int:
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    engine = store.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        closed(store, 2025)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len([one for one in told if one.lstrip().startswith(("SELECT", "WITH"))])
