"""Does in one go what several threads ask for at the same time.

A commit costs the disk the same for one message as for many.  While one is under way others come
to wait, and the first of them to go on then takes them all along: who comes alone waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")
Do = Callable[[Sequence[Q]], Sequence[A]]


@dataclass(slots=True, eq=False)
class _Beurt(Generic[Q, A]):
    """What one thread asks, and what became of it."""

    question: Q
    answers: Sequence[A] = ()
    failure: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.answers) or self.failure is not None


class Verzamelaar(Generic[Q, A]):
    """Gives each thread the answer to its own question; `do` answers up to `most` in one go.

    When `do` raises one of `singly`, which may be about any of them, each is asked by itself;
    anything else is raised to all that were in it.
    """

    def __init__(self, do: Do[Q, A], most: int, singly: tuple[type[Exception], ...]) -> None:
        self._do = do
        self._most = most
        self._singly = singly
        self._change = threading.Condition()
        self._waiting: list[_Beurt[Q, A]] = []
        self._is_busy = False

    def answer(self, question: Q) -> A:
        """What `do` gives for this question, or raises."""
        own: _Beurt[Q, A] = _Beurt(question)
        with self._change:
            self._waiting.append(own)
        while beurten := self._turn(own):
            try:
                self._answer_all(beurten)
            finally:
                with self._change:
                    self._is_busy = False
                    self._change.notify_all()
        if own.failure is not None:
            raise own.failure
        return own.answers[0]

    def _turn(self, own: _Beurt[Q, A]) -> Sequence[_Beurt[Q, A]]:
        """What waits when nobody is busy, for this thread to do; nothing once its own is done."""
        with self._change:
            self._change.wait_for(lambda: own.is_done or not self._is_busy)
            if own.is_done:
                return ()
            self._is_busy = True
            beurten = self._waiting[: self._most]
            del self._waiting[: self._most]
            return beurten

    def _answer_all(self, beurten: Sequence[_Beurt[Q, A]]) -> None:
        try:
            answers = self._do([one.question for one in beurten])
            for one, answer in zip(beurten, answers, strict=True):
                one.answers = (answer,)
        except BaseException as failure:
            if len(beurten) > 1 and isinstance(failure, self._singly):
                for one in beurten:
                    self._answer_all([one])
                return
            for one in beurten:
                one.failure = failure
