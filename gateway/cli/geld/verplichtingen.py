"""`gateway ledger commitments`, `forecast`, `backtest`: what is obliged and what it will cost."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.cli.geld import prognoseuitvoer as uitvoer
from gateway.cli.geld.wie import bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.verantwoord import getoond
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists
from gateway.ledger.geld.opname import PER, Som, key_for, obligations, take_stock
from gateway.ledger.geld.prognose import forecast
from gateway.ledger.geld.verplichting import Peil, Verplichting
from gateway.logs import configure_logs
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.terugblik import looks_back
from gateway.store.geld.verplichtingen import Verplichtingenbron, history_on
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

TOEWIJZING = "toewijzing"
EERSTE_JAAR, LAATSTE_JAAR = 2000, 2100


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all three have."""
    for option in (
        click.option("--csv", "as_csv", is_flag=True, help="Als CSV, voor een rekenblad."),
        click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer."),
        click.option("--gemeente", help="Alleen deze gemeente (CBS-code)."),
        click.option("--clock", help="Vanaf welke dag, bijvoorbeeld 2025-12-05; anders vandaag."),
        click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map."),
        click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen."),
    ):
        function = option(function)
    return function


JAAR = click.option(
    "--jaar",
    type=click.IntRange(EERSTE_JAAR, LAATSTE_JAAR),
    help="Jaar van levering; anders dat van de dag waarop u kijkt.",
)


class _Blik(NamedTuple):
    """What a command looks at; `op` is the day that was asked for, None for now."""

    store: SqlStore
    connection: Connection
    bereik: Bereik
    overeenkomsten: Overeenkomsten
    vandaag: date
    op: date | None

    @property
    def bron(self) -> Verplichtingenbron:
        """The assignments and lines as they were known at the end of the day, or are now.

        Raises WrongUse where the store has nothing of that day or before.
        """
        if self.op is None:
            return Verplichtingenbron(self.connection, self.bereik)
        known = history_on(self.connection, self.op + timedelta(days=1))
        if known.peil is None:
            raise WrongUse(f"--clock {self.op}: de opslag heeft niets van deze dag of daarvoor")
        return Verplichtingenbron(self.connection, self.bereik, known.peil)


@click.command("commitments")
@JAAR
@click.option("--per", type=click.Choice([*PER, TOEWIJZING]), default="wet", show_default=True)
@_options
def commitments(jaar: int | None, per: str, **given: Any) -> int:
    """Toont per toewijzing of groep wat is verplicht, gerealiseerd, verwacht en vrijgevallen."""
    vorm = uitvoer.vorm_of(as_json=given["as_json"], as_csv=given["as_csv"])
    with _opened(given) as blik:
        peil = Peil(blik.vandaag, jaar or blik.vandaag.year)
        totaal = Som()
        names: tuple[str, ...] = uitvoer.VAN_TOEWIJZING
        if per == TOEWIJZING:
            rows = uitvoer.assignment_rows(
                getoond(
                    blik.store,
                    "verplichtingen per toewijzing bekijken",
                    _counted(blik, peil, totaal),
                    lambda een: [(een.toegewezen.gemeente, een.toegewezen.client)],
                    f"jaar {peil.jaar}",
                )
            )
        else:
            opname = take_stock(blik.bron, blik.overeenkomsten, peil)
            totaal.plus(opname.totaal)
            rows = uitvoer.sum_rows(PER[per], opname.per(key_for(per)))
            names = (*PER[per], *uitvoer.VAN_SOM)
        return uitvoer.show_commitments(
            vorm, peil, names, rows, totaal, lambda: blik.bron.gerealiseerd(peil.jaar)
        )


@click.command("forecast")
@JAAR
@click.option("--per", type=click.Choice(list(PER)), default="wet", show_default=True)
@_options
def forecast_command(jaar: int | None, per: str, **given: Any) -> int:
    """Schat wat een jaar kost: wat is toegekend, wat nog komt, en hoe dat is berekend."""
    vorm = uitvoer.vorm_of(as_json=given["as_json"], as_csv=given["as_csv"])
    with _opened(given) as blik:
        peil = Peil(blik.vandaag, jaar or blik.vandaag.year)
        opname = take_stock(blik.bron, blik.overeenkomsten, peil)
        ledger = blik.bron.gerealiseerd(peil.jaar)
    return uitvoer.show_forecast(vorm, opname, forecast(opname), per, ledger)


@click.command("backtest")
@click.option(
    "--jaren",
    type=click.IntRange(1, 10),
    default=2,
    show_default=True,
    help="Over hoeveel jaren vóór dit jaar.",
)
@click.option("--per", type=click.Choice(list(PER)), default="wet", show_default=True)
@_options
def backtest(jaren: int, per: str, **given: Any) -> int:
    """Maakt prognoses van vorige jaren opnieuw, en vergelijkt ze met wat het werd."""
    vorm = uitvoer.vorm_of(as_json=given["as_json"], as_csv=given["as_csv"])
    with _opened(given) as blik:
        found = looks_back(
            blik.connection,
            blik.bereik,
            blik.overeenkomsten,
            blik.vandaag,
            jaren,
        )
        uitvoer.show_backtest(vorm, per, found)
    return 0


def _counted(blik: _Blik, peil: Peil, totaal: Som) -> Iterator[Verplichting]:
    """Assignments one at a time, added up while they go by."""
    for een in obligations(blik.bron, blik.overeenkomsten, peil):
        totaal.tel(een)
        yield een


@contextmanager
def _opened(given: dict[str, Any]) -> Iterator[_Blik]:
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    vandaag = _day(given["clock"])
    overeenkomsten = load_agreements(given["agreements"] or settings.agreements, load_lists())
    with opened_store(settings, given["store"], of_gemeente=True) as opened:
        bereik = bereik_van(opened, given["gemeente"])
        with opened.database.long_snapshot(bereik.scope) as connection:
            op = vandaag if given["clock"] else None
            yield _Blik(opened, connection, bereik, overeenkomsten, vandaag, op)


def _day(text: str | None) -> date:
    if text is None:
        return dag_van(datetime.now(UTC))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--clock {text}: dit is geen datum als 2025-12-05") from error
