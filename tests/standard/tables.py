"""Reads the fact tables of the standard: its types, messages, namespaces and codes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

Facets = dict[str, Any]
Element = dict[str, Any]


@cache
def load_types() -> dict[str, Any]:
    """The types of the two base schemas: what they share, and what is their own."""
    types: dict[str, Any] = json.loads((_HERE / "types.json").read_text(encoding="utf-8"))
    return types


@cache
def load_messages() -> dict[str, Any]:
    """The 28 messages by name, each with its classes in order."""
    messages: dict[str, Any] = json.loads((_HERE / "messages.json").read_text(encoding="utf-8"))
    return messages


def base_namespace(standard: str) -> str:
    """The namespace of the base schema of a standard."""
    return str(load_types()[standard]["namespace"])


@cache
def simple_types(standard: str) -> dict[str, Facets]:
    """Every simple type of a standard, by name."""
    types = load_types()
    return {**types["common"]["simple"], **types[standard]["simple"]}


@cache
def complex_types(standard: str) -> dict[str, list[Element]]:
    """Every complex type of the base schema of a standard, by name."""
    types = load_types()
    return {**types["common"]["complex"], **types[standard].get("complex", {})}


def members(message: str, element: Element) -> tuple[str, list[Element]] | None:
    """The namespace and the elements inside an element; None when it holds a value."""
    table = load_messages()[message]
    if element["ns"] == "local":
        return table["namespace"], table["classes"][element["type"]]
    standard = table["standard"]
    inside = complex_types(standard).get(element["type"])
    if inside is None:
        return None
    return base_namespace(standard), [{**member, "ns": "basis"} for member in inside]


def root_of(message: str) -> tuple[str, Element]:
    """The namespace of a message and its root, written like any other element."""
    table = load_messages()[message]
    root = {"name": table["rootElement"], "type": table["rootType"], "ns": "local"}
    return table["namespace"], {**root, "min": 1, "max": 1}
