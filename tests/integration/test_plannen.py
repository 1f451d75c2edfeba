"""Every question about facts goes by an index, so that a full store is as fast as an empty one.

On PostgreSQL the statements are run as the gateway runs them, planned once for any values, and no
step may look at more rows than the answer can need; SQLite tells how it would go about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import Connection

from gateway.store import (
    announcements,
    counters,
    handvol,
    inbox,
    oppakken,
    outbox,
    regels,
    transactie,
    zicht,
)
from gateway.store.bouwstenen import as_keys
from gateway.store.engine import open_database
from gateway.store.queries import Queries, build_queries, prepared
from gateway.store.store import SqlStore
from gateway.store.vraag import Vast
from tests.benchmarks.declaraties import GEMEENTE
from tests.benchmarks.plaats import WET
from tests.benchmarks.vol import FIRST_NUMBER, LAST_BLOCK, PER_ASSIGNMENT, fill
from tests.integration.store_builders import Klok, new_store
from tests.opslag import SOORTEN, is_sqlite, owner_of, running_on

# A party has more rows than may be looked at, in every table, and so has the whole of it.
LINES, KEYS = 120_000, 20
MOST = KEYS * PER_ASSIGNMENT
NUMBERS = [FIRST_NUMBER + n for n in range(1, KEYS + 1)]
HASHES = [f"{n:032}" for n in range(1, KEYS + 1)]
LINE_REFERENCES = [f"V{n}" for n in range(1, KEYS + 1)]
KEYS_OF: dict[str, list[Any]] = {
    "toewijzingen": NUMBERS,
    "clienten_met_toewijzing": HASHES,
    "referenties": LINE_REFERENCES,
    "debets": LINE_REFERENCES,
    "gecrediteerd": LINE_REFERENCES,
    "open_debets": NUMBERS,
    "gedeclareerd_tot": NUMBERS,
    "stand": NUMBERS,
    "toegekend": NUMBERS,
    "starts": HASHES,
    "stops": HASHES,
    "leveringen_op": NUMBERS,
    "instemmingen": NUMBERS,
    "van_clienten": HASHES,
    "van_gezinnen": [f"G{n}" for n in range(1, KEYS + 1)],
    "besteed": [GEMEENTE],
    "besteed_aan": HASHES,
    "naast": HASHES,
    "verzoeken": [f"A{n}" for n in range(1, KEYS + 1)],
    "openstaande_verzoeken": HASHES,
    "ingediend": LINE_REFERENCES,
}
GIVEN: dict[str, Any] = {
    "peil": 1_000,
    "gemeente": GEMEENTE,
    "wet": WET,
    "aanbieder": "70000005",
    "van": date(2020, 1, 1),
    "tot": date(2030, 12, 31),
    "afzender": "70000005",
    "berichtcode": "490",
    "identificatie": "I5",
    "nummer": "D5",
    "bsn_hash": HASHES[4],
    "inbox": LAST_BLOCK + 7,
    "bericht": LAST_BLOCK + 5,
    "eerste": 2024,
    "laatste": 2024,
}
PARTIJ = sa.text("SELECT id FROM partij WHERE aanbieder = :aanbieder")
WHOLE_TABLE = re.compile(r"SCAN (?!.*VIRTUAL TABLE|anon_)")
WHOLE_PARTY = re.compile(r"SEARCH .* INDEX (\w+) \(partij_id=\?\)$")
# Read backwards, it gives the last period of a party with the first row.
FROM_THE_LAST = ("laatste_periode", "declaratie_periode")


@pytest.fixture(scope="module", params=SOORTEN)
def vol(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SqlStore, str]]:
    """A full store, and its URL for the owner."""
    folder = tmp_path_factory.mktemp("vol")
    with running_on(request.param):
        store = new_store(folder, Klok())
        fill(owner_of(folder), LINES)
        yield store, owner_of(folder)
        store.close()


@pytest.mark.parametrize("name", [field.name for field in fields(Queries)])
def test_a_question_looks_only_at_what_it_asks_for(vol: tuple[SqlStore, str], name: str) -> None:
    with vol[0]._ground.database.snapshot(GEMEENTE) as connection:
        assert [] == too_much(connection, name)


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("prestatie_toewijzing", "stand"),
        ("prestatie_referentie", "referenties"),
        ("prestatie_credit", "open_debets"),
        ("levering_client", "starts"),
        ("toewijzing_client", "van_clienten"),
        ("declaratie_nummer", "declaratie_op_nummer"),
        ("inbox_identificatie", "identificaties"),
        ("besteding_jaar", "besteed"),
    ],
)
def test_without_its_index_a_question_looks_at_too_much(
    vol: tuple[SqlStore, str], index: str, name: str
) -> None:
    database = open_database(vol[1])
    with database.begin_writing() as connection:
        for one in (index, f"{index}_eerst"):
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {one}")
        assert [] != too_much(connection, name)
        connection.rollback()
    database.close()


@pytest.mark.parametrize("name", [field.name for field in fields(Queries)])
def test_what_several_messages_ask_is_looked_up_for_each_of_them(
    vol: tuple[SqlStore, str], name: str
) -> None:
    with vol[0]._ground.database.snapshot(GEMEENTE) as connection:
        query = getattr(prepared(connection.dialect), name)
        if is_sqlite():
            assert query.of_many is None, "SQLite is asked one by one"
            return
        given = GIVEN | {"partij": connection.execute(PARTIJ, GIVEN).scalar_one()}
        # Each asks for a few of the keys: together they look at no more than one that asks for all.
        halves = KEYS_OF.get(name, [])[::2], KEYS_OF.get(name, [])[1::2]
        asked = [given | {"keys": list(half)} for half in halves]
        text, values = query.as_sent(asked)
        steps = steps_of(connection, text, values)
        assert [] == [step for step, rows in steps if rows > MOST]


INBOX_IDS = [LAST_BLOCK + n for n in range(1, KEYS + 1)]
PAREN = [f"0193-{70000000 + n}" for n in range(1, KEYS + 1)]
# What is asked for every hand of messages, with its keys.
VASTE: dict[str, tuple[Vast, list[Any]]] = {
    "wat wacht": (oppakken._WAITING, INBOX_IDS),
    "wie al in handen is": (oppakken._BUSY, PAREN),
    "de claims": (transactie._HOLDERS, INBOX_IDS),
    "de bytes": (handvol._STUKKEN, INBOX_IDS),
    "wat erachter wacht": (announcements._NEXT, INBOX_IDS),
    "wat is aangekondigd": (outbox._ANNOUNCED, []),
    "wat de wachtrij weet": (announcements.USED_UP, INBOX_IDS),
    "wat nu aan de beurt is": (inbox._NEXT_WORK, []),
    "het volgende nummer": (counters._NEXT, []),
    "de nummers van regels": (regels._BLOCK, []),
    "de partij": (zicht._PARTIJ, []),
}


@pytest.mark.parametrize("name", VASTE)
def test_what_every_hand_asks_looks_only_at_its_own(vol: tuple[SqlStore, str], name: str) -> None:
    vast, keys = VASTE[name]
    with vol[0]._ground.database.begin_writing() as connection:
        text, own, _ = vast._for(connection)
        some = {"moment": 1.0, "hoogstens": KEYS, "welke": counters.VOLGNR, "aantal": 1}
        given = {**GIVEN, **some, "keys": as_keys(keys, is_sqlite()), **own}
        asked = {one: given[one] for one in re.findall(NAMES[is_sqlite()], text)}
        if is_sqlite():
            told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", asked)
            assert [] == [step for *_, step in told if WHOLE_TABLE.match(step)]
        else:
            steps = steps_of(connection, text, asked)
            assert [] == [step for step, rows in steps if rows > MOST]
        connection.rollback()


# How a value is named in a statement, for SQLite or not.
NAMES = {True: r":(\w+)", False: r"%\((\w+)\)s"}


def too_much(connection: Connection, name: str) -> list[str]:
    """The steps by which more is looked at than the answer to a question can need."""
    query = getattr(build_queries(is_sqlite()), name)
    given = GIVEN | {"partij": connection.execute(PARTIJ, GIVEN).scalar_one()}
    if name in KEYS_OF:
        given["keys"] = as_keys(KEYS_OF[name], is_sqlite())
    statement, values = as_sent(connection, query, given)
    if not is_sqlite():
        return [step for step, rows in steps_of(connection, statement, values) if rows > MOST]
    told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [step for *_, step in told if is_too_much(step, name)]


def is_too_much(step: str, name: str) -> bool:
    """Whether SQLite goes through a whole table, or through all rows of a party in one."""
    party = WHOLE_PARTY.match(step)
    if party is not None:
        return (name, party[1]) != FROM_THE_LAST
    return WHOLE_TABLE.match(step) is not None


def as_sent(
    connection: Connection, query: sa.Select[Any], given: dict[str, Any]
) -> tuple[str, Any]:
    """What the driver is given for a statement: its text and its values."""
    sent: list[tuple[str, Any]] = []

    def listen(*told: Any) -> None:
        sent.append((told[2], told[3]))

    event.listen(connection, "before_cursor_execute", listen)
    connection.execute(query, given).close()
    event.remove(connection, "before_cursor_execute", listen)
    return sent[0]


def steps_of(
    connection: Connection, statement: str, values: dict[str, Any]
) -> Iterator[tuple[str, int]]:
    """The steps of the plan for any values, with the rows that each of them looked at."""
    text = statement % {name: f"${place}" for place, name in enumerate(values, start=1)}
    given = sql.SQL(", ").join(map(sql.Literal, values.values()))
    run = sql.SQL("vraag({})" if values else "vraag").format(given)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(f"PREPARE vraag AS {text}")
        cursor.execute(sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {}").format(run))
        ((plan,),) = cursor.fetchall()
        cursor.execute("DEALLOCATE vraag")
    yield from visited(plan[0]["Plan"])


def visited(step: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """A step and those below it, with the rows that each looked at, kept or not."""
    removed = sum(rows for key, rows in step.items() if key.startswith("Rows Removed"))
    where = step.get("Relation Name") or step.get("Index Name", "")
    told = f"{step['Node Type']} {where} {step.get('Index Cond', '')}"
    yield told, (step["Actual Rows"] + removed) * step["Actual Loops"]
    for below in step.get("Plans", ()):
        yield from visited(below)
