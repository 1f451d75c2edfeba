"""Tells an aanbieder of assignments on which more stands granted than a later 301 lets stand.

The check that spoke of it says where to look; whether it is still so, the facts of now say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.deviations.toegekend import BUITEN
from gateway.ledger.correctie.buiten import too_much
from gateway.pipeline.gather import own_versions
from gateway.pipeline.ports import FactSource, Partijen
from gateway.records.batch import Stand
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from gateway.werk.correctie import now_at

DAG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Buitenmelding:
    """How many assignments of a municipality and law it is about.

    `vanaf` is the first day of which lines may have to be credited.
    """

    partijen: Partijen
    toewijzingen: int
    vanaf: date


def notices(store: SqlStore, bereik: Bereik, moment: datetime) -> Sequence[Buitenmelding]:
    """What an aanbieder has to put right by itself; one query where that is nothing."""
    found = store.werkvoorraad.toewijzingen(bereik, BUITEN)
    if not found:
        return []
    with store.reading() as facts_of:
        facts = facts_of(now_at(moment))
        days = {
            partijen: list(_first_days(partijen, nummers, facts))
            for partijen, nummers in found.items()
        }
    return [
        Buitenmelding(partijen, len(first), min(first)) for partijen, first in days.items() if first
    ]


def _first_days(partijen: Partijen, nummers: Sequence[int], facts: FactSource) -> Iterator[date]:
    """Of each assignment that is granted too much the first day that may be too much."""
    versies = own_versions(facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen)
    standen = facts.stand(partijen, nummers)
    until = facts.gedeclareerd_tot(partijen, nummers)
    for nummer, found in versies.items():
        first = _first_day(found[-1], standen.get(nummer, Stand()), until.get(nummer))
        if first is not None:
            yield first


def _first_day(one: ToegewezenProduct, stand: Stand, until: date | None) -> date | None:
    if too_much(one, stand) is not None:
        return one.ingangsdatum
    if until is None or one.einddatum is None or until <= one.einddatum:
        return None
    return one.einddatum + DAG
