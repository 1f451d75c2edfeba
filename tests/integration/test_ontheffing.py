"""What a waiver covers is counted with its message and shown nowhere; what is at stake is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.match import index
from gateway.deviations.policy import Beleid, Ontheffing
from gateway.records.finding import Evidence
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.store.oorzaken import Oorzaken
from tests.integration.berichten import BASE, made
from tests.integration.test_hold import BESLUIT, HOLD, ONTVANGEN, Huis

pytestmark = pytest.mark.usefixtures("opslag")

BOM = b"\xef\xbb\xbf"
PRIJZEN = Overeenkomst(
    id="proef",
    naam="Proef",
    versie="2025.1",
    wetten=("jeugdwet",),
    gemeenten=("0193",),
    variant="inspanning",
    peildatum="productperiode",
    dimensies=(),
    cellen=(
        Cel(
            rij=1,
            dimensies=(),
            productcategorie="45",
            productcode="45A01",
            eenheid="01",
            soort="pxq",
            bedrag=125,
            vanaf=date(2025, 1, 1),
        ),
    ),
)
# The same with another product only: what is assigned has no cell.
ANDERE = replace(PRIJZEN, cellen=(replace(PRIJZEN.cellen[0], productcode="45A99"),))
LATER = (">2025-01-02<", ">2025-05-01<")

House = Callable[..., Huis]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Opens an installation with a policy and agreements, and closes it."""
    opened: list[Huis] = []

    def build(beleid: Beleid, *overeenkomsten: Overeenkomst) -> Huis:
        opened.append(Huis(tmp_path, beleid, index(overeenkomsten)))
        return opened[-1]

    yield build
    for one in opened:
        one.installation.close()


def waiving(*checks: str, beleid: Beleid | None = None, aanbieder: str = "12345678") -> Beleid:
    """A policy with a waiver for the aanbieder of the base messages, per check."""
    ontheffingen = tuple(
        Ontheffing(
            check=check, eigenaar="toegang", reden="proef", tot=BESLUIT.date(), aanbieder=aanbieder
        )
        for check in checks
    )
    return replace(beleid or Beleid(), ontheffingen=ontheffingen)


def counted(huis: Huis) -> dict[str, int]:
    """Per check how many deviations the store counted as waived."""
    return dict(Oorzaken(huis.installation.store._ground.database).ontheven("0193"))


def shortened(reden: str = "04") -> bytes:
    """The first assignment again, sent later, with an earlier end."""
    changes = [("JW301-0001", "JW301-0002"), LATER, LATER, LATER, (">2025-12-31<", ">2025-02-28<")]
    return made("JW301", *changes, ("RedenWijziging>04<", f"RedenWijziging>{reden}<"))


def test_without_a_waiver_nothing_is_counted(house: House) -> None:
    huis = house(Beleid(), ANDERE)
    huis.take(BOM + made("JW301"), made("JW323"))
    assert ["S190", "S119"] == [code for code, _ in huis.effects(1)]
    assert {} == counted(huis)


def test_what_is_waived_on_an_assignment_is_counted_and_not_shown(house: House) -> None:
    huis = house(waiving("S119", "S190"), ANDERE)
    assert ["accepted"] == huis.take(BOM + made("JW301"))
    assert [] == huis.effects(1)
    assert {"S119": 1, "S190": 1} == counted(huis)


def test_what_is_waived_on_lines_is_counted_and_not_shown(house: House) -> None:
    huis = house(waiving("S105", "S119"), ANDERE)
    huis.take(made("JW301"), BOM + made("JW323"))
    assert [("S190", "signal")] == huis.effects(2)
    assert {"S105": 2, "S119": 3} == counted(huis)


def test_a_change_that_the_sender_could_not_know_may_be_waived(house: House) -> None:
    huis = house(waiving("S104"))
    assert ["accepted"] * 3 == huis.take(made("JW301"), shortened(), made("JW323"))
    assert ["S105", "S105"] == [code for code, _ in huis.effects(3)]
    assert {"S104": 1} == counted(huis)


def test_a_change_that_the_sender_could_not_know_is_told_without_a_waiver(house: House) -> None:
    huis = house(waiving("S104", aanbieder="99000001"), PRIJZEN)
    huis.take(made("JW301"), shortened(), made("JW323"))
    told = [one for one in huis.installation.store.views.findings(3) if one.rule == "S104"]
    assert [Evidence("proef", "2025.1", "45A01/01", 60000, None, 60000)] == [
        one.evidence for one in told
    ]
    assert {} == counted(huis)


@pytest.mark.parametrize(
    ("dagtekening", "verdict", "told"),
    [("2025-04-30", "accepted", ["S104"]), ("2025-05-01", "partly", [])],
)
def test_a_death_counts_for_what_is_sent_after_it_was_told(
    house: House, dagtekening: str, verdict: str, told: list[str]
) -> None:
    huis = house(Beleid(effects={"S105": "off"}))
    dated = (">2025-04-07<", f">{dagtekening}<")
    declaratie = made("JW323", dated, dated)
    assert ["accepted", "accepted", verdict] == huis.take(
        made("JW301"), shortened("02"), declaratie
    )
    signals = [one for one in huis.installation.store.views.findings(3) if one.effect == "signal"]
    assert told == [one.rule for one in signals]
    assert all("is overleden" in one.text for one in signals)


def test_what_is_waived_in_a_held_message_is_counted_once(house: House) -> None:
    huis = house(waiving("S119", beleid=HOLD), ANDERE)
    assert ["accepted", "held"] == huis.take(made("JW301"), made("JW323"))
    assert {"S119": 3} == counted(huis)
    huis.at(BESLUIT)
    assert "accepted" == huis.verdict(2)
    assert {"S119": 3} == counted(huis)


def test_a_line_that_is_rejected_tells_its_price_and_what_is_at_stake(house: House) -> None:
    huis = house(Beleid(), PRIJZEN)
    whole = (BASE / "JW323.xml").read_bytes()
    assert ["accepted", "partly"] == huis.take(made("JW301"), whole)
    found = {
        one.rule: one.evidence
        for one in huis.installation.store.views.findings(2)
        if one.effect == "reject" and one.klasse == "Prestatie"
    }
    # A credit without its debet: rejected, it takes nothing back.
    assert {"TR323": Evidence("proef", "2025.1", "45A01/01", -30000, None, -30000)} == found


def test_the_day_of_receipt_decides_whether_a_waiver_is_over(house: House) -> None:
    assert BESLUIT.date() >= ONTVANGEN.date()
    beleid = waiving("S119")
    (one,) = beleid.ontheffingen
    over = replace(one, tot=date(2025, 12, 4))
    huis = house(replace(beleid, ontheffingen=(over,)), ANDERE)
    huis.take(made("JW301"))
    assert ["S119"] == [code for code, _ in huis.effects(1)]
