"""Cases 1 and 3: kill -9 at every point between two effects, and at any moment."""

from __future__ import annotations

import json

import pytest

from tests.faults import campaign
from tests.faults.harness import EMBEDDED, MODES, PRODUCTION, Install
from tests.faults.length import IS_LONG, SEED, TIMES
from tests.faults.load import messages
from tests.faults.points import DECIDED, OFFERED, PASSED, SITES, found, points_of


@pytest.mark.parametrize("modus", MODES if IS_LONG else (EMBEDDED, PRODUCTION))
def test_01_03_gedood_op_elk_punt(install: Install, modus: str) -> None:
    few = (2, 1) if modus == EMBEDDED else (1, 0)
    points, anyhow = (None, 4 * TIMES) if IS_LONG else few
    report = campaign.run(install(modus), messages(), SEED, points, anyhow)
    print(
        json.dumps(
            {
                "modus": modus,
                "gedood": report.kills,
                "berichten": report.messages,
                "herhaald": report.repeats,
                "seconden": round(report.seconds),
                "geschonden": len(report.violations),
            }
        )
    )
    assert [] == report.violations


@pytest.mark.parametrize("site", SITES)
def test_every_point_stands_in_the_code(site: str) -> None:
    _, name, function = found(site)
    assert name == function.__name__


def test_every_point_is_passed_by_some_command() -> None:
    passed = {site for of in PASSED.values() for sites in of.values() for site in sites}
    served = {point.partition(":")[2] for point in (*OFFERED, *DECIDED)}
    assert set(SITES) == passed | served
    assert "na:verzonden" in points_of("productie", "relay")
