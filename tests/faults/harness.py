"""The real product in processes of its own, with a sender before it and a receiver behind it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from gateway.broker.connection import Broker, failures_of
from gateway.broker.edges import (
    BACKOFFICE_IN,
    BACKOFFICE_UIT,
    BERICHTEN_IN,
    BERICHTEN_UIT,
    DELIVERIES,
)
from gateway.cli.opened import opened_store
from gateway.config import Settings
from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.schrijven import element_of
from gateway.network.ggk.verbinding import Verbinding
from gateway.simulate.netwerk.dienst import aangesloten
from gateway.simulate.netwerk.net import HEEFT_HET, Onbevestigd
from gateway.store.store import StoreOptions, open_store
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.faults import surroundings
from tests.faults.length import SEED
from tests.faults.load import Message
from tests.faults.oracle import Ledger, Rows, Sink, violations
from tests.integration.berichten import CODE, PROJECT, comes_true, own_environment
from tests.netwerk import ZWOLLE, content_of, enveloped, new_network
from tests.servers import below, free_port
from tests.web.huis import handeling

EMBEDDED, SHARED, PRODUCTION = MODES = ("ingebed", "postgresql", "productie")
# Production of which only the work goes by a queue.
FOLDERS = "productie-mappen"
# Messages come and go over a network: by one process, or by those of production.
NETWORK, SHARED_NETWORK = NETWORKS = ("netwerk", "netwerk-productie")
COMMANDS = {
    EMBEDDED: ("run",),
    NETWORK: ("run",),
    SHARED_NETWORK: ("relay", "worker", "web"),
}
LAUNCHED, PLAIN = ("-m", "tests.faults.launcher"), ("-c", CODE)
PATIENCE = 60.0
LOOK_SECONDS = 0.02
# Short enough to wait for; a message that is killed again and again is not parked meanwhile.
QUICK = {
    "GATEWAY_LEASE_SECONDS": "1",
    "GATEWAY_SWEEP_SECONDS": "0.3",
    "GATEWAY_TRIES": "10000",
}


class Edges(ABC):
    """Both sides of the gateway: where a sender puts messages, and a receiver takes them."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.sink = Sink()

    def offer(self, *messages: Message) -> None:
        """Offer messages; what is not known to have arrived stays unknown in the ledger."""
        for one in messages:
            self.ledger.offered(one.id, one.body, gets_answer=one.gets_answer, cents=one.cents)
            self._put(one)

    @abstractmethod
    def _put(self, message: Message) -> None:
        """Put one message where the gateway takes it from."""

    @abstractmethod
    def look(self) -> None:
        """Write down what arrived at either side by now."""

    @abstractmethod
    def close(self) -> None:
        """Look no more, and leave nothing behind."""


class Folders(Edges):
    """Messages are files: one that is gone from `in/` has been taken."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._data = data
        for name in ("in", "out", "backoffice.uit"):
            (data / name).mkdir(parents=True, exist_ok=True)

    def _put(self, message: Message) -> None:
        folder = self._data / "in"
        partial = folder / f".{message.id}.tmp"
        partial.write_bytes(message.body)
        partial.rename(folder / f"{message.id}.xml")

    def look(self) -> None:
        """See Edges."""
        waiting = {one.stem for one in (self._data / "in").glob("*.xml")}
        for id_ in self.ledger.offers.keys() - waiting:
            self.ledger.ok(id_)
        for folder, ending in (("out", ".xml"), ("backoffice.uit", ".json")):
            for path in (self._data / folder).glob(f"*{ending}"):
                body = path.read_bytes()
                if body not in self.sink.copies[path.stem]:
                    self.sink.received(path.stem, body)

    def close(self) -> None:
        """See Edges: files are no burden."""


class Queues(Edges):
    """Messages go by queues: one that the broker confirmed has been taken."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self.broker = broker
        self._stop = threading.Event()
        self._sent: dict[str, Message] = {}
        self._declare()
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _declare(self) -> None:
        with self.broker.connect() as connection:
            names = (BERICHTEN_IN.naam, BACKOFFICE_IN.naam, BERICHTEN_UIT, BACKOFFICE_UIT)
            queues = [self.broker.queue(name, DELIVERIES) for name in names]
            self.broker.declare(connection.default_channel, self.broker.werk(), *queues)

    def _put(self, message: Message) -> None:
        connection = self.broker.connect()
        self._sent[message.id] = message
        with suppress(*failures_of(connection)), connection:
            producer = connection.Producer()
            producer.publish(
                message.body,
                routing_key=f"{self.broker.prefix}{BERICHTEN_IN.naam}",
                message_id=message.id,
                mandatory=True,
                confirm_timeout=5,
            )
            self.ledger.ok(message.id)

    def look(self) -> None:
        """See Edges: who was not told that a message arrived offers it again."""
        for id_ in self.ledger.with_outcome("unknown"):
            self._put(self._sent[id_])

    def close(self) -> None:
        """See Edges."""
        self._stop.set()
        self._thread.join()
        surroundings.rabbitmq_server()
        surroundings.clean(self.broker)

    def _receive(self) -> None:
        while not self._stop.is_set():
            connection = self.broker.connect()
            with suppress(*failures_of(connection)), connection:
                channel = connection.default_channel
                channel.auto_decode = False
                while not self._stop.wait(LOOK_SECONDS):
                    for name in (BERICHTEN_UIT, BACKOFFICE_UIT):
                        self._take_all(channel, f"{self.broker.prefix}{name}")
            self._stop.wait(0.2)

    def _take_all(self, channel: object, name: str) -> None:
        while (found := channel.basic_get(name)) is not None:  # type: ignore[attr-defined]
            body = found.body.encode() if isinstance(found.body, str) else found.body
            self.sink.received(found.properties["message_id"], bytes(body))
            channel.basic_ack(found.delivery_tag)  # type: ignore[attr-defined]


