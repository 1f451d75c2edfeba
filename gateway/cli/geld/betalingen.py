"""`gateway ledger payments`: pays what was granted, once, and proves it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy.engine import Connection

from gateway.cli.clock import CLOCK
from gateway.cli.geld import betaaltabel
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.verantwoord import getoond, handeling_of
from gateway.config import Settings, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import load_agreements, load_lists
from gateway.ledger.geld.betaalbeleid import (
    Betaalbeleid,
    Betaalinstellingen,
    read_betaalinstellingen,
)
from gateway.ledger.geld.journaal import journaal, read_rekeningschema
from gateway.periods.bedragen import euros
from gateway.periods.werkdagen import add_working_days
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.controle import differences
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.betalen.openstaand import laat_van, openstaand
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene

DOEL = "betalen van aanbieders"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
GEMEENTE = click.option("--gemeente", help="Alleen deze gemeentecode.")
JSON = click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
RUN = click.argument("run", type=int)
BETALING = click.argument("betaling", type=int)
REDEN = click.option("--reden", required=True, help="Waarom; wordt bewaard. Zonder BSN.")
AGREEMENTS = click.option(
    "--agreements", type=click.Path(path_type=Path), help="Bestand of map, voor blokkades daarin."
)


class _Dag(click.ParamType[date]):
    """A day as 2026-03-31."""

    name = "datum"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; ends the command for any other text."""
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise WrongUse(f"{value} is geen datum als 2026-03-31") from None


DAG = _Dag()


@click.group("payments")
def command() -> None:
    """Betaalt wat is toegekend en nog niet betaald, en rekent dat na."""


@command.command("open")
@GEMEENTE
@STORE
@JSON
def show_open(gemeente: str | None, store: str | None, as_json: bool) -> int:
    """Toont per aanbieder wat nog niet is betaald, en hoeveel daarvan te laat is."""
    with _opened(store) as (settings, opened):
        opened.betaalvolger.catch_up()
        bereik, today = bereik_van(opened, gemeente), dag_van(opened.now())
        instellingen = _instellingen(settings)
        found = openstaand(
            opened.database,
            bereik,
            {one: laat_van(instellingen.of(one), today) for one in bereik.gemeenten},
        )
    (betaaltabel.write_open if as_json else betaaltabel.print_open)(found)
    return 0


@command.command("make")
@click.option("--gemeente", required=True, help="De gemeentecode.")
@click.option("--tot", type=DAG, help="Wat tot en met deze dag is beantwoord; standaard vandaag.")
@click.option("--op", type=DAG, help="De dag van betaling; standaard de volgende werkdag.")
@click.option("--vervalt", type=DAG, help="Alleen wat uiterlijk op deze dag betaald moet zijn.")
@AGREEMENTS
@CLOCK
@STORE
def make(  # noqa: PLR0913 - every option is one that a run has
    gemeente: str,
    tot: date | None,
    op: date | None,
    vervalt: date | None,
    agreements: Path | None,
    clock: str | None,
    store: str | None,
) -> int:
    """Maakt een betaalrun in concept van alles wat mag worden betaald."""
    with _opened(store, clock) as (settings, opened):
        bereik, beleid = bereik_van(opened, gemeente), _beleid(settings, gemeente)
        today = dag_van(opened.now())
        uitvoering = op or add_working_days(today, 1, beleid.vrije_dagen)
        vraag = Runvraag(
            gemeente=gemeente,
            tot=tot or today,
            uitvoering=uitvoering,
            vanaf=beleid.vanaf,
            begin_tot=None if vervalt is None else beleid.begin_voor(vervalt),
            vervalt_tot=vervalt,
            from_answer=beleid.from_answer,
            in_overeenkomst=_in_overeenkomst(settings, agreements, gemeente, uitvoering),
        )
        noteer = _Noteer(opened, "betaalrun maken", f"gemeente {gemeente}", "C")
        run = opened.betaalruns.make(aan_de_machine(), vraag, noteer)
        found = opened.betalingen.run(bereik, run)
    betaaltabel.print_run(found)
    return 1 if found.buiten else 0


@command.command("list")
@GEMEENTE
@STORE
def show_list(gemeente: str | None, store: str | None) -> int:
    """Toont de laatste vijftig betaalruns, de nieuwste boven."""
    with _opened(store) as (_, opened):
        betaaltabel.print_runs(opened.betalingen.runs(bereik_van(opened, gemeente)).rijen)
    return 0


@command.command("show")
@RUN
@STORE
def show(run: int, store: str | None) -> int:
    """Toont betaalrun RUN met zijn betalingen."""
    with _opened(store) as (_, opened):
        bereik = bereik_van(opened)
        betaaltabel.print_run(opened.betalingen.run(bereik, run))
        betaaltabel.print_betalingen(opened.betalingen.all_of(bereik, run))
    return 0


