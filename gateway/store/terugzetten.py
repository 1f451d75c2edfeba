"""One run of putting back: so many a second, until all is done or somebody wants it to stop."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.errors import GatewayError
from gateway.store.herstel import AFGEBROKEN, GESTOPT, KLAAR, Gevonden, Herstel, Vraag

Sleep = Callable[[float], None]


class Dode(Protocol):
    """A message that died in a queue, in hand."""

    @property
    def gevonden(self) -> Gevonden:
        """What it is."""

    def leave(self) -> None:
        """Take it out of where the dead are, once it is back where it came from."""


class Doodbak(Protocol):
    """Where messages are that died in a queue."""

    def find(self) -> Iterator[Gevonden]:
        """What is there; raises TemporaryFailure when that cannot be seen now."""

    def take(self, vraag: Vraag) -> Iterator[Dode]:
        """Those that are meant, one after the other."""

    def return_to_queue(self, dode: Any) -> None:
        """Put one on the queue that it came from."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terugzetten:
    """Puts back what is meant; what stands in the store first, then what is in `dood`.

    A message that is put back stays so, however the run ends.
    """

    herstel: Herstel
    doodbak: Doodbak | None
    per_seconde: float
    sleep: Sleep

    def run(self, run: int, chosen: Sequence[Gevonden], vraag: Vraag) -> Generator[Gevonden]:
        """Put back in a run that has begun; hands out each, and then waits for the next one.

        Closing it stops the run.
        """
        einde = GESTOPT
        try:
            for one in self._moves(run, chosen, vraag):
                yield one
                self.sleep(1.0 / self.per_seconde)
            if self.herstel.may_go_on(run):
                einde = KLAAR
        except GatewayError:
            einde = AFGEBROKEN
            raise
        finally:
            self.herstel.end(run, einde)

    def _moves(self, run: int, chosen: Sequence[Gevonden], vraag: Vraag) -> Iterator[Gevonden]:
        for one in chosen:
            if one.bron != "dood":
                if not self.herstel.put_back(run, one):
                    return
                yield one
        if self.doodbak is None:
            return
        for dode in self.doodbak.take(vraag):
            if not self.herstel.may_go_on(run):
                return
            self.doodbak.return_to_queue(dode)
            self.herstel.note_dead(run, dode.gevonden)
            dode.leave()
            yield dode.gevonden
