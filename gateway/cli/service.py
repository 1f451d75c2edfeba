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

from gateway.bootstrap import Installation, Place, install, load_kennis
from gateway.cli.sentences import reason_of
from gateway.config import read_settings
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.network.folder import FolderIntake, FolderUit
from gateway.store.owner import owned

log = structlog.get_logger()


@click.command("run")
@click.option("--data", type=click.Path(path_type=Path), help="Map met opslag, in/ en out/.")
def command(data: Path | None) -> int:
    """Neemt berichten uit in/, handelt ze af en zet antwoorden in out/, tot SIGTERM."""
    settings = read_settings(os.environ)
    if data is not None:
        settings = msgspec.structs.replace(settings, data=data)
    configure_logs(settings.log)
    folders = folders_of(settings.data)
    with ExitStack() as stack:
        stack.enter_context(owned(settings.data))
        kennis = load_kennis(settings, folders.agreements)
        place = Place(url=settings.store_url)
        bestemmingen = {"antwoord": FolderUit(folders.uit)}
        installation = install(settings, kennis, lambda: datetime.now(UTC), place, bestemmingen)
        stack.callback(installation.store.close)
        freed = installation.store.resume()
        intake = FolderIntake(folders.binnen, installation.store.inbox)
        stopped = stop_event()
        installation.runtime.start([intake.run, installation.termijnwacht.run])
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
    """What stands in a data folder; `agreements` is None when there is no such folder."""

    binnen: Path
    uit: Path
    agreements: Path | None


def folders_of(data: Path) -> Folders:
    """The folders of a data folder, made when needed."""
    binnen, uit, agreements = data / "in", data / "out", data / "agreements"
    try:
        for folder in (binnen, uit):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{data}: deze map is niet te maken ({reason_of(error)})") from error
    return Folders(binnen, uit, agreements if agreements.is_dir() else None)


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
