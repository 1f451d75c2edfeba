"""The Omvang of an assignment: how much may be delivered, in which unit and how often."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Omvang:
    """A volume per frequency period; unit 83 counts euro cents."""

    volume: int
    eenheid: str
    frequentie: str


def omvang_of(volume: int | None, eenheid: str | None, frequentie: str | None) -> Omvang | None:
    """The Omvang of its three parts, which stand in a message together or not at all."""
    if volume is None or eenheid is None or frequentie is None:
        return None
    return Omvang(volume, eenheid, frequentie)
