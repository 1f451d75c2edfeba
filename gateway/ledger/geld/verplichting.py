"""An assignment as an obligation: what is realised, still expected, and released again.

Per assignment and calendar year, to the cent:

    verplicht = gerealiseerd + verwacht + vrijgevallen

What is granted beyond the assignment (`boven`) is part of `gerealiseerd` and so of `verplicht`: it
was paid for, and nothing less is expected elsewhere because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from gateway.ledger.geld.instroom import JAAR_MAANDEN
from gateway.ledger.geld.maandplan import NIETS, Maandplan, Prijzen, month_plan
from gateway.periods.maandnummers import (
    first_day,
    last_day,
    month_number,
    months_of_year,
)
from gateway.periods.verdelen import by_weight, filled
from gateway.periods.weken import days
from gateway.records.toewijzing import ToegewezenProduct

# What an assignment without a category of its own, and a line without an assignment, stand under.
GENERIEK = "generiek"
DAG = timedelta(days=1)


class Groep(NamedTuple):
    """By what obligations are added up."""

    wet: str
    categorie: str
    aanbieder: str
    gemeente: str


@dataclass(frozen=True)
class Peil:
    """From which day is looked (everything before it is known), and at which year of delivery."""

    dag: date
    jaar: int

    @cached_property
    def nu(self) -> int:
        """The month of the day: care of this month and later still has to be delivered."""
        return month_number(self.dag)

    @cached_property
    def maanden(self) -> range:
        """The months of the year."""
        return months_of_year(self.jaar)

    @cached_property
    def meetmaanden(self) -> range:
        """The last twelve full months."""
        return range(self.nu - JAAR_MAANDEN, self.nu)

    @cached_property
    def horizon(self) -> date:
        """Up to when an assignment without an end is counted."""
        return max(date(self.jaar, 12, 31), last_day(self.nu - 1))


class Versie(NamedTuple):
    """A version of an assignment, and the 301 that it came in (None: not known)."""

    product: ToegewezenProduct
    inbox_id: int | None


class Stop(NamedTuple):
    """A definitive stop; `volgnr` is the number of the judgement that took it in."""

    einddatum: date
    volgnr: int


class Toegewezen(NamedTuple):
    """One ToewijzingNummer of a party: its versions (oldest first), and what was granted on it.

    `regels` are eurocents by month of delivery, credits subtracted.  Lines on a number that nobody
    knows have no version; of a client who was erased they have a number below zero.  Outside the
    message traffic (`buiten`) there is no party; the number is that of an assignment by hand, or 0
    for invoices on none.
    """

    partij: int
    nummer: int
    gemeente: str
    wet: str
    aanbieder: str
    client: str | None
    versies: Sequence[Versie]
    stop: Stop | None
    regels: Mapping[int, int]
    categorie: str | None = None
    buiten: bool = False

    @property
    def is_onbekend(self) -> bool:
        """Whether nobody knows, or ever knew, the number."""
        return not self.versies and self.nummer > 0

    @property
    def groep(self) -> Groep:
        """Where it is counted: by the category of its last version."""
        own = self.versies[-1].product.productcategorie if self.versies else self.categorie
        return Groep(self.wet, own or GENERIEK, self.aanbieder, self.gemeente)


class Vrijval(NamedTuple):
    """What a smaller or withdrawn version, a stop, or the end of a term took away from the year."""

    soort: str
    datum: date
    bedrag: int
    inbox_id: int | None
    volgnr: int | None


KLEINER, INGETROKKEN, GESTOPT = "kleinere toewijzing", "ingetrokken", "gestopt"
VERLOPEN = "niet meer te declareren"


@dataclass(frozen=True, slots=True)
class Verplichting:
    """An assignment in one year, in eurocents.

    `verwacht` is the most that may still come: `achterstallig` over months that are past, the rest
    (`komend`, by month) over what still has to be delivered.  `zonder_prijs`: of a month of the
    year nobody knows the price, so that nothing is expected of that month.
    """

    toegewezen: Toegewezen
    plan: Maandplan
    gerealiseerd: int
    achterstallig: int
    komend: Mapping[int, int]
    boven: int
    zonder_prijs: bool
    vrijval: Sequence[Vrijval] = field(default_factory=tuple)

    @property
    def verwacht(self) -> int:
        """The most that may still be granted."""
        return self.achterstallig + sum(self.komend.values())

    @property
    def vrijgevallen(self) -> int:
        """What was obliged once and is no longer."""
        return sum(one.bedrag for one in self.vrijval)

    @property
    def verplicht(self) -> int:
        """What was ever obliged, with what was granted beyond it."""
        return self.gerealiseerd + self.verwacht + self.vrijgevallen


def obligation(toegewezen: Toegewezen, prijzen: Prijzen, peil: Peil) -> Verplichting:
    """What an assignment comes to in the year."""
    plans = list(_plans(toegewezen, prijzen, peil))
    plan = plans[-1][0] if plans else NIETS
    unpriced = [one for one in peil.maanden if one in plan.zonder_prijs]
    regels = toegewezen.regels
    realised = sum(regels.get(one, 0) for one in peil.maanden)
    is_unknown = bool(unpriced) or not toegewezen.versies
    expects = _total if plan.is_totaal else _periodic
    found = expects(plan, regels, peil, _declarable(toegewezen, prijzen))
    return Verplichting(
        toegewezen=toegewezen,
        plan=plan,
        gerealiseerd=realised,
        achterstallig=found.achterstallig,
        komend=found.komend,
        boven=0 if is_unknown else found.boven,
        zonder_prijs=bool(unpriced),
        vrijval=(*_released(plans, peil), *found.verlopen),
    )


# The last day on which care up to a day can be declared.
Declarabel = Callable[[date], date]


class Verwachting(NamedTuple):
    """What may still come of an assignment, what went beyond it, and what can come no more."""

    achterstallig: int
    komend: Mapping[int, int]
    boven: int
    verlopen: Sequence[Vrijval] = ()


def _declarable(toegewezen: Toegewezen, prijzen: Prijzen) -> Declarabel:
    if toegewezen.buiten:
        # No term is about what is outside the message traffic.
        return lambda _dag: date.max

    def until(dag: date) -> date:
        product = toegewezen.versies[-1].product
        return prijzen.declarable_until(toegewezen.gemeente, toegewezen.wet, product, dag)

    return until


def _periodic(
    plan: Maandplan, regels: Mapping[int, int], peil: Peil, until: Declarabel
) -> Verwachting:
    """A volume per day, week or month: what a year leaves unused does not go to the next.

    Each month has a term of its own; what other months used beyond theirs, these may have left.
    """
    known = [one for one in peil.maanden if one not in plan.zonder_prijs]
    obliged = sum(plan.bedragen.get(one, 0) for one in known)
    used = sum(regels.get(one, 0) for one in known)
    left, beyond = max(0, obliged - used), max(0, used - obliged)
    ends = _ended(plan, known, peil, until) if left else {}
    ahead = [one for one in known if one >= peil.nu and one in plan.bedragen and one not in ends]
    taken = filled((plan.bedragen[one] for one in ahead), left)
    coming = {month: cents for month, cents in zip(ahead, taken, strict=True) if cents}
    behind = left - sum(taken)
    unused = sum(plan.bedragen[one] - regels.get(one, 0) for one in ends)
    lost = max(0, min(behind, unused))
    return Verwachting(behind - lost, coming, beyond, _lapsed(lost, ends.values()))


def _ended(
    plan: Maandplan, maanden: Iterable[int], peil: Peil, until: Declarabel
) -> Mapping[int, date]:
    """The months of which nothing can be declared any more, with the last day of their term."""
    found = {}
    for one in maanden:
        last = last_day(one) if plan.einde is None else min(last_day(one), plan.einde)
        if one in plan.bedragen and last < peil.dag and (day := until(last)) < peil.dag:
            found[one] = day
    return found


def _lapsed(bedrag: int, days_: Iterable[date]) -> Sequence[Vrijval]:
    """What fell free on the day after the last of the terms."""
    return [Vrijval(VERLOPEN, max(days_) + DAG, bedrag, None, None)] if bedrag else []


def _total(
    plan: Maandplan, regels: Mapping[int, int], peil: Peil, until: Declarabel
) -> Verwachting:
    """One amount for the whole: what is left of it is spread over the days that are left.

    Those begin with the month before: that is the one that is being declared.
    """
    whole = sum(plan.bedragen.values())
    last = peil.maanden[-1]
    upto = sum(cents for month, cents in regels.items() if month <= last)
    before = sum(cents for month, cents in regels.items() if month < peil.maanden[0])
    left = max(0, whole - sum(regels.values()))
    beyond = max(0, max(0, upto - whole) - max(0, before - whole))
    if plan.einde is None or plan.begin is None or not left:
        return Verwachting(0, {}, beyond)
    end = month_number(plan.einde)
    own_left = left if end in peil.maanden else 0
    if ends := _ended(plan, [end], peil, until):
        return Verwachting(0, {}, beyond, _lapsed(own_left, ends.values()))
    if end < peil.nu:
        return Verwachting(own_left, {}, beyond)
    begin = max(plan.begin, first_day(peil.nu - 1))
    months = range(month_number(begin), end + 1)
    gewichten = [days(max(first_day(one), begin), min(last_day(one), plan.einde)) for one in months]
    parts = by_weight(left, gewichten)
    own = {m: cents for m, cents in zip(months, parts, strict=True) if m in peil.maanden}
    coming = {month: cents for month, cents in own.items() if month >= peil.nu}
    return Verwachting(sum(own.values()) - sum(coming.values()), coming, beyond)


Stap = tuple[Maandplan, str, date, Versie | None, Stop | None]


def _plans(toegewezen: Toegewezen, prijzen: Prijzen, peil: Peil) -> Iterator[Stap]:
    """The plan of each version in order, and at the end the one that a stop leaves of it."""

    def made(product: ToegewezenProduct, gestopt: date | None = None) -> Maandplan:
        own = toegewezen
        return month_plan(own.gemeente, own.wet, product, prijzen, peil.horizon, gestopt)

    for versie in toegewezen.versies:
        product = versie.product
        is_gone = product.is_verwijderd or product.is_ingetrokken
        soort = INGETROKKEN if is_gone else KLEINER
        yield made(product), soort, product.toewijzingsdatum, versie, None
    stop = toegewezen.stop
    if stop is not None and toegewezen.versies:
        last = toegewezen.versies[-1].product
        yield made(last, stop.einddatum), GESTOPT, stop.einddatum, None, stop


def _released(plans: Sequence[Stap], peil: Peil) -> Iterator[Vrijval]:
    """Where a plan came to less in the year than the one before it."""
    for before, after in pairwise(plans):
        plan, soort, datum, versie, stop = after
        less = before[0].over(peil.maanden) - plan.over(peil.maanden)
        if less > 0:
            inbox_id = None if versie is None else versie.inbox_id
            yield Vrijval(soort, datum, less, inbox_id, None if stop is None else stop.volgnr)
