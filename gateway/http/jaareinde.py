"""The settings of the year end for who asks over HTTP."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.errors import CouldNotFinish
from gateway.http.omgeving import Omgeving
from gateway.ledger.jaareinde.instellingen import Instellingen, read_all


def instellingen_van(omgeving: Omgeving, gemeente: str) -> Instellingen:
    """The settings of a municipality, as their file is now; it is small and seldom asked for."""
    return alle_instellingen(omgeving, [gemeente])[gemeente]


def alle_instellingen(omgeving: Omgeving, gemeenten: Collection[str]) -> Mapping[str, Instellingen]:
    """The same for several municipalities at once."""
    path = omgeving.settings.jaareindebestand
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CouldNotFinish(f"{path.name} is niet te lezen ({error.strerror})") from error
    return read_all(text, gemeenten)
