"""`gateway invoices`: what is invoiced outside the message traffic, from the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from gateway.agreements.match import Overeenkomsten
from gateway.cli.geld.factuurbestand import opgave_of, read_facturen, regel_of
from gateway.cli.geld.handeling import dag_of, noteer_van
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.config import Settings, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import NO_AGREEMENTS, load_agreements, load_lists
from gateway.ledger.geld.factuurcontrole import Bevinding
from gateway.periods.bedragen import euros
from gateway.store.geld.gemeenten import gemeenten_in
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.factuuropgave import Handopgave, Opgave
from gateway.store.geld.nazorg.factuurrijen import Factuurrij
from gateway.store.geld.nazorg.tables import VERVALLEN
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from gateway.web.pages.zoekvelden import cents

STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
AGREEMENTS = click.option(
    "--agreements", type=click.Path(path_type=Path), help="Bestand of map met overeenkomsten."
)
GEMEENTE = click.option("--gemeente", help="Alleen deze gemeente (CBS-code).")
KOPPEN = ("nummer", "gemeente", "aanbieder", "factuur", "soort", "bedrag", "staat", "bevindingen")
TOTAALKOPPEN = ("gemeente", "aanbieder", "jaar", "facturen", "bedrag", "betaald")
Wrapped = Callable[..., int]


def _who(command_: Wrapped) -> Wrapped:
    """The options that say between whom and why it is outside the traffic."""
    for option, told in reversed(
        (
            ("--gemeente", "CBS-code."),
            ("--wet", "jeugdwet of wmo."),
            ("--aanbieder", "AGB-code."),
            ("--soort", "Een code, zoals geen-bsn of afgeschermd."),
        )
    ):
        command_ = click.option(option, required=True, help=told)(command_)
    return click.option(
        "--referentie", default="", help="Eigen referentie van de cliënt. Geen BSN, geen naam."
    )(command_)


def _care(command_: Wrapped) -> Wrapped:
    """The options of what was delivered."""
    for option, told in reversed(
        (
            ("--productcode", "Zoals 45A04."),
            ("--eenheid", "Zoals 04 voor uren."),
            ("--begindatum", "Eerste dag."),
        )
    ):
        command_ = click.option(option, required=True, help=told)(command_)
    return command_


@click.group("invoices")
def command() -> None:
    """Legt facturen buiten het berichtenverkeer vast; een tweede persoon keurt ze goed."""


@command.command("add")
@_who
@click.option("--factuurnummer", required=True, help="Van de aanbieder.")
@click.option("--factuurdatum", required=True, help="Als 2026-01-31.")
@click.option("--toewijzing", default="", help="Nummer van de toewijzing met de hand.")
@click.option("--document", default="", help="SHA-256 van het document.")
@_care
@click.option("--einddatum", required=True, help="Laatste dag.")
@click.option("--volume", required=True, help="Geheel getal.")
@click.option("--tarief", default="", help="In euro's; leeg bij een vast bedrag.")
@click.option("--bedrag", required=True, help="In euro's, zoals 150,00.")
@AGREEMENTS
@STORE
def add(agreements: Path | None, store: str | None, **velden: str) -> int:
    """Legt een factuur met één regel vast; voor meer regels is er import."""
    waar = f"factuur {velden['factuurnummer']}"
    opgave = opgave_of(waar, velden, [regel_of(waar, 1, velden)])
    return _put_down([opgave], agreements, store)


@command.command("import")
@click.argument("bestand", type=click.Path(path_type=Path))
@AGREEMENTS
@STORE
def import_(bestand: Path, agreements: Path | None, store: str | None) -> int:
    """Legt de facturen van een CSV-bestand vast; een fout in het bestand houdt alles tegen."""
    return _put_down(read_facturen(bestand), agreements, store)


@command.command("credit")
@click.argument("nummer", type=int)
@click.option("--factuurnummer", required=True, help="Van de creditfactuur.")
@click.option("--factuurdatum", required=True, help="Als 2026-01-31.")
@click.option("--regel", "regels", type=int, multiple=True, help="Alleen deze regel; vaker mag.")
@click.option("--document", default="", help="SHA-256 van het document.")
@STORE
def credit(
    nummer: int,
    factuurnummer: str,
    factuurdatum: str,
    regels: tuple[int, ...],
    document: str,
    store: str | None,
) -> int:
    """Legt een creditfactuur tegen factuur NUMMER vast; een tweede persoon keurt haar goed."""
    opgave = Creditopgave(
        factuurnummer=factuurnummer,
        factuurdatum=dag_of("--factuurdatum", factuurdatum),
        regels=regels,
        document_sha256=document.lower() or None,
    )
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "creditfactuur vastleggen", "C", f"factuur {nummer}")
        bereik = bereik_van(opened)
        made = opened.facturen.credit(bereik, aan_de_machine(), nummer, opgave, noteer)
        _show_waiting(opened.facturen.get(bereik, made))
    return 0


@command.command("list")
@GEMEENTE
@STORE
def show(gemeente: str | None, store: str | None) -> int:
    """Toont facturen, de nieuwste vijfhonderd, en wat ervan is goedgekeurd."""
    with opened_store(read_settings(os.environ), store) as opened:
        bereik = bereik_van(opened, gemeente)
        found = opened.facturen.list(bereik, omvang=500).rijen
        totalen = opened.facturen.totalen(bereik)
    print_table(KOPPEN, list(map(_rij, found)), right=("nummer", "bedrag", "bevindingen"))
    click.echo()
    rows = [
        (
            *(one.gemeente, one.aanbieder, str(one.jaar), str(one.facturen)),
            *(euros(one.bedrag), euros(one.betaald)),
        )
        for one in totalen
    ]
    print_table(TOTAALKOPPEN, rows, right=TOTAALKOPPEN[3:])
    return 0


@command.command("check")
@click.argument("nummer", type=int, required=False)
@GEMEENTE
@AGREEMENTS
@STORE
def check(
    nummer: int | None, gemeente: str | None, agreements: Path | None, store: str | None
) -> int:
    """Kijkt factuur NUMMER opnieuw na, of alle; exitcode 1 als er iets wordt gevonden."""
    settings = read_settings(os.environ)
    afspraken, count = _agreed(settings, agreements), 0
    with opened_store(settings, store) as opened:
        bereik, na = bereik_van(opened, gemeente), None
        while True:
            blad = opened.facturen.list(bereik, na=na)
            rows = blad.rijen if nummer is None else [opened.facturen.get(bereik, nummer)]
            for one in rows:
                if one.staat != VERVALLEN:
                    count += _told(opened, bereik, one, afspraken)
            na = blad.volgende
            if na is None or nummer is not None:
                break
    if not count:
        click.echo("geen bevindingen")
    return 1 if count else 0


@command.command("assign")
@_who
@_care
@click.option("--einddatum", help="Laatste dag; zonder deze open.")
@click.option("--volume", type=click.IntRange(min=1), help="In totaal; zonder deze geen grens.")
@click.option("--bedrag", help="In euro's, in totaal; zonder deze geen grens.")
@STORE
def assign(  # noqa: PLR0913 - an option each
    gemeente: str,
    wet: str,
    aanbieder: str,
    soort: str,
    referentie: str,
    productcode: str,
    eenheid: str,
    begindatum: str,
    einddatum: str | None,
    volume: int | None,
    bedrag: str | None,
    store: str | None,
) -> int:
    """Legt een toewijzing buiten het berichtenverkeer vast, waaraan facturen worden getoetst."""
    opgave = Handopgave(
        gemeente=gemeente,
        wet=wet,
        aanbieder=aanbieder,
        soort=soort,
        referentie=referentie,
        productcode=productcode,
        eenheid=eenheid,
        begindatum=dag_of("--begindatum", begindatum),
        einddatum=None if einddatum is None else dag_of("--einddatum", einddatum),
        volume=volume,
        bedrag=None if bedrag is None else cents(bedrag),
    )
    settings = read_settings(os.environ)
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        noteer = noteer_van(
            opened, "toewijzing met de hand vastleggen", "C", f"aanbieder {aanbieder}"
        )
        bereik = _bereik(settings, opened, NO_AGREEMENTS)
        nummer = opened.facturen.assign(bereik, aan_de_machine(), opgave, noteer)
    click.echo(f"toewijzing {nummer} is vastgelegd")
    return 0


@command.command("link")
@click.argument("nummer", type=int)
@click.option("--toewijzing", required=True, type=int, help="Toewijzingnummer van de cliënt.")
@STORE
def link(nummer: int, toewijzing: int, store: str | None) -> int:
    """Koppelt factuur NUMMER aan een toewijzing, nu het BSN er wel is."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        noteer = noteer_van(opened, "factuur aan toewijzing koppelen", "U", f"factuur {nummer}")
        opened.facturen.link(bereik_van(opened), nummer, toewijzing, noteer)
    click.echo(f"factuur {nummer} is gekoppeld aan toewijzing {toewijzing}")
    return 0


