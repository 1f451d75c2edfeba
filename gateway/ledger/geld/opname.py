"""Adds obligations up per law, category, provider and municipality, in one pass over all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.geld.aangifte import Aangifte, Tempo, mature, measured_months
from gateway.ledger.geld.maandplan import Prijzen
from gateway.ledger.geld.verplichting import (
    Groep,
    Peil,
    Toegewezen,
    Verplichting,
    obligation,
)
from gateway.periods.maandnummers import first_day, last_day, month_number
from gateway.periods.verdelen import filled

BEDRAGEN = ("verplicht", "gerealiseerd", "verwacht", "vrijgevallen", "boven")
Sleutel = tuple[str, ...]
# The ways of adding up, each with the names of its key.
PER: Mapping[str, tuple[str, ...]] = {
    "wet": ("wet",),
    "categorie": ("wet", "categorie"),
    "aanbieder": ("aanbieder",),
    "gemeente": ("gemeente",),
    "groep": Groep._fields,
}


def key_for(per: str) -> Callable[[Groep], Sleutel]:
    """What picks the key of one way of adding up out of a group."""
    names = PER[per]

    def key(groep: Groep) -> Sleutel:
        return tuple(getattr(groep, name) for name in names)

    return key


class Bron(Protocol):
    """What the store hands out, all of one moment and within what may be seen."""

    def toewijzingen(self) -> Iterator[Toegewezen]:
        """Every number of every party, with its versions, lines and stop."""

    def aangiften(self, begin: date, end: date) -> Iterator[Aangifte]:
        """What was granted of the months of delivery between two days, by Dagtekening."""


@dataclass(slots=True)
class Som:
    """What assignments come to in a year, in eurocents; see `verplichting` for what holds.

    `boven` is the part of `gerealiseerd` that goes beyond its assignment.  `zonder_prijs` counts
    the assignments of which a month has no price, `los` is what was granted on numbers that nobody
    knows.  `clienten` are fingerprints, and `achter` those behind each amount by its name; all whom
    nobody knows are one there.
    """

    toewijzingen: int = 0
    verplicht: int = 0
    gerealiseerd: int = 0
    verwacht: int = 0
    vrijgevallen: int = 0
    boven: int = 0
    zonder_prijs: int = 0
    los: int = 0
    clienten: set[str] = field(default_factory=set)
    achter: dict[str, set[str]] = field(default_factory=dict)

    def tel(self, een: Verplichting) -> None:
        """Count an assignment that has anything in the year."""
        self.toewijzingen += bool(een.toegewezen.versies)
        self.zonder_prijs += een.zonder_prijs
        if een.toegewezen.client is not None:
            self.clienten.add(een.toegewezen.client)
        los = een.gerealiseerd if een.toegewezen.is_onbekend else 0
        self.los += los
        for name in BEDRAGEN:
            setattr(self, name, getattr(self, name) + getattr(een, name))
            self.note(name, een, getattr(een, name))
        self.note("los", een, los)
        self.note("zonder_prijs", een, een.zonder_prijs)

    def note(self, name: str, een: Verplichting, filled: object) -> None:
        """Note whose assignment is behind an amount, if it adds anything to it."""
        if filled:
            self.achter.setdefault(name, set()).add(een.toegewezen.client or "")

    def plus(self, other: Som) -> None:
        """Add another sum to this one."""
        self.clienten |= other.clienten
        for name, some in other.achter.items():
            self.achter.setdefault(name, set()).update(some)
        for name in ("toewijzingen", "zonder_prijs", "los", *BEDRAGEN):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Gegevens:
    """What a forecast needs to know of a group.

    Eurocents by month: `gerealiseerd`, `geleverd` (most that is delivered and not declared) and
    `komend` (left to be delivered).  `gebruikt` and `blootgesteld` are what was granted of how much
    in the last twelve months, as far as declared by now, over so many `toewijzingsmaanden`.
    `instroom` is what the assignments that began in those months oblige to, by the month in which
    they began and how many months later.
    """

    som: Som = field(default_factory=Som)
    gerealiseerd: dict[int, int] = field(default_factory=dict)
    geleverd: dict[int, int] = field(default_factory=dict)
    komend: dict[int, int] = field(default_factory=dict)
    gebruikt: int = 0
    blootgesteld: int = 0
    toewijzingsmaanden: int = 0
    begonnen: int = 0
    instroom: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class Opname:
    """All groups with what they come to, seen from one day.

    `sinds` is the first month in which any assignment begins, `begonnen` how many began by month.
    """

    peil: Peil
    tempo: Tempo
    groepen: dict[Groep, Gegevens] = field(default_factory=dict)
    sinds: int | None = None
    begonnen: dict[int, int] = field(default_factory=dict)

    @property
    def totaal(self) -> Som:
        """Everything together."""
        found = Som()
        for one in self.groepen.values():
            found.plus(one.som)
        return found

    def per(self, sleutel: Callable[[Groep], Sleutel]) -> Mapping[Sleutel, Som]:
        """The sums by any key of a group, in order of the key."""
        found: dict[Sleutel, Som] = {}
        for groep, gegevens in self.groepen.items():
            found.setdefault(sleutel(groep), Som()).plus(gegevens.som)
        return dict(sorted(found.items()))


def obligations(bron: Bron, overeenkomsten: Overeenkomsten, peil: Peil) -> Iterator[Verplichting]:
    """Every assignment that has anything in the year, one at a time."""
    prijzen = Prijzen(overeenkomsten)
    for toegewezen in bron.toewijzingen():
        found = obligation(toegewezen, prijzen, peil)
        if is_in_year(found, peil):
            yield found


def take_stock(bron: Bron, overeenkomsten: Overeenkomsten, peil: Peil) -> Opname:
    """Add everything up, with what a forecast needs; goes over all assignments and their lines."""
    tempo = _tempo(bron, peil)
    opname, prijzen = Opname(peil, tempo), Prijzen(overeenkomsten)
    for toegewezen in bron.toewijzingen():
        een = obligation(toegewezen, prijzen, peil)
        _note_begin(opname, een)
        gegevens = opname.groepen.get(toegewezen.groep) or Gegevens()
        if is_in_year(een, peil):
            gegevens.som.tel(een)
            _add(gegevens.gerealiseerd, _within(toegewezen.regels, peil.maanden))
            undeclared = _undeclared(een, tempo, peil)
            coming = _coming(een, undeclared, peil)
            _add(gegevens.geleverd, undeclared)
            _add(gegevens.komend, coming)
            gegevens.som.note("geleverd", een, undeclared)
            gegevens.som.note("komend", een, coming)
        _measure(gegevens, een, tempo, peil)
        if gegevens != Gegevens():
            opname.groepen[toegewezen.groep] = gegevens
    return opname


def _note_begin(opname: Opname, een: Verplichting) -> None:
    if een.plan.begin is None:
        return
    month = month_number(een.plan.begin)
    opname.sinds = month if opname.sinds is None else min(opname.sinds, month)
    opname.begonnen[month] = opname.begonnen.get(month, 0) + 1


def _tempo(bron: Bron, peil: Peil) -> Tempo:
    months = measured_months(peil.nu)
    found = bron.aangiften(first_day(months[0]), last_day(months[-1]))
    return Tempo(mature(found, peil.nu))


def is_in_year(een: Verplichting, peil: Peil) -> bool:
    """Whether an assignment runs in the year, or anything of it was granted or lost there."""
    plan = een.plan
    is_touched = any(one in plan.bedragen or one in plan.zonder_prijs for one in peil.maanden)
    return is_touched or bool(een.verplicht) or bool(een.gerealiseerd)


def _undeclared(een: Verplichting, tempo: Tempo, peil: Peil) -> Mapping[int, int]:
    """What past months of the year will still bring: the part of them that is declared later.

    Not more than what may still come of those months, the last ones first.
    """
    groep, plan = een.toegewezen.groep, een.plan

    def late(month: int, cents: int) -> int:
        return cents - tempo.deel(groep.wet, groep.categorie, month, peil.dag).of(cents)

    if plan.is_totaal and plan.einde is not None:
        month = min(month_number(plan.einde), peil.nu - 1)
        return {month: late(month, een.achterstallig)} if een.achterstallig else {}
    past = [one for one in reversed(peil.maanden) if one < peil.nu and one in plan.bedragen]
    taken = filled((late(one, plan.bedragen[one]) for one in past), een.achterstallig)
    return {month: cents for month, cents in zip(past, taken, strict=True) if cents}


def _coming(een: Verplichting, undeclared: Mapping[int, int], peil: Peil) -> Mapping[int, int]:
    """What still has to be delivered, by month of the year.

    What the month before leaves of a total that goes on is not lost: it comes from now on.
    """
    plan = een.plan
    goes_on = plan.is_totaal and plan.einde is not None and month_number(plan.einde) >= peil.nu
    left = een.achterstallig - sum(undeclared.values())
    if not goes_on or not left or peil.nu not in peil.maanden:
        return een.komend
    return {**een.komend, peil.nu: een.komend.get(peil.nu, 0) + left}


def _measure(gegevens: Gegevens, een: Verplichting, tempo: Tempo, peil: Peil) -> None:
    """How much of the last year was used, and what began in it."""
    plan, toegewezen = een.plan, een.toegewezen
    groep = toegewezen.groep
    for month in peil.meetmaanden:
        obliged = plan.bedragen.get(month)
        if obliged is None or month in plan.zonder_prijs:
            continue
        gegevens.blootgesteld += tempo.deel(groep.wet, groep.categorie, month, peil.dag).of(obliged)
        gegevens.gebruikt += toegewezen.regels.get(month, 0)
        gegevens.toewijzingsmaanden += 1
    if plan.begin is None or (first := month_number(plan.begin)) not in peil.meetmaanden:
        return
    gegevens.begonnen += 1
    # None of those that still have to begin gets older than this in the year.
    oldest = peil.maanden[-1] - peil.nu
    for month, cents in plan.bedragen.items():
        if cents and month - first <= oldest:
            gegevens.som.note("instroom", een, cents)
            key = (first, month - first)
            gegevens.instroom[key] = gegevens.instroom.get(key, 0) + cents


def _within(amounts: Mapping[int, int], maanden: range) -> Mapping[int, int]:
    return {month: cents for month, cents in amounts.items() if month in maanden and cents}


def _add(to: dict[int, int], amounts: Mapping[int, int]) -> None:
    for month, cents in amounts.items():
        to[month] = to.get(month, 0) + cents
