"""The statements behind the facts, built once per database: one for each kind of fact.

Every statement reads the facts as the judgement with number `peil` sees them, so that what was
judged can be read back later.  Keys go in as one value, whatever their number: a JSON list for
SQLite, an array for PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.periods.volume import MINUTES_PER_HOUR, UUR
from gateway.store.columns import DECLARATIE, HEADER, LEVERING, PRESTATIE, TOEWIJZING, VERZOEK
from gateway.store.tables import (
    AANGEHOUDEN,
    besteding,
    declaratie,
    inbox,
    levering,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)

KEYS = "keys"
PEIL = "peil"

Select = sa.Select[Any]

# What a request is as long as it has no final answer.
PENDING = ("open", "in onderzoek")


@dataclass(frozen=True, slots=True)
class Queries:
    """One statement per kind of fact."""

    identificaties: Select
    toewijzingen: Select
    clienten_met_toewijzing: Select
    declaratienummers: Select
    laatste_periode: Select
    referenties: Select
    debets: Select
    gecrediteerd: Select
    open_debets: Select
    stand: Select
    toegekend: Select
    starts: Select
    stops: Select
    leveringen_op: Select
    van_clienten: Select
    van_gezinnen: Select
    besteed: Select
    besteed_aan: Select
    verzoeken: Select
    openstaande_verzoeken: Select
    heenbericht: Select
    declaratie_op_identificatie: Select
    declaratie_op_nummer: Select
    ingediend: Select


def as_keys(keys: Sequence[Any], is_sqlite: bool) -> Any:
    """Keys as the one value that a statement takes."""
    return json.dumps(keys) if is_sqlite else list(keys)


def build_queries(is_sqlite: bool) -> Queries:
    """All statements, in the words of the database."""
    return Queries(
        identificaties=_identificaties(),
        toewijzingen=_toewijzingen(is_sqlite),
        clienten_met_toewijzing=_clienten_met_toewijzing(is_sqlite),
        declaratienummers=_declaratienummers(),
        laatste_periode=sa.select(sa.func.max(declaratie.c.begindatum)).where(
            _of_partij(declaratie), *_stands(declaratie)
        ),
        referenties=sa.select(prestatie.c.referentienummer).where(
            *_granted(prestatie), _among(prestatie.c.referentienummer, is_sqlite)
        ),
        debets=sa.select(*PRESTATIE).where(
            *_granted(prestatie, "D"), _among(prestatie.c.referentienummer, is_sqlite)
        ),
        gecrediteerd=sa.select(prestatie.c.vorig_referentienummer).where(
            *_granted(prestatie, "C"), _among(prestatie.c.vorig_referentienummer, is_sqlite)
        ),
        open_debets=_open_debets(is_sqlite),
        stand=_stand(is_sqlite),
        toegekend=_toegekend(is_sqlite),
        starts=_leveringen(levering.c.bsn_hash, is_sqlite).where(levering.c.soort == "start"),
        stops=_leveringen(levering.c.bsn_hash, is_sqlite).where(levering.c.soort == "stop"),
        leveringen_op=_leveringen(levering.c.toewijzingnummer, is_sqlite),
        van_clienten=_toewijzingen_rond(toewijzing.c.bsn_hash, is_sqlite),
        van_gezinnen=_toewijzingen_rond(toewijzing.c.gezin, is_sqlite),
        besteed=_besteed(is_sqlite),
        besteed_aan=_besteed_aan(is_sqlite),
        verzoeken=_verzoeken(verzoek.c.referentie_aanbieder, is_sqlite),
        openstaande_verzoeken=_verzoeken(verzoek.c.bsn_hash, is_sqlite).where(
            verzoek.c.staat.in_(PENDING)
        ),
        heenbericht=_heenbericht(),
        declaratie_op_identificatie=_declaratie(declaratie.c.identificatie),
        declaratie_op_nummer=_declaratie(declaratie.c.declaratienummer),
        ingediend=_ingediend(is_sqlite),
    )


def _among(column: sa.Column[Any], is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether a column has one of the keys."""
    if is_sqlite:
        each = sa.func.json_each(sa.bindparam(KEYS, type_=sa.Text)).table_valued("value")
        return column.in_(sa.select(each.c.value))
    # Texts without a length: PostgreSQL shortens an array only after it has looked who may see the
    # rows, and would look at every row of a party for that.
    kind = sa.Text() if isinstance(column.type, sa.String) else column.type
    return column == sa.any_(sa.bindparam(KEYS, type_=ARRAY(kind)))


