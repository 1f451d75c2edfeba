"""The statements about messages themselves: which came before, and which answers which."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.bouwstenen import PEIL, Select, stands_at_peil
from gateway.store.tables import AANGEHOUDEN, declaratie, inbox, partij, toewijzing


def identificaties() -> Select:
    """The Identificatie of earlier messages; those refused at level 1 have no `van_volgnr`.

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


def heenbericht() -> Select:
    """The message with a Header, the accepted one of several."""
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


def antwoord_op() -> Select:
    """The message that answered one of our own and that was taken in."""
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    return (
        sa.select(inbox.c.identificatie)
        .where(
            inbox.c.heen_id == sa.bindparam("bericht"),
            inbox.c.verdict == "accepted",
            inbox.c.volgnr < peil,
        )
        .order_by(inbox.c.id)
        .limit(1)
    )


def declaratienummers() -> Select:
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
            *stands_at_peil(declaratie),
        )
    )
    found = sa.union_all(counting, waiting).subquery()
    return sa.select(found.c.declaratienummer)


def laatste_toewijzingsbericht() -> Select:
    """The message that made the latest assignment of a client."""
    return (
        sa.select(toewijzing.c.inbox_id)
        .where(
            toewijzing.c.bsn_hash == sa.bindparam("bsn_hash"),
            toewijzing.c.gemeente == sa.bindparam("gemeente"),
            toewijzing.c.wet == sa.bindparam("wet"),
            toewijzing.c.inbox_id.is_not(None),
            *stands_at_peil(toewijzing),
        )
        .order_by(toewijzing.c.van_volgnr.desc())
        .limit(1)
    )
