"""What a command writes in the log of processing: who works at the machine has no name there."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.http.spoor import spoor_of
from gateway.store.toegang.logboek import Betrokkene, Handeling
from gateway.toegang.namen import OPDRACHTREGEL


def handeling_of(
    naam: str, soort: str, over: Betrokkene, doel: str, now: datetime | None = None
) -> Handeling:
    """An act of a command, now where no moment is given."""
    moment = int((now or datetime.now(UTC)).timestamp() * 1000)
    return Handeling(
        naam=naam,
        soort=soort,
        spoor=spoor_of(None),
        begin=moment,
        einde=moment,
        wie=OPDRACHTREGEL,
        doel=doel,
        betrokkenen=(over,),
    )
