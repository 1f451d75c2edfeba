"""A database that falls over, has no room for us, takes sides or is slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import psycopg
import pytest
import sqlalchemy as sa

from gateway.errors import TemporaryFailure
from gateway.store.engine import open_database
from gateway.store.tables import inbox
from tests.faults import surroundings
from tests.faults.harness import PRODUCTION, SHARED, Install, Installation
from tests.faults.length import TIMES, modes, only_long
from tests.faults.load import family, messages
from tests.integration.berichten import comes_true
from tests.integration.berichten import command as run_command
from tests.rabbitmq import Proxy
from tests.servers import Server, own_standby

PATIENCE = 30.0
# Every word to or from the server, so that a message takes longer than a lease.
DELAY = 0.03
# Longer than a lease.
STANDSTILL = 3.0


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy(surroundings.postgres_server().url)
    yield made
    made.close()


@pytest.fixture
def standby() -> Iterator[Server]:
    made = own_standby(surroundings.postgres_server())
    yield made
    made.kill()


def through(proxy: Proxy, store: str) -> str:
    """The URL of a store by another road."""
    return f"{proxy.url.rpartition('/')[0]}/{store.rpartition('/')[2]}".replace(
        "postgres@", "gateway@"
    )


@modes(PRODUCTION, SHARED)
def test_25_database_herstart_onder_last(install: Install, modus: str) -> None:
    made = install(modus)
    server = surroundings.postgres_server()
    started = made.start_all()
    load = messages()
    for number in range(2 * min(TIMES, 5)):
        made.edges.offer(*(next(load) for _ in range(12)))
        server.stop(server.immediate) if number % 2 else server.kill()
        made.edges.offer(next(load))
        server.start()
    assert [] == made.violations()
    assert all(one.is_running for one in started)


@only_long
@modes(PRODUCTION, SHARED)
def test_25_verbinding_met_de_database_verbroken(
    install: Install, proxy: Proxy, modus: str
) -> None:
    made = install(modus)
    started = made.start_all(GATEWAY_STORE=through(proxy, made.store))
    load = messages()
    for _ in range(10 * TIMES):
        made.edges.offer(*(next(load) for _ in range(4)))
        time.sleep(0.2)
        proxy.cut()
    assert [] == made.violations()
    assert all(one.is_running for one in started)


@modes(PRODUCTION, SHARED)
def test_25_een_andere_server_neemt_het_over(install: Install, standby: Server, modus: str) -> None:
    made = install(modus)
    server = surroundings.postgres_server()
    load = messages()
    with surroundings.stored_by_both(server):
        started = made.start_all(GATEWAY_STORE=both(standby, made.store))
        made.edges.offer(*(next(load) for _ in range(12)))
        assert comes_true(lambda: ended(made) > 0, PATIENCE)
        server.kill()
        surroundings.promote(standby)
        name = made.store.rpartition("/")[2]
        made.store = surroundings.url_on(standby, made.store)
        made.rows = surroundings.reader(surroundings.url_of(standby, name))
        made.edges.offer(*(next(load) for _ in range(12)))
        assert [] == made.violations()
        for one in started:
            assert 0 == one.stop()[0], one.logged()


def test_26_twee_die_op_elkaar_wachten(install: Install) -> None:
    made = install(SHARED)
    made.start("relay").started()
    made.edges.offer(*family(1))
    assert comes_true(lambda: [(4,)] == made.rows("SELECT count(*) FROM inbox"), PATIENCE)
    database = open_database(made.store)
    meet = threading.Barrier(2)
    ended: list[str] = []

    def change(first: int, second: int) -> None:
        try:
            with database.writing() as connection:
                mark = sa.update(inbox).values(reden=sa.null())
                connection.execute(mark.where(inbox.c.id == first))
                meet.wait(PATIENCE)
                connection.execute(mark.where(inbox.c.id == second))
            ended.append("klaar")
        except TemporaryFailure as failure:
            ended.append(str(failure))

    threads = [threading.Thread(target=change, args=pair) for pair in ((1, 2), (2, 1))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    database.close()
    assert [
        "de opslag is nu niet te gebruiken (DeadlockDetected); later opnieuw",
        "klaar",
    ] == sorted(ended)
    made.start("worker").started()
    assert [] == made.violations()


@modes(PRODUCTION, SHARED)
def test_27_geen_verbinding_meer_vrij(install: Install, modus: str) -> None:
    made = install(modus)
    started = made.start_all()
    made.edges.offer(*family(1))
    assert made.drained()
    server = surroundings.postgres_server()
    with psycopg.connect(server.url, autocommit=True) as owner:
        # Whoever is connected loses that, and nobody of us comes in again.
        owner.execute("ALTER ROLE gateway CONNECTION LIMIT 0")
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", ["gateway"]
        )
        try:
            made.edges.offer(*family(2))
            time.sleep(2)
            late = made.start("worker")
            assert 3 == late.process.wait(PATIENCE)
            assert "de opslag geeft geen antwoord" in late.logged()
        finally:
            owner.execute("ALTER ROLE gateway CONNECTION LIMIT -1")
    assert [] == made.violations()
    assert all(one.is_running for one in started)


@only_long
def test_27_alle_verbindingen_van_de_server_bezet(install: Install) -> None:
    made = install(SHARED)
    made.start_all()
    server = surroundings.postgres_server()
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(made.store))
        late = made.start("worker")
        assert 3 == late.process.wait(PATIENCE)
        assert "de opslag geeft geen antwoord" in late.logged()
        made.edges.offer(*family(1))
        time.sleep(1)
    server.start()
    assert [] == made.violations()


@modes(SHARED, PRODUCTION)
def test_28_een_kopie_die_achterloopt_wordt_niet_gebruikt(
    install: Install, standby: Server, modus: str
) -> None:
    made = install(modus)
    copy = surroundings.url_on(standby, made.store)
    # The address names the copy first; a 323 is granted only by who sees what was just stored.
    started = made.start_all(GATEWAY_STORE=both(standby, made.store))
    assert comes_true(lambda: is_prepared(copy), PATIENCE)
    surroundings.fall_behind(standby)
    made.edges.offer(*family(1))
    assert [] == made.violations()
    ((granted,),) = made.rows("SELECT count(*) FROM inbox WHERE verdict = 'accepted'")
    assert granted >= 3
    assert [(0,)] == surroundings.reader(copy)("SELECT count(*) FROM inbox")
    for one in started:
        assert 0 == one.stop()[0], one.logged()
    for command in made.commands:
        process = made.start(command, GATEWAY_STORE=copy)
        assert 3 == process.process.wait(PATIENCE), process.logged()
        assert "Traceback" not in process.logged()
    # Who only looks may look there, and sees what the copy knows.
    looked = run_command("status", environment={"GATEWAY_STORE": copy})
    assert (0, "") == (looked.returncode, looked.stderr)


def both(standby: Server, store: str) -> str:
    """The URL of a store on two servers of which one takes writes, the copy first."""
    name = store.rpartition("/")[2]
    hosts = "&".join(
        f"host={one.url.rpartition('@')[2].partition('/')[0]}"
        for one in (standby, surroundings.postgres_server())
    )
    return f"postgresql://{surroundings.ROLE}@/{name}?{hosts}&target_session_attrs=read-write"


def is_prepared(copy: str) -> bool:
    """Whether a copy has a store by now that was in use."""
    with suppress(psycopg.Error):
        return bool(surroundings.reader(copy)("SELECT naam FROM instelling"))
    return False


@only_long
@modes(SHARED, PRODUCTION)
def test_29_een_trage_database(install: Install, proxy: Proxy, modus: str) -> None:
    made = install(modus)
    made.start_all(GATEWAY_STORE=through(proxy, made.store), GATEWAY_LEASE_SECONDS="2")
    proxy.delay = DELAY
    # Judging takes longer than a lease now; who renews it keeps it.
    made.edges.offer(*family(1))
    assert comes_true(lambda: 4 == ended(made), PATIENCE * 2)
    ((most,),) = made.rows("SELECT max(tries) FROM inbox")
    assert most <= 2
    proxy.delay = 0.0
    assert [] == made.violations()


@modes(PRODUCTION, SHARED)
def test_29_een_database_die_stilstaat(install: Install, modus: str) -> None:
    made = install(modus)
    started = made.start_all()
    server = surroundings.postgres_server()
    load = messages()
    made.edges.offer(*(next(load) for _ in range(12)))
    server.pause()
    time.sleep(STANDSTILL)
    server.resume()
    assert [] == made.violations()
    assert all(one.is_running for one in started)


def ended(made: Installation) -> int:
    ((count,),) = made.rows("SELECT count(*) FROM inbox WHERE staat = 'klaar'")
    return int(count)
