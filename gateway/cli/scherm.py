"""What a sender or a file name says, on a screen: read, and never obeyed."""

from __future__ import annotations

import re

# Control signs of both kinds, ends of lines, and what turns the direction of a text around.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """A text of one line, with every sign that a terminal would obey shown by its number."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
