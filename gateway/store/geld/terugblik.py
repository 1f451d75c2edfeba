"""Makes the forecasts of earlier years again, by what the store knew on the day itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.geld.opname import take_stock
from gateway.ledger.geld.prognose import forecast
from gateway.ledger.geld.terugblik import (
    NAKOMEND_MAANDEN,
    Terugblik,
    days_to_look_back,
    look_back,
)
from gateway.ledger.geld.verplichting import Groep, Peil
from gateway.periods.maanden import years_before
from gateway.periods.maandnummers import first_day, month_number
from gateway.store.geld.verplichtingen import Geschiedenis, Verplichtingenbron, history_on
from gateway.toegang.wie import Bereik

NIETS_BEKEND = "de opslag heeft niets van vóór deze dag"


def looks_back(
    connection: Connection,
    bereik: Bereik,
    overeenkomsten: Overeenkomsten,
    vandaag: date,
    jaren: int,
) -> Iterator[Terugblik]:
    """The forecasts of the last years beside what came of them, the oldest first.

    Prices are those of now.  Each forecast goes over all assignments and lines once.
    """
    came: dict[int, Mapping[Groep, int]] = {}
    for dag in days_to_look_back(vandaag, jaren):
        known = history_on(connection, dag)
        if known.peil is None:
            yield Terugblik(dag, dag.year, {}, NIETS_BEKEND, is_bekend=False)
            continue
        if dag.year not in came:
            came[dag.year] = Verplichtingenbron(connection, bereik).per_groep(dag.year)
        bron = Verplichtingenbron(connection, bereik, known.peil)
        made = forecast(take_stock(bron, overeenkomsten, Peil(dag, dag.year)))
        yield look_back(made, came[dag.year], _remark(dag, vandaag, known))


def _remark(dag: date, vandaag: date, known: Geschiedenis) -> str:
    """What makes a comparison worth less."""
    told = []
    if known.vanaf is not None and known.vanaf > years_before(dag, 1):
        told.append(f"gemeten over minder dan een jaar: de opslag begint op {known.vanaf}")
    complete = first_day(month_number(date(dag.year, 12, 1)) + 1 + NAKOMEND_MAANDEN)
    if vandaag < complete:
        told.append(f"over {dag.year} kunnen nog regels komen")
    return "; ".join(told)
