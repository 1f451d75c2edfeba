"""Dead messages go back to the queue that they came from, under their own message_id."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.broker.connection import Broker
from gateway.broker.dood import Doodbak
from gateway.broker.edges import BACKOFFICE_IN, BERICHTEN_IN, DELIVERIES, QueueIntake
from gateway.config import Settings
from gateway.errors import MessageRefused, TemporaryFailure
from gateway.store.herstel import Herstel
from gateway.store.store import SqlStore
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.berichten import Tabel, made, run
from tests.integration.store_builders import new_store
from tests.integration.test_broker import real_clock, until
from tests.opslag import rows_of, store_of
from tests.rabbitmq import own_queues, put, take, waiting
from tests.web.huis import KAMPEN, ZWOLLE, Huis, huis

PATIENCE = 20.0


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with own_queues() as found:
        monkeypatch.setenv("GATEWAY_BROKER", found.url)
        monkeypatch.setenv("GATEWAY_QUEUE_PREFIX", found.prefix)
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = new_store(tmp_path, real_clock)
    yield opened
    opened.close()


@contextmanager
def taking_in(broker: Broker, store: SqlStore) -> Iterator[None]:
    """Within it messages and opdrachten come in."""
    stop = threading.Event()
    intakes = [QueueIntake(broker, deur, store.inbox) for deur in (BERICHTEN_IN, BACKOFFICE_IN)]
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in intakes]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join(PATIENCE)
            assert not one.is_alive()


def declare(broker: Broker) -> None:
    with broker.connect() as connection:
        queues = [broker.queue(one.naam, DELIVERIES) for one in (BERICHTEN_IN, BACKOFFICE_IN)]
        broker.declare(connection.default_channel, *queues, broker.werk())


BODIES = {
    "m-1": (BERICHTEN_IN.naam, made("JW305")),
    "m-2": (BERICHTEN_IN.naam, made("WMO323")),
    "o-3": (BACKOFFICE_IN.naam, b'{"opdracht": "x", "gemeente": "0193", "aanbieder": "12345678"}'),
}


@pytest.fixture
def dead(broker: Broker, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Three messages in `dood`, which a mistake of ours refused."""

    def refused(*_: object) -> None:
        raise MessageRefused("een fout van ons")

    declare(broker)
    with monkeypatch.context() as broken:
        broken.setattr(store.inbox, "receive", refused)
        broken.setattr(store.inbox, "receive_all", refused)
        with taking_in(broker, store):
            for nummer, (naam, body) in BODIES.items():
                put(broker, naam, body, message_id=nummer, headers={"eigen": nummer})
            until(lambda: waiting(broker, "dood") == 3, PATIENCE)
    return broker


def redrive(folder: Path, *options: str) -> int:
    return run(["redrive", *options, "--store", store_of(folder)])