class Network(Folders):
    """Messages come and go over a network, but for those that another municipality sends.

    Those are the assignments of `load`: they stand in `in/`, as they do without a network.
    """

    def __init__(self, data: Path, store: str) -> None:
        super().__init__(data)
        self.netwerk, self.aanbieders = new_network(SEED)
        self._stack = ExitStack()
        adres = self._stack.enter_context(aangesloten(self.netwerk))
        port = free_port()
        terug = Verbinding(f"http://127.0.0.1:{port}{ADRES}", sleutel=_key(store))
        self._stack.callback(terug.close)
        self.netwerk.partijen = {ZWOLLE: terug}
        self.environment = {
            "GATEWAY_GGK_URL": adres,
            "GATEWAY_PORT": str(port),
            "GATEWAY_GGK_BEVROREN_SECONDS": "1",
        }
        # Under which reference a message was offered, and what arrived under one.
        self._references: dict[str, str] = {}
        self._arrived: dict[str, str] = {}

    def _put(self, message: Message) -> None:
        if not message.gets_answer:
            super()._put(message)
            return
        nummer = self._references.setdefault(message.id, str(uuid4()))
        while not self._is_told(message, nummer):
            if nummer in self.netwerk.teruggestuurd:
                # As any sender does: what came back leaves under another number.
                time.sleep(LOOK_SECONDS)
                nummer = self._references[message.id] = str(uuid4())

    def _is_told(self, message: Message, nummer: str) -> bool:
        """Whether the sender was told that his message is on its way."""
        with suppress(Onbevestigd):
            self.netwerk.ontvang(element_of(enveloped(message.body, nummer)))
            return self.netwerk.teruggestuurd.get(nummer, HEEFT_HET[0]) in HEEFT_HET
        return False

    def look(self) -> None:
        """See Edges: what the network brought has been taken."""
        waiting = {one.stem for one in (self._data / "in").glob("*.xml")}
        for id_ in self.ledger.offers.keys() - waiting:
            if self._references.get(id_, "") in {"", *self.netwerk.bezorgd}:
                self.ledger.ok(id_)
        for path in (self._data / "backoffice.uit").glob("*.json"):
            body = path.read_bytes()
            if body not in self.sink.copies[path.stem]:
                self.sink.received(path.stem, body)
        for nummer, copies in list(self.aanbieders.kopieen.items()):
            # What the network itself tells a provider is not ours.
            if nummer in self.netwerk.aangeboden and nummer not in self._arrived:
                self._arrived[nummer], body = content_of(copies[0])
                self.sink.received(self._arrived[nummer], body)

    def close(self) -> None:
        """See Edges."""
        self._stack.close()


def _key(store: str) -> str:
    """A key by which the network brings envelopes, in a store that is made for it."""
    options = StoreOptions(codes={}, rol="gemeente")
    aanvraag = Aanvraag(naam="netwerk", rol=Rol.BERICHTENVERKEER, gemeenten=(ALLE,), aanbieder=None)
    with closing(open_store(store, partial(datetime.now, UTC), options)) as opened:
        return opened.sleutels.make(aanvraag, handeling("sleutel maken"))[1]


