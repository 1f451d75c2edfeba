"""Four eyes are of two people: whose an account, a key or a name on the command line is.

An account of the pages is somebody.  A key is of the user whom it was given to, and counts as him
once he confirmed that he has it: nobody makes himself a second person by a key in the name of
another.  Who works on the command line is the user with that account on the machine; as long as a
store has no users at all, an account on the machine is somebody by itself.  Of what is nobody's,
nobody can tell whether it is somebody else.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietToegestaan
from gateway.store.engine import Database
from gateway.store.toegang.tables import gebruiker, sleutel
from gateway.toegang.namen import AAN_DE_MACHINE, PROGRAMMA, SLEUTEL
from gateway.toegang.wie import Wie

SAME = "een tweede persoon beslist hierover, niet wie het voorstelde"


class Personen:
    """Tells for a page what stands in the way of a second person before he decides."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_dezelfde(self, eerste: str, wie: Wie) -> bool:
        """Whether who asks is who did the first step."""
        with self._database.snapshot() as connection:
            return is_dezelfde(connection, eerste, wie)

    def bezwaar(self, eerste: str, wie: Wie) -> str | None:
        """Why who asks cannot be the second person; None when he can."""
        with self._database.snapshot() as connection:
            return bezwaar(connection, eerste, wie)


def vier_ogen(connection: Connection, eerste: str, wie: Wie) -> None:
    """Raise NietToegestaan unless who decides is another person than who did the first step.

    `eerste` is what the log knows the first one by.
    """
    found = bezwaar(connection, eerste, wie)
    if found is not None:
        raise NietToegestaan(found)


def is_dezelfde(connection: Connection, eerste: str, wie: Wie) -> bool:
    """Whether both are of one person, or are one and the same."""
    if eerste == wie.kenmerk:
        return True
    persoon = _persoon_van(connection, eerste)
    return persoon is not None and persoon == _persoon_van(connection, wie.kenmerk)


def is_eigen(connection: Connection, eerste: str, wie: Wie) -> bool:
    """Whether who asks may take back what the first one proposed.

    A key in his name that he did not confirm may not: somebody else may have it.
    """
    if eerste == wie.kenmerk:
        return True
    return is_dezelfde(connection, eerste, wie) and _is_bevestigd(connection, wie.kenmerk)


def bezwaar(connection: Connection, eerste: str, wie: Wie, zelfde: str = SAME) -> str | None:
    """Why who asks cannot be the second person; None when he can.

    `zelfde` is what he is told when he is the first one.
    """
    personen = set()
    for kenmerk in (wie.kenmerk, eerste):
        persoon = _persoon_van(connection, kenmerk)
        if persoon is None:
            return _of_nobody(kenmerk)
        if not _is_bevestigd(connection, kenmerk):
            return _not_confirmed(kenmerk, persoon)
        personen.add(persoon)
    return zelfde if len(personen) == 1 else None


def _persoon_van(connection: Connection, kenmerk: str) -> str | None:
    """The name of whose a name in the log is; None where nobody said so."""
    if kenmerk.startswith(PROGRAMMA):
        return None
    if kenmerk.startswith(SLEUTEL):
        nummer = int(kenmerk.removeprefix(SLEUTEL))
        query = sa.select(sleutel.c.namens).where(sleutel.c.id == nummer)
    elif kenmerk.startswith(AAN_DE_MACHINE):
        account = kenmerk.removeprefix(AAN_DE_MACHINE)
        if connection.execute(_ANYBODY).first() is None:
            return account
        query = sa.select(gebruiker.c.naam).where(gebruiker.c.machineaccount == account)
    else:
        return kenmerk
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _is_bevestigd(connection: Connection, kenmerk: str) -> bool:
    """Whether a key was confirmed by whose it is; what is no key needs no word of him."""
    if not kenmerk.startswith(SLEUTEL):
        return True
    nummer = int(kenmerk.removeprefix(SLEUTEL))
    query = sa.select(sleutel.c.bevestigd_at).where(sleutel.c.id == nummer)
    return connection.execute(query).scalar_one_or_none() is not None


def _not_confirmed(kenmerk: str, persoon: str) -> str:
    return (
        f"{kenmerk} staat op naam van {persoon}, die dat nog niet heeft bevestigd: dat kan "
        f"{persoon} doen op de pagina met het eigen account"
    )


def _of_nobody(kenmerk: str) -> str:
    if kenmerk.startswith(PROGRAMMA):
        return f"{kenmerk} werkt voor niemand, en telt daarom niet als persoon"
    if kenmerk.startswith(SLEUTEL):
        return (
            f"{kenmerk} is van niemand, en telt daarom niet als persoon: een beheerder zegt eerst "
            "van wie hij is, op de pagina Sleutels"
        )
    return (
        f"account {kenmerk.removeprefix(AAN_DE_MACHINE)} op de machine is van niemand, en telt "
        "daarom niet als persoon: een beheerder zegt eerst van wie het is, op de pagina Gebruikers"
    )


_ANYBODY = sa.select(gebruiker.c.id).limit(1)
