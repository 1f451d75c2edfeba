"""Whose turn it is to write in a SQLite file, among the threads of a process: first come, first.

SQLite lets a writer that finds another one busy sleep and look again, longer each time.  Under a
steady stream of short transactions the one who sleeps finds the file taken by a newcomer again and
again, for hundreds of milliseconds.  Here who waits is woken as soon as the one before it is done.
"""

from __future__ import annotations

import threading
from collections import deque

from gateway.errors import TemporaryFailure


class Schrijfbeurt:
    """One turn, that is handed from who has it to who waits longest."""

    def __init__(self, patience: float) -> None:
        """`patience`: how many seconds anybody waits at most."""
        self._patience = patience
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self) -> None:
        """Wait for the turn; raises TemporaryFailure when it does not come in time."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            handed = threading.Lock()
            handed.acquire()
            self._waiting.append(handed)
        if handed.acquire(timeout=self._patience):
            return
        with self._guard:
            if handed not in self._waiting:
                return  # it was handed over at the last moment
            self._waiting.remove(handed)
        raise TemporaryFailure("de opslag is te lang bezet; later opnieuw")

    def give(self) -> None:
        """Hand the turn to who waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
