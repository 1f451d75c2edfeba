"""The granted lines of one client in a municipality, found by his assignments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.records.declaratie import GRANTED
from gateway.store.geld.nazorg.keuze import DEBET, credit_of
from gateway.store.geld.nazorg.tables import gemeenteverrekening_regel
from gateway.store.ledger_balances import stands
from gateway.store.tables import declaratie, partij, prestatie, toewijzing


def client_of(
    connection: Connection, gemeente: str, toewijzingnummer: int, wet: str | None = None
) -> tuple[str, str]:
    """The law and the fingerprint of the client of an assignment; raises WrongUse for no such one.

    Without a law the number has to be of one law only.
    """
    query = (
        sa.select(toewijzing.c.wet, toewijzing.c.bsn_hash)
        .where(
            toewijzing.c.toewijzingnummer == toewijzingnummer,
            toewijzing.c.gemeente == gemeente,
            stands(toewijzing),
        )
        .distinct()
    )
    if wet is not None:
        query = query.where(toewijzing.c.wet == wet)
    found = connection.execute(query).all()
    if not found:
        raise WrongUse(f"toewijzing {toewijzingnummer} is in gemeente {gemeente} niet bekend")
    if len(found) > 1:
        raise WrongUse(f"toewijzing {toewijzingnummer} is er onder twee wetten; noem de wet")
    return found[0].wet, found[0].bsn_hash


def party_of(connection: Connection, partijen: tuple[str, str, str], toewijzingnummer: int) -> int:
    """The party (municipality, law, provider) that has an assignment; raises WrongUse for none."""
    query = (
        sa.select(toewijzing.c.partij_id)
        .join(partij, partij.c.id == toewijzing.c.partij_id)
        .where(
            toewijzing.c.toewijzingnummer == toewijzingnummer,
            partij.c.gemeente == partijen[0],
            partij.c.wet == partijen[1],
            partij.c.aanbieder == partijen[2],
            stands(toewijzing),
        )
    )
    found = connection.execute(query).scalars().first()
    if found is None:
        raise WrongUse(f"aanbieder {partijen[2]} heeft geen toewijzing {toewijzingnummer}")
    return int(found)


def lines_of_client(
    connection: Connection, gemeente: str, wet: str, client: str, dagen: tuple[date, date]
) -> Sequence[Any]:
    """What was granted and not credited, of care that began in these days (inclusive).

    Lines that are in another item between municipalities are left out.
    """
    given = {"gemeente": gemeente, "wet": wet, "client": client, "van": dagen[0], "tot": dagen[1]}
    return connection.execute(_LINES, given).all()


_NUMMERS = (
    sa.select(toewijzing.c.partij_id, toewijzing.c.toewijzingnummer, partij.c.aanbieder)
    .join(partij, partij.c.id == toewijzing.c.partij_id)
    .where(
        toewijzing.c.bsn_hash == sa.bindparam("client"),
        partij.c.gemeente == sa.bindparam("gemeente"),
        partij.c.wet == sa.bindparam("wet"),
    )
    .distinct()
    .subquery("eigen")
)
_IS_SETTLED = sa.exists().where(
    gemeenteverrekening_regel.c.inbox_id == declaratie.c.inbox_id,
    gemeenteverrekening_regel.c.regelnr == prestatie.c.volgnr,
    gemeenteverrekening_regel.c.loopt == sa.literal_column("1"),
)
_LINES = (
    sa.select(
        declaratie.c.inbox_id,
        prestatie.c.volgnr.label("regelnr"),
        _NUMMERS.c.aanbieder,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
        prestatie.c.ingediend_bedrag.label("bedrag"),
    )
    .join_from(
        _NUMMERS,
        prestatie,
        sa.and_(
            prestatie.c.partij_id == _NUMMERS.c.partij_id,
            prestatie.c.toewijzingnummer == _NUMMERS.c.toewijzingnummer,
        ),
    )
    .join(declaratie, declaratie.c.id == prestatie.c.declaratie_id)
    .where(
        prestatie.c.bsn_hash == sa.bindparam("client"),
        stands(prestatie),
        prestatie.c.debet_credit == DEBET,
        prestatie.c.toegekend == GRANTED,
        prestatie.c.begindatum.between(sa.bindparam("van"), sa.bindparam("tot")),
        ~credit_of(prestatie).correlate(prestatie).exists(),
        ~_IS_SETTLED,
    )
    .order_by(prestatie.c.begindatum, prestatie.c.id)
)
