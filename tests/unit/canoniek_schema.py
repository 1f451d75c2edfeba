"""The JSON Schema of the canonical records; `python -m tests.unit.canoniek_schema` writes it."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.messages.canoniek import json_schema

TARGET = Path(__file__).parents[2] / "schemas" / "canoniek" / "records.schema.json"


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
