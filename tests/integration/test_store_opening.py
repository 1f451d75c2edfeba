"""Opening a store: its tables are those of the migrations, and a damaged one is refused."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway.errors import CouldNotFinish, WrongUse
from gateway.store.engine import Database, open_database
from gateway.store.migrate import HEAD, MIGRATIONS, current, make_fresh, migrate
from gateway.store.owner import owned
from tests.integration.store_builders import BSN, Klok, message, new_store
from tests.opslag import differences


def structure(database: Database) -> set[frozenset[str]]:
    """Every table and index as SQLite was told to make it, parts in any order."""
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
    with database.snapshot() as connection:
        rows = [
            " ".join(row[0].replace(chr(34), "").split())
            for row in connection.exec_driver_sql(query)
        ]
    return {frozenset(row.removesuffix(" )").split(", ")) for row in rows}


@pytest.fixture
def fresh(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path}/x.db")


def test_the_migrations_make_the_tables_that_the_code_knows(fresh: Database) -> None:
    migrate(fresh)
    assert differences(fresh) == []
    assert current(fresh) == HEAD
    migrate(fresh)
    fresh.close()


def test_a_throwaway_store_has_the_same_tables_as_a_migrated_one(tmp_path: Path) -> None:
    migrated = open_database(f"sqlite:///{tmp_path}/a.db")
    quick = open_database(f"sqlite:///{tmp_path}/b.db", durable=False)
    migrate(migrated)
    make_fresh(quick)
    assert structure(migrated) == structure(quick)
    migrated.close()
    quick.close()


def test_the_code_works_with_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_older_store_learns_what_was_answered_and_where_its_assignments_came_from(
    fresh: Database,
) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with fresh.begin_writing() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for number, heen in ((1, "NULL"), (2, "1"), (3, "NULL")):
            connection.exec_driver_sql(
                "INSERT INTO inbox (id, naam, ontvanger, sha256, grootte, stukken, received_at, "
                f"staat, tries, next_at, volgnr, heen_id) VALUES ({number}, 'x', '', "
                f"'{number}', 1, 1, 0, 'klaar', 0, 0, {number + 10}, {heen})"
            )
        connection.exec_driver_sql("INSERT INTO partij VALUES (1, '0193', 'jeugdwet', '12345678')")
        connection.exec_driver_sql(
            "INSERT INTO toewijzing (gemeente, wet, partij_id, bsn, bsn_hash, bekend_op, "
            "toewijzingnummer, toewijzingsdatum, toewijzingstijd, ingangsdatum, van_volgnr) VALUES "
            f"('0193', 'jeugdwet', 1, '{BSN}', 'x', '2025-01-01', 1, '2025-01-01', '10:00:00', "
            "'2025-01-01', 13)"
        )
    migrate(fresh)
    with fresh.snapshot() as connection:
        answered = connection.exec_driver_sql("SELECT id, beantwoord FROM inbox ORDER BY id").all()
        assert [(1, 1), (2, 0), (3, 0)] == answered
        assert [(3,)] == connection.exec_driver_sql("SELECT inbox_id FROM toewijzing").all()
    fresh.close()


def test_a_commit_survives_a_power_cut(tmp_path: Path, fresh: Database) -> None:
    with fresh.snapshot() as connection:
        modes = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert modes == ["wal", 2, 1]
    fresh.close()


def test_a_store_that_is_not_up_to_date_is_not_used(tmp_path: Path, klok: Klok) -> None:
    with pytest.raises(CouldNotFinish, match="er is nog geen opslag in"):
        new_store(tmp_path, klok, updates=False)
    assert list(tmp_path.iterdir()) == []
    open_database(f"sqlite:///{tmp_path}/gateway.db").close()
    with pytest.raises(CouldNotFinish, match="voer eerst `gateway migrate` uit"):
        new_store(tmp_path, klok, updates=False)
    new_store(tmp_path, klok).close()
    new_store(tmp_path, klok, updates=False).close()


@pytest.mark.parametrize("updates", [True, False])
def test_a_store_of_a_newer_version_is_not_used(tmp_path: Path, klok: Klok, updates: bool) -> None:
    new_store(tmp_path, klok).close()
    with sqlite3.connect(tmp_path / "gateway.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(CouldNotFinish, match="nieuwere versie van de gateway"):
        new_store(tmp_path, klok, updates=updates)


@pytest.mark.parametrize("content", [b"", b"geen database", b"SQLite format 3\x00" + b"x" * 5000])
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, klok: Klok, content: bytes) -> None:
    file = tmp_path / "gateway.db"
    file.write_bytes(content)
    with pytest.raises(CouldNotFinish, match="is beschadigd of geen opslag"):
        new_store(tmp_path, klok)
    assert file.read_bytes() == content


def test_a_store_with_flipped_or_missing_bytes_is_refused(tmp_path: Path, klok: Klok) -> None:
    store = new_store(tmp_path, klok)
    for number in range(50):
        store.inbox.receive(f"{number}.xml", [message(number)])
    store.close()
    file = tmp_path / "gateway.db"
    whole = file.read_bytes()
    half = len(whole) // 2
    for damaged in (whole[:half], whole[:8192] + b"\xff" * (half - 8192) + whole[half:]):
        file.write_bytes(damaged)
        with pytest.raises(CouldNotFinish):
            new_store(tmp_path, klok)
    file.write_bytes(whole)
    again = new_store(tmp_path, klok)
    assert again.views.balans().ontvangen == 50
    again.close()


def test_a_missing_folder_or_a_folder_in_its_place_is_refused(tmp_path: Path, klok: Klok) -> None:
    with pytest.raises(CouldNotFinish, match="van de opslag bestaat niet"):
        new_store(tmp_path / "weg", klok)
    (tmp_path / "gateway.db").mkdir()
    with pytest.raises(CouldNotFinish, match="is niet te lezen"):
        new_store(tmp_path, klok)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("geen url", "geen SQLAlchemy-URL"),
        ("sqlite://", "een opslag in het geheugen kan niet"),
        ("sqlite:///:memory:", "een opslag in het geheugen kan niet"),
        ("onbekend://x/y", "ontbreekt het stuurprogramma"),
    ],
)
def test_an_address_that_cannot_be_used_is_wrong_use(url: str, sentence: str) -> None:
    with pytest.raises(WrongUse, match=sentence):
        open_database(url)


def test_the_key_of_a_store_stays_the_same(tmp_path: Path, klok: Klok) -> None:
    first = new_store(tmp_path, klok)
    fingerprint = first.fingerprint(BSN)
    first.close()
    second = new_store(tmp_path, klok)
    assert fingerprint == second.fingerprint(BSN)
    second.close()
    with pytest.raises(CouldNotFinish, match="GATEWAY_BSN_SLEUTEL is niet de sleutel"):
        new_store(tmp_path, klok, bsn_sleutel="een andere sleutel")


def test_a_given_key_is_not_kept_in_the_store(tmp_path: Path, klok: Klok) -> None:
    given = "een sleutel die elders staat"
    store = new_store(tmp_path, klok, bsn_sleutel=given)
    fingerprint = store.fingerprint(BSN)
    store.close()
    assert given.encode() not in (tmp_path / "gateway.db").read_bytes()
    again = new_store(tmp_path, klok, bsn_sleutel=given)
    assert fingerprint == again.fingerprint(BSN)
    again.close()
    with pytest.raises(CouldNotFinish):
        new_store(tmp_path, klok)


def test_a_data_folder_has_one_owner(tmp_path: Path) -> None:
    with owned(tmp_path), pytest.raises(CouldNotFinish, match="al in gebruik"), owned(tmp_path):
        pass
    with owned(tmp_path):
        pass
    with pytest.raises(CouldNotFinish, match="kan niet worden geschreven"), owned(tmp_path / "weg"):
        pass


@pytest.mark.parametrize(("make", "temporary"), [(migrate, False), (make_fresh, True)])
def test_a_new_file_of_a_test_has_what_is_made_elsewhere(
    make: Callable[[Database], None], temporary: bool, tmp_path: Path, fresh: Database
) -> None:
    make(fresh)
    fresh.close()
    new_store(tmp_path, Klok(), temporary=temporary).close()
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
    found = []
    for file in ("x.db", "gateway.db"):
        with closing(sqlite3.connect(tmp_path / file)) as connection:
            found.append(connection.execute(query).fetchall())
    assert found[0] == found[1]
