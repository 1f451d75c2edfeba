"""Work that takes longer than a request may: begun by one, looked at by the next.

A task lives in the memory of the process that began it; what it changes is in the store.  Whoever
counts does so one after another, so that figures over a whole store never take all of a machine.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.errors import GatewayError

REMEMBERED = 100
_OUR_FAULT = "dit lukte niet door een fout bij ons"

log = structlog.get_logger()


class Gestopt(Exception):
    """Somebody wants a task to stop."""


@dataclass(slots=True, eq=False)
class Taak:
    """One task and how far it is; `uitkomst` and `fout` are filled at its end.

    `sleutel` tells tasks of a kind apart, and `van` who may look at it.
    """

    soort: str
    sleutel: str
    van: str
    begonnen: datetime
    kenmerk: str = field(default_factory=lambda: str(uuid.uuid4()))
    gedaan: int = 0
    totaal: int = 0
    uitkomst: Any = None
    fout: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _end: threading.Event = field(default_factory=threading.Event)

    @property
    def is_klaar(self) -> bool:
        """Whether it came to its end."""
        return self._end.is_set()

    @property
    def stopt(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._stop.is_set()

    def meld(self, gedaan: int, totaal: int) -> None:
        """How far it is; raises Gestopt once somebody wants it to stop."""
        self.gedaan, self.totaal = gedaan, totaal
        if self.stopt:
            raise Gestopt

    def stop(self) -> None:
        """Have it stop at its next sign."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether that came."""
        return self._end.wait(seconds)


class Taken:
    """The tasks of one process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tasks: OrderedDict[str, Taak] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def begin(
        self, soort: str, sleutel: str, van: str, doe: Callable[[Taak], Any], *, telt: bool = True
    ) -> Taak:
        """Begin a task, or give the one of this kind and key that is under way.

        One that `telt` waits for its turn.
        """
        with self._lock:
            known = self._latest(soort, sleutel)
            if known is not None and not known.is_klaar:
                return known
            taak = Taak(soort, sleutel, van, self._clock())
            self._tasks[taak.kenmerk] = taak
            while len(self._tasks) > REMEMBERED and next(iter(self._tasks.values())).is_klaar:
                self._tasks.popitem(last=False)
        run = self._in_turn if telt else self._run
        threading.Thread(target=run, args=(taak, doe), name=soort, daemon=True).start()
        return taak

    def of(self, soort: str, kenmerk: str, van: str) -> Taak | None:
        """A task that somebody may look at."""
        found = self._tasks.get(kenmerk)
        if found is None or found.soort != soort or found.van != van:
            return None
        return found

    def latest(self, soort: str, van: str) -> list[Taak]:
        """The tasks of a kind that somebody may look at, the last one in front."""
        with self._lock:
            known = list(self._tasks.values())
        return [one for one in reversed(known) if one.soort == soort and one.van == van]

    def cijfers(
        self,
        soort: str,
        sleutel: str,
        maak: Callable[[], Any],
        *,
        houdbaar: timedelta,
        wacht: float,
        telt: bool = True,
    ) -> Taak | None:
        """Figures that are counted aside: the latest that are there, while newer ones are counted.

        None while the first ones are not there yet; who begins them waits so many seconds for them.
        Those that take a moment need not wait for their turn behind others (`telt`).
        """
        with self._lock:
            known = self._latest(soort, sleutel, only_good=True)
            last = self._latest(soort, sleutel)
        if known is not None and self._clock() - known.begonnen < houdbaar:
            return known
        if last is not None and not last.is_klaar:
            return known
        begun = self.begin(soort, sleutel, sleutel, lambda _: maak(), telt=telt)
        if known is None and begun.wait(wacht) and begun.fout is None:
            return begun
        return known

    def close(self) -> None:
        """Have everything stop, and wait a moment for it."""
        with self._lock:
            running = [one for one in self._tasks.values() if not one.is_klaar]
        for one in running:
            one.stop()
        for one in running:
            one.wait(5.0)

    def _latest(self, soort: str, sleutel: str, *, only_good: bool = False) -> Taak | None:
        for one in reversed(self._tasks.values()):
            is_good = one.is_klaar and one.fout is None
            if one.soort == soort and one.sleutel == sleutel and (is_good or not only_good):
                return one
        return None

    def _in_turn(self, taak: Taak, doe: Callable[[Taak], Any]) -> None:
        with self._turn:
            self._run(taak, doe)

    def _run(self, taak: Taak, doe: Callable[[Taak], Any]) -> None:
        try:
            taak.uitkomst = doe(taak)
        except Gestopt:
            taak.fout = "gestopt"
        except GatewayError as refused:
            taak.fout = str(refused)
        except Exception as error:
            taak.fout = _OUR_FAULT
            log.error("taak_mislukt", soort=taak.soort, fout=type(error).__name__, exc_info=error)
        finally:
            taak._end.set()
