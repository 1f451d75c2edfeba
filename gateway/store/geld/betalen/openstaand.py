"""What is granted and in no payment yet, per invoice; kept up so that nobody looks at all lines.

An invoice comes in here once its 325 has left.  Who makes a run looks at every invoice that has not
(by its number in an index); beside the work only what left lately is looked at, by the index on
when an answer left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from gateway.ledger.geld.betaalbeleid import Betaalbeleid
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.declaratie import GRANTED
from gateway.store import postgres
from gateway.store.engine import ALL, Database
from gateway.store.geld.betalen.inhoud import open_stukken
from gateway.store.geld.betalen.tables import betaalsaldo, betaalstuk
from gateway.store.ledger_balances import SIGNED, stands
from gateway.store.tables import ANTWOORD, declaratie, inbox, instelling, outbox, partij, prestatie
from gateway.toegang.wie import Bereik

# How long before the last answer that was seen another one may have left, and be seen later.
OVERLAP_SECONDS, STEP_SECONDS = 3_600.0, 86_400.0
SEEN = "betaalstukken"
MOST_COUNTED = 10_000
S, UIT = betaalstuk.c, outbox.c


class Laat(NamedTuple):
    """What is late: what counts from `begin` or before, by the 325 or else by receipt.

    What was answered before `vanaf` is not paid by the gateway.
    """

    begin: date
    from_answer: bool
    vanaf: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Openstaand:
    """What one aanbieder still gets; amounts in eurocents, `saldo` of earlier payments.

    `te_laat` of `bedrag` fell due before today; `oudste` is when the first of it came in.
    """

    gemeente: str
    aanbieder: str
    saldo: int
    stukken: int = 0
    regels: int = 0
    bedrag: int = 0
    te_laat: int = 0
    oudste: datetime | None = None

    @property
    def samen(self) -> int:
        """What a payment would come to that takes everything along."""
        return self.bedrag + self.saldo


def laat_van(beleid: Betaalbeleid, vandaag: date) -> Laat:
    """What is late today by the policy of a municipality."""
    return Laat(beleid.begin_voor(vandaag - timedelta(days=1)), beleid.from_answer, beleid.vanaf)


def end_of_day(dag: date) -> float:
    """The moment at which a day is over in the Netherlands, in seconds since 1970."""
    return datetime.combine(dag + timedelta(days=1), time(), tzinfo=AMSTERDAM).timestamp()


def answered_from(stuk: Any, vanaf: date | None) -> list[sa.ColumnElement[bool]]:
    """Whether an invoice was answered on a day or later; nothing to ask where there is no day."""
    return [] if vanaf is None else [stuk.sent_at >= end_of_day(vanaf - timedelta(days=1))]


class Betaalvolger:
    """Keeps up what is open with the answers that left."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def catch_up(self) -> None:
        """Take in what left since the last time, a day of answers in each transaction."""
        while self._step():
            pass

    def _step(self) -> bool:
        """One day; False where nothing is left, or another process is at it."""
        with self._database.writing(ALL) as connection:
            if not self._database.is_sqlite and not postgres.has_turn(connection, SEEN):
                return False
            first, last = connection.execute(_ENDS).one()
            seen = connection.execute(_SEEN).scalar_one_or_none()
            if last is None or (seen is not None and float(seen) == last):
                return False
            begin = first if seen is None else float(seen)
            until = last if begin > last else min(last, begin + STEP_SECONDS)
            of_step = UIT.sent_at.between(min(begin, until) - OVERLAP_SECONDS, until)
            connection.execute(_stukken(connection, of_step))
            connection.execute(_MARK, {"waarde": repr(until)})
        return bool(until < last)


def take_in(connection: Connection, gemeente: str) -> None:
    """Take in every invoice of a municipality whose 325 left; for who makes a run."""
    connection.execute(_stukken(connection, partij.c.gemeente == gemeente))


def openstaand(
    database: Database, bereik: Bereik, telt_vanaf: Mapping[str, Laat]
) -> Sequence[Openstaand]:
    """What every aanbieder still gets, the one with most that is late in front.

    `telt_vanaf` gives per municipality when what is late came in.
    """
    with database.snapshot(bereik.scope) as connection:
        open_ = connection.execute(_open(bereik, telt_vanaf)).all()
        saldi = {
            (row.gemeente, row.aanbieder): int(row.bedrag)
            for row in connection.execute(_saldi(bereik))
        }
    found = [
        Openstaand(
            gemeente=row.gemeente,
            aanbieder=row.aanbieder,
            stukken=row.stukken,
            regels=int(row.regels),
            bedrag=int(row.bedrag),
            te_laat=int(row.te_laat),
            oudste=datetime.fromtimestamp(row.oudste, UTC),
            saldo=saldi.pop((row.gemeente, row.aanbieder), 0),
        )
        for row in open_
    ]
    found += [
        Openstaand(gemeente=gemeente, aanbieder=aanbieder, saldo=bedrag)
        for (gemeente, aanbieder), bedrag in saldi.items()
    ]
    return sorted(found, key=lambda one: (-one.te_laat, -one.samen, one.gemeente, one.aanbieder))


def count_late(bereik: Bereik, telt_vanaf: Mapping[str, Laat]) -> sa.Select[Any]:
    """How many declaraties and facturen should have been paid by now, credits aside.

    MOST_COUNTED at most: where payment just begins there may be very many.
    """
    stuk = open_stukken(bereik.gemeenten & telt_vanaf.keys()).c
    late = sa.or_(sa.false(), *_late(stuk, _alike(bereik, telt_vanaf)))
    found = sa.select(stuk.stuk_id).where(late, stuk.bedrag_open > 0).limit(MOST_COUNTED)
    return sa.select(sa.func.count()).select_from(found.subquery())


