"""A broker that is away, restarted, cut off or flooded."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from gateway.cli.opened import opened_store
from gateway.config import Settings
from gateway.store.beurten import BYTES_PER_TURN
from gateway.store.opname import Offer
from gateway.store.oppakken import AT_ONCE
from tests.faults import surroundings
from tests.faults.harness import EMBEDDED, FOLDERS, PRODUCTION, SHARED, Install, Installation
from tests.faults.length import IS_LONG, TIMES, modes, only_long
from tests.faults.load import Message, family, flood, messages
from tests.integration.berichten import comes_true
from tests.rabbitmq import Proxy, waiting

LARGEST_REFERENCE = 64 * 1024
FLOOD = 100_000 if IS_LONG else 2_000
# Far more than may go before another provider.
FLOOD_OF_ONE = 10_000 if IS_LONG else 1_000
# Longer than we wait for a confirmation.
STANDSTILL = 12.0 if IS_LONG else 2.0
MORE_MEMORY = 64 * 1024


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy(surroundings.rabbitmq_server().url)
    yield made
    made.close()


def test_16_wachtrij_weg_bij_opname(install: Install) -> None:
    made = install(FOLDERS)
    server = surroundings.rabbitmq_server()
    server.stop()
    try:
        made.start_all()
        made.edges.offer(*family(1), *family(2))
        assert comes_true(lambda: [(8,)] == made.rows("SELECT count(*) FROM inbox"), 20)
        made.edges.look()
        assert 8 == len(made.edges.ledger.with_outcome("ok"))
        assert [("nieuw",)] == made.rows("SELECT DISTINCT staat FROM inbox")
    finally:
        server.start()
    assert [] == made.violations()


@only_long
def test_17_wachtrij_herstart_onder_last(install: Install) -> None:
    made = install(PRODUCTION)
    server = surroundings.rabbitmq_server()
    started = made.start_all()
    load = messages()
    for number in range(min(TIMES, 5)):
        made.edges.offer(*(next(load) for _ in range(12)))
        server.kill() if number % 2 == 0 else server.stop()
        made.edges.offer(next(load))
        server.start()
    assert [] == made.violations()
    assert all(one.is_running for one in started)


def test_18_verbinding_verbroken_of_doodstil(install: Install, proxy: Proxy) -> None:
    made = install(PRODUCTION)
    started = made.start_all(GATEWAY_BROKER=proxy.url)
    load = messages()
    for _ in range(TIMES):
        made.edges.offer(*(next(load) for _ in range(8)))
        proxy.cut()
        made.edges.offer(*(next(load) for _ in range(8)))
        proxy.is_silent = True
        time.sleep(1)
        proxy.is_silent = False
        proxy.cut()
    before = proxy.connected
    time.sleep(2)
    # Whoever is connected again stays so, and nobody keeps trying without a pause.
    assert proxy.connected - before < 20
    assert [] == made.violations()
    assert all(one.is_running for one in started)


@only_long
def test_18_wachtrij_staat_stil(install: Install) -> None:
    made = install(PRODUCTION)
    started = made.start_all()
    server = surroundings.rabbitmq_server()
    made.edges.offer(*family(1))
    server.pause()
    try:
        time.sleep(STANDSTILL)
    finally:
        server.resume()
    made.edges.offer(*family(2))
    assert [] == made.violations()
    assert all(one.is_running for one in started)


def test_20_op_de_wachtrij_staat_alleen_een_nummer(install: Install) -> None:
    made = install(PRODUCTION)
    made.start("relay").started()
    broker = made.edges.broker
    made.edges.offer(*family(1))
    bodies: list[bytes] = []
    # Given back when the connection ends.
    with broker.connect() as connection:
        get = partial(connection.default_channel.basic_get, f"{broker.prefix}werk")

        def told() -> list[int]:
            bodies.extend(one.body for one in iter(get, None))
            return sorted(int(number) for body in bodies for number in body.split())

        assert comes_true(lambda: told() == [1, 2, 3, 4], 20)
    assert all(len(one) < LARGEST_REFERENCE for one in bodies)
    made.start("worker").started()
    assert [] == made.violations()


@only_long
def test_24_een_vloed_van_aankondigingen(install: Install) -> None:
    made = install(PRODUCTION)
    _, worker = made.start_all()
    made.edges.offer(*family(1))
    assert made.drained()
    before = memory(worker.process.pid)
    broker = made.edges.broker
    with broker.connect() as connection:
        channel = connection.default_channel
        producer = connection.Producer(channel)
        for number in range(FLOOD):
            producer.publish(str(number % 4 + 1), routing_key=f"{broker.prefix}werk")
    made.edges.offer(*family(2))
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, memory(worker.process.pid))
        return waiting(broker, "werk") == 0

    assert comes_true(done, 1800)
    assert most - before < MORE_MEMORY
    assert [] == made.violations()


@modes(PRODUCTION, SHARED, EMBEDDED)
def test_24_wie_veel_stuurt_laat_alleen_zichzelf_wachten(install: Install, modus: str) -> None:
    made = install(modus)
    taken_in(made, list(flood(FLOOD_OF_ONE)))
    made.start_all()
    made.edges.offer(*family(1), *family(2))
    assert [] == made.violations()
    ((one_turn,),) = made.rows(f"SELECT {BYTES_PER_TURN} / min(grootte) FROM inbox")
    # What was told to the queue, and what was in the same turn: all else of the flood comes later.
    waited = made.rows(
        f"SELECT (SELECT count(*) FROM inbox v WHERE v.id <= {FLOOD_OF_ONE} "
        "AND v.volgnr < o.volgnr AND v.finished_at > o.received_at) "
        f"FROM inbox o WHERE o.id > {FLOOD_OF_ONE}"
    )
    assert 8 == len(waited)
    assert max(count for (count,) in waited) <= 2 * one_turn + AT_ONCE
    overtaken = made.rows(
        f"SELECT count(*) FROM inbox WHERE id <= {FLOOD_OF_ONE} AND volgnr > "
        f"(SELECT max(volgnr) FROM inbox WHERE id > {FLOOD_OF_ONE})"
    )
    assert overtaken > [(FLOOD_OF_ONE // 10,)]


def taken_in(made: Installation, offered: Sequence[Message]) -> None:
    """Have messages in the inbox before anybody works."""
    with opened_store(Settings(), made.store) as store:
        for begin in range(0, len(offered), AT_ONCE):
            some = offered[begin : begin + AT_ONCE]
            store.inbox.receive_all([(Offer(f"{one.id}.xml"), one.body) for one in some])
    for one in offered:
        made.edges.ledger.offered(one.id, one.body)
        made.edges.ledger.ok(one.id)


def memory(pid: int) -> int:
    """What a process holds of the memory, in kibibytes."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(told.partition("VmRSS:")[2].split()[0])
