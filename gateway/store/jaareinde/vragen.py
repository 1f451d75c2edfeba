"""The statements of the year end: of one municipality and year, as it stood at a mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.bouwstenen import Select
from gateway.store.ggm.merk import Merk, ended_by, stood
from gateway.store.inzage.binnen import GEMEENTE
from gateway.store.ledger_balances import JAAR, NUMMERS, SIGNED, P
from gateway.store.tables import KLAAR, declaratie, inbox, levering, partij, prestatie, toewijzing

EIND_JAAR = sa.extract("year", P.einddatum)
TIJDELIJK = "20"
_credit = prestatie.alias("credit")


class Jaarvraag(NamedTuple):
    """Which year of which municipality, at which mark; `tot_bericht` is the last message then.

    With `aanbieder` it is about that one only.
    """

    gemeente: str
    jaar: int
    merk: Merk
    tot_bericht: int
    aanbieder: str | None = None

    @property
    def begin(self) -> date:
        """The first day of the year."""
        return date(self.jaar, 1, 1)

    @property
    def eind(self) -> date:
        """The last day of the year."""
        return date(self.jaar, 12, 31)


def of_lines(vraag: Jaarvraag, *columns: Any) -> Select:
    """Lines that stood, with their party, Declaratie and message."""
    own = [stood(prestatie, vraag.merk), partij.c.gemeente == vraag.gemeente]
    if vraag.aanbieder is not None:
        own.append(partij.c.aanbieder == vraag.aanbieder)
    return (
        sa.select(*columns)
        .select_from(prestatie)
        .join(partij, partij.c.id == P.partij_id)
        .join(declaratie, declaratie.c.id == P.declaratie_id)
        .join(inbox, inbox.c.id == declaratie.c.inbox_id)
        .where(*own)
    )


def in_one_year(vraag: Jaarvraag, laat_vanaf: float) -> Select:
    """Balances of the lines within a year: by law, provider, product and year."""
    key = (partij.c.wet, partij.c.aanbieder, P.productcode, JAAR)
    is_granted = P.toegekend == GRANTED
    is_late = sa.and_(is_granted, JAAR == vraag.jaar, inbox.c.finished_at >= laat_vanaf)
    return (
        of_lines(
            vraag,
            *key,
            sa.func.count(),
            _sum(sa.and_(is_granted, P.debet_credit == "D"), P.ingediend_bedrag),
            _sum(sa.and_(is_granted, P.debet_credit == "C"), P.ingediend_bedrag),
            _sum(is_late, SIGNED),
            _sum(P.toegekend == REFUSED, SIGNED),
        )
        .where(JAAR == EIND_JAAR)
        .group_by(*key)
    )


def over_years(vraag: Jaarvraag) -> Select:
    """The lines whose period lies in more than one year: each has to be divided."""
    return of_lines(
        vraag,
        partij.c.wet,
        partij.c.aanbieder,
        P.productcode,
        P.begindatum,
        P.einddatum,
        SIGNED,
        P.toegekend,
        inbox.c.finished_at,
    ).where(JAAR != EIND_JAAR)


REGEL = (
    declaratie.c.inbox_id,
    P.volgnr,
    partij.c.wet,
    partij.c.aanbieder,
    declaratie.c.declaratienummer,
    P.referentienummer,
    P.vorig_referentienummer,
    P.toewijzingnummer,
    P.productcategorie,
    P.productcode,
    P.begindatum,
    P.einddatum,
    SIGNED,
    inbox.c.finished_at,
    P.bsn_hash,
    P.bsn,
)


def granted_lines(vraag: Jaarvraag) -> Select:
    """Every granted line with a day in the year, in the order of judging."""
    return of_lines(vraag, *REGEL).where(P.toegekend == GRANTED, *_touches(vraag)).order_by(P.id)


POST = (declaratie.c.inbox_id, P.volgnr, partij.c.aanbieder, P.ingediend_bedrag)


def population(vraag: Jaarvraag) -> Select:
    """Granted debets that nothing took back, with a day in the year, in the order of judging."""
    columns = (*POST, P.begindatum, P.einddatum)
    return of_lines(vraag, *columns).where(_stands_paid(vraag), *_touches(vraag)).order_by(P.id)


def start_parts(vraag: Jaarvraag, products: Sequence[str]) -> Select:
    """Granted debets of some products that nothing took back, by assignment and in order."""
    return (
        of_lines(
            vraag,
            P.partij_id,
            P.van_volgnr,
            declaratie.c.inbox_id,
            P.volgnr,
            partij.c.wet,
            partij.c.aanbieder,
            P.productcode,
            P.eenheid,
            P.toewijzingnummer,
            P.ingediend_bedrag,
            P.begindatum,
            P.einddatum,
        )
        .where(_stands_paid(vraag), P.productcode.in_(products), P.begindatum <= vraag.eind)
        .order_by(P.partij_id, P.toewijzingnummer, P.begindatum, P.id)
    )


_NUMMERS: sa.BindParameter[Any] = sa.bindparam(NUMMERS, expanding=True)


def versions(vraag: Jaarvraag) -> Select:
    """The versions of some assignments that stood, the last one at the end."""
    own = toewijzing.c
    return (
        sa.select(own.partij_id, own.toewijzingnummer, own.ingangsdatum, own.einddatum, own.eenheid)
        .where(stood(toewijzing, vraag.merk), own.gemeente == vraag.gemeente)
        .where(own.toewijzingnummer.in_(_NUMMERS))
        .order_by(own.toewijzingsdatum, own.toewijzingstijd, own.id)
    )


def deliveries(vraag: Jaarvraag) -> Select:
    """The starts, and the stops that are for good, of some assignments."""
    own = levering.c
    return (
        sa.select(own.partij_id, own.toewijzingnummer, own.soort, own.begindatum, own.einddatum)
        .join_from(levering, partij, partij.c.id == own.partij_id)
        .where(stood(levering, vraag.merk), partij.c.gemeente == vraag.gemeente)
        .where(own.toewijzingnummer.in_(_NUMMERS), _is_lasting())
        .order_by(own.id)
    )


def durations(vraag: Jaarvraag) -> Select:
    """How often care of a product ran between two days, by the stops that are for good."""
    own = levering.c
    of_number = (
        sa.select(sa.func.max(toewijzing.c.productcode))
        .where(
            toewijzing.c.toewijzingnummer == own.toewijzingnummer,
            toewijzing.c.partij_id == own.partij_id,
            stood(toewijzing, vraag.merk),
        )
        .scalar_subquery()
    )
    code = sa.func.coalesce(own.productcode, of_number)
    ended = (
        sa.select(partij.c.wet, code.label("code"), own.begindatum, own.einddatum)
        .join_from(levering, partij, partij.c.id == own.partij_id)
        .where(stood(levering, vraag.merk), partij.c.gemeente == vraag.gemeente)
        .where(own.soort == "stop", own.einddatum.is_not(None), _is_lasting())
        .subquery()
    )
    key = (ended.c.wet, ended.c.code, ended.c.begindatum, ended.c.einddatum)
    return sa.select(*key, sa.func.count()).where(ended.c.code.is_not(None)).group_by(*key)


def open_messages(vraag: Jaarvraag, codes: Sequence[str]) -> Select:
    """The invoices that were taken in and had no answer at the mark, in order of intake.

    One that nobody could read yet may be an invoice too.
    """
    is_judged = (
        sa.select(declaratie.c.id)
        .where(declaratie.c.inbox_id == inbox.c.id, stood(declaratie, vraag.merk))
        .exists()
    )
    ended_later = sa.and_(sa.not_(ended_by(inbox.c.volgnr, vraag.merk)), sa.not_(is_judged))
    code = inbox.c.berichtcode
    return (
        sa.select(inbox.c.id, inbox.c.stukken)
        .where(
            inbox.c.id <= vraag.tot_bericht,
            GEMEENTE == vraag.gemeente,
            sa.or_(code.is_(None), code.in_(codes)),
            sa.or_(inbox.c.staat != KLAAR, ended_later),
            sa.func.coalesce(inbox.c.verdict, "") != "invalid",
        )
        .order_by(inbox.c.id)
    )


def knowledge(vraag: Jaarvraag) -> Select:
    """By what the lines of the year were judged: the hash, and of how many messages."""
    return (
        of_lines(vraag, inbox.c.kennis, sa.func.count(sa.distinct(inbox.c.id)))
        .where(*_touches(vraag))
        .group_by(inbox.c.kennis)
        .order_by(inbox.c.kennis)
    )


def by_key(vraag: Jaarvraag, key: Sequence[Any]) -> Select:
    """Every line of a provider in the order of what a statement tells it by."""
    return of_lines(
        vraag,
        P.referentienummer,
        P.vorig_referentienummer,
        P.toewijzingnummer,
        P.productcategorie,
        P.productcode,
        P.begindatum,
        P.einddatum,
        SIGNED,
        P.toegekend,
        P.retourcodes,
        inbox.c.finished_at,
        P.bsn,
    ).order_by(*key, P.id)


def known_numbers(vraag: Jaarvraag) -> Select:
    """Which of some numbers are those of assignments of the provider."""
    return (
        sa.select(toewijzing.c.toewijzingnummer)
        .distinct()
        .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
        .where(partij.c.gemeente == vraag.gemeente, partij.c.aanbieder == vraag.aanbieder)
        .where(stood(toewijzing, vraag.merk), toewijzing.c.toewijzingnummer.in_(_NUMMERS))
    )


def _stands_paid(vraag: Jaarvraag) -> sa.ColumnElement[bool]:
    """Whether a line is a granted debet that no granted credit took back."""
    undone = (
        sa.select(_credit.c.id)
        .where(
            _credit.c.partij_id == P.partij_id,
            _credit.c.vorig_referentienummer == P.referentienummer,
            _credit.c.toegekend == GRANTED,
            _credit.c.debet_credit == "C",
            stood(_credit, vraag.merk),
        )
        .exists()
    )
    return sa.and_(P.toegekend == GRANTED, P.debet_credit == "D", sa.not_(undone))


def _touches(vraag: Jaarvraag) -> tuple[sa.ColumnElement[bool], ...]:
    return P.begindatum <= vraag.eind, P.einddatum >= vraag.begin


def _is_lasting() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(levering.c.reden_beeindiging, "") != TIJDELIJK


def _sum(condition: sa.ColumnElement[bool], amount: sa.ColumnElement[int]) -> Any:
    total = sa.func.sum(sa.case((condition, amount), else_=0), type_=sa.BigInteger)
    return sa.func.coalesce(total, 0)
