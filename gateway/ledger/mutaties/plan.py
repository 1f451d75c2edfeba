"""The next version of an assignment in a batch, by what the life cycle of a 301 lets change.

Einddatum, Budget, and Volume at frequency 6 change under the same number (OP257); for anything else
the number ends and a new one goes on (IV066).  A number of which nothing is left is deleted (13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from gateway.ledger.geld.maandplan import EURO
from gateway.ledger.mutaties.wijzen import (
    Contractwijziging,
    Herindeling,
    Indexatie,
    Verlenging,
    Wijze,
)
from gateway.periods.bedragen import half_up
from gateway.periods.volume import TOTAAL
from gateway.periods.weken import days
from gateway.records.toewijzing import ToegewezenProduct

VERWIJDERD = "13"
NIEUW = 0  # the number of what has none yet
DAG = timedelta(days=1)
WHOLE = 10_000  # hundredths of a percent


class Gepland(NamedTuple):
    """What becomes of one assignment: its next version, and what goes on under a new number.

    `gemeente` and `aanbieder` are filled where it goes on elsewhere.  With `bezwaar`, a rule (or
    "" for none) and one Dutch sentence, nothing becomes of it.
    """

    was: ToegewezenProduct
    versie: ToegewezenProduct | None = None
    nieuw: ToegewezenProduct | None = None
    gemeente: str | None = None
    aanbieder: str | None = None
    bezwaar: tuple[str, str] | None = None

    @property
    def is_elders(self) -> bool:
        """Whether what goes on is at another municipality or aanbieder."""
        return self.gemeente is not None or self.aanbieder is not None


def planned(wijze: Wijze, was: ToegewezenProduct, vandaag: date) -> Gepland:
    """What a way of changing makes of an assignment that stands."""
    plan: Callable[[Any, ToegewezenProduct, date], Gepland] = _PLANS[type(wijze)]
    return plan(wijze, was, vandaag)


def part_from(one: ToegewezenProduct, vanaf: date, bedrag: int) -> int:
    """The part of an amount that is for the days from a day on, rounded once."""
    end = one.einddatum
    if vanaf <= one.ingangsdatum or end is None:
        return bedrag
    return half_up(bedrag * max(0, days(vanaf, end)), days(one.ingangsdatum, end))


def _refused(was: ToegewezenProduct, regel: str, tekst: str) -> Gepland:
    return Gepland(was, bezwaar=(regel, tekst))


def _indexed(wijze: Indexatie, was: ToegewezenProduct, vandaag: date) -> Gepland:
    if was.einddatum is not None and was.einddatum < wijze.vanaf:
        return _refused(was, "", f"eindigt vóór {wijze.vanaf}")
    in_euros = was.eenheid == EURO
    if was.budget is None and not in_euros:
        text = "er staat geen bedrag in deze toewijzing: de prijs volgt uit de overeenkomst"
        return _refused(was, "", text)
    before = was.budget if was.budget is not None else was.volume or 0
    is_whole = was.budget is not None or was.frequentie == TOTAAL
    base = part_from(was, wijze.vanaf, before) if is_whole else before
    raised = before * WHOLE + base * wijze.basispunten
    after = half_up(raised, WHOLE * wijze.afronding) * wijze.afronding
    if after == before:
        return _refused(was, "IV099", "het bedrag verandert niet door deze indexatie")
    if was.budget is not None:
        return Gepland(was, was._replace(budget=after, reden_wijziging=wijze.reden))
    if is_whole:
        return Gepland(was, was._replace(volume=after, reden_wijziging=wijze.reden))
    return _replaced(was, wijze.vanaf, wijze.reden, {"volume": after})


def _contracted(wijze: Contractwijziging, was: ToegewezenProduct, vandaag: date) -> Gepland:
    if was.einddatum is not None and was.einddatum < wijze.vanaf:
        return _refused(was, "", f"eindigt vóór {wijze.vanaf}")
    given = {
        "productcategorie": wijze.productcategorie,
        "productcode": wijze.productcode,
        "eenheid": wijze.eenheid if was.omvang else None,
        "frequentie": wijze.frequentie if was.omvang else None,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if was.volume is not None:
        changes["volume"] = half_up(was.volume * wijze.teller, wijze.noemer)
        if changes["volume"] == 0:
            return _refused(was, "", "na omrekenen blijft er geen volume over")
    same = all(getattr(was, name) == value for name, value in changes.items())
    if same and wijze.aanbieder in (None, was.aanbieder):
        return _refused(was, "OP380", "er verandert niets aan de zorg: verleng in plaats daarvan")
    elders = None if wijze.aanbieder == was.aanbieder else wijze.aanbieder
    found = _replaced(was, wijze.vanaf, wijze.reden, changes, verlaag=wijze.verlaag)
    return found._replace(aanbieder=elders)


def _prolonged(wijze: Verlenging, was: ToegewezenProduct, vandaag: date) -> Gepland:
    if was.einddatum is None:
        return _refused(was, "OP380", "heeft geen einddatum en loopt dus al door")
    if was.einddatum < vandaag:
        text = "de einddatum is voorbij: verlengen kan niet meer, geef een nieuwe toewijzing"
        return _refused(was, "OP380", text)
    if was.einddatum >= wijze.tot:
        return _refused(was, "", f"loopt al tot en met {was.einddatum}")
    changes: dict[str, Any] = {"einddatum": wijze.tot, "reden_wijziging": wijze.reden}
    if wijze.naar_rato:
        now = days(was.ingangsdatum, was.einddatum)
        then = days(was.ingangsdatum, wijze.tot)
        if was.budget is not None:
            changes["budget"] = half_up(was.budget * then, now)
        elif was.frequentie == TOTAAL and was.volume is not None:
            changes["volume"] = half_up(was.volume * then, now)
    return Gepland(was, was._replace(**changes))


def _redivided(wijze: Herindeling, was: ToegewezenProduct, vandaag: date) -> Gepland:
    if was.einddatum is not None and was.einddatum < wijze.vanaf:
        return _refused(was, "", f"eindigt vóór {wijze.vanaf} en blijft bij de oude gemeente")
    found = _replaced(was, wijze.vanaf, wijze.reden, {}, verlaag=wijze.verlaag)
    return found._replace(gemeente=wijze.naar)


def _replaced(
    was: ToegewezenProduct,
    vanaf: date,
    reden: str,
    changes: Mapping[str, Any],
    *,
    verlaag: bool = False,
) -> Gepland:
    """An assignment that ends the day before, and what goes on from the day with changes.

    What is for the whole duration goes on for the days that are left.
    """
    first = max(vanaf, was.ingangsdatum)
    nieuw = was._replace(
        toewijzingnummer=NIEUW,
        ingangsdatum=first,
        reden_wijziging=None,
        referentie_aanbieder=None,
        **changes,
    )
    if first == was.ingangsdatum:
        ended = was._replace(einddatum=first, reden_wijziging=VERWIJDERD)
        return Gepland(was, ended, nieuw)
    ended = was._replace(einddatum=first - DAG, reden_wijziging=reden)
    if was.budget is not None:
        left = part_from(was, first, was.budget)
        nieuw = nieuw._replace(budget=left)
        ended = ended._replace(budget=was.budget - left) if verlaag else ended
    elif was.frequentie == TOTAAL and was.volume is not None and nieuw.volume is not None:
        nieuw = nieuw._replace(volume=part_from(was, first, nieuw.volume))
        left = part_from(was, first, was.volume)
        ended = ended._replace(volume=was.volume - left) if verlaag else ended
    return Gepland(was, ended, nieuw)


_PLANS: Mapping[type, Callable[[Any, ToegewezenProduct, date], Gepland]] = {
    Indexatie: _indexed,
    Contractwijziging: _contracted,
    Verlenging: _prolonged,
    Herindeling: _redivided,
}