@command.command("release")
@RUN
@AGREEMENTS
@CLOCK
@STORE
def release(run: int, agreements: Path | None, clock: str | None, store: str | None) -> int:
    """Geeft betaalrun RUN vrij, of stelt dat voor als een tweede persoon dat moet doen."""
    with _opened(store, clock) as (settings, opened):
        bereik = bereik_van(opened)
        found = opened.betalingen.run(bereik, run)
        dag = max(found.uitvoering, dag_van(opened.now()))
        voorstel = opened.betaalruns.release(
            bereik,
            aan_de_machine(),
            run,
            _beleid(settings, found.gemeente),
            _in_overeenkomst(settings, agreements, found.gemeente, dag),
            _Noteer(opened, "betaalrun vrijgeven", f"betaalrun {run}"),
        )
    if voorstel is None:
        click.echo(f"betaalrun {run} is vrijgegeven")
    else:
        click.echo(f"betaalrun {run} wacht op een tweede persoon: voorstel {voorstel}")
    return 0


@command.command("file")
@RUN
@click.option("--out", type=click.Path(path_type=Path), help="De map; standaard deze map.")
@CLOCK
@STORE
def file(run: int, out: Path | None, clock: str | None, store: str | None) -> int:
    """Maakt het betaalbestand (SEPA pain.001) van betaalrun RUN; nog eens is het hetzelfde."""
    with _opened(store, clock) as (settings, opened):
        bereik = bereik_van(opened)
        found = opened.betalingen.run(bereik, run)
        noteer = _Noteer(opened, "betaalbestand maken", f"betaalrun {run}")
        beleid = _beleid(settings, found.gemeente)
        naam, made = opened.betaalruns.file(bereik, run, beleid, noteer)
        now = opened.betalingen.run(bereik, run)
    path = (out or Path()) / naam
    try:
        path.write_bytes(made)
    except OSError:
        raise CouldNotFinish(f"{path} is niet te schrijven; maak het bestand nog eens") from None
    click.echo(visible(f"{path}: {euros(now.bedrag)}, te betalen op {now.uitvoering}"))
    return 0


@command.command("paid")
@RUN
@click.option("--op", type=DAG, required=True, help="De dag waarop de bank betaalde.")
@CLOCK
@STORE
def paid(run: int, op: date, clock: str | None, store: str | None) -> int:
    """Legt vast dat de bank betaalrun RUN uitvoerde; wat terugkwam, telt niet."""
    with _opened(store, clock) as (_, opened):
        noteer = _Noteer(opened, "betaalrun betaald", f"betaalrun {run}")
        opened.betaalruns.paid(bereik_van(opened), run, op, noteer)
    click.echo(f"betaalrun {run} is betaald op {op}")
    return 0


@command.command("bounced")
@BETALING
@click.option("--op", type=DAG, required=True, help="De dag waarop zij terugkwam.")
@REDEN
@CLOCK
@STORE
def bounced(betaling: int, op: date, reden: str, clock: str | None, store: str | None) -> int:
    """Legt vast dat BETALING terugkwam; het bedrag gaat mee in een volgende betaling."""
    with _opened(store, clock) as (_, opened):
        noteer = _Noteer(opened, "betaling teruggekomen", f"betaling {betaling}")
        opened.betaalruns.bounced(bereik_van(opened), betaling, op, reden, noteer)
    click.echo(f"betaling {betaling} kwam terug op {op}; het bedrag staat weer open")
    return 0


@command.command("drop")
@RUN
@STORE
def drop(run: int, store: str | None) -> int:
    """Laat betaalrun RUN vervallen zolang hij niet is vrijgegeven; alles kan opnieuw mee."""
    with _opened(store) as (_, opened):
        noteer = _Noteer(opened, "betaalrun laten vervallen", f"betaalrun {run}", "D")
        opened.betaalruns.drop(bereik_van(opened), run, noteer)
    click.echo(f"betaalrun {run} is vervallen; de regels zijn weer vrij")
    return 0