def _stands(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a row stands for the judgement that is asked for."""
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    return (
        table.c.van_volgnr < peil,
        sa.or_(table.c.tot_volgnr.is_(None), table.c.tot_volgnr >= peil),
    )


def _of_partij(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return table.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger)


def _granted(
    lines: sa.FromClause, debet_credit: str | None = None
) -> tuple[sa.ColumnElement[bool], ...]:
    """Granted lines of one partij, of one kind where that is given."""
    kind = () if debet_credit is None else (lines.c.debet_credit == debet_credit,)
    return (_of_partij(lines), lines.c.toegekend == 1, *kind, *_stands(lines))


def _not_credited() -> sa.ColumnElement[bool]:
    """Whether no granted credit undid the debet line at hand."""
    credit = prestatie.alias("credit")
    return ~sa.exists().where(
        credit.c.partij_id == prestatie.c.partij_id,
        credit.c.vorig_referentienummer == prestatie.c.referentienummer,
        credit.c.debet_credit == "C",
        credit.c.toegekend == 1,
        *_stands(credit),
    )


def _identificaties() -> Select:
    """Messages refused at level 1 have no `van_volgnr`.

    A message that was held and is judged again had its Identificatie from its first judgement on.
    """
    own = inbox.alias("eigen")
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    first = sa.select(own.c.van_volgnr).where(own.c.id == sa.bindparam("inbox")).scalar_subquery()
    return sa.select(inbox.c.identificatie).where(
        inbox.c.identificatie == sa.bindparam("identificatie"),
        inbox.c.afzender == sa.bindparam("afzender"),
        inbox.c.berichtcode == sa.bindparam("berichtcode"),
        inbox.c.gemeente == sa.bindparam("gemeente"),
        inbox.c.id != sa.bindparam("inbox"),
        inbox.c.van_volgnr < sa.func.coalesce(first, peil),
    )


def _heenbericht() -> Select:
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    return (
        sa.select(inbox.c.id)
        .where(
            inbox.c.identificatie == sa.bindparam("identificatie"),
            inbox.c.afzender == sa.bindparam("afzender"),
            inbox.c.berichtcode == sa.bindparam("berichtcode"),
            inbox.c.gemeente == sa.bindparam("gemeente"),
            inbox.c.van_volgnr < peil,
        )
        .order_by(sa.case((inbox.c.verdict == "accepted", 0), else_=1), inbox.c.id.desc())
        .limit(1)
    )


def _declaratienummers() -> Select:
    """The Declaraties with this number that count, and those that wait for a person.

    One that waits came first, so it stands: a later one with its number is the second.  It waits
    from its first judgement up to its last one.
    """
    nummer: sa.BindParameter[str] = sa.bindparam("nummer")
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    waiting = sa.select(inbox.c.declaratienummer).where(
        inbox.c.declaratienummer == nummer,
        inbox.c.berichtcode == sa.bindparam("berichtcode"),
        inbox.c.gemeente == sa.bindparam("gemeente"),
        inbox.c.afzender == sa.bindparam("afzender"),
        inbox.c.id != sa.bindparam("inbox"),
        inbox.c.van_volgnr < peil,
        sa.or_(inbox.c.staat == AANGEHOUDEN, inbox.c.volgnr > peil),
    )
    counting = (
        sa.select(declaratie.c.declaratienummer)
        .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
        .where(
            partij.c.gemeente == sa.bindparam("gemeente"),
            partij.c.wet == sa.bindparam("wet"),
            partij.c.aanbieder == sa.bindparam("afzender"),
            declaratie.c.declaratienummer == nummer,
            *_stands(declaratie),
        )
    )
    found = sa.union_all(counting, waiting).subquery()
    return sa.select(found.c.declaratienummer)


def _toewijzingen(is_sqlite: bool) -> Select:
    return (
        sa.select(*TOEWIJZING)
        .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
        .where(
            _among(toewijzing.c.toewijzingnummer, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            toewijzing.c.wet == sa.bindparam("wet"),
            *_stands(toewijzing),
        )
    )


def _clienten_met_toewijzing(is_sqlite: bool) -> Select:
    clients = toewijzing.c.bsn_hash
    wanted = (_of_partij(toewijzing), _among(clients, is_sqlite), *_stands(toewijzing))
    return sa.select(clients).where(*wanted).distinct()


def _open_debets(is_sqlite: bool) -> Select:
    return sa.select(
        prestatie.c.toewijzingnummer,
        prestatie.c.productcategorie,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
    ).where(
        *_granted(prestatie, "D"),
        _among(prestatie.c.toewijzingnummer, is_sqlite),
        _not_credited(),
    )


def _stand(is_sqlite: bool) -> Select:
    """Sums per number: hours in minutes, credits subtracted."""
    lines = prestatie.c
    sign = sa.case((lines.debet_credit == "D", 1), else_=-1)
    volume = sa.case(
        (lines.eenheid == UUR, lines.geleverd_volume * MINUTES_PER_HOUR),
        else_=lines.geleverd_volume,
    )
    return (
        sa.select(
            lines.toewijzingnummer,
            sa.func.sum(sign * volume, type_=sa.BigInteger),
            sa.func.sum(sign * lines.ingediend_bedrag, type_=sa.BigInteger),
        )
        .where(*_granted(prestatie), _among(lines.toewijzingnummer, is_sqlite))
        .group_by(lines.toewijzingnummer)
    )


def _toegekend(is_sqlite: bool) -> Select:
    of_gemeente = sa.select(partij.c.id).where(
        partij.c.gemeente == sa.bindparam("gemeente"), partij.c.wet == sa.bindparam("wet")
    )
    return (
        sa.select(prestatie.c.toewijzingnummer)
        .where(
            prestatie.c.partij_id.in_(of_gemeente),
            _among(prestatie.c.toewijzingnummer, is_sqlite),
            prestatie.c.toegekend == 1,
            prestatie.c.debet_credit == "D",
            *_stands(prestatie),
            _not_credited(),
        )
        .distinct()
    )


def _leveringen(key: sa.Column[Any], is_sqlite: bool) -> Select:
    """Starts and stops in order of receipt; `soort` stands behind the record."""
    return (
        sa.select(*LEVERING, levering.c.soort)
        .where(_of_partij(levering), _among(key, is_sqlite), *_stands(levering))
        .order_by(levering.c.id)
    )


def _toewijzingen_rond(key: sa.Column[Any], is_sqlite: bool) -> Select:
    return (
        sa.select(toewijzing.c.wet, *TOEWIJZING)
        .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
        .where(
            _among(key, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            *_stands(toewijzing),
        )
    )


def _besteed(is_sqlite: bool) -> Select:
    """Granted cents per law, product and year of delivery in some municipalities."""
    of_one: sa.BindParameter[str | None] = sa.bindparam("aanbieder", type_=sa.String)
    return (
        sa.select(
            partij.c.wet,
            besteding.c.productcode,
            besteding.c.jaar,
            sa.func.sum(besteding.c.bedrag, type_=sa.BigInteger),
        )
        .join_from(partij, besteding, besteding.c.partij_id == partij.c.id)
        .where(
            _among(partij.c.gemeente, is_sqlite),
            sa.or_(of_one.is_(None), partij.c.aanbieder == of_one),
            besteding.c.jaar.between(sa.bindparam("eerste"), sa.bindparam("laatste")),
            *_stands(besteding),
        )
        .group_by(partij.c.wet, besteding.c.productcode, besteding.c.jaar)
    )


def _besteed_aan(is_sqlite: bool) -> Select:
    """Granted cents per client, product and year of delivery, found by way of the assignments."""
    numbers = (
        sa.select(toewijzing.c.bsn_hash, toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
        .where(
            _among(toewijzing.c.bsn_hash, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            toewijzing.c.wet == sa.bindparam("wet"),
            *_stands(toewijzing),
        )
        .distinct()
        .subquery()
    )
    lines = prestatie.c
    jaar = sa.extract("year", lines.begindatum)
    sign = sa.case((lines.debet_credit == "D", 1), else_=-1)
    return (
        sa.select(
            numbers.c.bsn_hash,
            lines.productcode,
            jaar,
            sa.func.sum(sign * lines.ingediend_bedrag, type_=sa.BigInteger),
        )
        .join_from(
            numbers,
            prestatie,
            sa.and_(
                lines.partij_id == numbers.c.partij_id,
                lines.toewijzingnummer == numbers.c.toewijzingnummer,
            ),
        )
        .where(lines.toegekend == 1, *_stands(prestatie))
        .group_by(numbers.c.bsn_hash, lines.productcode, jaar)
    )


def _verzoeken(key: sa.Column[Any], is_sqlite: bool) -> Select:
    return (
        sa.select(*VERZOEK)
        .where(_of_partij(verzoek), _among(key, is_sqlite), *_stands(verzoek))
        .order_by(verzoek.c.id)
    )


def _declaratie(column: sa.Column[Any]) -> Select:
    """The latest Declaratie with this text in a column."""
    return (
        sa.select(*HEADER, *DECLARATIE)
        .where(_of_partij(declaratie), column == sa.bindparam("nummer"), *_stands(declaratie))
        .order_by(declaratie.c.id.desc())
        .limit(1)
    )


def _ingediend(is_sqlite: bool) -> Select:
    return (
        sa.select(*PRESTATIE)
        .join_from(prestatie, declaratie, declaratie.c.id == prestatie.c.declaratie_id)
        .where(
            _of_partij(prestatie),
            declaratie.c.declaratienummer == sa.bindparam("nummer"),
            _among(prestatie.c.referentienummer, is_sqlite),
            *_stands(prestatie),
        )
        .order_by(prestatie.c.id)
    )
