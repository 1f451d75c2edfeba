"""Logs: one event per line, as JSON or for a terminal, never with a BSN in it."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from gateway.records.masker import mask

Event = MutableMapping[str, Any]


def mask_bsn(logger: object, method: str, event: Event) -> Event:
    """Hide every number that can be a BSN, however deep it stands in the event."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        text = mask(str(value))
        return value if text == str(value) else text
    if isinstance(value, dict):
        return {_masked(key): _masked(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inside) for inside in value]
    return mask(str(value))


def configure_logs(form: str, level: int = logging.INFO) -> None:
    """Send events of at least `level` to standard error, as "json" or for the "console"."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_bsn,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_standard_error,
        cache_logger_on_first_use=False,
    )


def _to_standard_error(*_: Any) -> structlog.PrintLogger:
    """What writes to standard error as it is now: it may have been another one when this began."""
    return structlog.PrintLogger(sys.stderr)
