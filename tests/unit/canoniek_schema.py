"""The JSON Schemas of canonical JSON; `python -m tests.unit.canoniek_schema` writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.messages import canoniek, opdrachten

FOLDER = Path(__file__).parents[2] / "schemas" / "canoniek"
# What goes out, and what our own side hands in.
SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "records.schema.json": canoniek.json_schema,
    "opdrachten.schema.json": opdrachten.json_schema,
}


def text(name: str) -> str:
    """A schema as its file has it."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    for name in SCHEMAS:
        (FOLDER / name).write_text(text(name), encoding="utf-8")
