"""The quick start of the API, word for word, on a real `gateway run`."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from tests.integration.berichten import CODE, PROJECT, own_environment, schema

PAGE = PROJECT / "docs" / "api.md"
PORT = "8080"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What a reader does by waiting for a moment: the gateway has to be there, and to have taken in.
_WAIT = """
until curl -sf http://127.0.0.1:8080/healthz > /dev/null; do sleep 0.2; done
"""
_TAKEN = """
until [ -z "$(ls data/in)" ]; do sleep 0.2; done
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder as a checkout is, with a command `gateway` that is this one."""
    for naam in ("docs", "mappings"):
        (tmp_path / naam).symlink_to(PROJECT / naam)
    program = tmp_path / "bin" / "gateway"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{CODE}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def free_port() -> str:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return str(opened.getsockname()[1])


def script(port: str) -> str:
    """All blocks of the page as one script, that ends at the first command that fails."""
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert 8 == len(blocks)
    blocks[0] += _WAIT
    blocks[1] += _TAKEN
    text = "set -eu\ntrap 'kill $(jobs -p); wait' EXIT\n" + "\n".join(blocks)
    return text.replace(PORT, port)


def test_every_command_of_the_page_does_what_it_says(work: Path) -> None:
    environment = own_environment(
        {"GATEWAY_DATA": str(work / "data"), "GATEWAY_SWEEP_SECONDS": "1"}
    )
    environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    environment["PATH"] = f"{work / 'bin'}:{environment['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-c", script(free_port())],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, errors = shell.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        shell.send_signal(signal.SIGTERM)
        told, errors = shell.communicate()
        raise AssertionError(errors[-3000:]) from None
    assert 0 == shell.returncode, errors[-3000:]

    controle, _ = json.JSONDecoder().raw_decode(told)
    bericht = json.loads((work / "bericht.json").read_text(encoding="utf-8"))
    assert ("JW323", controle["oordeel"]) == (bericht["bericht"], bericht["oordeel"])
    retour = etree.fromstring((work / "JW325.xml").read_bytes())
    schema("JW325").assertValid(retour)
    bewijs = json.loads((work / "regelbewijs.json").read_text(encoding="utf-8"))
    assert "beslisbewijs" == bewijs["soort"]
    assert "ECD van De Linde" in told
    assert "sleutel 1 is ingetrokken" in told
    key = (work / "sleutel.txt").read_text(encoding="utf-8").strip()
    assert key.startswith("gwk_")
    assert key not in errors
