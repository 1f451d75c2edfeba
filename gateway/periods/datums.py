"""Writes dates and moments as Dutch readers expect them, in the time of Amsterdam."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MAANDEN = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
KORT = tuple(naam if naam == "mei" else naam[:3].replace("maa", "mrt") for naam in MAANDEN)


def datum_lang(day: date) -> str:
    """A date in a sentence: 3 november 2026."""
    return f"{day.day} {MAANDEN[day.month - 1]} {day.year}"


def datum_kort(day: date) -> str:
    """A date in a table: 3 nov 2026, on one line."""
    return "\N{NO-BREAK SPACE}".join((str(day.day), KORT[day.month - 1], str(day.year)))


def tijdstip(moment: datetime) -> str:
    """A moment, with its zone known: 3 nov 2026, 14:05 uur."""
    here = moment.astimezone(AMSTERDAM)
    return f"{datum_kort(here.date())}, {here:%H:%M}\N{NO-BREAK SPACE}uur"
