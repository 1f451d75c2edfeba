"""What the dossier of a client is made of: his lines, and the messages that he stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.declaratie import GRANTED
from gateway.store.bewaren.soorten import IDS
from gateway.store.tables import (
    EVENT,
    KLAAR,
    WERK,
    bevinding,
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
from gateway.store.werk.tables import werkpost

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


def with_bytes(connection: Connection, berichten: Collection[int]) -> Sequence[int]:
    """Those of some messages of which the store still has bytes, in order of intake."""
    return _scalars(connection, _WITH_BYTES, berichten)


def unfinished(connection: Connection, berichten: Collection[int]) -> Sequence[int]:
    """Those of some messages that did not come to their end."""
    return _scalars(connection, _UNFINISHED, berichten)


def open_findings(
    connection: Connection, berichten: Collection[int]
) -> Sequence[tuple[int, int | None]]:
    """The lines of some messages (message and number) with a finding that nobody decided on."""
    if not berichten:
        return []
    rows = connection.execute(_OPEN_FINDINGS, {"welke": sorted(berichten)})
    return [(row.inbox_id, row.regelnr) for row in rows]


def disputed(connection: Connection, inhoud: Inhoud) -> Sequence[int]:
    """The messages with a finding on a line of a dossier that nobody decided on."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for one in inhoud.regels:
        numbers[one.inbox_id].add(one.nummer)
    found = open_findings(connection, numbers)
    return sorted({bericht for bericht, nr in found if nr in numbers[bericht]})


def hindered(connection: Connection, inhoud: Inhoud) -> bool:
    """Whether bytes or an open finding still need a dossier."""
    return bool(with_bytes(connection, inhoud.berichten)) or bool(disputed(connection, inhoud))


def also_of_others(connection: Connection, inhoud: Inhoud, kenmerk: str) -> Sequence[int]:
    """The messages of a dossier that are about somebody else too, or did not come to their end."""
    if not inhoud.berichten:
        return []
    given = {"welke": sorted(inhoud.berichten), "kenmerk": kenmerk}
    others = connection.scalars(_OF_OTHERS, given)
    return sorted({*others, *unfinished(connection, inhoud.berichten)})


def outgoing(connection: Connection, berichten: Sequence[int]) -> Sequence[int]:
    """What was sent because of some messages."""
    return _scalars(connection, _OUTGOING, berichten)


def _scalars(
    connection: Connection, query: sa.Executable, berichten: Collection[int]
) -> Sequence[int]:
    given = {"welke": sorted(berichten)}
    return list(connection.scalars(query, given)) if berichten else []


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
)
_UNFINISHED = sa.union_all(
    sa.select(inbox.c.id).where(inbox.c.id.in_(IDS), inbox.c.staat != KLAAR),
    sa.select(outbox.c.inbox_id).where(
        outbox.c.inbox_id.in_(IDS), outbox.c.sent_at.is_(None), outbox.c.soort != EVENT
    ),
)
