"""The statements behind the ledger: one pass over the store for each kind of thing it proves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from gateway.records.declaratie import REFUSED
from gateway.store.bouwstenen import Select
from gateway.store.columns import PRESTATIE
from gateway.store.ledger_balances import (
    ANTWOORD_OP_BERICHT,
    ANTWOORD_VAN,
    BEANTWOORD_OP,
    JAAR,
    NUMMERS,
    OF_DECLARATIE,
    SALDO,
    SIGNED,
    P,
    granted,
    stands,
)
from gateway.store.tables import (
    BEZIG,
    GEPARKEERD,
    NIEUW,
    besteding,
    declaratie,
    inbox,
    partij,
    prestatie,
)

WACHTEND = (
    sa.select(sa.func.count())
    .select_from(inbox)
    .where(inbox.c.staat.in_((NIEUW, BEZIG, GEPARKEERD)), inbox.c.berichtcode.is_(None))
)

STUK = (
    inbox.c.id,
    inbox.c.naam,
    inbox.c.staat,
    inbox.c.verdict,
    inbox.c.gemeente,
    inbox.c.afzender,
    inbox.c.identificatie,
    inbox.c.declaratienummer,
    inbox.c.uitkomst,
    ANTWOORD_OP_BERICHT,
)
GEBOEKT = (
    declaratie.c.declaratienummer,
    declaratie.c.identificatie,
    sa.case(
        (declaratie.c.debet_credit == "D", declaratie.c.totaal_bedrag),
        else_=-declaratie.c.totaal_bedrag,
    ),
    declaratie.c.toegekend,
)


def stukken(codes: Collection[str]) -> Select:
    """Every 323 with what is registered of it, one row per Declaratie, in order of intake."""
    of_inbox = sa.and_(declaratie.c.inbox_id == inbox.c.id, stands(declaratie))
    return (
        sa.select(*STUK, declaratie.c.id, *GEBOEKT, *SALDO)
        .select_from(inbox)
        .outerjoin(declaratie, of_inbox)
        .outerjoin(prestatie, OF_DECLARATIE)
        .where(inbox.c.berichtcode.in_(codes))
        .group_by(inbox.c.id, declaratie.c.id)
        .order_by(inbox.c.id, declaratie.c.id)
    )


AFGEWEZEN = (
    sa.select(declaratie.c.inbox_id, *PRESTATIE)
    .select_from(declaratie)
    .join(prestatie, OF_DECLARATIE)
    .where(stands(declaratie), P.toegekend + 0 == REFUSED)
    .order_by(declaratie.c.inbox_id, P.volgnr)
)


# Lines whose Declaratie does not stand, is of another party, or does not number them as its own.
LOSSE_REGELS = (
    sa.select(
        inbox.c.id,
        inbox.c.naam,
        declaratie.c.declaratienummer,
        P.referentienummer,
        SIGNED,
        sa.case(
            (declaratie.c.id.is_(None), "hoort bij een declaratie die er niet is"),
            (
                declaratie.c.partij_id != P.partij_id,
                "staat bij een andere gemeente of aanbieder dan de declaratie",
            ),
            (partij.c.id.is_(None), "hoort bij een aanbieder die er niet is"),
            else_="valt buiten de regels van de declaratie",
        ),
        P.bsn,
    )
    .select_from(prestatie)
    .outerjoin(declaratie, sa.and_(declaratie.c.id == P.declaratie_id, stands(declaratie)))
    .outerjoin(partij, partij.c.id == P.partij_id)
    .outerjoin(inbox, inbox.c.id == declaratie.c.inbox_id)
    .where(
        stands(prestatie),
        sa.or_(
            declaratie.c.id.is_(None),
            partij.c.id.is_(None),
            declaratie.c.partij_id != P.partij_id,
            P.id <= declaratie.c.regel_van,
            P.id > declaratie.c.regel_tot,
        ),
    )
    .order_by(P.id)
)
KENMERKEN = sa.select(P.bsn, P.bsn_hash).where(stands(prestatie)).distinct()
KENMERK = "kenmerk"
ONDER_KENMERK = (
    sa.select(
        inbox.c.id,
        inbox.c.naam,
        declaratie.c.declaratienummer,
        P.referentienummer,
        SIGNED,
        P.bsn,
        P.bsn_hash,
    )
    .select_from(prestatie)
    .outerjoin(declaratie, declaratie.c.id == P.declaratie_id)
    .outerjoin(inbox, inbox.c.id == declaratie.c.inbox_id)
    .where(stands(prestatie), P.bsn_hash.in_(sa.bindparam(KENMERK, expanding=True)))
    .order_by(P.id)
)


def losse_declaraties(codes: Collection[str]) -> Select:
    """Declaraties of a message that is no 323, or of another party than the message."""
    is_other = sa.or_(
        partij.c.id.is_(None),
        partij.c.aanbieder != inbox.c.afzender,
        partij.c.gemeente != inbox.c.gemeente,
    )
    return (
        sa.select(
            inbox.c.id,
            inbox.c.naam,
            declaratie.c.declaratienummer,
            sa.null(),
            GEBOEKT[2],
            sa.case(
                (inbox.c.berichtcode.in_(codes), "staat bij een andere partij dan het bericht"),
                else_="hoort bij een bericht dat geen 323 is",
            ),
            sa.null(),
        )
        .select_from(declaratie)
        .outerjoin(inbox, inbox.c.id == declaratie.c.inbox_id)
        .outerjoin(partij, partij.c.id == declaratie.c.partij_id)
        .where(
            stands(declaratie),
            sa.or_(inbox.c.berichtcode.is_(None), inbox.c.berichtcode.not_in(codes), is_other),
        )
        .order_by(declaratie.c.id)
    )


class _Kop:
    """The columns of ledger.boek.Regelkop for some lines, behind their Bsn.

    The last ones are its `inhoud`.
    """

    def __init__(self, lines: Any) -> None:
        self.lines = lines
        self.stuk = declaratie.alias(f"stuk_{lines.name}")
        self.bericht = inbox.alias(f"bericht_{lines.name}")
        self.columns = (
            lines.c.bsn,
            lines.c.id,
            self.bericht.c.id,
            self.bericht.c.naam,
            self.stuk.c.declaratienummer,
            lines.c.referentienummer,
            lines.c.ingediend_bedrag,
            *(lines.c[name] for name in INHOUD),
        )

    def joined(self, to: Any) -> Any:
        """The same selectable with the message of the lines beside them."""
        stuk, bericht = self.stuk, self.bericht
        with_stuk = to.outerjoin(stuk, stuk.c.id == self.lines.c.declaratie_id)
        return with_stuk.outerjoin(bericht, bericht.c.id == stuk.c.inbox_id)


INHOUD = (
    "bsn_hash",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
    "geleverd_volume",
    "eenheid",
    "producttarief",
)


def _credits() -> Select:
    """Granted credits, each beside every granted debet of its party that it names."""
    credit, debet = prestatie.alias("credit"), prestatie.alias("debet")
    of_credit, of_debet = _Kop(credit), _Kop(debet)
    named = sa.and_(
        debet.c.partij_id == credit.c.partij_id,
        debet.c.referentienummer == credit.c.vorig_referentienummer,
        granted(debet, "D"),
    )
    joined = of_credit.joined(credit).outerjoin(debet, named)
    return (
        sa.select(
            credit.c.partij_id,
            sa.func.coalesce(credit.c.vorig_referentienummer, ""),
            *of_credit.columns,
            *of_debet.columns,
        )
        .select_from(of_debet.joined(joined))
        .where(granted(credit, "C"))
        .order_by(credit.c.partij_id, credit.c.vorig_referentienummer, credit.c.id, debet.c.id)
    )


KEY = (
    "partij_id",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
)


def _open_debets(lines: Any) -> sa.ColumnElement[bool]:
    """Granted debets that no granted credit undid."""
    credit = prestatie.alias(f"credit_{lines.name}")
    undone = sa.exists().where(
        credit.c.partij_id == lines.c.partij_id,
        credit.c.vorig_referentienummer == lines.c.referentienummer,
        granted(credit, "C"),
    )
    return sa.and_(granted(lines, "D"), ~undone)


DUBBELE = (
    sa.select(*(P[name] for name in KEY))
    .where(_open_debets(prestatie))
    .group_by(*(P[name] for name in KEY))
    .having(sa.func.count() > 1)
    .order_by(*(P[name] for name in KEY))
)


def _dubbele_regels() -> Select:
    """The granted debets without a credit of one debet key."""
    lines = prestatie.alias("regel")
    kop = _Kop(lines)
    return (
        sa.select(*kop.columns)
        .select_from(kop.joined(lines))
        .where(_open_debets(lines), *(lines.c[name] == sa.bindparam(name) for name in KEY))
        .order_by(lines.c.id)
    )


def _besteed() -> Select:
    """Where spending per message, product and year is not what the granted lines come to."""
    both = _spending_both_ways()
    key = [both.c[name] for name in ("inbox_id", "partij_id", "productcode", "jaar")]
    regels, besteed = sa.func.sum(both.c.regels), sa.func.sum(both.c.besteding)
    found = (
        sa.select(*key, regels.label("regels"), besteed.label("besteding"))
        .group_by(*key)
        .having(regels != besteed)
        .subquery()
    )
    return (
        sa.select(
            found.c.inbox_id,
            inbox.c.naam,
            inbox.c.declaratienummer,
            partij.c.aanbieder,
            found.c.productcode,
            found.c.jaar,
            found.c.regels,
            found.c.besteding,
        )
        .select_from(found)
        .outerjoin(inbox, inbox.c.id == found.c.inbox_id)
        .outerjoin(partij, partij.c.id == found.c.partij_id)
        .order_by(found.c.inbox_id, found.c.productcode, found.c.jaar)
    )


def _spending_both_ways() -> sa.Subquery:
    """Lines that are not refused and rows of spending, each amount in a column of its own."""
    of_lines = (
        sa.select(
            declaratie.c.inbox_id,
            P.partij_id,
            P.productcode,
            JAAR.label("jaar"),
            SIGNED.label("regels"),
            sa.literal(0).label("besteding"),
        )
        .join_from(prestatie, declaratie, declaratie.c.id == P.declaratie_id)
        .where(stands(prestatie), P.toegekend != REFUSED)
    )
    own = besteding.c
    of_spending = sa.select(
        own.inbox_id, own.partij_id, own.productcode, own.jaar, sa.literal(0), own.bedrag
    ).where(stands(besteding))
    return sa.union_all(of_lines, of_spending).subquery()


CREDITS = _credits()
DUBBELE_REGELS = _dubbele_regels()
BESTEED = _besteed()

# In the order of ledger.verhaal.Inzending, then what a Boekregel adds.
BOEKREGEL = (
    declaratie.c.inbox_id,
    P.partij_id,
    partij.c.gemeente,
    partij.c.wet,
    partij.c.aanbieder,
    declaratie.c.declaratienummer,
    declaratie.c.identificatie,
    declaratie.c.header_dagtekening,
    ANTWOORD_VAN,
    BEANTWOORD_OP,
    P.id,
    P.bsn_hash,
    P.toegekend,
    *PRESTATIE,
)
_BOEKREGELS = (
    sa.select(*BOEKREGEL)
    .select_from(prestatie)
    .join(declaratie, declaratie.c.id == P.declaratie_id)
    .join(partij, partij.c.id == P.partij_id)
    .where(stands(prestatie))
)
# All lines, those of one assignment together.
BOEKREGELS = _BOEKREGELS.order_by(P.partij_id, P.toewijzingnummer, P.id)
REFERENTIES = "referenties"


def gezochte_regels(aanbieder: str | None) -> Select:
    """Lines with a ReferentieNummer in the Declaratie with a number or Identificatie."""
    asked: sa.BindParameter[str] = sa.bindparam("declaratie")
    is_meant = sa.or_(declaratie.c.declaratienummer == asked, declaratie.c.identificatie == asked)
    query = _BOEKREGELS.where(is_meant, P.referentienummer == sa.bindparam("referentie"))
    return (query if aanbieder is None else query.where(partij.c.aanbieder == aanbieder)).order_by(
        P.id
    )


# Lines of one party that may belong to the same story.
VERWANT = _BOEKREGELS.where(
    P.partij_id == sa.bindparam("partij"),
    sa.or_(
        P.referentienummer.in_(sa.bindparam(REFERENTIES, expanding=True)),
        P.vorig_referentienummer.in_(sa.bindparam(REFERENTIES, expanding=True)),
        P.toewijzingnummer.in_(sa.bindparam(NUMMERS, expanding=True)),
    ),
).order_by(P.id)
