"""Every alarm goes off by its cause and ends with it, and has a page that tells what to do."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.bootstrap import Installation, Place, install
from gateway.cli.metingen import measured_work
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.metingen.cijfers import FASE, VAN_ELK, VAN_OPSLAG, VAN_WERK
from gateway.network.ggk.envelop import Envelop, Fout, Foutbericht
from gateway.network.ggk.schrijven import write
from gateway.pipeline.kennis import Kennis
from gateway.store.engine import MAX_OVERFLOW, POOL_SIZE, insert_one
from gateway.store.inzage.meting import MOST_COUNTED
from gateway.store.toegang.logboek import Betrokkene
from gateway.store.webhooks import abonnement, aflevering
from gateway.store.werk.wachtrij import look_again
from tests.enveloppen import du01, fo01
from tests.integration.berichten import (
    CODE,
    PROJECT,
    comes_true,
    command,
    made,
    own_environment,
    run,
)
from tests.integration.store_builders import Klok, new_store
from tests.integration.test_run import Gateway
from tests.monitoring import (
    MONITORING,
    PROCESSEN,
    Stand,
    alarmen,
    figures_named_in,
    looked_at,
    names,
    ports_in,
    scraped,
    ups,
)
from tests.opslag import POSTGRESQL, altered, rows_of, running_on, store_of
from tests.unit.test_docs import rows_of as rows_in

ALARMEN = alarmen()
RUNBOOKS = PROJECT / "docs" / "runbooks"
PATIENCE = 30.0
DAY = 86_400.0
# What Prometheus and its client know beside our own.
OTHERS = {"up", "process_resident_memory_bytes"}


# --- Rules, pages and figures -------------------------------------------------------------------


def test_every_alarm_has_a_page_and_every_page_an_alarm() -> None:
    assert {f"docs/runbooks/{one}.md" for one in ALARMEN} == {
        one.runbook for one in ALARMEN.values()
    }
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert set(ALARMEN) == pages
    index = rows_in((RUNBOOKS / "README.md").read_text(encoding="utf-8"))
    assert [f"[{one}]({one}.md)" for one in ALARMEN] == [row[0] for row in index]
    for one in pages:
        text = (RUNBOOKS / f"{one}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {one}\n")
        for part in ("Wat er is", "Wat het betekent", "Wat u doet", "Wanneer het overgaat"):
            assert f"**{part}.**" in text


def test_alarms_and_dashboard_ask_only_for_figures_that_exist() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(dashboard["panels"]) == len({panel["id"] for panel in dashboard["panels"]})
    own = {FASE.naam: {f"{FASE.naam}_bucket", f"{FASE.naam}_count"}}
    own |= {one: {f"{one}_total"} for one in ("gateway_herkansingen", "gateway_lussen_hersteld")}
    there = {name: own.get(name, {name}) for name in names(*VAN_ELK, *VAN_WERK, *VAN_OPSLAG)}
    told = set().union(*there.values()) | OTHERS
    for expr in [*shown, *(one.expr for one in ALARMEN.values())]:
        assert figures_named_in(expr) <= told, expr
    asked = set().union(*map(figures_named_in, shown))
    assert [] == [name for name, forms in there.items() if not forms & asked]


def test_the_page_tells_every_figure() -> None:
    page = (PROJECT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    expected = [f"`{one.naam}`" for one in (*VAN_ELK, *VAN_WERK, *VAN_OPSLAG)]
    assert expected == [row[0] for row in rows_in(page)]


def test_a_process_that_nobody_asks_any_more_is_missed_like_one_that_does_not_answer() -> None:
    """A pod that is gone is found no more; a container that stopped still has its line."""
    gone, everybody = ALARMEN["ProcesWeg"], dict.fromkeys(PROCESSEN, True)
    assert not gone.goes([], ups(everybody))
    for one in PROCESSEN:
        assert gone.goes([], ups(everybody | {one: False}))
        assert gone.goes([], ups({other: True for other in PROCESSEN if other != one}))


# --- The product itself -------------------------------------------------------------------------


def test_a_message_that_cannot_be_judged_and_a_process_that_is_gone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    store = new_store(data, lambda: datetime.now(UTC))
    store.inbox.receive("a.xml", [made("JW305")])
    store.close()
    ((good,),) = rows_of(data, "SELECT data FROM inbox_stuk")
    altered(data, "UPDATE inbox_stuk SET data = ?", b"bedorven")
    parked, gone = ALARMEN["BerichtGeparkeerd"], ALARMEN["ProcesWeg"]
    unseen = ALARMEN["OpslagUitBeeld"]
    gateway = Gateway(data, GATEWAY_METRICS_PORT="0").started()
    try:
        (port,) = ports_in(gateway.log)
        assert comes_true(lambda: parked.goes([], looked_at(port)), PATIENCE), gateway.logged()
        assert not gone.goes([], looked_at(port))
        assert not unseen.goes([], looked_at(port))
        altered(data, "UPDATE inbox_stuk SET data = ?", good)
        redrive = ["redrive", "--source", "geparkeerd", "--apply", "--store", store_of(data)]
        assert 0 == command(*redrive).returncode
        assert comes_true(lambda: not parked.goes([], looked_at(port)), PATIENCE), gateway.logged()
        assert comes_true(lambda: len(list((data / "out").glob("*.xml"))) == 1, PATIENCE)
        gateway.stop()
        assert gone.goes([], looked_at(port))
        assert unseen.goes([], looked_at(port))
    finally:
        gateway.end()


def test_without_a_worker_the_queue_stands_still_and_without_a_relay_nobody_tells_of_it(
    tmp_path: Path,
) -> None:
    alarm, data = ALARMEN["WachtrijStaatStil"], tmp_path / "data"
    unseen = ALARMEN["OpslagUitBeeld"]
    with running_on(POSTGRESQL), ExitStack() as stack:
        store = new_store(data, lambda: datetime.now(UTC) - timedelta(minutes=10))
        store.inbox.receive("a.xml", [made("JW305")])
        store.close()
        relay = started(stack, data, "relay", "--data", str(data))
        port = port_told_in(tmp_path / "relay.log")
        assert comes_true(lambda: alarm.goes([], looked_at(port)), PATIENCE)
        started(stack, data, "worker")
        assert comes_true(lambda: not alarm.goes([], looked_at(port)), PATIENCE)
        beside = port_told_in(tmp_path / "worker.log")
        assert not unseen.goes([], [*looked_at(port), *scraped(beside)])
        relay.terminate()
        relay.wait(PATIENCE)
        # All alarms about the store are silent now, but this one.
        now = [*looked_at(port), *scraped(beside)]
        assert {"OpslagUitBeeld", "ProcesWeg"} == {
            one for one in ALARMEN if ALARMEN[one].goes([], now)
        }


def port_told_in(log: Path) -> int:
    """Where the process with this log tells its figures, as soon as it does."""
    assert comes_true(lambda: bool(ports_in(log)), PATIENCE), log.read_text(encoding="utf-8")
    (port,) = ports_in(log)
    return port


def started(stack: ExitStack, data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A command in a process of its own, for as long as the stack lasts."""
    log = stack.enter_context((data.parent / f"{arguments[0]}.log").open("wb"))
    given = {"GATEWAY_STORE": store_of(data), "GATEWAY_METRICS_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments],
        cwd=PROJECT,
        env=own_environment(given),
        stdout=log,
        stderr=log,
    )
    stack.callback(process.wait, PATIENCE)
    stack.callback(process.terminate)
    return process


