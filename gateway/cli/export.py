"""`gateway export`: the facts of the store as files for a data warehouse, and proof of them."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.verantwoord import toont_iedereen
from gateway.config import read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.logs import configure_logs
from gateway.store.ggm.controle import breaks, differences
from gateway.store.ggm.maken import Vraag, make_export
from gateway.store.ggm.manifest import exports_in
from gateway.store.ggm.schrijver import load_pyarrow
from gateway.store.owner import owned
from gateway.toegang.doelen import UITVOERDOELEN

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
GEMEENTE = re.compile(r"^[0-9]{4}$")


@click.group("export")
def command() -> None:
    """Schrijft gegevens voor een datawarehouse met de namen van het GGM, en rekent ze na."""
    configure_logs("json", logging.CRITICAL)


@command.command("make")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Map voor de reeks.")
@click.option(
    "--doel",
    type=click.Choice(list(UITVOERDOELEN)),
    required=True,
    help="Waarvoor; dat komt in het logboek, en elk doel heeft eigen kenmerken van cliënten.",
)
@click.option("--gemeente", "gemeenten", multiple=True, help="Alleen deze gemeentecode; mag vaker.")
@click.option("--parquet", is_flag=True, help="Ook een Parquet-bestand per soort.")
@click.option("--volledig", is_flag=True, help="Begin opnieuw, met alles wat nu geldt.")
@STORE
def make(
    out: Path,
    doel: str,
    gemeenten: tuple[str, ...],
    parquet: bool,
    volledig: bool,
    store: str | None,
) -> int:
    """Schrijft wat veranderde sinds de vorige keer, in een eigen map onder OUT."""
    chosen = _gemeenten(gemeenten)
    if parquet:
        load_pyarrow()
    _make(out)
    with owned(out), opened_store(read_settings(os.environ), store) as opened:
        over, waarom = f"GGM naar {out.name}", UITVOERDOELEN[doel]
        toont_iedereen(opened, "gegevens uitvoeren", over, chosen, waarom)
        vraag = Vraag(doel=doel, gemeenten=chosen, parquet=parquet, volledig=volledig)
        place, manifest = make_export(opened, out, vraag, datetime.now(UTC))
    rows = sum(one.nieuw.rijen + one.vervallen.rijen for one in manifest.delen)
    since = "alles wat geldt" if manifest.vanaf is None else "wat veranderde"
    print(visible(f"{place}: {since}, {rows} rijen in {len(manifest.delen)} soorten"))
    return 0


@command.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@STORE
def verify(folder: Path, store: str | None) -> int:
    """Rekent uitvoer na en legt haar naast het grootboek; FOLDER is er een, of een hele reeks."""
    folders = exports_in(folder)
    if not folders:
        raise WrongUse(f"in {folder} staat geen uitvoer")
    found = 0
    with opened_store(read_settings(os.environ), store) as opened:
        for one in folders:
            problems = list(differences(opened, one))
            for problem in problems or ["klopt met de opslag"]:
                print(visible(f"{one}: {problem}"))
            found += len(problems)
    if len(folders) > 1 or folders[0] != folder:
        for problem in breaks(folders):
            print(visible(problem))
            found += 1
    return 1 if found else 0


def _gemeenten(given: Sequence[str]) -> tuple[str, ...]:
    for one in given:
        if not GEMEENTE.match(one):
            raise WrongUse(f"{one} is geen gemeentecode van vier cijfers")
    return tuple(sorted(set(given)))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{folder}: deze map is niet te maken ({error.strerror})") from error
