"""What the assignments of a batch oblige to by month, before and after, as commitments count it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.ledger.geld.maandplan import NIETS, Maandplan, Prijzen, month_plan
from gateway.ledger.mutaties.plan import DAG, Gepland
from gateway.ledger.mutaties.wijzen import Indexatie, Verlenging, Wijze
from gateway.periods.maandnummers import first_day, month_number
from gateway.records.toewijzing import ToegewezenProduct

Maanden = Mapping[int, int]  # eurocents by month, see `maandnummers`


@dataclass(frozen=True, slots=True)
class Waarde:
    """One assignment of a batch: before, after, and the part of that which goes on elsewhere.

    A month without a price counts on neither side.  `is_bekend` is False where that is a month
    that changes.
    """

    voor: Maanden
    hier: Maanden
    elders: Maanden
    is_bekend: bool = True

    @property
    def na(self) -> Maanden:
        """What comes in the place of `voor`."""
        return _together([self.hier, self.elders])


@dataclass(frozen=True, slots=True)
class Waardering:
    """How the assignments of a municipality under a law are valued for a way of changing.

    What has no end counts up to `tot`, or the end of the year in which it begins.
    """

    prijzen: Prijzen
    wijze: Wijze
    gemeente: str
    wet: str
    tot: date

    def of(self, een: Gepland, gestopt: date | None = None) -> Waarde:
        """What an assignment comes to; `gestopt` is the day of its definitive stop."""
        voor = self._plan(een.was, gestopt)
        versie = self._next(een, gestopt)
        nieuw = NIETS if een.nieuw is None else self._new(een, een.nieuw)
        unpriced = voor.zonder_prijs | versie.zonder_prijs | nieuw.zonder_prijs
        before, own, other = (
            {month: cents for month, cents in plan.bedragen.items() if month not in unpriced}
            for plan in (voor, versie, nieuw)
        )
        changes = month_number(self._changes_from(een.was))
        return Waarde(
            voor=before,
            hier=own if een.is_elders else _together([own, other]),
            elders=other if een.is_elders else {},
            is_bekend=all(month < changes for month in unpriced),
        )

    def _next(self, een: Gepland, gestopt: date | None) -> Maandplan:
        """The next version; what an indexation adds to a whole is for the days from its own."""
        was, versie = een.was, een.versie
        if versie is None:
            return NIETS
        if not isinstance(self.wijze, Indexatie) or een.nieuw is not None:
            return self._plan(versie, gestopt)
        name = "volume" if was.budget is None else "budget"
        more = getattr(versie, name) - getattr(was, name)
        changes: dict[str, Any] = {"ingangsdatum": self._changes_from(was), name: abs(more)}
        before, added = self._plan(was, gestopt), self._plan(was._replace(**changes), gestopt)
        signed = {month: cents if more > 0 else -cents for month, cents in added.bedragen.items()}
        return Maandplan(_together([before.bedragen, signed]), before.zonder_prijs)

    def _new(self, een: Gepland, nieuw: ToegewezenProduct) -> Maandplan:
        own = nieuw if een.aanbieder is None else nieuw._replace(aanbieder=een.aanbieder)
        return self._plan(own, None, een.gemeente)

    def _plan(
        self, one: ToegewezenProduct, gestopt: date | None, gemeente: str | None = None
    ) -> Maandplan:
        last = date(one.ingangsdatum.year, 12, 31)
        horizon = one.einddatum or max(self.tot, last)
        place = gemeente or self.gemeente
        return month_plan(place, self.wet, one, self.prijzen, horizon, gestopt)

    def _changes_from(self, was: ToegewezenProduct) -> date:
        if isinstance(self.wijze, Verlenging):
            return was.ingangsdatum if was.einddatum is None else was.einddatum + DAG
        return max(self.wijze.vanaf, was.ingangsdatum)


def counted_until(wijze: Wijze, dag: date) -> date:
    """Up to when an assignment without an end counts in a batch that was made on a day."""
    changes = dag if isinstance(wijze, Verlenging) else wijze.vanaf
    return date(max(dag.year, changes.year), 12, 31)


def per_year(maanden: Maanden) -> Mapping[int, int]:
    """Amounts by calendar year."""
    found: dict[int, int] = {}
    for month, cents in maanden.items():
        year = first_day(month).year
        found[year] = found.get(year, 0) + cents
    return found


def _together(some: Iterable[Maanden]) -> Maanden:
    found: dict[int, int] = {}
    for one in some:
        for month, cents in one.items():
            found[month] = found.get(month, 0) + cents
    return found