# --- One installation, with a clock of ours -----------------------------------------------------


class Uit:
    """Where answers go, when it is there."""

    is_there = True

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        if not self.is_there:
            raise OSError("weg")
        list(body)


class Huis:
    """An installation that tells how it is doing, looked at from one moment to the next."""

    def __init__(self, kennis: Kennis, data: Path, stack: ExitStack) -> None:
        data.mkdir()
        self.data, self.klok, self.uit = data, Klok(), Uit()
        settings = read_settings({"GATEWAY_METRICS_PORT": "0"})
        place = Place(url=store_of(data))
        made_: Installation = install(settings, kennis, self.klok, place, {"antwoord": self.uit})
        self.installation = made_
        stack.callback(made_.close)
        # A command before this test may have left lines out.
        structlog.reset_defaults()
        with capture_logs() as logged:
            stack.enter_context(measured_work(settings, made_, ("antwoord",)))
        (self.port,) = [one["poort"] for one in logged if one["event"] == "metingen"]
        self.seen: Stand = looked_at(self.port)

    def goes(self, naam: str) -> bool:
        """Whether an alarm goes off by now."""
        before, self.seen = self.seen, looked_at(self.port)
        return ALARMEN[naam].goes(before, self.seen)

    def unsent(self) -> None:
        """A message is answered, and the answer cannot leave."""
        self.uit.is_there = False
        self.installation.store.inbox.receive("a.xml", [made("JW305")])
        self.installation.runtime.drain()

    def sent(self) -> None:
        """It can now."""
        self.uit.is_there = True
        self.installation.runtime.drain()


def pool(huis: Huis) -> Iterator[None]:
    engine = huis.installation.store.database.engine
    held = [engine.connect() for _ in range(POOL_SIZE + MAX_OVERFLOW)]
    yield
    for one in held:
        one.close()


def opslag(huis: Huis) -> Iterator[None]:
    elsewhere = huis.data.with_name("weg")
    huis.installation.store.database.engine.dispose()
    huis.data.rename(elsewhere)
    yield
    elsewhere.rename(huis.data)


