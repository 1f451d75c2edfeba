"""The keys of programs: shown once when made, kept as a hash, looked up on every request."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.store.engine import ALL, Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.toegang.logboek import Handeling, Logboek
from gateway.store.toegang.tables import gebruiker, sleutel
from gateway.toegang.namen import SLEUTEL
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE, Wie

# What a key begins with, so that one that leaked is recognised for what it is.
PREFIX = "gwk_"
BYTES = 32
LONGEST_DAYS = 730
AGB_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Sleutel:
    """A key as people see it: everything but the key itself; `gemeenten` are codes, or ALLE.

    `namens` is the name of the user whose it is: where four eyes are asked, it is him, once he
    confirmed that he has it (`bevestigd_op`).
    """

    nummer: int
    naam: str
    rol: Rol
    gemeenten: tuple[str, ...]
    aanbieder: str | None
    gemaakt_door: str
    gemaakt_op: datetime
    verloopt_op: datetime
    ingetrokken_op: datetime | None
    namens: str | None
    bevestigd_op: datetime | None

    def is_geldig(self, moment: datetime) -> bool:
        """Whether it opens anything at a moment."""
        is_over = moment.timestamp() >= self.verloopt_op.timestamp()
        return self.ingetrokken_op is None and not is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanvraag:
    """What a key is asked for: how long it is good for is told in days.

    `namens` is the name of a user; a key of a program that is nobody's has none.
    """

    naam: str
    rol: Rol
    gemeenten: Sequence[str]
    aanbieder: str | None = None
    dagen: int = 365
    namens: str | None = None


class Sleutels:
    """Makes, lists and ends keys, and tells who a key is."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        logboek: Logboek,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._clock = clock
        self._logboek = logboek
        self._random = random

    def make(self, aanvraag: Aanvraag, handeling: Handeling) -> tuple[Sleutel, str]:
        """A new key, and its text, which nobody can show again; the act says who made it.

        Raises WrongUse for a role without its aanbieder, for a term that cannot be, and for a user
        who is not let in.
        """
        _check(aanvraag)
        text = PREFIX + base64.urlsafe_b64encode(self._random(BYTES)).decode().rstrip("=")
        now = self._clock()
        row = {
            "hash": _hash(text),
            "naam": aanvraag.naam.strip(),
            "rol": aanvraag.rol.value,
            "gemeenten": ",".join(sorted(set(aanvraag.gemeenten))),
            "aanbieder": aanvraag.aanbieder,
            "gemaakt_door": handeling.wie,
            "gemaakt_at": now.timestamp(),
            "verloopt_at": (now + timedelta(days=aanvraag.dagen)).timestamp(),
            "namens": aanvraag.namens,
        }
        with self._database.writing(ALL) as connection:
            if aanvraag.namens is not None:
                _check_owner(connection, aanvraag.namens)
            nummer = insert_one(connection, sleutel, row)
            made = connection.execute(_ALL.where(sleutel.c.id == nummer)).one()
            self._logboek.schrijf(connection, handeling)
        return _sleutel_of(made), text

    def list(self) -> Sequence[Sleutel]:
        """All keys, also those that ended, in the order in which they were made."""
        with self._database.snapshot() as connection:
            return [_sleutel_of(row) for row in connection.execute(_ALL)]

    def assign(self, nummer: int, namens: str, handeling: Handeling) -> None:
        """Tell whose a key is that was nobody's; whose it is never changes after that.

        Also of one that ended: what it proposed may still wait for a second person.  Raises
        WrongUse for a key that cannot become somebody's, and for a user who is not let in.
        """
        given = (
            sa.update(sleutel)
            .where(
                sleutel.c.id == nummer,
                sleutel.c.namens.is_(None),
                sleutel.c.aanbieder.is_(None),
            )
            .values(namens=namens)
        )
        with self._database.writing(ALL) as connection:
            _check_owner(connection, namens)
            if connection.execute(given).rowcount != 1:
                raise WrongUse(f"sleutel {nummer} bestaat niet, of is al van iemand")
            self._logboek.schrijf(connection, handeling)

    def confirm(self, nummer: int, naam: str, handeling: Handeling) -> bool:
        """A user says himself that a key is his; False for one that is not, or was confirmed."""
        confirmed = (
            sa.update(sleutel)
            .where(
                sleutel.c.id == nummer,
                sleutel.c.namens == naam,
                sleutel.c.bevestigd_at.is_(None),
            )
            .values(bevestigd_at=self._clock().timestamp())
        )
        with self._database.writing(ALL) as connection:
            is_confirmed = connection.execute(confirmed).rowcount == 1
            if is_confirmed:
                self._logboek.schrijf(connection, handeling)
        return is_confirmed

    def revoke(self, nummer: int, handeling: Handeling) -> bool:
        """End a key at once; False when there is no such key, or it was ended before."""
        ended = (
            sa.update(sleutel)
            .where(sleutel.c.id == nummer, sleutel.c.ingetrokken_at.is_(None))
            .values(ingetrokken_at=self._clock().timestamp())
        )
        with self._database.writing(ALL) as connection:
            is_ended = connection.execute(ended).rowcount == 1
            if is_ended:
                self._logboek.schrijf(connection, handeling)
        return is_ended

    def who(self, text: str) -> Wie | None:
        """Who comes with a key; None for a text that is no key, or no longer.

        A key of a user who was shut out opens nothing either.
        """
        is_let_in = sa.or_(sleutel.c.namens.is_(None), _OWNER.exists())
        query = _ALL.where(sleutel.c.hash == _hash(text), is_let_in)
        with self._database.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        found = _sleutel_of(row)
        return _wie_of(found) if found.is_geldig(self._clock()) else None


