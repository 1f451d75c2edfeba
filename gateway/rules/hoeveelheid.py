"""Write volumes the way a Dutch reader expects them in a text."""

from gateway.periods.bedragen import euros
from gateway.periods.volume import MINUTES_PER_HOUR, MINUUT, UUR
from gateway.rules.bedragen import EUROS

# What a volume is counted in, per unit code (WJ756).
EENHEDEN = {
    MINUUT: "minuten",
    UUR: "uur",
    "14": "etmalen",
    "16": "dagdelen",
    "82": "stuks",
    "84": "stuks",
}


def in_units(volume: int, eenheid: str) -> str:
    """A volume with the name of its unit: `12 uur`; unit 83 counts eurocents."""
    return euros(volume) if eenheid == EUROS else f"{volume} {EENHEDEN[eenheid]}"


def in_time(minutes: int) -> str:
    """Minutes in whole hours where that is possible, else as minutes."""
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return in_units(minutes, MINUUT) if rest else in_units(hours, UUR)
