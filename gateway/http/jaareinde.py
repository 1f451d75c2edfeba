"""The year end for who asks over HTTP: its settings, and the pack for the accountant."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.errors import CouldNotFinish, NietGevonden
from gateway.http.omgeving import Omgeving
from gateway.http.verzoek import Verzoek
from gateway.ledger.jaareinde.instellingen import Instellingen, read_all
from gateway.store.jaareinde.pakketbestand import Pakketbestand
from gateway.toegang.wie import Bereik


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


def pack_of(verzoek: Verzoek, bereik: Bereik, gemeente: str, jaar: int) -> Pakketbestand:
    """The pack of a year as it is made now, of a municipality that may be seen.

    That it is made is in the log before anything is read.
    """
    doe = verzoek.omgeving.doe_jaarpakket
    if gemeente not in bereik.gemeenten or doe is None:
        raise NietGevonden

    def noteer() -> None:
        handeling = verzoek.verantwoord(gemeente=gemeente, over=f"jaar {jaar}")
        verzoek.omgeving.store.logboek.write(handeling)

    return doe(gemeente, jaar, noteer)
