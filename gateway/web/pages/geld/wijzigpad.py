"""The route of a change of money: for who may change it, and in the log of processing."""

from __future__ import annotations

from gateway.http.pad import Handler, Pad
from gateway.toegang.rechten import Recht


def wijzigpad(path: str, handler: Handler, handeling: str, soort: str) -> Pad:
    """What is sent to a path changes something; `soort` is C, U or D (NEN 7513)."""
    return Pad(
        path=path,
        method="POST",
        handler=handler,
        recht=Recht.GELD_BEHEREN,
        handeling=handeling,
        soort=soort,
    )
