"""How the API knows who asks, and tells what it refuses: by a key, in problem+json."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.problemen import probleem
from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.sleutel import VRAAG_SLEUTEL, ZONDER_SLEUTEL, met_sleutel
from gateway.http.verzoek import Aanmelding, Verzoek
from gateway.store.toegang.logboek import Spoor


class Apikant:
    """The API with a key in Authorization; cookies mean nothing here."""

    def herken(self, verzoek: Verzoek) -> Aanmelding | None:
        """Whose key comes with a request, with the rights that it has now."""
        return met_sleutel(verzoek)

    def bewaak(self, verzoek: Verzoek) -> None:
        """A browser of another site has no key to send along."""

    def zonder_aanmelding(self, verzoek: Verzoek) -> Response:
        """401, with how to come in."""
        return probleem(401, ZONDER_SLEUTEL, instance_of(verzoek), VRAAG_SLEUTEL)

    def opnieuw_aanmelden(self, verzoek: Verzoek) -> Response:
        """A key cannot show again who it is."""
        return self.zonder_aanmelding(verzoek)

    def weigering(self, verzoek: Verzoek, fout: VerzoekGeweigerd) -> Response:
        """What was refused, and when to come back."""
        wait = fout.retry_after
        koppen = {} if wait is None else {"Retry-After": str(wait)}
        return probleem(fout.status, str(fout), instance_of(verzoek), koppen)

    def opnieuw_invullen(self, verzoek: Verzoek, fout: WrongUse) -> None:
        """A program has no form."""


def instance_of(verzoek: Verzoek) -> str:
    """By what a request is found in the logs."""
    return urn_of(verzoek.spoor)


def urn_of(spoor: Spoor) -> str:
    """The name of a trace."""
    return f"urn:trace:{spoor.trace_id}"
