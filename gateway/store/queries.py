"""The statements behind the facts, built once per database: one for each kind of fact.

What they are made of stands in `bouwstenen`, those about messages in `bericht_queries`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from gateway.periods.volume import MINUTES_PER_HOUR, UUR
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.bericht_queries import (
    antwoord_op,
    declaratienummers,
    heenbericht,
    identificaties,
    laatste_toewijzingsbericht,
)
from gateway.store.bouwstenen import Select, among, of_partij, stands_at_peil
from gateway.store.columns import DECLARATIE, HEADER, LEVERING, PRESTATIE, TOEWIJZING, VERZOEK
from gateway.store.mutaties.tables import instemming
from gateway.store.tables import (
    besteding,
    declaratie,
    levering,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.vraag import Vraag

# What a request is as long as it has no final answer.
PENDING = ("open", "in onderzoek")


Vorm = TypeVar("Vorm")


@dataclass(frozen=True, slots=True)
class Queries(Generic[Vorm]):
    """One statement per kind of fact."""

    identificaties: Vorm
    toewijzingen: Vorm
    clienten_met_toewijzing: Vorm
    declaratienummers: Vorm
    laatste_periode: Vorm
    referenties: Vorm
    debets: Vorm
    gecrediteerd: Vorm
    open_debets: Vorm
    gedeclareerd_tot: Vorm
    stand: Vorm
    toegekend: Vorm
    instemmingen: Vorm
    starts: Vorm
    stops: Vorm
    leveringen_op: Vorm
    van_clienten: Vorm
    van_gezinnen: Vorm
    besteed: Vorm
    besteed_aan: Vorm
    naast: Vorm
    verzoeken: Vorm
    openstaande_verzoeken: Vorm
    heenbericht: Vorm
    laatste_toewijzingsbericht: Vorm
    antwoord_op: Vorm
    declaratie_op_identificatie: Vorm
    declaratie_op_nummer: Vorm
    ingediend: Vorm


def build_queries(is_sqlite: bool) -> Queries[Select]:
    """All statements, in the words of the database."""
    return Queries(
        identificaties=identificaties(),
        toewijzingen=_toewijzingen(is_sqlite),
        clienten_met_toewijzing=_clienten_met_toewijzing(is_sqlite),
        declaratienummers=declaratienummers(),
        laatste_periode=sa.select(sa.func.max(declaratie.c.begindatum)).where(
            of_partij(declaratie), *stands_at_peil(declaratie)
        ),
        referenties=sa.select(prestatie.c.referentienummer).where(
            *_counting(prestatie), among(prestatie.c.referentienummer, is_sqlite)
        ),
        debets=sa.select(*PRESTATIE).where(
            *_granted(prestatie, "D"), among(prestatie.c.referentienummer, is_sqlite)
        ),
        gecrediteerd=sa.select(prestatie.c.vorig_referentienummer).where(
            *_counting(prestatie, "C"), among(prestatie.c.vorig_referentienummer, is_sqlite)
        ),
        open_debets=_open_debets(is_sqlite),
        gedeclareerd_tot=_gedeclareerd_tot(is_sqlite),
        stand=_stand(is_sqlite),
        toegekend=_toegekend(is_sqlite),
        instemmingen=_instemmingen(is_sqlite),
        starts=_leveringen(levering.c.bsn_hash, is_sqlite).where(levering.c.soort == "start"),
        stops=_leveringen(levering.c.bsn_hash, is_sqlite).where(levering.c.soort == "stop"),
        leveringen_op=_leveringen(levering.c.toewijzingnummer, is_sqlite),
        van_clienten=_toewijzingen_rond(toewijzing.c.bsn_hash, is_sqlite),
        van_gezinnen=_toewijzingen_rond(toewijzing.c.gezin, is_sqlite),
        besteed=_besteed(is_sqlite),
        besteed_aan=_besteed_aan(is_sqlite),
        naast=_naast(is_sqlite),
        verzoeken=_verzoeken(verzoek.c.referentie_aanbieder, is_sqlite),
        openstaande_verzoeken=_verzoeken(verzoek.c.bsn_hash, is_sqlite).where(
            sa.or_(*(verzoek.c.staat == staat for staat in PENDING))
        ),
        heenbericht=heenbericht(),
        laatste_toewijzingsbericht=laatste_toewijzingsbericht(),
        antwoord_op=antwoord_op(),
        declaratie_op_identificatie=_declaratie(declaratie.c.identificatie),
        declaratie_op_nummer=_declaratie(declaratie.c.declaratienummer),
        ingediend=_ingediend(is_sqlite),
    )


def prepared(dialect: Dialect) -> Queries[Vraag]:
    """All statements, ready to be run by the driver."""
    queries = build_queries(dialect.name == "sqlite")
    names = [field.name for field in fields(Queries)]
    return Queries(**{name: Vraag.of(name, getattr(queries, name), dialect) for name in names})


def _granted(
    lines: sa.FromClause, debet_credit: str | None = None
) -> tuple[sa.ColumnElement[bool], ...]:
    """Granted lines of one partij, of one kind where that is given."""
    kind = () if debet_credit is None else (lines.c.debet_credit == debet_credit,)
    return (of_partij(lines), lines.c.toegekend == GRANTED, *kind, *stands_at_peil(lines))


def _counting(
    lines: sa.FromClause, debet_credit: str | None = None
) -> tuple[sa.ColumnElement[bool], ...]:
    """Granted lines of one partij, and those that the municipality may still grant."""
    kind = () if debet_credit is None else (lines.c.debet_credit == debet_credit,)
    return (of_partij(lines), lines.c.toegekend != REFUSED, *kind, *stands_at_peil(lines))


def _not_credited() -> sa.ColumnElement[bool]:
    """Whether no granted credit undid the debet line at hand."""
    credit = prestatie.alias("credit")
    return ~sa.exists().where(
        credit.c.partij_id == prestatie.c.partij_id,
        credit.c.vorig_referentienummer == prestatie.c.referentienummer,
        credit.c.debet_credit == "C",
        credit.c.toegekend == GRANTED,
        *stands_at_peil(credit),
    )


def _toewijzingen(is_sqlite: bool) -> Select:
    return (
        sa.select(*TOEWIJZING)
        .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
        .where(
            among(toewijzing.c.toewijzingnummer, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            toewijzing.c.wet == sa.bindparam("wet"),
            *stands_at_peil(toewijzing),
        )
    )


def _clienten_met_toewijzing(is_sqlite: bool) -> Select:
    clients = toewijzing.c.bsn_hash
    wanted = (of_partij(toewijzing), among(clients, is_sqlite), *stands_at_peil(toewijzing))
    return sa.select(clients).where(*wanted).distinct()


def _open_debets(is_sqlite: bool) -> Select:
    return sa.select(
        prestatie.c.toewijzingnummer,
        prestatie.c.productcategorie,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
    ).where(
        *_counting(prestatie, "D"),
        among(prestatie.c.toewijzingnummer, is_sqlite),
        prestatie.c.begindatum.between(_day("van"), _day("tot")),
        _not_credited(),
    )


def _day(name: str) -> sa.BindParameter[date]:
    """A day that is given as its text: that is how SQLite keeps it, and PostgreSQL reads it."""
    return sa.bindparam(name, type_=sa.Date)


def _gedeclareerd_tot(is_sqlite: bool) -> Select:
    return (
        sa.select(prestatie.c.toewijzingnummer, sa.func.max(prestatie.c.einddatum))
        .where(
            *_counting(prestatie, "D"),
            among(prestatie.c.toewijzingnummer, is_sqlite),
            _not_credited(),
        )
        .group_by(prestatie.c.toewijzingnummer)
    )


def _stand(is_sqlite: bool) -> Select:
    """Sums per number: hours in minutes, credits subtracted.

    A pending credit gives no room yet: should it be refused, what came in its place would be too.
    """
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
        .where(
            *_counting(prestatie),
            sa.or_(lines.toegekend == GRANTED, lines.debet_credit == "D"),
            among(lines.toewijzingnummer, is_sqlite),
        )
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
            among(prestatie.c.toewijzingnummer, is_sqlite),
            prestatie.c.toegekend == GRANTED,
            prestatie.c.debet_credit == "D",
            *stands_at_peil(prestatie),
            _not_credited(),
        )
        .distinct()
    )


def _instemmingen(is_sqlite: bool) -> Select:
    """What people put down counts at once, whichever judgement asks."""
    return sa.select(
        instemming.c.toewijzingnummer,
        instemming.c.wat,
        instemming.c.op,
        instemming.c.tot,
        instemming.c.niet_onder,
        instemming.c.niet_voor,
    ).where(
        among(instemming.c.toewijzingnummer, is_sqlite),
        instemming.c.gemeente == sa.bindparam("gemeente"),
        instemming.c.wet == sa.bindparam("wet"),
        instemming.c.aanbieder == sa.bindparam("aanbieder"),
        instemming.c.ingetrokken_at.is_(None),
    )


def _leveringen(key: sa.Column[Any], is_sqlite: bool) -> Select:
    """Starts and stops in order of receipt; `soort` stands behind the record."""
    return (
        sa.select(*LEVERING, levering.c.soort)
        .where(of_partij(levering), among(key, is_sqlite), *stands_at_peil(levering))
        .order_by(levering.c.id)
    )


def _toewijzingen_rond(key: sa.Column[Any], is_sqlite: bool) -> Select:
    return (
        sa.select(toewijzing.c.wet, *TOEWIJZING)
        .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
        .where(
            among(key, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            *stands_at_peil(toewijzing),
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
            among(partij.c.gemeente, is_sqlite),
            sa.or_(of_one.is_(None), partij.c.aanbieder == of_one),
            besteding.c.jaar.between(sa.bindparam("eerste"), sa.bindparam("laatste")),
            *stands_at_peil(besteding),
        )
        .group_by(partij.c.wet, besteding.c.productcode, besteding.c.jaar)
    )


def _besteed_aan(is_sqlite: bool) -> Select:
    """Granted cents per client, product and year of delivery, found by way of the assignments."""
    numbers = _numbers_of_clients(is_sqlite).subquery()
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
        .where(lines.toegekend != REFUSED, *stands_at_peil(prestatie))
        .group_by(numbers.c.bsn_hash, lines.productcode, jaar)
    )


def _numbers_of_clients(is_sqlite: bool) -> Select:
    """The assignments of clients, of every aanbieder."""
    return (
        sa.select(toewijzing.c.bsn_hash, toewijzing.c.partij_id, toewijzing.c.toewijzingnummer)
        .where(
            among(toewijzing.c.bsn_hash, is_sqlite),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            toewijzing.c.wet == sa.bindparam("wet"),
            *stands_at_peil(toewijzing),
        )
        .distinct()
    )


def _naast(is_sqlite: bool) -> Select:
    """Granted debets of clients at other aanbieders, by way of the assignments."""
    numbers = _numbers_of_clients(is_sqlite).subquery()
    lines = prestatie.c
    return (
        sa.select(
            numbers.c.bsn_hash,
            partij.c.aanbieder,
            lines.productcategorie,
            lines.begindatum,
            lines.einddatum,
        )
        .join_from(numbers, partij, partij.c.id == numbers.c.partij_id)
        .join(
            prestatie,
            sa.and_(
                lines.partij_id == numbers.c.partij_id,
                lines.toewijzingnummer == numbers.c.toewijzingnummer,
            ),
        )
        .where(
            partij.c.aanbieder != sa.bindparam("aanbieder"),
            lines.debet_credit == "D",
            lines.toegekend == GRANTED,
            lines.begindatum <= _day("tot"),
            lines.einddatum >= _day("van"),
            *stands_at_peil(prestatie),
            _not_credited(),
        )
        .order_by(lines.id)
    )


def _verzoeken(key: sa.Column[Any], is_sqlite: bool) -> Select:
    return (
        sa.select(*VERZOEK)
        .where(of_partij(verzoek), among(key, is_sqlite), *stands_at_peil(verzoek))
        .order_by(verzoek.c.id)
    )


def _declaratie(column: sa.Column[Any]) -> Select:
    """The latest Declaratie with this text in a column."""
    return (
        sa.select(*HEADER, *DECLARATIE)
        .where(of_partij(declaratie), column == sa.bindparam("nummer"), *stands_at_peil(declaratie))
        .order_by(declaratie.c.id.desc())
        .limit(1)
    )


def _ingediend(is_sqlite: bool) -> Select:
    return (
        sa.select(*PRESTATIE)
        .join_from(prestatie, declaratie, declaratie.c.id == prestatie.c.declaratie_id)
        .where(
            of_partij(prestatie),
            declaratie.c.declaratienummer == sa.bindparam("nummer"),
            among(prestatie.c.referentienummer, is_sqlite),
            *stands_at_peil(prestatie),
        )
        .order_by(prestatie.c.id)
    )
