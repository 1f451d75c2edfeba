"""Everything of a client in a municipality under a law: found by its last days, and taken away.

Assignments, deliveries and requests go.  Lines stay, for all totals rest on them, and lose who they
are of: the Bsn, and the numbers by which others know it.  Numbers of their own take the place of
those, so that lines of one assignment and a credit with its debet still belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.bewaren import OPEN_EINDE, Bewaartermijnen, Dossier, bezwaren
from gateway.records.declaratie import GRANTED
from gateway.store import postgres
from gateway.store.bewaren.soorten import IDS, Weg
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import Database, rows_of
from gateway.store.geld.nazorg.vergeten import forget_client, rename_lines
from gateway.store.mutaties.tables import instemming, mutatie_bericht, mutatie_regel
from gateway.store.tables import (
    EVENT,
    KLAAR,
    WERK,
    bevinding,
    bewijs,
    declaratie,
    inbox,
    inbox_stuk,
    levering,
    outbox,
    outbox_stuk,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.termijnen import IN_ONDERZOEK, OPEN
from gateway.store.werk.tables import werkpost

# So many clients go in one transaction; their lines are found in one reading of all lines.
AT_ONCE = 100
NOBODY = ""
# What a line without a client is called by others.
ZONDER = "Z"
DEBET = "D"


class Sleutel(NamedTuple):
    """Whose dossier: municipality, law, and the fingerprint of a client."""

    gemeente: str
    wet: str
    kenmerk: str


class Regel(NamedTuple):
    """A line as far as it tells of whom it is and what it belongs with."""

    id: int
    partij_id: int
    inbox_id: int
    nummer: int
    toewijzingnummer: int
    referentie: str
    vorig: str | None
    is_debet: bool
    is_granted: bool
    bedrag: int


@dataclass(slots=True)
class Inhoud:
    """What a dossier is made of: its lines, and the messages that it stands in."""

    regels: list[Regel] = field(default_factory=list)
    berichten: set[int] = field(default_factory=set)

    @property
    def bedrag(self) -> int:
        """What stands as granted, in eurocents, credits subtracted."""
        return sum(one.bedrag for one in self.regels)


class Dossiers:
    """The dossiers of a store."""

    naam = "dossiers"

    def __init__(self, fingerprint: Fingerprinter, termijnen: Bewaartermijnen) -> None:
        self._nobody = fingerprint(NOBODY)
        self._termijnen = termijnen

    def zoek(self, database: Database, dag: date) -> Iterator[Sequence[Weg]]:
        """See `Soort`; the day is today."""
        with database.long_snapshot() as connection:
            going = (
                Sleutel(one.gemeente, one.wet, one.kenmerk)
                for one in self.all(connection)
                if not any(bezwaren(one, self._termijnen, dag))
            )
            while some := list(islice(going, AT_ONCE)):
                contents = contents_of(connection, some)
                free = [one for one in some if not hindered(connection, contents[one])]
                if free:
                    yield [_weg(one, contents[one]) for one in free]

    def wis(self, connection: Connection, gevonden: Sequence[Weg], dag: date) -> Sequence[Weg]:
        """See `Soort`."""
        if connection.dialect.name == "postgresql":
            postgres.plan_for_whole_store(connection)
        keys = [one.sleutel for one in gevonden]
        again = {
            Sleutel(one.gemeente, one.wet, one.kenmerk)
            for one in self.all(connection, {one.kenmerk for one in keys})
            if not any(bezwaren(one, self._termijnen, dag))
        }
        contents = contents_of(connection, [one for one in keys if one in again])
        for sleutel, inhoud in contents.items():
            self.forget(connection, sleutel, inhoud)
        return [_weg(sleutel, inhoud) for sleutel, inhoud in contents.items()]

    def all(
        self, connection: Connection, kenmerken: Iterable[str] | None = None
    ) -> Iterator[Dossier]:
        """Every dossier, or those of some clients; nobody has none."""
        query = _dossiers(self._nobody, None if kenmerken is None else sorted(kenmerken))
        for row in rows_of(connection, query):
            gemeente, wet, kenmerk, *days = row
            yield Dossier(
                gemeente=gemeente,
                wet=wet,
                kenmerk=kenmerk,
                **dict(zip(("toewijzing", "levering", "verzoek", "regel"), days, strict=True)),
            )

    def forget(self, connection: Connection, sleutel: Sleutel, inhoud: Inhoud) -> None:
        """Take a client out of the store, in a transaction that sees his municipality."""
        parties = sa.select(partij.c.id).where(
            partij.c.gemeente == sleutel.gemeente, partij.c.wet == sleutel.wet
        )
        for table in (toewijzing, levering, verzoek):
            connection.execute(
                sa.delete(table).where(
                    table.c.bsn_hash == sleutel.kenmerk, table.c.partij_id.in_(parties)
                )
            )
        for table in (mutatie_regel, mutatie_bericht, instemming):
            connection.execute(
                sa.delete(table).where(
                    table.c.bsn_hash == sleutel.kenmerk,
                    table.c.gemeente == sleutel.gemeente,
                    table.c.wet == sleutel.wet,
                )
            )
        named = [{"bericht": one.inbox_id, "nr": one.nummer} for one in inhoud.regels]
        if named:
            connection.execute(_NO_FINDINGS, named)
            connection.execute(_NO_RECEIPTS, named)
            nameless = list(self._nameless(inhoud.regels))
            connection.execute(_WITHOUT_CLIENT, nameless)
            rename_lines(connection, map(_renamed, inhoud.regels, nameless))
        forget_client(connection, *sleutel, self._nobody)

    def _nameless(self, regels: Sequence[Regel]) -> Iterator[dict[str, Any]]:
        """The lines under numbers of their own, each the same for what belongs together."""
        of_assignment: dict[tuple[int, int], int] = {}
        debets: dict[tuple[int, str], int] = {}
        for one in regels:
            of_assignment.setdefault((one.partij_id, one.toewijzingnummer), -one.id)
            if one.is_debet and one.is_granted:
                debets[one.partij_id, one.referentie] = one.id
        for one in regels:
            debet = None if one.vorig is None else debets.get((one.partij_id, one.vorig))
            yield {
                "welke": one.id,
                "bsn": NOBODY,
                "bsn_hash": self._nobody,
                "toewijzingnummer": of_assignment[one.partij_id, one.toewijzingnummer],
                "referentienummer": f"{ZONDER}{one.id}",
                "vorig_referentienummer": None if debet is None else f"{ZONDER}{debet}",
            }


def _renamed(one: Regel, nameless: Mapping[str, Any]) -> dict[str, Any]:
    """A line by what it was known by, with its new number."""
    return {
        "partij": one.partij_id,
        "bericht": one.inbox_id,
        "nr": one.nummer,
        "toewijzing": one.toewijzingnummer,
        "referentienummer": nameless["referentienummer"],
    }


def contents_of(connection: Connection, sleutels: Sequence[Sleutel]) -> Mapping[Sleutel, Inhoud]:
    """What some dossiers are made of."""
    found: dict[Sleutel, Inhoud] = {one: Inhoud() for one in sleutels}
    given = {"welke": sorted({one.kenmerk for one in sleutels})}
    for row in connection.execute(_REGELS, given):
        gemeente, wet, kenmerk, *regel = row
        inhoud = found.get(Sleutel(gemeente, wet, kenmerk))
        if inhoud is not None:
            inhoud.regels.append(Regel._make(regel))
            inhoud.berichten.add(inhoud.regels[-1].inbox_id)
    for query in (_TOEWIJZINGEN, _VERZOEKEN, _LEVERINGEN):
        for gemeente, wet, kenmerk, inbox_id in connection.execute(query, given):
            inhoud = found.get(Sleutel(gemeente, wet, kenmerk))
            if inhoud is not None:
                inhoud.berichten.add(inbox_id)
    return found


def with_bytes(connection: Connection, inhoud: Inhoud) -> Sequence[int]:
    """The messages of a dossier of which the store still has bytes, in order of intake."""
    given = {"welke": sorted(inhoud.berichten)}
    return list(connection.scalars(_WITH_BYTES, given)) if inhoud.berichten else []


def disputed(connection: Connection, inhoud: Inhoud) -> Sequence[int]:
    """The messages with a finding on a line of a dossier that nobody decided on."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for one in inhoud.regels:
        numbers[one.inbox_id].add(one.nummer)
    given = {"welke": sorted(numbers)}
    rows = connection.execute(_OPEN_FINDINGS, given) if numbers else ()
    return sorted({row.inbox_id for row in rows if row.regelnr in numbers[row.inbox_id]})


