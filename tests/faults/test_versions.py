"""Two versions side by side, and a backup that is put back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import psycopg
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from gateway.store.migrate import HEAD
from tests.faults import surroundings
from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED, Install, Installation
from tests.faults.length import modes, only_long
from tests.faults.load import family, messages
from tests.integration.berichten import comes_true, command

PATIENCE = 30.0
# What the next version may do to a store that this one still works on: add, and take nothing away.
NEXT_VERSION = """
ALTER TABLE inbox ADD COLUMN proef TEXT;
ALTER TABLE outbox ADD COLUMN proef TEXT;
ALTER TABLE prestatie ADD COLUMN proef BIGINT;
CREATE TABLE proef (id BIGINT PRIMARY KEY);
UPDATE alembic_version SET version_num = '9999';
"""
BACK = f"UPDATE alembic_version SET version_num = '{HEAD}';"


def changed(made: Installation, script: str) -> None:
    """Change the store as its owner does."""
    if made.modus == EMBEDDED:
        with closing(sqlite3.connect(made.data / "gateway.db", timeout=10)) as connection:
            connection.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")
    else:
        again = Retrying(
            retry=retry_if_exception_type(psycopg.errors.DeadlockDetected),
            stop=stop_after_attempt(5),
            reraise=True,
        )
        again(_changed, made.owner, script)


def _changed(url: str, script: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(script)


@modes(PRODUCTION, SHARED, EMBEDDED)
def test_14_tabellen_van_de_volgende_versie_onder_last(install: Install, modus: str) -> None:
    made = install(modus)
    started = made.start_all()
    load = messages()
    made.edges.offer(*(next(load) for _ in range(12)))
    assert comes_true(lambda: [(0,)] != made.rows("SELECT count(*) FROM inbox"), PATIENCE)
    changed(made, NEXT_VERSION)
    made.edges.offer(*(next(load) for _ in range(12)))
    assert made.drained(), started[0].logged()
    for one in started:
        assert 0 == one.stop()[0], one.logged()
    # Who ran went on; who would begin now is told to install the new version.
    late = made.start(made.commands[-1])
    assert 3 == late.process.wait(PATIENCE)
    assert "van een nieuwere versie van de gateway" in late.logged()
    changed(made, BACK)
    assert [] == made.violations()


@only_long
@modes(PRODUCTION, SHARED)
def test_14_workers_een_voor_een_vervangen(install: Install, modus: str) -> None:
    made = install(modus)
    made.start("relay").started()
    workers = [made.start("worker").started() for _ in range(2)]
    load = messages()
    for number in range(2):
        made.edges.offer(*(next(load) for _ in range(16)))
        workers.append(made.start("worker").started())
        assert 0 == workers[number].stop()[0], workers[number].logged()
    assert [] == made.violations()


@modes(EMBEDDED, PRODUCTION)
def test_15_back_up_van_gisteren_teruggezet(install: Install, modus: str) -> None:
    made = install(modus)
    run_through(made, 1)
    backup = copied(made, made.store, "back-up")
    run_through(made, 2)
    lost = made.edges.sink.copies.keys() - names(backup)
    assert 7 == len(lost)
    put_back(made, backup)
    told = command("migrate", "--teruggezet", environment={"GATEWAY_STORE": made.store})
    assert (0, "") == (told.returncode, told.stderr)
    # Whoever sends offers again what he sent since the backup, and more to be sure.
    made.start_all()
    made.edges.offer(*family(3), *family(2), *family(1))
    # What left since then is not known any more; what leaves now is called otherwise.
    assert {f"I4 {one} left without a row" for one in lost} == set(made.violations())


def run_through(made: Installation, number: int) -> None:
    """Handle one family, from start to stop."""
    started = made.start_all()
    made.edges.offer(*family(number))
    assert made.drained()
    assert comes_true(made.has_arrived, PATIENCE)
    for one in started:
        assert 0 == one.stop()[0], one.logged()


def copied(made: Installation, store: str, name: str) -> str:
    """Copy a store that nobody uses; the URL of the copy."""
    if made.modus == EMBEDDED:
        source, target = made.data / "gateway.db", made.folder / name
        shutil.copy(source, target)
        return f"sqlite:///{target}"
    source_name = store.rpartition("/")[2]
    with psycopg.connect(surroundings.postgres_server().url, autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{source_name}-{name}" TEMPLATE "{source_name}"')
    return f"{store}-{name}"


def names(store: str) -> set[str]:
    """What left according to a store."""
    url = store.replace("gateway@", "postgres@")
    return {one for (one,) in surroundings.reader(url)("SELECT naam FROM outbox")}


def put_back(made: Installation, backup: str) -> None:
    """Let the installation go on with a copy."""
    if made.modus == EMBEDDED:
        for ending in ("-wal", "-shm"):
            (made.data / f"gateway.db{ending}").unlink(missing_ok=True)
        shutil.copy(backup.removeprefix("sqlite:///"), made.data / "gateway.db")
        return
    made.store, made.owner = backup, backup.replace("gateway@", "postgres@")
    made.rows = surroundings.reader(made.owner)
    made.environment = {**made.environment, "GATEWAY_STORE": made.store}
