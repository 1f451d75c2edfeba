"""The clock: what is still owed, by whom, until when, and what has to be told about that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from gateway.deviations.policy import Beleid
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.periods.termijnen import (
    ONDERZOEK,
    START,
    STOP,
    VERZOEK,
    WOONPLAATS,
    Stand,
    Termijn,
    stand_of,
)
from gateway.periods.werkdagen import add_working_days, working_days_before
from gateway.pipeline.kennis import dag_van

Rol = Literal["gemeente", "aanbieder"]
# A term that another has to meet is awaited, and missing once it has passed.
Lopendestand = Stand | Literal["ontbreekt", "verwacht"]

# The moment at which a held message is decided without a person; a term of the policy.
BESLUIT = "besluit"
BESLUIT_NAAM = "besluit over een aangehouden bericht"
# Who owes an answer to a message, as `termijnen.toml` says it: who received it.
ONTVANGER = "ontvanger"
NADERT, VERLOPEN = "termijn-nadert", "termijn-verlopen"
# A message type names the Header element that holds the municipality.  In a message of our own this
# is the Afzender when we are that municipality, and the Ontvanger when we are the aanbieder.
OWN: Mapping[Rol, str] = {"gemeente": "afzender", "aanbieder": "ontvanger"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Openstaand:
    """A message that came to no end yet, or whose answer did not leave or did not come.

    `berichtcode` is None for one that was never judged; `root` is then its root element.
    `besluit_op` is filled while it waits for a person.
    """

    inbox_id: int
    received_at: datetime
    berichtcode: str | None
    root: str | None
    afzender: str
    ontvanger: str
    identificatie: str
    besluit_op: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVerzoek:
    """A request that has no final answer yet; `termijn` is the last day for the next one."""

    inbox_id: int
    berichtcode: str
    gemeente: str
    aanbieder: str
    identificatie: str
    ontvangen_op: date
    dagtekening: date
    in_onderzoek: bool
    termijn: date


class OpenToewijzing(NamedTuple):
    """An assignment that a start or a stop has to follow.

    `datum` is its Ingangsdatum or its Einddatum; `inbox_id`, `berichtcode`, `afzender` and
    `identificatie` are of the 301 that first named that date, which was known on `bekend_op`.
    """

    inbox_id: int
    berichtcode: str
    afzender: str
    identificatie: str
    gemeente: str
    aanbieder: str
    toewijzingnummer: int
    bekend_op: date
    datum: date


class Bron(Protocol):
    """Where the clock reads what is owed; the oldest stand in front."""

    def openstaand(self, received_before: datetime | None = None) -> Sequence[Openstaand]:
        """Messages that came to no end, or whose answer did not leave yet."""

    def verzoeken(self) -> Sequence[OpenVerzoek]:
        """Requests without a final answer."""

    def onbeantwoord(self, codes: Iterable[str], sinds: date) -> Sequence[Openstaand]:
        """Accepted messages with these Berichtcodes to which no answer was tied, from a day on."""

    def zonder_start(self, sinds: date, vandaag: date) -> Sequence[OpenToewijzing]:
        """Assignments in force that began between two days, both included, and have no start."""

    def zonder_stop(self, sinds: date, vandaag: date) -> Sequence[OpenToewijzing]:
        """Assignments that ended between two days, both included, with a start and no stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lopend:
    """A term that runs: `sinds` the day it counts from, `nadert` when to warn, `uiterlijk` its end.

    `termijn` is its code in `termijnen.toml`, or "besluit".  `van` is the code of who has to meet
    it, `is_eigen` whether that is ourselves.  The message is the one that it follows from;
    `toewijzingnummer` is filled where it is about one assignment of that message.
    """

    termijn: str
    naam: str
    van: str
    is_eigen: bool
    inbox_id: int
    bericht: str
    gemeente: str
    afzender: str
    identificatie: str
    sinds: date
    nadert: date
    uiterlijk: date
    toewijzingnummer: int | None = None

    def stand(self, vandaag: date) -> Lopendestand:
        """How it stands on a day."""
        if self.is_eigen:
            return stand_of(self.uiterlijk, vandaag)
        return "ontbreekt" if vandaag > self.uiterlijk else "verwacht"

    def event(self, vandaag: date) -> str | None:
        """Which event it is time for, None when nothing has to be told."""
        if vandaag > self.uiterlijk:
            return VERLOPEN
        return NADERT if vandaag >= self.nadert else None


