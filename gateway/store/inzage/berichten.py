"""Messages as people look for them: in both directions, each with what answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.pipeline.ports import Outcome
from gateway.records.finding import Finding
from gateway.store.engine import Database
from gateway.store.inzage.binnen import bericht_in, partij_in, tussen
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.delen import Deel, berichtdelen, eerste_van
from gateway.store.pieces import StoredPieces
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    BEZIG,
    GEPARKEERD,
    KLAAR,
    bevinding,
    declaratie,
    inbox,
    outbox,
    outbox_stuk,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.views import finding_of
from gateway.toegang.wie import Bereik

_OUTCOME = msgspec.json.Decoder(Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Berichtfilter:
    """What is looked for; what is absent does not matter.

    `nummer` is an Identificatie or DeclaratieNummer, `referentie` the ReferentieNummer of a line or
    the ReferentieAanbieder of a request.  Days are those on which a message came in, inclusive, as
    the moments at which the first begins and the last ends.
    """

    nummer: str | None = None
    referentie: str | None = None
    aanbieder: str | None = None
    gemeente: str | None = None
    berichtcodes: Sequence[str] = ()
    verdict: str | None = None
    staat: str | None = None
    vanaf: datetime | None = None
    tot: datetime | None = None


@dataclass(frozen=True, slots=True)
class Berichtrij:
    """A message of the inbox; `antwoord` is the type of the message that left because of it.

    That is its retour, or the message itself where it was made of an opdracht.  `heen_id` is the
    message that a retour answers.  `verdict` is empty while nothing was judged.
    """

    inbox_id: int
    staat: str
    verdict: str | None
    ontvangen_at: datetime
    afgerond_at: datetime | None
    besluit_op: datetime | None
    afzender: str
    ontvanger: str
    grootte: int
    outcome: Outcome | None
    antwoord: str | None
    antwoord_identificatie: str | None
    antwoord_at: datetime | None
    heen_id: int | None


@dataclass(frozen=True, slots=True)
class Verband:
    """What belongs to a message on the other side: what it answers, and what answers it."""

    heen: Berichtrij | None
    retouren: Sequence[Berichtrij]


@dataclass(frozen=True, slots=True)
class Gevonden:
    """A finding with the number of its row and of its message."""

    nummer: int
    inbox_id: int
    finding: Finding


class Berichteninzage:
    """Reads of messages, each within a Bereik."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def zoek(
        self, bereik: Bereik, filter_: Berichtfilter, omvang: int, vanaf: str | None = None
    ) -> Blad[Berichtrij]:
        """A page of messages, the latest in front; `vanaf` is where a page before it ended."""
        wanted = _wanted(bereik, filter_)
        if vanaf is not None:
            place = sa.tuple_(*place_of(vanaf, float, int))
            wanted.append(sa.tuple_(inbox.c.received_at, inbox.c.id) < place)
        delen = [(*deel, *wanted) for deel in _delen(bereik, filter_)]
        if not delen:
            return Blad([], None)
        first = eerste_van([inbox.c.id], _LATEST, omvang + 1, delen)
        query = _BERICHTEN.where(bericht_in(bereik), first).order_by(*_LATEST).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, _rij_of, "received_at", "id")

    def een(self, bereik: Bereik, inbox_id: int) -> Berichtrij | None:
        """One message, None where it is not there for who asks."""
        query = _BERICHTEN.where(bericht_in(bereik), inbox.c.id == inbox_id)
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _rij_of(row)

    def verband(self, bereik: Bereik, bericht: Berichtrij) -> Verband:
        """The messages on the other side of one."""
        ends = [sa.select(inbox.c.id).where(inbox.c.heen_id == bericht.inbox_id)]
        if bericht.heen_id is not None:
            ends.append(sa.select(inbox.c.id).where(inbox.c.id == bericht.heen_id))
        is_end = inbox.c.id.in_(sa.union_all(*ends))
        query = _BERICHTEN.where(bericht_in(bereik), is_end).order_by(inbox.c.id)
        with self._database.snapshot(bereik.scope) as connection:
            found = [_rij_of(row) for row in connection.execute(query)]
        heen = next((one for one in found if one.inbox_id == bericht.heen_id), None)
        return Verband(heen, [one for one in found if one is not heen])

    def antwoord(self, bereik: Bereik, inbox_id: int) -> StoredPieces | None:
        """The bytes of the message that left because of one."""
        query = (
            sa.select(outbox.c.id, outbox.c.stukken)
            .join_from(outbox, inbox, inbox.c.id == outbox.c.inbox_id)
            .where(bericht_in(bereik), inbox.c.id == inbox_id, outbox.c.soort == ANTWOORD)
            .where(outbox.c.gewist == sa.literal_column("0"))
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return (
            None if row is None else StoredPieces(self._database, outbox_stuk, row.id, row.stukken)
        )

    def bevindingen(
        self,
        bereik: Bereik,
        inbox_id: int,
        omvang: int,
        vanaf: str | None = None,
        *,
        effect: str | None = None,
    ) -> Blad[Gevonden]:
        """A page of the standing findings on a message, in the order in which they were made.

        An aanbieder is told what was rejected, and nothing of what the municipality looks into.
        """
        query = (
            sa.select(bevinding)
            .join_from(bevinding, inbox, inbox.c.id == bevinding.c.inbox_id)
            .where(
                bericht_in(bereik),
                bevinding.c.inbox_id == inbox_id,
                bevinding.c.tot_volgnr.is_(None),
            )
        )
        wanted = "reject" if bereik.aanbieder is not None else effect
        if wanted is not None:
            query = query.where(bevinding.c.effect == wanted)
        if vanaf is not None:
            query = query.where(bevinding.c.id > place_of(vanaf, int)[0])
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.order_by(bevinding.c.id).limit(omvang + 1)).all()
        return blad_of(rows, omvang, gevonden_of, "id")

    def bevinding(self, bereik: Bereik, nummer: int) -> Gevonden | None:
        """One finding that stands, None where it is not there for who asks."""
        query = (
            sa.select(bevinding)
            .join_from(bevinding, inbox, inbox.c.id == bevinding.c.inbox_id)
            .where(bericht_in(bereik), bevinding.c.id == nummer, bevinding.c.tot_volgnr.is_(None))
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else gevonden_of(row)

    def clienten(self, bereik: Bereik, inbox_id: int) -> Mapping[str, Sequence[str]]:
        """The fingerprints of the clients that a message made facts of, by municipality."""
        parts = [
            sa.select(table.c.bsn_hash, partij.c.gemeente)
            .join_from(table, partij, partij.c.id == table.c.partij_id)
            .where(partij_in(bereik), table.c.inbox_id == inbox_id)
            for table in (toewijzing, verzoek)
        ]
        parts.append(
            sa.select(prestatie.c.bsn_hash, partij.c.gemeente)
            .join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
            .join(
                prestatie,
                sa.and_(
                    prestatie.c.id > declaratie.c.regel_van,
                    prestatie.c.id <= declaratie.c.regel_tot,
                ),
            )
            .where(partij_in(bereik), declaratie.c.inbox_id == inbox_id)
        )
        found: dict[str, list[str]] = {}
        with self._database.snapshot(bereik.scope) as connection:
            for kenmerk, gemeente in connection.execute(sa.union(*parts)):
                found.setdefault(gemeente, []).append(kenmerk)
        return found


_BERICHTEN = sa.select(
    inbox,
    outbox.c.berichttype.label("antwoord"),
    outbox.c.identificatie.label("antwoord_identificatie"),
    outbox.c.sent_at.label("antwoord_at"),
).join_from(
    inbox,
    outbox,
    sa.and_(outbox.c.inbox_id == inbox.c.id, outbox.c.soort == sa.literal_column(f"'{ANTWOORD}'")),
    isouter=True,
)


_LATEST = (inbox.c.received_at.desc(), inbox.c.id.desc())


def _delen(bereik: Bereik, filter_: Berichtfilter) -> list[Deel]:
    """The parts of the inbox in which a filter looks, each of which has an index."""
    if filter_.gemeente is not None:
        bereik = Bereik(bereik.gemeenten & {filter_.gemeente}, bereik.aanbieder)
    if not bereik.gemeenten or bereik.aanbieder not in (
        None,
        filter_.aanbieder or bereik.aanbieder,
    ):
        return []
    if filter_.nummer is not None:
        seen, nummer = bericht_in(bereik), filter_.nummer
        delen: Sequence[Deel] = [
            (inbox.c.identificatie == nummer, seen),
            (inbox.c.declaratienummer == nummer, seen),
        ]
    elif filter_.referentie is not None:
        delen = [(inbox.c.id.in_(_by_reference(bereik, filter_.referentie)), bericht_in(bereik))]
    else:
        delen = berichtdelen(bereik, filter_.aanbieder)
    is_by_name = filter_.nummer is not None or filter_.referentie is not None
    if is_by_name and filter_.aanbieder is not None:
        delen = [(*deel, tussen(bereik, filter_.aanbieder)) for deel in delen]
    codes = filter_.berichtcodes
    if not codes:
        return list(delen)
    return [(*deel, inbox.c.berichtcode == code) for deel in delen for code in codes]


# What an aanbieder is not told: that somebody has to look at its message.
BEHIND = (AANGEHOUDEN, GEPARKEERD)


def _wanted(bereik: Bereik, filter_: Berichtfilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if bereik.aanbieder is not None:
        found.extend(_as_told(filter_))
    elif filter_.staat is not None:
        found.append(inbox.c.staat == filter_.staat)
    if filter_.verdict is not None:
        found.append(inbox.c.verdict == filter_.verdict)
    if filter_.vanaf is not None:
        found.append(inbox.c.received_at >= filter_.vanaf.timestamp())
    if filter_.tot is not None:
        found.append(inbox.c.received_at < filter_.tot.timestamp())
    return found


def _as_told(filter_: Berichtfilter) -> Iterator[sa.ColumnElement[bool]]:
    """What is looked for, as far as a sender is told of it: what waits for somebody is in hand."""
    if filter_.verdict is not None:
        yield inbox.c.staat == KLAAR
    if filter_.staat == BEZIG:
        yield inbox.c.staat.in_((BEZIG, *BEHIND))
    elif filter_.staat is not None:
        yield inbox.c.staat == filter_.staat
        yield inbox.c.staat.not_in(BEHIND)


def _by_reference(bereik: Bereik, referentie: str) -> sa.CompoundSelect[Any]:
    seen = sa.select(partij.c.id).where(partij_in(bereik))
    declared = sa.and_(
        declaratie.c.id == prestatie.c.declaratie_id,
        declaratie.c.partij_id == prestatie.c.partij_id,
    )
    lines = (
        sa.select(declaratie.c.inbox_id)
        .join_from(prestatie, declaratie, declared)
        .where(prestatie.c.referentienummer == referentie, prestatie.c.partij_id.in_(seen))
    )
    requests = sa.select(verzoek.c.inbox_id).where(
        verzoek.c.referentie_aanbieder == referentie, verzoek.c.partij_id.in_(seen)
    )
    return sa.union(lines, requests)


def _rij_of(row: Any) -> Berichtrij:
    outcome = None if row.uitkomst is None else _OUTCOME.decode(row.uitkomst)
    afzender, ontvanger = _parties(row, outcome)
    return Berichtrij(
        inbox_id=row.id,
        staat=row.staat,
        verdict="parked" if row.staat == GEPARKEERD else row.verdict,
        ontvangen_at=_moment(row.received_at),
        afgerond_at=_moment_or_none(row.finished_at),
        besluit_op=_moment_or_none(row.besluit_op),
        afzender=afzender,
        ontvanger=ontvanger,
        grootte=row.grootte,
        outcome=outcome,
        antwoord=row.antwoord,
        antwoord_identificatie=row.antwoord_identificatie,
        antwoord_at=_moment_or_none(row.antwoord_at),
        heen_id=row.heen_id,
    )


def _parties(row: Any, outcome: Outcome | None) -> tuple[str, str]:
    """Sender and receiver; before anything was judged as they were seen at intake."""
    if outcome is not None:
        return outcome.afzender, outcome.ontvanger
    others = [one for one in (row.paar or "").split("-") if one != row.ontvanger]
    return (others[0] if others else ""), row.ontvanger


def gevonden_of(row: Any) -> Gevonden:
    """A finding from its row."""
    return Gevonden(row.id, row.inbox_id, finding_of(row))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
