"""Who works at the machine: the account there names him, and a user may be whose it is."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from gateway.errors import WrongUse
from gateway.store.geld.gemeenten import gemeenten_in
from gateway.store.store import SqlStore
from gateway.toegang.namen import AAN_DE_MACHINE
from gateway.toegang.wie import Bereik, Wie

LOGIN = Path("/proc/self/loginuid")


def aan_de_machine() -> Wie:
    """The account that a command runs under; raises WrongUse where the machine does not tell."""
    try:
        naam = account()
    except KeyError:
        raise WrongUse("deze machine vertelt niet onder welke naam u werkt") from None
    return Wie(f"{AAN_DE_MACHINE}{naam}", naam, "gebruiker")


def account() -> str:
    """By the machine itself: what a variable says, anybody sets.  Raises KeyError without one."""
    return pwd.getpwuid(os.getuid()).pw_name


def in_logboek() -> tuple[str, str]:
    """What the log knows him by, and how he is shown; an account without a name by its number."""
    try:
        naam = account()
    except KeyError:
        naam = str(os.getuid())
    eerst = _ingelogd()
    shown = naam if eerst in (None, naam) else f"{naam}, ingelogd als {eerst}"
    return f"{AAN_DE_MACHINE}{naam}", shown


def _ingelogd() -> str | None:
    """Who logged in at the machine, whatever account he took after that; None where nobody did.

    The kernel keeps it, and lets nobody change it.
    """
    try:
        return pwd.getpwuid(int(LOGIN.read_text(encoding="ascii"))).pw_name
    except (OSError, ValueError, OverflowError, KeyError):
        return None


def bereik_van(store: SqlStore, gemeente: str | None = None) -> Bereik:
    """All municipalities of a store, or the one that is named; raises WrongUse without data."""
    known = gemeenten_in(store.database)
    if gemeente is not None and gemeente not in known:
        raise WrongUse(f"van gemeente {gemeente} staat er niets in de opslag")
    return Bereik(known if gemeente is None else frozenset({gemeente}))