def asked(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Tabel:
    capsys.readouterr()
    assert redrive(folder, "--json", *options) in (0, 1)
    document: Tabel = json.loads(capsys.readouterr().out)
    return document


def kept(folder: Path) -> list[tuple[Any, ...]]:
    return rows_of(folder, "SELECT transport_id, naam FROM inbox ORDER BY transport_id")


def test_a_preview_tells_what_is_dead_and_why_and_leaves_it_there(
    dead: Broker, store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = [
        ("JW305", "12345678", "0193", "geweigerd (berichten.in)"),
        ("WMO323", "12345678", "0193", "geweigerd (berichten.in)"),
        ("opdracht", "0193", "0193", "geweigerd (backoffice.in)"),
    ]
    for _ in range(25):
        found = asked(tmp_path, capsys)["list"]
        assert sorted(expected) == sorted(
            (one["kind"], one["sender"], one["municipality"], one["reason"]) for one in found
        )
    until(lambda: waiting(dead, "dood") == 3)
    assert all(one["since"].startswith("20") for one in found)


def test_the_dead_go_back_and_come_in_under_their_own_number(
    dead: Broker, store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = asked(tmp_path, capsys, "--apply", "--rate", "1000")
    assert (3, 3, "klaar") == (told["total"], told["returned"], told["end"])
    assert (0, 2, 1) == tuple(
        waiting(dead, one) for one in ("dood", BERICHTEN_IN.naam, BACKOFFICE_IN.naam)
    )
    with taking_in(dead, store):
        until(lambda: len(kept(tmp_path)) == 3, PATIENCE)
    assert [("m-1", "m-1.xml"), ("m-2", "m-2.xml"), ("o-3", "o-3.json")] == kept(tmp_path)
    for nummer, (_, body) in BODIES.items():
        (row,) = rows_of(tmp_path, "SELECT id FROM inbox WHERE transport_id = ?", nummer)
        assert body == b"".join(store.pieces(row[0]))
    assert [("m-1", 1, None), ("m-1", 2, 1)] == rows_of(
        tmp_path, "SELECT kenmerk, nr, herstel_id FROM poging WHERE kenmerk = 'm-1' ORDER BY nr"
    )
    assert 0 == waiting(dead, "dood")


def test_only_what_was_asked_for_goes_back_with_all_that_it_carried(
    dead: Broker, store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = asked(tmp_path, capsys, "--apply", "--rate", "1000", "--kind", "WMO323")
    assert (1, 1, "klaar") == (told["total"], told["returned"], told["end"])
    until(lambda: waiting(dead, "dood") == 2)
    back = take(dead, BERICHTEN_IN.naam)
    assert (BODIES["m-2"][1], "m-2") == (back.body, back.properties["message_id"])
    assert ("m-2", False) == (back.headers["eigen"], "x-death" in back.headers)
    assert 0 == waiting(dead, BERICHTEN_IN.naam)


def test_a_stop_between_publishing_and_leaving_gives_one_message_all_the_same(
    dead: Broker,
    store: SqlStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def away(*_: object) -> None:
        raise TemporaryFailure("de opslag is weg")

    with monkeypatch.context() as broken:
        broken.setattr(Herstel, "note_dead", away)
        assert 3 == redrive(tmp_path, "--apply", "--rate", "1000", "--kind", "JW305")
    until(lambda: waiting(dead, "dood") == 3)
    assert 1 == waiting(dead, BERICHTEN_IN.naam)
    assert 0 == redrive(tmp_path, "--apply", "--rate", "1000")
    with taking_in(dead, store):
        until(lambda: len(kept(tmp_path)) == 3, PATIENCE)
        until(lambda: waiting(dead, BERICHTEN_IN.naam) == 0, PATIENCE)
    assert (3, 0) == (len(kept(tmp_path)), waiting(dead, "dood"))


def test_what_is_cancelled_stays_dead(
    dead: Broker,
    store: SqlStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("gateway.cli.redrive.time.sleep", lambda _: store.herstel.stop())
    assert 1 == redrive(tmp_path, "--apply")
    until(lambda: waiting(dead, "dood") == 2)


def test_a_message_that_dies_again_meanwhile_is_not_met_twice(
    dead: Broker, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back: list[str] = []

    def dies_again(_doodbak: Doodbak, dode: Any) -> None:
        back.append(dode.gevonden.sleutel)
        put(dead, "dood", dode.message.body, message_id=dode.gevonden.sleutel)

    monkeypatch.setattr(Doodbak, "return_to_queue", dies_again)
    assert 0 == redrive(tmp_path, "--apply", "--rate", "1000")
    assert sorted(BODIES) == sorted(back)
    until(lambda: waiting(dead, "dood") == 3)


def test_what_came_from_nowhere_that_we_know_stays(
    broker: Broker, store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(broker)
    put(broker, "dood", b"wie ben ik")
    (found,) = asked(tmp_path, capsys)["list"]
    assert ("dood", None) == (found["source"], found["kind"])
    assert "gaat niet terug: kwam niet uit een wachtrij van de gateway" == found["reason"]
    told = asked(tmp_path, capsys, "--apply", "--rate", "1000")
    assert (1, 0, "klaar") == (told["total"], told["returned"], told["end"])
    until(lambda: waiting(broker, "dood") == 1)


@pytest.fixture
def pagina(dead: Broker, tmp_path: Path) -> Iterator[Huis]:
    """A gateway whose pages see the dead messages."""
    settings = Settings(
        gemeenten=(ZWOLLE, KAMPEN), port=0, broker=dead.url, queue_prefix=dead.prefix
    )
    with huis(tmp_path, settings) as made_here:
        # RabbitMQ has a clock of its own, and what is shown had died by now.
        made_here.klok.moment = datetime.now(UTC)
        made_here.maak("techniek", {ALLE: {Rol.TECHNISCH_BEHEER}})
        made_here.maak("kampen", {KAMPEN: {Rol.TECHNISCH_BEHEER}})
        yield made_here
        made_here.omgeving.taken.close()


def test_the_page_shows_what_is_dead_and_puts_back_what_was_shown(
    pagina: Huis, dead: Broker
) -> None:
    wie = pagina.bezoeker("techniek")
    previews = [
        html.unescape(one)
        for one in re.findall(r'href="(/fouten/terugzetten[^"]+)"', wie.get("/fouten").text)
    ]
    assert ["berichten.in", "backoffice.in"] == sorted(
        (re.findall(r"%28(\S+?)%29", one)[0] for one in previews), reverse=True
    )
    chosen = next(one for one in previews if "berichten.in" in one)
    shown = wie.get(chosen)
    assert "<strong>2</strong>" in shown.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
    given = {name: html.unescape(value) for name, value in fields.items()}
    assert 303 == wie.post("/fouten/terugzetten", {**given, "snelheid": "50"}).status_code
    until(lambda: waiting(dead, "berichten.in") == 2, PATIENCE)
    until(lambda: waiting(dead, "dood") == 1, PATIENCE)


def test_what_is_dead_of_another_municipality_is_not_told(pagina: Huis) -> None:
    page = pagina.bezoeker("kampen").get("/fouten").text
    assert "geweigerd" not in page


def test_a_run_is_stopped_by_who_may_see_its_messages(pagina: Huis) -> None:
    run = pagina.store.herstel.begin("van Zwolle", 1.0, 5, {ZWOLLE})
    kampen, techniek = pagina.bezoeker("kampen"), pagina.bezoeker("techniek")
    assert "van Zwolle" not in kampen.get("/fouten").text
    assert 404 == kampen.post("/fouten/stoppen", {"gang": str(run)}).status_code
    assert pagina.store.herstel.may_go_on(run)
    assert "van Zwolle" in techniek.get("/fouten").text
    assert 303 == techniek.post("/fouten/stoppen", {"gang": str(run)}).status_code
    assert not pagina.store.herstel.may_go_on(run)
