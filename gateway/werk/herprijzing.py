"""Prices granted lines again: by agreements that come, or by those in use.

A report for who changes prices after the fact: per provider what it should credit and claim anew.
Whoever publishes an agreement counts by the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from gateway.errors import CouldNotFinish
from gateway.ledger.correctie.regels import Correctie
from gateway.ledger.correctie.totaal import Som, Totalen
from gateway.pipeline.correctie.anders import (
    Anders,
    Prijsloos,
    Prijzendrie,
    granted_debets,
    priced_otherwise,
)
from gateway.pipeline.correctie.opzoeken import latest_of
from gateway.pipeline.ports import Beoordeeld, FactSource, Partijen
from gateway.pipeline.prijzen import Prijzen
from gateway.pipeline.proef import Meld
from gateway.pipeline.spool import CHUNK
from gateway.records.declaratie import Prestatie
from gateway.store.inzage.blad import Blad, Sleutel, place_of, write_place
from gateway.store.store import SqlStore
from gateway.werk.correctie import KennisVan, now_at
from gateway.werk.wijziging import Wijziging

# So many lines are kept for a page and its file, and so long may one run of it take.
KEPT, SECONDS = 10_000, 900
# About so many lines are looked at for a page, in so many groups at most: of one municipality
# among others a group is often one small message, with look-ups of its own.
LINES, GROUPS = 5 * CHUNK, 200


class Plek(NamedTuple):
    """A line by the place of its message among all and its own number."""

    plaats: int
    regelnr: int


BEGIN = Plek(0, 0)


class Herprijsd(NamedTuple):
    """A granted line whose right price is another one, with the parties that it is between.

    `is_nieuw` tells that what comes makes it so; else it is so by what is in use already.
    """

    partijen: Partijen
    correctie: Correctie
    is_nieuw: bool


@dataclass(slots=True)
class Prijslozen:
    """How many granted lines lose their price, and what was granted on them in eurocents."""

    regels: int = 0
    bedrag: int = 0

    def add(self, line: Prestatie) -> None:
        """Count one."""
        self.regels += 1
        self.bedrag += line.ingediend_bedrag


@dataclass(slots=True)
class Herprijzing:
    """One run.

    `declaraties` counts what was looked at, `niet_geraakt` what could not change, and `bekeken` the
    lines of those and the lines that were priced.  `nieuw` are the lines of `totalen` that come by
    the change, `prijsloos` those that are not in it.
    """

    wijziging: Wijziging
    kennis_van: KennisVan
    totalen: Totalen = field(default_factory=Totalen)
    nieuw: Som = field(default_factory=Som)
    prijsloos: Prijslozen = field(default_factory=Prijslozen)
    declaraties: int = 0
    niet_geraakt: int = 0
    bekeken: int = 0

    def run(
        self,
        store: SqlStore,
        begin: date,
        eind: date,
        moment: datetime,
        gemeenten: Set[str] | None = None,
        seen: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Herprijsd]:
        """Every granted line with another right price by what comes, in order of receipt.

        Those of Declaraties with a period that begins from..to.  `seen` hears how many of those
        were looked at, and may raise to have it end.
        """
        for group in store.declaraties.judged(begin, eind, gemeenten):
            seen(self.declaraties)
            for _, found in self._of_group(store, group, moment):
                yield from found

    def page(
        self,
        store: SqlStore,
        vraag: Herprijsvraag,
        moment: datetime,
        omvang: int,
        vanaf: str | None,
    ) -> Blad[Herprijsd]:
        """So many of those lines, behind the place where an earlier page ended.

        It ends where enough lines were looked at: a page may be empty and have a next one.
        """
        behind = BEGIN if vanaf is None else Plek(*_numbers(place_of(vanaf, int, int)))
        gemeenten = vraag.gemeenten & vraag.wijziging.gemeenten
        rijen = list[Herprijsd]()
        groups = store.declaraties.judged(vraag.begin, vraag.eind, gemeenten, na=behind.plaats - 1)
        for number, group in enumerate(groups, 1):
            for plek, found in self._of_group(store, group, moment, behind):
                for one in found:
                    rijen.append(one)
                    if len(rijen) == omvang:
                        return Blad(rijen, write_place((plek.plaats, one.correctie.bron.regelnr)))
                if self.bekeken >= LINES:
                    return Blad(rijen, write_place(plek))
            if number == GROUPS or self.bekeken >= LINES:
                return Blad(rijen, write_place((group[-1].plaats + 1, 0)))
        return Blad(rijen, None)

    def _of_group(
        self,
        store: SqlStore,
        group: Sequence[Beoordeeld],
        moment: datetime,
        behind: Plek = BEGIN,
    ) -> Iterator[tuple[Plek, Iterator[Herprijsd]]]:
        """The lines of the messages that it can change, in chunks; all facts from one state."""
        self.declaraties += len(group)
        touched = [one for one in group if self.wijziging.touches(one.partijen)]
        self.niet_geraakt += len(group) - len(touched)
        self.bekeken += sum(one.aantal for one in group) - sum(one.aantal for one in touched)
        if touched:
            with store.reading() as facts_of:
                facts = facts_of(now_at(moment))
                for one in touched:
                    after = behind.regelnr if one.plaats == behind.plaats else 0
                    yield from self._of_message(one, facts, after)

    @property
    def geraakt(self) -> Prijslozen:
        """The lines whose right price the change changes, and what was granted on them."""
        regels, bedrag = self.nieuw.regels, self.nieuw.voor
        return Prijslozen(regels + self.prijsloos.regels, bedrag + self.prijsloos.bedrag)

    def _of_message(
        self, beoordeeld: Beoordeeld, facts: FactSource, after: int
    ) -> Iterator[tuple[Plek, Iterator[Herprijsd]]]:
        """Those of one message behind a line; `facts` are those of now."""
        prijzen = self._prices(beoordeeld)
        for chunk in beoordeeld.regels:
            # In a message debets stand in the order of their numbers, behind all credits.
            lines = [line for line in granted_debets(chunk) if line.volgnr > after]
            if lines:
                self.bekeken += len(lines)
                plek = Plek(beoordeeld.plaats, lines[-1].volgnr)
                yield plek, self._of_lines(beoordeeld, lines, prijzen, facts)

    def _of_lines(
        self,
        beoordeeld: Beoordeeld,
        lines: Sequence[Prestatie],
        prijzen: Prijzendrie,
        facts: FactSource,
    ) -> Iterator[Herprijsd]:
        partijen = beoordeeld.partijen
        toewijzingen = latest_of(partijen, lines, facts)
        for one in priced_otherwise(beoordeeld, lines, toewijzingen, prijzen, facts):
            if not one.overeenkomsten.isdisjoint(self.wijziging.ids):
                yield from self._counted(partijen, one)

    def _counted(self, partijen: Partijen, one: Anders | Prijsloos) -> Iterator[Herprijsd]:
        if isinstance(one, Prijsloos):
            self.prijsloos.add(one.regel)
            return
        self.totalen.add(partijen.aanbieder, partijen.gemeente, one.correctie)
        if one.is_nieuw:
            self.nieuw.add(one.correctie)
        yield Herprijsd(partijen, one.correctie, one.is_nieuw)

    def _prices(self, beoordeeld: Beoordeeld) -> Prijzendrie:
        partijen, dag = beoordeeld.partijen, beoordeeld.header.dagtekening
        toen = self.kennis_van(beoordeeld.kennis).overeenkomsten
        some = (toen, self.wijziging.nu, self.wijziging.straks)
        return Prijzendrie(*(Prijzen(one, partijen, dag) for one in some))


def _numbers(place: Sleutel) -> list[int]:
    return [one for one in place if isinstance(one, int)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Herprijsvraag:
    """A change, and which granted lines are priced by it.

    Those of Declaraties of some municipalities, with a period that begins from..to.
    """

    naam: str
    wijziging: Wijziging
    begin: date
    eind: date
    gemeenten: frozenset[str]


@dataclass(frozen=True, slots=True)
class Herprijsuitkomst:
    """The run with its sums, and the first of the lines."""

    vraag: Herprijsvraag
    run: Herprijzing
    eerste: list[Herprijsd]


def herprijs(
    store: SqlStore,
    kennis_van: KennisVan,
    vraag: Herprijsvraag,
    moment: datetime,
    meld: Meld,
    kept: int = KEPT,
) -> Herprijsuitkomst:
    """The whole run beside requests, with so many of its lines.

    Raises CouldNotFinish for one that takes too long.
    """
    run = Herprijzing(vraag.wijziging, kennis_van)
    shown, until = list[Herprijsd](), time.monotonic() + SECONDS
    total = store.declaraties.count(vraag.begin, vraag.eind, vraag.gemeenten)

    def seen(declaraties: int) -> None:
        meld(declaraties, total)
        if time.monotonic() > until:
            raise CouldNotFinish(
                "dit duurt te lang voor een pagina; kies een kortere periode, of laat de beheerder "
                "van de computer de opdracht gateway agreements gebruiken"
            )

    for one in run.run(store, vraag.begin, vraag.eind, moment, vraag.gemeenten, seen):
        if len(shown) < kept:
            shown.append(one)
    return Herprijsuitkomst(vraag, run, shown)