def hindered(connection: Connection, inhoud: Inhoud) -> bool:
    """Whether bytes or an open finding still need a dossier."""
    return bool(with_bytes(connection, inhoud)) or bool(disputed(connection, inhoud))


def also_of_others(connection: Connection, inhoud: Inhoud, kenmerk: str) -> Sequence[int]:
    """The messages of a dossier that are about somebody else too, or did not come to their end."""
    given = {"welke": sorted(inhoud.berichten), "kenmerk": kenmerk}
    return sorted(set(connection.scalars(_OF_OTHERS, given))) if inhoud.berichten else []


def outgoing(connection: Connection, berichten: Sequence[int]) -> Sequence[int]:
    """What was sent because of some messages."""
    return list(connection.scalars(_OUTGOING, {"welke": berichten}))


def _weg(sleutel: Sleutel, inhoud: Inhoud) -> Weg:
    return Weg(sleutel, sleutel.gemeente, bedrag=inhoud.bedrag, kenmerk=sleutel.kenmerk)


_OPEN_DAY = sa.literal(OPEN_EINDE, sa.Date)


def _dossiers(nobody: str, kenmerken: Sequence[str] | None) -> sa.Select[Any]:
    """The last day of each kind per municipality, law and client."""
    stands = toewijzing.c.tot_volgnr.is_(None)
    days = {
        toewijzing: sa.case(
            (stands, sa.func.coalesce(toewijzing.c.einddatum, _OPEN_DAY)),
            else_=toewijzing.c.ingangsdatum,
        ),
        levering: sa.func.coalesce(levering.c.einddatum, levering.c.begindatum),
        verzoek: sa.case((_is_open(), _OPEN_DAY), else_=verzoek.c.termijn),
        prestatie: prestatie.c.einddatum,
    }
    parts = []
    for number, (table, day) in enumerate(days.items()):
        hash_ = table.c.bsn_hash
        part = sa.select(
            table.c.partij_id,
            hash_.label("kenmerk"),
            sa.literal_column(str(number), sa.Integer).label("soort"),
            sa.func.max(day, type_=sa.Date).label("dag"),
        ).group_by(table.c.partij_id, hash_)
        limited = hash_ != nobody if kenmerken is None else hash_.in_(kenmerken)
        parts.append(part.where(limited, hash_ != nobody))
    every = sa.union_all(*parts).subquery()
    last = [
        sa.func.max(sa.case((every.c.soort == number, every.c.dag)), type_=sa.Date)
        for number in range(len(parts))
    ]
    key = (partij.c.gemeente, partij.c.wet, every.c.kenmerk)
    return (
        sa.select(*key, *last)
        .join_from(every, partij, partij.c.id == every.c.partij_id)
        .group_by(*key)
        .order_by(*key)
    )


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(verzoek.c.tot_volgnr.is_(None), verzoek.c.staat.in_((OPEN, IN_ONDERZOEK)))


