"""Sessions that can be ended, and tokens that work once; only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.store.engine import Database
from gateway.store.toegang.gebruikers import COLUMNS, Gebruiker, gebruikers_of
from gateway.store.toegang.tables import eenmalig, gebruiker, gebruiker_rol, sessie

# Who does nothing for half an hour, or works longer than a long day, logs in again.
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 10 * 60 * 60
# A change of rights or an export asks for a login of at most this long ago.
STERK_SECONDS = 10 * 60
# Writing at every request that somebody was seen would cost more than it tells.
SEEN_SECONDS = 60
PROGRAMMA = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessie:
    """A session: `hash` names it, `csrf` has to come with every change."""

    hash: str
    csrf: str
    gemaakt_at: float
    gezien_at: float
    sterk_at: float
    adres: str
    programma: str
    oidc_token: str | None


class Begonnen(NamedTuple):
    """From where and when somebody came in, and what his provider wants to hear at logout."""

    adres: str
    programma: str
    oidc_token: str | None = None
    sterk_at: float | None = None


class Sessies:
    """The sessions of this store."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def begin(self, gebruiker_nummer: int, begonnen: Begonnen) -> str:
        """A new session; returns the secret that its cookie holds."""
        token, now = secrets.token_urlsafe(32), self._now()
        row = {
            "hash": hash_of(token),
            "gebruiker_id": gebruiker_nummer,
            "csrf": secrets.token_urlsafe(32),
            "gemaakt_at": now,
            "gezien_at": now,
            "sterk_at": now if begonnen.sterk_at is None else begonnen.sterk_at,
            "adres": begonnen.adres,
            "programma": begonnen.programma[:PROGRAMMA],
            "oidc_token": begonnen.oidc_token,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(sessie), row)
        return token

    def find(self, token: str) -> tuple[Sessie, Gebruiker] | None:
        """The session of a cookie and whose it is; None when it ended or he may no longer come in.

        One query, with his roles as they are now.
        """
        now = self._now()
        where = (sessie.c.hash == hash_of(token), gebruiker.c.actief == 1, *_open_at(now))
        with self._database.snapshot() as connection:
            rows = connection.execute(_WITH_GEBRUIKER.where(*where)).all()
        if not rows:
            return None
        found = _sessie(rows[0])
        if now - found.gezien_at > SEEN_SECONDS:
            self._update(found.hash, {"gezien_at": now})
        return found, gebruikers_of(rows)[0]

    def of(self, gebruiker_nummer: int) -> Sequence[Sessie]:
        """His open sessions, the newest first."""
        where = (sessie.c.gebruiker_id == gebruiker_nummer, *_open_at(self._now()))
        query = sa.select(*_COLUMNS).where(*where).order_by(sessie.c.gemaakt_at.desc())
        with self._database.snapshot() as connection:
            return [_sessie(row) for row in connection.execute(query)]

    def is_sterk(self, found: Sessie) -> bool:
        """Whether he showed shortly ago who he is."""
        return self._now() - found.sterk_at <= STERK_SECONDS

    def end(self, hash_: str) -> None:
        """End one session."""
        self._update(hash_, {"geeindigd_at": self._now(), "oidc_token": None})

    def end_all(self, gebruiker_nummer: int) -> None:
        """End every session of somebody."""
        open_ones = sessie.c.gebruiker_id == gebruiker_nummer, sessie.c.geeindigd_at.is_(None)
        with self._database.writing() as connection:
            values = {"geeindigd_at": self._now(), "oidc_token": None}
            connection.execute(sa.update(sessie).where(*open_ones).values(values))

    def give(self, doel: str, inhoud: str, seconds: float) -> str:
        """A token that works once and not for long; returns it, and keeps what goes with it."""
        token, now = secrets.token_urlsafe(32), self._now()
        row = {
            "hash": hash_of(token),
            "doel": doel,
            "inhoud": inhoud,
            "verloopt_at": now + seconds,
        }
        with self._database.writing() as connection:
            connection.execute(sa.delete(eenmalig).where(eenmalig.c.verloopt_at < now))
            connection.execute(sa.insert(eenmalig), row)
        return token

    def is_given(self, doel: str, token: str) -> bool:
        """Whether a token would still work; this does not use it up."""
        with self._database.snapshot() as connection:
            return (
                connection.execute(
                    sa.select(eenmalig.c.hash).where(*self._given(doel, token))
                ).first()
                is not None
            )

    def take(self, doel: str, token: str) -> str | None:
        """What went with a token, once; None for one that does not work (any more)."""
        given = self._given(doel, token)
        with self._database.writing() as connection:
            query = sa.select(eenmalig.c.inhoud).where(*given)
            inhoud: str | None = connection.execute(query).scalar_one_or_none()
            used = connection.execute(sa.delete(eenmalig).where(*given)).rowcount
        return inhoud if used else None

    def _given(self, doel: str, token: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            eenmalig.c.hash == hash_of(token),
            eenmalig.c.doel == doel,
            eenmalig.c.verloopt_at >= self._now(),
        )

    def _update(self, hash_: str, values: dict[str, Any]) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(sessie).where(sessie.c.hash == hash_).values(values))

    def _now(self) -> float:
        return self._clock().timestamp()


def hash_of(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _open_at(now: float) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        sessie.c.geeindigd_at.is_(None),
        sessie.c.gezien_at >= now - IDLE_SECONDS,
        sessie.c.gemaakt_at >= now - LONGEST_SECONDS,
    )


_COLUMNS = (
    sessie.c.hash,
    sessie.c.csrf,
    sessie.c.gemaakt_at.label("begonnen_at"),
    sessie.c.gezien_at,
    sessie.c.sterk_at,
    sessie.c.adres,
    sessie.c.programma,
    sessie.c.oidc_token,
)
_WITH_GEBRUIKER = sa.select(*COLUMNS, *_COLUMNS).select_from(
    sessie.join(gebruiker).outerjoin(gebruiker_rol, gebruiker_rol.c.gebruiker_id == gebruiker.c.id)
)


def _sessie(row: Any) -> Sessie:
    return Sessie(
        hash=row.hash,
        csrf=row.csrf,
        gemaakt_at=row.begonnen_at,
        gezien_at=row.gezien_at,
        sterk_at=row.sterk_at,
        adres=row.adres,
        programma=row.programma,
        oidc_token=row.oidc_token,
    )
