"""What pages need of a login provider; who is behind it needs libraries that few starts do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

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


class Dienst(Protocol):
    """A login provider."""

    @property
    def issuer(self) -> str:
        """The provider, as it calls itself."""

    def begin(self, vraag: LoginVraag, *, opnieuw: bool) -> str:
        """Where to send the browser; `opnieuw` has somebody show again who he is."""

    def finish(self, vraag: LoginVraag, code: str) -> Persoon:
        """Who came back with this code; raises VerzoekGeweigerd for what cannot be trusted."""

    def end(self, token: str, after: str) -> str | None:
        """Where to log out at the provider too, None where it has no such place."""
