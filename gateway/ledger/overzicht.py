"""The statement for a provider, line by line: what was asked, granted, credited and paid, and why.

All amounts are eurocents with their sign: a credit takes away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.ledger.boek import Saldo
from gateway.ledger.verhaal import Boekregel, Verhaal

ONDERWEG, BETAALD, VERREKEND, TERUG = "onderweg", "betaald", "verrekend", "teruggekomen"


class Betaling(NamedTuple):
    """The payment that a line is in; `betaald_op` is None until the bank confirmed it.

    `bedrag` is that of the line, `totaal` that of the whole payment: of one that came to nothing
    the lines were set off against each other.  `nummer` is that of the payment itself.
    """

    kenmerk: str
    bedrag: int
    betaald_op: date | None = None
    teruggekomen_op: date | None = None
    totaal: int = 1
    nummer: int = 0

    @property
    def stand(self) -> str:
        """How far the payment is."""
        if self.teruggekomen_op is not None:
            return TERUG
        if self.betaald_op is None:
            return ONDERWEG
        return BETAALD if self.totaal else VERREKEND

    @property
    def is_done(self) -> bool:
        """Whether the provider has what the line is for."""
        return self.stand in (BETAALD, VERREKEND)


@dataclass(frozen=True, slots=True)
class Overzichtregel:
    """A line with its story, and the payment that it is in, if any."""

    verhaal: Verhaal
    betaling: Betaling | None = None

    @property
    def regel(self) -> Boekregel:
        """The line itself."""
        return self.verhaal.regel

    @property
    def ingediend(self) -> int:
        """What was submitted."""
        return self.regel.prestatie.ondertekend

    @property
    def toegekend(self) -> int:
        """What was granted; later credits are lines of their own."""
        return self.ingediend if self.regel.toegekend else 0

    @property
    def wacht(self) -> int:
        """What no 325 judged yet."""
        return self.ingediend if self.regel.wacht else 0

    @property
    def afgewezen(self) -> int:
        """What was rejected."""
        return self.ingediend - self.toegekend - self.wacht

    @property
    def gecrediteerd(self) -> int:
        """What a later credit took back of this line, as an amount below nothing."""
        credit = self.verhaal.gecrediteerd_door
        return 0 if credit is None else credit.prestatie.ondertekend

    @property
    def betaald(self) -> int:
        """What was paid for the line, or set off."""
        return self.betaling.bedrag if self.betaling is not None and self.betaling.is_done else 0


@dataclass(slots=True)
class Overzichtsom:
    """What the lines of a statement come to so far; `regels` is how many there were."""

    regels: int = 0
    ingediend: int = 0
    toegekend: int = 0
    afgewezen: int = 0
    wacht: int = 0
    betaald: int = 0

    def add(self, one: Overzichtregel) -> None:
        """Count one line."""
        self.regels += 1
        self.ingediend += one.ingediend
        self.toegekend += one.toegekend
        self.afgewezen += one.afgewezen
        self.wacht += one.wacht
        self.betaald += one.betaald

    def is_same(self, saldo: Saldo) -> bool:
        """Whether the ledger says the same, to the cent."""
        return (self.regels, self.ingediend, self.toegekend, self.afgewezen, self.wacht) == (
            saldo.regels,
            saldo.ingediend,
            saldo.toegekend,
            saldo.afgewezen,
            saldo.wacht,
        )


def sum_of(regels: Iterable[Overzichtregel]) -> Overzichtsom:
    """What some lines come to."""
    som = Overzichtsom()
    for one in regels:
        som.add(one)
    return som
