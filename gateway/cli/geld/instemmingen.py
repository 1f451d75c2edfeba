"""`gateway assignments consent`: what aanbieders agreed to, from the command line."""

from __future__ import annotations

import os
import re
from datetime import date, datetime

import click

from gateway.cli.geld.partijdelen import DOEL, SHOWN, STORE, WETTEN, Noteer
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import toont
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.records.instemming import BUDGET, WAT
from gateway.store.mutaties.instemmingen import Vraag as Instemming

_BEDRAG = re.compile(r"\d{1,13}")


@click.group("consent")
def consent() -> None:
    """Waarmee een aanbieder heeft ingestemd."""


@consent.command("add")
@click.argument("toewijzing", type=int)
@click.argument("wat", type=click.Choice(WAT))
@click.option("--gemeente", required=True, help="Van welke gemeente (code van vier cijfers).")
@click.option("--wet", required=True, type=WETTEN)
@click.option("--door", required=True, help="Wie bij de aanbieder instemde.")
@click.option("--bron", required=True, help="Waar dat is na te lezen, zoals een zaaknummer.")
@click.option("--op", type=click.DateTime(["%Y-%m-%d"]), help="Wanneer; vandaag als u niets kiest.")
@click.option("--tot", type=click.DateTime(["%Y-%m-%d"]), help="Tot en met wanneer het geldt.")
@click.option("--niet-onder", help="Hoe laag het mag: eenheden, of bij een budget hele centen.")
@click.option("--niet-voor", type=click.DateTime(["%Y-%m-%d"]), help="Hoe vroeg het mag eindigen.")
@STORE
def consent_add(  # noqa: PLR0913 - one parameter per option
    toewijzing: int,
    wat: str,
    gemeente: str,
    wet: str,
    door: str,
    bron: str,
    op: datetime | None,
    tot: datetime | None,
    niet_onder: str | None,
    niet_voor: datetime | None,
    store: str | None,
) -> int:
    """Legt vast dat de aanbieder instemt met een wijziging van TOEWIJZING."""
    if niet_onder is not None and not _BEDRAG.fullmatch(niet_onder):
        raise WrongUse("vul bij --niet-onder een heel getal in")
    with opened_store(read_settings(os.environ), store, updates=True, of_gemeente=True) as opened:
        vraag = Instemming(
            gemeente=gemeente,
            wet=wet,
            toewijzingnummer=toewijzing,
            wat=wat,
            op=_day(op) or dag_van(opened.now()),
            tot=_day(tot),
            door=door,
            bron=bron,
            niet_onder=None if niet_onder is None else int(niet_onder),
            niet_voor=_day(niet_voor),
        )
        noteer = Noteer(opened, "instemming vastleggen", "C", toewijzing, "toewijzing")
        bereik = bereik_van(opened, gemeente)
        nummer = opened.instemmingen.add(bereik, aan_de_machine(), vraag, noteer)
    click.echo(f"instemming {nummer} is vastgelegd")
    return 0


@consent.command("list")
@click.option("--toewijzing", type=int, help="Alleen van dit toewijzingnummer.")
@STORE
def consent_list(toewijzing: int | None, store: str | None) -> int:
    """Toont de instemmingen, de nieuwste boven."""
    with opened_store(read_settings(os.environ), store) as opened:
        found = opened.instemmingen.lijst(
            bereik_van(opened), SHOWN, toewijzingnummer=toewijzing
        ).rijen
        clienten = dict.fromkeys((one.vraag.gemeente, one.client) for one in found)
        toont(opened, "instemmingen bekijken", clienten, doel=DOEL)
    headings = (
        *("nummer", "gemeente", "aanbieder", "toewijzing", "wat", "grens"),
        *("op", "tot", "door", "bron", "stand"),
    )
    rows = [
        (
            str(one.nummer),
            one.vraag.gemeente,
            one.aanbieder,
            str(one.vraag.toewijzingnummer),
            one.vraag.wat,
            _limit(one.vraag),
            str(one.vraag.op),
            str(one.vraag.tot or ""),
            one.vraag.door,
            one.vraag.bron,
            "ingetrokken" if one.is_ingetrokken else "geldt",
        )
        for one in found
    ]
    print_table(headings, rows, right=("nummer", "toewijzing"))
    return 0


@consent.command("withdraw")
@click.argument("nummer", type=int)
@STORE
def consent_withdraw(nummer: int, store: str | None) -> int:
    """Laat instemming NUMMER niet meer gelden."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = Noteer(opened, "instemming intrekken", "D", nummer, "instemming")
        opened.instemmingen.withdraw(bereik_van(opened), nummer, noteer)
    click.echo(f"instemming {nummer} geldt niet meer")
    return 0


def _limit(vraag: Instemming) -> str:
    if vraag.niet_onder is not None:
        return euros(vraag.niet_onder) if vraag.wat == BUDGET else str(vraag.niet_onder)
    return "" if vraag.niet_voor is None else str(vraag.niet_voor)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
