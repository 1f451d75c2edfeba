"""`gateway keys`: the keys with which programs use the API."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.store.toegang.logboek import Betrokkene
from gateway.store.toegang.sleutels import Aanvraag, Sleutel
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE

DOEL = "beheer van toegang"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")


@click.group("keys")
def command() -> None:
    """Maakt, toont en beëindigt de sleutels waarmee programma's de API gebruiken."""


@command.command("make")
@click.argument("naam")
@click.option("--rol", type=click.Choice([rol.value for rol in Rol]), required=True)
@click.option("--gemeente", multiple=True, help="Gemeentecode; vaker mag. Zonder: alle gemeenten.")
@click.option("--aanbieder", help="AGB-code, bij de rol aanbieder.")
@click.option("--namens", help="Gebruikersnaam van wie met de sleutel werkt; anders van niemand.")
@click.option("--dagen", type=int, default=365, show_default=True, help="Hoe lang hij geldt.")
@STORE
def make(  # noqa: PLR0913 - an option each
    naam: str,
    rol: str,
    gemeente: tuple[str, ...],
    aanbieder: str | None,
    namens: str | None,
    dagen: int,
    store: str | None,
) -> int:
    """Maakt een sleutel voor het programma NAAM en toont hem, deze ene keer."""
    aanvraag = Aanvraag(
        naam=naam,
        rol=Rol(rol),
        gemeenten=gemeente or (ALLE,),
        aanbieder=aanbieder,
        dagen=dagen,
        namens=namens,
    )
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        act = handeling_of("sleutel maken", "C", Betrokkene(object=naam), DOEL)
        made, text = opened.sleutels.make(aanvraag, act)
    click.echo(f"sleutel {made.nummer}, geldig tot {made.verloopt_op:%d-%m-%Y}", err=True)
    click.echo(text)
    return 0


@command.command("list")
@STORE
def show(store: str | None) -> int:
    """Toont alle sleutels; de sleutels zelf kan niemand meer tonen."""
    now = datetime.now(UTC)
    with opened_store(read_settings(os.environ), store) as opened:
        rows = [_row(one, now) for one in opened.sleutels.list()]
    print_table(("nummer", "naam", "rol", "gemeenten", "aanbieder", "van", "tot", "stand"), rows)
    return 0


@command.command("assign")
@click.argument("nummer", type=int)
@click.argument("gebruiker")
@STORE
def assign(nummer: int, gebruiker: str, store: str | None) -> int:
    """Legt vast dat sleutel NUMMER van GEBRUIKER is; dat verandert daarna niet meer."""
    with opened_store(read_settings(os.environ), store) as opened:
        told = f"sleutel {nummer}: van {gebruiker}"
        act = handeling_of("eigenaar van sleutel vastleggen", "U", Betrokkene(object=told), DOEL)
        opened.sleutels.assign(nummer, gebruiker, act)
    click.echo(f"sleutel {nummer} is van {gebruiker}")
    return 0


@command.command("revoke")
@click.argument("nummer", type=int)
@STORE
def revoke(nummer: int, store: str | None) -> int:
    """Trekt sleutel NUMMER in; vanaf dat moment opent hij niets meer."""
    with opened_store(read_settings(os.environ), store) as opened:
        act = handeling_of("sleutel intrekken", "D", Betrokkene(object=f"sleutel {nummer}"), DOEL)
        if not opened.sleutels.revoke(nummer, act):
            raise WrongUse(f"sleutel {nummer} bestaat niet of is al ingetrokken")
    click.echo(f"sleutel {nummer} is ingetrokken")
    return 0


def _row(one: Sleutel, now: datetime) -> tuple[str, ...]:
    stand = "geldig" if one.is_geldig(now) else "verlopen"
    if one.ingetrokken_op is not None:
        stand = "ingetrokken"
    return (
        str(one.nummer),
        visible(one.naam),
        one.rol.value,
        "alle" if ALLE in one.gemeenten else ", ".join(one.gemeenten),
        one.aanbieder or "",
        visible(one.namens or ""),
        f"{one.verloopt_op:%d-%m-%Y}",
        stand,
    )
