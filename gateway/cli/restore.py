"""`gateway restore`: a new store out of a backup, counted before anybody uses it."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.opened import opened_store
from gateway.config import Settings, read_settings
from gateway.inlezen import load_klok
from gateway.logs import configure_logs
from gateway.store.backup.maken import put_back
from gateway.store.balans import Balans


@click.command("restore")
@click.argument("folder", metavar="MAP", type=click.Path(path_type=Path))
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def command(folder: Path, store: str | None) -> int:
    """Zet de back-up in MAP terug waar nog geen opslag is; eindigt met 1 als iets niet optelt."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    if store is None and settings.store is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    with put_back(folder, store or settings.store_url, datetime.now(UTC)) as (url, manifest):
        balans = _balans(settings, url)
    print(f"teruggezet: {sum(manifest.rows.values())} rijen van {manifest.made}")
    print("nummers die na de back-up zijn uitgegeven, worden niet meer gebruikt")
    for verschil in balans.verschillen():
        print(verschil)
    told = "klopt" if balans.klopt else "klopt niet"
    print(f"{balans.ontvangen} berichten; de telling {told}")
    return 0 if balans.klopt else 1


def _balans(settings: Settings, url: str) -> Balans:
    """Bring the store up to date, and count what came in and what became of it."""
    with opened_store(settings, url, updates=True) as opened:
        klok = load_klok(settings, opened.rol, opened.beleidsversies.van_kracht())
        return opened.views.balans(klok.antwoord_van())
