"""Index an agreement file: every price that runs on gets a successor with a percentage on top.

The file stays the truth: its text is edited, so that comments and order stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import tomlkit
from tomlkit.items import AoT, Item, Table

from gateway.errors import WrongUse
from gateway.periods.bedragen import half_up
from gateway.records.overeenkomst import ONE_DAY, Cel, Overeenkomst, Plaats

AFRONDEN = (1, 5, 10, 100)
# What a cell can be chosen by, beside the dimensions of its agreement.
VASTE_SLEUTELS = ("productcategorie", "productcode", "eenheid", "soort", "wet")
_MONEY = ("bedrag", "tarief")


@dataclass(frozen=True, slots=True)
class Uitzondering:
    """Another percentage for the cells that have all these values."""

    waarden: Mapping[str, str]
    percentage: Fraction
    tekst: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexvraag:
    """How to index: percentages, from which day, and what the amounts are rounded to (cents).

    `per_cel` are percentages of single cells by their number, and go before those of
    `uitzonderingen`.  The days close the prices that are replaced: for new assignments, and for
    declaring.
    """

    percentage: Fraction
    vanaf: date
    versie: str
    bekendgemaakt_op: date
    afronden: int = 1
    uitzonderingen: Sequence[Uitzondering] = ()
    per_cel: Mapping[int, Fraction] = field(default_factory=dict)
    toewijsbaar_tot: date | None = None
    declarabel_tot: date | None = None


@dataclass(frozen=True, slots=True)
class Indexrij:
    """A price and its successor, in eurocents."""

    cel: Cel
    percentage: Fraction
    bedrag: int

    @property
    def verschil(self) -> int:
        """What a unit costs more."""
        return self.bedrag - self.cel.bedrag


def index_prices(overeenkomst: Overeenkomst, vraag: Indexvraag) -> Sequence[Indexrij]:
    """The prices that run on past the day, each with its successor.

    A price that is closed for whatever comes after the day has none.  Raises WrongUse where there
    is nothing to index, and for an exception that fits no cell or stands beside another one.
    """
    cellen = running_on(overeenkomst, vraag.vanaf)
    if not cellen:
        raise WrongUse(f"op {vraag.vanaf} loopt geen enkele prijs door; er is niets te indexeren")
    for one in vraag.uitzonderingen:
        if not any(_has(cel, one) for cel in cellen):
            raise WrongUse(f"cel {one.tekst}: geen enkele cel die doorloopt heeft deze waarden")
    return [_indexed(cel, vraag) for cel in cellen]


def running_on(overeenkomst: Overeenkomst, vanaf: date) -> Sequence[Cel]:
    """The prices that are replaced where indexing begins on a day."""
    return [cel for cel in overeenkomst.cellen if _runs_on(overeenkomst, cel, vanaf)]


def indexed_amount(bedrag: int, percentage: Fraction, afronden: int) -> int:
    """An amount with a percentage on top, rounded once to a multiple of some cents, half up."""
    raised = bedrag * (1 + percentage / 100)
    return half_up(raised.numerator, raised.denominator * afronden) * afronden


def indexed_text(text: str, rijen: Sequence[Indexrij], vraag: Indexvraag) -> str:
    """The text of the file with the successors in it, each below the price that it follows."""
    document = tomlkit.parse(text)
    cellen = document["cel"]
    if not isinstance(cellen, AoT) or tomlkit.dumps(document) != text:
        raise WrongUse("dit bestand is niet zo te wijzigen dat de rest gelijk blijft")
    for rij in sorted(rijen, key=lambda one: one.cel.rij, reverse=True):
        place = rij.cel.rij - 1
        old, new = _successive(cellen[place], rij, vraag)
        cellen[place] = old
        cellen.insert(place + 1, new)
    head = document["overeenkomst"]
    if isinstance(head, Table):
        head["versie"] = vraag.versie
    return tomlkit.dumps(document)


def _runs_on(overeenkomst: Overeenkomst, cel: Cel, vanaf: date) -> bool:
    if cel.vanaf >= vanaf or (cel.tot is not None and cel.tot < vanaf):
        return False
    last = min(cel.declarabel_tot or date.max, cel.indicatie_tot or date.max)
    if Plaats(overeenkomst, cel).peildatum == "ingangsdatum":
        last = min(last, cel.toewijsbaar_tot or date.max)
    return vanaf <= last


def _has(cel: Cel, one: Uitzondering) -> bool:
    values = {**{name: getattr(cel, name) for name in VASTE_SLEUTELS}, **dict(cel.dimensies)}
    return all(values.get(name) == value for name, value in one.waarden.items())


def _indexed(cel: Cel, vraag: Indexvraag) -> Indexrij:
    percentage = vraag.per_cel.get(cel.rij)
    if percentage is None:
        percentage = _by_values(cel, vraag)
    return Indexrij(cel, percentage, indexed_amount(cel.bedrag, percentage, vraag.afronden))


def _by_values(cel: Cel, vraag: Indexvraag) -> Fraction:
    found = [one for one in vraag.uitzonderingen if _has(cel, one)]
    most = max((len(one.waarden) for one in found), default=0)
    nearest = [one for one in found if len(one.waarden) == most]
    if len(nearest) > 1:
        told = " en ".join(one.tekst for one in nearest)
        raise WrongUse(f"{told} gaan allebei over cel {cel.naam}; kies er een")
    return nearest[0].percentage if nearest else vraag.percentage


def _successive(cel: Table, rij: Indexrij, vraag: Indexvraag) -> tuple[Table, Table]:
    """The price that ends on the day before, and the one that follows it."""
    old: dict[str, Any] = {"tot": vraag.vanaf - ONE_DAY}
    if vraag.toewijsbaar_tot is not None:
        old["toewijsbaar_tot"] = vraag.toewijsbaar_tot
    if vraag.declarabel_tot is not None:
        old["declarabel_tot"] = vraag.declarabel_tot
    new: dict[str, Any] = {"vanaf": vraag.vanaf, "bekendgemaakt_op": vraag.bekendgemaakt_op}
    for name in _MONEY:
        if name in cel:
            new[name] = indexed_amount(int(cel[name]), rij.percentage, vraag.afronden)
    lines = list(cel.value.body)
    behind = len(lines)
    while behind and lines[behind - 1][0] is None:
        behind -= 1
    own, after = lines[:behind], [item for _, item in lines[behind:]]
    return _table(own, old, [tomlkit.nl()]), _table(own, new, after)


def _table(
    lines: Sequence[tuple[Any, Item]], changes: Mapping[str, Any], after: Sequence[Item]
) -> Table:
    """A table with other values; what it had no key for comes behind the day that it begins."""
    made = tomlkit.table()
    known = {key.key for key, _ in lines if key is not None}
    for key, item in lines:
        if key is None:
            made.add(item)  # type: ignore[call-overload]
            continue
        made.append(key.key, changes.get(key.key, item))
        if key.key == "vanaf":
            for name in changes:
                if name not in known:
                    made.append(name, changes[name])
    for item in after:
        made.add(item)  # type: ignore[call-overload]
    return made


def exceptions_of(texts: Sequence[str], dimensies: Sequence[str]) -> Iterator[Uitzondering]:
    """The exceptions as they are written: `profiel=1,intensiteit=duurzaam=3.1`."""
    for text in texts:
        selector, _, percentage = text.rpartition("=")
        pairs = [part.partition("=") for part in selector.split(",")]
        waarden = {name.strip(): value.strip() for name, _, value in pairs}
        if not selector or not all(value for value in waarden.values()):
            raise WrongUse(f"cel {text}: schrijf het als profiel=1,intensiteit=duurzaam=3.1")
        for name in waarden:
            if name not in (*dimensies, *VASTE_SLEUTELS):
                known = ", ".join((*dimensies, *VASTE_SLEUTELS))
                raise WrongUse(f"cel {text}: {name} is geen kenmerk van een cel; kies uit {known}")
        yield Uitzondering(waarden, percentage_of(percentage), text)


def percentage_of(text: str) -> Fraction:
    """A percentage such as 4.2, 4,2 or -1; raises WrongUse for what is none."""
    digits = text.strip().replace(",", ".")
    try:
        found = Fraction(digits)
    except (ValueError, ZeroDivisionError):
        found = None
    if found is None or "/" in digits or "e" in digits.lower() or not -100 < found <= 1000:
        told = f"‘{text}’" if digits else "niets"
        raise WrongUse(f"{told} is geen percentage boven -100; schrijf bijvoorbeeld 4,2")
    return found
