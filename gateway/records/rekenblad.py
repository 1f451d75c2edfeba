"""Keeps a spreadsheet from working out what a stranger wrote."""

from __future__ import annotations

# How a text begins that is worked out instead of shown (OWASP, CSV injection).
_WORKED_OUT = ("=", "+", "-", "@", "\t", "\r")


def outert(text: str) -> str:
    """What `inert` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_WORKED_OUT) else text


def inert(text: str) -> str:
    """The text with an apostrophe in front where it would be worked out."""
    return f"'{text}" if text.startswith(_WORKED_OUT) else text
