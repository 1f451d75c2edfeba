"""The clock: what is owed, until when, and what is told about it; with a clock that is moved."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.bootstrap import Installation
from gateway.deviations.policy import Beleid
from gateway.pipeline.kennis import AMSTERDAM
from tests.integration.berichten import BASE, Tabel, changed, made, run
from tests.integration.test_hold import HOLD, Huis
from tests.integration.test_verzoeken import retour_on
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
MAANDAG = datetime(2025, 12, 1, 12, tzinfo=AMSTERDAM)
# An assignment that the aanbieder confirmed, so that nothing is awaited for it.
TOEWIJZING = (made("JW301"), retour_on("JW302", made("JW301")))


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Huis]:
    """An installation that holds every line without a start, on a Monday."""
    one = Huis(tmp_path, HOLD)
    one.klok.now = MAANDAG
    yield one
    one.installation.close()


def stay(huis: Huis, naam: str) -> int:
    """A message that came in and is not judged."""
    return huis.installation.store.inbox.receive(f"{naam}.xml", [made(naam)]).inbox_id


def on(huis: Huis, day: str) -> Installation:
    """The installation on another day."""
    huis.klok.now = datetime.combine(date.fromisoformat(day), huis.klok.now.timetz())
    return huis.installation


def events(folder: Path) -> list[Tabel]:
    """The events about terms in the outbox, in order."""
    query = (
        "SELECT s.data FROM outbox o JOIN outbox_stuk s ON s.outbox_id = o.id "
        "WHERE o.soort = 'event' AND o.berichttype LIKE 'termijn-%' ORDER BY o.id"
    )
    return [json.loads(zlib.decompress(row[0])) for row in rows_of(folder, query)]


def told(folder: Path) -> list[tuple[str, str]]:
    return [(one["soort"], one["data"]["termijn"]) for one in events(folder)]


def deadlines(capsys: Captured, folder: Path, day: str) -> Tabel:
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--clock", day, "--store", store_of(folder)])
    found: Tabel = json.loads(capsys.readouterr().out)["deadlines"]
    return found


@pytest.mark.parametrize(
    ("naam", "near", "last", "after", "termijn"),
    [
        ("JW305", "2025-12-03", "2025-12-04", "2025-12-05", "retour"),
        ("WMO307", "2025-12-03", "2025-12-04", "2025-12-05", "retour"),
        ("JW323", "2025-12-11", "2025-12-15", "2025-12-16", "declaratie-antwoord"),
    ],
)
def test_a_term_that_draws_near_and_one_that_passed_are_told_once_each(
    huis: Huis, tmp_path: Path, naam: str, near: str, last: str, after: str, termijn: str
) -> None:
    nummer = stay(huis, naam)
    watch = huis.installation.termijnwacht
    before = date.fromisoformat(near) - timedelta(days=1)
    for day in ("2025-12-01", before.isoformat()):
        assert (0, []) == (on(huis, day).termijnwacht.run_once(), told(tmp_path))
    assert [1, 0] == [on(huis, near).termijnwacht.run_once(), watch.run_once()]
    assert 0 == on(huis, last).termijnwacht.run_once()
    assert [("termijn-nadert", termijn)] == told(tmp_path)
    assert [1, 0] == [on(huis, after).termijnwacht.run_once(), watch.run_once()]
    assert [("termijn-nadert", termijn), ("termijn-verlopen", termijn)] == told(tmp_path)
    event = events(tmp_path)[1]
    assert {"inbox": nummer, "gemeente": "0193"} == {k: event[k] for k in ("inbox", "gemeente")}
    assert {"bericht": naam, "afzender": "12345678", "sinds": "2025-12-01", "uiterlijk": last} == {
        key: event["data"][key] for key in ("bericht", "afzender", "sinds", "uiterlijk")
    }


def test_who_looks_for_the_first_time_after_the_end_tells_only_that(
    huis: Huis, tmp_path: Path
) -> None:
    stay(huis, "JW305")
    assert 1 == on(huis, "2025-12-09").termijnwacht.run_once()
    assert [("termijn-verlopen", "retour")] == told(tmp_path)


def test_an_answer_that_left_ends_the_term(huis: Huis, tmp_path: Path) -> None:
    huis.take(*TOEWIJZING, made("JW305"))
    assert 0 == on(huis, "2025-12-31").termijnwacht.run_once()
    assert [] == told(tmp_path)


def test_an_answer_that_did_not_leave_is_still_owed(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    huis.take(*TOEWIJZING, made("JW305"))
    altered(tmp_path, "UPDATE outbox SET sent_at = NULL WHERE soort = 'antwoord'")
    assert 1 == on(huis, "2025-12-05").termijnwacht.run_once()
    (one,) = deadlines(capsys, tmp_path, "2025-12-05")["list"]
    assert ("late", "retour", "JW305", "2025-12-04") == tuple(
        one[key] for key in ("state", "term", "message", "due")
    )


def test_a_parked_message_is_still_owed_its_answer(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    huis.installation.store.inbox.park(stay(huis, "JW323"), "proef")
    found = deadlines(capsys, tmp_path, "2025-12-15")
    assert (1, "declaratie-antwoord") == (found["today"], found["list"][0]["term"])


def test_a_held_declaration_alarms_and_is_decided_on_the_days_of_the_policy(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    assert ["accepted", "accepted", "held"] == huis.take(*TOEWIJZING, made("JW323"))
    found = deadlines(capsys, tmp_path, "2025-12-03")
    assert {"late": 0, "today": 0, "thisWeek": 1, "later": 1} == {
        key: found[key] for key in ("late", "today", "thisWeek", "later")
    }
    (one,) = found["list"]
    assert ("besluit", "2025-12-04") == (one["term"], one["due"])
    assert 1 == on(huis, "2025-12-03").termijnwacht.run_once()
    assert [("termijn-nadert", "besluit")] == told(tmp_path)


def test_the_own_assignment_and_what_is_no_message_are_owed_nothing(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    stay(huis, "JW301")
    huis.installation.store.inbox.receive("x.xml", [b"<geen"])
    found = deadlines(capsys, tmp_path, "2025-12-31")
    assert [0, 0, 0, 0, 0, 0, []] == list(found.values())


def test_status_says_what_is_late_and_what_is_due(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    nummer = stay(huis, "JW305")
    stay(huis, "JW323")
    capsys.readouterr()
    assert 0 == run(["status", "--clock", "2025-12-05", "--store", store_of(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert (
        f"te laat: retourbericht, uiterlijk 2025-12-04, bericht {nummer} (JW305 van 12345678)"
        in lines
    )
    assert ["te", "laat", "1"] in [line.split() for line in lines]
    assert "de telling klopt" == lines[-1]


def test_a_policy_of_its_own_alarms_on_its_own_day(tmp_path: Path) -> None:
    huis = Huis(tmp_path, Beleid(effects={"S105": "hold"}, alarmdag=1, besluitdag=9))
    huis.klok.now = MAANDAG
    huis.take(*TOEWIJZING, made("JW323"))
    assert 1 == on(huis, "2025-12-02").termijnwacht.run_once()
    huis.installation.close()


def test_a_request_is_on_the_clock_until_all_of_it_is_answered(
    huis: Huis, tmp_path: Path, capsys: Captured
) -> None:
    day = ("2025-05-06", "2025-12-01")
    assert ["accepted"] == huis.take(_whole("JW315", day))
    (one,) = deadlines(capsys, tmp_path, "2025-12-08")["list"]
    assert ("today", "antwoord-op-verzoek", "JW315", "2025-12-08") == tuple(
        one[key] for key in ("state", "term", "message", "due")
    )
    assert 1 == on(huis, "2025-12-05").termijnwacht.run_once()
    assert [("termijn-nadert", "antwoord-op-verzoek")] == told(tmp_path)

    reason = "<jw319:RedenAfwijzingVerzoek>3</jw319:RedenAfwijzingVerzoek>"
    first = _answered(day, ("VerzoekAntwoord>1<", "VerzoekAntwoord>2<"))
    second = _answered(day, (">V1<", ">V2<"), ("JW319-0001", "TWEEDE"), reason=reason)
    assert ["accepted"] * 4 == huis.take(
        first, second, *(retour_on("JW320", one) for one in (first, second))
    )
    found = deadlines(capsys, tmp_path, "2026-01-26")
    assert [("eindbesluit-na-onderzoek", "2026-01-26")] == [
        (one["term"], one["due"]) for one in found["list"]
    ]
    assert 1 == on(huis, "2026-01-27").termijnwacht.run_once()
    assert ("termijn-verlopen", "eindbesluit-na-onderzoek") == told(tmp_path)[-1]

    third = _answered(day, ("JW319-0001", "DERDE"), reason=reason)
    assert ["accepted"] * 2 == huis.take(third, retour_on("JW320", third))
    assert [] == deadlines(capsys, tmp_path, "2026-01-27")["list"]


def _answered(*changes: tuple[str, str], reason: str = "") -> bytes:
    """A 319 with another reason, or without any."""
    text = _whole("JW319", *changes).decode()
    begin = text.index("<jw319:RedenAfwijzingVerzoek>")
    end = text.index("</jw319:Antwoord>")
    return (text[:begin] + reason + text[end:]).encode()


def _whole(naam: str, *changes: tuple[str, str]) -> bytes:
    """A base message with all that stands in it, and changes."""
    return changed((BASE / f"{naam}.xml").read_text(encoding="utf-8"), *changes)
