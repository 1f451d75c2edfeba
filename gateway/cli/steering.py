"""`gateway steering`: how care goes in a region, and the questions before next year's tariffs."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from gateway.cli.opened import opened_store
from gateway.cli.regiocijfers import print_report, write_csv, write_json
from gateway.cli.sentences import reason_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists, load_regio
from gateway.ledger.regio.vragen import answers
from gateway.logs import configure_logs
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.regio import gemeenten_van, regio_van
from gateway.toegang.wie import Bereik

INDEXATIE, FIRST_YEAR, HONDERD = 3.0, 2015, 100


@click.group("steering")
def command() -> None:
    """Telt hoe de zorg in een regio loopt, zonder dat iemand een cliënt kan zien."""


@command.command("report")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
@click.option("--clock", help="Tot en met welke dag, bijvoorbeeld 2025-12-05; anders vandaag.")
@click.option("--gemeente", "gemeenten", multiple=True, help="Alleen deze CBS-code; mag vaker.")
@click.option("--jaar", type=int, help="Over welk jaar; zonder deze het jaar van --clock.")
@click.option("--wijken", type=click.Path(path_type=Path), help="CSV met de wijk per postcode.")
@click.option(
    "--indexatie",
    type=click.FloatRange(0, 100),
    default=INDEXATIE,
    show_default=True,
    help="Met hoeveel procent de tarieven zouden stijgen.",
)
@click.option(
    "--csv", "folder", type=click.Path(path_type=Path), help="Lege map voor een CSV per lijst."
)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def report(  # noqa: PLR0913 - an option each
    store: str | None,
    agreements: Path | None,
    clock: str | None,
    gemeenten: tuple[str, ...],
    jaar: int | None,
    wijken: Path | None,
    indexatie: float,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Toont de mix, duur, prijs, uitval, terugkeer en zwaardere zorg, en beantwoordt de vragen."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    vandaag = _day(clock)
    chosen = vandaag.year if jaar is None else jaar
    if not FIRST_YEAR <= chosen <= vandaag.year:
        raise WrongUse(f"--jaar {chosen}: kies een jaar van {FIRST_YEAR} tot en met {vandaag.year}")
    lists = load_lists()
    overeenkomsten = load_agreements(agreements or settings.agreements, lists)
    basis = load_regio(settings, lists, wijken)
    if folder is not None:
        _make(folder)
    with opened_store(settings, store, of_gemeente=True) as opened:
        bereik = _bereik(gemeenten, gemeenten_van(opened.database))
        cijfers = regio_van(
            opened.database, bereik, overeenkomsten, basis, [chosen, chosen - 1], vandaag
        )
    nu, vorig = cijfers.jaren[chosen], cijfers.jaren[chosen - 1]
    found = answers(nu, vorig, round(indexatie * HONDERD))
    if folder is not None:
        print(f"{write_csv(nu, found, folder)} lijsten staan in {folder}")
    elif as_json:
        write_json(cijfers, nu, found)
    else:
        print_report(cijfers, nu, found)
    return 0


def _bereik(asked: Sequence[str], known: Sequence[str]) -> Bereik:
    """The municipalities that are asked for, of those of which there is anything."""
    for one in asked:
        if one not in known:
            raise WrongUse(f"--gemeente {one}: van deze gemeente staat er niets in de opslag")
    if not known:
        raise WrongUse("in deze opslag staat nog niets om te tellen")
    return Bereik(frozenset(asked or known))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise WrongUse(f"{folder}: deze map is niet leeg")
    except OSError as error:
        raise WrongUse(f"{folder}: deze map is niet te maken ({reason_of(error)})") from error


def _day(text: str | None) -> date:
    """The last day to look at; without one today in the Netherlands."""
    if text is None:
        return dag_van(datetime.now(UTC))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--clock {text}: dit is geen datum als 2025-12-05") from error
