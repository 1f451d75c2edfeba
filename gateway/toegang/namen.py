"""Names that stand in the log for something else than a user: no user gets one of them."""

from __future__ import annotations

# Programs are known there by their key, commands and who did not come in by a word.
SLEUTEL = "sleutel-"
# Those that come in by a token of the login provider, by what they are called there.
PROGRAMMA = "programma-"
OPDRACHTREGEL, ONBEKEND = "opdrachtregel", "onbekend"
# Before the account on the machine, of who works on the command line.
AAN_DE_MACHINE = f"{OPDRACHTREGEL}:"


def is_bezet(naam: str) -> bool:
    """Whether a name means something else in the log."""
    lower = naam.casefold()
    begins = lower.startswith((SLEUTEL, PROGRAMMA, AAN_DE_MACHINE))
    return begins or lower in (OPDRACHTREGEL, ONBEKEND)
