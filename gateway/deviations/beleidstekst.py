"""Writes a policy as the file that it is read from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from gateway.deviations.policy import BESLUIT, HOLD, Beleid, Ontheffing

Document = dict[str, Any]


def document_of(beleid: Beleid) -> Document:
    """A policy as the tables of its file; what is absent there is absent here."""
    codes = sorted(beleid.effects.keys() | beleid.controleplannen.keys())
    return {
        "check": {code: _check(beleid, code) for code in codes},
        "hold": {key: getattr(beleid, key) for key in HOLD},
        "besluit": {key: getattr(beleid, key) for key in BESLUIT},
        "ontheffing": [_ontheffing(one) for one in beleid.ontheffingen],
    }


def toml_of(document: Document) -> str:
    """The text of a policy file."""
    return "\n".join(_lines(document))


def _check(beleid: Beleid, code: str) -> dict[str, Any]:
    plan = beleid.controleplannen.get(code)
    return {"effect": beleid.effect_of(code), **({"controleplan": plan} if plan else {})}


def _ontheffing(one: Ontheffing) -> dict[str, Any]:
    values = ((field.name, getattr(one, field.name)) for field in fields(one))
    return {name: value for name, value in values if value is not None}


def _lines(document: Document) -> Iterator[str]:
    for code, table in document["check"].items():
        yield from _table(f"[check.{code}]", table)
    for naam in ("hold", "besluit"):
        yield from _table(f"[{naam}]", document[naam])
    for table in document["ontheffing"]:
        yield from _table("[[ontheffing]]", table)


def _table(kop: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield kop
    for key, value in table.items():
        yield f"{key} = {_value(value)}"
    yield ""


def _value(value: str | int | date) -> str:
    if isinstance(value, str):
        # A text of JSON is one of TOML, but for one sign that TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return value.isoformat() if isinstance(value, date) else str(value)
