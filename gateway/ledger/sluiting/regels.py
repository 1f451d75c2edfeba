"""The lines behind an amount of a proof, and what each of them counts there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from gateway.periods.verdelen import Verdeling, per_year

# Which lines a proof is made of: those that begin in the year, those with a day in it, those with
# days in another year too, all of them, or credits.
BEGIN, DAGEN, ALLE, CREDITS = "begin", "dagen", "alle", "credits"
# What becomes of a granted line, in the order in which it goes.
NIET_VERZONDEN, ELDERS, GEBLOKKEERD = "wacht op de 325", "elders betaald", "geblokkeerd"
OPEN, IN_RUN, VRIJGEGEVEN, BETAALD = "open", "in een run", "vrijgegeven", "betaald"
TERUGGEKOMEN = "teruggekomen"
# An invoice that a payment was released with, paid or not.
IN_BETALING = "in een betaling"


class Sluitregel(NamedTuple):
    """A granted line; `bedrag` has its sign, `betaling` is the Kenmerk of the payment it is in."""

    inbox_id: int
    regelnr: int
    gemeente: str
    wet: str
    aanbieder: str
    declaratienummer: str
    referentienummer: str
    toewijzingnummer: int
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    client: str
    stand: str
    betaling: str | None

    @property
    def jaren(self) -> Verdeling:
        """What of it belongs to each year, by the days of its period."""
        return per_year(self.bedrag, self.begindatum, self.einddatum)


def counts(soort: str, regel: Sluitregel, jaar: int) -> int:
    """What a line counts in a proof that is made of lines of a kind."""
    return regel.jaren.get(jaar, 0) if soort == DAGEN else _SIGN.get(soort, 1) * regel.bedrag


# A credit is told without a sign where only credits are.
_SIGN: Mapping[str, int] = {CREDITS: -1}
