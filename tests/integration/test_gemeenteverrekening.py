"""Two municipalities see the same item, each answers for itself, and what they owe adds up."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from importlib import import_module
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.errors import AlBeoordeeld, NietGevonden, NietToegestaan, WrongUse
from gateway.pipeline.ports import Claim
from gateway.records.header import Header
from gateway.records.verzoek import Verzoek, Verzoekantwoord, Woonplaatsbeginsel
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.geld.nazorg.verrekeningvolger import Verrekeningvolger
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
from gateway.store.sluiting import vragen
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    BSN,
    BSN2,
    Klok,
    declared,
    line,
    new_store,
    settled,
    toewijzing,
)

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE, KAMPEN = Bereik(frozenset({"0193"})), Bereik(frozenset({"0166"}))
BEIDE, ELDERS = Bereik(frozenset({"0193", "0166"})), Bereik(frozenset({"0150"}))
MIGRATION = "gateway.store.migrations.versions.0032_personen_en_tegenposten"
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
CAREL = Wie("carel", "Carel", "gebruiker")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, Klok())
    settled(made, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    settled(made, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(2, bsn=BSN2)]))
    yield made
    made.close()


def care(nr: int, begin: str, bedrag: int, **changes: Any) -> tuple[Any, ...]:
    given = {"referentienummer": f"R{nr}", "begindatum": begin, "einddatum": begin}
    return line(nr, **{**given, "ingediend_bedrag": bedrag, **changes})


def added(store: SqlStore, **changes: Any) -> Sequence[int]:
    given: dict[str, Any] = {"van": "0193", "aan": "0166", "toewijzingnummer": 1}
    given |= {"vanaf": date(2025, 12, 1), "grond": "verhuizing"}
    return store.verrekeningen.add(ZWOLLE, ANNA, Aanleiding(**given | changes))


@pytest.fixture
def nummers(store: SqlStore) -> Sequence[int]:
    """Two items of one client: 1500 in 2025 and 2250 in 2026."""
    credited = {"debet_credit": "C", "vorig_referentienummer": "R5"}
    lines = [
        care(1, "2025-12-15", 1500),
        care(2, "2026-01-10", 2000),
        care(3, "2026-02-10", 250),
        care(4, "2026-03-10", 9999, bsn=BSN2, toewijzingnummer=2),
        care(5, "2026-03-11", 777),
        care(6, "2026-03-11", 777, **credited),
        care(7, "2026-03-12", 888, toegekend=0),
        care(8, "2025-11-30", 111),
    ]
    declared(store, lines)
    return added(store)


def stand(store: SqlStore, nummer: int, bereik: Bereik = ZWOLLE) -> tuple[str, int]:
    one = store.verrekeningen.get(bereik, nummer)
    return one.stand, one.bedrag


def test_an_item_is_of_a_year_with_the_lines_that_were_granted(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    expected = [("open", 1500), ("open", 2250)]
    assert expected == [stand(store, one) for one in nummers]
    assert expected == [stand(store, one, KAMPEN) for one in nummers]
    lines = store.verrekeningen.regels(KAMPEN, nummers[1]).rijen
    assert [2000, 250] == [one.bedrag for one in lines]
    with pytest.raises(WrongUse, match="niets toegekend"):
        added(store)


def test_others_do_not_see_it(store: SqlStore, nummers: Sequence[int]) -> None:
    with pytest.raises(NietGevonden):
        store.verrekeningen.get(ELDERS, nummers[0])
    assert [] == store.verrekeningen.list(ELDERS).rijen
    assert [] == store.verrekeningen.regels(ELDERS, nummers[0]).rijen
    assert [] == store.verrekeningen.paren(ELDERS)


def test_the_row_guard_shows_an_item_to_both_and_to_nobody_else(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    if not store.is_shared:
        pytest.skip("only PostgreSQL has a row guard")
    tables = ("gemeenteverrekening", "gemeenteverrekening_regel")
    for scope, expected in (("0193", [2, 3]), ("0166", [2, 3]), ("0150", [0, 0]), ("", [0, 0])):
        with store.database.snapshot(scope or "0999") as connection:
            counts = [connection.scalar(sa.text(f"SELECT count(*) FROM {one}")) for one in tables]
        assert expected == counts, scope


def test_each_side_says_what_it_thinks_and_only_that_side(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    first, second = nummers
    verrekeningen = store.verrekeningen
    with pytest.raises(NietToegestaan, match="andere gemeente"):
        verrekeningen.answer(ZWOLLE, ANNA, first, "akkoord")
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    with pytest.raises(WrongUse, match="waarom"):
        verrekeningen.answer(KAMPEN, BRAM, second, "betwist")
    verrekeningen.answer(KAMPEN, BRAM, second, "betwist", "woonde hier nog niet")
    assert [("eens", 1500), ("betwist", 2250)] == [stand(store, one) for one in nummers]
    with pytest.raises(AlBeoordeeld, match="eens"):
        verrekeningen.withdraw(ZWOLLE, ANNA, first)
    with pytest.raises(NietToegestaan, match="betaalde"):
        verrekeningen.withdraw(KAMPEN, BRAM, second)
    verrekeningen.withdraw(ZWOLLE, ANNA, second)
    assert ("ingetrokken", 2250) == stand(store, second)
    assert [("open", 2250)] == [stand(store, one) for one in added(store)]


def test_who_works_for_both_speaks_for_one_of_them(store: SqlStore, nummers: Sequence[int]) -> None:
    first, second = nummers
    verrekeningen = store.verrekeningen
    with pytest.raises(NietToegestaan, match="laat een collega"):
        verrekeningen.answer(BEIDE, ANNA, first, "akkoord")
    assert ("open", 1500) == stand(store, first)
    told = verrekeningen.bezwaren(BEIDE, ANNA, first)
    assert (None, True) == (told.van, told.aan is not None)
    verrekeningen.answer(BEIDE, BRAM, second, "betwist", "woonde hier nog niet")
    told = verrekeningen.bezwaren(BEIDE, BRAM, second)
    assert (True, None) == (told.van is not None, told.aan)
    with pytest.raises(NietToegestaan, match="laat een collega"):
        verrekeningen.withdraw(BEIDE, BRAM, second)
    verrekeningen.withdraw(BEIDE, ANNA, second)
    verrekeningen.answer(BEIDE, BRAM, first, "akkoord")
    credited(store, 1, "2025-12-15", 1500)
    with pytest.raises(NietToegestaan, match="laat een collega"):
        verrekeningen.counter(BEIDE, BRAM, first)
    (tegen,) = verrekeningen.counter(BEIDE, ANNA, first)
    with pytest.raises(NietToegestaan, match="laat een collega"):
        verrekeningen.answer(BEIDE, ANNA, tegen, "akkoord")


def test_what_is_nobodys_speaks_for_neither_side(store: SqlStore, nummers: Sequence[int]) -> None:
    verrekeningen, key = store.verrekeningen, Wie("sleutel-7", "suite", "sleutel")
    with pytest.raises(NietToegestaan, match="sleutel-7 is van niemand"):
        verrekeningen.answer(KAMPEN, key, nummers[0], "akkoord")
    verrekeningen.answer(KAMPEN, BRAM, nummers[0], "betwist", "woonde hier nog niet")
    with pytest.raises(NietToegestaan, match="sleutel-7 is van niemand"):
        verrekeningen.withdraw(ZWOLLE, key, nummers[0])


def test_what_two_municipalities_owe_is_the_same_from_both_sides(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    store.verrekeningen.answer(KAMPEN, BRAM, nummers[0], "akkoord")
    expected = [("0193", 2025, 1500, 1500), ("0193", 2026, 2250, 0)]
    other = [("0166", 2025, -1500, -1500), ("0166", 2026, -2250, 0)]

    def seen(bereik: Bereik) -> list[tuple[str, int, int, int]]:
        found = store.verrekeningen.paren(bereik)
        return [(one.gemeente, one.jaar, one.bedrag, one.eens) for one in found]

    assert expected == seen(ZWOLLE)
    assert other == seen(KAMPEN)
    assert other + expected == seen(BEIDE)


def test_a_municipality_outside_is_answered_for_by_hand(store: SqlStore) -> None:
    declared(store, [care(1, "2026-01-10", 500)])
    (nummer,) = added(store, aan="0363", buiten=True)
    store.verrekeningen.answer(ZWOLLE, ANNA, nummer, "akkoord", "brief van 3 mei")
    assert ("eens", 500) == stand(store, nummer)


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"grond": "zomaar"}, WrongUse, "kies een grond"),
        ({"aan": "0193"}, WrongUse, "niet met zichzelf"),
        ({"van": "0166", "aan": "0193"}, NietToegestaan, "die betaalde"),
        ({"tot": date(2025, 1, 1)}, WrongUse, "voor de eerste"),
        ({"toewijzingnummer": 77}, WrongUse, "niet bekend"),
    ],
)
def test_what_cannot_be_is_said(
    store: SqlStore, changes: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        added(store, **changes)


def test_a_319_that_names_the_responsible_municipality_proposes_an_item(store: SqlStore) -> None:
    declared(store, [care(1, "2026-05-10", 500), care(2, "2026-04-01", 60)])
    asked = Verzoek(
        soort="315",
        referentie_aanbieder="V-1",
        bsn=BSN,
        dagtekening=date(2026, 5, 1),
        ontvangen_op=date(2026, 5, 1),
        termijn=date(2026, 5, 8),
    )
    settled(store, lambda work: work.add_verzoeken(AANBIEDER, [asked]))
    claim = settled(store, lambda work: None)
    header = Header("", "458", "0193", "12345678", "A1", date(2026, 5, 4), "1.1.0", "1.0.1")
    records = [header, Verzoekantwoord("", "V-1", "1", "8"), Woonplaatsbeginsel("", "0166")]
    with store.database.writing("*") as connection:
        connection.execute(
            sa.text("UPDATE inbox SET berichtcode = '458' WHERE id = :id"), {"id": claim.inbox_id}
        )
    zoeker = Woonplaatsen(store.database, lambda _: records, {"0193", "0166"})
    (found,) = zoeker.zoek(ZWOLLE, ["458"], date(2026, 1, 1))
    noted: list[tuple[int, ...]] = []
    note = lambda _connection, *own: noted.append(own)  # noqa: E731
    (nummer,) = store.verrekeningen.add_found(ANNA, ZWOLLE, [found], note)
    assert [(nummer,)] == noted
    assert ("voorgesteld", 500) == stand(store, nummer)
    with pytest.raises(NietGevonden):
        store.verrekeningen.get(KAMPEN, nummer)
    assert [] == store.verrekeningen.paren(ZWOLLE)
    store.verrekeningen.confirm(ZWOLLE, CAREL, nummer)
    assert ("open", 500) == stand(store, nummer, KAMPEN)
    for wie in (ANNA, CAREL):
        with pytest.raises(NietToegestaan, match="laat een collega"):
            store.verrekeningen.answer(BEIDE, wie, nummer, "akkoord")
    assert [] == list(zoeker.zoek(ZWOLLE, ["458"], date(2026, 1, 1)))
    assert [] == store.verrekeningen.add_found(ANNA, ZWOLLE, [found], note)
    assert [(nummer,)] == noted


def credited(store: SqlStore, nr: int, begin: str, bedrag: int) -> Claim:
    """The provider credits a line of the first invoice."""
    own = {"debet_credit": "C", "referentienummer": f"C{nr}", "vorig_referentienummer": f"R{nr}"}
    claim = declared(store, [care(1, begin, bedrag, **own)], nummer=f"D{nr}")
    store.werkvolger.catch_up()
    return claim


def eens(store: SqlStore, bereik: Bereik) -> list[int]:
    return [one.eens for one in store.verrekeningen.paren(bereik, 2026)]


def test_what_was_credited_since_is_taken_back_by_an_item_against_it(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    verrekeningen, first = store.verrekeningen, nummers[1]
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    with pytest.raises(WrongUse, match="niets gecrediteerd"):
        verrekeningen.counter(ZWOLLE, ANNA, first)
    credit = credited(store, 2, "2026-01-10", 2000)
    for bereik in (ZWOLLE, KAMPEN):
        assert 2000 == verrekeningen.get(bereik, first).gecrediteerd
        found = verrekeningen.regels(bereik, first).rijen
        assert [(2000, credit.inbox_id), (250, None)] == [
            (one.bedrag, one.credit_id) for one in found
        ]
    with pytest.raises(NietToegestaan, match="betaalde"):
        verrekeningen.counter(KAMPEN, BRAM, first)
    (tegen,) = verrekeningen.counter(ZWOLLE, ANNA, first)
    assert (("open", -2000), first) == (
        stand(store, tegen, KAMPEN),
        verrekeningen.get(KAMPEN, tegen).tegen,
    )
    assert 0 == verrekeningen.get(KAMPEN, first).gecrediteerd
    (line,) = verrekeningen.regels(KAMPEN, tegen).rijen
    assert (credit.inbox_id, 1, -2000) == (line.inbox_id, line.regelnr, line.bedrag)
    with pytest.raises(WrongUse, match="niets gecrediteerd"):
        verrekeningen.counter(ZWOLLE, ANNA, first)
    assert ([2250], [-2250]) == (eens(store, ZWOLLE), eens(store, KAMPEN))
    verrekeningen.answer(KAMPEN, BRAM, tegen, "akkoord")
    assert ([250], [-250]) == (eens(store, ZWOLLE), eens(store, KAMPEN))


def test_an_item_against_another_is_withdrawn_and_put_down_again(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    verrekeningen, first = store.verrekeningen, nummers[1]
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    credited(store, 2, "2026-01-10", 2000)
    (tegen,) = verrekeningen.counter(ZWOLLE, ANNA, first)
    verrekeningen.answer(KAMPEN, BRAM, tegen, "betwist", "verkeerde regel")
    verrekeningen.withdraw(ZWOLLE, ANNA, tegen)
    assert 2000 == verrekeningen.get(KAMPEN, first).gecrediteerd
    credited(store, 3, "2026-02-10", 250)
    (again,) = verrekeningen.counter(ZWOLLE, ANNA, first)
    assert ("open", -2250) == stand(store, again)


def test_what_is_not_agreed_yet_is_withdrawn_and_put_down_without_the_credit(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    credited(store, 2, "2026-01-10", 2000)
    assert 2000 == store.verrekeningen.get(ZWOLLE, nummers[1]).gecrediteerd
    with pytest.raises(WrongUse, match="voer hem opnieuw op"):
        store.verrekeningen.counter(ZWOLLE, ANNA, nummers[1])
    store.verrekeningen.withdraw(ZWOLLE, ANNA, nummers[1])
    assert 0 == store.verrekeningen.get(ZWOLLE, nummers[1]).gecrediteerd
    assert [("open", 250)] == [stand(store, one) for one in added(store)]


def test_the_year_closes_with_what_was_taken_back(store: SqlStore, nummers: Sequence[int]) -> None:
    first = nummers[1]
    store.verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    credited(store, 2, "2026-01-10", 2000)
    assert [[2250], [2250], [250, 2000, 0]] == settled_now(store)
    store.verrekeningen.counter(ZWOLLE, ANNA, first)
    assert [[250], [250], [250, 2000, -2000]] == settled_now(store)


def test_a_credit_that_no_longer_stands_is_forgotten(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    claim = credited(store, 2, "2026-01-10", 2000)
    with store.database.writing("*") as connection:
        gone = sa.text("UPDATE prestatie SET toegekend = 0 WHERE referentienummer = 'C2'")
        connection.execute(gone)
        Verrekeningvolger(store.database.is_sqlite).settle(connection, [claim.inbox_id])
    assert 0 == store.verrekeningen.get(ZWOLLE, nummers[1]).gecrediteerd


def refused_again(store: SqlStore, referentie: str, *, granted: bool = False) -> None:
    """A judgement afterwards grants a line no longer, or again."""
    with store.database.writing("*") as connection:
        change = sa.text("UPDATE prestatie SET toegekend = :stand WHERE referentienummer = :nr")
        connection.execute(change, {"stand": int(granted), "nr": referentie})


def settled_now(store: SqlStore) -> list[list[int]]:
    """What is settled, its lines, and what the ledger has: as it was, undone and taken back."""
    queries = (vragen.settlements, vragen.settled_lines, vragen.settled_in_ledger)
    with store.database.snapshot("0193") as connection:
        found = [connection.execute(one(["0193"], 2026)).one() for one in queries]
    return [[int(cents) for cents in row[2:]] for row in found]


def test_what_both_agreed_on_is_put_down_again_once_a_line_is_no_longer_granted(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    verrekeningen, first = store.verrekeningen, nummers[1]
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    refused_again(store, "R2")
    assert [[2250], [2250], [250, 0, 0]] == settled_now(store)
    with pytest.raises(NietToegestaan, match="betaalde"):
        verrekeningen.withdraw(KAMPEN, BRAM, first)
    verrekeningen.withdraw(ZWOLLE, ANNA, first)
    (again,) = added(store)
    assert ("open", 250) == stand(store, again, KAMPEN)
    verrekeningen.answer(KAMPEN, BRAM, again, "akkoord")
    assert [[250], [250], [250, 0, 0]] == settled_now(store)
    with pytest.raises(AlBeoordeeld, match="eens"):
        verrekeningen.withdraw(ZWOLLE, ANNA, again)


def test_an_item_goes_with_what_was_taken_back_of_it(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    verrekeningen, first = store.verrekeningen, nummers[1]
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    credited(store, 2, "2026-01-10", 2000)
    (tegen,) = verrekeningen.counter(ZWOLLE, ANNA, first)
    verrekeningen.answer(KAMPEN, BRAM, tegen, "akkoord")
    with pytest.raises(AlBeoordeeld, match="eens"):
        verrekeningen.withdraw(ZWOLLE, ANNA, first)
    refused_again(store, "R3")
    verrekeningen.withdraw(ZWOLLE, ANNA, first)
    assert [("ingetrokken", -2000), ("ingetrokken", 2250)] == [
        stand(store, one) for one in (tegen, first)
    ]
    refused_again(store, "R3", granted=True)
    assert [("open", 250)] == [stand(store, one) for one in added(store)]


def test_an_item_against_another_is_withdrawn_once_its_credit_no_longer_stands(
    store: SqlStore, nummers: Sequence[int]
) -> None:
    verrekeningen, first = store.verrekeningen, nummers[1]
    verrekeningen.answer(KAMPEN, BRAM, first, "akkoord")
    claim = credited(store, 2, "2026-01-10", 2000)
    (tegen,) = verrekeningen.counter(ZWOLLE, ANNA, first)
    verrekeningen.answer(KAMPEN, BRAM, tegen, "akkoord")
    refused_again(store, "C2")
    with store.database.writing("*") as connection:
        Verrekeningvolger(store.database.is_sqlite).settle(connection, [claim.inbox_id])
    assert [[250], [250], [2250, 0, 0]] == settled_now(store)
    assert (False, True) == tuple(verrekeningen.is_vervallen(ZWOLLE, one) for one in (first, tegen))
    verrekeningen.withdraw(ZWOLLE, ANNA, tegen)
    assert ([2250], [-2250]) == (eens(store, ZWOLLE), eens(store, KAMPEN))
    assert [[2250], [2250], [2250, 0, 0]] == settled_now(store)


def test_an_older_store_learns_what_was_credited(store: SqlStore, nummers: Sequence[int]) -> None:
    credit = credited(store, 2, "2026-01-10", 2000)
    migration = import_module(MIGRATION)
    with store.database.writing("*") as connection:
        connection.execute(
            sa.text("UPDATE gemeenteverrekening_regel SET credit_id = NULL, credit_nr = NULL")
        )
        connection.execute(sa.text(migration.FIND_CREDITS))
    lines = store.verrekeningen.regels(ZWOLLE, nummers[1]).rijen
    assert [credit.inbox_id, None] == [one.credit_id for one in lines]


WITHOUT_THEIR_OWN = re.compile(r"SCAN (p|c|prestatie)\b|AUTOMATIC|prestatie_\w+ \(partij_id=\?\)")


@pytest.mark.parametrize("name", ["settled_in_ledger", "start_lines", "0032"])
def test_a_line_is_found_by_its_number(store: SqlStore, name: str) -> None:
    if not store.database.is_sqlite:
        pytest.skip("PostgreSQL plans a store of a few lines as it likes")
    if name == "0032":
        text = import_module(MIGRATION).FIND_CREDITS
    else:
        asked = getattr(vragen, name)(["0193"], 2026 if name == "settled_in_ledger" else [(1, 1)])
        text = asked.compile(store.database.engine, compile_kwargs={"literal_binds": True})
    with store.database.snapshot("0193") as connection:
        told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    steps = [step for *_, step in told]
    assert any("INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in step for step in steps)
    assert [] == [step for step in steps if WITHOUT_THEIR_OWN.search(step)]


def test_of_two_at_once_one_is_told_that_there_is_nothing_left(store: SqlStore) -> None:
    declared(store, [care(1, "2026-01-10", 500)])
    vraag = Aanleiding(
        van="0193", aan="0166", toewijzingnummer=1, vanaf=date(2025, 12, 1), grond="verhuizing"
    )
    with ThreadPoolExecutor(1) as pool:
        second: list[Future[Sequence[int]]] = []

        def meanwhile(*_: object) -> None:
            second.append(pool.submit(store.verrekeningen.add, ZWOLLE, ANNA, vraag))
            sleep(0.3)

        (nummer,) = store.verrekeningen.add(ZWOLLE, ANNA, vraag, meanwhile)
        with pytest.raises(WrongUse, match="niets toegekend"):
            second[0].result(30)
    assert ("open", 500) == stand(store, nummer)
