"""The version before this one, out of the history: as it was before the last migrations."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.migrate import HEAD
from tests.integration.berichten import PROJECT

_HEAD = re.compile(r'^HEAD = "(\d+)"$', re.M)
_PARTS = ("gateway", "mappings", "schemas")


def previous_version(folder: Path) -> Path:
    """Put the source of the previous version in a folder; gives the folder.

    Skips the test where the history does not go back that far, as in a shallow clone or an archive.
    """
    source = next((_git("archive", "--format=tar", one, *_PARTS) for one in _older()), b"")
    if not source:
        pytest.skip("de geschiedenis van git gaat niet terug tot de vorige versie")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=source, check=True)
    return folder


def _older() -> Iterator[str]:
    """Commits before a migration that work with other tables than this one, the latest first.

    Migrations that were made side by side come in one after the other: until the last of them is
    there, the tables are those of no version.
    """
    added = "--diff-filter=A", "--", "gateway/store/migrations/versions"
    for commit in _git("log", "--format=%H", *added).decode().split():
        told = _HEAD.search(_git("show", f"{commit}^:gateway/store/migrate.py").decode())
        if told is not None and told[1] != HEAD:
            yield f"{commit}^"


def _git(*words: str) -> bytes:
    """What git tells; nothing where it cannot."""
    try:
        done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, check=False)
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""
