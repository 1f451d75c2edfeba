"""Where faults register: what each of them plants, and how often it fits in a region."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.simulate.kring import Kring
from gateway.simulate.messages import Bericht, Postkamer
from gateway.simulate.story import Verhaal

# What a fault has room for: as often as the size asks, or once where a total runs over a year.
Ruimte = Literal["altijd", "gemeente", "regio"]
Story = Callable[[Kring], Verhaal]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in somebody's care: `plants` are the rules and checks that have to find it.

    `vaak` is how many people have it where others have it once: some mistakes are made daily.
    """

    naam: str
    plants: tuple[str, ...]
    tell: Story
    ruimte: Ruimte = "altijd"
    vaak: int = 1


@dataclass(frozen=True, slots=True)
class Invoer:
    """A message that is sent wrongly first, or twice: what it is made from.

    `eerder` is the invoice of the same provider over the month before, where there is one.
    """

    bericht: Bericht
    eerder: Bericht | None
    post: Postkamer


Wrong = Callable[[Invoer], Bericht | None]


@dataclass(frozen=True, slots=True)
class WrongMessage:
    """A fault in a whole message; None where it does not fit the message."""

    naam: str
    plants: tuple[str, ...]
    make: Wrong


FAULTS: list[Fault] = []
WRONG_MESSAGES: list[WrongMessage] = []


def plants(*labels: str, ruimte: Ruimte = "altijd", vaak: int = 1) -> Callable[[Story], Story]:
    """Register a story as one that plants these rules and checks."""

    def register(tell: Story) -> Story:
        FAULTS.append(Fault(tell.__name__, labels, tell, ruimte, vaak))
        return tell

    return register


def wrong_message(*labels: str) -> Callable[[Wrong], Wrong]:
    """Register a function as one that makes a message wrong in a way that these rules find."""

    def register(make: Wrong) -> Wrong:
        WRONG_MESSAGES.append(WrongMessage(make.__name__, labels, make))
        return make

    return register


def load_faults() -> tuple[list[Fault], list[WrongMessage]]:
    """Import every module of this package once and return all faults, in the same order always."""
    package = importlib.import_module("gateway.simulate.faults")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"gateway.simulate.faults.{module.name}")
    return (
        sorted(FAULTS, key=lambda one: one.tell.__module__),
        sorted(WRONG_MESSAGES, key=lambda one: one.make.__module__),
    )
