"""How long a fault test goes on: shortly in every test run, or as long as `make faults` says."""

from __future__ import annotations

import os

import pytest

TIMES = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULTS_SEED", "20250102"))
IS_LONG = TIMES > 1

# What shows nothing in a few seconds.
only_long = pytest.mark.skipif(not IS_LONG, reason="duurt lang: zie `make faults`")


def modes(quick: str, *long: str) -> pytest.MarkDecorator:
    """Parametrizes a test by its kind of installation: one in a test run, all in a long one."""
    return pytest.mark.parametrize("modus", (quick, *long) if IS_LONG else (quick,))


def points(quick: str, *long: str) -> pytest.MarkDecorator:
    """The same by the point at which something happens."""
    return pytest.mark.parametrize("point", (quick, *long) if IS_LONG else (quick,))
