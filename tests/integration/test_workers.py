"""Several processes on one PostgreSQL store: relay and workers, each a command of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from gateway.metingen.cijfers import VAN_ELK, VAN_OPSLAG, VAN_WERK
from tests.integration.berichten import (
    CODE,
    PROJECT,
    comes_true,
    command,
    made,
    own_environment,
    renumbered,
    rows_of,
    sentence,
)
from tests.monitoring import figures_at, names, ports_in, scraped, text_at
from tests.opslag import running_on, store_of

PATIENCE = 60.0
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    with running_on("postgresql"):
        yield


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts commands on one store, and ends what is left of them with all below them."""
    running: list[subprocess.Popen[bytes]] = []

    def started(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        given = {"GATEWAY_STORE": store_of(tmp_path), "GATEWAY_LEASE_SECONDS": "2", **environment}
        with (tmp_path / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", CODE, *arguments],
                cwd=PROJECT,
                env=own_environment(given),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        running.append(process)
        return process

    yield started
    for one in running:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()


def below(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a process started."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in path.read_text(encoding="ascii").split()]


def answers(port: int) -> bool:
    """Whether a process tells how it is doing there."""
    try:
        return bool(text_at(port))
    except httpx.ConnectError:
        return False


def free_pair() -> int:
    """A port that is free, with the one behind it."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            with suppress(OSError):
                other.bind(("127.0.0.1", port + 1))
                return port


def drop(data: Path, name: str, content: bytes) -> None:
    folder = data / "in"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{name}.tmp").write_bytes(content)
    (folder / f".{name}.tmp").rename(folder / f"{name}.xml")


def test_workers_and_relay_answer_everything_and_a_killed_worker_loses_nothing(
    tmp_path: Path, start: Start
) -> None:
    data = tmp_path / "data"
    relay = start("relay", "--data", str(data), GATEWAY_METRICS_PORT="0")
    first = free_pair()
    workers = start("worker", "--processes", "2", GATEWAY_METRICS_PORT=str(first))
    assert comes_true(lambda: 2 == len(below(workers)), PATIENCE)
    drop(data, "a", made("JW301"))
    for number in range(6):
        drop(data, f"b{number}", renumbered("JW323", f"W{number}"))
    os.kill(below(workers)[0], signal.SIGKILL)

    def done() -> bool:
        query = "SELECT count(*) FROM outbox WHERE soort = 'antwoord' AND sent_at IS NOT NULL"
        return [(6,)] == rows_of(tmp_path, query)

    logs = tmp_path / "worker.log"
    assert comes_true(done, PATIENCE), logs.read_text(encoding="utf-8")
    assert 6 == len(list((data / "out").glob("*.xml")))
    assert [("klaar", 7)] == rows_of(tmp_path, "SELECT staat, count(*) FROM inbox GROUP BY staat")
    assert comes_true(lambda: 2 == len(below(workers)), PATIENCE)
    assert "worker_gestopt" in logs.read_text(encoding="utf-8")
    assert comes_true(lambda: answers(first) and answers(first + 1), PATIENCE)
    assert names(*VAN_ELK, *VAN_WERK) == figures_at(first) == figures_at(first + 1)
    (port,) = ports_in(tmp_path / "relay.log")
    assert names(*VAN_ELK, *VAN_WERK, *VAN_OPSLAG) > figures_at(port) > names(*VAN_ELK, *VAN_WERK)

    def judged() -> float:
        return sum(one for name, _, one in scraped(port) if name == "gateway_oordelen")

    assert comes_true(lambda: 7.0 == judged(), PATIENCE)
    for one in (workers, relay):
        one.terminate()
        assert 0 == one.wait(PATIENCE)


@pytest.mark.parametrize("name", ["worker", "relay"])
def test_a_store_with_one_owner_is_not_shared(name: str, tmp_path: Path) -> None:
    done = command(name, environment={"GATEWAY_STORE": f"sqlite:///{tmp_path}/gateway.db"})
    assert (2, "") == (done.returncode, done.stdout)
    assert "één eigenaar" in sentence(done.stderr)
