"""Clients that move to the next municipality: their assignment ends there and another one begins.

Both municipalities tell the same move, each its own half of it, without knowing of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.simulate.kring import LAST_FIRST_DAY, Kring
from gateway.simulate.months import ONE_DAY, rng_of
from gateway.simulate.persons import MOST_MOVES, Client, invent, moving_bsn
from gateway.simulate.region import WETTEN, Regio
from gateway.simulate.story import (
    BIJ_VERHUIZING,
    PER_MAAND,
    VERHUISD,
    Looptijd,
    Zorg,
    changed,
    running,
    stopped,
    with_lines,
)

REGELS_PER_VERHUIZING = 600
VORMEN = ("uur", "stuk", "dagdeel")


@dataclass(frozen=True, slots=True)
class Verhuizing:
    """Someone who lives in the next municipality from the day after `laatste_dag`."""

    client: Client
    wet: str
    vorm: str
    laatste_dag: date


def moves_out_of(regio: Regio, place: int) -> list[Verhuizing]:
    """The moves out of the municipality in this place; nobody leaves the last one."""
    if place + 1 >= len(regio.gemeenten):
        return []
    count = min(MOST_MOVES, max(1, regio.regels_in(place) // REGELS_PER_VERHUIZING))
    return [_move(regio, place, number) for number in range(count)]


def _move(regio: Regio, place: int, number: int) -> Verhuizing:
    gemeente = regio.gemeenten[place]
    rng = rng_of(regio.seed, "verhuizing", gemeente.code, number)
    wet = WETTEN[number % len(WETTEN)]
    client = invent(regio.seed, gemeente, wet, moving_bsn(place, number))
    maand = rng.choice(regio.maanden[1:-2])
    return Verhuizing(
        client, wet, rng.choice(VORMEN), maand.replace(day=rng.randint(4, LAST_FIRST_DAY - 1))
    )


def moved(kringen: Mapping[str, Kring], place: int) -> Iterator[Zorg]:
    """The care of who leaves the municipality in this place, and of who comes to live in it."""
    regio = next(iter(kringen.values())).regio
    for one in moves_out_of(regio, place):
        yield _left(kringen[one.wet], one)
    for one in moves_out_of(regio, place - 1) if place else ():
        yield _arrived(kringen[one.wet], one)


def _left(kring: Kring, move: Verhuizing) -> Zorg:
    loop = Looptijd(kring.maanden[0], None, kring.rng.randint(3, 6), PER_MAAND)
    zorg = kring.begun(kring.vorm(move.vorm), loop, client=move.client)
    last = move.laatste_dag
    zorg = stopped(zorg, last, BIJ_VERHUIZING[kring.wet], days=kring.rng.randint(1, 3))
    zorg = changed(zorg, last + timedelta(days=2), VERHUISD, einddatum=last)
    return _with_care(kring, zorg)


def _arrived(kring: Kring, move: Verhuizing) -> Zorg:
    loop = Looptijd(move.laatste_dag + ONE_DAY, None, kring.rng.randint(3, 6), PER_MAAND)
    client = move.client.moved_to(kring.gemeente)
    return _with_care(kring, kring.begun(kring.vorm(move.vorm), loop, client=client))


def _with_care(kring: Kring, zorg: Zorg) -> Zorg:
    volumes = [(maand, kring.rng.randint(1, 3)) for maand in running(zorg, kring.maanden)]
    return with_lines(zorg, volumes)
