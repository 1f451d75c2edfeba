"""`gateway process`: handles files and folders to completion and stops."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from gateway.bootstrap import Installation, Place, install
from gateway.cli.canoniek import CanonicalLines
from gateway.cli.clock import clock_of
from gateway.cli.output import deviation_json, outcome_json, shadow_json
from gateway.cli.pakket import unpacked
from gateway.cli.rol import ROL, in_rol
from gateway.cli.sentences import reason_of
from gateway.config import Rol, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.pipeline.ports import Claim, Outcome
from gateway.pipeline.process import Settled
from gateway.pipeline.settlement import Settlement
from gateway.store.views import Bericht

CAP = 1_000_000_000
CHUNK = 1024 * 1024
GOOD = ("accepted", "duplicate")
WAITING = ("held", "parked")  # there is no first answer yet that could be given again


@click.command("process")
@click.argument("inputs", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Lege of nieuwe map.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze is de opslag tijdelijk.")
@click.option("--clock", help="De dag waarop berichten binnenkomen, bijvoorbeeld 2025-12-05.")
@ROL
def command(
    inputs: tuple[Path, ...],
    out: Path,
    agreements: Path | None,
    store: str | None,
    clock: str | None,
    rol: Rol | None,
) -> int:
    """Handelt bestanden en mappen af en schrijft antwoorden en uitkomsten in OUT."""
    configure_logs("json", logging.CRITICAL)
    settings = in_rol(read_settings(os.environ), rol)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-")))
        files = input_files(unpacked(inputs, folder, settings.bytecap))
        moment = clock_of(clock)
        kennis = replace(load_kennis(settings, agreements), bytecap=CAP)
        make_empty(out)
        place = stack.enter_context(_place(store, files))
        installation = install(settings, kennis, moment, place, {"antwoord": Opgehaald()})
        stack.callback(installation.close)
        return process_files(installation, files, out)


class Opgehaald:
    """Takes answers as delivered: the command writes them itself, each under its own input."""

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """Nothing to do."""


@contextmanager
def _place(store: str | None, files: Sequence[Path]) -> Iterator[Place]:
    """The store that was asked for, else a new one that is removed at the end."""
    if store is not None:
        yield Place(url=store)
        return
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        url = f"sqlite:///{folder}/gateway.db"
        yield Place(url=url, temporary=True, start=_start_of(files))


def _start_of(files: Sequence[Path]) -> int:
    """Where a temporary store counts from: the hash of the input."""
    digest = hashlib.sha256()
    for path in files:
        for chunk in read_chunks(path):
            digest.update(chunk)
    return int.from_bytes(digest.digest()[:6])


def input_files(inputs: Sequence[Path]) -> list[Path]:
    """The files to handle: a folder means its *.xml in byte order, stems may not be equal."""
    files: list[Path] = []
    for path in inputs:
        files += _of_folder(path) if path.is_dir() else [_readable(path)]
    stems: set[str] = set()
    for path in files:
        if path.stem in stems:
            raise WrongUse(f"twee bestanden heten {path.stem}; hun antwoorden zouden samenvallen")
        stems.add(path.stem)
    return files


def _of_folder(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix == ".xml" and path.is_file()]
    except OSError as error:
        raise WrongUse(f"{folder}: deze map is niet te lezen ({reason_of(error)})") from error
    return [_readable(path) for path in sorted(found, key=lambda path: os.fsencode(path.name))]


def _readable(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({reason_of(error)})") from error


def make_empty(out: Path) -> None:
    """Make the output folder; raises WrongUse when something is in it or it cannot be made."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongUse(f"{out}: deze map is niet leeg")
        (out / "answers").mkdir()
    except OSError as error:
        raise WrongUse(f"{out}: deze map is niet te maken ({reason_of(error)})") from error


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in pieces."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


