"""A page whose commands are run word for word, as a reader with a shell does."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.integration.berichten import CODE

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks_of(page: Path, heading: str = "") -> list[str]:
    """What every block of a page says to type, or of the part under one heading."""
    text = page.read_text(encoding="utf-8")
    if heading:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return _BLOCK.findall(text)


def with_gateway(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """An environment in which `gateway` is this one, and python the one of the tests."""
    program = folder / "bin" / "gateway"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{CODE}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    ours = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return {**environment, **ours, "PATH": f"{program.parent}:{environment['PATH']}"}


def free_port() -> str:
    """A port that nobody listens on."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return str(opened.getsockname()[1])


def typed(
    blocks: list[str], folder: Path, environment: dict[str, str], seconds: float
) -> tuple[str, str]:
    """What is told and what is logged by all blocks as one script.

    It ends at the first command that fails.
    """
    text = "set -eu\ntrap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT\n" + "\n".join(blocks)
    shell = subprocess.Popen(
        ["bash", "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, errors = shell.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        shell.send_signal(signal.SIGTERM)
        told, errors = shell.communicate()
        raise AssertionError(told[-2000:] + errors[-3000:]) from None
    assert 0 == shell.returncode, told[-2000:] + errors[-3000:]
    return told, errors
