"""`gateway run` in a process of its own: files in, answers out, whatever happens in between."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from gateway.cli import run
from gateway.records.masker import is_bsn
from tests.integration.berichten import (
    BSN,
    CODE,
    PROJECT,
    Tabel,
    by_name,
    comes_true,
    familie,
    made,
    own_environment,
    schema,
    store_of,
)
from tests.unit.agreement_builders import CEL, HEAD

NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
PATIENCE = 30.0


class Gateway:
    """A running `gateway run` on a data folder, with what it logs in a file."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CODE, "run", "--data", str(data)],
                cwd=PROJECT,
                env=own_environment(environment),
                stdout=stream,
                stderr=stream,
            )

    def started(self) -> Gateway:
        """Wait until it takes files in."""
        before = self.logged().count('"gestart"')
        assert comes_true(
            lambda: self.logged().count('"gestart"') > before or self.process.poll() is not None,
            PATIENCE,
        )
        assert self.process.poll() is None, self.logged()
        return self

    def logged(self) -> str:
        """Everything that was logged so far."""
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """Ask it to end; gives its exit code and how many seconds that took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        return code, time.monotonic() - begin


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Starts gateways on one data folder, and ends what is left of them."""
    running: list[Gateway] = []

    def started(**environment: str) -> Gateway:
        running.append(Gateway(tmp_path / "data", **environment))
        return running[-1]

    yield started
    for one in running:
        if one.process.poll() is None:
            one.kill()


def drop(data: Path, name: str, content: bytes) -> None:
    """Put a file in `in/` as asked: under another name first."""
    folder = data / "in"
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{name}.tmp"
    partial.write_bytes(content)
    partial.rename(folder / f"{name}.xml")


def out(data: Path) -> list[Path]:
    """The answers that left."""
    folder = data / "out"
    return sorted(folder.glob("*.xml")) if folder.exists() else []


def empty(data: Path) -> bool:
    """Whether nothing waits in `in/`."""
    return not list((data / "in").glob("[!.]*.xml"))


def status(data: Path, capsys: pytest.CaptureFixture[str]) -> Tabel:
    """What the store says, from another process than the one that runs."""
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--store", store_of(data)])
    document: Tabel = json.loads(capsys.readouterr().out)
    return document


