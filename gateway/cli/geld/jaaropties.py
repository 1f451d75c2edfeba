"""The options and the accounting that the commands of the year end have in common."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.verantwoord import handeling_of
from gateway.errors import CouldNotFinish
from gateway.store.noteren import Noteer
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene, Handeling

DOEL = "jaarafsluiting en verantwoording"
FIRST_YEAR, LAST_YEAR = 2015, 2100
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
GEMEENTE = click.option("--gemeente", required=True, help="De gemeentecode.")
JAAR = click.option(
    "--jaar",
    type=click.IntRange(FIRST_YEAR, LAST_YEAR),
    required=True,
    help="Het jaar waarin de zorg is geleverd.",
)
AANBIEDER = click.option("--aanbieder", required=True, help="De AGB-code.")
JSON = click.option("--json", "as_json_", is_flag=True, help="Eén JSON-document op de uitvoer.")


def make_folder(folder: Path) -> None:
    """Make a folder for what is written; raises CouldNotFinish where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotFinish(f"{folder}: deze map is niet te maken ({error.strerror})") from error


def noting(opened: SqlStore, naam: str, soort: str, gemeente: str, over: str) -> Noteer:
    """Accounts for a change in its own transaction."""
    handeling = act_of(naam, soort, gemeente, over)
    return lambda connection, *_: opened.logboek.schrijf(connection, handeling)


def act_of(naam: str, soort: str, gemeente: str, over: str) -> Handeling:
    """An act of these commands, about something of a municipality."""
    return handeling_of(naam, soort, Betrokkene(gemeente=gemeente, object=over), DOEL)