@command.command("block")
@click.argument("aanbieder")
@click.option("--gemeente", required=True, help="De gemeentecode.")
@click.option("--declaratie", help="Alleen deze declaratie, door haar nummer of Identificatie.")
@click.option("--regel", help="Alleen deze regel daarvan, door zijn ReferentieNummer.")
@click.option("--factuur", help="Alleen deze factuur buiten het berichtenverkeer.")
@click.option("--vanaf", type=DAG, help="Vanaf welke dag; standaard vandaag.")
@click.option("--tot", type=DAG, help="Tot en met welke dag; standaard tot u hem opheft.")
@REDEN
@STORE
def block(  # noqa: PLR0913 - every option is one that a block has
    aanbieder: str,
    gemeente: str,
    declaratie: str | None,
    regel: str | None,
    factuur: str | None,
    vanaf: date | None,
    tot: date | None,
    reden: str,
    store: str | None,
) -> int:
    """Houdt de betaling aan AANBIEDER tegen; de 325 gaat gewoon weg."""
    with _opened(store) as (_, opened):
        bereik_van(opened, gemeente)
        vraag = Blokkadevraag(
            gemeente=gemeente,
            aanbieder=aanbieder,
            reden=reden,
            vanaf=vanaf or dag_van(opened.now()),
            tot=tot,
            declaratie=declaratie,
            referentie=regel,
            factuur=factuur,
        )
        noteer = _Noteer(opened, "betaling blokkeren", f"aanbieder {aanbieder}", "C")
        nummer = opened.blokkades.block(aan_de_machine(), vraag, noteer)
    click.echo(f"blokkade {nummer} geldt")
    return 0


@command.command("unblock")
@click.argument("nummer", type=int)
@STORE
def unblock(nummer: int, store: str | None) -> int:
    """Heft blokkade NUMMER op."""
    with _opened(store) as (_, opened):
        noteer = _Noteer(opened, "blokkade opheffen", f"blokkade {nummer}")
        opened.blokkades.unblock(bereik_van(opened), aan_de_machine(), nummer, noteer)
    click.echo(f"blokkade {nummer} is opgeheven")
    return 0


@command.command("blocks")
@GEMEENTE
@STORE
def blocks(gemeente: str | None, store: str | None) -> int:
    """Toont de laatste vijftig blokkades, de nieuwste boven."""
    with _opened(store) as (_, opened):
        found = opened.blokkades.list(bereik_van(opened, gemeente)).rijen
        betaaltabel.print_blokkades(found, dag_van(opened.now()))
    return 0


@command.command("journal")
@RUN
@STORE
@JSON
def journal(run: int, store: str | None, as_json: bool) -> int:
    """Schrijft de journaalposten van betaalrun RUN, als CSV of als JSON."""
    with _opened(store) as (settings, opened):
        bereik = bereik_van(opened)
        found = opened.betalingen.run(bereik, run)
        schema = read_rekeningschema(settings.grootboekbestand)
        betalingen = opened.betalingen.uitbetalingen(bereik, run)
        lines = list(journaal(schema, found.uitvoering, betalingen))
    (betaaltabel.write_journaal if as_json else betaaltabel.csv_journaal)(lines)
    return 0


@command.command("remittance")
@BETALING
@STORE
@JSON
def remittance(betaling: int, store: str | None, as_json: bool) -> int:
    """Schrijft de specificatie van BETALING: elke regel en elk eerder saldo, als CSV of JSON."""
    with _opened(store) as (_, opened):
        een = opened.betalingen.specificatie(bereik_van(opened), betaling)
        shown = getoond(
            opened,
            "betaling uitvoeren",
            een.regels,
            lambda one: [(een.gemeente, one.client)],
            f"betaling {betaling}",
            DOEL,
        )
        show = betaaltabel.write_specificatie if as_json else betaaltabel.csv_specificatie
        show(replace(een, regels=shown))
    return 0


@command.command("check")
@STORE
@JSON
def check(store: str | None, as_json: bool) -> int:
    """Rekent alle betalingen na; eindigt met 1 als er iets niet klopt."""
    with _opened(store) as (_, opened):
        found = list(differences(opened.database, bereik_van(opened)))
    (betaaltabel.write_check if as_json else betaaltabel.print_check)(found)
    return 1 if found else 0


class _Noteer:
    """Accounts for a change in its own transaction."""

    def __init__(self, store: SqlStore, naam: str, over: str, soort: str = "U") -> None:
        self._store = store
        self._handeling = handeling_of(naam, soort, Betrokkene(object=over), DOEL)

    def __call__(self, connection: Connection, /, *_nummers: int) -> None:
        """Write it in the log of processing."""
        self._store.logboek.schrijf(connection, self._handeling)


@contextmanager
def _opened(store: str | None, dag: str | None = None) -> Iterator[tuple[Settings, SqlStore]]:
    settings = read_settings(os.environ)
    with opened_store(settings, store, updates=True, of_gemeente=True, dag=dag) as opened:
        yield settings, opened


def _instellingen(settings: Settings) -> Betaalinstellingen:
    return read_betaalinstellingen(settings.betaalbestand, settings.vrije_dagen)


def _beleid(settings: Settings, gemeente: str) -> Betaalbeleid:
    return _instellingen(settings).of(gemeente)


def _in_overeenkomst(
    settings: Settings, agreements: Path | None, gemeente: str, dag: date
) -> frozenset[str]:
    """Whom the agreements hold payment of on a day."""
    found = load_agreements(agreements or settings.agreements, load_lists())
    return found.blocked_on(gemeente, dag)