def settled(data: Path, count: int, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether this many messages came in and all of them came to an end."""

    def done() -> bool:
        with contextlib.suppress(AssertionError, ValueError):
            now = status(data, capsys)
            return now["answered"] == count and now["answersUnderway"] == 0
        return False

    return comes_true(done, PATIENCE)


def test_a_file_in_gives_an_answer_out_and_logs_without_a_bsn(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    data = gateway.data
    for path in familie(tmp_path / "klaar"):
        drop(data, path.stem, path.read_bytes())
    drop(data, f"client {BSN}", made("JW305", ("JW305-0001", BSN)))
    drop(data, "geen", b"<geen xml")
    assert settled(data, 6, capsys), gateway.logged()
    assert empty(data)
    answers = out(data)
    assert 4 == len(answers)
    names = {"438": "JW306", "439": "JW306", "441": "JW308", "491": "JW325"}
    for path in answers:
        root = etree.parse(path).getroot()
        schema(names[by_name(root, "BerichtCode")[0].text]).assertValid(root.getroottree())
        number = (by_name(root, "IdentificatieRetour") or by_name(root, "Identificatie"))[0].text
        assert number in path.stem
    assert not list((data / "out").glob(".*"))
    code, seconds = gateway.stop()
    assert (0, True) == (code, seconds < 15)
    logged = gateway.logged()
    assert "Traceback" not in logged
    events = [json.loads(line) for line in logged.splitlines()]
    assert {"gestart", "ontvangen", "bezorgd", "stopt", "gestopt"} <= {e["event"] for e in events}
    assert all({"event", "level", "timestamp"} <= set(one) for one in events)
    assert [] == [number for number in NINE_DIGITS.findall(logged) if is_bsn(number)]
    for secret in ("Waterland", "Noor", "<jw", "Voorbeeldsteeg"):
        assert secret not in logged


def test_every_stage_of_a_message_is_logged_with_its_number(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    drop(gateway.data, "a", made("JW301"))
    assert settled(gateway.data, 1, capsys)
    drop(gateway.data, "b", made("JW305"))
    assert settled(gateway.data, 2, capsys)
    assert 0 == gateway.stop()[0]
    events = [json.loads(line) for line in gateway.logged().splitlines()]
    stages = [one["event"] for one in events if one.get("bericht") == 2]
    assert stages[0] == "ontvangen"
    assert stages[-1] == "bezorgd"
    judged = [one for one in events if one.get("bericht") == 2 and one.get("verdict")]
    assert ["accepted"] == [one["verdict"] for one in judged], stages


def test_hidden_files_and_other_endings_are_left_alone(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    folder = gateway.data / "in"
    left = {".verborgen.xml", "half.xml.tmp", "lees.txt", "map.xml"}
    for name in left - {"map.xml"}:
        (folder / name).write_bytes(made("JW301"))
    (folder / "map.xml").mkdir()
    drop(gateway.data, "a", made("WMO301"))
    assert settled(gateway.data, 1, capsys)
    assert left == {path.name for path in folder.iterdir()}


def test_the_same_bytes_again_change_nothing_and_a_repeat_writes_no_second_answer(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    drop(gateway.data, "a", made("JW305"))
    assert settled(gateway.data, 1, capsys)
    (answer,) = out(gateway.data)
    before = (answer.read_bytes(), answer.stat().st_mtime_ns)
    drop(gateway.data, "b", made("JW305"))
    assert comes_true(lambda: empty(gateway.data), PATIENCE)
    assert comes_true(lambda: '"nieuw": false' in gateway.logged(), PATIENCE)
    assert settled(gateway.data, 1, capsys)
    assert [before[0]] == [path.read_bytes() for path in out(gateway.data)]


def test_a_message_larger_than_the_cap_is_refused_and_others_go_on(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    small = made("JW305")
    gateway = start(GATEWAY_BYTECAP=str(len(small))).started()
    drop(gateway.data, "a", small + b" " * 100_000)
    drop(gateway.data, "b", small)
    assert comes_true(lambda: 1 == len(out(gateway.data)), PATIENCE), gateway.logged()
    assert comes_true(lambda: empty(gateway.data), PATIENCE), gateway.logged()
    verdicts = status(gateway.data, capsys)["verdicts"]
    assert {"rejected": 1} == {key: n for key, n in verdicts.items() if key != "invalid"}


def test_agreements_in_the_data_folder_are_used(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data" / "agreements"
    folder.mkdir(parents=True)
    (folder / "proef.toml").write_text(HEAD + CEL, encoding="utf-8")
    gateway = start().started()
    drop(gateway.data, "a", made("JW301", (">0193<", ">0363<")))
    assert settled(gateway.data, 1, capsys)
    assert {"invalid": 1} == status(gateway.data, capsys)["verdicts"]


def test_a_refused_agreement_stops_it_at_the_start(
    start: Callable[..., Gateway], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "agreements"
    folder.mkdir(parents=True)
    (folder / "proef.toml").write_text(HEAD + CEL + CEL, encoding="utf-8")
    gateway = start()
    assert 2 == gateway.process.wait(PATIENCE)
    assert "proef.toml" in gateway.logged()
    assert "Traceback" not in gateway.logged()


def test_a_second_gateway_on_one_folder_is_refused(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    first = start().started()
    second = start()
    assert 3 == second.process.wait(PATIENCE)
    told = [line for line in second.logged().splitlines() if not line.startswith("{")]
    assert 1 == len(told)
    assert "al in gebruik door een andere gateway" in told[0]
    drop(first.data, "a", made("JW305"))
    assert settled(first.data, 1, capsys)
    assert 0 == first.stop()[0]


def test_a_folder_that_cannot_be_made_could_not_finish(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("een bestand", encoding="utf-8")
    gateway = Gateway(tmp_path / "data")
    assert 3 == gateway.process.wait(PATIENCE)
    assert "Traceback" not in gateway.logged()


def test_it_goes_on_with_what_lay_there_before_it_started(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in familie(tmp_path / "klaar"):
        drop(tmp_path / "data", path.stem, path.read_bytes())
    gateway = start().started()
    assert settled(gateway.data, 4, capsys)
    assert 3 == len(out(gateway.data))


def test_sigterm_under_load_loses_nothing(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    for number in range(20):
        drop(gateway.data, f"n{number:02}", made("JW305", ("JW305-0001", f"N{number:02}")))
    assert comes_true(lambda: len(out(gateway.data)) > 2, PATIENCE)
    code, seconds = gateway.stop()
    assert (0, True) == (code, seconds < 15)
    again = start().started()
    assert settled(again.data, 20, capsys)
    assert_answered_once(again.data, {f"N{number:02}" for number in range(20)})


def test_kill_nine_at_any_moment_loses_and_doubles_nothing(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    offered = [f"N{number:02}" for number in range(30)]
    for name in offered[:10]:
        drop(data, name, made("JW305", ("JW305-0001", name)))
    left: dict[str, bytes] = {}
    for kill in range(3):
        gateway = start().started()
        seen = len(out(data))
        for name in offered[10 + 5 * kill : 15 + 5 * kill]:
            drop(data, name, made("JW305", ("JW305-0001", name)))
        assert comes_true(lambda: len(out(data)) > seen + 1, PATIENCE), gateway.logged()  # noqa: B023 - waited for here
        gateway.kill()
        for path in out(data):
            assert left.setdefault(path.name, path.read_bytes()) == path.read_bytes()
    for name in offered[25:]:
        drop(data, name, made("JW305", ("JW305-0001", name)))
    # A file that was taken but not yet removed when the power went is offered again.
    drop(data, "nog eens", made("JW305", ("JW305-0001", offered[0])))
    last = start().started()
    assert settled(data, 30, capsys), last.logged()
    assert comes_true(lambda: empty(data), PATIENCE)
    assert_answered_once(data, set(offered))
    for name, body in left.items():
        assert body == (data / "out" / name).read_bytes()
    found = status(data, capsys)
    assert (30, 30, 0, 0, True) == tuple(
        found[key] for key in ("received", "answered", "parked", "waiting", "balanced")
    )
    assert 0 == last.stop()[0]


def assert_answered_once(data: Path, offered: set[str]) -> None:
    """Every message that was offered has one answer, with a number of its own."""
    roots = [etree.parse(path).getroot() for path in out(data)]
    of = [by_name(root, "Identificatie")[0].text for root in roots]
    assert sorted(offered) == sorted(of)
    numbers = [by_name(root, "IdentificatieRetour")[0].text for root in roots]
    assert len(numbers) == len(set(numbers))


def test_an_answer_that_cannot_be_delivered_is_tried_again(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start().started()
    folder = gateway.data / "out"
    os.rename(folder, gateway.data / "weg")
    drop(gateway.data, "a", made("JW305"))
    assert comes_true(lambda: "niet_bezorgd" in gateway.logged(), PATIENCE)
    assert [] == out(gateway.data)
    folder.mkdir()
    assert comes_true(lambda: 1 == len(out(gateway.data)), PATIENCE), gateway.logged()
    assert settled(gateway.data, 1, capsys)


def test_a_console_log_has_no_bsn_either(
    start: Callable[..., Gateway], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start(GATEWAY_LOG="console")
    assert comes_true(lambda: "gestart" in gateway.logged(), PATIENCE)
    drop(gateway.data, BSN, made("JW301"))
    assert settled(gateway.data, 1, capsys)
    assert 0 == gateway.stop()[0]
    assert BSN not in gateway.logged()
    assert "ontvangen" in gateway.logged()