@dataclass(slots=True)
class Process:
    """A command of the gateway that runs, with all that it logged in a file."""

    command: str
    log: Path
    process: subprocess.Popen[bytes]
    before: int

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def logged(self) -> str:
        """What this start of it logged so far."""
        return self.log.read_bytes()[self.before :].decode()

    def started(self) -> Process:
        """Wait until it does its work."""
        assert comes_true(lambda: '"gestart"' in self.logged() or not self.is_running, PATIENCE)
        assert self.is_running, self.logged()
        return self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        for pid in (*below(self.process.pid), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """Ask it to end; its exit code and how many seconds that took."""
        begin = time.monotonic()
        self.process.terminate()
        return self.process.wait(30), time.monotonic() - begin

    def killed_itself(self, seconds: float) -> bool:
        """Whether it was killed within so many seconds; raises when it ended otherwise."""
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(seconds)
            assert -signal.SIGKILL == code, f"{self.command} ended with {code}: {self.logged()}"
            return True
        return False


@dataclass(slots=True)
class Installation:
    """One installation: its edges, its store, and the processes that are its commands."""

    modus: str
    folder: Path
    edges: Edges
    store: str
    owner: str
    rows: Rows
    environment: Mapping[str, str]
    commands: tuple[str, ...]
    running: list[Process] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def start(
        self,
        command: str,
        *,
        fault: str = "",
        prefix: Iterable[str] = (),
        source: Path = PROJECT,
        **environment: str,
    ) -> Process:
        """Start a command; the launcher tells of faults.

        `source` is where the code of another version stands, which has no launcher.
        """
        log = self.folder / f"{command}{'' if source == PROJECT else '-vorig'}.log"
        log.touch()
        data = [] if command in ("worker", "web") else ["--data", str(self.data)]
        given = {**self.environment, "FAULT": fault, "PYTHONPATH": str(source), **environment}
        launched = LAUNCHED if source == PROJECT else PLAIN
        with log.open("ab") as stream:
            started = subprocess.Popen(
                [*prefix, sys.executable, *launched, command, *data],
                cwd=source,
                env=own_environment(given),
                stdout=stream,
                stderr=stream,
            )
        self.running.append(Process(command, log, started, log.stat().st_size))
        return self.running[-1]

    def start_all(self, **environment: str) -> list[Process]:
        """Start every command of this kind of installation, and wait until they work."""
        return [self.start(one, **environment).started() for one in self.commands]

    def end(self) -> None:
        """Leave nothing running."""
        for one in self.running:
            if one.is_running:
                one.kill()
        self.edges.close()

    def drained(self, seconds: float = PATIENCE) -> bool:
        """Whether everything that was offered came to an end, within so many seconds."""
        return comes_true(self._is_drained, seconds)

    def _is_drained(self) -> bool:
        self.edges.look()
        if self.edges.ledger.with_outcome("unknown"):
            return False
        ((arrived,),) = self.rows(
            "SELECT count(*) FROM inbox WHERE staat NOT IN ('nieuw', 'bezig')"
        )
        ((leaving,),) = self.rows("SELECT count(*) FROM outbox WHERE sent_at IS NULL")
        return arrived >= len(self.edges.ledger.with_outcome("ok")) and leaving == 0

    def violations(self, parked: Iterable[str] = ()) -> list[str]:
        """Every promise that was broken, after everything had its time to come to an end."""
        drained = self.drained()
        # What was marked as sent is on its way to the receiver of a queue.
        comes_true(self.has_arrived, 5)
        logs = [one.read_text(encoding="utf-8") for one in self.folder.glob("*.log")]
        found = violations(
            self.edges.ledger, self.rows, self.edges.sink, logs, parked=frozenset(parked)
        )
        if not drained and not found:
            found.append("I6 it did not come to rest")
        return [*found, *self._out_of_balance()]

    def has_arrived(self) -> bool:
        """Whether the receiver has every answer that was marked as sent, and looked for more."""
        self.edges.look()
        sent = self.rows("SELECT naam FROM outbox WHERE soort = 'antwoord' AND sent_at IS NOT NULL")
        return {naam for (naam,) in sent} <= self.edges.sink.copies.keys()

    def _out_of_balance(self) -> Iterator[str]:
        with opened_store(Settings(), self.store) as opened:
            balans = opened.views.balans()
        if not balans.klopt:
            yield "I4 the store is out of balance"
        if balans.ontvangen != len(self.edges.ledger.with_outcome("ok")):
            yield "I4 the store counts other messages than were taken"


Install = Callable[[str], Installation]


@contextmanager
def installed(modus: str, folder: Path) -> Iterator[Installation]:
    """An installation of a kind, that does not run yet, and of which nothing is left."""
    data = folder / "data"
    data.mkdir(parents=True)
    environment = {**QUICK, "GATEWAY_AGREEMENTS": ""}
    edges: Edges
    store = owner = f"sqlite:///{data / 'gateway.db'}"
    if modus not in (EMBEDDED, NETWORK):
        store, owner = surroundings.new_database(surroundings.postgres_server())
    if modus.startswith(PRODUCTION) or modus == SHARED_NETWORK:
        broker = surroundings.new_broker(surroundings.rabbitmq_server())
        environment |= {"GATEWAY_BROKER": broker.url, "GATEWAY_QUEUE_PREFIX": broker.prefix}
    if modus == PRODUCTION:
        environment |= {"GATEWAY_RANDEN": "amqp"}
        edges = Queues(broker)
    elif modus in NETWORKS:
        edges = Network(data, store)
        environment |= edges.environment
    else:
        edges = Folders(data)
    made = Installation(
        modus=modus,
        folder=folder,
        edges=edges,
        store=store,
        owner=owner,
        rows=surroundings.reader(owner),
        environment={**environment, "GATEWAY_STORE": store},
        commands=COMMANDS.get(modus, ("relay", "worker")),
    )
    try:
        yield made
    finally:
        made.end()
