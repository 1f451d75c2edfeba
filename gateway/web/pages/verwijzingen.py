"""Addresses of things, by ids that tell nothing; what is public has its own name."""

from __future__ import annotations

from urllib.parse import quote

from gateway.errors import NietGevonden
from gateway.http.verzoek import Verzoek
from gateway.records.overeenkomst import Overeenkomst

BERICHT, DECLARATIE, REGEL = "bericht", "declaratie", "regel"
TOEWIJZING, VERZOEK, OORZAAK = "toewijzing", "verzoek", "oorzaak"
_PADEN = {
    BERICHT: "/berichten",
    DECLARATIE: "/declaraties",
    REGEL: "/regels",
    TOEWIJZING: "/toewijzingen",
    VERZOEK: "/verzoeken",
    OORZAAK: "/werkvoorraad",
}


class Verwijzingen:
    """Makes addresses for the templates of one request."""

    def __init__(self, verzoek: Verzoek) -> None:
        self._kenmerken = verzoek.omgeving.kenmerken

    def bericht(self, inbox_id: int) -> str:
        """Where a message is."""
        return self._van(BERICHT, inbox_id)

    def declaratie(self, inbox_id: int) -> str:
        """Where an invoice is."""
        return self._van(DECLARATIE, inbox_id)

    def regel(self, inbox_id: int, regelnr: int | None) -> str:
        """Where a line is; what is no line stands with its message."""
        if regelnr is None:
            return self.bericht(inbox_id)
        return self._van(REGEL, inbox_id, regelnr)

    def toewijzing(self, nummer: int, partij: int) -> str:
        """Where an assignment is."""
        return self._van(TOEWIJZING, nummer, partij)

    def verzoek(self, nummer: int) -> str:
        """Where a request is."""
        return self._van(VERZOEK, nummer)

    def oorzaak(self, nummer: int) -> str:
        """Where an open cause is."""
        return self._van(OORZAAK, nummer)

    def client(self, fingerprint: str) -> str:
        """Where a client is."""
        return f"/clienten/{self._kenmerken.of_client(fingerprint)}"

    def aanbieder(self, agb: str) -> str:
        """Where a provider is."""
        return f"/aanbieders/{quote(agb, safe='')}"

    def overeenkomst(self, one: Overeenkomst) -> str:
        """Where an agreement is."""
        return f"/overeenkomsten/{quote(one.id, safe='')}/{quote(one.versie, safe='')}"

    def _van(self, soort: str, nummer: int, deel: int = 0) -> str:
        return f"{_PADEN[soort]}/{self._kenmerken.of(soort, nummer, deel)}"


def nummer_van(verzoek: Verzoek, soort: str) -> int:
    """The number behind the id in the address; raises NietGevonden for any other text."""
    found = verzoek.kenmerk(soort)
    if found is None:
        raise NietGevonden
    return found[0]
