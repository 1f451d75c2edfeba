"""The balance: everything that came in was answered, is held, is parked or waits.

It is counted twice.  Once by the state that a row has, and once by what a row in that state must
have beside it: an end and a verdict, and an answer where one is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.counters import ONTVANGEN, total_of
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    BEZIG,
    GEPARKEERD,
    KLAAR,
    NIEUW,
    inbox,
    outbox,
)

INVALID, PARKED, HELD = "invalid", "parked", "held"
# The classes, and in which state a row is of which.
CLASSES: Mapping[str, str] = {
    KLAAR: "afgehandeld",
    AANGEHOUDEN: "aangehouden",
    GEPARKEERD: "geparkeerd",
    NIEUW: "wachtend",
    BEZIG: "wachtend",
}
TOGETHER = "alle berichten"


@dataclass(slots=True)
class Stand:
    """How many messages there are, by the state that they have and by what stands beside it.

    `beeindigd`, `stilgezet` and `open` are the second count: with an end and a verdict, with an end
    and without one, without an end.  `antwoorden` are there, `verwacht` are due.
    """

    rijen: int = 0
    klassen: Counter[str] = field(default_factory=Counter)
    beeindigd: int = 0
    stilgezet: int = 0
    open: int = 0
    antwoorden: Counter[str] = field(default_factory=Counter)
    verwacht: Counter[str] = field(default_factory=Counter)

    def count(self, row: Any, antwoord_van: Mapping[str, str]) -> None:
        """Count rows that are the same in everything that matters here."""
        self.rijen += row.aantal
        self.klassen[CLASSES.get(row.staat, "")] += row.aantal
        if not row.is_beeindigd:
            self.open += row.aantal
        elif row.verdict == PARKED:
            self.stilgezet += row.aantal
        elif row.verdict not in (None, HELD):
            self.beeindigd += row.aantal
        antwoord = antwoord_van.get(row.berichtcode or "")
        if row.staat == KLAAR and row.verdict != INVALID and antwoord is not None:
            self.verwacht[antwoord] += row.aantal

    def verschillen(self) -> Iterator[str]:
        """What does not add up, each in a few words."""
        klassen = self.klassen
        onbekend = klassen[""]
        if onbekend:
            yield f"{onbekend} zonder bekende staat"
        for name, count, beside in (
            ("afgehandeld", klassen["afgehandeld"], self.beeindigd),
            ("geparkeerd", klassen["geparkeerd"], self.stilgezet),
            ("aangehouden of wachtend", klassen["aangehouden"] + klassen["wachtend"], self.open),
        ):
            if count != beside:
                yield f"{count} {name}, maar naar hun oordeel en einde {beside}"
        for naam in sorted(self.verwacht | self.antwoorden):
            due, found = self.verwacht[naam], self.antwoorden[naam]
            if due != found:
                yield f"{due} keer hoort er een {naam} te zijn, maar er zijn er {found}"


@dataclass(frozen=True, slots=True)
class Balans:
    """What came in and what became of it, in total and per municipality; nothing may be missing.

    A message that no judgement gave a municipality belongs to the one among its parties; those
    without any stand under an empty code.
    """

    ontvangen: int
    totaal: Stand
    gemeenten: Mapping[str, Stand]
    verdicts: Mapping[str, int]
    antwoorden_onderweg: int

    @property
    def afgehandeld(self) -> int:
        """How many came to their end."""
        return self.totaal.klassen["afgehandeld"]

    @property
    def aangehouden(self) -> int:
        """How many wait for a person."""
        return self.totaal.klassen["aangehouden"]

    @property
    def geparkeerd(self) -> int:
        """How many could not be judged."""
        return self.totaal.klassen["geparkeerd"]

    @property
    def wachtend(self) -> int:
        """How many are still to be judged."""
        return self.totaal.klassen["wachtend"]

    @property
    def klopt(self) -> bool:
        """Whether every message that came in is accounted for."""
        return not any(True for _ in self.verschillen())

    def verschillen(self) -> Iterator[str]:
        """Everything that does not add up, one sentence each."""
        if self.ontvangen != self.totaal.rijen:
            yield f"er kwamen {self.ontvangen} berichten in, maar er staan er {self.totaal.rijen}"
        for code, stand in self.gemeenten.items():
            whose = f"gemeente {code}" if code else "zonder gemeente"
            for verschil in stand.verschillen():
                yield f"{whose}: {verschil}"


def read_balans(connection: Connection, antwoord_van: Mapping[str, str]) -> Balans:
    """Count everything; see `Views.balans`."""
    totaal, gemeenten = Stand(), dict[str, Stand]()
    verdicts: Counter[str] = Counter()
    for row in connection.execute(_INBOX):
        for stand in (totaal, gemeenten.setdefault(row.wie, Stand())):
            stand.count(row, antwoord_van)
        if row.verdict:
            verdicts[row.verdict] += row.aantal
    onderweg = 0
    wanted = frozenset(antwoord_van.values())
    for row in connection.execute(_ANTWOORDEN):
        onderweg += row.onderweg
        if row.berichttype in wanted:
            for stand in (totaal, gemeenten.setdefault(row.gemeente or "", Stand())):
                stand.antwoorden[row.berichttype] += row.aantal
    return Balans(
        ontvangen=total_of(connection, ONTVANGEN),
        totaal=totaal,
        gemeenten=dict(sorted(gemeenten.items())),
        verdicts=dict(verdicts),
        antwoorden_onderweg=onderweg,
    )


# What stands in a message in the place of its municipality may be anything, a Bsn too.
# `paar` is a municipality of four digits and an aanbieder of eight, in the order of their digits.
_WIE = sa.literal_column(
    "CASE WHEN length(gemeente) = 4 THEN gemeente WHEN length(paar) <> 13 THEN '' "
    "WHEN substr(paar, 5, 1) = '-' THEN substr(paar, 1, 4) "
    "WHEN substr(paar, 9, 1) = '-' THEN substr(paar, 10, 4) ELSE '' END",
    sa.String(),
).label("wie")
_AANTAL = sa.func.count().label("aantal")
_IS_BEEINDIGD = inbox.c.finished_at.is_not(None).label("is_beeindigd")
_GROUP = (_WIE, inbox.c.staat, inbox.c.verdict, inbox.c.berichtcode, _IS_BEEINDIGD)
_INBOX = sa.select(*_GROUP, _AANTAL).group_by(*_GROUP)
_ANTWOORDEN = (
    sa.select(
        outbox.c.gemeente,
        outbox.c.berichttype,
        _AANTAL,
        sa.func.sum(sa.case((outbox.c.sent_at.is_(None), 1), else_=0)).label("onderweg"),
    )
    .where(outbox.c.soort == sa.literal_column(f"'{ANTWOORD}'"))
    .group_by(outbox.c.gemeente, outbox.c.berichttype)
)
