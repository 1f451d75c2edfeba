"""The route of a change of money: for who may change it, and in the log of processing."""

from __future__ import annotations

from gateway.http.grenzen import Budget
from gateway.http.pad import FORM_BYTES, Handler, Pad
from gateway.toegang.rechten import Recht


def wijzigpad(
    path: str,
    handler: Handler,
    handeling: str,
    soort: str,
    *,
    budget: Budget = "gewoon",
    bytecap: int = FORM_BYTES,
) -> Pad:
    """What is sent to a path changes something; `soort` is C, U or D (NEN 7513)."""
    return Pad(
        path=path,
        method="POST",
        handler=handler,
        recht=Recht.GELD_BEHEREN,
        handeling=handeling,
        soort=soort,
        budget=budget,
        bytecap=bytecap,
    )
