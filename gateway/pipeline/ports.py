"""What the pipeline needs of the world around it; the store satisfies it, tests use fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeVar

from gateway.pipeline.grondslag import Grondslag
from gateway.records.batch import Clientpot, Naastregel, Stand
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.instemming import Instemming
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import Verzoek, Verzoekstaat, Verzoekstand

Verdict = Literal["accepted", "partly", "rejected", "invalid", "held", "parked", "duplicate"]
Debetsleutel = tuple[int, str, str, date, date]
# A line that a 325 refuses: its number in the 323, its ReferentieNummer and its codes with blanks.
Geweigerd = tuple[int, str, str]
Bewijs = tuple[int, bytes]  # the number of a line in its message, and its receipt, packed

# One stored line, in the order of these columns; dates are ISO text, amounts eurocents,
# `toegekend` REFUSED, GRANTED or PENDING, `retourcodes` separated by blanks.
T = TypeVar("T")

PRESTATIE_COLUMNS = (
    "volgnr",
    "bsn",
    "referentienummer",
    "vorig_referentienummer",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
    "geleverd_volume",
    "eenheid",
    "producttarief",
    "ingediend_bedrag",
    "debet_credit",
    "toegekend",
    "retourcodes",
)


@dataclass(frozen=True, slots=True)
class Partijen:
    """Between whom and under which law: facts of one never reach another."""

    gemeente: str
    wet: str
    aanbieder: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An inbox row in the hands of one worker.

    `volgnr` is the sequence number of this judgement: every fact row carries the number of the
    message that made it and of the one that ended it.  `identificatie` is the number for our
    answer: at most 12 characters, never given out before by this store.  `token` fences a worker
    whose lease was taken over.  `ontheven` is True once a held message has to be decided without
    its holds.  `register_volgnr` is filled to judge again on what we ourselves put right since:
    assignments, starts and stops are then read as a judgement with that number sees them.
    `is_klein` is True for a small message in its first try: it can be judged in the transaction
    that it is settled in, by itself or with others.  `spoor` is the traceparent (W3C) that the
    message came in with.
    """

    inbox_id: int
    volgnr: int
    token: str
    naam: str
    received_at: datetime
    tries: int = 0
    ontheven: bool = False
    identificatie: str = ""
    claimed_at: datetime | None = None
    register_volgnr: int | None = None
    is_klein: bool = False
    spoor: str | None = None

    @property
    def about(self) -> dict[str, object]:
        """What a line in the log is about: the message, and its trace where it has one."""
        about: dict[str, object] = {"bericht": self.inbox_id}
        return about if self.spoor is None else about | {"trace": _trace_of(self.spoor)}

    @property
    def traceparent(self) -> str | None:
        """The trace by which others go on from this judgement; None where it began without one."""
        if self.spoor is None:
            return None
        return f"00-{_trace_of(self.spoor)}-{self.volgnr:016x}-01"

    @property
    def answered_at(self) -> datetime:
        """The moment that our answer is dated by: a message may have waited or been held."""
        return self.claimed_at or self.received_at


