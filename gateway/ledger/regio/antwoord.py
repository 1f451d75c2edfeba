"""What an answer to a question of a region is, and how its numbers are said."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ledger.regio.lijst import Lijst, Waarde


@dataclass(frozen=True, slots=True)
class Antwoord:
    """An answer in one sentence, with the figures behind it and what they mean."""

    vraag: str
    zin: str
    uitleg: str
    lijst: Lijst


def percent(tienden: int | None) -> str:
    """Tenths of a percent as Dutch readers write them."""
    if tienden is None:
        return "onbekend"
    whole, rest = divmod(abs(tienden), 10)
    sign = "-" if tienden < 0 else ""
    return f"{sign}{whole},{rest}%" if rest else f"{sign}{whole}%"


def hundredths(indexatie: int) -> str:
    """Hundredths of a percent as Dutch readers write them."""
    whole, rest = divmod(indexatie, 100)
    return f"{whole},{rest:02d}".rstrip("0").rstrip(",") + "%"


def whole_of(value: Waarde) -> int:
    """The number in a cell that has one."""
    return value if isinstance(value, int) else 0
