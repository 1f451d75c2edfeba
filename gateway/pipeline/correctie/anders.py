"""Granted lines whose right price is another one: the one answer for all who ask.

The command and the page that price again, the count before an agreement is published, and the
provider's own corrections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gateway.ledger.correctie.regels import Correctie
from gateway.pipeline.correctie.opzoeken import bron_of, cel_of, changes, standing
from gateway.pipeline.correctie.prijs import priced
from gateway.pipeline.ports import Beoordeeld, FactSource
from gateway.pipeline.prijzen import Prijzen
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct


class Prijzendrie(NamedTuple):
    """The prices of one message: by its judgement, by what is in use, and by what comes.

    Where nothing is about to change the last two are the same.
    """

    toen: Prijzen
    nu: Prijzen
    straks: Prijzen


class Anders(NamedTuple):
    """A granted line that asks for a credit and a new debet.

    `is_nieuw` tells that it does so by what comes; else it did already by what is in use.
    `overeenkomsten` are the ids of those that price it now and then.
    """

    correctie: Correctie
    is_nieuw: bool
    overeenkomsten: frozenset[str]


class Prijsloos(NamedTuple):
    """A granted line that loses its price: there is nothing that the provider should send."""

    regel: Prestatie
    overeenkomsten: frozenset[str]


def granted_debets(lines: Sequence[Prestatie]) -> list[Prestatie]:
    """The lines that can have another right price."""
    return [line for line in lines if not line.retourcodes and not line.is_credit]


def priced_otherwise(
    beoordeeld: Beoordeeld,
    lines: Sequence[Prestatie],
    toewijzingen: Mapping[int, ToegewezenProduct],
    prijzen: Prijzendrie,
    facts: FactSource,
) -> Iterator[Anders | Prijsloos]:
    """What becomes of granted debets by the prices that come, in their order.

    Without what was credited since, and what is right by that price.  `toewijzingen` are those of
    now.
    """
    toen, nu, straks = (one.of_lines(lines, toewijzingen) for one in prijzen)
    found = [
        one
        for line in lines
        if (
            one := _other(beoordeeld, line, *(some.get(line.volgnr) for some in (toen, nu, straks)))
        )
    ]
    stands = standing(beoordeeld.partijen, [_line(one) for one in found], facts)
    yield from (one for one in found if _line(one).referentienummer in stands)


def _other(
    beoordeeld: Beoordeeld,
    line: Prestatie,
    toen: Prijs | None,
    nu: Prijs | None,
    straks: Prijs | None,
) -> Anders | Prijsloos | None:
    if straks is None:
        return None if nu is None else Prijsloos(line, _ids(nu))
    right = priced(line, straks, toen)
    if right == line:
        return None
    by_now = line if nu is None else priced(line, nu, toen)
    bron, waarom = bron_of(beoordeeld, line), changes(line, right)
    correctie = Correctie(bron, line, True, right, waarom, *cel_of(straks))
    return Anders(correctie, right != by_now, _ids(nu, straks))


def _ids(*prijzen: Prijs | None) -> frozenset[str]:
    return frozenset(cel_of(one)[0] for one in prijzen if one is not None)


def _line(one: Anders | Prijsloos) -> Prestatie:
    return one.regel if isinstance(one, Prijsloos) else one.correctie.oud
