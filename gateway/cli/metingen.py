"""Lets a process tell how it is doing, where the settings have a port for that."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext

from gateway.bootstrap import Installation
from gateway.config import Settings
from gateway.store.store import SqlStore
from gateway.tellers import Tellers


def measured_work(
    settings: Settings, installation: Installation, soorten: Collection[str] | None = None
) -> AbstractContextManager[None]:
    """The figures of a process that works; with `soorten` also those of the store.

    These are the kinds of what the process sends away.
    """
    return measured(settings, installation.store, installation.runtime.tellers, soorten)


def measured(
    settings: Settings,
    store: SqlStore,
    tellers: Tellers | None = None,
    soorten: Collection[str] | None = None,
) -> AbstractContextManager[None]:
    """The figures of a process on the port of the settings; nothing where they have none."""
    if settings.metrics_port is None:
        return nullcontext()
    # Imported here: a worker serves nothing else.
    from gateway.metingen.cijfers import Bron
    from gateway.metingen.dienst import measured as served

    bron = Bron(database=store.database, clock=store.now, tellers=tellers, soorten=soorten)
    return served(settings.metrics_host, settings.metrics_port, bron)
