"""What the calls about what is put right afterwards share: who did it, and where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from gateway.api.eindpunt import Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag
from gateway.api.woorden import adres, kenmerk
from gateway.store.noteren import Noteer
from gateway.toegang.rechten import Recht

ZIEN, BEHEREN = (Recht.GELD_ZIEN,), (Recht.GELD_BEHEREN,)
GEMEENTE = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$", description="De gemeentecode.")]
AGB = Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$", description="De AGB-code.")]
TOEWIJZINGNUMMER = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]
JAAR = Annotated[int, msgspec.Meta(ge=2000, le=2100)]
LEVERJAAR = Annotated[
    int, msgspec.Meta(ge=2015, le=2100, description="Het jaar waarin de zorg is geleverd.")
]
CODE = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
WOORDEN = Annotated[str, msgspec.Meta(max_length=2000, description="Zonder BSN.")]


class Jaarlijstvraag(Bladvraag, frozen=True, kw_only=True):
    """Van welke gemeente en welk jaar; zonder deze van alle."""

    gemeente: GEMEENTE | None = None
    jaar: LEVERJAAR | None = None


class Vastgelegd(Vorm, frozen=True, kw_only=True):
    """Wat is vastgelegd: op elk adres staat hoe het nu staat."""

    adressen: list[str]


class Gezet(Vorm, frozen=True, kw_only=True):
    """De stap is gezet; op het adres staat hoe het nu staat."""

    adres: str


def vastgelegd(oproep: Oproep, soorten: str, soort: str, nummers: Sequence[int]) -> Uitkomst:
    """The answer to what put something down."""
    found = [adres(soorten, kenmerk(oproep.verzoek.omgeving, soort, one)) for one in nummers]
    return Uitkomst(Vastgelegd(adressen=found), {"Location": found[0]})


def gezet(oproep: Oproep, soorten: str, soort: str, nummer: int) -> Uitkomst:
    """The answer to a step with something."""
    return Uitkomst(Gezet(adres=adres(soorten, kenmerk(oproep.verzoek.omgeving, soort, nummer))))


def noteer_van(oproep: Oproep, gemeente: str) -> Noteer:
    """Accounts for a change in its own transaction."""
    handeling = oproep.verzoek.verantwoord(gemeente=gemeente)
    logboek = oproep.verzoek.omgeving.store.logboek
    return lambda connection, *_: logboek.schrijf(connection, handeling)
