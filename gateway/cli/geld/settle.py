"""`gateway corrections settle`: what municipalities settle with each other after a move."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

import click

from gateway.cli.geld.handeling import dag_of, noteer_van
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import Client, toont
from gateway.config import Settings, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_lists, load_reader, load_types
from gateway.ledger.geld.gemeenteverrekening import BEVESTIGD
from gateway.messages.nazorg import nazorgwoorden
from gateway.messages.reader import Source
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.records.rekenblad import inert
from gateway.store.geld.gemeenten import gemeenten_in
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.geld.nazorg.verrekeningrijen import Verrekening
from gateway.store.geld.nazorg.woonplaats import Woonplaatsen
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
BACK, AT_ONCE = timedelta(days=365), 500
KOPPEN = ("nummer", "van", "aan", "jaar", "wet", "regels", "bedrag", "terug", "grond", "stand")
SALDOKOPPEN = ("gemeente", "andere gemeente", "jaar", "samen", "akkoord", "betwist")
UITVOER = (
    *("van", "aan", "jaar", "wet", "client", "begindatum", "einddatum", "regels", "bedrag"),
    *("grond", "stand", "reden", "gecrediteerd sindsdien"),
)


@click.group("settle")
def command() -> None:
    """Verrekent tussen gemeenten na een verhuizing."""


@command.command("add")
@click.option("--van", required=True, help="CBS-code van de gemeente die betaalde.")
@click.option("--aan", required=True, help="CBS-code van de gemeente die had moeten betalen.")
@click.option(
    "--toewijzing", required=True, type=int, help="Nummer van een toewijzing van de cliënt."
)
@click.option(
    "--wet", type=click.Choice(["jeugdwet", "wmo"]), help="Als het nummer er twee keer is."
)
@click.option("--vanaf", required=True, help="Zorg die op of na deze dag begon.")
@click.option("--tot", help="Zorg die op of voor deze dag begon.")
@click.option("--grond", required=True, help="Een code, zoals woonplaats of verhuizing.")
@click.option("--toelichting", default="", help="Voor de andere gemeente. Zonder BSN.")
@STORE
def add(  # noqa: PLR0913 - an option each
    van: str,
    aan: str,
    toewijzing: int,
    wet: str | None,
    vanaf: str,
    tot: str | None,
    grond: str,
    toelichting: str,
    store: str | None,
) -> int:
    """Voert een post op, per kalenderjaar."""
    settings = read_settings(os.environ)
    if aan not in load_lists().gemeentecodes():
        raise WrongUse(f"gemeente {aan} bestaat niet")
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        vraag = Aanleiding(
            van=van,
            aan=aan,
            toewijzingnummer=toewijzing,
            wet=wet,
            vanaf=dag_of("--vanaf", vanaf),
            tot=None if tot is None else dag_of("--tot", tot),
            grond=grond,
            toelichting=toelichting,
            buiten=aan not in _served(settings, opened),
        )
        bereik = bereik_van(opened, van)
        noteer = noteer_van(opened, "verrekening opvoeren", "C", f"toewijzing {toewijzing}")
        nummers = opened.verrekeningen.add(bereik, aan_de_machine(), vraag, noteer)
        made = [opened.verrekeningen.get(bereik, one) for one in nummers]
    for one in made:
        click.echo(
            f"verrekening {one.nummer}: {one.jaar}, "
            f"{aantal(one.regels, 'regel', 'regels')}, {euros(one.bedrag)}"
        )
    return 0


@command.command("list")
@click.option("--jaar", type=int, help="Alleen zorg in dit jaar.")
@click.option("--gemeente", help="Alleen wat deze gemeente ziet (CBS-code).")
@STORE
def show(jaar: int | None, gemeente: str | None, store: str | None) -> int:
    """Toont wat er tussen gemeenten staat, en de posten."""
    with opened_store(read_settings(os.environ), store) as opened:
        bereik = bereik_van(opened, gemeente)
        paren = opened.verrekeningen.paren(bereik, jaar)
        found = opened.verrekeningen.list(bereik, jaar, omvang=500).rijen
        toont(opened, "verrekeningen bekijken", _clienten(bereik, found))
    saldi = [
        (one.gemeente, one.ander, str(one.jaar), *map(euros, (one.bedrag, one.eens, one.betwist)))
        for one in paren
    ]
    print_table(SALDOKOPPEN, saldi, right=SALDOKOPPEN[3:])
    click.echo()
    print_table(KOPPEN, list(map(_rij, found)), right=("nummer", "regels", "bedrag", "terug"))
    return 0


@command.command("find")
@click.option("--sinds", help="Berichten vanaf deze dag; anders van het afgelopen jaar.")
@click.option("--gemeente", help="Alleen deze gemeente (CBS-code).")
@STORE
def find(sinds: str | None, gemeente: str | None, store: str | None) -> int:
    """Zoekt 319-berichten met woonplaatsbeginsel, en stelt posten voor; exitcode 1 als er zijn."""
    settings = read_settings(os.environ)
    types = load_types(settings)
    reader = load_reader(settings, types)
    codes = [one.code for one in types.all() if one.nummer == "319"]
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:

        def lees(inbox_id: int) -> Iterator[object]:
            source = Source(opened.message(inbox_id), settings.bytecap)
            return (record for _, record in reader.open(source).records())

        bereik = bereik_van(opened, gemeente)
        since = dag_van(opened.now()) - BACK if sinds is None else dag_of("--sinds", sinds)
        noteer = noteer_van(opened, "verrekeningen zoeken in 319-berichten", "C", f"sinds {since}")
        with opened.database.writing() as connection:
            noteer(connection)
        zoeker = Woonplaatsen(opened.database, lees, _served(settings, opened))
        made = noteer_van(opened, "verrekening voorstellen", "C", f"319-berichten sinds {since}")
        found = list(zoeker.zoek(bereik, codes, since))
        nummers = opened.verrekeningen.add_found(aan_de_machine(), bereik, found, made)
    posts = aantal(len(nummers), "post", "posten")
    click.echo(f"{posts} voorgesteld{': ' if nummers else ''}{_told(nummers)}")
    return 1 if nummers else 0


@command.command("confirm")
@click.argument("nummer", type=int)
@STORE
def confirm(nummer: int, store: str | None) -> int:
    """Bevestigt voorgestelde post NUMMER, namens de gemeente die betaalde."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "verrekening bevestigen", "U", f"verrekening {nummer}")
        opened.verrekeningen.confirm(bereik_van(opened), aan_de_machine(), nummer, noteer)
    click.echo(f"verrekening {nummer} is bevestigd")
    return 0


