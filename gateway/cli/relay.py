"""`gateway relay`: what comes in and what leaves, beside workers on a shared store."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import msgspec
import structlog

from gateway.bootstrap import Place, install, verbinding_of
from gateway.cli.metingen import measured_work
from gateway.cli.service import (
    folders_of,
    intakes_of,
    randen_of,
    run_until,
    stop_event,
    webhooklus_of,
)
from gateway.cli.worker import shared_url
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.store.owner import owned

log = structlog.get_logger()


@click.command("relay")
@click.option("--data", type=click.Path(path_type=Path), help="Map met in/ en out/.")
def command(data: Path | None) -> int:
    """Neemt berichten uit in/, zet antwoorden in out/ en let op termijnen, tot SIGTERM."""
    settings = read_settings(os.environ)
    if data is not None:
        settings = msgspec.structs.replace(settings, data=data)
    place = Place(url=shared_url(settings), updates=False)
    configure_logs(settings.log)
    folders = folders_of(settings)
    with ExitStack() as stack:
        stack.enter_context(owned(settings.data))
        kennis = load_kennis(settings, folders.agreements)
        randen = randen_of(settings, folders)
        stack.callback(randen.close)
        clock = partial(datetime.now, UTC)
        verbinding = verbinding_of(settings)
        if verbinding is not None:
            stack.callback(verbinding.close)
        installation = install(settings, kennis, clock, place, randen.bestemmingen, verbinding)
        stack.callback(installation.store.close)
        installation.store.resume()
        loops = intakes_of(settings, randen, installation, clock)
        loops.append(webhooklus_of(settings, installation.store, clock).run)
        stopped = stop_event()
        installation.runtime.start_sending([*loops, *installation.lussen])
        stack.enter_context(measured_work(settings, installation, randen.bestemmingen))
        log.info("gestart", map=str(settings.data))
        run_until(stopped, installation)
    return 0
