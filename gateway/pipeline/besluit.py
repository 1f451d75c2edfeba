"""How long a held message may wait for a person."""

from __future__ import annotations

from datetime import datetime, time

from gateway.periods.werkdagen import add_working_days
from gateway.pipeline.kennis import AMSTERDAM, Kennis, dag_van
from gateway.pipeline.ports import Claim


def held_until(claim: Claim, kennis: Kennis, gemeente: str) -> datetime:
    """When a held message is granted with a signal: the morning of the policy's working day."""
    received = dag_van(claim.received_at)
    besluitdag = kennis.beleid_of(gemeente).besluitdag
    day = add_working_days(received, besluitdag, kennis.vrije_dagen)
    return datetime.combine(day, time(6), tzinfo=AMSTERDAM)
