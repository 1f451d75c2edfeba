"""From when on the 302 of a message is late, by the term of the standard (OP090)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from gateway.pipeline.kennis import AMSTERDAM, Kennis, dag_van

TOEWIJZING, ONTVANGER = "301", "ontvanger"
DAG = timedelta(days=1)


def answered_before(kennis: Kennis, wet: str, nu: datetime) -> float:
    """A 301 that was sent before this moment should have its 302 by now."""
    termijn = next(
        one
        for one in kennis.termijnen.values()
        if one.wie == ONTVANGER and one.is_about(wet, TOEWIJZING)
    )
    vandaag = dag_van(nu)
    sent = vandaag
    while termijn.last_day(sent, kennis.vrije_dagen) >= vandaag:
        sent -= DAG
    return _begin_of(sent + DAG)


def _begin_of(dag: date) -> float:
    return datetime.combine(dag, time(), tzinfo=AMSTERDAM).timestamp()
