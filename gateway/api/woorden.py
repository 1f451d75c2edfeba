"""The words of the API for what the gateway knows by others, and the ids and links of things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Literal

from gateway.api.eindpunt import BASIS, Oproep
from gateway.errors import NietGevonden
from gateway.http.omgeving import Omgeving
from gateway.messages.definition import Berichttypen
from gateway.pipeline.kennis import AMSTERDAM
from gateway.store.tables import AANGEHOUDEN, BEZIG, GEPARKEERD, KLAAR, NIEUW

Oordeel = Literal["geaccepteerd", "deels", "afgewezen", "ongeldig", "aangehouden", "geparkeerd"]
Staat = Literal["ontvangen", "in behandeling", "aangehouden", "geparkeerd", "afgehandeld"]
Effect = Literal["afwijzen", "aanhouden", "signaal"]
Wet = Literal["jeugdwet", "wmo"]
Richting = Literal["inkomend", "uitgaand"]

OORDELEN: Mapping[str, Oordeel] = {
    "accepted": "geaccepteerd",
    "partly": "deels",
    "rejected": "afgewezen",
    "invalid": "ongeldig",
    "held": "aangehouden",
    "parked": "geparkeerd",
}
STATEN: Mapping[str, Staat] = {
    NIEUW: "ontvangen",
    BEZIG: "in behandeling",
    AANGEHOUDEN: "aangehouden",
    GEPARKEERD: "geparkeerd",
    KLAAR: "afgehandeld",
}
EFFECTEN: Mapping[str, Effect] = {"reject": "afwijzen", "hold": "aanhouden", "signal": "signaal"}

BERICHT, DECLARATIE, REGEL = "bericht", "declaratie", "regel"
TOEWIJZING, VERZOEK, BEVINDING = "toewijzing", "verzoek", "bevinding"
OORZAAK, BESLUIT = "oorzaak", "besluit"
MUTATIE, INSTEMMING = "mutatie", "instemming"


def nummer_van(oproep: Oproep, soort: str) -> tuple[int, int]:
    """The number and part behind the id in the address; raises NietGevonden for any other text."""
    found = oproep.verzoek.kenmerk(soort)
    if found is None:
        raise NietGevonden
    return found


def adres(soorten: str, kenmerk: str, deel: str = "") -> str:
    """Where a thing is."""
    return f"{BASIS}/{soorten}/{kenmerk}{deel}"


def kenmerk(omgeving: Omgeving, soort: str, nummer: int, deel: int = 0) -> str:
    """The id of a thing."""
    return omgeving.kenmerken.of(soort, nummer, deel)


def dag_begin(dag: date) -> datetime:
    """The moment at which a day begins in the Netherlands."""
    return datetime.combine(dag, time(), tzinfo=AMSTERDAM)


def richting_van(types: Berichttypen, naam: str, *, is_gemeente: bool) -> Richting:
    """Which way a message went."""
    from_gemeente = types.from_gemeente(types.by_name(naam))
    return "uitgaand" if from_gemeente == is_gemeente else "inkomend"
