"""Runs a replay: stored invoices of a period, judged again with a proposal."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.opened import opened_store
from gateway.cli.replay_output import Verslag, document, effect_csv, flip, print_report
from gateway.cli.sentences import reason_of
from gateway.cli.verantwoord import Client, getoond, toont
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.logs import configure_logs
from gateway.periods.maanden import last_of_month
from gateway.pipeline.herbeoordeling import judged_again
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.replay import Paar, Replay, Verandering
from gateway.proef import changed_in, paren_of
from gateway.store.store import SqlStore

PERIODE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:\.\.(\d{4})(?:-(\d{2}))?)?", re.ASCII)
NASPELEN = "voorstel naspelen"
Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Replayvraag:
    """What is asked for on the command line."""

    proposal: Path | None
    period: str
    without: str
    both: bool
    store: str | None
    out: Path | None
    as_json: bool


def run_replay(vraag: Replayvraag) -> int:
    """Judge again, and print or write what changes; nothing in the store is touched."""
    configure_logs("json", logging.CRITICAL)
    begin, eind = period_of(vraag.period)
    zonder = _codes(vraag.without)
    if vraag.proposal is None and not zonder:
        raise WrongUse("noem een voorstel met --proposal, of regels met --without")
    if vraag.proposal is not None and not vraag.proposal.exists():
        raise WrongUse(f"{vraag.proposal}: dit bestand of deze map bestaat niet")
    settings = read_settings(os.environ)
    with ExitStack() as stack:
        store = stack.enter_context(opened_store(settings, vraag.store, of_gemeente=True))
        paren = paren_of(settings, store, vraag.proposal, zonder)
        flips = None if vraag.out is None else stack.enter_context(_flips_in(vraag.out))
        replay = Replay(paren.of, vraag.both)
        verslag = Verslag(vraag.period, paren, zonder, replay)
        advance = stack.enter_context(_progress(store.declaraties.count(begin, eind)))
        for group in store.declaraties.judged(begin, eind):
            _judge_group(store, group, replay, (verslag, flips))
            advance(len(group))
        if flips is None and not vraag.as_json:
            shown = (one for eerste in verslag.eerste for one in _clients(store, eerste))
            toont(store, NASPELEN, dict.fromkeys(shown))
    replay.effect.reconcile()
    _tell(vraag, verslag)
    return 0


def period_of(text: str) -> tuple[date, date]:
    """The first and the last day of a year, a month, or from..to of either."""
    found = PERIODE.fullmatch(text)
    try:
        if found is not None:
            begin = date(int(found[1]), int(found[2] or 1), 1)
            year, month = (found[3], found[4]) if found[3] else (found[1], found[2])
            eind = last_of_month(date(int(year), int(month or 12), 1))
            if begin <= eind:
                return begin, eind
    except ValueError:
        pass  # told below
    raise WrongUse(f"--period {text}: schrijf 2025, 2025-03 of 2025-01..2025-06")


def _codes(text: str) -> frozenset[str]:
    return frozenset(code.strip().upper() for code in text.split(",") if code.strip())


@contextmanager
def _flips_in(out: Path) -> Iterator[BinaryIO]:
    """The file of changed lines in a new folder, or one that is empty."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongUse(f"{out}: deze map is niet leeg")
        stream = (out / "flips.jsonl").open("wb")
    except OSError as error:
        raise WrongUse(f"{out}: deze map is niet te maken ({reason_of(error)})") from error
    with stream:
        yield stream


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar where a person looks at it, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("declaraties"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("declaraties", total=total)
        yield lambda count: progress.advance(task, count)


def _judge_group(
    store: SqlStore,
    group: Sequence[Beoordeeld],
    replay: Replay,
    to: tuple[Verslag, BinaryIO | None],
) -> None:
    verslag, flips = to
    found = changed_in(store, group, replay)
    if flips is not None:
        found = getoond(store, NASPELEN, found, partial(_clients, store))
    for beoordeeld, changes in found:
        for change in changes:
            verslag.note(beoordeeld, change)
        if changes and flips is not None:
            paar = replay.paren(beoordeeld.kennis)
            changed = {change.line.volgnr for change in changes}
            for line in _with_receipts(store, beoordeeld, paar, changed):
                flips.write(line)


def _clients(store: SqlStore, found: tuple[Beoordeeld, Sequence[Verandering]]) -> Iterator[Client]:
    beoordeeld, changes = found
    for change in changes:
        yield beoordeeld.partijen.gemeente, store.fingerprint(change.line.bsn)


def _with_receipts(
    store: SqlStore, beoordeeld: Beoordeeld, paar: Paar, changed: set[int]
) -> Iterator[bytes]:
    """The changed lines of a message, each with its receipts, from its raw bytes."""
    claim, kennis = beoordeeld.claim, beoordeeld.kennis
    with (
        judged_again(store, claim, paar.voor, kennis) as voor,
        judged_again(store, claim, paar.na, kennis) as na,
    ):
        for one, other in zip(voor.delen(), na.delen(), strict=True):
            receipts = zip(voor.bewijzen(one, changed), na.bewijzen(other, changed), strict=True)
            for (_, before), (_, after) in receipts:
                yield msgspec.json.encode(flip(before, after)) + b"\n"


def _tell(vraag: Replayvraag, verslag: Verslag) -> None:
    """Write the files that were asked for, and print one document or the tables."""
    told = msgspec.json.format(msgspec.json.encode(document(verslag))) + b"\n"
    if vraag.out is not None:
        (vraag.out / "replay.json").write_bytes(told)
        (vraag.out / "effect.csv").write_text(
            effect_csv(verslag.replay.effect), encoding="utf-8", newline=""
        )
    if vraag.as_json:
        sys.stdout.write(told.decode())
    else:
        print_report(verslag)
