"""Undoes what a message of our own changed, once its receiver has refused it as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.statements import SLEUTEL
from gateway.store.tables import besteding, declaratie, inbox, levering, prestatie, verzoek

_VOLGNR = sa.select(inbox.c.volgnr).where(inbox.c.id == sa.bindparam("bericht"))
_NOW: sa.BindParameter[int] = sa.bindparam("nu", type_=sa.BigInteger)


def _statements() -> Iterator[sa.Insert | sa.Update]:
    """In this order: what the message ended comes back only after its own rows have ended."""
    of_message = _VOLGNR.scalar_subquery()
    yield (
        sa.update(levering)
        .where(levering.c.van_volgnr == of_message, levering.c.tot_volgnr.is_(None))
        .values(tot_volgnr=_NOW)
    )
    own = sa.select(declaratie.c.id).where(
        declaratie.c.inbox_id == sa.bindparam("bericht"), declaratie.c.tot_volgnr.is_(None)
    )
    span = _span(own.scalar_subquery())
    yield (
        sa.update(prestatie)
        .where(
            prestatie.c.id.between(*span),
            prestatie.c.declaratie_id.in_(own),
            prestatie.c.tot_volgnr.is_(None),
        )
        .values(tot_volgnr=_NOW)
    )
    for table in (verzoek, besteding, declaratie):
        yield (
            sa.update(table)
            .where(table.c.inbox_id == sa.bindparam("bericht"), table.c.tot_volgnr.is_(None))
            .values(tot_volgnr=_NOW)
        )
    other = levering.alias("ander")
    same = (other.c[name].is_not_distinct_from(levering.c[name]) for name in SLEUTEL)
    names = [one.name for one in levering.c if one.name not in ("id", "van_volgnr", "tot_volgnr")]
    taken_back = sa.select(*(levering.c[name] for name in names), _NOW).where(
        levering.c.tot_volgnr == of_message,
        ~sa.exists().where(other.c.tot_volgnr.is_(None), *same),
    )
    yield sa.insert(levering).from_select([*names, "van_volgnr"], taken_back)


def _span(own: sa.ScalarSelect[int]) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[int]]:
    """The numbers that the lines of a Declaratie lie between: they have no index of their own."""
    of_own = declaratie.alias("eigen")
    return (
        sa.select(of_own.c.regel_van).where(of_own.c.id == own).scalar_subquery(),
        sa.select(of_own.c.regel_tot).where(of_own.c.id == own).scalar_subquery(),
    )


STATEMENTS = tuple(_statements())


def _reopening() -> Iterator[sa.Insert | sa.Update]:
    """What an answer made of a request ends, and what it ended goes on, but for what came after."""
    of_message = _VOLGNR.scalar_subquery()
    later = verzoek.alias("later")
    yield (
        sa.update(verzoek)
        .where(verzoek.c.van_volgnr == of_message, verzoek.c.tot_volgnr.is_(None))
        .values(tot_volgnr=_NOW)
    )
    names = [one.name for one in verzoek.c if one.name not in ("id", "van_volgnr", "tot_volgnr")]
    before = sa.select(*(verzoek.c[name] for name in names), _NOW).where(
        verzoek.c.tot_volgnr == of_message,
        ~sa.exists().where(
            later.c.partij_id == verzoek.c.partij_id,
            later.c.referentie_aanbieder == verzoek.c.referentie_aanbieder,
            later.c.tot_volgnr.is_(None),
        ),
    )
    yield sa.insert(verzoek).from_select([*names, "van_volgnr"], before)


REOPENING = tuple(_reopening())


def reopen(connection: Connection, inbox_id: int, volgnr: int) -> None:
    """Set a request back to how it was before a message of our own answered it."""
    for statement in REOPENING:
        connection.execute(statement, {"bericht": inbox_id, "nu": volgnr})


def withdraw(connection: Connection, inbox_id: int, volgnr: int) -> None:
    """End the starts, stops, requests and lines of a message; what it took back stands again.

    A start or stop that was delivered anew meanwhile does not come back a second time.
    """
    for statement in STATEMENTS:
        connection.execute(statement, {"bericht": inbox_id, "nu": volgnr})
