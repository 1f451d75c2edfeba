"""Opens the store for commands that look at it or bring it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.clock import clock_of
from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.inlezen import load_codes
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.ontvangst import last_receipt
from gateway.store.store import SqlStore, StoreOptions, open_store


@contextmanager
def opened_store(
    settings: Settings,
    url: str | None,
    *,
    updates: bool = False,
    of_gemeente: bool = False,
    dag: str | None = None,
) -> Iterator[SqlStore]:
    """The store of a URL, else of the settings; raises when it is absent or out of date.

    `of_gemeente` refuses that of an aanbieder, who does not judge for others.  `dag` is today in a
    made-up year, the day on which the last message of the store came in, and no other: on a day of
    one's own choosing something would be paid too early, or dated otherwise.
    """
    options = StoreOptions(
        codes=load_codes(settings),
        bsn_sleutel=settings.bsn_sleutel,
        bsn_sleutel_vorige=settings.bsn_sleutel_vorige,
        kluis=settings.kluis,
        updates=updates,
    )
    store = open_store(url or settings.store_url, clock_of(dag), options)
    try:
        if of_gemeente and store.rol != "gemeente":
            raise WrongUse("deze opdracht is er voor een gemeente; de opslag is van een aanbieder")
        if dag is not None:
            _refuse_other_day(store, dag)
        yield store
    finally:
        store.close()


def _refuse_other_day(store: SqlStore, dag: str) -> None:
    last = last_receipt(store.database)
    if last is None or dag_van(last) != dag_van(store.now()):
        told = "er is nog geen bericht" if last is None else f"dat was op {dag_van(last)}"
        raise WrongUse(
            f"--clock {dag}: kies de dag waarop het laatste bericht in de opslag binnenkwam; {told}"
        )
