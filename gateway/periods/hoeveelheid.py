"""Write volumes, and what they are counted in, the way a Dutch reader expects them in a text."""

from gateway.periods.bedragen import euros
from gateway.periods.volume import (
    EUROS,
    MINUTES_PER_HOUR,
    MINUUT,
    PER_DAG,
    PER_MAAND,
    PER_WEEK,
    TOTAAL,
    UUR,
)

# What one and several of a unit are called, per code (WJ756); unit 83 counts eurocents.
EENHEDEN = {
    MINUUT: ("minuut", "minuten"),
    UUR: ("uur", "uur"),
    "14": ("etmaal", "etmalen"),
    "16": ("dagdeel", "dagdelen"),
    "82": ("stuk", "stuks"),
    "84": ("stuk", "stuks"),
}
# What a unit by itself is called: two of them count pieces.
NAMEN = {code: meer for code, (_, meer) in EENHEDEN.items()} | {
    "82": "stuks output",
    EUROS: "euro's",
    "84": "stuks inspanning",
}
# How often a volume is meant, per code (WMO757).
FREQUENTIES = {
    PER_DAG: "per dag",
    PER_WEEK: "per week",
    PER_MAAND: "per maand",
    TOTAAL: "in totaal",
}


def in_units(volume: int, eenheid: str) -> str:
    """A volume with the name of its unit: `12 uur`; unit 83 counts eurocents."""
    if eenheid == EUROS:
        return euros(volume)
    een, meer = EENHEDEN.get(eenheid, (f"in eenheid {eenheid}",) * 2)
    told = f"{volume:,}".replace(",", ".")
    return f"{told} {een if volume == 1 else meer}"


def in_time(minutes: int) -> str:
    """Minutes in whole hours where that is possible, else as minutes."""
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return in_units(minutes, MINUUT) if rest else in_units(hours, UUR)


def omvang_in_words(volume: int, eenheid: str, frequentie: str) -> str:
    """An Omvang: `12 uur per week`."""
    return f"{in_units(volume, eenheid)} {frequentie_in_words(frequentie)}"


def eenheid_in_words(code: str) -> str:
    """A unit by its code and name: `82 (stuks output)`."""
    return f"{code} ({NAMEN[code]})" if code in NAMEN else code


def frequentie_in_words(code: str) -> str:
    """How often a volume is meant: `per week`; a code that is unknown stays as it is."""
    return FREQUENTIES.get(code, f"frequentie {code}")