def _stukken(connection: Connection, *where: sa.ColumnElement[bool]) -> sa.Insert:
    """Invoices whose 325 left and that are not here yet, with what their granted lines come to.

    They are looked for first, and apart: so nothing goes through lines of any other.
    """
    known = sa.exists().where(S.inbox_id == declaratie.c.inbox_id)
    new = (
        sa.select(
            declaratie.c.id,
            declaratie.c.regel_van,
            declaratie.c.regel_tot,
            declaratie.c.inbox_id,
            declaratie.c.partij_id,
            partij.c.gemeente,
            inbox.c.received_at,
            UIT.sent_at,
        )
        .join_from(outbox, declaratie, declaratie.c.inbox_id == UIT.inbox_id)
        .join(partij, partij.c.id == declaratie.c.partij_id)
        .join(inbox, inbox.c.id == declaratie.c.inbox_id)
        .where(
            stands(declaratie),
            UIT.soort == sa.literal_column(f"'{ANTWOORD}'"),
            UIT.berichttype.like("%325"),
            UIT.sent_at.is_not(None),
            ~known,
            *where,
        )
        .cte("nieuw")
        .prefix_with("MATERIALIZED")
    )
    own = new.c
    key = (own.inbox_id, own.partij_id, own.gemeente, own.received_at, own.sent_at)
    lines, amount = sa.func.count(), sa.func.sum(SIGNED)
    of_new = sa.and_(
        prestatie.c.declaratie_id + 0 == own.id + 0,
        prestatie.c.id > own.regel_van,
        prestatie.c.id <= own.regel_tot,
        stands(prestatie),
        # The zero keeps SQLite from an index of its own making over all lines.
        prestatie.c.toegekend + 0 == GRANTED,
    )
    found = (
        sa.select(*key, lines, amount, lines, amount)
        .join_from(new, prestatie, of_new)
        # SQLite would take what follows for the condition of the join.
        .where(sa.true())
        .group_by(*key)
    )
    # Beside the work the same one may be taken in at the same moment.
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    names = [one.name for one in betaalstuk.c]
    return insert(betaalstuk).from_select(names, found).on_conflict_do_nothing()


def _open(bereik: Bereik, telt_vanaf: Mapping[str, Laat]) -> sa.Select[Any]:
    """One statement for all municipalities: those with the same term share a condition."""
    stuk = open_stukken(bereik.gemeenten).c
    alike = _alike(bereik, telt_vanaf)
    paid_here = [
        sa.and_(stuk.gemeente.in_(own), *answered_from(stuk, laat.vanaf))
        for laat, own in alike.items()
    ]
    is_late = sa.or_(sa.false(), *_late(stuk, alike))
    late = sa.func.sum(sa.case((is_late, stuk.bedrag_open), else_=0))
    query = (
        sa.select(
            stuk.gemeente,
            stuk.aanbieder,
            sa.func.count().label("stukken"),
            sa.func.sum(stuk.regels_open).label("regels"),
            sa.func.sum(stuk.bedrag_open).label("bedrag"),
            late.label("te_laat"),
            sa.func.min(stuk.received_at).label("oudste"),
        )
        .where(sa.or_(sa.false(), *paid_here))
        .group_by(stuk.gemeente, stuk.aanbieder)
    )
    if bereik.aanbieder is None:
        return query
    return query.where(stuk.aanbieder == bereik.aanbieder)


def _alike(bereik: Bereik, telt_vanaf: Mapping[str, Laat]) -> Mapping[Laat, Sequence[str]]:
    """The municipalities that are seen, by when what is late came in."""
    found: dict[Laat, list[str]] = {}
    for gemeente in sorted(bereik.gemeenten & telt_vanaf.keys()):
        found.setdefault(telt_vanaf[gemeente], []).append(gemeente)
    return found


def _late(stuk: Any, alike: Mapping[Laat, Sequence[str]]) -> list[sa.ColumnElement[bool]]:
    """Whether something should have been paid by now, for each group of municipalities."""
    return [
        sa.and_(
            stuk.gemeente.in_(own),
            (stuk.sent_at if laat.from_answer else stuk.received_at) < end_of_day(laat.begin),
            *answered_from(stuk, laat.vanaf),
        )
        for laat, own in alike.items()
    ]


def _saldi(bereik: Bereik) -> sa.Select[Any]:
    saldo = betaalsaldo.c
    query = (
        sa.select(saldo.gemeente, saldo.aanbieder, sa.func.sum(saldo.bedrag).label("bedrag"))
        .where(saldo.gemeente.in_(sorted(bereik.gemeenten)), saldo.in_id.is_(None))
        .group_by(saldo.gemeente, saldo.aanbieder)
    )
    return query if bereik.aanbieder is None else query.where(saldo.aanbieder == bereik.aanbieder)


_IS_ANSWER = UIT.soort == sa.literal_column(f"'{ANTWOORD}'")
_ENDS = sa.select(
    *(
        sa.select(end(UIT.sent_at)).where(_IS_ANSWER).scalar_subquery()
        for end in (sa.func.min, sa.func.max)
    )
)
_SEEN = sa.select(instelling.c.waarde).where(instelling.c.naam == SEEN)
_MARK = sa.text(
    f"INSERT INTO instelling (naam, waarde) VALUES ('{SEEN}', :waarde) "  # noqa: S608 - our name
    "ON CONFLICT (naam) DO UPDATE SET waarde = excluded.waarde"
)
