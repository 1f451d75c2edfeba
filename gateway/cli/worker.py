"""`gateway worker`: handles messages, in any number of processes and machines on one store."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import click
import structlog

from gateway.bootstrap import Place, install
from gateway.cli.metingen import measured_work
from gateway.cli.service import run_until, stop_event
from gateway.config import PREFIX, Settings, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs

RESTART_SECONDS = 1.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.2
OWN_COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()", "worker")
METRICS_PORT = f"{PREFIX}METRICS_PORT"
WRONG_USE = 2

log = structlog.get_logger()


@click.command("worker")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Hoeveel tegelijk.",
)
def command(processes: int) -> int:
    """Handelt berichten af tot SIGTERM; de database verdeelt het werk."""
    settings = read_settings(os.environ)
    url = shared_url(settings)
    configure_logs(settings.log)
    stopped = stop_event()
    return (
        _work(settings, url, stopped)
        if processes == 1
        else _Several(settings, processes).keep(stopped)
    )


def shared_url(settings: Settings) -> str:
    """The URL of the store; raises WrongUse for one that has a single owner."""
    url = settings.store_url
    if url.startswith("sqlite"):
        raise WrongUse(
            "een SQLite-opslag heeft één eigenaar: gebruik `gateway run`, of zet in GATEWAY_STORE "
            "een opslag op PostgreSQL"
        )
    return url


def _work(settings: Settings, url: str, stopped: threading.Event) -> int:
    with ExitStack() as stack:
        kennis = load_kennis(settings)
        place = Place(url=url, updates=False)
        installation = install(settings, kennis, lambda: datetime.now(UTC), place, {})
        stack.callback(installation.store.close)
        # A copy of a database can be read, and nothing may be decided on it.
        installation.store.check_ready()
        installation.runtime.start_working([installation.stand.run])
        stack.enter_context(measured_work(settings, installation))
        log.info("gestart")
        run_until(stopped, installation)
    return 0


class _Several:
    """Workers in processes of their own: one that falls over is started again.

    Each tells how it is doing on a port of its own: that of the settings, and those behind it.
    """

    def __init__(self, settings: Settings, processes: int) -> None:
        self._port = settings.metrics_port
        self._workers = [self._started(place) for place in range(processes)]

    def keep(self, stopped: threading.Event) -> int:
        """Keep them running until told to stop; ends at once when they cannot start."""
        while not stopped.wait(LOOK_SECONDS):
            for place, worker in enumerate(self._workers):
                code = worker.poll()
                if code == WRONG_USE:
                    self._end()
                    return code
                if code is not None:
                    log.error("worker_gestopt", code=code)
                    stopped.wait(RESTART_SECONDS)
                    self._workers[place] = self._started(place)
        self._end()
        return 0

    def _started(self, place: int) -> subprocess.Popen[bytes]:
        own = {METRICS_PORT: str(self._port + place)} if self._port else {}
        return subprocess.Popen(OWN_COMMAND, env={**os.environ, **own})  # noqa: S603 - our own

    def _end(self) -> None:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            try:
                worker.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                raise CouldNotFinish("een worker stopte niet op tijd") from None
