"""A message that breaks one rule is refused by that rule, and by what follows from it, alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import data_folder
from gateway.rules.catalogus import read_catalogus
from tests.conformiteit.muteer import Geval, gevallen, goede, write
from tests.integration.berichten import Verwerkt, process

CATALOGUS = read_catalogus(data_folder("mappings"))
INSIDE, FROM_GEMEENTE = 2, ("301", "319", "325")


def handled(geval: Geval, folder: Path) -> Verwerkt:
    """The messages of a case through the command; all but the last are good."""
    options = ("--agreements", str(geval.agreements)) if geval.agreements else ()
    paths = write(geval, folder / "in")
    done = process(folder / "out", *paths, options=options, klok=geval.klok)
    good = len(paths) - 1
    assert [[]] * good == [_rejecting(done, index) for index in range(good)]
    return done


def _rejecting(done: Verwerkt, index: int) -> list[str]:
    found = done.outcomes[index]["findings"]
    return sorted({one["rule"] for one in found if one["effect"] == "reject"})


@pytest.mark.parametrize("geval", list(goede()), ids=lambda one: one.naam)
def test_a_good_message_breaks_no_rule(geval: Geval, tmp_path: Path) -> None:
    done = handled(geval, tmp_path)
    assert [] == _rejecting(done, -1)
    assert "accepted" == done.verdicts[-1]


@pytest.mark.parametrize("geval", list(gevallen()), ids=lambda one: f"{one.code} {one.naam}")
def test_a_rule_speaks_and_nothing_but_what_follows_from_it(geval: Geval, tmp_path: Path) -> None:
    done = handled(geval, tmp_path)
    feit = CATALOGUS.feiten[geval.code]
    assert sorted({geval.code, *geval.ook}) == _rejecting(done, -1)
    own = [one for one in done.outcomes[-1]["findings"] if one["rule"] == geval.code]
    assert {one["retourcode"] for one in own} <= {None, *feit.retourcodes}
    assert {min(CATALOGUS.level_of(code) for code in (geval.code, *geval.ook))} == {
        done.outcomes[-1]["level"]
    }
    if geval.bericht not in FROM_GEMEENTE:
        answer = list(done.answers.values())[-1].decode()
        told = ["0001"] if feit.level == INSIDE else [one["retourcode"] for one in own]
        assert all(f">{code}<" in answer for code in told)
