"""`gateway proposals`: what waits for a second person, from the command line."""

from __future__ import annotations

import os

import click
from sqlalchemy.engine import Connection

from gateway.cli.clock import CLOCK
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.periods.bedragen import euros
from gateway.periods.datums import tijdstip
from gateway.store.geld.voorstellen import GEMEENTEN, Voorstel
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene
from gateway.toegang.wie import Bereik

DOEL = "beslissen over een voorstel"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
KOPPEN = ("nummer", "gemeente", "soort", "onderwerp", "bedrag", "stand", "door", "wanneer")


@click.group("proposals")
def command() -> None:
    """Toont wat op een tweede persoon wacht, en beslist erover."""


@command.command("list")
@click.option("--all", "alle", is_flag=True, help="Ook waarover al is beslist: de laatste vijftig.")
@STORE
def show(alle: bool, store: str | None) -> int:
    """Toont de voorstellen die wachten, het oudste boven."""
    with opened_store(read_settings(os.environ), store) as opened:
        bereik = bereik_van(opened)
        found = opened.voorstellen.list(bereik).rijen if alle else opened.voorstellen.open(bereik)
        titels = {naam: soort.titel for naam, soort in opened.voorstellen.soorten.items()}
    print_table(KOPPEN, [_rij(one, titels) for one in found], right=("nummer", "bedrag"))
    return 0


@command.command("show")
@click.argument("nummer", type=int)
@STORE
def show_one(nummer: int, store: str | None) -> int:
    """Toont voorstel NUMMER met alles wat u vergelijkt voordat u beslist."""
    with opened_store(read_settings(os.environ), store) as opened:
        one = opened.voorstellen.get(bereik_van(opened), nummer)
        soort = opened.voorstellen.soorten.get(one.soort)
        told = [
            ("Voorstel", f"{soort.titel if soort else one.soort}: {one.onderwerp}"),
            ("Gemeente", one.gemeente),
            *opened.voorstellen.gegevens(one, whole=True),
            ("Stand", one.staat),
            ("Voorgesteld", f"{one.naam}, {tijdstip(one.gemaakt)}"),
        ]
    for naam, waarde in told:
        click.echo(visible(f"{naam}: {waarde}"))
    return 0


@command.command("approve")
@click.argument("nummer", type=int)
@CLOCK
@STORE
def approve(nummer: int, clock: str | None, store: str | None) -> int:
    """Keurt voorstel NUMMER goed en voert het uit; niet dat van uzelf."""
    with opened_store(read_settings(os.environ), store, updates=True, dag=clock) as opened:
        bereik, noteer = bereik_van(opened), _Noteer(opened, nummer)
        # What goes over to a municipality of which there is nothing in the store yet.
        also = opened.voorstellen.get(bereik, nummer).inhoud.get(GEMEENTEN, ())
        bereik = Bereik(bereik.gemeenten.union(also))
        one = opened.voorstellen.approve(bereik, aan_de_machine(), nummer, noteer)
    click.echo(visible(f"voorstel {one.nummer} is uitgevoerd: {one.onderwerp}"))
    return 0


@command.command("refuse")
@click.argument("nummer", type=int)
@click.option("--reden", required=True, help="Waarom; wordt bewaard. Zonder BSN.")
@STORE
def refuse(nummer: int, reden: str, store: str | None) -> int:
    """Legt voorstel NUMMER terzijde; dat van uzelf trekt u zo in."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        bereik, noteer = bereik_van(opened), _Noteer(opened, nummer)
        one = opened.voorstellen.refuse(bereik, aan_de_machine(), nummer, reden, noteer)
    click.echo(visible(f"voorstel {one.nummer} is {one.staat}: {one.onderwerp}"))
    return 0


class _Noteer:
    """Accounts for a decision in its own transaction."""

    def __init__(self, store: SqlStore, nummer: int) -> None:
        self._store = store
        self._over = Betrokkene(object=f"voorstel {nummer}")

    def __call__(self, connection: Connection, /, *_nummers: int) -> None:
        """Write it in the log of processing."""
        handeling = handeling_of("beslissen over een voorstel", "U", self._over, DOEL)
        self._store.logboek.schrijf(connection, handeling)


def _rij(one: Voorstel, titels: dict[str, str]) -> tuple[str, ...]:
    return (
        str(one.nummer),
        one.gemeente,
        titels.get(one.soort, one.soort),
        visible(one.onderwerp),
        "" if one.bedrag is None else euros(one.bedrag),
        one.staat,
        visible(one.naam),
        tijdstip(one.gemaakt),
    )
