"""Hides BSNs in texts: they stand in records and answers, never in findings, logs or errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import mul
from typing import Any

from gateway.records.finding import Finding

# Digits of any script: a Bsn in wide digits is a Bsn to whoever reads it.
_NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
# What stands in the place of the first five digits of a Bsn.
HIDDEN = "*****"
_NINE_PLAIN_DIGITS = re.compile(_NINE_DIGITS.pattern, re.ASCII)
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def is_bsn(text: str) -> bool:
    """Whether nine digits can be a BSN: they pass the elfproef."""
    total = sum(map(mul, _WEIGHTS, map(int, text)))
    return total % 11 == 0 and text != "000000000"


def bsns_in(text: str) -> Sequence[str]:
    """Every number in the text that can be a BSN, each once."""
    return [one for one in dict.fromkeys(_NINE_PLAIN_DIGITS.findall(text)) if is_bsn(one)]


def mask(text: str) -> str:
    """The text with every number that can be a BSN shown by its last four digits only."""
    return _NINE_DIGITS.sub(
        lambda found: f"{HIDDEN}{found[0][5:]}" if is_bsn(found[0]) else found[0], text
    )


def mask_own(nummer: str, bsn: str) -> str:
    """A number that a provider chose, without the Bsn of the client that it may have put in it."""
    return nummer.replace(bsn, f"{HIDDEN}{bsn[5:]}") if bsn else nummer


def holds_bsn(text: str) -> bool:
    """Whether a number in the text can be a BSN.

    For messages that name no client (319, 320): nothing tells there what a reference is.
    """
    return mask(text) != text


def mask_finding(finding: Finding, is_client: Callable[[str], bool]) -> Finding:
    """A finding without a BSN; a path holds one where a sender made it an element's name.

    `reference` is what sender and receiver know a line by, so it is hidden only when it is the
    Bsn of one of the clients of the message themselves, which `is_client` tells.
    """
    masked: dict[str, Any] = {name: mask(getattr(finding, name)) for name in _TEXTS}
    if finding.reference is not None and is_client(finding.reference):
        masked["reference"] = mask(finding.reference)
    if all(text == getattr(finding, name) for name, text in masked.items()):
        return finding
    return replace(finding, **masked)


_TEXTS = ("klasse", "pad", "element", "found", "expected", "text")
