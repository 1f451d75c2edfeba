"""The statements that find what should have come in: one for each kind, whatever its number.

Each walks an index on a date between two bounds, so that what it costs follows from the days that
it looks back and not from the size of the store.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.store.tables import inbox, levering, partij, toewijzing

SINDS, VANDAAG, CODES = "sinds", "vandaag", "codes"
# RedenWijziging of an assignment that counts as never sent; 01 did so before.
VERWIJDERD, VERVALLEN = "13", "01"
# RedenBeeindiging of a stop that only interrupts.
TIJDELIJK = "20"

Condition = sa.ColumnElement[bool]

# What we sent ourselves and nothing was tied to yet.  The words are those of the index.
ONBEANTWOORD = (
    sa.select(inbox)
    .where(
        inbox.c.verdict == sa.literal_column("'accepted'"),
        inbox.c.beantwoord == sa.literal_column("0"),
        inbox.c.berichtcode.in_(sa.bindparam(CODES, expanding=True)),
        inbox.c.received_at >= sa.bindparam(SINDS),
    )
    .order_by(inbox.c.received_at, inbox.c.id)
)

_versie = toewijzing.alias("versie")
_later = toewijzing.alias("later")
_eerder = toewijzing.alias("eerder")
_eerste = toewijzing.alias("eerste")
_start = levering.alias("start")
_stop = levering.alias("stop")


def _same_number(other: sa.FromClause) -> list[Condition]:
    return [_versie.c[key] == other.c[key] for key in ("toewijzingnummer", "gemeente", "wet")]


def _delivered(one: sa.FromClause, soort: str, by: sa.FromClause = _versie) -> list[Condition]:
    """A start or stop that was not taken back, of the provider of an assignment or a start."""
    return [
        one.c.partij_id == by.c.partij_id,
        one.c.soort == soort,
        one.c.tot_volgnr.is_(None),
    ]


def _fits(one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> Condition:
    """Equal, where both are filled."""
    return sa.or_(one.is_(None), other.is_(None), one == other)


def _stands() -> list[Condition]:
    """The latest version of an assignment (IV013) that was not deleted."""
    newer = sa.or_(
        _later.c.toewijzingsdatum > _versie.c.toewijzingsdatum,
        sa.and_(
            _later.c.toewijzingsdatum == _versie.c.toewijzingsdatum,
            _later.c.toewijzingstijd > _versie.c.toewijzingstijd,
        ),
    )
    withdrawn = sa.and_(
        _versie.c.reden_wijziging == VERVALLEN, _versie.c.einddatum == _versie.c.ingangsdatum
    )
    return [
        _versie.c.tot_volgnr.is_(None),
        sa.func.coalesce(_versie.c.reden_wijziging, "") != VERWIJDERD,
        sa.not_(sa.func.coalesce(withdrawn, sa.false())),
        ~sa.exists().where(*_same_number(_later), _later.c.tot_volgnr.is_(None), newer),
    ]


def _expected(date_: str, *conditions: Condition) -> sa.Select[Any]:
    """Assignments of which a date lies between the bounds, with the 301 that first named that date.

    A version that is sent again ends the row that it had before, so those count for the first too.
    They are found before the 301 is looked up: PostgreSQL takes no index for a value that it has to
    ask a guarded table for, and would look at every assignment for each of them.
    """
    first = (
        sa.select(sa.func.min(_eerder.c.id))
        .where(*_same_number(_eerder), _eerder.c[date_] == _versie.c[date_])
        .scalar_subquery()
    )
    found = (
        sa.select(first.label("eerste_id"), _versie.c[date_].label("datum"), _versie.c.partij_id)
        .where(
            _versie.c[date_].between(sa.bindparam(SINDS), sa.bindparam(VANDAAG)),
            *conditions,
            *_stands(),
        )
        .cte("gevonden")
        .prefix_with("MATERIALIZED")
    )
    return (
        sa.select(
            inbox.c.id,
            inbox.c.berichtcode,
            inbox.c.afzender,
            inbox.c.identificatie,
            partij.c.gemeente,
            partij.c.aanbieder,
            _eerste.c.toewijzingnummer,
            _eerste.c.bekend_op,
            found.c.datum,
        )
        .join_from(found, _eerste, _eerste.c.id == found.c.eerste_id)
        .join(inbox, inbox.c.id == _eerste.c.inbox_id)
        .join(partij, partij.c.id == found.c.partij_id)
        .order_by(found.c.datum, _eerste.c.id)
    )


def _zonder_start() -> sa.Select[Any]:
    """Assignments that began, are not over, and have no start.

    A start without ToewijzingNummer (IV096) of the client and the product counts too, so that
    task-oriented care is not asked for twice.
    """
    on_number = _start.c.toewijzingnummer == _versie.c.toewijzingnummer
    on_product = sa.and_(
        _start.c.bsn_hash == _versie.c.bsn_hash,
        # Worded so that the index of the client is used: the other one has all clients together.
        sa.func.coalesce(_start.c.toewijzingnummer, 0) == 0,
        *(_fits(_start.c[key], _versie.c[key]) for key in ("productcategorie", "productcode")),
    )
    return _expected(
        "ingangsdatum",
        sa.or_(_versie.c.einddatum.is_(None), _versie.c.einddatum >= sa.bindparam(VANDAAG)),
        ~sa.exists().where(*_delivered(_start, "start"), on_number),
        ~sa.exists().where(*_delivered(_start, "start"), on_product),
    )


def _zonder_stop() -> sa.Select[Any]:
    """Assignments that are over and have a start after which no definitive stop came (OP288)."""
    stopped = sa.exists().where(
        *_delivered(_stop, "stop", by=_start),
        _stop.c.toewijzingnummer == _start.c.toewijzingnummer,
        _stop.c.reden_beeindiging != TIJDELIJK,
        _stop.c.begindatum >= _start.c.begindatum,
    )
    going_on = sa.exists().where(
        *_delivered(_start, "start"),
        _start.c.toewijzingnummer == _versie.c.toewijzingnummer,
        ~stopped,
    )
    return _expected("einddatum", going_on)


ZONDER_START = _zonder_start()
ZONDER_STOP = _zonder_stop()
