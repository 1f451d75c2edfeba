"""What an event looks like in the outbox: one JSON document without anything about a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec


def event_body(
    soort: str, gemeente: str, inbox_id: int, moment: float, data: Mapping[str, Any]
) -> bytes:
    """The document: what happened, about which message, when (epoch seconds, as RFC 3339)."""
    tijd = datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    told = {"soort": soort, "gemeente": gemeente, "inbox": inbox_id}
    return msgspec.json.encode(told | {"tijd": tijd.replace("+00:00", "Z"), "data": dict(data)})
