"""What calls that change something share: what is answered, and who accounts for it."""

from __future__ import annotations

from gateway.api.eindpunt import Oproep, Uitkomst, Vorm
from gateway.api.woorden import adres, kenmerk
from gateway.store.geld.voorstellen import Noteer


class Wijzigingsbewijs(Vorm, frozen=True, kw_only=True):
    """De wijziging is vastgelegd; op het adres staat hoe het nu staat."""

    adres: str


def bewijs_op(where: str) -> Uitkomst:
    """The answer to a change of what is at an address."""
    return Uitkomst(Wijzigingsbewijs(adres=where), {"Location": where})


def bewijs_van(oproep: Oproep, soorten: str, soort: str, nummer: int) -> Uitkomst:
    """The answer to a change of what has an id."""
    return bewijs_op(adres(soorten, kenmerk(oproep.verzoek.omgeving, soort, nummer)))


def noteer_van(oproep: Oproep, gemeente: str | None, over: str | None = None) -> Noteer:
    """Accounts for what gets its number in its own transaction, so that the answer comes after."""
    handeling = oproep.verzoek.verantwoord(gemeente=gemeente, over=over)
    logboek = oproep.verzoek.omgeving.store.logboek
    return lambda connection: logboek.schrijf(connection, handeling)
