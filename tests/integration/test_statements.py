"""The number of SQL statements grows with the chunks of a message, never with its lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gateway.config import Settings
from gateway.inlezen import load_types
from gateway.pipeline.spool import CHUNK
from tests.benchmarks.declaraties import Kring
from tests.benchmarks.plaats import opened, seed
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")
# Keys go in by thousands, lines are read by chunks; so much for a chunk, whatever is in it.
MOST_PER_CHUNK = 20


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that an engine executes within it."""
    told: list[str] = []

    def tell(*given: object) -> None:
        told.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", tell)


def test_statements_per_thousand_lines_are_a_constant(tmp_path: Path) -> None:
    kind = load_types(Settings()).by_name("JW323")
    sizes = [CHUNK, 2 * CHUNK, 3 * CHUNK]
    kring = Kring(sizes[-1], most_clients=40)
    seed(store_of(tmp_path), kring)
    installation = opened(store_of(tmp_path))
    store = installation.store
    counts = []
    for size, month in zip(sizes, ("2025-01", "2025-02", "2025-03"), strict=True):
        body = kring.invoice(kind, month, size)
        taken = store.inbox.receive(f"{month}.xml", body)
        with counted(store._ground.database.engine) as told:
            installation.runtime.drain()
        bericht = store.views.bericht(taken.inbox_id)
        assert bericht is not None
        assert bericht.outcome is not None
        assert "accepted" == bericht.outcome.verdict
        counts.append(len(told))
    installation.close()
    more = [counts[1] - counts[0], counts[2] - counts[1]]
    assert max(more) <= MOST_PER_CHUNK, counts
