"""One route, with the right that it needs: what does not name one does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from starlette.responses import Response

from gateway.http.grenzen import Budget
from gateway.http.verzoek import Verzoek
from gateway.toegang.doelen import UITVOERING
from gateway.toegang.rechten import Recht

FORM_BYTES = 1024 * 1024

Handler = Callable[[Verzoek], Response]


class Kop(NamedTuple):
    """How a page is named and told of on the page that leads to it and others like it."""

    tekst: str
    uitleg: str


class Deur(Enum):
    """Who comes in without a right of his own."""

    OPENBAAR = "iedereen"
    INGELOGD = "wie is ingelogd"


OPENBAAR, INGELOGD = Deur.OPENBAAR, Deur.INGELOGD


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    """What is done for a path and a method, and for whom.

    `handeling` names the act in the log of processing; without it nothing is written, for what has
    no client in it.  `soort` is C, R, U, D or E (NEN 7513).  `menu` is the word under which it
    stands in the menu, `kop` the words for what is found by the page above it.  A request is taken
    from `budget`, None where anyone may ask as often as he likes.  `sterk` asks who changes rights
    or exports to log in again first.
    """

    path: str
    method: str
    handler: Handler
    recht: Recht | Deur
    handeling: str | None = None
    soort: str = "R"
    doel: str = UITVOERING
    menu: str | None = None
    kop: Kop | None = None
    budget: Budget | None = "gewoon"
    bytecap: int = FORM_BYTES
    sterk: bool = False

    @property
    def is_change(self) -> bool:
        """Whether it may change something, so that it has to come from our own pages."""
        return self.method not in ("GET", "HEAD", "OPTIONS")
