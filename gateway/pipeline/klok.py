"""The clock: which answers are still owed, until when, and what has to be told about that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime

from gateway.deviations.policy import Beleid
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.periods.termijnen import Stand, Termijn, stand_of
from gateway.periods.werkdagen import add_working_days, working_days_before
from gateway.pipeline.kennis import dag_van

# The moment at which a held message is decided without a person; a term of the policy.
BESLUIT = "besluit"
BESLUIT_NAAM = "besluit over een aangehouden bericht"
# Terms of the standard: for the receiver of a message, and for who decides on a request.
OWED = "ontvanger"
VERZOEK, ONDERZOEK = "antwoord-op-verzoek", "eindbesluit-na-onderzoek"
NADERT, VERLOPEN = "termijn-nadert", "termijn-verlopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Openstaand:
    """A message that came to no end yet, or whose answer did not leave.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lopend:
    """A term that runs: `sinds` the day it counts from, `nadert` when to warn, `uiterlijk` its end.

    `termijn` is its code in `termijnen.toml`, or "besluit".
    """

    termijn: str
    naam: str
    inbox_id: int
    bericht: str
    gemeente: str
    afzender: str
    identificatie: str
    sinds: date
    nadert: date
    uiterlijk: date

    def stand(self, vandaag: date) -> Stand:
        """How it stands on a day."""
        return stand_of(self.uiterlijk, vandaag)

    def event(self, vandaag: date) -> str | None:
        """Which event it is time for, None when nothing has to be told."""
        if vandaag > self.uiterlijk:
            return VERLOPEN
        return NADERT if vandaag >= self.nadert else None


@dataclass(frozen=True, slots=True)
class Klok:
    """What is needed to know which term runs for a message."""

    types: Berichttypen
    termijnen: Mapping[str, Termijn]
    beleid_of: Callable[[str], Beleid]
    vrije_dagen: Set[date] = frozenset()

    def running(
        self, open_: Iterable[Openstaand], verzoeken: Iterable[OpenVerzoek] = ()
    ) -> list[Lopend]:
        """The terms that run for messages and requests, the first to end in front."""
        codes = {one.code: one for one in self.types.all()}
        found: list[Lopend] = []
        for bericht in open_:
            kind = codes.get(bericht.berichtcode or "") or self.types.by_root(bericht.root or "")
            if kind is not None and kind.gemeente == "ontvanger":
                found += self._of(kind, bericht)
        # The products of one VOT are one thing to decide on, as long as they have the same term.
        found += {self._of_request(codes[one.berichtcode], one) for one in verzoeken}
        return sorted(found, key=lambda one: (one.uiterlijk, one.inbox_id, one.termijn))

    def _of(self, kind: Berichttype, bericht: Openstaand) -> Iterator[Lopend]:
        """The terms of one message that the municipality received."""
        sinds = dag_van(bericht.received_at)
        for termijn in self.termijnen.values():
            if termijn.volgt and termijn.wie == OWED and kind.nummer in termijn.berichten:
                nadert = termijn.nears_on(sinds, self.vrije_dagen)
                uiterlijk = termijn.last_day(sinds, self.vrije_dagen)
                yield _lopend((termijn.code, termijn.naam), kind, bericht, (nadert, uiterlijk))
        if bericht.besluit_op is not None:
            alarmdag = self.beleid_of(bericht.ontvanger).alarmdag
            nadert = add_working_days(sinds, alarmdag, self.vrije_dagen)
            days = (nadert, dag_van(bericht.besluit_op))
            yield _lopend((BESLUIT, BESLUIT_NAAM), kind, bericht, days)

    def _of_request(self, kind: Berichttype, verzoek: OpenVerzoek) -> Lopend:
        """The term of a request: for the first answer, or after "in onderzoek" the final one."""
        termijn = self.termijnen[ONDERZOEK if verzoek.in_onderzoek else VERZOEK]
        return Lopend(
            termijn=termijn.code,
            naam=termijn.naam,
            inbox_id=verzoek.inbox_id,
            bericht=kind.naam,
            gemeente=verzoek.gemeente,
            afzender=verzoek.aanbieder,
            identificatie=verzoek.identificatie,
            sinds=verzoek.dagtekening if verzoek.in_onderzoek else verzoek.ontvangen_op,
            nadert=working_days_before(verzoek.termijn, termijn.nadert, self.vrije_dagen),
            uiterlijk=verzoek.termijn,
        )


def _lopend(
    term: tuple[str, str], kind: Berichttype, bericht: Openstaand, days: tuple[date, date]
) -> Lopend:
    return Lopend(
        termijn=term[0],
        naam=term[1],
        inbox_id=bericht.inbox_id,
        bericht=kind.naam,
        gemeente=bericht.ontvanger,
        afzender=bericht.afzender,
        identificatie=bericht.identificatie,
        sinds=dag_van(bericht.received_at),
        nadert=days[0],
        uiterlijk=days[1],
    )
