"""The bank account that a provider is paid on."""

from __future__ import annotations

from typing import NamedTuple


class Rekening(NamedTuple):
    """An account as the bank knows it: its IBAN without blanks, and in whose name it is."""

    iban: str
    tenaamstelling: str
