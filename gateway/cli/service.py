"""`gateway run`: everything in one process, with a folder for what comes in and what leaves."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import structlog

from gateway.bootstrap import Installation, Place, install, load_kennis
from gateway.broker.runtime import Loop
from gateway.cli.rol import ROL, in_rol
from gateway.cli.sentences import reason_of
from gateway.config import Rol, read_settings
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.network.folder import FolderIntake, FolderUit
from gateway.pipeline.ports import Bestemming
from gateway.store.inbox import Inbox
from gateway.store.owner import owned
from gateway.store.tables import ANTWOORD, EVENT

JSON = ".json"

log = structlog.get_logger()


@click.command("run")
@ROL
@click.option("--data", type=click.Path(path_type=Path), help="Map met opslag, in/ en out/.")
def command(data: Path | None, rol: Rol | None) -> int:
    """Neemt berichten uit in/, handelt ze af en zet antwoorden in out/, tot SIGTERM."""
    settings = in_rol(read_settings(os.environ), rol)
    if data is not None:
        settings = msgspec.structs.replace(settings, data=data)
    configure_logs(settings.log)
    folders = folders_of(settings.data)
    with ExitStack() as stack:
        stack.enter_context(owned(settings.data))
        kennis = load_kennis(settings, folders.agreements)
        place = Place(url=settings.store_url)
        uit = bestemmingen_of(folders)
        installation = install(settings, kennis, lambda: datetime.now(UTC), place, uit)
        stack.callback(installation.store.close)
        freed = installation.store.resume()
        loops = intakes_of(folders, installation.store.inbox)
        stopped = stop_event()
        installation.runtime.start([*loops, installation.termijnwacht.run])
        log.info("gestart", map=str(settings.data), hervat=freed)
        run_until(stopped, installation)
    return 0


def run_until(stopped: threading.Event, installation: Installation) -> None:
    """Wait for the sign to stop, and finish what is in hand."""
    stopped.wait()
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


def folders_of(data: Path) -> Folders:
    """The folders of a data folder, made when needed."""
    binnen, uit = data / "in", data / "out"
    try:
        for folder in (binnen, uit):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{data}: deze map is niet te maken ({reason_of(error)})") from error
    optional = (data / name for name in ("agreements", "backoffice.in", "backoffice.uit"))
    return Folders(binnen, uit, *(path if path.is_dir() else None for path in optional))


def bestemmingen_of(folders: Folders) -> dict[str, Bestemming]:
    """Where messages go, and events where somebody made a place for them."""
    found: dict[str, Bestemming] = {ANTWOORD: FolderUit(folders.uit)}
    if folders.gebeurtenissen is not None:
        found[EVENT] = FolderUit(folders.gebeurtenissen, JSON)
    return found


def intakes_of(folders: Folders, inbox: Inbox) -> Sequence[Loop]:
    """What keeps looking for messages, and for what the backoffice asks where it has a place."""
    intakes = [FolderIntake(folders.binnen, inbox)]
    if folders.opdrachten is not None:
        intakes.append(FolderIntake(folders.opdrachten, inbox, JSON))
    return [intake.run for intake in intakes]


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
