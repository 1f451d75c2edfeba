"""Policy holds a 323 for a person; on the day of decision it is granted with a signal, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

import gateway.inlezen
from gateway.agreements.match import Overeenkomsten
from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.deviations.policy import Beleid, Ontheffing
from gateway.inlezen import load_kennis
from gateway.pipeline.herbeoordeling import judged_again
from gateway.pipeline.kennis import AMSTERDAM
from tests.integration.berichten import (
    BASE,
    by_name,
    counted,
    made,
    process,
    read_once,
    renumbered,
    run,
    schema,
    write,
)
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

HOLD = Beleid(effects={"S105": "hold"}, alarmdag=2, besluitdag=3)
ONTVANGEN = datetime(2025, 12, 5, 12, tzinfo=AMSTERDAM)  # a Friday
BESLUIT = datetime(2025, 12, 10, 6, tzinfo=AMSTERDAM)  # three working days later
VOLGENDE = "2025-12-11"


class Uitgang:
    """Remembers every answer that left."""

    def __init__(self) -> None:
        self.left: list[tuple[str, bytes]] = []

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """See Bestemming."""
        self.left.append((naam, b"".join(body)))


class Dagen:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = ONTVANGEN

    def __call__(self) -> datetime:
        return self.now


class Huis:
    """An installation with a policy of its own, and agreements where they are given."""

    def __init__(
        self, folder: Path, beleid: Beleid, overeenkomsten: Overeenkomsten | None = None
    ) -> None:
        settings = read_settings({})
        with read_once():
            kennis = replace(load_kennis(settings), beleid={"0193": beleid})
        if overeenkomsten is not None:
            kennis = replace(kennis, overeenkomsten=overeenkomsten)
        self.klok = Dagen()
        self.uit = Uitgang()
        place = Place(url=store_of(folder))
        self.installation: Installation = install(
            settings, kennis, self.klok, place, {"antwoord": self.uit}
        )

    def take(self, *contents: bytes) -> list[str]:
        """Offer messages one after the other; gives their verdicts."""
        return [self.verdict(self.offer(content)) for content in contents]

    def offer(self, content: bytes) -> int:
        """Offer one message and handle what waits; gives its number."""
        number = self.installation.store.inbox.receive("los.xml", [content]).inbox_id
        self.installation.runtime.drain()
        return number

    def at(self, moment: datetime) -> int:
        """Let time pass; the sweeper looks, and what it found is handled."""
        self.klok.now = moment
        found = self.installation.runtime.sweeper.run_once()
        self.installation.runtime.drain()
        return found

    def verdict(self, number: int) -> str:
        """What became of a message."""
        bericht = self.installation.store.views.bericht(number)
        assert bericht is not None
        assert bericht.outcome is not None
        return bericht.outcome.verdict

    def effects(self, number: int) -> list[tuple[str, str]]:
        """The standing findings of a message with their effect."""
        return [(one.rule, one.effect) for one in self.installation.store.views.findings(number)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[[Beleid], Huis]]:
    """Opens an installation with a policy, and closes it."""
    opened: list[Huis] = []

    def build(beleid: Beleid) -> Huis:
        opened.append(Huis(tmp_path, beleid))
        return opened[-1]

    yield build
    for one in opened:
        one.installation.close()


House = Callable[[Beleid], Huis]


def test_a_held_invoice_waits_without_an_answer(house: House, tmp_path: Path) -> None:
    huis = house(HOLD)
    assert ["accepted", "held"] == huis.take(made("JW301"), made("JW323"))
    assert [] == huis.uit.left
    assert huis.installation.store.views.answer(2) is None
    assert {"toewijzing": 2, "levering": 0, "declaratie": 0, "prestatie": 0} == counted(tmp_path)
    assert [("S105", "hold")] * 2 == huis.effects(2)
    bericht = huis.installation.store.views.bericht(2)
    assert bericht is not None
    assert BESLUIT == bericht.besluit_op
    balans = huis.installation.store.views.balans()
    assert (2, 1, 1, True) == (
        balans.ontvangen,
        balans.afgehandeld,
        balans.aangehouden,
        balans.klopt,
    )


def test_before_the_day_of_decision_nothing_happens(house: House) -> None:
    huis = house(HOLD)
    huis.take(made("JW301"), made("JW323"))
    for moment in (ONTVANGEN + timedelta(hours=1), BESLUIT - timedelta(seconds=1)):
        assert 0 == huis.at(moment)
        assert "held" == huis.verdict(2)
    assert [] == huis.uit.left


def test_on_the_day_of_decision_it_is_granted_with_a_signal_and_answered_once(
    house: House, tmp_path: Path
) -> None:
    huis = house(HOLD)
    huis.take(made("JW301"), made("JW323"))
    assert 1 == huis.at(BESLUIT)
    assert "accepted" == huis.verdict(2)
    assert [("S105", "signal")] * 2 == huis.effects(2)
    assert {"toewijzing": 2, "levering": 0, "declaratie": 1, "prestatie": 2} == counted(tmp_path)
    for hours in (0, 1, 24, 240):
        huis.at(BESLUIT + timedelta(hours=hours))
    ((_, body),) = huis.uit.left
    root = etree.fromstring(body)
    schema("JW325").assertValid(root)
    assert ["0200", "8001"] == [one.text for one in by_name(root, "RetourCode")]
    assert ["85000", "85000"] == [one.text for one in by_name(root, "TotaalBedrag")]
    assert huis.installation.store.views.balans().klopt


def test_a_restart_before_the_day_of_decision_loses_nothing(tmp_path: Path) -> None:
    first = Huis(tmp_path, HOLD)
    first.take(made("JW301"), made("JW323"))
    first.installation.close()
    second = Huis(tmp_path, HOLD)
    second.installation.store.inbox.free_all()
    try:
        assert "held" == second.verdict(2)
        second.at(BESLUIT + timedelta(days=1))
        assert "accepted" == second.verdict(2)
        assert 1 == len(second.uit.left)
    finally:
        second.installation.close()


def test_what_was_put_right_meanwhile_is_no_signal_any_more(house: House) -> None:
    huis = house(HOLD)
    assert ["accepted", "held", "accepted"] == huis.take(
        made("JW301"), made("JW323"), made("JW305")
    )
    huis.at(BESLUIT)
    assert "accepted" == huis.verdict(2)
    assert [] == huis.effects(2)


def test_rejected_and_held_lines_wait_together_for_one_answer(house: House) -> None:
    huis = house(HOLD)
    whole = (BASE / "JW323.xml").read_bytes()
    assert ["accepted", "held"] == huis.take(made("JW301"), whole)
    assert [] == huis.uit.left
    assert {"reject", "hold"} == {effect for _, effect in huis.effects(2)}
    huis.at(BESLUIT)
    assert "partly" == huis.verdict(2)
    assert {"reject", "signal"} == {effect for _, effect in huis.effects(2)}
    assert 1 == len(huis.uit.left)
    codes = [one.text for one in by_name(etree.fromstring(huis.uit.left[0][1]), "RetourCode")]
    assert {"0200", "0233", "8017", "8187"} == set(codes)


def test_what_is_rejected_on_its_own_is_not_held(house: House) -> None:
    huis = house(HOLD)
    wrong = renumbered("JW323", "3", (">85000<", ">85001<"))
    assert ["accepted", "rejected"] == huis.take(made("JW301"), wrong)
    assert 1 == len(huis.uit.left)


def test_the_same_bytes_of_a_held_message_do_not_hurry_it(house: House) -> None:
    huis = house(HOLD)
    huis.take(made("JW301"), made("JW323"))
    assert 2 == huis.offer(made("JW323"))
    assert "held" == huis.verdict(2)
    huis.at(BESLUIT)
    assert 2 == huis.offer(made("JW323"))
    assert 1 == len(huis.uit.left)


def test_the_identification_of_a_held_message_is_used(house: House) -> None:
    huis = house(HOLD)
    other = made("JW323", ("D202503", "D202599"))
    assert ["accepted", "held", "rejected"] == huis.take(made("JW301"), made("JW323"), other)
    assert [("TR056", "reject")] == huis.effects(3)
    huis.at(BESLUIT)
    assert [("S105", "signal")] * 2 == huis.effects(2)
    assert "accepted" == huis.verdict(2)


def test_by_default_nothing_is_held(house: House) -> None:
    huis = house(Beleid())
    assert ["accepted", "accepted"] == huis.take(made("JW301"), made("JW323"))
    assert [("S105", "signal")] * 2 == huis.effects(2)


def test_a_check_that_is_off_says_nothing(house: House) -> None:
    huis = house(Beleid(effects={"S105": "off"}))
    assert ["accepted", "accepted"] == huis.take(made("JW301"), made("JW323"))
    assert [] == huis.effects(2)


def test_a_waiver_keeps_a_line_from_being_held(house: House) -> None:
    def waiver(nummer: int, day: datetime) -> Ontheffing:
        return Ontheffing(
            check="S105", eigenaar="x", reden="y", tot=day.date(), toewijzingnummer=nummer
        )

    both = (waiver(100001, ONTVANGEN), waiver(100002, ONTVANGEN))
    huis = house(replace(HOLD, ontheffingen=both))
    assert ["accepted", "accepted"] == huis.take(made("JW301"), made("JW323"))
    assert [] == huis.effects(2)


def test_a_waiver_of_yesterday_is_over(house: House) -> None:
    yesterday = (ONTVANGEN - timedelta(days=1)).date()
    old = tuple(
        Ontheffing(check="S105", eigenaar="x", reden="y", tot=yesterday, toewijzingnummer=nummer)
        for nummer in (100001, 100002)
    )
    huis = house(replace(HOLD, ontheffingen=old))
    assert ["accepted", "held"] == huis.take(made("JW301"), made("JW323"))


def test_only_the_municipality_with_the_policy_holds(house: House) -> None:
    huis = house(HOLD)
    other = (">0193<", ">0150<")
    assert ["accepted", "accepted"] == huis.take(made("JW301", other), made("JW323", other))


def test_our_own_assignment_is_never_held(house: House) -> None:
    huis = house(Beleid(effects=dict.fromkeys(("S101", "S109", "S111", "S119", "S190"), "hold")))
    assert ["accepted"] == huis.take(b"\xef\xbb\xbf" + made("JW301"))
    assert [("S190", "signal")] == huis.effects(1)


@pytest.fixture
def _policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read this policy instead of the folder that came along."""
    monkeypatch.setattr(gateway.inlezen, "read_beleid", lambda *_: {"0193": HOLD})


