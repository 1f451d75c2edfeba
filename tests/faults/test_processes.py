"""Processes that are asked to end, run out of memory, stand still, or fall over again and again."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED, Install, Installation
from tests.faults.length import modes, only_long, points
from tests.faults.load import Message, family, messages
from tests.faults.points import PASSED
from tests.integration.berichten import comes_true

PATIENCE = 30.0
LEASE = 1.0
TRIES = 3


def some(count: int, first: int = 1) -> list[Message]:
    load = messages(first)
    return [next(load) for _ in range(count)]


def in_hand(made: Installation) -> int:
    ((count,),) = made.rows("SELECT count(*) FROM inbox WHERE staat = 'bezig'")
    return int(count)


def taken_up(made: Installation, state: str) -> int:
    ((count,),) = made.rows(f"SELECT count(*) FROM inbox WHERE staat = '{state}'")
    return int(count)


@only_long
def test_03_relay_gedood_voor_zij_het_verzonden_noemde(install: Install) -> None:
    made = install(PRODUCTION)
    made.start("worker").started()
    relay = made.start("relay", fault="killed voor:verzonden 1")
    made.edges.offer(*family(1))
    assert relay.killed_itself(PATIENCE)
    made.start("relay").started()
    assert [] == made.violations()
    assert comes_true(lambda: made.edges.sink.repeats == 1, 5)


@modes(PRODUCTION, SHARED)
def test_04_gestopt_onder_last(install: Install, modus: str) -> None:
    made = install(modus)
    relay, worker = made.start_all()
    made.edges.offer(*some(40))
    assert comes_true(lambda: taken_up(made, "klaar") > 1, PATIENCE)
    for one in (worker, relay):
        code, seconds = one.stop()
        assert (0, True) == (code, seconds < 15), one.logged()
    assert 0 == in_hand(made)
    made.start_all()
    assert [] == made.violations()


@modes(EMBEDDED, SHARED, PRODUCTION)
@points("voor:besluiten", "voor:ontvangen")
def test_10_geheugen_op(install: Install, modus: str, point: str) -> None:
    made = install(modus)
    for command in made.commands:
        passes = point.partition(":")[2] in PASSED[modus][command]
        made.start(command, fault=f"exhausted {point} 1" if passes else "").started()
    made.edges.offer(*family(1), *family(2))
    assert [] == made.violations()
    assert all(one.is_running for one in made.running)
    assert any("MemoryError" in one.logged() for one in made.running)


@modes(EMBEDDED, SHARED)
def test_04_een_signaal_dat_een_andere_draad_krijgt(install: Install, modus: str) -> None:
    made = install(modus)
    for one in made.start_all():
        pid = one.process.pid
        thread = next(int(name) for name in os.listdir(f"/proc/{pid}/task") if int(name) != pid)
        assert 0 == ctypes.CDLL(None).tgkill(pid, thread, signal.SIGTERM)
        assert 0 == one.process.wait(PATIENCE)


@modes(PRODUCTION, SHARED, EMBEDDED)
@points("voor:afronden", "na:besluiten")
def test_13_gepauzeerd_langer_dan_de_lease(install: Install, modus: str, point: str) -> None:
    made = install(modus)
    *_, command = made.commands
    for one in made.commands[:-1]:
        made.start(one).started()
    paused = made.start(command, fault=f"stopped {point} 1").started()
    made.edges.offer(*family(1))
    assert comes_true(lambda: state_of(paused.process.pid) == "T", PATIENCE)
    if modus != EMBEDDED:
        made.start(command).started()
        # Who stands still within its transaction keeps what is in it; others go on beside it.
        made.edges.offer(*family(2))
        least = 5 if point == "voor:afronden" else 4
        assert comes_true(lambda: taken_up(made, "klaar") >= least, PATIENCE)
    time.sleep(2 * LEASE)
    paused.process.send_signal(signal.SIGCONT)
    assert [] == made.violations()
    assert paused.is_running, paused.logged()
    if modus != EMBEDDED and point == "voor:afronden":
        assert "intussen aan een ander gegeven" in paused.logged()


def state_of(pid: int) -> str:
    """R when a process runs, T when it was stopped."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return told.rpartition(")")[2].split()[0]


@modes(EMBEDDED, SHARED, PRODUCTION)
def test_22_een_bericht_dat_zijn_lezer_laat_omvallen(install: Install, modus: str) -> None:
    made = install(modus)
    tries = {"GATEWAY_TRIES": str(TRIES)}
    for one in made.commands[:-1]:
        made.start(one, **tries).started()
    (poison, *others) = family(1)
    made.edges.offer(poison)
    for _ in range(TRIES):
        worker = made.start(made.commands[-1], fault="killed na:besluiten 1", **tries)
        assert worker.killed_itself(PATIENCE), worker.logged()
    made.start(made.commands[-1], **tries).started()
    made.edges.offer(*others, *family(2))
    assert [] == made.violations(parked=[poison.id])
    assert [("is na 3 keer niet afgehandeld",)] == made.rows(
        "SELECT reden FROM inbox WHERE verdict = 'parked'"
    )


@only_long
def test_23_langzamer_dan_de_wachtrij_geduld_heeft(install: Install) -> None:
    made = install(PRODUCTION)
    made.start("relay").started()
    slow = made.start("worker", fault="sleeping voor:besluiten 1").started()
    made.edges.offer(*family(1))
    assert comes_true(lambda: in_hand(made) == 1, PATIENCE)
    # Longer than the broker waits for an acknowledgement: it gives the work out again.
    assert made.drained(300), slow.logged()
    assert [] == made.violations()
    assert slow.is_running