@dataclass(frozen=True, slots=True)
class _ShadowLines:
    """Listens to what is settled and writes how coming releases would judge otherwise.

    `files` are the names of the files by their inbox rows; what came in before is left out.
    """

    stream: BinaryIO
    files: dict[int, str]

    def __call__(self, claim: Claim, settlement: Settlement) -> None:
        """A message was settled."""
        file = self.files.get(claim.inbox_id)
        for schaduw in settlement.schaduwen if file is not None else ():
            for line in shadow_json(str(file), settlement.outcome, schaduw):
                _line(self.stream, line)


@dataclass(frozen=True, slots=True)
class _Sinks:
    """The files of lines that `process` writes; `files` are the names by inbox row."""

    outcomes: BinaryIO
    records: CanonicalLines
    deviations: BinaryIO
    files: dict[int, str]


def process_files(
    installation: Installation,
    files: Sequence[Path],
    out: Path,
    progress: Callable[[Path, Outcome], None] = lambda path, outcome: None,
) -> int:
    """Handle files in order and write OUT; returns the exit code of `gateway process`."""
    code = 0
    with ExitStack() as stack:
        outcomes, records, deviations = (
            stack.enter_context((out / f"{name}.jsonl").open("wb"))
            for name in ("outcomes", "records", "deviations")
        )
        sinks = _Sinks(outcomes, CanonicalLines(records), deviations, {})
        listeners: list[Settled] = [sinks.records]
        if installation.kennis.schaduw:
            beside = stack.enter_context((out / "schaduw.jsonl").open("wb"))
            listeners.append(_ShadowLines(beside, sinks.files))
        for listener in listeners:
            installation.listeners.append(listener)
            stack.callback(installation.listeners.remove, listener)
        for path in files:
            outcome = _handle(installation, path, out, sinks)
            progress(path, outcome)
            code = max(code, _code_of(outcome))
    return code


def _code_of(outcome: Outcome) -> int:
    if outcome.verdict == "parked":
        return 3
    return 0 if outcome.verdict in GOOD else 1


def _handle(installation: Installation, path: Path, out: Path, sinks: _Sinks) -> Outcome:
    """One file through the whole gateway."""
    taken = installation.store.inbox.receive(path.name, _all_or_no(path))
    if taken.is_new:
        sinks.records.expect(taken.inbox_id, path.name)
        sinks.files[taken.inbox_id] = path.name
    installation.runtime.drain()
    bericht = installation.store.views.bericht(taken.inbox_id)
    outcome = _final(path, bericht)
    if not taken.is_new and outcome.verdict not in WAITING:
        outcome = replace(outcome, verdict="duplicate")
    answer = _write_answer(installation, taken.inbox_id, path, out)
    findings = list(installation.store.views.findings(taken.inbox_id))
    _line(sinks.outcomes, outcome_json(path.name, outcome, findings, answer))
    if taken.is_new:
        for finding in findings:
            if finding.effect != "reject":
                check = installation.kennis.checks.get(finding.rule)
                controle = None if check is None else check.soort
                told = deviation_json(path.name, outcome.declaratie, finding, controle)
                _line(sinks.deviations, told)
    return outcome


def _final(path: Path, bericht: Bericht | None) -> Outcome:
    if bericht is None or bericht.outcome is None:
        raise CouldNotFinish(f"{path.name}: dit bericht is niet tot een einde gekomen")
    return bericht.outcome


def _all_or_no(path: Path) -> Iterator[bytes]:
    try:
        yield from read_chunks(path)
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({reason_of(error)})") from error


def _write_answer(installation: Installation, inbox_id: int, path: Path, out: Path) -> str | None:
    answer = installation.store.views.answer(inbox_id)
    if answer is None or answer.is_gewist:
        return None
    name = f"answers/{path.stem}.{answer.berichttype}.xml"
    with (out / name).open("wb") as stream:
        for piece in answer.body:
            stream.write(piece)
    return name


def _line(stream: BinaryIO, document: dict[str, Any]) -> None:
    stream.write(msgspec.json.encode(document) + b"\n")
