"""Two versions side by side, and a backup that is put back."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from gateway.store.migrate import HEAD
from tests.faults import surroundings
from tests.faults.harness import (
    EMBEDDED,
    PLAIN,
    PRODUCTION,
    SHARED,
    Install,
    Installation,
    Process,
)
from tests.faults.length import modes, only_long
from tests.faults.load import Message, family, messages
from tests.faults.previous import previous_version
from tests.integration.berichten import PROJECT, comes_true, command, own_environment

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


@modes(PRODUCTION, SHARED)
def test_14_de_vorige_versie_en_deze_naast_elkaar(
    install: Install, modus: str, tmp_path: Path
) -> None:
    old = previous_version(tmp_path / "vorig")
    made = with_store_of(install(modus), old)
    old_relay = made.start("relay", source=old).started()
    old_worker = made.start("worker", source=old).started()
    load = messages()
    offer(made, load)
    assert [(HEAD,)] != made.rows("SELECT version_num FROM alembic_version")
    # The tables are brought up to date while the previous version works on them.
    brought_up_to_date(made, PROJECT)
    offer(made, load)
    worker = made.start("worker").started()
    offer(made, load)
    assert comes_true(lambda: settled_by(worker) > 0, PATIENCE), worker.logged()
    assert old_worker.is_running
    assert 0 == old_worker.stop()[0], old_worker.logged()
    assert settled_by(old_worker) > 0
    offer(made, load)
    assert 0 == old_relay.stop()[0], old_relay.logged()
    made.start("relay").started()
    offer(made, load)
    assert [] == made.violations()


def test_14_een_proces_vervangen_door_deze_versie(install: Install, tmp_path: Path) -> None:
    old = previous_version(tmp_path / "vorig")
    made = install(EMBEDDED)
    load = messages()
    process = made.start("run", source=old).started()
    offer(made, load)
    assert comes_true(lambda: settled_by(process) > 0, PATIENCE), process.logged()
    offer(made, load)
    process.kill()
    offer(made, load)
    made.start("run").started()
    offer(made, load)
    assert [] == made.violations()


def with_store_of(made: Installation, source: Path) -> Installation:
    """Let an installation have the store of another version."""

    def migrate_as(owner: str) -> None:
        brought_up_to_date(dataclasses.replace(made, owner=owner), source)

    server = surroundings.postgres_server()
    made.store, made.owner = surroundings.older_database(server, migrate_as)
    made.rows = surroundings.reader(made.owner)
    made.environment = {**made.environment, "GATEWAY_STORE": made.store}
    return made


def brought_up_to_date(made: Installation, source: Path) -> None:
    """Run `gateway migrate` of a version, as the owner of the tables does."""
    given = {**made.environment, "GATEWAY_STORE": made.owner, "PYTHONPATH": str(source)}
    done = subprocess.run(
        [sys.executable, *PLAIN, "migrate"],
        cwd=source,
        env=own_environment(given),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)


def offer(made: Installation, load: Iterator[Message]) -> None:
    """Offer some messages, and wait until work on them has begun."""
    before = settled(made)
    made.edges.offer(*(next(load) for _ in range(12)))
    comes_true(lambda: settled(made) > before or not made.running[-1].is_running, 5)


def settled(made: Installation) -> int:
    ((count,),) = made.rows("SELECT count(*) FROM inbox WHERE staat = 'klaar'")
    return int(count)


def settled_by(process: Process) -> int:
    """How many messages a process brought to their end."""
    return process.logged().count('"vastgelegd"')


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
