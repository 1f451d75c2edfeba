"""What calls that change something answer."""

from __future__ import annotations

from gateway.api.eindpunt import Oproep, Uitkomst, Vorm
from gateway.api.woorden import adres, kenmerk


class Wijzigingsbewijs(Vorm, frozen=True, kw_only=True):
    """De wijziging is vastgelegd; op het adres staat hoe het nu staat."""

    adres: str


def bewijs_op(where: str) -> Uitkomst:
    """The answer to a change of what is at an address."""
    return Uitkomst(Wijzigingsbewijs(adres=where), {"Location": where})


def bewijs_van(oproep: Oproep, soorten: str, soort: str, nummer: int) -> Uitkomst:
    """The answer to a change of what has an id."""
    return bewijs_op(adres(soorten, kenmerk(oproep.verzoek.omgeving, soort, nummer)))
