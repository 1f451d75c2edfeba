"""`gateway audit`: whether the log of processing is whole, what is in it, and who saw a client."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import click
import msgspec

from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.periods.aantallen import aantal
from gateway.periods.datums import tijdstip
from gateway.records.masker import is_bsn
from gateway.store.inzage.logboek import Kijker, Logfilter, Logregel, all_of_client
from gateway.store.toegang.controle import controleer
from gateway.store.toegang.logboek import Betrokkene, Handeling
from gateway.toegang.wie import Bereik

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
DOEL = "controle op het gebruik van gegevens"
DAG = click.DateTime(["%Y-%m-%d"])
VANAF = click.option("--vanaf", type=DAG, help="Eerste dag (UTC).")
TOT = click.option("--tot", type=DAG, help="Laatste dag (UTC), die telt mee.")
KOPPEN = ("wanneer", "wie", "rol", "adres", "wat", "waarover", "doel", "gemeente")
_BSN = re.compile(r"^[0-9]{9}$")


@click.group("audit")
def command() -> None:
    """Controleert en toont het logboek van verwerkingen."""


@command.command("verify")
@click.option("--dag", type=DAG, help="Alleen deze dag (UTC).")
@STORE
def verify(dag: datetime | None, store: str | None) -> int:
    """Rekent elke regel na; exitcode 1 als er een is gewijzigd, weggehaald of tussengevoegd."""
    chosen = dag.date() if dag else None
    with opened_store(read_settings(os.environ), store) as opened:
        gevonden = controleer(opened.logboek, chosen)
    if gevonden.breuk is not None:
        print(f"het logboek klopt niet: {gevonden.breuk}")
        return 1
    lines = aantal(gevonden.regels, "regel", "regels")
    print(f"het logboek klopt: {lines}; laatste hash {gevonden.hash}")
    return 0


@command.command("export")
@VANAF
@TOT
@STORE
def export(vanaf: datetime | None, tot: datetime | None, store: str | None) -> int:
    """Schrijft het logboek als JSON, een regel per verwerking."""
    first, last = _days(vanaf, tot)
    with opened_store(read_settings(os.environ), store) as opened:
        opened.logboek.write(_uitvoer(first, last))
        for row in opened.logboek.rows(first, last):
            sys.stdout.write(msgspec.json.encode(_open(row)).decode() + "\n")
    return 0


@command.command("wie")
@click.option("--doel", required=True, help="Waarom u dit opzoekt; dat komt in het logboek.")
@VANAF
@TOT
@STORE
def wie(doel: str, vanaf: datetime | None, tot: datetime | None, store: str | None) -> int:
    """Toont wie gegevens van een cliënt zag; het BSN komt van de standaardinvoer."""
    bsn = sys.stdin.readline().strip()
    if not _BSN.match(bsn) or not is_bsn(bsn):
        raise WrongUse("op de standaardinvoer staat geen burgerservicenummer")
    first, last = _days(vanaf, tot)
    with opened_store(read_settings(os.environ), store) as opened:
        kenmerk = opened.fingerprint(bsn)
        opened.logboek.write(
            handeling_of("inzage in logboek", "R", Betrokkene(kenmerk=kenmerk), doel)
        )
        everything = Kijker(Bereik(frozenset()), heel=True)
        days = Logfilter(vanaf=first, tot=last)
        regels = all_of_client(opened.database, everything, opened.fingerprints(bsn), days)
        print_table(KOPPEN, map(_row, regels))
    return 0


def _row(one: Logregel) -> Sequence[str]:
    named = f"{one.wie} ({one.weergave})" if one.weergave else one.wie
    over = [*(["alle cliënten"] if one.van_iedereen else []), *([one.over] if one.over else [])]
    return (
        tijdstip(one.moment),
        named,
        ", ".join(one.rollen),
        one.adres,
        one.naam if one.gelukt else f"{one.naam} (geweigerd)",
        ", ".join(over),
        one.doel,
        one.gemeente or "",
    )


def _days(vanaf: datetime | None, tot: datetime | None) -> tuple[date | None, date | None]:
    return vanaf.date() if vanaf else None, tot.date() if tot else None


def _uitvoer(first: date | None, last: date | None) -> Handeling:
    over = Betrokkene(object=f"{first or 'begin'} tot en met {last or 'nu'}")
    return handeling_of("logboek uitvoeren", "R", over, DOEL)


def _open(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its JSON columns as objects, as Logboek Dataverwerkingen has them."""
    opened = {name: msgspec.json.decode(row[name]) for name in ("resource", "attributes")}
    return {**row, **opened}
