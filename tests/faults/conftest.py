"""An installation of every kind for the tests that ask for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.harness import Install, installed


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Makes an installation of a kind."""
    with ExitStack() as stack:
        yield lambda modus: stack.enter_context(installed(modus, tmp_path / modus))
