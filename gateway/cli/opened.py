"""Opens the store for commands that look at it or bring it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.inlezen import load_codes
from gateway.store.store import SqlStore, StoreOptions, open_store


@contextmanager
def opened_store(
    settings: Settings, url: str | None, *, updates: bool = False, of_gemeente: bool = False
) -> Iterator[SqlStore]:
    """The store of a URL, else of the settings; raises when it is absent or out of date.

    `of_gemeente` refuses that of an aanbieder, who does not judge for others.
    """
    options = StoreOptions(
        codes=load_codes(settings),
        bsn_sleutel=settings.bsn_sleutel,
        bsn_sleutel_vorige=settings.bsn_sleutel_vorige,
        kluis=settings.kluis,
        updates=updates,
    )
    store = open_store(url or settings.store_url, lambda: datetime.now(UTC), options)
    try:
        if of_gemeente and store.rol != "gemeente":
            raise WrongUse("deze opdracht is er voor een gemeente; de opslag is van een aanbieder")
        yield store
    finally:
        store.close()
