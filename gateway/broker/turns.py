"""How much is told to the queue at a time: what is in it can no longer be overtaken.

The store knows whose turn it is, and a queue gives things back in the order in which they came.
So the queue holds a hundred hands at most, and those of a next turn only once it is
empty: then who floods fills its own part of a turn, and not the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.store.outbox import Hand

# Enough for many workers, and little enough to wait behind.
MOST = 100


class Turns:
    """Chooses what may go to the queue now; `waiting` tells how many hands there are in it.

    It is asked for only when it matters: what was put in since is counted along.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._in_queue = 0
        self._turn = -1

    def of(self, hands: Sequence[Hand]) -> Sequence[Hand]:
        """The first of these, which come in the order of their turns."""
        if not hands:
            return ()
        if not self._surely_fit(hands):
            self._in_queue = self._waiting()
        first = _turn_of(hands[0])
        # Turns begin again at zero when nothing waits in the store.
        if first < self._turn or not self._in_queue:
            self._turn = first
        room = max(0, MOST - self._in_queue)
        chosen = [hand for hand in hands[:room] if _turn_of(hand) <= self._turn]
        self._in_queue += len(chosen)
        return chosen

    def _surely_fit(self, hands: Sequence[Hand]) -> bool:
        is_room = self._in_queue + len(hands) <= MOST
        return is_room and _turn_of(hands[-1]) <= self._turn


def _turn_of(hand: Hand) -> int:
    return hand[0].beurt
