"""Obligations outside the message traffic: assignments by hand, and what was invoiced.

An assignment by hand is one amount for its whole time, or a whole volume at the price of the
agreements.  An invoice on none is only what it costs; what takes back comes off the invoice itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.geld.verplichting import Toegewezen, Versie
from gateway.periods.maandnummers import month_number
from gateway.periods.volume import TOTAAL
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.engine import rows_of
from gateway.store.geld.nazorg.tables import GOEDGEKEURD, factuur, factuurregel, handtoewijzing
from gateway.toegang.wie import Bereik

F, H, L = factuur.c, handtoewijzing.c, factuurregel.c
# The lists of the standard number a product after the category that it is in.
CATEGORIE = 2
_NO_PARTY = 0
Sleutel = tuple[Any, ...]


def outside_traffic(
    connection: Connection, bereik: Bereik, peil: int | None
) -> Iterator[Toegewezen]:
    """Everything outside the traffic; with a `peil` as the judgement with that number saw it."""
    lines: dict[int, dict[int, int]] = {}
    loose: dict[Sleutel, dict[int, int]] = {}
    for hand_id, key, maand, bedrag in _invoiced(connection, bereik, peil):
        own = lines.setdefault(hand_id, {}) if hand_id else loose.setdefault(key, {})
        own[maand] = own.get(maand, 0) + bedrag
    for row in rows_of(connection, _hands(bereik, peil)):
        yield _assigned(row, lines.pop(row[0], {}))
    for key, regels in loose.items():
        yield _loose(key, regels)


def invoiced_between(bereik: Bereik, peil: int | None, begin: Any, end: Any) -> sa.Select[Any]:
    """What approved lines of invoices come to that begin between two days."""
    total = sa.func.coalesce(sa.func.sum(L.bedrag, type_=sa.BigInteger), 0)
    query = sa.select(total).join_from(factuurregel, factuur, F.id == L.factuur_id)
    return query.where(*_counts(bereik, peil), L.begindatum.between(begin, end))


def _counts(bereik: Bereik, peil: int | None) -> list[sa.ColumnElement[bool]]:
    """Whether an invoice counted; it does from the judgement on that it was approved at."""
    own = [F.staat == GOEDGEKEURD, *_seen(factuur, bereik)]
    return own if peil is None else [*own, F.besluit_volgnr < peil]


def _seen(table: sa.Table, bereik: Bereik) -> Sequence[sa.ColumnElement[bool]]:
    own = table.c.gemeente.in_(sorted(bereik.gemeenten))
    return [own] if bereik.aanbieder is None else [own, table.c.aanbieder == bereik.aanbieder]


def _invoiced(
    connection: Connection, bereik: Bereik, peil: int | None
) -> Iterator[tuple[int | None, Sleutel, int, int]]:
    """Lines by their assignment by hand, or by the invoice that they are of or take back."""
    query = (
        sa.select(
            F.handtoewijzing_id,
            F.gemeente,
            F.wet,
            F.aanbieder,
            sa.func.coalesce(F.tegen_id, F.id),
            F.client,
            L.productcode,
            L.begindatum,
            L.bedrag,
        )
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .where(*_counts(bereik, peil))
        .order_by(F.id, L.volgnr)
    )
    for hand_id, *key, code, begin, bedrag in rows_of(connection, query):
        yield hand_id, (*key, code[:CATEGORIE]), month_number(begin), bedrag


def _hands(bereik: Bereik, peil: int | None) -> sa.Select[Any]:
    query = sa.select(
        H.id,
        H.gemeente,
        H.wet,
        H.aanbieder,
        H.client,
        H.productcode,
        H.eenheid,
        H.begindatum,
        H.einddatum,
        H.volume,
        H.bedrag,
    ).where(*_seen(handtoewijzing, bereik))
    query = query if peil is None else query.where(H.van_volgnr < peil)
    return query.order_by(H.id)


def _assigned(row: Sequence[Any], regels: Mapping[int, int]) -> Toegewezen:
    hand_id, gemeente, wet, aanbieder, client, code, eenheid, begin, eind, volume, bedrag = row
    has_volume = bedrag is None and volume is not None
    product = ToegewezenProduct(
        pad="",
        bsn="",
        aanbieder=aanbieder,
        bekend_op=begin,
        toewijzingnummer=hand_id,
        referentie_aanbieder=None,
        productcategorie=code[:CATEGORIE],
        productcode=code,
        toewijzingsdatum=begin,
        toewijzingstijd="",
        ingangsdatum=begin,
        einddatum=eind,
        reden_wijziging=None,
        volume=volume if has_volume else None,
        eenheid=eenheid if has_volume else None,
        frequentie=TOTAAL if has_volume else None,
        budget=bedrag,
        commentaar=None,
    )
    own = (_NO_PARTY, hand_id, gemeente, wet, aanbieder, client)
    return Toegewezen(*own, [Versie(product, None)], None, regels, buiten=True)


def _loose(key: Sleutel, regels: Mapping[int, int]) -> Toegewezen:
    gemeente, wet, aanbieder, _, client, categorie = key
    own = (_NO_PARTY, 0, gemeente, wet, aanbieder, client)
    return Toegewezen(*own, (), None, regels, categorie, buiten=True)