@command.command("withdraw")
@click.argument("nummer", type=int)
@STORE
def withdraw(nummer: int, store: str | None) -> int:
    """Trekt post NUMMER in, namens de gemeente die betaalde."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "verrekening intrekken", "U", f"verrekening {nummer}")
        opened.verrekeningen.withdraw(bereik_van(opened), aan_de_machine(), nummer, noteer)
    click.echo(f"verrekening {nummer} is ingetrokken")
    return 0


@command.command("counter")
@click.argument("nummer", type=int)
@STORE
def counter(nummer: int, store: str | None) -> int:
    """Voert een tegenpost op van wat sinds het akkoord van post NUMMER is gecrediteerd."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "tegenpost opvoeren", "C", f"verrekening {nummer}")
        bereik = bereik_van(opened)
        nummers = opened.verrekeningen.counter(bereik, aan_de_machine(), nummer, noteer)
        made = [opened.verrekeningen.get(bereik, one) for one in nummers]
    for one in made:
        click.echo(f"verrekening {one.nummer}: {euros(one.bedrag)}, tegen verrekening {nummer}")
    return 0


@command.command("answer")
@click.argument("nummer", type=int)
@click.argument("antwoord", type=click.Choice(["akkoord", "betwist"]))
@click.option("--reden", default="", help="Nodig bij betwist. Zonder BSN.")
@STORE
def answer(nummer: int, antwoord: str, reden: str, store: str | None) -> int:
    """Legt vast wat de andere gemeente van post NUMMER zegt."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "verrekening beantwoorden", "U", f"verrekening {nummer}")
        wie, bereik = aan_de_machine(), bereik_van(opened)
        opened.verrekeningen.answer(bereik, wie, nummer, antwoord, reden, noteer)
    click.echo(f"verrekening {nummer}: {antwoord}")
    return 0


@command.command("export")
@click.option("--jaar", required=True, type=int, help="Het jaar van de zorg.")
@click.option("--ander", required=True, help="CBS-code van de andere gemeente.")
@STORE
def export(jaar: int, ander: str, store: str | None) -> int:
    """Schrijft het overzicht van een jaar met een andere gemeente, als CSV op de uitvoer."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        found = list(_all_of(opened, jaar, ander))
        clienten = _clienten(bereik_van(opened), found)
        toont(opened, "verrekeningen uitvoeren", clienten, f"gemeente {ander}, {jaar}")
        rows = [_uitvoer(opened, one) for one in found if one.van_staat == BEVESTIGD]
    writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\r\n")
    writer.writerows([UITVOER, *rows])
    return 0


def _all_of(store: SqlStore, jaar: int, ander: str) -> Iterator[Verrekening]:
    """Every item of a year with another municipality, the newest in front."""
    bereik, na = bereik_van(store), None
    while True:
        blad = store.verrekeningen.list(bereik, jaar, ander, na, AT_ONCE)
        yield from blad.rijen
        if (na := blad.volgende) is None:
            return


def _clienten(bereik: Bereik, some: Iterable[Verrekening]) -> Collection[Client]:
    """A client of an item is one of both municipalities: the log names the one that looks."""
    return dict.fromkeys(
        (one.van if one.van in bereik.gemeenten else one.aan, one.client) for one in some
    )


def _served(settings: Settings, store: SqlStore) -> frozenset[str]:
    """The municipalities that work with this store."""
    return frozenset(settings.gemeenten) or gemeenten_in(store.database)


def _told(nummers: Sequence[int]) -> str:
    return ", ".join(map(str, nummers))


def _rij(one: Verrekening) -> tuple[str, ...]:
    return (
        *(str(one.nummer), one.van, one.aan, str(one.jaar), one.wet, str(one.regels)),
        euros(one.bedrag),
        euros(one.gecrediteerd) if one.gecrediteerd else "",
        nazorgwoorden().gronden.get(one.grond, one.grond),
        one.stand,
    )


def _uitvoer(store: SqlStore, one: Verrekening) -> tuple[str, ...]:
    def day(value: date) -> str:
        return value.isoformat()

    return (
        *(one.van, one.aan, str(one.jaar), one.wet, store.kenmerken.of_client(one.client)),
        *(day(one.begindatum), day(one.einddatum), str(one.regels)),
        _plain(one.bedrag),
        nazorgwoorden().gronden.get(one.grond, one.grond),
        one.stand,
        inert(one.aan_reden),
        _plain(one.gecrediteerd),
    )


def _plain(cents: int) -> str:
    """An amount as a spreadsheet in Dutch reads it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"
