"""Tells schemathesis how to send files: a text that it made up, also as the one part of a zip."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import schemathesis


@schemathesis.serializer(
    "text/csv",
    "application/toml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def written(_context: Any, value: Any) -> bytes:
    """A text as the bytes of a file."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.serializer("application/zip")
def zipped(_context: Any, value: Any) -> bytes:
    """A zip with a text; what is no text, and so not allowed, goes as it is."""
    body = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    if not isinstance(value, bytes | str):
        return body
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("bericht.xml", body)
    return made.getvalue()