@pytest.mark.usefixtures("_policy")
def test_process_shows_a_held_invoice_and_a_later_run_its_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW323"))
    options = ("--store", store_of(tmp_path))
    done = process(tmp_path / "1", *paths, options=options)
    outcome = done.outcomes[1]
    assert ("held", None, None, 1) == (
        outcome["verdict"],
        outcome["level"],
        outcome["answer"],
        done.code,
    )
    assert ["hold", "hold"] == [one["effect"] for one in outcome["findings"]]
    assert ["hold", "hold"] == [one["effect"] for one in done.deviations]
    assert ["Toewijzing", "Toewijzing"] == [one["type"] for one in done.records]
    assert {} == done.answers
    assert 0 == run(["status", "--store", store_of(tmp_path)])
    assert "aangehouden                   1" in capsys.readouterr().out
    soon = process(tmp_path / "2", paths[1], options=options, klok="2025-12-09")
    assert {} == soon.answers
    later = process(tmp_path / "3", paths[1], options=options, klok=VOLGENDE)
    assert ["duplicate"] == later.verdicts
    assert ["b.JW325.xml"] == list(later.answers)
    assert ["signal", "signal"] == [one["effect"] for one in later.outcomes[0]["findings"]]


@pytest.mark.usefixtures("_policy")
def test_a_run_finishes_what_was_held_before_it_handles_its_own(tmp_path: Path) -> None:
    first = write(tmp_path / "in", a=made("JW301"), b=made("JW323"))
    options = ("--store", store_of(tmp_path))
    process(tmp_path / "1", *first, options=options)
    other = write(tmp_path / "later", c=made("WMO301"))
    done = process(tmp_path / "2", *other, options=options, klok=VOLGENDE)
    assert ["accepted"] == done.verdicts
    found = rows_of(tmp_path, "SELECT staat, verdict FROM inbox ORDER BY id")
    assert [("klaar", "accepted")] * 3 == found


