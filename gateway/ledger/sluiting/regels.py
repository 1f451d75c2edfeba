"""The lines behind an amount of a proof, and what each of them counts there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from gateway.ledger.overzicht import BETAALD, ONDERWEG, TERUG, VERREKEND
from gateway.periods.verdelen import Verdeling, per_year

# Which lines a proof is made of: those that begin in the year, those with a day in it, those with
# days in another year too, all of them, or credits; credits that were asked for, lines as the costs
# of years have them, start parts alone, lines of invoices and those of settlements.
BEGIN, DAGEN, ALLE, CREDITS = "begin", "dagen", "alle", "credits"
OP_VERZOEK, LASTEN, OVERLOPEND = "op verzoek", "lasten", "overlopend"
FACTUREN, VERREKENINGEN = "facturen", "verrekeningen"
# Those of invoices with a day in the year, and all that released payments are made of.
FACTUURDAGEN, BETALINGEN = "factuurdagen", "betalingen"
# What becomes of a line before a payment is released with it, in the order in which it goes; and
# then, in the words of a statement.
NIET_VERZONDEN, ELDERS, GEBLOKKEERD = "wacht op de 325", "elders betaald", "geblokkeerd"
OPEN, IN_RUN = "open", "in een run"
VRIJGEGEVEN = (BETAALD, VERREKEND, ONDERWEG, TERUG)


class Overlopend(NamedTuple):
    """A start part of a trajectory: whose, in which period, and to which years it belongs."""

    gemeente: str
    aanbieder: str
    begindatum: date
    einddatum: date
    jaren: Verdeling


# By the message and the number of the line that it was paid by.
Startdelen = Mapping[tuple[int, int], Overlopend]


class Sluitregel(NamedTuple):
    """A line behind an amount; `bedrag` has its sign, `betaling` is the Kenmerk of its payment.

    An invoice outside the traffic has no message, but its own number (`factuur`), and its
    factuurnummer as declaratienummer.  `over_jaren` is to which years a start part belongs.
    """

    inbox_id: int | None
    regelnr: int
    gemeente: str
    wet: str
    aanbieder: str
    declaratienummer: str
    referentienummer: str
    toewijzingnummer: int | None
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    client: str | None
    stand: str
    betaling: str | None = None
    factuur: int | None = None
    over_jaren: Verdeling | None = None

    @property
    def bron(self) -> tuple[str, int, int]:
        """What its receipt is found by: a line of a message, or an invoice outside the traffic."""
        if self.factuur is not None:
            return "factuur", self.factuur, 0
        return "regel", self.inbox_id or 0, self.regelnr

    @property
    def jaren(self) -> Verdeling:
        """What of it belongs to each year: by the days of its period, or of the trajectory."""
        if self.over_jaren is not None:
            return self.over_jaren
        return per_year(self.bedrag, self.begindatum, self.einddatum)


def counts(soort: str, regel: Sluitregel, jaar: int) -> int:
    """What a line counts in a proof that is made of lines of a kind."""
    by_year = soort in (DAGEN, LASTEN, FACTUURDAGEN)
    return regel.jaren.get(jaar, 0) if by_year else _SIGN.get(soort, 1) * regel.bedrag


# A credit is told without a sign where only credits are.
_SIGN: Mapping[str, int] = {CREDITS: -1, OP_VERZOEK: -1}
