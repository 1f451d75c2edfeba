"""`gateway demo`: the whole job on a made-up region, ending in a table that anyone can read."""

from __future__ import annotations

import logging
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.bootstrap import Installation, Place, install, load_kennis, load_texts
from gateway.config import Settings, read_settings
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.messages.teksten import Teksten
from gateway.periods.bedragen import euros
from gateway.pipeline.ports import Outcome
from gateway.simulate.generate import SimulatedMessage, in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements

SEED, REGELS = 2026, 1_200
MOST_COMMON = 5  # of what was rejected, and of what was signalled
ANSWERED = ("accepted", "partly", "rejected")


@click.command("demo")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Welke regio.")
def command(seed: int) -> int:
    """Maakt een kleine regio, handelt al haar berichten af en telt wat ervan werd."""
    configure_logs("json", logging.CRITICAL)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as name:
        folder = Path(name)
        tally = _handle_region(seed, folder, console)
    _report(tally, load_texts(), console)
    if tally.parked:
        raise CouldNotFinish(f"{tally.parked} berichten zijn geparkeerd; dat hoort niet")
    return 0


@dataclass(slots=True)
class _Tally:
    """What became of the region; amounts in eurocents, net of credits."""

    received: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    lines: int = 0
    submitted: int = 0
    granted: int = 0
    flagged: int = 0
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    signalled: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def parked(self) -> int:
        """Messages that could not be judged."""
        return self.verdicts["parked"]

    def add(self, outcome: Outcome) -> None:
        """Count one message."""
        self.received += 1
        self.verdicts[outcome.verdict] += 1
        if outcome.verdict in ANSWERED and "ingediend" in outcome.telling:
            self.lines += outcome.telling["regels"]
            self.submitted += outcome.telling["ingediend"]
            self.granted += outcome.telling["toegekend"]


class _Clock:
    """The time in the region: that of the message in hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class _Postbus:
    """Takes the answers that leave."""

    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do: the demo only counts."""


def _handle_region(seed: int, folder: Path, console: Console) -> _Tally:
    regio = Regio(seed, REGELS)
    console.print(
        "Een verzonnen regio: twee gemeenten, ruim tien aanbieders, ongeveer 200 cliënten en zes "
        "maanden.\nElke fout komt minstens één keer voor."
    )
    messages = in_sending_order(regio)
    clock = _Clock(messages[0].verzonden)
    write_agreements(regio, folder / "agreements")
    installation = _installation(_settings(), folder, clock)
    tally = _Tally()
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("berichten afhandelen", total=len(messages))
            for message in messages:
                _handle(installation, message, clock, tally)
                progress.advance(task)
    finally:
        installation.close()
    return tally


def _settings() -> Settings:
    """The settings of the environment, without those that would change the region."""
    settings = read_settings(os.environ)
    return msgspec.structs.replace(
        settings, rol="gemeente", gemeenten=(), agreements=None, broker="memory://"
    )


def _installation(settings: Settings, folder: Path, clock: _Clock) -> Installation:
    kennis = load_kennis(settings, folder / "agreements")
    place = Place(url=f"sqlite:///{folder / 'gateway.db'}", temporary=True, start=1)
    return install(settings, kennis, clock, place, {"antwoord": _Postbus()})


def _handle(
    installation: Installation, message: SimulatedMessage, clock: _Clock, tally: _Tally
) -> None:
    store = installation.store
    clock.moment = max(clock.moment, message.verzonden)
    taken = store.inbox.receive(message.name, [message.body])
    if not taken.is_new:
        tally.received += 1
        tally.verdicts["duplicate"] += 1
        return
    installation.runtime.drain()
    bericht = store.views.bericht(taken.inbox_id)
    if bericht is None or bericht.outcome is None:
        raise CouldNotFinish(f"{message.name} is niet tot een einde gekomen")
    tally.add(bericht.outcome)
    tally.answers += store.views.answer(taken.inbox_id) is not None
    for finding in store.views.findings(taken.inbox_id):
        is_signal = finding.effect != "reject"
        tally.flagged += is_signal
        causes = tally.signalled if is_signal else tally.rejected
        causes[finding.rule, finding.retourcode or ""] += 1


def _report(tally: _Tally, texts: Teksten, console: Console) -> None:
    table = Table(title="Wat ervan werd", show_header=False)
    table.add_column("wat")
    table.add_column("aantal", justify="right")
    for name, value in _rows(tally):
        table.add_row(name, value)
    console.print(table)
    causes = Table(title="De meest voorkomende oorzaken")
    causes.add_column("aantal", justify="right")
    causes.add_column("regel")
    causes.add_column("wat er aan de hand is")
    for found in (tally.rejected, tally.signalled):
        for (rule, code), count in found.most_common(MOST_COMMON):
            text = texts.of(code or rule)
            causes.add_row(str(count), f"{rule} {code}".strip(), text.wat if text else _OTHER)
        causes.add_section()
    console.print(causes)


_OTHER = "Het bericht voldoet niet aan zijn schema. Er gaat geen antwoord terug."


def _rows(tally: _Tally) -> list[tuple[str, str]]:
    refused = tally.verdicts["rejected"] + tally.verdicts["invalid"]
    return [
        ("berichten ontvangen", str(tally.received)),
        ("antwoorden verstuurd", str(tally.answers)),
        ("berichten geheel afgewezen", str(refused)),
        ("declaraties deels toegekend", str(tally.verdicts["partly"])),
        ("dubbele berichten", str(tally.verdicts["duplicate"])),
        ("declaratieregels beoordeeld", str(tally.lines)),
        ("ingediend", euros(tally.submitted)),
        ("toegekend", euros(tally.granted)),
        ("afgewezen", euros(tally.submitted - tally.granted)),
        ("gemeld aan de backoffice", str(tally.flagged)),
    ]
