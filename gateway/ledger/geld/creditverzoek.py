"""How a request for a credit stands: what was answered, what came, and the last day for it."""

from __future__ import annotations

from datetime import date

OPEN, TOEGEZEGD, GEWEIGERD = "open", "toegezegd", "geweigerd"
VOLDAAN, INGETROKKEN = "voldaan", "ingetrokken"
DEELS, VERLOPEN = "deels voldaan", "verlopen"
LOOPT = (OPEN, TOEGEZEGD)


def settled(antwoord: str, regels: int, gecrediteerd: int) -> str:
    """What is kept of a request that was not withdrawn: done once every line is credited."""
    return VOLDAAN if gecrediteerd == regels else antwoord


def stand_van(staat: str, regels: int, gecrediteerd: int, uiterlijk: date, vandaag: date) -> str:
    """How a request is shown: one that runs is late after its last day, and partly done before."""
    if staat not in LOOPT or gecrediteerd == regels:
        return settled(staat, regels, gecrediteerd) if staat in LOOPT else staat
    if vandaag > uiterlijk:
        return VERLOPEN
    return DEELS if gecrediteerd else staat
