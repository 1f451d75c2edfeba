"""What a store knows of itself: settings that have to stay what they were when it was made."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.config import Rol
from gateway.errors import WrongUse
from gateway.store.tables import inbox, instelling

_ROL = "rol"
_ANY_MESSAGE = sa.select(inbox.c.id).limit(1)
_REPLACE = sa.text(
    "INSERT INTO instelling (naam, waarde) VALUES (:naam, :waarde) "
    "ON CONFLICT (naam) DO UPDATE SET waarde = excluded.waarde"
)


def read_setting(connection: Connection, naam: str) -> str | None:
    """The text of a setting, None where the store has none."""
    query = sa.select(instelling.c.waarde).where(instelling.c.naam == naam)
    return connection.execute(query).scalar_one_or_none()


def held_setting(connection: Connection, naam: str) -> str | None:
    """The same, which nobody else changes before this transaction ends."""
    query = sa.select(instelling.c.waarde).where(instelling.c.naam == naam).with_for_update()
    return connection.execute(query).scalar_one_or_none()


def write_setting(connection: Connection, naam: str, waarde: str) -> None:
    """Keep a setting that the store did not have."""
    connection.execute(sa.insert(instelling).values(naam=naam, waarde=waarde))


def replace_setting(connection: Connection, naam: str, waarde: str) -> None:
    """Keep a setting in the place of the one that the store may have."""
    connection.execute(_REPLACE, {"naam": naam, "waarde": waarde})


def delete_setting(connection: Connection, naam: str) -> None:
    """Keep a setting no longer."""
    connection.execute(sa.delete(instelling).where(instelling.c.naam == naam))


def settle_secret(connection: Connection, naam: str) -> bytes:
    """A secret that the store makes once and keeps."""
    kept = read_setting(connection, naam)
    text = kept or secrets.token_hex(32)
    if kept is None:
        write_setting(connection, naam, text)
    return text.encode()


def settle_rol(connection: Connection, given: Rol | None) -> Rol:
    """The side that this store is of; `given` is the one to work in, None to only look.

    A store with messages and without a role is from before there were two: a municipality's.
    Raises WrongUse for the other role: its facts would mean something else.
    """
    kept = read_setting(connection, _ROL)
    if kept is None:
        is_used = connection.execute(_ANY_MESSAGE).first() is not None
        kept = "gemeente" if is_used else given
        if kept is not None:
            write_setting(connection, _ROL, kept)
    rol: Rol = "aanbieder" if kept == "aanbieder" else "gemeente"
    if given not in (None, rol):
        raise WrongUse(f"deze opslag is van een {rol}; kies die rol of een andere opslag")
    return rol
