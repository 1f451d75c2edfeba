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

# How far what was paid for a line is: on its way to the bank, paid by it, set off in a payment that
# came to nothing, or back from the bank and in no payment since.
ONDERWEG, BETAALD, VERREKEND, TERUG = "onderweg", "betaald", "verrekend", "teruggekomen"


class Betaling(NamedTuple):
    """The payment that a line is in (`kenmerk`), and what became of the amount of the line.

    `betaald_op` is None until it was paid for good.  What came back (`teruggekomen_op`, the last
    time) went along in a later payment, if any: `opnieuw` is the Kenmerk of that one.
    `nummer` is that of the payment itself.
    """

    kenmerk: str
    bedrag: int
    stand: str = ONDERWEG
    betaald_op: date | None = None
    teruggekomen_op: date | None = None
    opnieuw: str | None = None
    nummer: int = 0

    @property
    def is_done(self) -> bool:
        """Whether the provider has what the line is for."""
        return self.stand in (BETAALD, VERREKEND)

    @property
    def sinds(self) -> date | None:
        """The day since which it stands so; None for what is on its way."""
        return self.teruggekomen_op if self.stand == TERUG else self.betaald_op


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
