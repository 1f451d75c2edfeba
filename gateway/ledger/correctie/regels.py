"""A correction of one line: the credit that undoes it, and the debet that comes in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.records.declaratie import Prestatie

NO_NUMBER = ""


class Bron(NamedTuple):
    """Where a line stands: its message, its number in it, and the Declaratie by its number."""

    inbox_id: int
    regelnr: int
    declaratienummer: str


class Correctie(NamedTuple):
    """A line that can be put right.

    `toegekend` tells whether the line was granted, and so has to be credited first.  `nieuw` is
    the debet in its place, None where nothing is left to claim; its own ReferentieNummer comes with
    the message.  `waarom` is one Dutch sentence; `overeenkomst` and `celnaam` name the cell that
    gave the price, empty without one.
    """

    bron: Bron
    oud: Prestatie
    toegekend: bool
    nieuw: Prestatie | None
    waarom: str
    overeenkomst: str = ""
    celnaam: str = ""

    @property
    def cel(self) -> str:
        """The cell that gave the price, with its agreement."""
        return f"{self.overeenkomst}: {self.celnaam}" if self.overeenkomst else ""

    @property
    def voor(self) -> int:
        """What stands of the line now, in eurocents."""
        return self.oud.ingediend_bedrag if self.toegekend else 0

    @property
    def na(self) -> int:
        """What stands of it once it is corrected, in eurocents."""
        return 0 if self.nieuw is None else self.nieuw.ingediend_bedrag

    @property
    def verschil(self) -> int:
        """What the provider gets more by the correction, in eurocents."""
        return self.na - self.voor


class Onmogelijk(NamedTuple):
    """A line that is not put right by itself, with the reason as one Dutch sentence."""

    bron: Bron
    oud: Prestatie
    reden: str


Voorstel = Correctie | Onmogelijk


def credit_of(debet: Prestatie, referentienummer: str = NO_NUMBER) -> Prestatie:
    """The line that undoes a granted debet: equal in all else (OP366, TR323)."""
    return debet._replace(
        referentienummer=referentienummer,
        vorig_referentienummer=debet.referentienummer,
        debet_credit="C",
        retourcodes=(),
    )


def debet_of(nieuw: Prestatie, referentienummer: str = NO_NUMBER) -> Prestatie:
    """A new claim: it names no earlier line."""
    return nieuw._replace(
        referentienummer=referentienummer,
        vorig_referentienummer=None,
        debet_credit="D",
        retourcodes=(),
    )


def numbered(correcties: Iterable[Correctie], begin: str) -> Iterator[tuple[Prestatie, int]]:
    """The lines of a 323 in document order, each with the place of its correction.

    They stand by client, the credits of a client before its debets (OP366).  A ReferentieNummer is
    `begin` and a number from 1.
    """
    per_client: dict[str, list[tuple[int, Correctie]]] = {}
    for place, one in enumerate(correcties):
        per_client.setdefault(one.oud.bsn, []).append((place, one))
    number = 0
    for bsn in sorted(per_client):
        for place, line in _of_client(per_client[bsn]):
            number += 1
            yield line._replace(referentienummer=f"{begin}{number}"), place


def _of_client(own: Sequence[tuple[int, Correctie]]) -> Iterator[tuple[int, Prestatie]]:
    yield from ((place, credit_of(one.oud)) for place, one in own if one.toegekend)
    yield from ((place, debet_of(one.nieuw)) for place, one in own if one.nieuw is not None)
