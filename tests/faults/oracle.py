"""Holds what was offered against what became of it: the six promises, I1 to I6.

The ledger stands outside of the gateway: it knows what was offered and what the sender was told.
After a fault is over and nothing waits any more, `violations` compares it with the store and with
what left.

I1 nothing lost: what was taken is there once, with the same bytes, and came to an end.
I2 nothing doubled: one row per message, one answer per message, one amount per line.
I3 unknown is resolved: what nobody was told of is there once, or not at all.
I4 conservation: everything there was offered, and every cent is granted, refused or open.
I5 explained: every end has its event, every refusal its reason, no log has a Bsn.
I6 recovers alone: nothing waits.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.records.masker import is_bsn

Row = tuple[Any, ...]
Rows = Callable[[str], list[Row]]
Outcome = Literal["ok", "refused", "unknown"]

VERDICTS = {"accepted", "partly", "rejected", "invalid", "held", "parked"}
REFUSALS = {"partly", "rejected", "invalid", "parked"}
FACTS = ("toewijzing", "levering", "verzoek", "declaratie", "prestatie", "besteding")
NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")


@dataclass(slots=True)
class Offer:
    """A message as its sender knows it; `cents` is what a 323 asks for."""

    id: str
    sha256: str
    gets_answer: bool
    cents: int | None
    outcome: Outcome = "unknown"
    code: str = ""


@dataclass(slots=True)
class Ledger:
    """What was offered, and what the sender was told; nothing in it comes from the gateway."""

    offers: dict[str, Offer] = field(default_factory=dict)

    def offered(
        self, id_: str, body: bytes, *, gets_answer: bool = True, cents: int | None = None
    ) -> None:
        """A message was offered, for the first time or again: nothing was told of it yet."""
        sha256 = hashlib.sha256(body).hexdigest()
        known = self.offers.setdefault(id_, Offer(id_, sha256, gets_answer, cents))
        if known.sha256 != sha256:
            raise ValueError("an id stands for one message")
        known.outcome = "unknown"

    def ok(self, id_: str) -> None:
        """The sender was told that it arrived."""
        self.offers[id_].outcome = "ok"

    def refused(self, id_: str, code: str) -> None:
        """The sender was told that it will not be taken, and why."""
        self.offers[id_].outcome, self.offers[id_].code = "refused", code

    def with_outcome(self, outcome: Outcome) -> list[str]:
        """The ids of what was told so."""
        return [one.id for one in self.offers.values() if one.outcome == outcome]


@dataclass(slots=True)
class Sink:
    """Who is at the other side: everything that left, by its own name, every copy of it."""

    copies: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def received(self, naam: str, body: bytes) -> None:
        """Something arrived."""
        self.copies[naam].append(body)

    @property
    def repeats(self) -> int:
        """How many copies came beside the first ones."""
        return sum(len(one) - 1 for one in self.copies.values())


@dataclass(slots=True)
class _Store:
    """What the store holds, read once beside the gateway."""

    rows: Rows
    inbox: dict[int, Row] = field(init=False)
    bodies: dict[int, bytes] = field(init=False)
    outbox: list[Row] = field(init=False)
    left: dict[int, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = {
            row[0]: row
            for row in self.rows("SELECT id, sha256, staat, verdict, volgnr, reden FROM inbox")
        }
        self.bodies = self._whole("inbox_stuk", "inbox_id")
        self.outbox = self.rows(
            "SELECT id, soort, naam, inbox_id, volgnr, sent_at, identificatie FROM outbox"
        )
        self.left = self._whole("outbox_stuk", "outbox_id")

    def _whole(self, table: str, owner: str) -> dict[int, bytes]:
        whole: dict[int, bytes] = defaultdict(bytes)
        for key, data in self.rows(f"SELECT {owner}, data FROM {table} ORDER BY {owner}, nr"):
            try:
                whole[key] += zlib.decompress(data)
            except zlib.error:
                whole[key] += b"?"
        return whole

    def answers(self) -> Iterator[Row]:
        return (one for one in self.outbox if one[1] == "antwoord")


def violations(
    ledger: Ledger,
    rows: Rows,
    sink: Sink,
    logs: Iterable[str] = (),
    parked: Collection[str] = (),
) -> list[str]:
    """Every broken promise, as a sentence that begins with its number; empty when all are kept.

    `rows` reads the store, `parked` are the ids that had to end with an operator.
    """
    store = _Store(rows)
    return [
        *_lost(ledger, store, parked),
        *_doubled(ledger, store, sink),
        *_unknown(ledger, store),
        *_not_conserved(ledger, store),
        *_unexplained(store, logs),
        *_waiting(store),
    ]


def _lost(ledger: Ledger, store: _Store, parked: Collection[str]) -> Iterator[str]:
    found = defaultdict(list)
    for row in store.inbox.values():
        found[row[1]].append(row)
    for one in ledger.offers.values():
        if one.outcome == "refused" or (one.outcome == "unknown" and not found[one.sha256]):
            continue
        if len(found[one.sha256]) != 1:
            yield f"I1 {one.id} is {len(found[one.sha256])} times in the inbox"
            continue
        ((id_, _, staat, verdict, _, _),) = found[one.sha256]
        if hashlib.sha256(store.bodies[id_]).hexdigest() != one.sha256:
            yield f"I1 {one.id} has other bytes"
        if verdict not in VERDICTS or (verdict == "parked") != (one.id in parked):
            yield f"I1 {one.id} has no end of its own: {staat}, {verdict}"
        yield from _unanswered(one, store, id_, verdict)


def _unanswered(offer: Offer, store: _Store, inbox_id: int, verdict: str) -> Iterator[str]:
    expected = int(offer.gets_answer and verdict in {"accepted", "partly", "rejected"})
    answers = sum(one[3] == inbox_id for one in store.answers())
    if answers < expected:
        yield f"I1 {offer.id} has no answer"
    if answers > expected:
        yield f"I2 {offer.id} has {answers} answers"


def _doubled(ledger: Ledger, store: _Store, sink: Sink) -> Iterator[str]:
    for sha256, times in Counter(row[1] for row in store.inbox.values()).items():
        if times > 1:
            yield f"I2 {sha256} is {times} times in the inbox"
    numbers = Counter(one[6] for one in store.answers())
    yield from (
        f"I2 number {one} is used {times} times" for one, times in numbers.items() if times > 1
    )
    for naam, copies in sink.copies.items():
        if len(set(copies)) > 1:
            yield f"I2 {naam} left with other bytes"
    known = {one[2]: one for one in store.outbox}
    for naam in sink.copies.keys() - known.keys():
        yield f"I4 {naam} left without a row"
    for id_, soort, naam, _, _, sent_at, _ in store.outbox:
        if soort == "antwoord" and sent_at is not None:
            copies = sink.copies.get(naam, [])
            if not copies:
                yield f"I1 {naam} is marked as sent and never left"
            elif copies[0] != store.left[id_]:
                yield f"I2 {naam} left with other bytes than were kept"
    doubled = store.rows(
        "SELECT declaratie_id, volgnr FROM prestatie WHERE tot_volgnr IS NULL "
        "GROUP BY declaratie_id, volgnr HAVING count(*) > 1"
    )
    yield from (f"I2 line {one} has more than one decision" for one in doubled)
    doubled = store.rows(
        "SELECT inbox_id FROM declaratie WHERE tot_volgnr IS NULL "
        "GROUP BY inbox_id HAVING count(*) > 1"
    )
    yield from (f"I2 message {one[0]} has more than one Declaratie" for one in doubled)


def _unknown(ledger: Ledger, store: _Store) -> Iterator[str]:
    times = Counter(row[1] for row in store.inbox.values())
    for one in ledger.offers.values():
        if one.outcome == "unknown" and times[one.sha256] > 1:
            yield f"I3 {one.id} is there {times[one.sha256]} times"
        if one.outcome == "refused" and times[one.sha256]:
            yield f"I3 {one.id} was refused and is there"


def _not_conserved(ledger: Ledger, store: _Store) -> Iterator[str]:
    offered = {one.sha256: one for one in ledger.offers.values()}
    for row in store.inbox.values():
        if row[1] not in offered:
            yield f"I4 message {row[0]} was never offered"
    lines: dict[int, list[Row]] = defaultdict(list)
    signed = "CASE debet_credit WHEN 'C' THEN -ingediend_bedrag ELSE ingediend_bedrag END"
    for key, amount, toegekend in store.rows(
        f"SELECT declaratie_id, {signed}, toegekend FROM prestatie WHERE tot_volgnr IS NULL"
    ):
        lines[key].append((amount, toegekend))
    spent = dict(
        store.rows(
            "SELECT inbox_id, sum(bedrag) FROM besteding WHERE tot_volgnr IS NULL GROUP BY 1"
        )
    )
    for key, inbox_id, total, granted in store.rows(
        "SELECT id, inbox_id, totaal_bedrag, toegekend FROM declaratie WHERE tot_volgnr IS NULL"
    ):
        offer = offered.get(store.inbox[inbox_id][1]) if inbox_id in store.inbox else None
        by_state: Counter[int] = Counter()
        for amount, toegekend in lines[key]:
            by_state[toegekend] += amount
        if offer is not None and offer.cents not in (None, total):
            yield f"I4 {offer.id} asked for {offer.cents} and is booked for {total}"
        if total != sum(by_state.values()) or granted != by_state[1]:
            yield f"I4 message {inbox_id}: {total} and {granted} against lines {dict(by_state)}"
        if granted != spent.get(inbox_id, 0):
            yield f"I4 message {inbox_id}: {granted} granted, {spent.get(inbox_id, 0)} spent"


def _unexplained(store: _Store, logs: Iterable[str]) -> Iterator[str]:
    events = Counter((one[3], one[4]) for one in store.outbox if one[1] == "event")
    told = dict(
        store.rows(
            "SELECT inbox_id, count(*) FROM bevinding "
            "WHERE tot_volgnr IS NULL AND text <> '' GROUP BY inbox_id"
        )
    )
    ended = set()
    for id_, _, staat, verdict, volgnr, reden in store.inbox.values():
        if staat == "klaar":
            ended.add(volgnr)
            if not events[(id_, volgnr)]:
                yield f"I5 the end of message {id_} has no event"
        if verdict in REFUSALS and not (told.get(id_) or reden):
            yield f"I5 message {id_} is {verdict} without a reason"
    for table in FACTS:
        for (volgnr,) in store.rows(f"SELECT DISTINCT van_volgnr FROM {table}"):
            if volgnr not in ended:
                yield f"I5 {table} has facts of judgement {volgnr}, which never ended"
    for text in logs:
        if any(is_bsn(number) for number in NINE_DIGITS.findall(text)):
            yield "I5 a log has a Bsn"


def _waiting(store: _Store) -> Iterator[str]:
    for id_, _, staat, _, _, _ in store.inbox.values():
        if staat in {"nieuw", "bezig"}:
            yield f"I6 message {id_} still waits ({staat})"
    for _, soort, naam, inbox_id, _, sent_at, _ in store.outbox:
        if sent_at is None:
            yield f"I6 {soort} {naam or inbox_id} has not left"
