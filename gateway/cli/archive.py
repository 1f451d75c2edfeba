"""`gateway archive`: brings old messages to an archive per month, and reads archives back."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import Path

import click

from gateway.cli.clock import clock_of
from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import toont
from gateway.config import Settings, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.logs import configure_logs
from gateway.pipeline.kennis import AMSTERDAM, dag_van
from gateway.records.masker import bsns_in, mask
from gateway.store import archiefbestand
from gateway.store.archief import Aangewezen
from gateway.store.owner import owned

MONTHS = 12


@click.group("archive")
def command() -> None:
    """Brengt de bytes van oude berichten naar een archief per maand en gemeente."""
    configure_logs("json", logging.CRITICAL)


@command.command("make")
@click.option("--out", type=click.Path(path_type=Path), help="Map voor de archieven.")
@click.option("--older-than", type=click.IntRange(min=1), help="Hoeveel maanden geleden.")
@click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2025-12-05.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def make(out: Path | None, older_than: int | None, clock: str | None, store: str | None) -> int:
    """Schrijft archieven, en haalt pas daarna de bytes uit de opslag."""
    settings = read_settings(os.environ)
    folder, months = _folder(settings, out), older_than or settings.archief_na
    if months is None:
        raise WrongUse("noem met --older-than na hoeveel maanden, of zet GATEWAY_ARCHIEF_NA")
    voor = _begin_of_month(clock_of(clock)(), months)
    _make(folder)
    with owned(folder), opened_store(settings, store) as opened:
        found = opened.archief.point_out(voor)
        for deel in opened.archief.run(folder):
            print(f"{deel.naam}: {deel.berichten} berichten")
    print(_told(found, voor))
    return 0


@command.command("verify")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Map met de archieven.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def verify(files: Sequence[Path], out: Path | None, store: str | None) -> int:
    """Controleert archieven; zonder FILES alle die de opslag kent."""
    checked = ((path, archiefbestand.problems(path)) for path in files)
    code = 0
    for path, found in checked if files else _known(out, store):
        problems = list(found)
        for problem in problems or ["in orde"]:
            print(f"{path}: {problem}")
        code = max(code, 1 if problems else 0)
    return code


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("nummer", type=int, required=False)
@click.option("--store", help="SQLAlchemy-URL, voor het logboek; anders die van de instellingen.")
def show(file: Path, nummer: int | None, store: str | None) -> int:
    """Toont welke berichten in een archief staan; met NUMMER het bericht zelf."""
    if nummer is not None:
        return _show_message(file, nummer, store)
    rows = (
        [
            str(one.inbox),
            one.received[:10],
            one.municipality or "",
            one.sender or "",
            mask(one.identification or ""),
            one.verdict or "",
            mask(one.name),
        ]
        for one in archiefbestand.regels(file)
    )
    headings = ["nummer", "ontvangen", "gemeente", "afzender", "identificatie", "oordeel", "naam"]
    print_table(headings, rows, right=["nummer"])
    return 0


def _show_message(file: Path, nummer: int, store: str | None) -> int:
    """Every Bsn in it is in the log before a byte of it is shown."""
    regel = archiefbestand.regel_of(file, nummer)
    body = b"".join(archiefbestand.message(file, nummer))
    bsns = bsns_in(body.decode("utf-8", "replace"))
    with opened_store(read_settings(os.environ), store) as opened:
        clienten = [(regel.municipality, opened.fingerprint(one)) for one in bsns]
        toont(opened, "bericht uit archief bekijken", clienten, f"{file.name}, bericht {nummer}")
    sys.stdout.buffer.write(body)
    return 0


def _folder(settings: Settings, out: Path | None) -> Path:
    folder = out or settings.archief
    if folder is None:
        raise WrongUse("noem met --out de map voor de archieven, of zet GATEWAY_ARCHIEF")
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{folder}: deze map is niet te maken ({error.strerror})") from error


def _known(out: Path | None, store: str | None) -> Iterator[tuple[Path, Iterator[str]]]:
    """Every archive that the store knows; what is in one of them is in no other place."""
    settings = read_settings(os.environ)
    folder = _folder(settings, out)
    with opened_store(settings, store) as opened:
        for deel in opened.archief.delen():
            yield folder / deel.naam, _problems(folder / deel.naam, deel.sha256)


def _problems(path: Path, sha256: str | None) -> Iterator[str]:
    found = archiefbestand.file_sha256(path)
    if found is None:
        yield "is er niet (meer)"
        return
    if found != sha256:
        yield "is niet het bestand dat de opslag kent"
    yield from archiefbestand.problems(path)


def _begin_of_month(now: datetime, months: int) -> datetime:
    """The begin of the month so many months ago: what ended before it is old enough."""
    day = dag_van(now)
    count = day.year * MONTHS + day.month - 1 - months
    first = day.replace(year=count // MONTHS, month=count % MONTHS + 1, day=1)
    return datetime.combine(first, time(), tzinfo=AMSTERDAM)


def _told(found: Aangewezen, voor: datetime) -> str:
    return (
        f"{found.gaan} berichten van voor {voor.date()} naar een archief; "
        f"{found.blijven} blijven in de opslag, omdat zij nog nodig zijn"
    )