@dataclass(frozen=True, slots=True)
class Klok:
    """What is needed to know which term runs for a message.

    `rol` is who we are, `terugkijken` how many days back is looked for what should have come in.
    """

    types: Berichttypen
    termijnen: Mapping[str, Termijn]
    beleid_of: Callable[[str], Beleid]
    vrije_dagen: Set[date] = frozenset()
    rol: Rol = "gemeente"
    terugkijken: int = 90

    def in_handen(
        self, bron: Bron, vandaag: date, received_before: datetime | None = None
    ) -> list[Lopend]:
        """The terms of messages and requests to be handled, the first to end in front."""
        codes = self._by_code()
        found: list[Lopend] = []
        for bericht in bron.openstaand(received_before):
            kind = codes.get(bericht.berichtcode or "") or self.types.by_root(bericht.root or "")
            if kind is not None and not self._is_own(kind):
                found += self._of(kind, bericht)
        # The products of one VOT are one thing to decide on, as long as they have the same term.
        found += {
            term
            for one in bron.verzoeken()
            for term in self._of_request(codes[one.berichtcode], one, vandaag)
        }
        return _in_order(found)

    def uitgebleven(self, bron: Bron, vandaag: date) -> list[Lopend]:
        """The terms of what has to follow on what was sent: answers, starts and stops."""
        codes = self._by_code()
        sinds = vandaag - timedelta(days=self.terugkijken)
        own = {code for code, kind in codes.items() if kind.answer and self._is_own(kind)}
        found = [
            term
            for one in bron.onbeantwoord(own, sinds)
            for term in self._of(codes[one.berichtcode or ""], one)
        ]
        found += self._of_assignments(START, bron.zonder_start(sinds, vandaag), codes)
        found += self._of_assignments(STOP, bron.zonder_stop(sinds, vandaag), codes)
        return _in_order(found)

    def antwoord_van(self) -> dict[str, str]:
        """The type of the answer that we owe to each kind of message, by its Berichtcode."""
        return {
            kind.code: kind.answer
            for kind in self.types.all()
            if kind.answer is not None and not self._is_own(kind)
        }

    def _by_code(self) -> dict[str, Berichttype]:
        return {one.code: one for one in self.types.all()}

    def _is_own(self, kind: Berichttype) -> bool:
        """Whether we send such messages ourselves."""
        return kind.gemeente == OWN[self.rol]

    def _of(self, kind: Berichttype, bericht: Openstaand) -> Iterator[Lopend]:
        """The terms of one message, which its receiver has to meet."""
        sinds = dag_van(bericht.received_at)
        for termijn in self.termijnen.values():
            if termijn.wie == ONTVANGER and termijn.is_about(kind.wet, kind.nummer):
                nadert = termijn.nears_on(sinds, self.vrije_dagen)
                uiterlijk = termijn.last_day(sinds, self.vrije_dagen)
                yield self._lopend((termijn.code, termijn.naam), kind, bericht, (nadert, uiterlijk))
        if bericht.besluit_op is not None:
            alarmdag = self.beleid_of(bericht.ontvanger).alarmdag
            nadert = add_working_days(sinds, alarmdag, self.vrije_dagen)
            days = (nadert, dag_van(bericht.besluit_op))
            yield self._lopend((BESLUIT, BESLUIT_NAAM), kind, bericht, days)

    def _lopend(
        self, term: tuple[str, str], kind: Berichttype, bericht: Openstaand, days: tuple[date, date]
    ) -> Lopend:
        return Lopend(
            termijn=term[0],
            naam=term[1],
            van=bericht.ontvanger,
            is_eigen=not self._is_own(kind),
            inbox_id=bericht.inbox_id,
            bericht=kind.naam,
            gemeente=bericht.ontvanger if kind.gemeente == ONTVANGER else bericht.afzender,
            afzender=bericht.afzender,
            identificatie=bericht.identificatie,
            sinds=dag_van(bericht.received_at),
            nadert=days[0],
            uiterlijk=days[1],
        )

    def _of_request(
        self, kind: Berichttype, verzoek: OpenVerzoek, vandaag: date
    ) -> Iterator[Lopend]:
        """The term for the first answer, or after "in onderzoek" those for the final one."""
        if not verzoek.in_onderzoek:
            yield self._decision(VERZOEK, kind, verzoek, (verzoek.ontvangen_op, verzoek.termijn))
            return
        yield self._decision(ONDERZOEK, kind, verzoek, (verzoek.dagtekening, verzoek.termijn))
        elders = self.termijnen[WOONPLAATS]
        last = elders.last_day(verzoek.ontvangen_op, self.vrije_dagen)
        applies = elders.is_about(kind.wet, kind.nummer) and last < verzoek.termijn
        if applies and elders.shows_on(vandaag, last):
            yield self._decision(WOONPLAATS, kind, verzoek, (verzoek.ontvangen_op, last))

    def _decision(
        self, code: str, kind: Berichttype, verzoek: OpenVerzoek, days: tuple[date, date]
    ) -> Lopend:
        """A term that the municipality has to meet; `days` are that it counts from and its last."""
        termijn = self.termijnen[code]
        return Lopend(
            termijn=code,
            naam=termijn.naam,
            van=verzoek.gemeente,
            is_eigen=not self._is_own(kind),
            inbox_id=verzoek.inbox_id,
            bericht=kind.naam,
            gemeente=verzoek.gemeente,
            afzender=verzoek.aanbieder,
            identificatie=verzoek.identificatie,
            sinds=days[0],
            nadert=working_days_before(days[1], termijn.nadert, self.vrije_dagen),
            uiterlijk=days[1],
        )

    def _of_assignments(
        self, code: str, open_: Iterable[OpenToewijzing], codes: Mapping[str, Berichttype]
    ) -> Iterator[Lopend]:
        """The terms for a start or a stop of the aanbieder (OP271, OP272, OP288)."""
        termijn = self.termijnen[code]
        # Many assignments begin on the same day, and counting working days takes a while.
        days: dict[date, tuple[date, date]] = {}
        for one in open_:
            kind = codes[one.berichtcode]
            if not termijn.is_about(kind.wet, kind.nummer):
                continue
            sinds = max(one.datum, one.bekend_op)
            if sinds not in days:
                nadert = termijn.nears_on(sinds, self.vrije_dagen)
                days[sinds] = (nadert, termijn.last_day(sinds, self.vrije_dagen))
            nadert, uiterlijk = days[sinds]
            yield Lopend(
                termijn=code,
                naam=termijn.naam,
                van=one.aanbieder,
                is_eigen=not self._is_own(kind),
                inbox_id=one.inbox_id,
                bericht=kind.naam,
                gemeente=one.gemeente,
                afzender=one.afzender,
                identificatie=one.identificatie,
                sinds=sinds,
                nadert=nadert,
                uiterlijk=uiterlijk,
                toewijzingnummer=one.toewijzingnummer,
            )


def _in_order(found: Iterable[Lopend]) -> list[Lopend]:
    """The first to end in front."""
    return sorted(
        found,
        key=lambda one: (one.uiterlijk, one.inbox_id, one.toewijzingnummer or 0, one.termijn),
    )
