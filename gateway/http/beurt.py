"""Work over all lines of a year: one at a time, here and in the other processes of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

from gateway.errors import VerzoekGeweigerd
from gateway.store.engine import Database


class Beurt:
    """The turn to do something (`wat`).

    Who asks meanwhile is told that it is `bezig`, and to come back in so many seconds.
    """

    def __init__(self, database: Database, wat: str, bezig: str, seconds: int) -> None:
        self._database = database
        self._wat = wat
        self._bezig = bezig
        self._seconds = seconds
        self._here = Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Have the turn; raises VerzoekGeweigerd (429) while somebody else has it."""
        with ExitStack() as held:
            if not self._here.acquire(blocking=False):
                raise VerzoekGeweigerd(429, self._bezig, retry_after=self._seconds)
            held.callback(self._here.release)
            if not held.enter_context(self._database.turn(self._wat)):
                raise VerzoekGeweigerd(429, self._bezig, retry_after=self._seconds)
            yield
