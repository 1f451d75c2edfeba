"""The Omvang of an assignment: how much may be delivered, in which unit and how often."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Omvang:
    """A volume per frequency period; unit 83 counts euro cents."""

    volume: int
    eenheid: str
    frequentie: str
