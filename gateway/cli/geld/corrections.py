"""`gateway corrections`: ask providers for credits, and follow what comes of it."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import click

from gateway.cli.geld import settle
from gateway.cli.geld.handeling import dag_of, noteer_van
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.ledger.geld.creditverzoek import (
    GEWEIGERD,
    INGETROKKEN,
    LOOPT,
    TOEGEZEGD,
    VOLDAAN,
)
from gateway.messages.nazorg import nazorgwoorden
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.nazorg.creditrijen import Creditverzoek
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.keuze import Genoemd

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
REDEN = click.option("--reden", required=True, help="Waarom; wordt bewaard. Zonder BSN.")
STANDEN = {"loopt": LOOPT, VOLDAAN: (VOLDAAN,), GEWEIGERD: (GEWEIGERD,)}
STANDEN |= {INGETROKKEN: (INGETROKKEN,), "alle": ()}
KOPPEN = (
    *("nummer", "gemeente", "aanbieder", "reden", "regels", "bedrag", "nog open"),
    *("uiterlijk", "stand"),
)


@click.group("corrections")
def command() -> None:
    """Vraagt aanbieders om credits, en verrekent tussen gemeenten."""


@command.command("request")
@click.option("--gemeente", required=True, help="CBS-code van de gemeente die vraagt.")
@click.option("--aanbieder", required=True, help="AGB-code.")
@click.option(
    "--regel",
    "regels",
    multiple=True,
    metavar="DECLARATIE/REGEL",
    help="DeclaratieNummer en ReferentieNummer; mag vaker.",
)
@click.option(
    "--bestand",
    type=click.Path(path_type=Path),
    help="CSV met de kolommen declaratie en regel, met puntkomma's.",
)
@click.option("--reden", required=True, help="Een code, zoals dubbel of tarief.")
@click.option("--toelichting", default="", help="Voor de aanbieder. Zonder BSN.")
@click.option("--uiterlijk", help="De laatste dag; zonder deze geldt de termijn van de gateway.")
@STORE
def request(  # noqa: PLR0913 - an option each
    gemeente: str,
    aanbieder: str,
    regels: Sequence[str],
    bestand: Path | None,
    reden: str,
    toelichting: str,
    uiterlijk: str | None,
    store: str | None,
) -> int:
    """Vraagt een aanbieder om toegekende regels te crediteren."""
    settings = read_settings(os.environ)
    namen = [*map(_name, regels), *(() if bestand is None else _names_in(bestand))]
    if not namen:
        raise WrongUse("noem met --regel of --bestand welke regels het zijn")
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        vandaag = dag_van(opened.now())
        vraag = Aanvraag(
            keuze=Genoemd(gemeente, aanbieder, namen),
            reden=reden,
            toelichting=toelichting,
            uiterlijk=nazorgwoorden().uiterlijk(vandaag, settings.vrije_dagen)
            if uiterlijk is None
            else dag_of("--uiterlijk", uiterlijk),
        )
        bereik = bereik_van(opened, gemeente)
        noteer = noteer_van(opened, "credit vragen", "C", f"aanbieder {aanbieder}")
        nummers = opened.creditverzoeken.request(bereik, aan_de_machine(), vraag, noteer)
        made = [opened.creditverzoeken.get(bereik, one) for one in nummers]
    missing = len(set(namen)) - sum(one.regels for one in made)
    for one in made:
        lines = aantal(one.regels, "regel", "regels")
        told = f"creditverzoek {one.nummer}: {lines}, samen {euros(one.bedrag)}"
        click.echo(f"{told}, uiterlijk {one.uiterlijk}")
    if missing:
        told = aantal(missing, "regel is", "regels zijn")
        click.echo(f"{told} niet toegekend, al gecrediteerd of al gevraagd")
    return 1 if missing else 0


@command.command("list")
@click.option("--stand", type=click.Choice(list(STANDEN)), default="loopt", show_default=True)
@click.option("--gemeente", help="Alleen deze gemeente (CBS-code).")
@STORE
def show(stand: str, gemeente: str | None, store: str | None) -> int:
    """Toont creditverzoeken, de nieuwste vijfhonderd; exitcode 1 als er een te laat is."""
    with opened_store(read_settings(os.environ), store) as opened:
        bereik = bereik_van(opened, gemeente)
        found = opened.creditverzoeken.list(bereik, STANDEN[stand], omvang=500).rijen
        late = opened.creditverzoeken.overdue(bereik)
    print_table(KOPPEN, list(map(_rij, found)), right=("nummer", "regels", "bedrag", "nog open"))
    if late:
        told = aantal(len(late), "creditverzoek is", "creditverzoeken zijn")
        click.echo(f"{told} te laat, vanaf {late[0].uiterlijk}")
    return 1 if late else 0


@command.command("withdraw")
@click.argument("nummer", type=int)
@REDEN
@STORE
def withdraw(nummer: int, reden: str, store: str | None) -> int:
    """Trekt creditverzoek NUMMER in."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "creditverzoek intrekken", "U", f"creditverzoek {nummer}")
        opened.creditverzoeken.withdraw(bereik_van(opened), nummer, reden, noteer)
    click.echo(f"creditverzoek {nummer} is ingetrokken")
    return 0


@command.command("promise")
@click.argument("nummer", type=int)
@click.option("--reden", default="", help="Wat de aanbieder erbij zei. Zonder BSN.")
@STORE
def promise(nummer: int, reden: str, store: str | None) -> int:
    """Legt vast dat de aanbieder de credit van creditverzoek NUMMER toezegt."""
    return _answer(nummer, TOEGEZEGD, reden, store)


@command.command("refuse")
@click.argument("nummer", type=int)
@REDEN
@STORE
def refuse(nummer: int, reden: str, store: str | None) -> int:
    """Legt vast dat de aanbieder creditverzoek NUMMER weigert."""
    return _answer(nummer, GEWEIGERD, reden, store)


def _answer(nummer: int, antwoord: str, reden: str, store: str | None) -> int:
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "creditverzoek beantwoorden", "U", f"creditverzoek {nummer}")
        wie, bereik = aan_de_machine(), bereik_van(opened)
        opened.creditverzoeken.answer(bereik, wie, nummer, antwoord, reden, noteer)
    click.echo(f"creditverzoek {nummer} is {antwoord}")
    return 0


def _name(text: str) -> tuple[str, str]:
    declaratie, slash, regel = text.partition("/")
    if not (declaratie and slash and regel):
        raise WrongUse(f"--regel {text}: schrijf DECLARATIE/REGEL")
    return declaratie, regel


def _names_in(path: Path) -> list[tuple[str, str]]:
    """The lines that a file names; raises WrongUse for what cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"het bestand {path} is niet te lezen als UTF-8") from None
    reader = csv.DictReader(text.splitlines(), delimiter=";")
    if not {"declaratie", "regel"} <= set(reader.fieldnames or ()):
        raise WrongUse(f"{path}: de kolommen declaratie en regel ontbreken")
    return [(row["declaratie"] or "", row["regel"] or "") for row in reader]


def _rij(one: Creditverzoek) -> tuple[str, ...]:
    return (
        str(one.nummer),
        one.gemeente,
        one.aanbieder,
        visible(nazorgwoorden().creditredenen.get(one.reden, one.reden)),
        str(one.regels),
        euros(one.bedrag),
        euros(one.open_bedrag),
        one.uiterlijk.isoformat(),
        one.stand,
    )


command.add_command(settle.command)
