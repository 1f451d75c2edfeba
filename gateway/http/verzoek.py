"""One request as a handler sees it: who asks, what he may see, and what he asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import FormData, Headers, QueryParams

from gateway.errors import NietToegestaan
from gateway.http.omgeving import Omgeving
from gateway.records.masker import mask
from gateway.store.toegang.logboek import FOUT, GOED, Betrokkene, Handeling, Spoor
from gateway.store.toegang.sessies import Sessie
from gateway.toegang.namen import ONBEKEND
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik, Wie

if TYPE_CHECKING:
    from gateway.http.pad import Pad


@dataclass(frozen=True, slots=True)
class Vraag:
    """What came in, without who asks."""

    methode: str
    pad: str
    delen: Mapping[str, str]
    zoek: QueryParams
    koppen: Headers
    adres: str
    inhoud: bytes
    formulier: FormData


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """Who asks: a user with his session, or a key without one."""

    wie: Wie
    sessie: Sessie | None = None
    is_sterk: bool = False


@dataclass(frozen=True, slots=True)
class Invulling:
    """What somebody filled in before, and what is wrong with it: a sentence per field.

    `formulier` is the address that the form goes to.
    """

    formulier: str
    velden: FormData
    fouten: Mapping[str, str]


@dataclass(slots=True)
class Verzoek:
    """One request; `toont` and `doel` say what goes into the log of processing.

    `paden` is the table that its route is of.  `begin` is in milliseconds since 1970.
    `invulling` is there for a page that is shown again because a form on it was filled in wrong.
    """

    omgeving: Omgeving
    pad: Pad
    vraag: Vraag
    spoor: Spoor
    begin: int
    paden: Sequence[Pad] = ()
    aanmelding: Aanmelding | None = None
    doel: str = ""
    is_verantwoord: bool = False
    invulling: Invulling | None = None
    _betrokkenen: dict[Betrokkene, None] = field(default_factory=dict)

    @property
    def wie(self) -> Wie:
        """Who asks; raises NietToegestaan where nobody came in."""
        if self.aanmelding is None:
            raise NietToegestaan
        return self.aanmelding.wie

    @property
    def bereik(self) -> Bereik:
        """What he may see by the right of this route."""
        if not isinstance(self.pad.recht, Recht):
            raise NietToegestaan
        return self.bereik_van(self.pad.recht)

    def bereik_van(self, recht: Recht) -> Bereik:
        """What he may see by another right; raises NietToegestaan where he has it nowhere."""
        found = self.wie.bereik(recht, self.omgeving.bediend)
        if found is None:
            raise NietToegestaan
        return found

    def mag(self, recht: Recht) -> bool:
        """Whether he has a right anywhere that is served."""
        wie = self.aanmelding.wie if self.aanmelding else None
        return wie is not None and wie.bereik(recht, self.omgeving.bediend) is not None

    def veld(self, naam: str) -> str:
        """A field of the form as a text without spaces around it, empty when it is not there."""
        value = self.vraag.formulier.get(naam, "")
        return value.strip() if isinstance(value, str) else ""

    def kenmerk(self, soort: str, deel: str = "kenmerk") -> tuple[int, int] | None:
        """The number and part behind an id in the path, None for what is no id of this kind."""
        return self.omgeving.kenmerken.read(soort, self.vraag.delen[deel])

    def toont(
        self, gemeente: str | None, kenmerken: Iterable[str], object_: str | None = None
    ) -> None:
        """Something of clients is shown or changed: the fingerprints of their Bsns, and of what.

        What is told of without a client, such as a sample, is in the log by itself.
        """
        found = [Betrokkene(gemeente, kenmerk, object_) for kenmerk in kenmerken]
        if not found and object_ is not None:
            found = [Betrokkene(gemeente, object=object_)]
        self._betrokkenen |= dict.fromkeys(found)

    def handeling(self, uitkomst: int = GOED, *, gemeente: str | None = None) -> Handeling:
        """The request as an act for the log, as it is known by now."""
        aanmelding = self.aanmelding
        return Handeling(
            naam=self.pad.handeling or self.pad.path,
            soort=self.pad.soort,
            spoor=self.spoor,
            begin=self.begin,
            einde=int(self.omgeving.clock().timestamp() * 1000),
            wie=aanmelding.wie.kenmerk if aanmelding else ONBEKEND,
            weergave=aanmelding.wie.naam if aanmelding else "",
            rollen=_rollen(aanmelding.wie) if aanmelding else (),
            doel=mask(self.doel) or self.pad.doel,
            adres=self.vraag.adres,
            uitkomst=uitkomst,
            gemeente=gemeente,
            betrokkenen=tuple(self._betrokkenen),
        )

    def verantwoord(self, *, gemeente: str | None = None, over: str | None = None) -> Handeling:
        """The act, for a change that writes it in its own transaction; `over` says about what."""
        self.is_verantwoord = True
        if over is not None:
            self._betrokkenen[Betrokkene(gemeente, object=over)] = None
        return self.handeling(gemeente=gemeente)

    def mislukt(self) -> Handeling:
        """The act as one that was refused or failed."""
        return self.handeling(FOUT)


def _rollen(wie: Wie) -> list[str]:
    return sorted({rol.value for rollen in wie.rollen.values() for rol in rollen})
