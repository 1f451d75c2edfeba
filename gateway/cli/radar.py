"""`gateway radar`: what runs out, what ends and what is settled, seen from one day."""

from __future__ import annotations

import logging
import os
from datetime import UTC, date, datetime
from pathlib import Path

import click

from gateway.cli.opened import opened_store
from gateway.cli.verantwoord import toont
from gateway.cli.vooruitblik import print_radar, write_radar
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists
from gateway.ledger.aflopend import Venster
from gateway.ledger.radar import look
from gateway.logs import configure_logs
from gateway.pipeline.kennis import dag_van

DAGEN, REGELS = 60, 20


@click.command("radar")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
@click.option("--clock", help="Vanaf welke dag, bijvoorbeeld 2025-12-05; anders vandaag.")
@click.option("--gemeente", help="Alleen deze gemeente (CBS-code).")
@click.option(
    "--dagen",
    type=click.IntRange(min=0),
    default=DAGEN,
    show_default=True,
    help="Hoe ver vooruit, voor wat afloopt.",
)
@click.option(
    "--regels",
    type=click.IntRange(min=0),
    default=REGELS,
    show_default=True,
    help="Hoeveel regels per tabel; 0 is alles.",
)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(  # noqa: PLR0913 - an option each
    store: str | None,
    agreements: Path | None,
    clock: str | None,
    gemeente: str | None,
    dagen: int,
    regels: int,
    as_json: bool,
) -> int:
    """Toont wat opraakt, wat afloopt en wat wordt verrekend."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    venster = Venster(_day(clock), dagen)
    overeenkomsten = load_agreements(agreements or settings.agreements, load_lists())
    with (
        opened_store(settings, store, of_gemeente=True) as opened,
        opened.radar(gemeente) as bron,
    ):
        radar = look(bron, overeenkomsten, venster, gemeente)
        shown = radar.uitputting if as_json or not regels else radar.uitputting[:regels]
        clienten = dict.fromkeys((one.lopend.gemeente, one.lopend.client) for one in shown)
        toont(opened, "radar bekijken", clienten, "wat opraakt")
    if as_json:
        write_radar(radar)
    else:
        print_radar(radar, regels)
    return 0


def _day(text: str | None) -> date:
    """The day to look from; without one today in the Netherlands."""
    if text is None:
        return dag_van(datetime.now(UTC))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--clock {text}: dit is geen datum als 2025-12-05") from error
