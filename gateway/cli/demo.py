"""`gateway demo`: the whole job on a made-up region, ending in a table that anyone can read."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.bootstrap import Installation, Place, install
from gateway.cli.demogebruikers import make_demogebruikers
from gateway.cli.demoregister import fill_register
from gateway.cli.service import run_until, stop_event
from gateway.config import Settings, read_settings
from gateway.errors import CouldNotFinish
from gateway.inlezen import load_kennis, load_texts
from gateway.logs import configure_logs
from gateway.messages.teksten import Teksten
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.ports import Outcome
from gateway.serving import Luisterplek, listen, omgeving_of, serving
from gateway.simulate.agreements import OVERAL
from gateway.simulate.generate import SimulatedMessage, in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.verzoeken import open_requests
from gateway.simulate.write import write_agreements
from gateway.toegang.wie import Bereik

SEED, REGELS = 2026, 1_200
MOST_COMMON = 5  # of what was rejected, and of what was signalled
GEPARKEERD = "een verzonnen storing: zo ziet u wat wacht, en zet u het terug"
# What a person looks at before it is answered.
BELEID = """
[check.S105]
effect = "hold"
[check.S119]
effect = "hold"
[besluit]
bedenktijd = 1
"""
ANSWERED = ("accepted", "partly", "rejected")


@click.command("demo")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Welke regio.")
@click.option("--serve", is_flag=True, help="Houd daarna de pagina's open, tot SIGTERM.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Poort van de pagina's; 0: een vrije.")
def command(seed: int, serve: bool, port: int | None) -> int:
    """Maakt een kleine regio, handelt al haar berichten af en telt wat ervan werd."""
    configure_logs("json", logging.CRITICAL)
    console = Console()
    settings = _settings()
    with ExitStack() as stack:
        plek = stack.enter_context(_plek(settings, port)) if serve else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-demo-")))
        clock = _Clock()
        streek = _Streek(Regio(seed, REGELS), folder)
        installation, tally = _handle_region(streek, settings, clock, console)
        stack.callback(installation.close)
        _report(tally, load_texts(), console)
        if tally.parked:
            raise CouldNotFinish(f"{tally.parked} berichten zijn geparkeerd; dat hoort niet")
        if plek is not None:
            clock.run()
            eerste = streek.regio.gemeenten[0]
            make_demogebruikers(installation.store, installation.kennis, eerste)
            _fill_register(installation, streek.regio)
            _leave_open(installation, streek.regio, clock)
            _serve(settings, installation, clock, plek)
    return 0


@contextmanager
def _plek(settings: Settings, port: int | None) -> Iterator[Luisterplek]:
    """Where to listen, taken before the work: a port that is not free is told at once."""
    plek = listen(settings, settings.host, port, demo=True)
    try:
        yield plek
    finally:
        plek.socket.close()


def _serve(
    settings: Settings, installation: Installation, clock: _Clock, plek: Luisterplek
) -> None:
    """Keep the pages open, with everything at work that `gateway run` has."""
    installation.store.werkvolger.catch_up()
    stopped = stop_event()
    installation.runtime.start(installation.lussen)
    omgeving = omgeving_of(
        settings, installation.stand, installation.store, clock, plek.adres, demo=True
    )
    with serving(plek, omgeving):
        print(f"De pagina's staan op {plek.adres} (stoppen met Ctrl-C).", flush=True)
        run_until(stopped, installation)


def _leave_open(installation: Installation, regio: Regio, clock: _Clock) -> None:
    """A VOT waits for a decision, and another one is parked, to be put back."""
    inbox = installation.store.inbox
    taken = [inbox.receive(naam, [body]) for naam, body in open_requests(regio, clock(), aantal=2)]
    for one in taken[1:]:
        inbox.park(one.inbox_id, GEPARKEERD)
    installation.runtime.drain()


def _fill_register(installation: Installation, regio: Regio) -> None:
    """Every provider that is in the agreements, or works under them, is in the register."""
    overeenkomsten = installation.kennis.overeenkomsten.alle
    codes = {one.agb for each in overeenkomsten for one in each.aanbieders} | {*OVERAL}
    fill_register(installation.store, regio, sorted(codes), overeenkomsten)


@dataclass(slots=True)
class _Tally:
    """What became of the region; amounts in eurocents, net of credits.

    `counted` is what was asked for in invoices that were not rejected as a whole.
    """

    received: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    lines: int = 0
    submitted: int = 0
    granted: int = 0
    counted: int = 0
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
    """The time in the region: that of the message in hand, and at the end it runs on from there."""

    def __init__(self) -> None:
        self.moment = datetime.fromtimestamp(0, UTC)
        self._since: float | None = None

    def run(self) -> None:
        """Go on from here as a clock does."""
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        passed = 0.0 if self._since is None else time.monotonic() - self._since
        return self.moment + timedelta(seconds=passed)


class _Streek(NamedTuple):
    """Which region, and where it stands."""

    regio: Regio
    folder: Path


class _Postbus:
    """Takes the answers that leave."""

    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do: the demo only counts."""


