"""What is our fault is parked: never accepted, never rejected, nothing lost, and told to staff."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import gateway.broker.consumer
import gateway.broker.runtime
from gateway.bootstrap import Place, install
from gateway.config import read_settings
from gateway.deviations.registry import CHECKS, Check
from gateway.errors import TemporaryFailure
from gateway.inlezen import load_kennis
from gateway.pipeline.process import HANDLERS
from gateway.rules.registry import RULES, Rule
from gateway.store.unit_of_work import SqlUnitOfWork
from tests.integration.berichten import (
    BSN,
    PROJECT,
    by_name,
    counted,
    familie,
    made,
    process,
    run,
    schema,
    sentence,
    write,
)
from tests.integration.store_builders import Klok, put_back
from tests.opslag import file_of, store_of
from tests.standard.generate import make_message

pytestmark = pytest.mark.usefixtures("opslag")

NIETS = {"toewijzing": 0, "levering": 0, "declaratie": 0, "prestatie": 0}
TYPES = sorted(
    path.stem
    for folder in ("ijw-3.2", "iwmo-3.2")
    for path in (PROJECT / "schemas" / folder).glob("*3*.xsd")
)
# Every message has a handler; these lose theirs for a test.
LOST = ("315", "317", "319")
NOT_YET = [naam for naam in TYPES if naam[-3:] in LOST]


def _crash(batch: Any) -> Iterator[Any]:
    """A rule that fails over what it sees, with a Bsn in its error."""
    raise KeyError(f"client {BSN}")
    yield


def _break_rule(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setitem(RULES, code, Rule(code, RULES[code].retourcode, _crash))


def _status(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    run(["status", "--store", store_of(folder)])
    return str(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("code", "soort"),
    [
        ("CD079", "301"),
        ("TR332", "301"),
        ("TR074", "305"),
        ("TR071", "305"),
        ("TR414", "307"),
        ("TR358", "323"),
        ("TR056", "323"),
        ("TR304", "323"),
        ("TR338", "323"),
        ("TR322", "323"),
    ],
)
def test_a_rule_that_breaks_parks_the_message(
    code: str,
    soort: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (path,) = write(tmp_path / "in", a=made(f"JW{soort}"))
    naam = "WMO301" if soort == "301" else "JW301"
    before = write(tmp_path / "eerst", e=made(naam))
    options = ("--store", store_of(tmp_path))
    process(tmp_path / "1", *before, options=options)
    facts = counted(tmp_path)
    _break_rule(monkeypatch, code)
    done = process(tmp_path / "2", path, options=options)
    (outcome,) = done.outcomes
    assert (3, "parked", None, None, []) == (
        done.code,
        outcome["verdict"],
        outcome["level"],
        outcome["answer"],
        outcome["findings"],
    )
    assert ([], [], {}) == (done.records, done.deviations, done.answers)
    assert facts == counted(tmp_path)
    told = _status(tmp_path, capsys)
    assert f"regel {code} is afgebroken met KeyError" in told
    assert "de telling klopt\n" in told
    assert BSN not in told


@pytest.mark.parametrize("code", ["S105", "S106"])
def test_a_check_that_breaks_parks_the_message(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = CHECKS[code]
    broken = Check(old.code, old.soort, old.naam, old.over, _crash)
    monkeypatch.setitem(CHECKS, code, broken)
    done = process(
        tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path))
    )
    assert ["accepted", "accepted", "parked", "accepted"] == done.verdicts
    assert 3 == done.code
    assert code in _status(tmp_path, capsys)


def test_others_go_on_beside_a_parked_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_rule(monkeypatch, "TR358")
    done = process(tmp_path / "out", *familie(tmp_path / "in"))
    assert ["accepted", "accepted", "parked", "accepted"] == done.verdicts
    assert ["JW305.JW306.xml", "JW307.JW308.xml"] == list(done.answers)


def test_a_level_that_is_not_reached_does_not_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_rule(monkeypatch, "TR338")
    (path,) = write(tmp_path / "in", a=made("JW323", (">85000<", ">85001<")))
    assert ["rejected"] == process(tmp_path / "out", path).verdicts


def test_a_message_that_cannot_be_judged_is_kept_and_judged_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = made("JW323")
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW305"), c=content)
    options = ("--store", store_of(tmp_path))
    with monkeypatch.context() as broken:
        _break_rule(broken, "TR304")
        assert "parked" == process(tmp_path / "1", *paths, options=options).verdicts[2]
    settings = read_settings({})
    place = Place(url=store_of(tmp_path))
    installation = install(settings, load_kennis(settings), Klok(), place, {})
    try:
        assert content == b"".join(installation.store.pieces(3))
        assert put_back(installation.store, 3)
        installation.runtime.drain()
        bericht = installation.store.views.bericht(3)
        assert bericht is not None
        assert bericht.outcome is not None
        assert "accepted" == bericht.outcome.verdict
        answer = installation.store.views.answer(3)
        assert answer is not None
        schema("JW325").assertValid(etree.fromstring(b"".join(answer.body)))
        assert not put_back(installation.store, 3)
        assert installation.store.views.balans().klopt
    finally:
        installation.close()
    assert {"toewijzing": 2, "levering": 2, "declaratie": 1, "prestatie": 2} == counted(tmp_path)


def test_the_same_bytes_of_a_parked_message_are_not_judged_behind_its_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = familie(tmp_path / "in")
    options = ("--store", store_of(tmp_path))
    with monkeypatch.context() as broken:
        _break_rule(broken, "TR358")
        process(tmp_path / "1", *paths, options=options)
    again = process(tmp_path / "2", paths[2], options=options)
    assert again.verdicts[0] in ("duplicate", "parked")
    assert {} == again.answers
    assert counted(tmp_path)["declaratie"] == 0


def test_every_message_of_the_standard_has_a_handler() -> None:
    assert {naam[-3:] for naam in TYPES} == set(HANDLERS)


def _lose_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    left = {nummer: handler for nummer, handler in HANDLERS.items() if nummer not in LOST}
    monkeypatch.setattr("gateway.pipeline.process.HANDLERS", left)


def test_a_valid_message_without_handler_is_parked_with_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _lose_handlers(monkeypatch)
    contents = {naam: _generated(naam) for naam in NOT_YET}
    for naam, content in contents.items():
        schema(naam).assertValid(etree.fromstring(content))
    paths = write(tmp_path / "in", **contents)
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert ["parked"] * len(NOT_YET) == done.verdicts
    assert (3, {}, NIETS) == (done.code, done.answers, counted(tmp_path))
    told = _status(tmp_path, capsys)
    for naam in NOT_YET:
        assert f"({naam}.xml): berichten {naam} worden nog niet behandeld" in told


def test_a_message_without_handler_that_breaks_its_schema_is_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_handlers(monkeypatch)
    root = etree.fromstring(_generated("WMO315"))
    by_name(root, "BerichtCode")[0].text = "999"
    (path,) = write(tmp_path / "in", a=etree.tostring(root))
    done = process(tmp_path / "out", path)
    assert (["invalid"], ["XSD"], 1) == (done.verdicts, done.rules(), done.code)
    assert "WMO315" == done.outcomes[0]["message"]


def test_a_message_without_handler_for_another_municipality_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_handlers(monkeypatch)
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "9999")
    (path,) = write(tmp_path / "in", a=_generated("JW315"))
    done = process(tmp_path / "out", path)
    assert ["invalid"] == done.verdicts
    assert re.search("wordt door deze installatie niet bediend", done.texts()[0])


def _generated(naam: str) -> bytes:
    """A valid message of any type, between parties that can exist."""
    root = etree.fromstring(make_message(naam, random.Random(7)))
    for one in ("Afzender", "Ontvanger"):
        (party,) = by_name(root, one)
        party.text = "0193" if len(party.text or "") == 4 else "12345678"
    return etree.tostring(root)


FORBIDDEN = {
    "no_xml": b"<geen",
    "cut_off": made("JW325")[:-30],
    "against_its_schema": made("JW325", ("<jw325:BerichtVersie>3", "<jw325:BerichtVersie>4")),
    "another_type": made("JW301"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize(
    ("name", "soort"),
    [
        ("gateway.pipeline.klein.write_retour", "305"),
        ("gateway.pipeline.declaratie.compose_325", "323"),
    ],
)
def test_an_answer_that_the_standard_forbids_never_leaves(
    name: str,
    soort: str,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = FORBIDDEN[what]
    monkeypatch.setattr(name, lambda *_: body if soort == "305" else _Body(body))
    paths = familie(tmp_path / "in")[:3]
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    index = ("301", "305", "323").index(soort)
    assert ("parked", None) == (done.verdicts[index], done.outcomes[index]["answer"])
    assert not [answer for answer in done.answers if answer.startswith(f"JW{soort}")]
    assert "geparkeerd: bericht" in _status(tmp_path, capsys)


class _Body(list[bytes]):
    """An answer in pieces, as compose gives it."""

    def __init__(self, content: bytes) -> None:
        super().__init__([content])

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries that nobody notices."""
    monkeypatch.setattr(gateway.broker.runtime, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(gateway.broker.runtime, "LONGEST_WAIT", 0.001)
    monkeypatch.setattr(gateway.broker.consumer, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(gateway.broker.consumer, "LONGEST_PAUSE", 0.001)


@pytest.mark.usefixtures("_quick")
def test_what_is_nobodys_fault_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [0, 3]
    commit = SqlUnitOfWork.commit

    def away(work: SqlUnitOfWork) -> None:
        left[0] += 1
        if left[0] % 4:
            raise TemporaryFailure("de opslag is even weg")
        commit(work)

    monkeypatch.setattr(SqlUnitOfWork, "commit", away)
    done = process(
        tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path))
    )
    assert (["accepted"] * 4, 0) == (done.verdicts, done.code)
    assert {"toewijzing": 2, "levering": 4, "declaratie": 1, "prestatie": 2} == counted(tmp_path)
    assert 16 == left[0]


@pytest.mark.usefixtures("_quick")
def test_a_store_that_never_takes_the_outcome_leaves_all_messages_to_staff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = familie(tmp_path / "in")

    def away(work: SqlUnitOfWork) -> None:
        raise TemporaryFailure("de opslag is weg")

    monkeypatch.setattr(SqlUnitOfWork, "commit", away)
    done = process(tmp_path / "1", *paths, options=("--store", store_of(tmp_path)))
    assert (3, NIETS, {}) == (done.code, counted(tmp_path), done.answers)
    assert ["parked"] * 4 == done.verdicts
    told = _status(tmp_path, capsys)
    assert 4 == told.count("is na 10 keer niet afgehandeld")
    assert "de telling klopt\n" in told


def test_a_store_that_is_locked_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gateway.db").mkdir()
    done = process(
        tmp_path / "out", *familie(tmp_path / "in"), options=("--store", file_of(tmp_path))
    )
    assert 3 == done.code
    sentence(capsys.readouterr().err)
