"""The terms for answering a request: until which day the municipality may take."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from gateway.periods.werkdagen import add_working_days

VERZOEK_WERKDAGEN = 5
ONDERZOEK = timedelta(weeks=8)


def verzoektermijn(ontvangen_op: date, extra: Collection[date] = frozenset()) -> date:
    """The last day for a 301 or 319: five working days after receipt (OP274, OP346)."""
    return add_working_days(ontvangen_op, VERZOEK_WERKDAGEN, extra)


def onderzoekstermijn(dagtekening: date) -> date:
    """The last day after "in onderzoek": eight weeks after the Dagtekening of the request."""
    return dagtekening + ONDERZOEK
