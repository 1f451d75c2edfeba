"""`gateway run`: everything in one process; messages come and go by folders or by queues."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
import msgspec
import structlog

from gateway.bootstrap import Installation, Place, broker_of, install, opnemers_of, verbinding_of
from gateway.broker.edges import QueueRanden
from gateway.broker.runtime import Loop
from gateway.cli.metingen import measured_work
from gateway.cli.rol import ROL, in_rol
from gateway.cli.sentences import reason_of
from gateway.config import Rol, Settings, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.messages import pakket
from gateway.messages.opdrachten import ENDING
from gateway.network.folder import FolderIntake, FolderUit
from gateway.network.pakketten import Pakketopname
from gateway.pipeline.ports import Bestemming
from gateway.store.inbox import Clock, Inbox
from gateway.store.opname import Opnemers
from gateway.store.owner import owned
from gateway.store.store import SqlStore
from gateway.store.tables import ANTWOORD, ENVELOP, EVENT

if TYPE_CHECKING:
    from gateway.network.webhook.lus import Webhooklus

LOOK_SECONDS = 0.5

log = structlog.get_logger()


@click.command("run")
@ROL
@click.option("--data", type=click.Path(path_type=Path), help="Map met opslag, in/ en out/.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Poort van de pagina's; 0: een vrije.")
def command(data: Path | None, rol: Rol | None, port: int | None) -> int:
    """Neemt berichten uit in/, zet antwoorden in out/ en toont pagina's, tot SIGTERM."""
    # Imported here: a worker shares this module, and serves nothing.
    from gateway.serving import listen_beside, omgeving_of, serving

    settings = in_rol(read_settings(os.environ), rol)
    if data is not None:
        settings = msgspec.structs.replace(settings, data=data)
    configure_logs(settings.log)
    folders = folders_of(settings)
    with ExitStack() as stack:
        stack.enter_context(owned(settings.data))
        plek = listen_beside(settings, port)
        stack.callback(plek.socket.close)
        kennis = load_kennis(settings, folders.agreements)
        place = Place(url=settings.store_url)
        randen = randen_of(settings, folders)
        stack.callback(randen.close)
        clock = partial(datetime.now, UTC)
        verbinding = verbinding_of(settings)
        if verbinding is not None:
            stack.callback(verbinding.close)
        installation = install(settings, kennis, clock, place, randen.bestemmingen, verbinding)
        stack.callback(installation.store.close)
        freed = installation.store.resume()
        stopped = stop_event()
        loops = intakes_of(settings, randen, installation, clock)
        loops.append(webhooklus_of(settings, installation.store, clock).run)
        installation.runtime.start([*loops, *installation.lussen])
        omgeving = omgeving_of(settings, installation.stand, installation.store, clock, plek.adres)
        stack.enter_context(measured_work(settings, installation, randen.bestemmingen))
        stack.enter_context(serving(plek, omgeving))
        log.info("gestart", map=str(settings.data), hervat=freed, adres=plek.adres)
        run_until(stopped, installation)
    return 0


def run_until(stopped: threading.Event, installation: Installation) -> None:
    """Wait for the sign to stop, and finish what is in hand."""
    # A signal that another thread was given wakes nobody: this thread has to look by itself.
    while not stopped.wait(LOOK_SECONDS):
        pass
    log.info("stopt")
    if not installation.runtime.stop():
        raise CouldNotFinish("niet alles was op tijd klaar; wat bezig was begint straks opnieuw")
    log.info("gestopt")


@dataclass(frozen=True, slots=True)
class Folders:
    """What stands in a data folder; what is None has no folder, and is not used.

    `opdrachten` is where the backoffice asks for messages, `gebeurtenissen` where it hears of them.
    """

    binnen: Path
    uit: Path
    agreements: Path | None
    opdrachten: Path | None
    gebeurtenissen: Path | None


