"""How far a year is: what was granted to each provider, what it told, and what has to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.stand import NIETS, Jaarstand
from gateway.store.jaareinde.afsluitingen import Afsluiting
from gateway.store.jaareinde.verantwoordingen import AKKOORD, Verantwoording
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

ONTBREEKT = "ontbreekt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanbiederjaar:
    """A provider in the year: what the last pack says, and its statement where there is one.

    `is_klein` tells that the difference is below the thresholds, None where none is known;
    `is_te_laat` that the statement should have been there.
    """

    aanbieder: str
    stand: Jaarstand
    verantwoording: Verantwoording | None
    is_klein: bool | None
    is_te_laat: bool

    @property
    def staat(self) -> str:
        """How far the statement is, in one word."""
        return ONTBREEKT if self.verantwoording is None else self.verantwoording.staat


@dataclass(frozen=True, slots=True, kw_only=True)
class Jaaroverzicht:
    """A year of a municipality; without a pack (`afsluiting`) nothing is known to be granted.

    `uiterlijk` is the last day for statements.
    """

    gemeente: str
    jaar: int
    uiterlijk: date
    afsluiting: Afsluiting | None
    aanbieders: Sequence[Aanbiederjaar]

    @property
    def akkoord(self) -> int:
        """With how many providers the year is agreed."""
        return sum(one.staat == AKKOORD for one in self.aanbieders)


def overview_of(
    store: SqlStore,
    bereik: Bereik,
    gemeente: str,
    jaar: int,
    instellingen: Instellingen,
    today: date,
) -> Jaaroverzicht:
    """The year by the last pack, in a fixed number of questions."""
    afsluiting = store.jaarafsluitingen.last(bereik, gemeente, jaar)
    standen = {}
    if afsluiting is not None:
        standen = dict(store.jaarafsluitingen.aanbieders(bereik, afsluiting.nummer))
    told = {one.aanbieder: one for one in store.verantwoordingen.list(bereik, gemeente, jaar)}
    is_over = today > instellingen.statement_day(jaar)
    found = []
    for aanbieder in sorted(standen.keys() | told.keys()):
        stand, own = standen.get(aanbieder, NIETS), told.get(aanbieder)
        found.append(
            Aanbiederjaar(
                aanbieder=aanbieder,
                stand=stand,
                verantwoording=own,
                is_klein=_is_small(own, instellingen),
                is_te_laat=is_over and own is None and stand.netto != 0,
            )
        )
    return Jaaroverzicht(
        gemeente=gemeente,
        jaar=jaar,
        uiterlijk=instellingen.statement_day(jaar),
        afsluiting=afsluiting,
        aanbieders=found,
    )


def _is_small(one: Verantwoording | None, instellingen: Instellingen) -> bool | None:
    if one is None or one.verschil is None or one.toegekend is None:
        return None
    return instellingen.is_small(one.verschil, one.toegekend)
