"""Who made a change is written down in the transaction of that change."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.engine import Connection


class Noteer(Protocol):
    """Writes who did it in the log of processing, as the last thing in the transaction.

    It hears the numbers of what was made, for who keeps there what is answered.
    """

    def __call__(self, connection: Connection, /, *nummers: int) -> None:
        """Write it down."""


def no_log(_connection: Connection, /, *_nummers: int) -> None:
    """For who writes down elsewhere what he does."""
