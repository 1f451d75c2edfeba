"""`gateway run`: everything in one process, with a folder for what comes in and what leaves."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import structlog

from gateway.bootstrap import Place, install, load_kennis
from gateway.cli.rol import ROL, in_rol
from gateway.cli.sentences import reason_of
from gateway.config import Rol, read_settings
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.messages.opdrachten import ENDING
from gateway.network.folder import FolderIntake, FolderUit
from gateway.pipeline.ports import Bestemming
from gateway.store.owner import owned
from gateway.store.tables import ANTWOORD, EVENT

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
    folders = _folders(settings.data)
    with ExitStack() as stack:
        stack.enter_context(owned(settings.data))
        kennis = load_kennis(settings, folders.agreements)
        place = Place(url=settings.store_url)
        bestemmingen = _bestemmingen(folders)
        installation = install(settings, kennis, lambda: datetime.now(UTC), place, bestemmingen)
        stack.callback(installation.store.close)
        freed = installation.store.inbox.free_all()
        inbox = installation.store.inbox
        intakes = [FolderIntake(folders.binnen, inbox)]
        if folders.opdrachten is not None:
            intakes.append(FolderIntake(folders.opdrachten, inbox, ENDING))
        stopped = _stop_event()
        loops = [intake.run for intake in intakes]
        installation.runtime.start([*loops, installation.termijnwacht.run])
        log.info("gestart", map=str(settings.data), hervat=freed)
        stopped.wait()
        log.info("stopt")
        if not installation.runtime.stop():
            raise CouldNotFinish(
                "niet alles was op tijd klaar; wat bezig was begint straks opnieuw"
            )
    log.info("gestopt")
    return 0


@dataclass(frozen=True, slots=True)
class _Folders:
    """What stands in a data folder; what is None has no folder, and is not used.

    `opdrachten` is where the backoffice asks for messages, `gebeurtenissen` where it hears of them.
    """

    binnen: Path
    uit: Path
    agreements: Path | None
    opdrachten: Path | None
    gebeurtenissen: Path | None


def _folders(data: Path) -> _Folders:
    binnen, uit = data / "in", data / "out"
    try:
        for folder in (binnen, uit):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{data}: deze map is niet te maken ({reason_of(error)})") from error
    optional = (data / name for name in ("agreements", "backoffice.in", "backoffice.uit"))
    return _Folders(binnen, uit, *(path if path.is_dir() else None for path in optional))


def _bestemmingen(folders: _Folders) -> dict[str, Bestemming]:
    """Where messages go, and events where somebody made a place for them."""
    found: dict[str, Bestemming] = {ANTWOORD: FolderUit(folders.uit)}
    if folders.gebeurtenissen is not None:
        found[EVENT] = FolderUit(folders.gebeurtenissen, ENDING)
    return found


def _stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
