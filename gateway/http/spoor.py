"""Reads and makes the trace of a request (W3C Trace Context)."""

from __future__ import annotations

import re
import secrets

from gateway.store.toegang.logboek import Spoor

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$")
SHOWN = 12


def spoor_of(traceparent: str | None) -> Spoor:
    """A step of our own in the trace that a caller named, else in a new one."""
    found = _parts_of(traceparent)
    span = secrets.token_hex(8)
    if found is None:
        return Spoor(secrets.token_hex(16), span)
    return Spoor(found[0], span, found[1])


def kept_of(traceparent: object) -> str | None:
    """What a message keeps of the trace that came with it; None for what is no traceparent."""
    found = _parts_of(traceparent)
    return None if found is None else f"00-{found[0]}-{found[1]}-01"


def _parts_of(traceparent: object) -> tuple[str, str] | None:
    """The trace and the step in it; None for what is no traceparent."""
    found = _TRACEPARENT.match(traceparent) if isinstance(traceparent, str) else None
    if found is None or set(found[1]) == {"0"} or set(found[2]) == {"0"}:
        return None
    return found[1], found[2]


def traceparent_of(spoor: Spoor) -> str:
    """The header by which others go on from here."""
    return f"00-{spoor.trace_id}-{spoor.span_id}-01"


def referentie_of(spoor: Spoor) -> str:
    """The number that somebody can name when he asks what went wrong."""
    return spoor.trace_id[:SHOWN]
