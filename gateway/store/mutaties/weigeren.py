"""What of a batch is refused beforehand, so that it is seen before anybody releases it.

That is what cannot be planned, what the guard of a 301 refuses, and what would put the same product
twice on one day into a 301 (TR302).  All of it is looked at per client: a 301 is of one client,
with everything that is actual for him at an aanbieder (OP087).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from gateway.answers.vermindering import forbidden, reductions
from gateway.ledger.mutaties.plan import Gepland, planned
from gateway.ledger.mutaties.wijzen import Wijze
from gateway.pipeline.ports import Claim, Partijen
from gateway.pipeline.verleden import past_of
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.stapeling import Looptijd, clashes, period_of
from gateway.store.engine import Database
from gateway.store.facts import Facts
from gateway.store.inbox import Clock
from gateway.store.mutaties.keuze import KANDIDATEN, STANDS, Voorwaarde
from gateway.store.rijen import toewijzing_of
from gateway.store.tables import partij, toewijzing
from gateway.toegang.wie import Bereik

# Later than every judgement that there is.
NOW = 2**62

Lezing = Callable[[], AbstractContextManager[Callable[[Claim], Facts]]]
# A rule, "" for none, and one Dutch sentence.
Weigering = tuple[str, str]
Weigeringen = dict[int, Weigering]


@dataclass(frozen=True, slots=True)
class Keus:
    """What a batch is of: the conditions that its assignments meet, and how each is changed."""

    bereik: Bereik
    wanted: Sequence[Voorwaarde]
    wijze: Wijze
    vandaag: date


@dataclass(slots=True)
class Situatie:
    """One client today: what the batch plans for him, and what else he has here and elsewhere.

    `erbij` is what the batch changes or brings elsewhere that does not come from here, by the
    number that it comes from.
    """

    vandaag: date
    plans: list[Gepland] = field(default_factory=list)
    hier: list[ToegewezenProduct] = field(default_factory=list)
    elders: list[ToegewezenProduct] = field(default_factory=list)
    erbij: list[ToegewezenProduct] = field(default_factory=list)

    def take_in(self, een: Gepland, *, is_refused: bool, is_there: bool) -> None:
        """Count what a plan for an assignment elsewhere (`is_there`) or at a third party leaves."""
        if is_refused:
            if is_there and een.was.is_actueel(self.vandaag):
                self.elders.append(een.was)
            return
        if is_there and een.versie is not None and not een.versie.is_ingetrokken:
            self.erbij.append(een.versie)
        if een.nieuw is not None and een.is_elders != is_there:
            self.erbij.append(een.nieuw._replace(toewijzingnummer=een.was.toewijzingnummer))


class Weigeraar:
    """Looks up what a refusal depends on; a fixed number of statements for some clients."""

    def __init__(self, database: Database, clock: Clock, lezing: Lezing) -> None:
        self._database = database
        self._clock = clock
        self._lezing = lezing

    def refusals(self, keus: Keus, partijen: Partijen, clienten: Collection[str]) -> Weigeringen:
        """What is refused of these clients, by ToewijzingNummer."""
        situaties = {one: Situatie(keus.vandaag) for one in clienten}
        for client, product, is_chosen in self._standing(keus, partijen, clienten):
            if is_chosen:
                situaties[client].plans.append(planned(keus.wijze, product, keus.vandaag))
            elif product.is_actueel(keus.vandaag):
                situaties[client].hier.append(product)
        plans = [plan for one in situaties.values() for plan in one.plans]
        elders = {_elsewhere(partijen, one) for one in plans if one.is_elders}
        for other in elders:
            self._look_there(keus, partijen, other, situaties)
        refused = self._guarded(partijen, plans, keus.vandaag)
        refused |= {
            one.was.toewijzingnummer: one.bezwaar for one in plans if one.bezwaar is not None
        }
        for situatie in situaties.values():
            refused |= overlapping(situatie, partijen.wet, refused)
        return refused

    def _look_there(
        self, keus: Keus, partijen: Partijen, other: Partijen, situaties: Mapping[str, Situatie]
    ) -> None:
        """Take in what clients have at another party after the batch, but for what goes from here.

        What is chosen there, or beside both, is changed by the same batch; a batch is of one
        municipality.
        """
        is_in_batch = other.gemeente == partijen.gemeente
        plans: dict[str, list[tuple[str, Gepland]]] = {}
        for client, product, is_chosen in self._standing(keus, other, situaties):
            if is_chosen and is_in_batch:
                plan = planned(keus.wijze, product, keus.vandaag)
                plans.setdefault(other.aanbieder, []).append((client, plan))
            elif product.is_actueel(keus.vandaag):
                situaties[client].elders.append(product)
        if is_in_batch:
            for client, product in self._chosen_beside(keus, partijen, other, situaties):
                plan = planned(keus.wijze, product, keus.vandaag)
                plans.setdefault(product.aanbieder, []).append((client, plan))
        for aanbieder, own in plans.items():
            there = Partijen(partijen.gemeente, partijen.wet, aanbieder)
            refused = self._guarded(there, [plan for _, plan in own], keus.vandaag)
            for client, plan in own:
                is_refused = plan.bezwaar is not None or plan.was.toewijzingnummer in refused
                situaties[client].take_in(plan, is_refused=is_refused, is_there=there == other)

    def _chosen_beside(
        self, keus: Keus, partijen: Partijen, other: Partijen, clienten: Collection[str]
    ) -> Iterator[tuple[str, ToegewezenProduct]]:
        """What the batch is of for these clients at parties besides these two."""
        these = (partijen.aanbieder, other.aanbieder)
        beside = (partij.c.aanbieder.not_in(these), *keus.wanted)
        for client, product, _ in self._rows(keus, partijen, clienten, beside):
            yield client, product

    def _standing(
        self, keus: Keus, partijen: Partijen, clienten: Collection[str]
    ) -> Iterator[tuple[str, ToegewezenProduct, bool]]:
        """The assignments of clients that stand, and whether the batch is of them."""
        own = (partij.c.aanbieder == partijen.aanbieder,)
        return self._rows(keus, partijen, clienten, own)

    def _rows(
        self,
        keus: Keus,
        partijen: Partijen,
        clienten: Collection[str],
        welke: Sequence[Voorwaarde],
    ) -> Iterator[tuple[str, ToegewezenProduct, bool]]:
        query = (
            KANDIDATEN.add_columns(sa.and_(*keus.wanted))
            .where(
                partij.c.gemeente == partijen.gemeente,
                partij.c.wet == partijen.wet,
                toewijzing.c.bsn_hash.in_(sorted(clienten)),
                *welke,
                *STANDS,
            )
            .order_by(toewijzing.c.id)
        )
        with self._database.snapshot(keus.bereik.scope) as connection:
            rows = connection.execute(query).all()
        for row in rows:
            yield row[1], toewijzing_of(row[3:-1]), bool(row[-1])

    def _guarded(self, partijen: Partijen, plans: Sequence[Gepland], vandaag: date) -> Weigeringen:
        """What the guard of a 301 refuses."""
        versies = {one.was.toewijzingnummer: one.was for one in plans}
        given = [("", one.versie) for one in plans if one.versie is not None]
        found = list(reductions(given, versies))
        if not found:
            return {}
        claim = Claim(0, NOW, "", "", self._clock())
        with self._lezing() as facts_of:
            past = past_of(partijen, found, facts_of(claim))
        refused: Weigeringen = {}
        for one in found:
            for bezwaar in forbidden([one], past, vandaag):
                refused.setdefault(one.nummer, (bezwaar.rule, bezwaar.text))
        return refused


def _elsewhere(partijen: Partijen, een: Gepland) -> Partijen:
    """Between whom care goes on that leaves here."""
    gemeente, aanbieder = een.gemeente or partijen.gemeente, een.aanbieder or partijen.aanbieder
    return Partijen(gemeente, partijen.wet, aanbieder)


def overlapping(situatie: Situatie, wet: str, refused: Mapping[int, Weigering]) -> Weigeringen:
    """What may not go because the same product would be there twice for one day (TR302).

    What is refused stays as it was, and may then be in the way of another: it is looked at again
    until nothing more is refused.  Of two that overlap all are refused that the batch changes;
    where it changes neither, nothing of this client can go.
    """
    found: Weigeringen = {}
    while new := _clashing(situatie, wet, {*refused, *found}):
        found |= new
    return found


def _clashing(situatie: Situatie, wet: str, refused: Collection[int]) -> Weigeringen:
    changing: set[int] = set()
    # What each product comes from in the batch (below nothing: not from here), and what a reader
    # knows it by.
    hier = {period_of(one): (0, f"toewijzing {one.toewijzingnummer}") for one in situatie.hier}
    elders = {period_of(one): (0, f"toewijzing {one.toewijzingnummer}") for one in situatie.elders}
    elders |= {
        period_of(one): (-one.toewijzingnummer, f"toewijzing {one.toewijzingnummer}")
        for one in situatie.erbij
    }
    for plan in situatie.plans:
        nummer, name = plan.was.toewijzingnummer, f"toewijzing {plan.was.toewijzingnummer}"
        if nummer in refused:
            if plan.was.is_actueel(situatie.vandaag):
                hier[period_of(plan.was)] = (0, name)
            continue
        changing.add(nummer)
        if plan.versie is not None and not plan.versie.is_ingetrokken:
            hier[period_of(plan.versie)] = (nummer, name)
        if plan.nieuw is not None:
            # Two that go on alike are told apart by what they come from.
            goes_on = period_of(plan.nieuw._replace(toewijzingnummer=nummer))
            (elders if plan.is_elders else hier)[goes_on] = (nummer, f"het vervolg van {name}")
    found: Weigeringen = {}
    for side in (hier, elders):
        for earlier, later in clashes(side, wet):
            pair = {side[one][0] for one in (earlier, later)}
            if not pair & changing and pair != {0}:
                continue  # what is not from here is refused where it is from
            for nummer in pair & changing or changing:
                found.setdefault(nummer, ("TR302", _told(later, side[earlier][1], side[later][1])))
    return found


def _told(later: Looptijd, one: str, other: str) -> str:
    return (
        f"vanaf {later.begin} staan {one} en {other} naast elkaar voor hetzelfde product; "
        "zo'n bericht keurt de aanbieder af"
    )
