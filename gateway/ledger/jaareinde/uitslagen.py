"""Reads what was found in the lines of a sample, from the rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.opgave import MOST_TOLD, cents_of

KOPPEN = ("post", "oordeel", "afwijking", "reden")


class Uitslag(NamedTuple):
    """What was found in a line: goed, fout or onzeker, and the eurocents that are not right."""

    nr: int
    oordeel: str
    afwijking: int = 0
    reden: str = ""


def read_uitslagen(rijen: Iterable[Sequence[Any]]) -> Sequence[Uitslag]:
    """The results in rows with the headings KOPPEN first; others are left alone.

    A row without an `oordeel` is a line that nobody looked at yet.  Raises WrongUse with the rows
    that are not right.
    """
    rest = iter(rijen)
    koppen = [str(one or "").strip().casefold() for one in next(rest, ())]
    missing = [one for one in KOPPEN if one not in koppen]
    if missing:
        raise WrongUse(f"de kolom {missing[0]} ontbreekt; nodig zijn {', '.join(KOPPEN)}")
    places = [koppen.index(one) for one in KOPPEN]
    faults: list[str] = []
    found = list(_uitslagen(rest, places, faults))
    if faults:
        raise WrongUse(f"deze uitslagen zijn niet te lezen: {'; '.join(faults[:MOST_TOLD])}")
    if not found:
        raise WrongUse("in dit bestand staat geen enkele uitslag")
    return found


def _uitslagen(
    rijen: Iterable[Sequence[Any]], places: Sequence[int], faults: list[str]
) -> Iterator[Uitslag]:
    for nr, rij in enumerate(rijen, start=2):
        post, oordeel, afwijking, reden = (
            rij[place] if place < len(rij) and rij[place] is not None else "" for place in places
        )
        if not str(oordeel).strip():
            continue
        try:
            cents = 0 if str(afwijking).strip() == "" else cents_of(afwijking)
            yield Uitslag(_whole(post), str(oordeel).strip().casefold(), cents, str(reden).strip())
        except ValueError as fault:
            faults.append(f"rij {nr}: {fault}")


def _whole(post: Any) -> int:
    """The number of a line; a sheet may keep it with a fraction of nothing."""
    text = str(post).strip().removesuffix(".0")
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"‘{text[:20]}’ is geen nummer van een post")
    return int(text)
