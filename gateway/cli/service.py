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
from gateway.network.folder import FolderIntake, FolderUit
from gateway.store.owner import owned

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
        bestemmingen = {"antwoord": FolderUit(folders.uit)}
        installation = install(settings, kennis, lambda: datetime.now(UTC), place, bestemmingen)
        stack.callback(installation.store.close)
        freed = installation.store.inbox.free_all()
        intake = FolderIntake(folders.binnen, installation.store.inbox)
        stopped = _stop_event()
        installation.runtime.start([intake.run, installation.termijnwacht.run])
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
    """What stands in a data folder; `agreements` is None when there is no such folder."""

    binnen: Path
    uit: Path
    agreements: Path | None


def _folders(data: Path) -> _Folders:
    binnen, uit, agreements = data / "in", data / "out", data / "agreements"
    try:
        for folder in (binnen, uit):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{data}: deze map is niet te maken ({reason_of(error)})") from error
    return _Folders(binnen, uit, agreements if agreements.is_dir() else None)


def _stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
