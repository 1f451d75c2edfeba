"""What pages and the API do each in their own way; the router does the rest."""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response

from gateway.errors import VerzoekGeweigerd, WrongUse
from gateway.http.verzoek import Aanmelding, Verzoek


class Kant(Protocol):
    """Pages with a session, or the API with a key."""

    def herken(self, verzoek: Verzoek) -> Aanmelding | None:
        """Who asks, with his rights as they are now; None for nobody we know."""

    def bewaak(self, verzoek: Verzoek) -> None:
        """Raise VerzoekGeweigerd for a change that another site may have asked for."""

    def zonder_aanmelding(self, verzoek: Verzoek) -> Response:
        """The answer to who has to log in first."""

    def opnieuw_aanmelden(self, verzoek: Verzoek) -> Response:
        """The answer to who has to show again who he is."""

    def weigering(self, verzoek: Verzoek, fout: VerzoekGeweigerd) -> Response:
        """The answer that tells what was refused, or that something went wrong here."""

    def opnieuw_invullen(self, verzoek: Verzoek, fout: WrongUse) -> Verzoek | None:
        """The page with the form that was filled in wrong, None where there is none."""