def folders_of(settings: Settings) -> Folders:
    """The folders of a data folder, made when needed."""
    data = settings.data
    binnen, uit = data / "in", data / "out"
    try:
        for folder in (binnen, uit) if settings.randen == "mappen" else (data,):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{data}: deze map is niet te maken ({reason_of(error)})") from error
    optional = (data / name for name in ("agreements", "backoffice.in", "backoffice.uit"))
    return Folders(binnen, uit, *(path if path.is_dir() else None for path in optional))


class Intake(Protocol):
    """Takes messages in."""

    def run(self, stop: threading.Event) -> None:
        """Keep taking until told to stop."""


class Randen(Protocol):
    """Where messages come in and leave."""

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """Where what leaves goes, by its kind."""

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> Sequence[Intake]:
        """What takes in what the backoffice asks for, and messages with what is around them."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, slots=True)
class _Backofficemappen:
    """Folders for opdrachten and events, where somebody made a place for them."""

    folders: Folders

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """See `Randen`."""
        folder = self.folders.gebeurtenissen
        return {} if folder is None else {EVENT: FolderUit(folder, ENDING)}

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> Sequence[Intake]:
        """See `Randen`."""
        folder = self.folders.opdrachten
        return [] if folder is None else [FolderIntake(folder, inbox, ENDING)]

    def close(self) -> None:
        """See `Randen`: a folder holds nothing open."""


@dataclass(frozen=True, slots=True)
class _Mappen:
    """Folders for messages."""

    folders: Folders
    bytecap: int

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """See `Randen`."""
        uit = FolderUit(self.folders.uit)
        return {ANTWOORD: uit, ENVELOP: uit}

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> Sequence[Intake]:
        """See `Randen`."""
        binnen, pakketten = self.folders.binnen, Pakketopname(self.bytecap)
        opnemer = opnemers(FolderUit(self.folders.uit))
        return [FolderIntake(binnen, opnemer), FolderIntake(binnen, opnemer, pakket.ZIP, pakketten)]

    def close(self) -> None:
        """See `Randen`: a folder holds nothing open."""


@dataclass(frozen=True, slots=True)
class _Samen:
    """Several edges beside each other."""

    delen: Sequence[Randen]

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """See `Randen`."""
        return {soort: where for one in self.delen for soort, where in one.bestemmingen.items()}

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> Sequence[Intake]:
        """See `Randen`."""
        return [intake for one in self.delen for intake in one.intakes(inbox, opnemers)]

    def close(self) -> None:
        """See `Randen`."""
        for one in self.delen:
            one.close()


def randen_of(settings: Settings, folders: Folders) -> Randen:
    """The edges of the settings; raises WrongUse for queues in memory, which nobody can reach."""
    backoffice = _Backofficemappen(folders)
    if settings.randen == "mappen":
        return _Samen([_Mappen(folders, settings.bytecap), backoffice])
    if settings.randen == "sftp":
        # Imported here: most installations do not use it.
        from gateway.network.sftp.randen import SftpRanden
        from gateway.network.sftp.verbinding import server_of

        return _Samen([SftpRanden(server_of(settings), settings.bytecap), backoffice])
    broker = broker_of(settings)
    if broker.is_memory:
        raise WrongUse("GATEWAY_RANDEN is amqp, maar GATEWAY_BROKER noemt geen wachtrij-server")
    return QueueRanden(broker, settings.bron)


def intakes_of(
    settings: Settings, randen: Randen, installation: Installation, clock: Clock
) -> list[Loop]:
    """What takes messages and envelopes in by these edges."""
    store = installation.store
    opnemers = opnemers_of(settings, installation.stand, store, clock)
    return [intake.run for intake in randen.intakes(store.inbox, opnemers)]


def webhooklus_of(settings: Settings, store: SqlStore, clock: Clock) -> Webhooklus:
    """What tells subscribers of events, beside where all events go."""
    # Imported here: a worker shares this module, and tells nobody.
    from gateway.network.webhook.bezorgen import Bezorger
    from gateway.network.webhook.lus import Webhooklus

    return Webhooklus(store.webhooks, Bezorger(), settings.bron, clock)


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
