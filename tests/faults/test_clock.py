"""A clock that is put forward or back while messages are in hand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED, Install, Installation
from tests.faults.length import modes, only_long
from tests.faults.load import messages

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))

needs_clock = pytest.mark.skipif(not LIBRARIES, reason="libfaketime is er niet")


def on_own_clock(made: Installation, start: str) -> Path:
    """Start everything on a clock that stands in a file; gives the file."""
    file = made.folder / "klok"
    file.write_text(start, encoding="ascii")
    made.start_all(
        LD_PRELOAD=str(LIBRARIES[-1]),
        FAKETIME_TIMESTAMP_FILE=str(file),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        TZ="Europe/Amsterdam",
    )
    return file


def put(file: Path, clock: str) -> None:
    """Put the clock; nobody reads half of it."""
    other = file.with_suffix(".tmp")
    other.write_text(clock, encoding="ascii")
    other.rename(file)


@needs_clock
@modes(EMBEDDED, SHARED, PRODUCTION)
def test_12_klok_verzet_onder_last(install: Install, modus: str) -> None:
    made = install(modus)
    file = on_own_clock(made, "+0")
    load = messages()
    for clock in ("+1h", "-1h", "+0"):
        made.edges.offer(*(next(load) for _ in range(12)))
        time.sleep(0.3)
        put(file, clock)
    assert [] == made.violations()


@only_long
@needs_clock
@modes(SHARED, EMBEDDED, PRODUCTION)
def test_12_het_uur_dat_twee_keer_komt(install: Install, modus: str) -> None:
    made = install(modus)
    on_own_clock(made, "@2026-10-25 02:59:57")
    load = messages()
    for _ in range(3):
        made.edges.offer(*(next(load) for _ in range(4)))
        time.sleep(1)
    assert [] == made.violations()
    moments = [one for (one,) in made.rows("SELECT received_at FROM inbox ORDER BY id")]
    assert sorted(moments) == moments
    assert moments[-1] - moments[0] < 60
