"""`gateway vault`: the keys with which the bytes of messages are enciphered in the store."""

from __future__ import annotations

import logging
import os
import secrets

import click

from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.store.kluis import KEY_BYTES, kluis_of, read_kluis
from gateway.store.kluiswissel import ZONDER, Kluiswissel
from gateway.store.toegang.logboek import Betrokkene

DOEL = "versleuteling"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")


@click.group("vault")
def command() -> None:
    """Maakt, toont en wisselt de sleutels van de bytes van berichten."""
    configure_logs("json", logging.CRITICAL)


@command.command("make")
@click.argument("naam")
def make(naam: str) -> int:
    """Maakt een sleutel met een NAAM, als regel voor GATEWAY_KLUIS; bewaart hem nergens."""
    line = f"{naam}={secrets.token_hex(KEY_BYTES)}"
    read_kluis(line)
    click.echo(line)
    return 0


@command.command("show")
@STORE
def show(store: str | None) -> int:
    """Toont hoeveel stukken onder welke sleutel staan; de sleutels zelf niet."""
    with opened_store(read_settings(os.environ), store) as opened:
        counted = Kluiswissel(opened.database).count()
        kluis = kluis_of(opened.database.engine)
    rows = [
        [name or "zonder sleutel", str(counted[name]), _state(name, kluis.actief)]
        for name in dict.fromkeys((*kluis.merken, *sorted(counted)))
    ]
    print_table(("sleutel", "stukken", "stand"), rows, right=("stukken",))
    return 0


@command.command("rotate")
@STORE
def rotate(store: str | None) -> int:
    """Versleutelt met de eerste sleutel wat onder een andere staat, of onder geen."""
    with opened_store(read_settings(os.environ), store) as opened:
        wissel = Kluiswissel(opened.database)
        done = wissel.run()
        over = f"{done} stukken naar sleutel {kluis_of(opened.database.engine).actief}"
        opened.logboek.write(handeling_of("sleutel wisselen", "U", Betrokkene(object=over), DOEL))
    print(over)
    return 0


@command.command("retire")
@STORE
def retire(store: str | None) -> int:
    """Vergeet de sleutels waaronder niets meer staat; daarna mogen zij uit GATEWAY_KLUIS."""
    with opened_store(read_settings(os.environ), store) as opened:
        gone = Kluiswissel(opened.database).retire()
        over = Betrokkene(object=", ".join(gone) or "geen")
        opened.logboek.write(handeling_of("sleutel laten vervallen", "D", over, DOEL))
    print(f"niet meer nodig: {', '.join(gone) or 'geen'}")
    return 0


def _state(name: str, actief: str | None) -> str:
    if name == ZONDER:
        return "niet versleuteld"
    return "versleutelt" if name == actief else "opent"