_ALL = sa.select(sleutel).order_by(sleutel.c.id)
# The user whose a key is, as long as he is let in.
_OWNER = sa.select(gebruiker.c.id).where(
    gebruiker.c.naam == sleutel.c.namens, gebruiker.c.actief == 1
)


def _check(aanvraag: Aanvraag) -> None:
    if not aanvraag.naam.strip():
        raise WrongUse("een sleutel heeft een naam nodig, die zegt welk programma hem gebruikt")
    if not aanvraag.gemeenten:
        raise WrongUse("een sleutel geldt voor ten minste één gemeente")
    if not 1 <= aanvraag.dagen <= LONGEST_DAYS:
        raise WrongUse(f"een sleutel geldt 1 tot en met {LONGEST_DAYS} dagen")
    if (aanvraag.rol is Rol.AANBIEDER) != (aanvraag.aanbieder is not None):
        raise WrongUse("de rol aanbieder hoort bij een AGB-code, en een AGB-code bij die rol")
    agb = aanvraag.aanbieder
    if agb is not None and not (len(agb) == AGB_DIGITS and agb.isascii() and agb.isdigit()):
        raise WrongUse(f"een AGB-code heeft {AGB_DIGITS} cijfers")
    if agb is not None and aanvraag.namens is not None:
        raise WrongUse("een sleutel van een aanbieder is niet van een gebruiker")


def _check_owner(connection: Connection, naam: str) -> None:
    known = sa.select(gebruiker.c.id).where(
        gebruiker.c.naam == naam, gebruiker.c.actief == 1, gebruiker.c.aanbieder.is_(None)
    )
    if connection.execute(known).first() is None:
        raise WrongUse(f"er is geen gebruiker {naam} die een sleutel kan hebben")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sleutel_of(row: Any) -> Sleutel:
    return Sleutel(
        nummer=row.id,
        naam=row.naam,
        rol=Rol(row.rol),
        gemeenten=tuple(row.gemeenten.split(",")),
        aanbieder=row.aanbieder,
        gemaakt_door=row.gemaakt_door,
        gemaakt_op=datetime.fromtimestamp(row.gemaakt_at, UTC),
        verloopt_op=datetime.fromtimestamp(row.verloopt_at, UTC),
        ingetrokken_op=_moment(row.ingetrokken_at),
        namens=row.namens,
        bevestigd_op=_moment(row.bevestigd_at),
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _wie_of(found: Sleutel) -> Wie:
    rollen = frozenset({found.rol})
    gemeenten = (ALLE,) if ALLE in found.gemeenten else found.gemeenten
    return Wie(
        kenmerk=f"{SLEUTEL}{found.nummer}",
        naam=found.naam,
        soort="sleutel",
        rollen=dict.fromkeys(gemeenten, rollen),
        aanbieder=found.aanbieder,
    )
