"""`gateway web`: pages and API in a process of their own, on the store that others work on."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

import click
import structlog

from gateway.cli.metingen import measured
from gateway.cli.opened import opened_store
from gateway.cli.service import LOOK_SECONDS, stop_event
from gateway.config import read_settings
from gateway.inlezen import kennisstand_of, load_kennis
from gateway.logs import configure_logs
from gateway.serving import listen, omgeving_of, serving

log = structlog.get_logger()


@click.command("web")
@click.option("--port", type=click.IntRange(0, 65_535), help="Poort; 0 is een vrije.")
@click.option("--host", help="Adres om op te luisteren.")
def command(port: int | None, host: str | None) -> int:
    """Toont de pagina's en de API tot SIGTERM; de opslag moet er al zijn."""
    settings = read_settings(os.environ)
    configure_logs(settings.log)
    with ExitStack() as stack:
        plek = listen(settings, host or settings.host, port)
        stack.callback(plek.socket.close)
        stopped = stop_event()
        kennis = load_kennis(settings)
        store = stack.enter_context(opened_store(settings, None))
        clock = partial(datetime.now, UTC)
        stand = kennisstand_of(kennis, store.beleidsversies, store.registerkennis)
        threading.Thread(target=stand.run, args=(stopped,), name="kennis", daemon=True).start()
        stack.enter_context(measured(settings, store))
        stack.enter_context(serving(plek, omgeving_of(settings, stand, store, clock, plek.adres)))
        log.info("gestart", adres=plek.adres)
        while not stopped.wait(LOOK_SECONDS):
            pass
        log.info("stopt")
    return 0
