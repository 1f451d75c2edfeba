"""`gateway ledger`: everything adds up, and the command proves it; the story of a line."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.cli.geld import betalingen
from gateway.cli.geld.jaareinde import command as yearend
from gateway.cli.geld.sluiting import close
from gateway.cli.geld.verplichtingen import backtest, commitments, forecast_command
from gateway.cli.grootboek import (
    clients_of,
    print_check,
    print_stories,
    write_check,
    write_stories,
)
from gateway.cli.opened import opened_store
from gateway.cli.overzicht import command as statement
from gateway.cli.verantwoord import toont, toont_iedereen
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists, load_reader, load_texts, load_types
from gateway.ledger.controle import PER, Controle
from gateway.ledger.verhaal import Boekregel, stories, zonder_bsn
from gateway.logs import configure_logs
from gateway.messages.definition import Berichttypen
from gateway.messages.reader import Source
from gateway.records.masker import mask
from gateway.store.ledger_views import Grootboek, Soorten
from gateway.store.store import SqlStore

NO_CAP = 1 << 40
# What a client can be known by: himself, his assignment, or a line of his.
OF_CLIENTS = ("client", "assignment", "line")
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
JSON = click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")


@click.group("ledger")
def command() -> None:
    """Rekent na of alles optelt, volgt een regel, kijkt vooruit en betaalt."""


command.add_command(commitments)
command.add_command(forecast_command)
command.add_command(backtest)
command.add_command(betalingen.command)
command.add_command(close)


@command.command("check")
@STORE
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map, voor cellen.")
@click.option("--per", type=click.Choice([*PER, "line"]), help="Toon de saldi hiervan.")
@JSON
def check(store: str | None, agreements: Path | None, per: str | None, as_json: bool) -> int:
    """Telt op elke manier op; eindigt met 1 als er iets niet klopt."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    types = load_types(settings)
    reader = load_reader(settings, types)
    controle = Controle()
    show = write_check if as_json else print_check
    with (
        opened_store(settings, store) as opened,
        _opened_ledger(opened, types, agreements or settings.agreements) as grootboek,
    ):
        if per in OF_CLIENTS:
            toont_iedereen(opened, "grootboek bekijken", f"saldi per {per}")
        show(
            controle,
            controle.run(grootboek, lambda body: reader.open(Source(body, NO_CAP)).records()),
            grootboek,
            per,
        )
    return 0 if controle.klopt else 1


@command.command("line")
@click.argument("declaratie")
@click.argument("referentie")
@click.option("--aanbieder", help="AGB-code, als het nummer bij meer aanbieders voorkomt.")
@STORE
@JSON
def line(
    declaratie: str, referentie: str, aanbieder: str | None, store: str | None, as_json: bool
) -> int:
    """Vertelt het verhaal van regel REFERENTIE in DECLARATIE, over alle berichten."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    with (
        opened_store(settings, store) as opened,
        _opened_ledger(opened, load_types(settings), None) as grootboek,
    ):
        found = grootboek.gezocht(declaratie, referentie, aanbieder)
        if not found:
            raise WrongUse(_why_unknown(opened, declaratie, referentie))
        _of_one_party(found, declaratie, referentie)
        verhalen = list(map(zonder_bsn, stories(grootboek.keten(found))))
        over = f"regel {referentie} in declaratie {declaratie}"
        toont(opened, "verhaal van een regel bekijken", clients_of(verhalen), mask(over))
    if as_json:
        write_stories(verhalen)
    else:
        print_stories(verhalen, load_texts())
    return 0


command.add_command(statement)


@contextmanager
def _opened_ledger(
    store: SqlStore, types: Berichttypen, agreements: Path | None
) -> Iterator[Grootboek]:
    soorten = Soorten(
        declaraties=frozenset(one.code for one in types.all() if one.nummer == "323"),
        antwoorden=frozenset(one.naam for one in types.all() if one.nummer == "325"),
    )
    with store.grootboek(soorten, load_agreements(agreements, load_lists())) as grootboek:
        yield grootboek


def _of_one_party(found: Sequence[Boekregel], declaratie: str, referentie: str) -> None:
    if len({one.inzending.partij for one in found}) > 1:
        providers = {one.inzending.aanbieder for one in found}
        hint = "de Identificatie van het bericht" if len(providers) == 1 else "een --aanbieder"
        raise WrongUse(
            f"regel {referentie} in declaratie {declaratie} komt bij meer partijen voor; noem "
            f"{hint}"
        )


_WAAROM = {
    "held": "is aangehouden; haar regels komen in het grootboek als zij is beslist",
    "parked": "is geparkeerd en nog niet beoordeeld",
    "rejected": "is als geheel afgewezen; haar regels tellen als niet ingediend",
}


def _why_unknown(store: SqlStore, declaratie: str, referentie: str) -> str:
    """Why a line is not in the ledger: mostly its Declaratie is not there as a whole."""
    views = store.views
    for bericht in reversed(views.berichten_van(declaratie)):
        verdict = "" if bericht.outcome is None else bericht.outcome.verdict
        antwoorden = [one.outcome for one in views.retouren_op(bericht.inbox_id) if one.outcome]
        if antwoorden and antwoorden[0].verdict == "accepted":
            return (
                f"declaratie {declaratie} is als geheel afgewezen in 325 "
                f"{antwoorden[0].identificatie}; haar regels tellen als niet ingediend"
            )
        if store.rol == "aanbieder" and verdict == "rejected":
            return f"declaratie {declaratie} is niet goed, en daarom niet verstuurd"
        if verdict in _WAAROM:
            return f"declaratie {declaratie} {_WAAROM[verdict]}"
    return f"regel {referentie} in declaratie {declaratie} is niet bekend"


command.add_command(yearend)
