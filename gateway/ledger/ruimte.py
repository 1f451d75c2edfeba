"""What is left of ceilings per municipality and allowances per provider, by year of delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten

PLAFOND, JAARBEDRAG = "plafond", "jaarbedrag"


class Besteding(NamedTuple):
    """Whose spending on what, in which year of delivery."""

    gemeente: str
    wet: str
    aanbieder: str
    productcode: str
    jaar: int


Besteed = Mapping[Besteding, int]


@dataclass(frozen=True, slots=True)
class Ruimte:
    """How much of a ceiling (`van` is a municipality) or allowance (a provider) is used, in cents.

    `melding` is at how many percent people want to hear of it.
    """

    soort: str
    overeenkomst: str
    van: str
    jaar: int
    ruimte: int
    gebruikt: int
    melding: int

    @property
    def percentage(self) -> int:
        """How much is used, in whole percent, rounded down."""
        return 100 if not self.ruimte else 100 * self.gebruikt // self.ruimte

    @property
    def is_reached(self) -> bool:
        """Whether it has come to where people want to hear of it."""
        return 100 * self.gebruikt >= self.ruimte * self.melding


def rooms(
    overeenkomsten: Overeenkomsten, besteed: Besteed, jaar: int, gemeente: str | None = None
) -> list[Ruimte]:
    """All ceilings and allowances of a year, and those of the year before that were used.

    What is used most stands first.
    """
    found = [
        room
        for naam in dict.fromkeys(one.id for one in overeenkomsten.alle)
        for year in (jaar - 1, jaar)
        for room in _of_agreement(overeenkomsten, naam, besteed, year)
        if room.gebruikt or year == jaar
    ]
    wanted = [one for one in found if gemeente is None or _concerns(overeenkomsten, one, gemeente)]
    return sorted(wanted, key=lambda one: (-one.percentage, one.overeenkomst, one.van, one.jaar))


def _concerns(overeenkomsten: Overeenkomsten, one: Ruimte, gemeente: str) -> bool:
    """A ceiling is of one municipality, an allowance of all in the agreement."""
    if one.soort == PLAFOND:
        return one.van == gemeente
    return gemeente in overeenkomsten.gemeenten_of(one.overeenkomst)


def _of_agreement(
    overeenkomsten: Overeenkomsten, naam: str, besteed: Besteed, jaar: int
) -> Iterator[Ruimte]:
    """The ceilings and allowances of an agreement; its versions share their spending."""
    producten, gemeenten = overeenkomsten.products_of(naam), overeenkomsten.gemeenten_of(naam)
    spent = [
        (own, cents)
        for own, cents in besteed.items()
        if own.jaar == jaar
        and (own.wet, own.productcode) in producten
        and own.gemeente in gemeenten
    ]
    for code in sorted(gemeenten):
        if (room := overeenkomsten.ceilings(code).get(naam)) is not None:
            used = sum(cents for own, cents in spent if own.gemeente == code)
            yield Ruimte(PLAFOND, naam, code, jaar, room, used, 100)
    for agb, melding in sorted(_providers(overeenkomsten, naam).items()):
        if (room := overeenkomsten.jaarbedragen(agb).get(naam)) is not None:
            used = sum(cents for own, cents in spent if own.aanbieder == agb)
            yield Ruimte(JAARBEDRAG, naam, agb, jaar, room, used, melding)


def _providers(overeenkomsten: Overeenkomsten, naam: str) -> dict[str, int]:
    """The contracted providers, with the percentage at which people want to hear of them."""
    return {
        contract.agb: one.drempels.melding_jaarbedrag
        for one in overeenkomsten.alle
        if one.id == naam
        for contract in one.aanbieders
    }
