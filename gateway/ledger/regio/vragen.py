"""The questions that a region asks before it sets the tariffs of next year, with their answers.

They are answered from figures that may be seen, so no answer tells of a few clients either.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.ledger.regio.antwoord import Antwoord
from gateway.ledger.regio.geldvragen import concentratie, indexatie_kosten, prijsverschil
from gateway.ledger.regio.rapport import Jaarcijfers
from gateway.ledger.regio.zorgvragen import mixverschuiving, ongebruikt, terugkeer, uitval


def answers(nu: Jaarcijfers, vorig: Jaarcijfers | None, indexatie: int) -> Sequence[Antwoord]:
    """All answers over a year; `indexatie` is a rise in hundredths of a percent."""
    if nu.totaal is None or not nu.totaal.trajecten:
        return ()
    return [
        prijsverschil(nu),
        mixverschuiving(nu, vorig),
        ongebruikt(nu),
        indexatie_kosten(nu, indexatie),
        uitval(nu),
        terugkeer(nu),
        concentratie(nu, nu.totaal),
    ]