def _put_down(opgaven: Sequence[Opgave], agreements: Path | None, store: str | None) -> int:
    """Put invoices down, each wholly or not; exit code 1 where one was found wrong or refused."""
    settings = read_settings(os.environ)
    afspraken, is_right = _agreed(settings, agreements), True
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        bereik, wie = _bereik(settings, opened, afspraken), aan_de_machine()
        for opgave in opgaven:
            naam = opgave.factuur.factuurnummer
            noteer = noteer_van(opened, "factuur vastleggen", "C", "factuur")
            try:
                nummer = opened.facturen.add(bereik, wie, opgave, afspraken, noteer)
            except WrongUse as wrong:
                if len(opgaven) == 1:
                    raise
                click.echo(visible(f"factuur {naam}: {wrong}"))
                is_right = False
                continue
            one = opened.facturen.get(bereik, nummer)
            _show_waiting(one)
            _show_found(nummer, one.bevindingen)
            is_right = is_right and not one.bevindingen
    return 0 if is_right else 1


def _agreed(settings: Settings, agreements: Path | None) -> Overeenkomsten:
    return load_agreements(agreements or settings.agreements, load_lists())


def _bereik(settings: Settings, store: SqlStore, afspraken: Overeenkomsten) -> Bereik:
    """The municipalities that are served, also those that have no message yet."""
    served = frozenset(settings.gemeenten) or afspraken.gemeenten
    return Bereik(served | gemeenten_in(store.database))


def _told(store: SqlStore, bereik: Bereik, one: Factuurrij, afspraken: Overeenkomsten) -> int:
    found = store.facturen.check(bereik, one.nummer, afspraken)
    _show_found(one.nummer, found)
    return len(found)


def _show_waiting(one: Factuurrij) -> None:
    told = f"factuur {one.nummer} ({one.factuurnummer}) wacht op een tweede persoon"
    click.echo(visible(f"{told}: voorstel {one.voorstel_id}, {euros(one.bedrag)}"))


def _show_found(nummer: int, found: Sequence[Bevinding]) -> None:
    for one in found:
        where = f"factuur {nummer}" if one.regel is None else f"factuur {nummer}, regel {one.regel}"
        click.echo(visible(f"  {where}: {one.tekst} ({one.controle})"))


def _rij(one: Factuurrij) -> tuple[str, ...]:
    return (
        *(str(one.nummer), one.gemeente, one.aanbieder, visible(one.factuurnummer), one.soort),
        *(euros(one.bedrag), one.staat, str(len(one.bevindingen))),
    )
