"""Claims a message, has it judged, and sees to it that it always comes to an end."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import structlog

from gateway.errors import NOBODYS_FAULT, GatewayError, MessageParked, TemporaryFailure
from gateway.pipeline.ports import Claim
from gateway.store.inbox import Inbox
from gateway.tellers import BERICHT, Tellers

# A lease is renewed this many times within its term.
RENEWALS = 3

log = structlog.get_logger()

Judge = Callable[[Sequence[Claim]], None]


class Worker:
    """Handles what is in hand; `judge` settles and commits it all, or changes nothing."""

    def __init__(
        self, inbox: Inbox, judge: Judge, lease_seconds: float, tellers: Tellers | None = None
    ) -> None:
        self._inbox = inbox
        self._judge = judge
        self._tellers = tellers or Tellers()
        self._renewal = Renewal(inbox, lease_seconds / RENEWALS)

    def process(self, inbox_ids: Sequence[int]) -> None:
        """Handle those messages that wait; raises TemporaryFailure when the store is away."""
        while inbox_ids:
            watch = self._tellers.watch()
            taken = self._inbox.take_up(inbox_ids)
            watch.lap(self._tellers.fasen.oppakken)
            self.handle(taken.claims)
            inbox_ids = taken.left

    def handle(self, claims: Sequence[Claim]) -> None:
        """Handle messages that are in hand; raises TemporaryFailure when the store is away.

        Several are settled together.  When one of them fails, each goes by itself.
        """
        with self._renewal.of(claims):
            if len(claims) < 2 or not self._handled_together(claims):
                for claim in claims:
                    self._handle(claim)

    def park(self, inbox_id: int, reason: str) -> None:
        """Keep a message for an operator."""
        self._inbox.park(inbox_id, reason)

    def close(self) -> None:
        """End the thread that renews leases."""
        self._renewal.close()

    def _handled_together(self, claims: Sequence[Claim]) -> bool:
        try:
            self._judge(claims)
        except Exception as error:
            log.info("uit_elkaar", berichten=len(claims), fout=type(error).__name__)
            return False
        except BaseException:
            for claim in claims:
                self._inbox.release(claim)
            raise
        return True

    def _handle(self, claim: Claim) -> None:
        try:
            self._judge([claim])
        except NOBODYS_FAULT as failure:
            log.warning("later_opnieuw", **claim.about, reden=passing_of(failure))
            self._tellers.herkansingen[BERICHT] += 1
            self._inbox.release(claim)
        except Exception as error:
            reason = reason_of(error)
            log.error("geparkeerd", **claim.about, reden=reason, plaats=_places(error))
            self._inbox.park(claim.inbox_id, reason, claim.token)
        except BaseException:
            # The process is ending: whoever comes next may begin at once.
            self._inbox.release(claim)
            raise


class Renewal:
    """Renews the leases of what is in hand from a thread of its own."""

    def __init__(self, inbox: Inbox, every: float) -> None:
        self._inbox = inbox
        self._every = every
        self._claims: Sequence[Claim] = ()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def of(self, claims: Sequence[Claim]) -> Iterator[None]:
        """Keep the leases of these claims for as long as the block lasts."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
            self._thread.start()
        with self._lock:
            self._claims = claims
        try:
            yield
        finally:
            with self._lock:
                self._claims = ()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        before: Sequence[Claim] = ()
        while not self._closed.wait(self._every):
            with self._lock:
                claims = self._claims
            # What came in hand since the last look still has most of its term.
            if claims is before:
                for claim in claims:
                    self._renew(claim)
            before = claims

    def _renew(self, claim: Claim) -> None:
        try:
            if not self._inbox.renew(claim):
                log.warning("lease_kwijt", **claim.about)
        except GatewayError as failure:
            log.warning("lease_niet_verlengd", **claim.about, reden=str(failure))


def passing_of(failure: Exception) -> str:
    """Why something is tried again."""
    return str(failure) if isinstance(failure, TemporaryFailure) else type(failure).__name__


def reason_of(error: Exception) -> str:
    """Why a message is parked, without values: the text of a foreign error may hold a Bsn."""
    if isinstance(error, MessageParked):
        return str(error)
    where = _places(error)[-1:]
    return f"onverwachte fout {type(error).__name__}" + "".join(f" in {one}" for one in where)


def _places(error: BaseException) -> list[str]:
    """Where an error came by, innermost last."""
    trace: TracebackType | None = error.__traceback__
    return [
        f"{Path(frame.filename).name} regel {frame.lineno}" for frame in traceback.extract_tb(trace)
    ]
