"""What an event looks like in the outbox: one JSON document without anything about a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

TRACEPARENT = "traceparent"


def event_body(
    soort: str,
    gemeente: str,
    inbox_id: int,
    moment: float,
    data: Mapping[str, Any],
    traceparent: str | None = None,
) -> bytes:
    """The document: what happened, about which message, when (epoch seconds, as RFC 3339).

    `traceparent` is the trace that it happened in, where that was told.
    """
    tijd = datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    told = {"soort": soort, "gemeente": gemeente, "inbox": inbox_id}
    told |= {} if traceparent is None else {TRACEPARENT: traceparent}
    return msgspec.json.encode(told | {"tijd": tijd.replace("+00:00", "Z"), "data": dict(data)})


def cloudevent(naam: str, bron: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of ours as a CloudEvent; source and id together are the key of a repeat.

    Its trace stands where the extension for distributed tracing has it.
    """
    told = {
        "specversion": "1.0",
        "id": naam,
        "source": bron,
        "type": f"nl.iwmo.{event['soort']}.v1",
        "datacontenttype": "application/json",
        "data": {name: value for name, value in event.items() if name != TRACEPARENT},
    }
    # Events that an earlier version put out do not say when.
    told |= {"time": event["tijd"]} if "tijd" in event else {}
    return told | ({TRACEPARENT: event[TRACEPARENT]} if TRACEPARENT in event else {})
