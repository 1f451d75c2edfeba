"""`gateway run` in a process of its own: files in, answers out, whatever happens in between."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from gateway.network.ggk.schrijven import write as written
from gateway.records.masker import is_bsn
from tests.enveloppen import UUID, di01
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
    run,
    schema,
)
from tests.opslag import store_of
from tests.unit.agreement_builders import CEL, HEAD
from tests.unit.test_pakket import zipped

pytestmark = pytest.mark.usefixtures("opslag")

NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
PATIENCE = 30.0
# On a shared store a message in hand comes back when its lease ends, not at the next start.
SHORT_LEASE = {"GATEWAY_LEASE_SECONDS": "2"}


class Gateway:
    """A running `gateway run` on a data folder, with what it logs in a file."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CODE, "run", "--data", str(data)],
                cwd=PROJECT,
                env=own_environment({"GATEWAY_STORE": store_of(data), **environment}),
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

    def end(self) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.kill()

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
        one.end()


@pytest.fixture(scope="module")
def shared(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all tests that leave it running."""
    gateway = Gateway(tmp_path_factory.mktemp("samen") / "data").started()
    yield gateway
    gateway.end()


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


def answered(data: Path, identificatie: str) -> int:
    """How many answers there are to the message with this Identificatie."""
    return sum(f">{identificatie}<".encode() in path.read_bytes() for path in out(data))


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


def test_the_backoffice_asks_in_a_folder_and_hears_in_another(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, told = tmp_path / "data" / "backoffice.in", tmp_path / "data" / "backoffice.uit"
    asked.mkdir(parents=True)
    told.mkdir()
    gateway = start().started()
    assert tmp_path / "data" == gateway.data
    example = PROJECT / "docs" / "voorbeeld" / "06-toewijzing.json"
    for name, content in {"goed": example.read_bytes(), "fout": b'{"opdracht": "x"}'}.items():
        partial = asked / f".{name}.tmp"
        partial.write_bytes(content)
        partial.rename(asked / f"{name}.json")
    assert settled(gateway.data, 2, capsys), gateway.logged()
    assert [] == list(asked.iterdir())
    (path,) = out(gateway.data)
    schema("JW301").assertValid(etree.parse(path))
    assert comes_true(lambda: len(list(told.glob("*.json"))) == 2, PATIENCE)
    heard = {one["data"]["naam"]: one for one in map(event_of, told.glob("*.json"))}
    assert "bericht-accepted" == heard["goed.json"]["soort"]
    assert heard["goed.json"]["data"]["identificatie"] in path.stem
    (reden,) = heard["fout.json"]["data"]["redenen"]
    assert ("$.opdracht", "bericht-invalid") == (reden["pad"], heard["fout.json"]["soort"])
    assert "999900018" not in gateway.logged()


def event_of(path: Path) -> Tabel:
    """An event as the backoffice reads it."""
    document: Tabel = json.loads(path.read_bytes())
    return document


def test_every_stage_of_a_message_is_logged_with_its_number(shared: Gateway) -> None:
    drop(shared.data, "stap", made("JW305", ("JW305-0001", "STAP")))
    assert comes_true(lambda: answered(shared.data, "STAP") == 1, PATIENCE), shared.logged()

    def stages() -> list[Tabel]:
        events = [json.loads(line) for line in shared.logged().splitlines()]
        numbers = {e["bericht"] for e in events if e.get("bestand") == "stap.xml"}
        return [one for one in events if one.get("bericht") in numbers]

    assert comes_true(lambda: "bezorgd" in {one["event"] for one in stages()}, PATIENCE)
    mine = stages()
    assert ("ontvangen", "bezorgd") == (mine[0]["event"], mine[-1]["event"])
    assert ["rejected"] == [one["verdict"] for one in mine if "verdict" in one], mine


def test_hidden_files_and_other_endings_are_left_alone(shared: Gateway) -> None:
    folder = shared.data / "in"
    left = {".verborgen.xml", "half.xml.tmp", "lees.txt", "map.xml"}
    for name in left - {"map.xml"}:
        (folder / name).write_bytes(made("JW301"))
    (folder / "map.xml").mkdir()
    drop(shared.data, "zichtbaar", made("JW305", ("JW305-0001", "ZICHTBAAR")))
    assert comes_true(lambda: answered(shared.data, "ZICHTBAAR") == 1, PATIENCE)
    assert left == {path.name for path in folder.iterdir()}
    for name in left - {"map.xml"}:
        (folder / name).unlink()
    (folder / "map.xml").rmdir()


def test_a_zip_is_taken_and_a_subscriber_inside_a_network_is_not_told(
    shared: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--store", store_of(shared.data)]
    assert 0 == run(["webhooks", "make", "binnen", "--url", "https://localhost:9/", *at])
    folder = shared.data / "in"
    body = made("JW305", ("JW305-0001", "PAKKET"))
    (folder / ".pakket").write_bytes(zipped(("goed.xml", body), ("slecht.txt", b"x")))
    (folder / ".pakket").rename(folder / "pakket.zip")
    report = folder / "pakket.zip.verslag.json"
    assert comes_true(report.exists, PATIENCE)
    told = json.loads(report.read_bytes())["leden"]
    assert ["opgenomen", "geweigerd"] == [one["uitkomst"] for one in told]
    assert comes_true(lambda: answered(shared.data, "PAKKET") == 1, PATIENCE)
    assert comes_true(lambda: "leidt naar binnen een netwerk" in shared.logged(), PATIENCE)
    assert 0 == run(["webhooks", "stop", "1", *at])
    report.unlink()
    capsys.readouterr()


def test_an_envelope_is_opened_and_its_sender_hears_that_it_is_kept(shared: Gateway) -> None:
    body = made("JW305", ("JW305-0001", "ENVELOP"))
    drop(shared.data, "envelop", written(di01(body, "JW305")))
    assert comes_true(lambda: answered(shared.data, "ENVELOP") == 1, PATIENCE), shared.logged()
    (told,) = (shared.data / "out").glob("Bv03_*.xml")
    assert UUID.encode() in told.read_bytes()
    assert empty(shared.data)


def test_the_same_bytes_again_change_nothing_and_write_no_second_answer(shared: Gateway) -> None:
    content = made("JW305", ("JW305-0001", "DUBBEL"))
    drop(shared.data, "een", content)
    assert comes_true(lambda: answered(shared.data, "DUBBEL") == 1, PATIENCE)
    before = {path.name: path.read_bytes() for path in out(shared.data)}
    drop(shared.data, "twee", content)
    assert comes_true(lambda: '"nieuw": false' in shared.logged(), PATIENCE)
    drop(shared.data, "drie", made("JW305", ("JW305-0001", "DAARNA")))
    assert comes_true(lambda: answered(shared.data, "DAARNA") == 1, PATIENCE)
    assert empty(shared.data)
    after = {path.name: path.read_bytes() for path in out(shared.data)}
    assert before == {name: body for name, body in after.items() if name in before}
    assert len(before) + 1 == len(after)


def test_an_answer_that_cannot_be_delivered_is_tried_again(shared: Gateway) -> None:
    folder = shared.data / "out"
    folder.rename(shared.data / "weg")
    drop(shared.data, "weg", made("JW305", ("JW305-0001", "WEG")))
    assert comes_true(lambda: "niet_bezorgd" in shared.logged(), PATIENCE)
    assert [] == out(shared.data)
    (shared.data / "weg").rename(folder)
    assert comes_true(lambda: answered(shared.data, "WEG") == 1, PATIENCE), shared.logged()


def test_a_second_gateway_on_one_folder_is_refused(shared: Gateway) -> None:
    second = Gateway(shared.data)
    assert 3 == second.process.wait(PATIENCE)
    told = [line for line in second.logged().splitlines() if not line.startswith("{")]
    assert 1 == len(told)
    assert "al in gebruik door een andere gateway" in told[0]
    drop(shared.data, "nog", made("JW305", ("JW305-0001", "NOG")))
    assert comes_true(lambda: answered(shared.data, "NOG") == 1, PATIENCE)


def test_the_cap_and_the_agreements_of_the_folder_are_used(
    start: Callable[..., Gateway], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data" / "agreements"
    folder.mkdir(parents=True)
    (folder / "proef.toml").write_text(HEAD + CEL, encoding="utf-8")
    small = made("JW305")
    drop(tmp_path / "data", "a", small + b" " * 100_000)
    drop(tmp_path / "data", "b", small)
    drop(tmp_path / "data", "c", made("JW305", (">0193<", ">0363<")))
    gateway = start(GATEWAY_BYTECAP=str(len(small)), GATEWAY_LOG="console")
    assert comes_true(lambda: 1 == len(out(gateway.data)), PATIENCE), gateway.logged()
    assert comes_true(lambda: empty(gateway.data), PATIENCE), gateway.logged()

    def done() -> bool:
        return status(gateway.data, capsys)["verdicts"] == {"rejected": 1, "invalid": 2}

    assert comes_true(done, PATIENCE), (status(gateway.data, capsys), gateway.logged())
    assert [] == [number for number in NINE_DIGITS.findall(gateway.logged()) if is_bsn(number)]


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


def test_a_folder_that_cannot_be_made_could_not_finish(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("een bestand", encoding="utf-8")
    gateway = Gateway(tmp_path / "data")
    assert 3 == gateway.process.wait(PATIENCE)
    assert "Traceback" not in gateway.logged()


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
        gateway = start(**SHORT_LEASE).started()
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
    last = start(**SHORT_LEASE).started()
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
