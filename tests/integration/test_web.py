"""Pages in processes of their own: `gateway run`, `gateway web` and `gateway demo --serve`."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.cli import run
from gateway.config import Settings
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.serving import listen_beside
from tests.integration.berichten import CODE, PROJECT, own_environment
from tests.opslag import owner_of, store_of

PATIENCE = 90.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@contextlib.contextmanager
def started(
    folder: Path, *arguments: str, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A process, and the address that it told."""
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, *arguments],
            cwd=PROJECT,
            env=own_environment({"GATEWAY_STORE": store_of(folder), **environment}),
            stdout=stream,
            stderr=stream,
        )
    try:
        yield told(log, process), process
    finally:
        process.kill()
        process.wait()


def told(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = ADDRESS.search(log.read_text(encoding="utf-8"))
        if found is not None:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bool]:
    """How it ends when it is asked to, and whether that was in time."""
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=20)
    return code, time.monotonic() - begin < 15


@pytest.mark.usefixtures("opslag")
def test_run_serves_pages_and_ends_in_time_with_a_browser_open(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with (
        started(tmp_path, "run", "--data", str(data)) as (address, process),
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        assert {"status": "ok"} == client.get("/healthz").json()
        assert {"status": "ok"} == client.get("/readyz").json()
        page = client.get("/", follow_redirects=True)
        assert '<html lang="nl"' in page.text
        # The connection of the browser is still there.
        assert (0, True) == ended(process)


@pytest.mark.usefixtures("opslag")
def test_pages_run_apart_from_the_rest(tmp_path: Path) -> None:
    assert 0 == run(["migrate", "--store", owner_of(tmp_path)])
    with started(tmp_path, "web", "--port", "0") as (address, process):
        assert {"status": "ok"} == httpx.get(f"{address}/readyz", trust_env=False).json()
        assert (0, True) == ended(process)


def test_a_port_that_is_taken_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert 3 == run(["run", "--data", str(tmp_path), "--port", port])
        assert f"poort {port} op 127.0.0.1 is niet vrij" in capsys.readouterr().err


def test_where_nobody_chose_a_port_that_is_taken_another_one_will_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("json")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr("gateway.config.STANDAARDPOORT", port)
        plek = listen_beside(Settings(), None)
        with plek.socket:
            assert plek.socket.getsockname()[1] not in (0, port)
        assert "poort_bezet" in capsys.readouterr().err
        with pytest.raises(CouldNotFinish):
            listen_beside(Settings(port=port), None)


def test_what_is_not_safe_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_HOST", "0.0.0.0")
    assert 2 == run(["run", "--data", str(tmp_path), "--port", "0"])
    assert "GATEWAY_WEB_ADRES" in capsys.readouterr().err
    assert 2 == run(["demo", "--serve", "--port", "0"])
    assert "alleen op deze computer" in capsys.readouterr().err


def test_the_demo_keeps_its_pages_open(tmp_path: Path) -> None:
    with started(tmp_path, "demo", "--serve") as (address, process):
        with httpx.Client(base_url=address, trust_env=False) as client:
            page = client.get("/inloggen").text
            assert "Demo: alle gegevens zijn verzonnen" in page
            token = re.search(r'name="_csrf" value="([^"]*)"', page)
            assert token is not None
            form = {"_csrf": token[1], "naam": "auditor", "naar": "/logboek"}
            response = client.post("/inloggen/demo", data=form, headers={"Origin": address})
            assert "/logboek" == response.headers["location"]
            assert 200 == client.get("/logboek").status_code
            assert {"status": "ok"} == client.get("/readyz").json()
        with httpx.Client(base_url=address, trust_env=False) as client:
            page = client.get("/inloggen").text
            token = re.search(r'name="_csrf" value="([^"]*)"', page)
            assert token is not None
            form = {"_csrf": token[1], "naam": "beoordelaar-2", "naar": "/fouten"}
            client.post("/inloggen/demo", data=form, headers={"Origin": address})
            assert "een verzonnen storing" in client.get("/fouten").text
            for page, leads_to in (("verzoeken", 1), ("werkvoorraad?stand=aangehouden", 7)):
                found = re.findall(
                    r'href="(/(?:verzoeken|werkvoorraad)/[^"?]+)"', client.get(page).text
                )
                assert leads_to == len(set(found)), page
        assert (0, True) == ended(process)
