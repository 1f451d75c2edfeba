"""`gateway check`: a provider's check before sending."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.cli.output import finding_json
from gateway.cli.scherm import visible
from gateway.cli.sentences import reason_of
from gateway.cli.texts import explained
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_kennis, load_texts
from gateway.messages.reader import Source
from gateway.pipeline.controle import check_message
from gateway.pipeline.kennis import dag_van
from gateway.records.finding import Finding
from gateway.records.masker import mask_finding


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(files: tuple[Path, ...], as_json: bool) -> int:
    """Controleert berichten op niveau 1, niveau 2 en wat externe bronnen toestaan."""
    import os

    settings = read_settings(os.environ)
    kennis = load_kennis(settings)
    vandaag = dag_van(datetime.now(UTC))
    results: dict[str, list[Finding]] = {}
    for path in files:
        source = Source([read_file(path, settings.bytecap)], settings.bytecap)
        found = check_message(source, kennis, vandaag)
        results[str(path)] = [mask_finding(finding, _any_reference) for finding in found]
    if as_json:
        _print_json(results)
    else:
        _print_text(results)
    return 1 if any(results.values()) else 0


def read_file(path: Path, cap: int) -> bytes:
    """The bytes of a file, one more than the cap at most; raises WrongUse for an unreadable one."""
    try:
        with path.open("rb") as stream:
            return stream.read(cap + 1)
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({reason_of(error)})") from error


def _any_reference(_: str) -> bool:
    """Without the message at hand any number may be a client's: all references are masked."""
    return True


def _print_json(results: dict[str, list[Finding]]) -> None:
    document: dict[str, Any] = {
        "files": [
            {"file": name, "ok": not findings, "findings": [finding_json(f) for f in findings]}
            for name, findings in results.items()
        ]
    }
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")


def _print_text(results: dict[str, list[Finding]]) -> None:
    texts = load_texts()
    for name, findings in results.items():
        if not findings:
            print(f"{visible(name)}: in orde, voor zover zonder eerdere berichten te zien is")
            continue
        print(f"{visible(name)}: {len(findings)} keer iets gevonden")
        for finding in findings:
            print(explained(finding, texts))
