"""Figures of a region: everything about care is read, client by client, and counted aside.

Three statements, each in the order of the fingerprints of clients, are walked side by side; one
client is held at a time.  A fingerprint is what holds the care of a client together, also where it
is of several municipalities; it goes no further than here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.regio.basis import Basis
from gateway.ledger.regio.rapport import Regiocijfers, report
from gateway.ledger.regio.telling import count
from gateway.ledger.regio.traject import Clientzorg, Geleverd, Jaarregels, Toegewezen
from gateway.ledger.volger import Volger
from gateway.records.declaratie import GRANTED
from gateway.store.bouwstenen import Select
from gateway.store.engine import Database, rows_of
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import JAAR, SIGNED, P, stands
from gateway.store.radar_views import SIGNED_VOLUME
from gateway.store.tables import levering, partij, prestatie, toewijzing, verzoek
from gateway.toegang.wie import Bereik

# What a 315 did not tell of its referrer; without a 315 there is nothing at all.
NIET_VERTELD, ZONDER_VERZOEK = " ", ""
_WIE = (partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
_T, _L = toewijzing.c, levering.c


def regio_van(
    database: Database,
    bereik: Bereik,
    overeenkomsten: Overeenkomsten,
    basis: Basis,
    jaren: Sequence[int],
    vandaag: date,
) -> Regiocijfers:
    """The figures of these years; goes over all assignments, starts, stops and granted lines."""
    with database.long_snapshot(bereik.scope) as connection:
        lees = partial(clienten, connection, bereik)
        tellingen = count(lees, overeenkomsten, basis, jaren, vandaag)
    return report(tellingen, overeenkomsten, bereik.gemeenten, basis.wijken, vandaag)


def gemeenten_van(database: Database) -> Sequence[str]:
    """Every municipality that assigned anything."""
    with database.snapshot() as connection:
        return sorted(connection.scalars(_GEMEENTEN))


def clienten(connection: Connection, bereik: Bereik) -> Iterator[Clientzorg]:
    """The care of every client, one after another."""

    def stream(query: Select) -> Volger[str, Any]:
        rows = rows_of(connection, query.where(partij_in(bereik)))
        return Volger((row[0], row[1:]) for row in rows)

    toegewezen, geleverd, regels = map(stream, (_TOEGEWEZEN, _GELEVERD, _REGELS))
    for client in _in_order(toegewezen, geleverd, regels):
        yield Clientzorg(
            [_toegewezen(row) for row in toegewezen.at(client)],
            [_geleverd(row) for row in geleverd.at(client)],
            [_jaarregels(row) for row in regels.at(client)],
        )


def _in_order(*streams: Volger[str, Any]) -> Iterator[str]:
    """Every client of any of the streams, once."""
    while found := [key for one in streams if (key := one.next_key) is not None]:
        yield min(found)


def _summed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.sum(column, type_=sa.BigInteger)


# Fingerprints are hexadecimal digits in lower case: every database puts those in one order.
_GEVRAAGD = (
    sa.select(
        verzoek.c.partij_id,
        verzoek.c.referentie_aanbieder,
        sa.func.coalesce(sa.func.min(verzoek.c.verwijzer), NIET_VERTELD).label("verwijzer"),
    )
    .where(stands(verzoek), verzoek.c.soort == "315")
    .group_by(verzoek.c.partij_id, verzoek.c.referentie_aanbieder)
    .subquery("gevraagd")
)
_TOEGEWEZEN = (
    sa.select(
        _T.bsn_hash,
        _T.partij_id,
        _T.toewijzingnummer,
        *_WIE,
        _T.toewijzingsdatum,
        _T.toewijzingstijd,
        _T.productcode,
        _T.eenheid,
        _T.ingangsdatum,
        _T.einddatum,
        _T.reden_wijziging,
        _T.postcode,
        sa.func.coalesce(_GEVRAAGD.c.verwijzer, ZONDER_VERZOEK),
    )
    .join_from(toewijzing, partij, partij.c.id == _T.partij_id)
    .outerjoin(
        _GEVRAAGD,
        sa.and_(
            _GEVRAAGD.c.partij_id == _T.partij_id,
            _GEVRAAGD.c.referentie_aanbieder == _T.referentie_aanbieder,
        ),
    )
    .where(stands(toewijzing))
    .order_by(_T.bsn_hash)
)
_GEMEENTEN = (
    sa.select(partij.c.gemeente)
    .where(sa.exists().where(_T.partij_id == partij.c.id, stands(toewijzing)))
    .distinct()
)
_GELEVERD = (
    sa.select(
        _L.bsn_hash,
        _L.partij_id,
        _L.toewijzingnummer,
        _L.begindatum,
        _L.reden_beeindiging,
        _L.einddatum,
    )
    .join_from(levering, partij, partij.c.id == _L.partij_id)
    .where(stands(levering), _L.toewijzingnummer.is_not(None))
    .order_by(_L.bsn_hash)
)
_LINE = (P.bsn_hash, P.partij_id, P.toewijzingnummer, *_WIE, P.productcode, P.eenheid, JAAR)
_REGELS = (
    sa.select(
        *_LINE[:-1],
        sa.cast(JAAR, sa.Integer),
        sa.func.min(P.begindatum, type_=sa.Date),
        _summed(SIGNED_VOLUME),
        _summed(SIGNED),
    )
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .where(stands(prestatie), P.toegekend == GRANTED)
    .group_by(*_LINE)
    .order_by(P.bsn_hash)
)


def _toegewezen(row: Any) -> Toegewezen:
    *key, gemeente, wet, aanbieder, dag, tijd = row[:7]
    return Toegewezen((key[0], key[1]), gemeente, wet, aanbieder, (dag, tijd), *row[7:])


def _geleverd(row: Any) -> Geleverd:
    return Geleverd(tuple(row[:2]), *row[2:])


def _jaarregels(row: Any) -> Jaarregels:
    *product, volume, bedrag = row[2:]
    return Jaarregels._make((tuple(row[:2]), *product, int(volume), int(bedrag)))


def statements() -> Iterable[Select]:
    """Everything that is asked, for who looks at how it is answered."""
    return _TOEGEWEZEN, _GELEVERD, _REGELS