def _handle_region(
    streek: _Streek, settings: Settings, clock: _Clock, console: Console
) -> tuple[Installation, _Tally]:
    console.print(
        "Een verzonnen regio: twee gemeenten, ruim tien aanbieders, ongeveer 200 cliënten en zes "
        "maanden.\nElke fout komt minstens één keer voor."
    )
    messages = in_sending_order(streek.regio)
    clock.moment = _sent(messages[0])
    write_agreements(streek.regio, streek.folder / "agreements")
    if settings.beleid is None:
        settings = msgspec.structs.replace(settings, beleid=_written_beleid(streek))
    installation = _installation(settings, streek.folder, clock)
    tally = _Tally()
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("berichten afhandelen", total=len(messages))
            handled = []
            for message in messages:
                handled.append(_handle(installation, message, clock))
                progress.advance(task)
        _count(installation, handled, tally)
    except BaseException:
        installation.close()
        raise
    return installation, tally


def _written_beleid(streek: _Streek) -> Path:
    """A folder with the policy of every municipality of the region."""
    folder = streek.folder / "beleid"
    folder.mkdir()
    for gemeente in streek.regio.gemeenten:
        Path(folder / f"{gemeente.code}.toml").write_text(BELEID, encoding="utf-8")
    return folder


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


def _sent(message: SimulatedMessage) -> datetime:
    """When a message was sent, by the clock on the wall."""
    return message.verzonden.replace(tzinfo=AMSTERDAM)


def _handle(installation: Installation, message: SimulatedMessage, clock: _Clock) -> int | None:
    """Handle a message; its number in the inbox, None for one that was there already."""
    clock.moment = max(clock.moment, _sent(message))
    taken = installation.store.inbox.receive(message.name, [message.body])
    installation.runtime.drain()
    return taken.inbox_id if taken.is_new else None


def _count(installation: Installation, handled: Sequence[int | None], tally: _Tally) -> None:
    """Count what became of the messages by now: what waited for a person may be decided since."""
    store, views = installation.store, installation.store.views
    store.werkvolger.catch_up()
    everywhere = Bereik(frozenset(installation.kennis.gemeentecodes))
    tally.counted = sum(one.ingediend for one in store.vandaag.maanden(everywhere, ""))
    for inbox_id in handled:
        if inbox_id is None:
            tally.received += 1
            tally.verdicts["duplicate"] += 1
            continue
        bericht = views.bericht(inbox_id)
        if bericht is None or bericht.outcome is None:
            raise CouldNotFinish(f"bericht {inbox_id} is niet tot een einde gekomen")
        tally.add(bericht.outcome)
        tally.answers += views.answer(inbox_id) is not None
        for finding in views.findings(inbox_id):
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
            causes.add_row(str(count), f"{rule} {code}".strip(), text.wat if text else "")
        causes.add_section()
    console.print(causes)


def _rows(tally: _Tally) -> list[tuple[str, str]]:
    refused = tally.verdicts["rejected"] + tally.verdicts["invalid"]
    return [
        ("berichten ontvangen", str(tally.received)),
        ("antwoorden verstuurd", str(tally.answers)),
        ("berichten geheel afgewezen", str(refused)),
        ("declaraties deels toegekend", str(tally.verdicts["partly"])),
        ("declaraties aangehouden voor een medewerker", str(tally.verdicts["held"])),
        ("dubbele berichten", str(tally.verdicts["duplicate"])),
        ("declaratieregels beoordeeld", str(tally.lines)),
        ("ingediend", euros(tally.submitted)),
        ("in declaraties die als geheel zijn afgewezen", euros(tally.submitted - tally.counted)),
        ("toegekend", euros(tally.granted)),
        ("afgewezen regels in de andere declaraties", euros(tally.counted - tally.granted)),
        ("gemeld aan de backoffice", str(tally.flagged)),
    ]
