"""Writes the description of the API to docs: `python -m tests.api.beschrijving`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gateway.api.openapi import document
from gateway.api.tabel import EINDPUNTEN
from gateway.config import Settings

COPY = Path(__file__).parents[2] / "docs" / "openapi.json"


def written() -> str:
    """The description as it stands in docs."""
    body = msgspec.json.encode(document(EINDPUNTEN, Settings()))
    return msgspec.json.format(body).decode() + "\n"


if __name__ == "__main__":
    COPY.write_text(written(), encoding="utf-8")