P = prestatie.c
_STANDS = P.tot_volgnr.is_(None)
_BEDRAG = sa.case(
    (sa.or_(~_STANDS, P.toegekend != GRANTED), 0),
    (P.debet_credit == DEBET, P.ingediend_bedrag),
    else_=-P.ingediend_bedrag,
)
_REGELS = (
    sa.select(
        partij.c.gemeente,
        partij.c.wet,
        P.bsn_hash,
        P.id,
        P.partij_id,
        declaratie.c.inbox_id,
        P.volgnr,
        P.toewijzingnummer,
        P.referentienummer,
        P.vorig_referentienummer,
        P.debet_credit == DEBET,
        sa.and_(_STANDS, P.toegekend == GRANTED),
        _BEDRAG,
    )
    .join_from(prestatie, partij, partij.c.id == P.partij_id)
    .join(declaratie, declaratie.c.id == P.declaratie_id)
    .where(P.bsn_hash.in_(IDS))
    .order_by(P.id)
)


def _berichten(table: sa.Table, inbox_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """In which messages clients stand."""
    return (
        sa.select(partij.c.gemeente, partij.c.wet, table.c.bsn_hash, inbox_id)
        .join_from(table, partij, partij.c.id == table.c.partij_id)
        .where(table.c.bsn_hash.in_(IDS), inbox_id.is_not(None))
        .distinct()
    )


_TOEWIJZINGEN = _berichten(toewijzing, toewijzing.c.inbox_id)
_VERZOEKEN = _berichten(verzoek, verzoek.c.inbox_id)
# A delivery knows the judgement that made it; the last one of its message has the same number.
_LEVERINGEN = _berichten(levering, inbox.c.id).join(inbox, inbox.c.volgnr == levering.c.van_volgnr)
_WITH_BYTES = (
    sa.select(inbox.c.id)
    .where(
        inbox.c.id.in_(IDS),
        sa.or_(
            sa.exists().where(inbox_stuk.c.inbox_id == inbox.c.id),
            sa.exists(
                sa.select(outbox.c.id)
                .join(outbox_stuk, outbox_stuk.c.outbox_id == outbox.c.id)
                # An event has nothing about a person.
                .where(outbox.c.inbox_id == inbox.c.id, outbox.c.soort != EVENT)
            ),
        ),
    )
    .order_by(inbox.c.id)
)
_OPEN_FINDINGS = sa.select(werkpost.c.inbox_id, werkpost.c.regelnr).where(
    # The worklist follows the findings: what is gone of those may still stand there.
    werkpost.c.inbox_id.in_(IDS),
    sa.exists().where(bevinding.c.id == werkpost.c.bevinding_id),
)
_OUTGOING = sa.select(outbox.c.id).where(
    outbox.c.inbox_id.in_(IDS), outbox.c.soort.not_in((WERK, EVENT))
)
_KENMERK: sa.BindParameter[str] = sa.bindparam("kenmerk")
_OF_OTHERS = sa.union_all(
    sa.select(toewijzing.c.inbox_id).where(
        toewijzing.c.inbox_id.in_(IDS), toewijzing.c.bsn_hash != _KENMERK
    ),
    sa.select(verzoek.c.inbox_id).where(
        verzoek.c.inbox_id.in_(IDS), verzoek.c.bsn_hash != _KENMERK
    ),
    sa.select(declaratie.c.inbox_id)
    .join(
        prestatie,
        sa.and_(
            P.declaratie_id == declaratie.c.id,
            P.id > declaratie.c.regel_van,
            P.id <= declaratie.c.regel_tot,
        ),
    )
    .where(declaratie.c.inbox_id.in_(IDS), P.bsn_hash != _KENMERK),
    sa.select(inbox.c.id)
    .join(levering, levering.c.van_volgnr == inbox.c.volgnr)
    .where(inbox.c.id.in_(IDS), levering.c.bsn_hash != _KENMERK),
    sa.select(inbox.c.id).where(inbox.c.id.in_(IDS), inbox.c.staat != KLAAR),
    sa.select(outbox.c.inbox_id).where(
        outbox.c.inbox_id.in_(IDS), outbox.c.sent_at.is_(None), outbox.c.soort != EVENT
    ),
)


def _of_line(table: sa.Table) -> sa.Delete:
    return sa.delete(table).where(
        table.c.inbox_id == sa.bindparam("bericht"), table.c.regelnr == sa.bindparam("nr")
    )


_NO_FINDINGS, _NO_RECEIPTS = _of_line(bevinding), _of_line(bewijs)
_WITHOUT_CLIENT = (
    sa.update(prestatie)
    .where(P.id == sa.bindparam("welke"))
    .values(
        {
            name: sa.bindparam(name)
            for name in (
                "bsn",
                "bsn_hash",
                "toewijzingnummer",
                "referentienummer",
                "vorig_referentienummer",
            )
        }
    )
)
