"""What only PostgreSQL can show: guarded rows, writers side by side, a server that goes away."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.errors import CouldNotFinish, MessageParked, TemporaryFailure
from gateway.pipeline.ports import Outcome, Partijen
from gateway.store.engine import ALL, NONE, open_database
from gateway.store.envelop import Kop, Lot
from gateway.store.migrate import HEAD, current, migrate
from gateway.store.oppakken import Taken
from gateway.store.outbox import LEASE_SECONDS
from gateway.store.postgres import copy_rows
from gateway.store.schema import metadata
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.store.tables import partij
from tests import postgres
from tests.enveloppen import UUID
from tests.integration.berichten import PROJECT
from tests.integration.store_builders import (
    AANBIEDER,
    ACCEPTED,
    ANDERE_GEMEENTE,
    CODES,
    HEADER,
    Klok,
    answer,
    declaratie,
    declared,
    finding,
    finish,
    line,
    message,
    new_store,
    settled,
    start,
    taken,
    toewijzing,
)
from tests.opslag import differences, rows_of, running_on, store_of

# Nobody's municipality: what settings, counters and knowledge hold is of the installation.
OF_THE_INSTALLATION = {
    "instelling",
    "teller",
    "kennis",
    "gebruiker",
    "gebruiker_rol",
    "sessie",
    "eenmalig",
    "sleutel",
    "herhaling",
    "emmer",
    "werk_wachtrij",
    "bevriezing",
    "opruiming",
    "abonnement",
    # The register is of the region, but for what a municipality books on.
    "aanbieder",
    "aanbieder_naam",
    "aanbieder_agb",
    "aanbieder_overgang",
    "aanbieder_contract",
    "onderaannemer",
}


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    with running_on("postgresql"):
        yield


@pytest.fixture
def store(tmp_path: Path, klok: Klok) -> Iterator[SqlStore]:
    opened = new_store(tmp_path, klok)
    yield opened
    opened.close()


def filled(store: SqlStore) -> None:
    """The same facts of everything that there is, in two municipalities."""
    for partijen in (AANBIEDER, ANDERE_GEMEENTE):
        gemeente = partijen.gemeente
        settled(
            store,
            lambda work, gemeente=gemeente, partijen=partijen: (  # type: ignore[misc]
                work.add_toewijzingen(gemeente, "jeugdwet", [toewijzing(1)]),
                work.add_leveringen(partijen, [start(1)]),
                work.add_declaratie(partijen, HEADER, declaratie("D1"), 6600),
                work.add_prestaties(partijen, [[line(1), line(2)]]),
                work.add_findings([finding("R1")], partijen),
                work.add_ontheven({"S105": 1}),
                work.add_bewijzen([(1, b"bewijs")]),
                work.add_answer(gemeente, answer("A1")),
            ),
            _outcome(gemeente),
        )
    store.outbox.announced(store.outbox.announcements())


def _outcome(gemeente: str) -> Outcome:
    return replace(ACCEPTED, gemeente=gemeente)


def seen(connection: sa.Connection) -> dict[str, int]:
    """How many rows of each table a connection sees."""
    return {
        name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
        if name not in OF_THE_INSTALLATION
    }


def test_every_table_is_guarded_or_of_the_installation(store: SqlStore, tmp_path: Path) -> None:
    found = rows_of(
        tmp_path,
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "AND relkind = 'r' AND relname <> 'alembic_version' AND NOT relrowsecurity",
    )
    assert OF_THE_INSTALLATION == {name for (name,) in found}


def test_a_municipality_sees_its_own_rows_and_nobody_elses(store: SqlStore) -> None:
    filled(store)
    store.werkvolger.catch_up()
    database = store._ground.database
    with database.snapshot(ALL) as connection:
        everything = seen(connection)
    with database.snapshot("0193") as connection:
        first = seen(connection)
        assert ["0193"] == connection.execute(
            sa.text("SELECT gemeente FROM partij")
        ).scalars().all()
    with database.snapshot("0150") as connection:
        second = seen(connection)
    with database.snapshot("0999") as connection:
        assert {0} == set(seen(connection).values())
    assert first == second
    assert everything == {name: 2 * count for name, count in first.items()}
    empty = {"verzoek", "herstel", "poging", "archief", "archief_bericht", "verwerking"}
    empty |= {"besluit", "besluit_post", "werklog", "controle", "controle_regel"}
    empty |= {"beleidsversie", "envelop", "opruimtelling", "aflevering"}
    empty |= {"voorstel", "aanbieder_rekening", "instemming"}
    empty |= {"mutatie", "mutatie_jaar", "mutatie_regel", "mutatie_bericht"}
    empty |= {"voorstel", "aanbieder_rekening"}
    empty |= {"jaarafsluiting", "jaarstand", "verantwoording", "verantwoordingsregel"}
    empty |= {"jaarverschil", "steekproef", "steekproefpost"}
    empty |= {"betaalstuk", "betaalrun", "betaling", "betaalregel", "betaalpost"}
    empty |= {"betaalsaldo", "betaalblokkade"}
    empty |= {"creditverzoek", "creditverzoek_regel", "handtoewijzing", "factuur", "factuurregel"}
    empty |= {"gemeenteverrekening", "gemeenteverrekening_regel"}
    empty |= {"voorstel", "aanbieder_rekening", "aanbieder_crediteur"}
    assert empty == {name for name, count in first.items() if not count}


def test_an_archive_is_seen_by_its_municipality(store: SqlStore) -> None:
    filled(store)
    database = store._ground.database
    with database.writing(ALL) as connection:
        for gemeente in ("0193", "0150"):
            for text in (
                "INSERT INTO archief (naam, gemeente, maand, berichten, gemaakt_at) "
                "VALUES (:gemeente, :gemeente, '2026-05', 1, 0)",
                "INSERT INTO archief_bericht (inbox_id, gemeente, maand) "
                "SELECT id, gemeente, '2026-05' FROM inbox WHERE gemeente = :gemeente",
            ):
                connection.execute(sa.text(text), {"gemeente": gemeente})
    for scope, expected in ((ALL, 2), ("0193", 1), ("0999", 0), (NONE, 0)):
        with database.snapshot(scope) as connection:
            counts = seen(connection)
        assert (expected, expected) == (counts["archief"], counts["archief_bericht"])


def test_an_envelope_is_seen_by_its_municipality(store: SqlStore) -> None:
    database = store._ground.database
    for gemeente in ("0193", "0150"):
        kop = Kop(
            merk=(gemeente,),
            sha256="",
            gemeente=gemeente,
            tegenpartij="12345678",
            berichtcode="Di01",
            referentienummer=UUID,
        )
        store.enveloppen.keep(kop, Lot(antwoord=lambda _: b"", apart="om te zien"))
    for scope, expected in ((ALL, 2), ("0193", 1), ("0999", 0), (NONE, 0)):
        with database.snapshot(scope) as connection:
            assert expected == seen(connection)["envelop"]


def test_an_attempt_is_seen_by_the_municipality_of_its_message(store: SqlStore) -> None:
    filled(store)
    run = store.herstel.begin("alles", 1.0, 3)
    database = store._ground.database
    with database.writing(ALL) as connection:
        for kenmerk, gemeente in ((None, "0193"), (None, "0150"), ("m-1", None)):
            connection.execute(
                sa.text(
                    "INSERT INTO poging (herstel_id, inbox_id, kenmerk, nr) "
                    "VALUES (:run, (SELECT id FROM inbox WHERE gemeente = :gemeente), :kenmerk, 1)"
                ),
                {"run": run, "gemeente": gemeente, "kenmerk": kenmerk},
            )
    for scope, expected in ((ALL, (1, 3)), ("0193", (0, 1)), ("0999", (0, 0)), (NONE, (0, 0))):
        with database.snapshot(scope) as connection:
            counts = seen(connection)
        assert expected == (counts["herstel"], counts["poging"])


def test_who_works_for_nobody_sees_the_queues_and_no_fact(store: SqlStore) -> None:
    filled(store)
    taken(store, 1)
    with store._ground.database.snapshot(NONE) as connection:
        counts = {name: count for name, count in seen(connection).items() if count}
    assert {"inbox", "inbox_stuk", "outbox", "outbox_stuk"} == counts.keys()
    assert 3 == counts["inbox"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO partij (gemeente, wet, aanbieder) VALUES ('0150', 'wmo', '1')",
        "INSERT INTO besteding (partij_id, inbox_id, jaar, productcode, bedrag, van_volgnr) "
        "SELECT {partij}, 1, 2026, 'X', 1, 1",
        "UPDATE toewijzing SET gemeente = '0150'",
        "UPDATE prestatie SET partij_id = {partij}",
        "UPDATE inbox SET gemeente = '0150'",
    ],
)
def test_a_municipality_writes_no_row_of_another(store: SqlStore, statement: str) -> None:
    filled(store)
    database = store._ground.database
    with database.snapshot("0150") as connection:
        partij = connection.execute(sa.text("SELECT id FROM partij")).scalar_one()
    with (
        pytest.raises(MessageParked, match="InsufficientPrivilege"),
        database.writing("0193") as own,
    ):
        own.execute(sa.text(statement.format(partij=partij)))


def test_a_municipality_changes_no_row_of_another(store: SqlStore) -> None:
    filled(store)
    database = store._ground.database
    with database.writing("0193") as own:
        changed = [
            own.execute(sa.text(text)).rowcount
            for text in (
                "UPDATE prestatie SET toegekend = 0",
                "UPDATE toewijzing SET volume = 1",
                "DELETE FROM bevinding",
                "DELETE FROM outbox_stuk",
            )
        ]
    assert [2, 1, 1, 1] == changed


def test_facts_without_a_filter_stay_within_the_municipality_that_was_asked_about(
    store: SqlStore,
) -> None:
    filled(store)
    with store.facts(taken(store, 1)) as facts:
        assert {"R1"} == facts.referenties(AANBIEDER, ["R1"])
        forgotten = sa.text("SELECT count(*) FROM prestatie")
        assert 2 == facts._bron.connection.execute(forgotten).scalar_one()


def test_the_owner_of_the_tables_is_not_bound(store: SqlStore, tmp_path: Path) -> None:
    filled(store)
    assert [(4,)] == rows_of(tmp_path, "SELECT count(*) FROM prestatie")


def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    database = open_database(store_of(tmp_path))
    assert [] == differences(database)
    assert HEAD == current(database)
    migrate(database)
    database.close()


def test_lines_of_messages_that_are_written_side_by_side_stand_behind_each_other(
    store: SqlStore, tmp_path: Path
) -> None:
    claims = [taken(store, number, f"1234567{number}") for number in range(4)]
    together = threading.Barrier(len(claims))

    def chunks() -> Iterator[list[tuple[Any, ...]]]:
        for begin in range(0, 300, 100):
            together.wait()
            yield [line(number) for number in range(begin, begin + 100)]

    def write(place: int) -> None:
        partijen = Partijen("0193", "jeugdwet", f"1234567{place}")
        with store.unit_of_work(claims[place]) as work:
            work.add_declaratie(partijen, HEADER, declaratie(f"D{place}"), 6600)
            work.add_prestaties(partijen, chunks())
            work.finish(_outcome("0193"))
            work.commit()

    # Parties that are new all at once would be told to come back; these are known.
    for place in range(4):
        declared(store, [], Partijen("0193", "jeugdwet", f"1234567{place}"), f"E{place}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    rows = rows_of(
        tmp_path,
        "SELECT d.regel_van, d.regel_tot, min(p.id), max(p.id), count(*) FROM declaratie d "
        "JOIN prestatie p ON p.declaratie_id = d.id GROUP BY d.id ORDER BY d.regel_van",
    )
    assert 4 == len(rows)
    for van, tot, first, last, count in rows:
        assert (van + 1, tot, 300, 300) == (first, last, count, tot - van)
    assert all(one[1] <= other[0] for one, other in pairwise(rows))


def test_rows_are_copied_once_however_many_messages_a_transaction_has(store: SqlStore) -> None:
    columns = [partij.c[name] for name in ("id", "gemeente", "wet", "aanbieder")]
    with store._ground.database.writing("0193") as connection:
        for number in (1, 2, 3):
            copy_rows(connection, columns, [(number, "0193", "wmo", f"0000000{number}")])
    with store._ground.database.snapshot("0193") as connection:
        assert [1, 2, 3] == connection.scalars(sa.select(partij.c.id).order_by(partij.c.id)).all()


def test_answers_that_are_written_side_by_side_number_their_lines_behind_each_other(
    store: SqlStore, tmp_path: Path
) -> None:
    parties = [Partijen("0193", "jeugdwet", f"1234567{place}") for place in range(4)]
    pending = [line(number, toegekend=2) for number in range(6)]
    sent = [declared(store, pending, one, f"D{place}") for place, one in enumerate(parties)]
    claims = [taken(store, place, one.aanbieder) for place, one in enumerate(parties)]
    together = threading.Barrier(len(claims))

    def refused() -> Iterator[list[tuple[int, str, str]]]:
        for number, codes in ((1, "0233"), (3, "9322")):
            together.wait()
            yield [(number, f"R{number}", codes)]

    def write(place: int) -> None:
        with store.unit_of_work(claims[place]) as work:
            work.answer_declaratie(sent[place].inbox_id, 4 * 6600, refused())
            work.finish(_outcome("0193"))
            work.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    rows = rows_of(
        tmp_path,
        "SELECT d.regel_van, d.regel_tot, min(p.id), max(p.id), count(*), sum(p.toegekend) "
        "FROM declaratie d JOIN prestatie p ON p.declaratie_id = d.id AND p.tot_volgnr IS NULL "
        "WHERE d.tot_volgnr IS NULL GROUP BY d.id ORDER BY d.regel_van",
    )
    assert 4 == len(rows)
    for van, tot, first, last, count, granted in rows:
        assert (van + 1, tot, 6, 6, 4) == (first, last, count, tot - van, granted)
    assert all(one[1] <= other[0] for one, other in pairwise(rows))


def test_numbers_of_assignments_are_counted_per_municipality_and_given_once(
    store: SqlStore,
) -> None:
    for partijen, nummer in ((AANBIEDER, 41), (ANDERE_GEMEENTE, 7)):
        gemeente = partijen.gemeente
        settled(
            store,
            lambda work, gemeente=gemeente, nummer=nummer: work.add_toewijzingen(  # type: ignore[misc]
                gemeente, "jeugdwet", [toewijzing(nummer)]
            ),
            _outcome(gemeente),
        )
    together = threading.Barrier(4)

    def ask(_: int) -> list[int]:
        together.wait()
        return [store.next_toewijzingnummer("0193", "jeugdwet") for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        given = [nummer for some in pool.map(ask, range(4)) for nummer in some]
    assert list(range(42, 62)) == sorted(given)
    assert 8 == store.next_toewijzingnummer("0150", "jeugdwet")


def test_workers_take_every_message_once(store: SqlStore) -> None:
    ids = [store.inbox.receive(f"{n}.xml", [message(n, f"{n:08d}")]).inbox_id for n in range(40)]
    found: list[int] = []

    def work(_: int) -> None:
        while (one := store.inbox.take()) is not None:
            for claim in one.claims:
                found.append(claim.inbox_id)
                finish(store, claim)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert ids == sorted(found)
    assert store.views.balans().klopt


def test_workers_pass_by_messages_between_parties_of_whom_one_is_in_other_hands(
    store: SqlStore,
) -> None:
    ids = [store.inbox.receive(f"{n}.xml", [message(n)]).inbox_id for n in range(3)]
    first = store.inbox.claim(ids[0])
    assert first is not None
    assert Taken((), [], ids[1:]) == store.inbox.take()
    assert store.inbox.take() is None
    finish(store, first)
    second = store.inbox.take()
    assert second is not None
    assert ids[1:] == [claim.inbox_id for claim in second.claims]


def test_who_stands_still_within_its_transaction_holds_up_nobody_else(
    store: SqlStore, klok: Klok
) -> None:
    stuck = taken(store, 1)
    others = [store.inbox.receive(f"{n}.xml", [message(n)]).inbox_id for n in (2, 3)]
    with store.unit_of_work(stuck) as work:
        work.finish(_outcome("0193"))
        klok.move(61)
        store.inbox.sweep()
        # It is not the turn of what is between the same parties, and that is said at once.
        assert [None, None] == [store.inbox.claim(one) for one in others]
        work.commit()
    assert store.inbox.claim(others[0]) is not None


def test_two_relays_send_every_answer_once(store: SqlStore, klok: Klok) -> None:
    for number in range(3):
        settled(store, lambda work, n=number: work.add_answer("0193", answer(f"A{n}")))  # type: ignore[misc]
    first, second = store.outbox.due(["antwoord"]), store.outbox.due(["antwoord"])
    assert (3, 0) == (len(first), len(second))
    klok.move(LEASE_SECONDS + 1)
    assert 3 == len(store.outbox.due(["antwoord"]))


def test_a_server_that_goes_away_is_a_failure_that_passes(store: SqlStore, tmp_path: Path) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.add_findings([finding("R1")])
        postgres.cut(store_of(tmp_path))
        with pytest.raises(TemporaryFailure):
            work.withdraw(claim.inbox_id)
    finish(store, claim)
    assert store.views.balans().klopt


def test_a_server_that_goes_away_at_the_commit_leaves_all_or_nothing(
    store: SqlStore, tmp_path: Path
) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.add_findings([finding("R1")])
        work.finish(_outcome("0193"))
        postgres.cut(store_of(tmp_path))
        with pytest.raises(TemporaryFailure):
            work.commit()
    assert [] == list(store.views.findings(claim.inbox_id))
    finish(store, claim)


def test_a_server_that_went_away_without_a_word_is_given_up_within_minutes(tmp_path: Path) -> None:
    database = open_database(store_of(tmp_path))
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        told = driver.info.get_parameters()
    database.close()
    idle, interval, count = (
        int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count")
    )
    assert 60 == idle + interval * count
    assert "60000" == told["tcp_user_timeout"]


def test_a_server_that_does_not_answer_is_told_in_one_sentence(klok: Klok) -> None:
    with pytest.raises(CouldNotFinish, match="geeft geen antwoord"):
        open_database("postgresql://niemand@127.0.0.1:1/niets")


def test_many_who_begin_at_once_make_one_store(tmp_path: Path) -> None:
    url = store_of(tmp_path)

    def opened(_: int) -> str:
        store = new_store(tmp_path, lambda: datetime.now(UTC))
        try:
            return store.fingerprint("999900006")
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert 1 == len(set(pool.map(opened, range(4))))
    assert url == store_of(tmp_path)


def test_the_roles_of_the_documentation_can_do_the_work(tmp_path: Path) -> None:
    """The statements of docs/postgresql.md, under names of this test."""
    text = (PROJECT / "docs" / "postgresql.md").read_text(encoding="utf-8")
    name = f"gateway_test_{uuid.uuid4().hex[:12]}"
    text = re.sub(r"\bgateway(_eigenaar)?\b", lambda found: f"{name}{found[1] or ''}", text)
    as_admin, as_owner = re.findall(r"```sql\n(.*?)```", text, re.S)
    with postgres.as_owner() as connection:
        for statement in as_admin.strip().split(";\n"):
            connection.execute(statement)
    try:
        server = postgres.server().set(drivername="postgresql+psycopg", database=name)
        owner = server.set(username=f"{name}_eigenaar")
        with postgres.connected(str(owner)) as connection:
            connection.execute(as_owner)
        database = open_database(str(owner))
        migrate(database)
        database.close()
        given = StoreOptions(codes=CODES, updates=False)
        opened = open_store(str(server.set(username=name)), Klok(), given)
        declared(opened, [line(1)])
        assert opened.views.balans().klopt
        opened.close()
    finally:
        with postgres.as_owner() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP ROLE {name}")
            connection.execute(f"DROP ROLE {name}_eigenaar")
