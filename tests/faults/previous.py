"""The version before this one, out of the history: as it was before the last migration."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.integration.berichten import PROJECT

_PARTS = ("gateway", "mappings", "schemas")


def previous_version(folder: Path) -> Path:
    """Put the source of the previous version in a folder; gives the folder.

    Skips the test where the history does not go back that far, as in a shallow clone or an archive.
    """
    added = "--diff-filter=A", "--", "gateway/store/migrations/versions"
    last = _git("log", "-1", "--format=%H", *added).decode().strip()
    source = _git("archive", "--format=tar", f"{last}^", *_PARTS) if last else b""
    if not source:
        pytest.skip("de geschiedenis van git gaat niet terug tot de vorige versie")
    with tarfile.open(fileobj=io.BytesIO(source)) as packed:
        packed.extractall(folder, filter="data")
    return folder


def _git(*words: str) -> bytes:
    """What git tells; nothing where it cannot."""
    try:
        done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, check=False)
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""
