"""What pages need of a login provider; who is behind it needs libraries that few starts do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.store.toegang.gebruikers import Rollen
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE

# What cannot come by a claim: who works for an aanbieder is tied to its AGB code by a beheerder.
_BY_CLAIM = frozenset(Rol) - {Rol.AANBIEDER}
# Where the provider sends browsers back to.
TERUG = "/inloggen/terug"


class LoginVraag(NamedTuple):
    """A login under way: what only this browser and the provider know."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Persoon:
    """Who came in, as the provider says; `auth_time` is when he showed it (seconds since 1970).

    `rollen` are those that the provider hands out, None where it does not.
    """

    sub: str
    naam: str
    weergave: str
    rollen: Sequence[str] | None
    auth_time: float
    token: str


@dataclass(frozen=True, slots=True)
class Programma:
    """A program that the provider let in, as it calls it, with the roles that it gave it."""

    naam: str
    rollen: Sequence[str]


class Dienst(Protocol):
    """A login provider."""

    @property
    def issuer(self) -> str:
        """The provider, as it calls itself."""

    def begin(self, vraag: LoginVraag, *, opnieuw: bool) -> str:
        """Where to send the browser; `opnieuw` has somebody show again who he is."""

    def finish(self, vraag: LoginVraag, code: str) -> Persoon:
        """Who came back with this code; raises VerzoekGeweigerd for what cannot be trusted."""

    def programma(self, token: str) -> Programma:
        """Which program a token is of; raises VerzoekGeweigerd for what cannot be trusted."""

    def end(self, token: str, after: str) -> str | None:
        """Where to log out at the provider too, None where it has no such place."""


def rollen_of(given: Sequence[str], bediend: frozenset[str]) -> Rollen:
    """Roles from a claim: `lezer` for every municipality, `lezer:0193` for one.

    What we do not know is of another application, and left alone.
    """
    found: dict[str, frozenset[Rol]] = {}
    by_name = {rol.value.replace(" ", "-"): rol for rol in _BY_CLAIM}
    for one in given:
        naam, _, gemeente = one.partition(":")
        rol = by_name.get(naam.strip().replace(" ", "-"))
        if rol is not None and (not gemeente or gemeente in bediend):
            place = gemeente or ALLE
            found[place] = found.get(place, frozenset()) | {rol}
    return found
