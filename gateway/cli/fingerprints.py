"""`gateway fingerprints`: the key with which fingerprints of Bsns are made."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime

import click

from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.store.bsn import Opgave, read_earlier
from gateway.store.sleutelwissel import Sleutelwissel, opened_alone
from gateway.store.toegang.logboek import Betrokkene, Handeling, Logboek

DOEL = "sleutel van kenmerken"
# How often it tells how far it is, in rows.
EVERY = 100_000
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")


@click.group("fingerprints")
def command() -> None:
    """Geeft de kenmerken van BSN's een nieuwe sleutel."""
    configure_logs("json", logging.CRITICAL)


@command.command("rotate")
@STORE
def rotate(store: str | None) -> int:
    """Vernieuwt elk kenmerk in de opslag, terwijl er verder niemand op werkt."""
    settings = read_settings(os.environ)
    opgave = Opgave(settings.bsn_sleutel, read_earlier(settings.bsn_sleutel_vorige))
    with opened_alone(store or settings.store_url) as database:
        logboek = Logboek(database, lambda: datetime.now(UTC))
        counted = Sleutelwissel(database, logboek, opgave).run(_act, _tell)
    rows = [[table, str(count)] for table, count in counted.items()]
    print_table(("tabel", "kenmerken"), rows, right=("kenmerken",))
    print(f"{sum(counted.values())} kenmerken hebben de nieuwe sleutel")
    return 0


def _act(over: str) -> Handeling:
    return handeling_of("kenmerken vernieuwen", "U", Betrokkene(object=over), DOEL)


def _tell(table: str, count: int) -> None:
    if count and count % EVERY == 0:
        print(f"{table}: {count}", flush=True)
