"""`gateway correct` on the store of a provider itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.berichten import run
from tests.integration.test_grootboek_aanbieder import DECLAREERT, events
from tests.integration.test_grootboek_aanbieder import told as eigen_opslag
from tests.opslag import rows_of

pytestmark = pytest.mark.usefixtures("opslag")
Captured = pytest.CaptureFixture[str]


def test_a_provider_is_warned_of_an_assignment_that_became_too_short(tmp_path: Path) -> None:
    eigen_opslag(tmp_path, "aanbieder_toewijzing_ingekort")
    # Only the first of the two 301s: before the second everything was credited.
    (told,) = events(tmp_path, "toegekend-buiten-toewijzing")
    assert {
        "bericht": "JW301",
        "wet": "jeugdwet",
        "identificatie": "301N04",
        "aanbieder": "65656055",
        "toewijzingen": 1,
    } == told["data"]
    assert "9999" not in json.dumps(told)


def test_a_provider_puts_its_own_lines_right_and_what_waits_is_left_alone(
    tmp_path: Path, capsys: Captured
) -> None:
    """R2_2 was refused by a 325; what no 325 has judged yet is not granted, so not looked at."""
    store = eigen_opslag(tmp_path, DECLAREERT, steps=5)
    ((gemeente, wet, aanbieder),) = rows_of(
        tmp_path, "SELECT gemeente, wet, aanbieder FROM partij LIMIT 1"
    )
    asked = ["--aanbieder", aanbieder, "--gemeente", gemeente, "--wet", wet, "--store", store]
    asked += ["--period", "2024-01..2025-12", "--json"]
    capsys.readouterr()
    assert 1 == run(["correct", *asked, "--uit", "afgewezen"]), capsys.readouterr()
    listed = json.loads(capsys.readouterr().out)["voorstellen"]
    assert ["R2_2"] == [one["referentienummer"] for one in listed]
    assert [None] == [one["credit"] for one in listed]
    (tmp_path / "wacht").mkdir()
    waits = eigen_opslag(tmp_path / "wacht", DECLAREERT, steps=2)
    asked[asked.index("--store") + 1] = waits
    capsys.readouterr()
    for reden in ("afgewezen", "tarief", "toewijzing"):
        assert 0 == run(["correct", *asked, "--uit", reden]), capsys.readouterr()
