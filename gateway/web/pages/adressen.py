"""Where things are, by ids that tell nothing, and rows of lists with their address."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import NietGevonden
from gateway.http.verzoek import Verzoek
from gateway.ledger.overzicht import Betaling
from gateway.messages.teksten import Tekst
from gateway.store.werk.besluiten import Besluit
from gateway.store.werk.besluitinzage import Besluitpost
from gateway.store.werk.voorraad import Oorzaakrij, Post
from gateway.toegang.rechten import Recht
from gateway.web.pages import woorden

PADEN = {
    "oorzaak": "/werkvoorraad",
    "besluit": "/besluiten",
    "declaratie": "/declaraties",
    "regel": "/regels",
    "bericht": "/berichten",
    "toewijzing": "/toewijzingen",
    "verzoek": "/verzoeken",
    "betaling": "/geld/betalingen",
}


@dataclass(frozen=True, slots=True)
class Oorzaakregel:
    """A cause in a list, with its texts and address."""

    rij: Oorzaakrij
    tekst: Tekst
    naar: str

    @property
    def kort(self) -> str:
        """The first sentence of what is the matter."""
        first, point, _ = self.tekst.wat.partition(". ")
        return f"{first}." if point else first


@dataclass(frozen=True, slots=True)
class Postregel:
    """An open finding in a list, with where it and a decision on it are."""

    post: Post
    naar: str
    besluit: str | None


def van(verzoek: Verzoek, soort: str, nummer: int, deel: int = 0) -> str:
    """The address of a thing."""
    return f"{PADEN[soort]}/{verzoek.omgeving.kenmerken.of(soort, nummer, deel)}"


def bericht(verzoek: Verzoek, inbox_id: int) -> str:
    """The address of a message."""
    return van(verzoek, "bericht", inbox_id)


def nummer_van(verzoek: Verzoek, soort: str) -> tuple[int, int]:
    """The number and part behind the id in the address; raises NietGevonden for any other text."""
    found = verzoek.kenmerk(soort)
    if found is None:
        raise NietGevonden
    return found


def oorzaakregel(verzoek: Verzoek, rij: Oorzaakrij) -> Oorzaakregel:
    """A cause with its texts and address."""
    tekst = woorden.tekst_van(
        verzoek.omgeving.teksten, rij.oorzaak.rule, rij.oorzaak.retourcode or None
    )
    return Oorzaakregel(rij, tekst, van(verzoek, "oorzaak", rij.nummer))


def postregel(verzoek: Verzoek, post: Post) -> Postregel:
    """An open finding with its address."""
    besluit = None if post.besluit is None else van(verzoek, "besluit", post.besluit)
    return Postregel(post, bevinding(verzoek, post), besluit)


def bevinding(verzoek: Verzoek, post: Post | Besluitpost) -> str:
    """Where a finding stands: with its line, else its invoice, else the message that it is in."""
    if post.regelnr is not None:
        return regel(verzoek, post.inbox_id, post.regelnr)
    if post.declaratienummer is not None:
        return van(verzoek, "declaratie", post.inbox_id)
    return bericht(verzoek, post.inbox_id)


def regel(verzoek: Verzoek, inbox_id: int, regelnr: int) -> str:
    """Where a line is."""
    return van(verzoek, "regel", inbox_id, regelnr)


def betaling(verzoek: Verzoek, one: Betaling) -> str | None:
    """Where a payment is, for who may see it."""
    return van(verzoek, "betaling", one.nummer) if verzoek.mag(Recht.GELD_ZIEN) else None


def besluit(verzoek: Verzoek, one: Besluit) -> str:
    """Where a decision is."""
    return van(verzoek, "besluit", one.nummer)
