"""One call of the API: where it is, for whom, what it takes and gives; all else is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Literal

import msgspec
from sqlalchemy.engine import Connection

from gateway.http.grenzen import Budget
from gateway.http.pad import FORM_BYTES
from gateway.http.verzoek import Verzoek
from gateway.store.noteren import Noteer
from gateway.store.toegang.herhalingen import Antwoord, Herkomst
from gateway.toegang.doelen import UITVOERING
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

BASIS = "/api/v1"
JSON, XML, ZIP = "application/json", "application/xml", "application/zip"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Body = bytes


class Vorm(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the API gives."""


class Invoer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the API takes: in the address or in a body."""


class NietsGevraagd(Invoer, frozen=True, kw_only=True):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Oproep:
    """A call in hand: `zoek` and `inhoud` are decoded, `inhoud` the bytes where they are no JSON.

    `eerste` is filled for a change that may be asked for again.
    """

    eindpunt: Eindpunt
    verzoek: Verzoek
    bereik: Bereik
    zoek: Any
    inhoud: Any
    eerste: Herkomst | None = None

    @property
    def is_aanbieder(self) -> bool:
        """Whether an aanbieder asks, who is told of its own messages only."""
        return self.bereik.aanbieder is not None

    def vastlegging(
        self,
        uitkomst: Uitkomst | Callable[..., Uitkomst],
        gemeente: str | None,
        *,
        over: str | None = None,
    ) -> Noteer:
        """What a change writes in its own transaction: who did it, and what is answered.

        An answer that names what is made is itself made of its numbers; `over` says about what the
        change is.  So nobody is answered otherwise who asks again after an answer that was lost.
        """
        handeling = self.verzoek.verantwoord(gemeente=gemeente, over=over)
        logboek, bewaar = self.verzoek.omgeving.store.logboek, self.bewaring(uitkomst)

        def write(connection: Connection, /, *nummers: int) -> None:
            bewaar(connection, *nummers)
            logboek.schrijf(connection, handeling)

        return write

    def bewaring(self, uitkomst: Uitkomst | Callable[..., Uitkomst]) -> Noteer:
        """What is answered alone, for a change that writes otherwise who did it."""
        herhalingen, eerste = self.verzoek.omgeving.store.herhalingen, self.eerste

        def write(connection: Connection, /, *nummers: int) -> None:
            if eerste is not None:
                made = uitkomst if isinstance(uitkomst, Uitkomst) else uitkomst(*nummers)
                herhalingen.write(connection, eerste, self._antwoord(made))

        return write

    def _antwoord(self, uitkomst: Uitkomst) -> Antwoord:
        koppen = {naam.lower(): waarde for naam, waarde in uitkomst.koppen.items()}
        koppen["content-type"] = self.eindpunt.media_uit
        return Antwoord(self.eindpunt.status, koppen, uitkomst.bytes)


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """What a call gives: a Vorm, or bytes as they are.

    With a `bestand` that is sent in pieces instead; such a call is not `herhaalbaar`.
    """

    inhoud: Vorm | bytes
    koppen: Mapping[str, str] = field(default_factory=dict)
    bestand: IO[bytes] | None = None

    @property
    def bytes(self) -> Body:
        """The body of the answer."""
        return self.inhoud if isinstance(self.inhoud, Body) else msgspec.json.encode(self.inhoud)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eindpunt:
    """A call.

    `pad` stands below BASIS; `rechten` are those of which one is enough, none for what is public.
    `media_ook` are other kinds of body beside `media_in` that are taken as they are.
    `handeling` names the act in the log of processing, absent for what shows no client.
    `herhaalbaar` is for every change: it listens to Idempotency-Key, and keeps its answer by
    `vastlegging`.  `met_versie` is for one that listens to If-Match.
    """

    methode: Literal["GET", "POST"]
    pad: str
    naam: str
    groep: str
    titel: str
    uitleg: str = ""
    rechten: tuple[Recht, ...]
    doe: Callable[[Oproep], Uitkomst]
    zoek: type[Invoer] = NietsGevraagd
    inhoud: type[Invoer] | None = None
    media_in: str = JSON
    media_ook: tuple[str, ...] = ()
    antwoord: type[Vorm] | None = None
    media_uit: str = JSON
    status: int = 200
    fouten: tuple[int, ...] = ()
    handeling: str | None = None
    soort: str = "R"
    doel: str = UITVOERING
    budget: Budget = "gewoon"
    bytecap: int = FORM_BYTES
    herhaalbaar: bool = False
    met_versie: bool = False

    @property
    def neemt_inhoud(self) -> bool:
        """Whether it has a body."""
        return self.methode == "POST"