def verzending(huis: Huis) -> Iterator[None]:
    huis.unsent()
    huis.klok.move(1_000)
    yield
    huis.sent()


def termijn(huis: Huis) -> Iterator[None]:
    huis.unsent()
    huis.klok.move(10 * DAY)
    huis.installation.termijnwacht.run_once()
    yield
    huis.sent()
    huis.installation.termijnwacht.run_once()


def lus(huis: Huis) -> Iterator[None]:
    fell = threading.Event()

    def falls_once(stop: threading.Event) -> None:
        if not fell.is_set():
            fell.set()
            raise RuntimeError
        stop.wait()

    tellers = huis.installation.runtime.tellers
    huis.installation.runtime.start_sending([falls_once])
    assert comes_true(lambda: tellers.lussen > 0, PATIENCE)
    yield
    assert huis.installation.runtime.stop()


def werkvoorraad(huis: Huis) -> Iterator[None]:
    store = huis.installation.store
    with store.database.writing() as connection:
        look_again(connection, [(number, None) for number in range(MOST_COUNTED)])
    yield
    store.werkvolger.catch_up()


def geweigerd(huis: Huis) -> Iterator[None]:
    huis.unsent()
    altered(huis.data, "UPDATE outbox SET stil = 1 WHERE soort = 'antwoord'")
    yield
    altered(huis.data, "UPDATE outbox SET stil = 0, next_at = 0 WHERE soort = 'antwoord'")
    huis.sent()


def apart(huis: Huis) -> Iterator[None]:
    yield from _set_aside(huis, du01(made("JW302")))


def dubbel(huis: Huis) -> Iterator[None]:
    yield from _set_aside(huis, fo01(Fout("CC11", "er is al een retour")))


def _set_aside(huis: Huis, stuk: Envelop | Foutbericht) -> Iterator[None]:
    """An envelope comes in that somebody has to look at, and somebody does."""
    path = huis.data.with_name("envelop.xml")
    path.write_bytes(write(stuk))
    store = ["--store", store_of(huis.data)]
    assert 0 == run(["envelope", "unpack", str(path), *store])
    yield
    assert 0 == run(["envelope", "close", "1", *store])


def webhook(huis: Huis) -> Iterator[None]:
    store = huis.installation.store
    with store.database.writing() as connection:
        wie = {"naam": "ecd", "url": "", "geheim": "", "soorten": "", "gemeenten": "*"}
        nummer = insert_one(connection, abonnement, wie | {"gelezen": 0, "gemaakt_at": 0.0})
        event = {"abonnement_id": nummer, "outbox_id": 1, "tries": 18, "next_at": 0.0}
        insert_one(connection, aflevering, event | {"dood_at": 1.0, "reden": "404"})
    yield
    act = handeling_of("opnieuw", "U", Betrokkene(), "proef", huis.klok())
    assert 1 == store.webhooks.redrive(nummer, act)


OORZAKEN: dict[str, Callable[[Huis], Iterator[None]]] = {
    "VerbindingenOp": pool,
    "OpslagOnbereikbaar": opslag,
    "VerzendingStaatStil": verzending,
    "VerzendingGeweigerd": geweigerd,
    "EnvelopApart": apart,
    "RetourDubbel": dubbel,
    "WebhookDood": webhook,
    "TermijnTeLaat": termijn,
    "LusValtOm": lus,
    "WerkvoorraadAchter": werkvoorraad,
}
# An answer that does not leave for ten days is late and stands still; who waits for a connection
# does not tell of the store.
ALSO = {"TermijnTeLaat": {"VerzendingStaatStil"}, "VerbindingenOp": {"OpslagUitBeeld"}}
IN_PROCESSES = {"BerichtGeparkeerd", "OpslagUitBeeld", "ProcesWeg", "WachtrijStaatStil"}


@pytest.fixture(scope="module")
def kennis() -> Kennis:
    return load_kennis(read_settings({}))


@pytest.mark.parametrize("naam", OORZAKEN)
def test_an_alarm_goes_off_by_its_cause_and_ends_with_it(
    naam: str, kennis: Kennis, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        huis = Huis(kennis, tmp_path / "data", stack)
        assert not huis.goes(naam)
        passing = OORZAKEN[naam](huis)
        next(passing)
        others = {one for one in ALARMEN if one != naam}
        before = huis.seen
        assert huis.goes(naam), huis.seen
        assert {one for one in others if ALARMEN[one].goes(before, huis.seen)} <= ALSO.get(
            naam, set()
        )
        assert None is next(passing, None)
        assert not huis.goes(naam), huis.seen


def test_no_alarm_is_without_a_test_that_causes_it() -> None:
    assert set(ALARMEN) == {*OORZAKEN, *IN_PROCESSES}
