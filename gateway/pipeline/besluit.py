"""What a decision carries: the number of our answer, and how long a held message may wait."""

from __future__ import annotations

from datetime import datetime, time

from gateway.periods.werkdagen import add_working_days
from gateway.pipeline.kennis import AMSTERDAM, Kennis, dag_van
from gateway.pipeline.ports import Claim

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    """A whole number of at least 0 in base 36."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"


def identificatie_of(claim: Claim) -> str:
    """The identification of our answer: the sequence number of the judgement in base 36.

    It comes from a counter in the store, so it is unique for every municipality and kind.
    """
    return base36(claim.volgnr)


def held_until(claim: Claim, kennis: Kennis, gemeente: str) -> datetime:
    """When a held message is granted with a signal: the morning of the policy's working day."""
    received = dag_van(claim.received_at)
    besluitdag = kennis.beleid_of(gemeente).besluitdag
    day = add_working_days(received, besluitdag, kennis.vrije_dagen)
    return datetime.combine(day, time(6), tzinfo=AMSTERDAM)