def test_an_answer_is_dated_by_the_day_it_is_made_not_the_day_of_receipt(house: House) -> None:
    huis = house(HOLD)
    huis.take(made("JW301"), made("JW323"))
    huis.at(BESLUIT)
    answer = huis.installation.store.views.answer(2)
    assert answer is not None
    told = b"".join(answer.body).decode()
    assert f"<ijw:Dagtekening>{BESLUIT.date()}</ijw:Dagtekening>" in told


def test_a_number_that_waits_is_taken_and_stays_so_whatever_is_judged_again(
    house: House, tmp_path: Path
) -> None:
    """The second 323 with the DeclaratieNummer of a held one is the one that is refused."""
    huis = house(HOLD)
    first = huis.offer(made("JW301"))
    held = huis.offer(made("JW323"))
    again = huis.offer(made("JW323", ("JW323-0001", "JW323-0002")))
    assert ["accepted", "held", "rejected"] == [huis.verdict(one) for one in (first, held, again)]
    assert [("TR333", "reject")] == huis.effects(again)
    huis.at(BESLUIT)
    assert "accepted" == huis.verdict(held)
    store, kennis = huis.installation.store, huis.installation.kennis
    claim = store.views.claim_of(again)
    assert claim is not None
    with judged_again(store, claim, kennis, None) as opnieuw:
        refused = opnieuw.refused()
    assert refused is not None
    assert ["TR333"] == [one.rule for one in refused.findings]
