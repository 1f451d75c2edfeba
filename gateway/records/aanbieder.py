"""A provider as the region knows it: who it is, by which codes it declares, and what became of it.

All periods run from `vanaf` to `tot`, both inclusive; no `tot` is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.records.geldigheid import in_use

Overgangsoort = Literal["fusie", "overname", "splitsing"]


@dataclass(frozen=True, slots=True)
class Aanbiedernaam:
    """What a provider is called from a day on."""

    naam: str
    vanaf: date


@dataclass(frozen=True, slots=True)
class Agb:
    """A code by which a provider declares."""

    code: str
    vanaf: date
    tot: date | None = None

    def geldt_op(self, dag: date) -> bool:
        """Whether the code is of the provider on a day."""
        return in_use(self.vanaf, self.tot, dag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanbieder:
    """A provider; `nummer` is our own, `namen` and `agbs` stand in the order of their first day.

    `kvk` has eight digits, `contact` is where the organisation is reached, never a person.
    """

    nummer: int
    kvk: str | None
    contact: str
    vanaf: date
    tot: date | None
    namen: tuple[Aanbiedernaam, ...]
    agbs: tuple[Agb, ...] = ()

    @property
    def naam(self) -> str:
        """The last name that it got."""
        return self.namen[-1].naam

    def matches(self, zoek: str) -> bool:
        """Whether a name, KvK number or code has this text in it, whatever the capitals."""
        wanted = zoek.strip().casefold()
        texts = (*(one.naam for one in self.namen), self.kvk or "", *(a.code for a in self.agbs))
        return any(wanted in text.casefold() for text in texts)

    def naam_op(self, dag: date) -> str:
        """What it was called on a day; before its first name that one."""
        known = [one.naam for one in self.namen if one.vanaf <= dag]
        return known[-1] if known else self.namen[0].naam

    def geldt_op(self, dag: date) -> bool:
        """Whether the provider is there on a day."""
        return in_use(self.vanaf, self.tot, dag)

    def agbs_op(self, dag: date) -> Iterator[str]:
        """The codes that it has on a day."""
        return (one.code for one in self.agbs if one.geldt_op(dag))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overgang:
    """From `dag` on `naar` goes on with what `van` did; `agbs` are the codes that go along."""

    soort: Overgangsoort
    van: int
    naar: int
    dag: date
    agbs: tuple[str, ...]
    toelichting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractstuk:
    """The document of a contract: `overeenkomst` is the id of the agreement that it is under.

    `nummer` is 0 for one that has no place yet.
    """

    overeenkomst: str
    documentnummer: str
    vanaf: date
    tot: date | None = None
    opmerking: str = ""
    nummer: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Onderaanneming:
    """That provider `onder` may do work of provider `hoofd`, for all where it is not narrowed down.

    `nummer` is 0 for one that has no place yet.
    """

    hoofd: int
    onder: int
    vanaf: date
    tot: date | None = None
    wet: str | None = None
    productcategorie: str | None = None
    goedgekeurd_door: str = ""
    nummer: int = 0


@dataclass(frozen=True, slots=True)
class Crediteur:
    """Under which number a municipality knows a provider in its books, from a day on."""

    gemeente: str
    crediteurnummer: str
    vanaf: date
