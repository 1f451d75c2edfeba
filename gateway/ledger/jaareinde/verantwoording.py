"""Holds the production statement of a provider against the ledger, and explains every difference.

What a provider tells and what is granted to it are laid beside each other by a key: the
ReferentieNummer of a line, or the number of an assignment with a product.  What the ledger knows
about the key (refused, open, credited, in another year) explains the difference, each up to its own
amount; what is left over is another amount.  So the explanations add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

Sleutel = str


class Soort(StrEnum):
    """Why a provider tells something else than was granted."""

    NIET_INGEDIEND = "niet ingediend"
    ONBEKENDE_TOEWIJZING = "onbekende toewijzing"
    DUBBEL = "dubbel opgegeven"
    AFGEWEZEN = "afgewezen"
    OPEN = "nog niet beantwoord"
    ANDER_JAAR = "ander jaar"
    GECREDITEERD = "gecrediteerd"
    LAAT = "laat toegekend"
    NIET_OPGEGEVEN = "niet opgegeven"
    ANDER_BEDRAG = "ander bedrag"


class Opgegeven(NamedTuple):
    """What a provider tells under a key, in eurocents; `dubbel` is what it told again of a line.

    `toewijzingnummer` is None where the statement names none.
    """

    bedrag: int
    dubbel: int = 0
    toewijzingnummer: int | None = None


class Boekstand(NamedTuple):
    """What the ledger knows under a key, in eurocents.

    `toegekend` is granted in the year, credits subtracted, and `laat` what of it was granted after
    the cut-off day.  `afgewezen` was refused and not granted later, `gecrediteerd` granted and
    taken back, `open` not answered yet, `ander_jaar` granted for another year.
    """

    toegekend: int = 0
    laat: int = 0
    afgewezen: int = 0
    open: int = 0
    ander_jaar: int = 0
    gecrediteerd: int = 0
    codes: frozenset[str] = frozenset()


class Verschil(NamedTuple):
    """A part of the difference: above zero the provider tells more than was granted.

    `opgegeven` and `toegekend` are those of the whole key; `codes` are the retourcodes of a line
    that was refused.
    """

    sleutel: Sleutel
    soort: Soort
    bedrag: int
    opgegeven: int
    toegekend: int
    codes: tuple[str, ...] = ()


def explained(
    sleutel: Sleutel,
    opgegeven: Opgegeven | None,
    stand: Boekstand | None,
    *,
    is_known: bool = True,
) -> Iterator[Verschil]:
    """The parts of a difference, none where there is none.

    `is_known` tells whether the assignment that the statement names is one of this provider.
    """
    told, booked = opgegeven or Opgegeven(0), stand or Boekstand()
    rest = told.bedrag - booked.toegekend
    for soort, most in _grounds(rest > 0, told, booked):
        part = min(abs(rest), max(most, 0))
        if part:
            signed = part if rest > 0 else -part
            rest -= signed
            yield _verschil(sleutel, soort, signed, told, booked)
    if rest:
        soort = _left(opgegeven, stand, is_known=is_known)
        yield _verschil(sleutel, soort, rest, told, booked)


def _grounds(is_more: bool, told: Opgegeven, booked: Boekstand) -> Iterable[tuple[Soort, int]]:
    if not is_more:
        return ((Soort.LAAT, booked.laat),)
    return (
        (Soort.DUBBEL, told.dubbel),
        (Soort.AFGEWEZEN, booked.afgewezen),
        (Soort.OPEN, booked.open),
        (Soort.ANDER_JAAR, booked.ander_jaar),
        (Soort.GECREDITEERD, booked.gecrediteerd),
    )


def _left(opgegeven: Opgegeven | None, stand: Boekstand | None, *, is_known: bool) -> Soort:
    if opgegeven is None:
        return Soort.NIET_OPGEGEVEN
    if stand is not None:
        return Soort.ANDER_BEDRAG
    return Soort.NIET_INGEDIEND if is_known else Soort.ONBEKENDE_TOEWIJZING


def _verschil(
    sleutel: Sleutel, soort: Soort, bedrag: int, told: Opgegeven, booked: Boekstand
) -> Verschil:
    codes = tuple(sorted(booked.codes)) if soort is Soort.AFGEWEZEN else ()
    return Verschil(sleutel, soort, bedrag, told.bedrag, booked.toegekend, codes)