def _trace_of(traceparent: str) -> str:
    return traceparent.split("-")[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer ready to leave: `berichttype` such as JW325, `identificatie` its own number."""

    berichttype: str
    identificatie: str
    body: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message; the same object feeds the command line, the pages and the ledger.

    `level` is the control level that decided, None when accepted.  `berichttype` is None when
    the message was not recognised, `declaratie` the DeclaratieNummer of a 323, `uitgave` the
    version of the release that judged (None where it was judged before there were several).
    `telling` counts what staff sees: lines and eurocents.
    """

    verdict: Verdict
    level: int | None = None
    berichttype: str | None = None
    wet: str | None = None
    afzender: str = ""
    ontvanger: str = ""
    gemeente: str = ""
    identificatie: str = ""
    dagtekening: date | None = None
    declaratie: str | None = None
    reason: str = ""
    telling: Mapping[str, int] = field(default_factory=dict)
    uitgave: str | None = None

    @property
    def partijen(self) -> Partijen | None:
        """Between whom and under which law; None for a message that was not judged."""
        if self.wet is None or not self.gemeente or self.verdict == "invalid":
            return None
        aanbieder = self.afzender if self.ontvanger == self.gemeente else self.ontvanger
        return Partijen(self.gemeente, self.wet, aanbieder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beoordeeld:
    """A stored 323 that was not rejected as a whole, as it was judged.

    `kennis` is the hash of what its judgement knew, None where that was not kept.  `toegekend` are
    signed eurocents; `signalen` the checks that spoke on its lines, by their number.  `regels` are
    its lines with their retourcodes, in chunks, in the order in which they were judged.  `plaats`
    is where it stands among all, for who reads on from there; `aantal` is how many lines it has at
    most.
    """

    claim: Claim
    kennis: str | None
    partijen: Partijen
    header: Header
    declaratie: Declaratie
    outcome: Outcome
    toegekend: int
    signalen: Mapping[int, tuple[str, ...]]
    regels: Iterable[list[Prestatie]]
    plaats: int = 0
    aantal: int = 0


@dataclass(slots=True)
class Leveringen:
    """Starts and stops per ToewijzingNummer."""

    starts: dict[int, list[StartProduct]] = field(default_factory=dict)
    stops: dict[int, list[StopProduct]] = field(default_factory=dict)


class FactSource(Protocol):
    """Reads of the facts that rules need: one query per kind of fact, 1,000 keys a query.

    All reads of one source see the same state of the store.
    """

    def identificaties(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> Set[str]:
        """Which of the given identification was used before by this sender for this kind.

        Messages refused at level 1, and the message in hand, do not count.
        """

    def toewijzingen(
        self, gemeente: str, wet: str, nummers: Iterable[int]
    ) -> Mapping[int, tuple[ToegewezenProduct, ...]]:
        """All versions per ToewijzingNummer of any aanbieder, oldest version first (IV013)."""

    def clienten_met_toewijzing(self, partijen: Partijen, bsns: Iterable[str]) -> Set[str]:
        """Those of the Bsns for whom this aanbieder has any assignment, deleted ones included."""

    def declaratienummers(self, partijen: Partijen, nummer: str, berichtcode: str) -> Set[str]:
        """The number itself when a Declaratie that counts used it before, else nothing.

        One that waits for a person counts; `berichtcode` is that of a 323 under this law.
        """

    def laatste_periode(self, partijen: Partijen) -> date | None:
        """First day of the last DeclaratiePeriode that was not rejected as a whole."""

    def referenties(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """Those of the ReferentieNummers that a granted or pending line uses."""

    def debets(self, partijen: Partijen, nummers: Iterable[str]) -> Mapping[str, Prestatie]:
        """Granted debet lines by ReferentieNummer."""

    def gecrediteerd(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """Those of the ReferentieNummers that a granted or pending credit undoes."""

    def open_debets(
        self, partijen: Partijen, nummers: Iterable[int], van: date, tot: date
    ) -> Set[Debetsleutel]:
        """Keys of debet lines on these ToewijzingNummers that no granted credit undid.

        Of lines whose ProductPeriode begins in these days.  Pending ones count; a pending credit
        does not free its debet yet.
        """

    def gedeclareerd_tot(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, date]:
        """The last day that such lines claim, per ToewijzingNummer that has any."""

    def stand(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, Stand]:
        """What is granted per ToewijzingNummer, net of credits (see Stand for units).

        Pending debets count as well, pending credits not yet.
        """

    def toegekend(self, gemeente: str, wet: str, nummers: Iterable[int]) -> Set[int]:
        """Those of the ToewijzingNummers with a granted, not credited line of any aanbieder."""

    def instemmingen(
        self, partijen: Partijen, nummers: Iterable[int]
    ) -> Mapping[int, Sequence[Instemming]]:
        """What this aanbieder agreed to per ToewijzingNummer, as it is put down now."""

    def starts(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StartProduct]:
        """Standing starts of these clients at this aanbieder, in order of receipt."""

    def stops(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StopProduct]:
        """Standing stops of these clients at this aanbieder, in order of receipt."""

    def leveringen_op(self, partijen: Partijen, nummers: Iterable[int]) -> Leveringen:
        """Standing starts and stops on these ToewijzingNummers, in order of receipt."""

    def toewijzingen_rond(
        self, gemeente: str, bsns: Iterable[str], gezinnen: Iterable[str]
    ) -> Sequence[tuple[str, ToegewezenProduct]]:
        """All assignment versions of these clients and families, of any aanbieder and law.

        Each with its wet, in no order.
        """

    def besteed(
        self, gemeenten: Iterable[str], jaren: Iterable[int], aanbieder: str | None
    ) -> Mapping[tuple[str, str, int], int]:
        """Granted cents by (wet, productcode, jaar), of one aanbieder or of all (None)."""

    def besteed_aan(
        self, gemeente: str, wet: str, bsns: Iterable[str], productcodes: Iterable[str]
    ) -> Mapping[Clientpot, int]:
        """Granted cents of these clients on these products, of any aanbieder."""

    def naast(
        self, partijen: Partijen, bsns: Iterable[str], van: date, tot: date
    ) -> Sequence[Naastregel]:
        """Granted debet lines of other aanbieders for these clients on any of these days."""

    def verzoeken(
        self, partijen: Partijen, referenties: Iterable[str]
    ) -> Mapping[str, Verzoekstand]:
        """Those of the requests (VOT, VOW) of this aanbieder that are known, by reference."""

    def openstaande_verzoeken(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[str]:
        """The ReferentieAanbieders of requests for these clients without a final answer."""

    def heenbericht(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> int | None:
        """The inbox row of the message with this Header; the accepted one of several.

        Messages refused at level 1 do not count.
        """

    def laatste_toewijzingsbericht(self, gemeente: str, wet: str, bsn: str) -> int | None:
        """The inbox row of the last 301 about this client, to whichever aanbieder."""

    def antwoord_op(self, gemeente: str, inbox_id: int) -> str | None:
        """The Identificatie of what answered a message of our own to a municipality before."""

    def declaratie_van(
        self, partijen: Partijen, identificatie: str, nummer: str
    ) -> tuple[Header, Declaratie] | None:
        """The 323 with this BerichtIdentificatie, else the one with this DeclaratieNummer."""

    def ingediend(
        self, partijen: Partijen, declaratienummer: str, referenties: Iterable[str]
    ) -> Mapping[tuple[str, str | None, str], Prestatie]:
        """Lines of that Declaratie by (ReferentieNummer, VorigReferentieNummer, Bsn)."""


class UnitOfWork(Protocol):
    """Everything that one message changes, in one transaction; leaving it without commit undoes it.

    Raises TemporaryFailure when the store is away or the lease was lost meanwhile.
    """

    def add_toewijzingen(
        self,
        gemeente: str,
        wet: str,
        producten: Sequence[ToegewezenProduct],
        postcode: str | None = None,
    ) -> None:
        """Register assignment versions; a version that is known (same moment) is replaced.

        One that comes again unchanged stays as it is, with the day on which it became known.
        `postcode` are the four digits of where the client lives, for figures per district.
        """

    def add_leveringen(
        self, partijen: Partijen, producten: Sequence[StartProduct] | Sequence[StopProduct]
    ) -> None:
        """Register starts or stops; status 3 ends the standing one with the same sleutel."""

    def withdraw(self, inbox_id: int) -> None:
        """Undo a message of our own that was refused: it counts as not sent.

        Its starts, stops, requests and Declaratie end, and what it ended stands again.
        """

    def reopen_verzoeken(self, inbox_id: int) -> None:
        """Undo what an answer of our own did to its request: the answer counts as not given."""

    def answer_declaratie(
        self, inbox_id: int, toegekend: int, geweigerd: Iterable[Sequence[Geweigerd]]
    ) -> None:
        """What a 325 says of a 323 of our own: some lines refused, in chunks, the others granted.

        Its pending lines end and judged ones stand; `toegekend` are signed eurocents.
        """

    def add_verzoeken(self, partijen: Partijen, verzoeken: Sequence[Verzoek]) -> None:
        """Register requests that the municipality has to decide on."""

    def answer_verzoeken(
        self,
        partijen: Partijen,
        referenties: Iterable[str],
        staat: Verzoekstaat,
        termijn: Callable[[date], date] | None = None,
    ) -> None:
        """Record how far these requests are now.

        `termijn` gives the new deadline from the Dagtekening of a request; without it the deadline
        stays as it was.
        """

    def add_declaratie(
        self, partijen: Partijen, header: Header, declaratie: Declaratie, toegekend: int
    ) -> None:
        """Register a Declaratie that was not rejected as a whole; signed eurocents granted."""

    def add_prestaties(self, partijen: Partijen, rows: Iterable[Sequence[tuple[Any, ...]]]) -> None:
        """Store judged lines of the Declaratie just added, in chunks, as PRESTATIE_COLUMNS.

        Also adds what they come to, to the granted amounts per year of delivery and product.
        """

    def add_findings(self, findings: Iterable[Finding], partijen: Partijen | None = None) -> None:
        """Store what was found in the message of this claim; between whom, where that is known."""

    def add_ontheven(self, aantallen: Mapping[str, int]) -> None:
        """Store per check how many of its deviations a waiver covered."""

    def add_bewijzen(self, bewijzen: Iterable[Bewijs]) -> None:
        """Keep receipts; those of an earlier judgement of the message end."""

    def judged_with(self, grondslag: Grondslag) -> None:
        """Keep what the message was judged with, once per distinct content."""

    def add_answer(self, gemeente: str, answer: Answer) -> None:
        """Put the answer in the outbox, at most one per message; it leaves after the commit."""

    def link_heenbericht(self, inbox_id: int, *, refused: bool = False) -> None:
        """Tie the message of this claim, a retour, to the message that it answers or refuses."""

    def add_event(self, soort: str, gemeente: str, data: Mapping[str, Any]) -> None:
        """Put an event for the backoffice in the outbox (no BSN in it)."""

    def finish(self, outcome: Outcome) -> None:
        """Record what became of the message and end the claim."""

    def hold(self, outcome: Outcome, besluit_op: datetime) -> None:
        """Record that the message waits for a person, and when it is decided without one."""

    def commit(self) -> None:
        """Make it all true, or raise with nothing changed."""


class Store(Protocol):
    """What the pipeline asks of the store."""

    def pieces(self, inbox_id: int) -> Iterable[bytes]:
        """The raw bytes that came in; may be iterated more than once."""

    def message(self, inbox_id: int) -> Iterable[bytes]:
        """The message of an inbox row: what came in, or what was made of an opdracht and sent."""

    def next_toewijzingnummer(self, gemeente: str, wet: str) -> int:
        """A ToewijzingNummer that this municipality never used under this law (IV066)."""

    def facts(self, claim: Claim) -> AbstractContextManager[FactSource]:
        """A consistent view of the facts while the message of this claim is judged."""

    def unit_of_work(self, claim: Claim) -> AbstractContextManager[UnitOfWork]:
        """A transaction in which the message of this claim is settled."""


class Hand(Store, Protocol):
    """The store for small messages that are settled in their order, all or none."""

    def side_by_side(self, judge: Callable[[Claim], T]) -> Sequence[T]:
        """What each message comes to as long as nothing is settled yet; `judge` writes nothing."""

    def is_outdated(self, claim: Claim) -> bool:
        """Whether what a message was judged on has changed by those that were settled since."""


class Stores(Store, Protocol):
    """The store for one message after another, and for a handful at once."""

    def together(self, claims: Sequence[Claim]) -> AbstractContextManager[Hand]:
        """The store for small messages that are settled in this order, all or none."""


class Bestemming(Protocol):
    """Where answers and events go: a folder, a queue, the network."""

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """Hand over one item; the same item may come again with the same name and bytes.

        Raises TemporaryFailure when nothing can be handed over now, MessageParked for an item that
        waits until somebody puts it back, and anything else for one that is tried again later.
        """
