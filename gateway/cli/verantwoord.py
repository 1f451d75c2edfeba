"""What a command writes in the log of processing: who works at the machine is known by his account.

What shows clients is written before it is shown: one row for each client, and a single row where a
command goes over everybody of a municipality.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from gateway.cli.geld.wie import in_logboek
from gateway.http.spoor import spoor_of
from gateway.store.geld.gemeenten import gemeenten_in
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import IEDEREEN, Betrokkene, Handeling
from gateway.toegang.doelen import UITVOERING
from gateway.toegang.namen import OPDRACHTREGEL

T = TypeVar("T")
# A client as the log knows him: his municipality, and the fingerprint of his Bsn.
Client = tuple[str | None, str | None]
AT_ONCE = 500


def handeling_of(
    naam: str, soort: str, over: Betrokkene, doel: str, now: datetime | None = None
) -> Handeling:
    """An act of a command, now where no moment is given."""
    moment = int((now or datetime.now(UTC)).timestamp() * 1000)
    wie, weergave = in_logboek()
    return Handeling(
        naam=naam,
        soort=soort,
        spoor=spoor_of(None),
        begin=moment,
        einde=moment,
        wie=wie,
        weergave=weergave,
        rollen=(OPDRACHTREGEL,),
        doel=doel,
        adres=platform.node(),
        betrokkenen=(over,),
    )


def toont(
    store: SqlStore,
    naam: str,
    clienten: Iterable[Client],
    over: str | None = None,
    doel: str = UITVOERING,
    soort: str = "R",
) -> None:
    """Write that clients are shown, or what else (C, U, D, E) is done; to be called before it is.

    Nothing is written where there are none.
    """
    about = tuple(Betrokkene(gemeente, one, over) for gemeente, one in clienten if one)
    if about:
        act = handeling_of(naam, soort, about[0], doel, store.now())
        store.logboek.write(replace(act, betrokkenen=about))


def getoond(
    store: SqlStore,
    naam: str,
    rows: Iterable[T],
    clienten_of: Callable[[T], Iterable[Client]],
    over: str | None = None,
    doel: str = UITVOERING,
) -> Iterator[T]:
    """Rows on their way to a screen or file: a client is in the log before his first row passes."""
    waiting, known = iter(rows), set[Client]()
    while some := list(islice(waiting, AT_ONCE)):
        new = {one: None for row in some for one in clienten_of(row) if one not in known}
        toont(store, naam, new, over, doel)
        known.update(new)
        yield from some


def toont_iedereen(
    store: SqlStore,
    naam: str,
    over: str,
    gemeenten: Iterable[str] = (),
    doel: str = UITVOERING,
) -> None:
    """Write that everybody of some municipalities is shown; without any, of all in the store."""
    places = sorted(gemeenten or gemeenten_in(store.database))
    toont(store, naam, [(one, IEDEREEN) for one in places], over, doel)
