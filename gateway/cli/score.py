"""Scores the judge on a synthetic region: precision and recall per rule and per check."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.bootstrap import Installation, Place, install
from gateway.cli.clock import clock_of
from gateway.cli.process import CAP, Opgehaald, input_files, make_empty, process_files
from gateway.cli.sentences import reason_of
from gateway.config import Settings, read_settings
from gateway.deviations.aanvraag import OVER_VERZOEKEN
from gateway.deviations.onderaanneming import OVER_REGISTER
from gateway.deviations.signals import OVER_RETOUREN
from gateway.errors import WrongUse
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.pipeline.kennis import Kennis
from gateway.simulate.write import AGREEMENTS, CLOCK, MESSAGES, TRUTH

DECLARATIE = "323"
MOST_SHOWN = 20
INSIDE = 2  # the level at which a message is refused as a whole by what stands in it
WHOLE = ("Header", "Declaratie")  # the classes of which a fault refuses the message as a whole
KINDS = ("rules", "codes", "signals")


class Item(NamedTuple):
    """One thing that was said, or should have been: a rule, a retourcode or a check."""

    file: str
    reference: str | None
    kind: str
    label: str


@dataclass(slots=True)
class Tally:
    """How often one rule or check should have spoken, spoke, and spoke rightly."""

    planted: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """The share of what it said that it should have said."""
        return self.right / self.found if self.found else float(not self.planted)

    @property
    def recall(self) -> float:
        """The share of what it should have said that it did."""
        return self.right / self.planted if self.planted else 1.0


@dataclass(slots=True)
class Score:
    """What came of a region; `twofold` are the rules that judge two classes of a 323."""

    twofold: frozenset[str]
    tallies: dict[str, Tally] = field(default_factory=dict)
    differences: int = 0
    shown: list[str] = field(default_factory=list)

    def compare(self, wanted: set[Item], found: set[Item]) -> None:
        """Count what should have been said of some messages, and what was."""
        for item in wanted | found:
            if item.kind != "codes":
                tally = self.tallies.setdefault(self._row(item), Tally())
                tally.planted += item in wanted
                tally.found += item in found
                tally.right += item in wanted and item in found
        for item in sorted(wanted ^ found, key=str):
            self.differences += 1
            if len(self.shown) < MOST_SHOWN:
                self.shown.append(_sentence(item, missing=item in wanted))

    def _row(self, item: Item) -> str:
        return row_of(item.label, item.reference is None, self.twofold)


def score_region(folder: Path, console: Console) -> int:
    """Judge the region in a folder, print the score and return the exit code."""
    configure_logs("json", logging.CRITICAL)
    wanted = _read_truth(folder / TRUTH)
    kennis = _kennis(folder / AGREEMENTS)
    classes = rejecting_rules(kennis)
    score = Score(frozenset(code for code, found in classes.items() if len(found) > 1))
    for file, found in _judged(folder, kennis):
        score.compare(wanted.pop(file, set()), found)
    for left in wanted.values():
        score.compare(left, set())
    missing = [name for name in needed(kennis) if not score.tallies.get(name, Tally()).planted]
    _report(score, missing, console)
    return int(bool(score.differences or missing))


def rejecting_rules(kennis: Kennis) -> dict[str, set[str]]:
    """The rules of a 323 by the classes of levels 3 and 4 that they judge, from its stages."""
    found: dict[str, set[str]] = {}
    for kind in kennis.types.all():
        for stage in kind.stages if kind.nummer == DECLARATIE else ():
            for code in stage.rules:
                found.setdefault(code, set())
                if stage.level > INSIDE:
                    found[code].add(stage.judges)
    return found


def needed(kennis: Kennis) -> list[str]:
    """Every row that has to have a planted case: each rule of a 323, and each check.

    What is said of retours and requests, and by the register, is left out: a region has none.
    """
    classes = rejecting_rules(kennis)
    twofold = {code for code, found in classes.items() if len(found) > 1}
    rules = [
        row_of(code, at_client, twofold)
        for code in sorted(classes)
        for at_client in ((True, False) if code in twofold else (False,))
    ]
    in_no_region = OVER_RETOUREN | OVER_VERZOEKEN | OVER_REGISTER
    return [*rules, *(code for code in kennis.checks if code not in in_no_region)]


def row_of(label: str, without_reference: bool, twofold: Collection[str]) -> str:
    """The name of a row: a rule that judges Clients as well as Prestaties has two."""
    if label not in twofold:
        return label
    return f"{label} Client" if without_reference else f"{label} Prestatie"


def _read_truth(path: Path) -> dict[str, set[Item]]:
    """What should be said, by file; faultless classes have nothing to keep."""
    wanted: dict[str, set[Item]] = {}
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                items = set(_items_of(told))
                if items:
                    wanted.setdefault(told["file"], set()).update(items)
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({reason_of(error)})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"{path}: dit is geen waarheid van gateway simulate") from error
    return wanted


def _items_of(told: Mapping[str, Any]) -> Iterator[Item]:
    for kind in KINDS:
        for label in told[kind]:
            yield Item(told["file"], told["reference"], kind, label)


def _kennis(agreements: Path) -> Kennis:
    """What judging needs, without what the environment would change; every check signals."""
    kennis = load_kennis(_settings(), agreements)
    return replace(kennis, bytecap=CAP, beleid={})


def _settings() -> Settings:
    settings = read_settings(os.environ)
    return msgspec.structs.replace(settings, gemeenten=(), agreements=None, broker="memory://")


def _judged(folder: Path, kennis: Kennis) -> Iterator[tuple[str, set[Item]]]:
    """What was said of every message, in a temporary store; a duplicate is not judged."""
    files = input_files([folder / MESSAGES])
    clock = clock_of(_clock_text(folder / CLOCK))
    with tempfile.TemporaryDirectory(prefix="gateway-score-") as name:
        work = Path(name)
        place = Place(url=f"sqlite:///{work / 'gateway.db'}", temporary=True, start=1)
        installation = install(_settings(), kennis, clock, place, {"antwoord": Opgehaald()})
        out = work / "out"
        make_empty(out)
        try:
            _process(installation, files, out)
        finally:
            installation.close()
        with (out / "outcomes.jsonl").open("rb") as outcomes:
            for line in outcomes:
                outcome = msgspec.json.decode(line)
                if outcome["verdict"] != "duplicate":
                    yield outcome["file"], set(_said(outcome))


def _process(installation: Installation, files: list[Path], out: Path) -> None:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("berichten beoordelen", total=len(files))
        process_files(installation, files, out, lambda path, outcome: progress.advance(task))


def _clock_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen") from error


def _said(outcome: Mapping[str, Any]) -> Iterator[Item]:
    """What was said of a message; what refuses it as a whole concerns none of its lines."""
    file = outcome["file"]
    for finding in outcome["findings"]:
        rule, code = finding["rule"], finding["retourcode"]
        if finding["effect"] != "reject":
            yield Item(file, finding["reference"], "signals", rule)
            continue
        whole = outcome["level"] == INSIDE or finding["class"] in WHOLE
        reference = None if whole else finding["reference"]
        yield Item(file, reference, "rules", rule)
        if code is not None:
            yield Item(file, reference, "codes", code)


def _sentence(item: Item, *, missing: bool) -> str:
    where = item.file if item.reference is None else f"{item.file}, {item.reference}"
    return f"{where}: {item.label} {'is niet gezegd' if missing else 'is ten onrechte gezegd'}"


def _report(score: Score, missing: Iterable[str], console: Console) -> None:
    table = Table(title="Het oordeel over de verzonnen regio")
    table.add_column("regel of controle")
    for heading in ("gepland", "gevonden", "goed", "precisie", "volledigheid"):
        table.add_column(heading, justify="right")
    for name, tally in sorted(score.tallies.items()):
        shares = (f"{tally.precision:.3f}", f"{tally.recall:.3f}")
        table.add_row(name, str(tally.planted), str(tally.found), str(tally.right), *shares)
    console.print(table)
    for sentence in score.shown:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    if score.differences > len(score.shown):
        console.print(f"en nog {score.differences - len(score.shown)} verschillen")
    for name in missing:
        console.print(f"{name}: in deze regio is geen geval ingebouwd", highlight=False)
    if not score.differences and not missing:
        planted = sum(tally.planted for tally in score.tallies.values())
        console.print(f"{planted} oordelen, alles goed.", highlight=False)
