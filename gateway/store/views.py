"""Reads for people and commands: what became of a message, its answer, its lines, the balance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.pipeline.ports import Claim, Outcome, Partijen
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence, Finding
from gateway.records.masker import HIDDEN
from gateway.store.balans import Balans, read_balans
from gateway.store.columns import PRESTATIE
from gateway.store.engine import Database
from gateway.store.pieces import StoredPieces
from gateway.store.rijen import prestatie_of
from gateway.store.tables import (
    ANTWOORD,
    GEPARKEERD,
    bevinding,
    declaratie,
    inbox,
    outbox,
    outbox_stuk,
    partij,
    prestatie,
)

_OUTCOME = msgspec.json.Decoder(Outcome)
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Bericht:
    """One inbox row as people see it; `outcome` is None while the message waits.

    `ontheven` tells whether its last judgement was made without its holds.
    """

    inbox_id: int
    naam: str
    staat: str
    received_at: datetime
    finished_at: datetime | None
    besluit_op: datetime | None
    tries: int
    volgnr: int | None
    outcome: Outcome | None
    ontheven: bool = False


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to a message, with the bytes that left or will leave.

    `is_gewist` tells that those bytes had their time and are no longer there.
    """

    naam: str
    berichttype: str
    identificatie: str
    sent_at: datetime | None
    body: StoredPieces
    is_gewist: bool = False


@dataclass(frozen=True, slots=True)
class Regel:
    """A stored line: whose it is, in which message, and how it was judged."""

    inbox_id: int
    volgnr: int
    partijen: Partijen
    declaratienummer: str
    identificatie: str
    prestatie: Prestatie
    toegekend: bool


class Views:
    """Reads of the store; each method sees one state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bericht(self, inbox_id: int) -> Bericht | None:
        """One message, None when there is no such row."""
        return next(iter(self._berichten(inbox.c.id == inbox_id)), None)

    def berichten_van(self, nummer: str) -> Sequence[Bericht]:
        """All messages with this BerichtIdentificatie or DeclaratieNummer, in order of intake.

        A number of which a Bsn was hidden, as in a receipt, is that of any that it may be of.
        """
        if HIDDEN in nummer:
            shown = _pattern(nummer)
            numbers = (inbox.c.identificatie, inbox.c.declaratienummer)
            return self._berichten(sa.or_(*(one.like(shown, escape="!") for one in numbers)))
        return self._berichten(
            sa.or_(inbox.c.identificatie == nummer, inbox.c.declaratienummer == nummer)
        )

    def retouren_op(self, inbox_id: int) -> Sequence[Bericht]:
        """The retours that answer a message, in order of intake."""
        return self._berichten(inbox.c.heen_id == inbox_id)

    def berichten_in(self, staat: str) -> Sequence[Bericht]:
        """All messages in one state (parked, held), in order of intake."""
        return self._berichten(inbox.c.staat == staat)

    def claim_of(self, inbox_id: int) -> Claim | None:
        """The last judgement of a message, to read its facts back; it cannot write."""
        found = self.bericht(inbox_id)
        if found is None or found.volgnr is None:
            return None
        return Claim(
            inbox_id, found.volgnr, "", found.naam, found.received_at, ontheven=found.ontheven
        )

    def findings(self, inbox_id: int) -> Iterator[Finding]:
        """The standing findings of a message in the order in which they were made."""
        last = 0
        query = (
            sa.select(bevinding)
            .where(
                bevinding.c.inbox_id == inbox_id,
                bevinding.c.tot_volgnr.is_(None),
                bevinding.c.id > sa.bindparam("last"),
            )
            .order_by(bevinding.c.id)
            .limit(AT_ONCE)
        )
        while True:
            with self._database.snapshot() as connection:
                rows = connection.execute(query, {"last": last}).all()
            yield from map(finding_of, rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].id

    def berichtcode(self, inbox_id: int) -> str | None:
        """Which kind of message a row stands for; None as long as it was not judged."""
        query = sa.select(inbox.c.berichtcode).where(inbox.c.id == inbox_id)
        with self._database.snapshot() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def answer(self, inbox_id: int) -> StoredAnswer | None:
        """The one answer to a message, None when it has none (yet)."""
        query = sa.select(outbox).where(outbox.c.inbox_id == inbox_id, outbox.c.soort == ANTWOORD)
        with self._database.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        body = StoredPieces(self._database, outbox_stuk, row.id, row.stukken)
        return StoredAnswer(
            row.naam,
            row.berichttype,
            row.identificatie,
            _moment(row.sent_at),
            body,
            bool(row.gewist),
        )

    def is_gewist(self, inbox_id: int) -> bool:
        """Whether the bytes of a message had their time."""
        query = sa.select(inbox.c.gewist).where(inbox.c.id == inbox_id)
        with self._database.snapshot() as connection:
            return bool(connection.execute(query).scalar_one_or_none())

    def regels(
        self, declaratie_of: str, referentienummer: str, aanbieder: str | None = None
    ) -> Sequence[Regel]:
        """Lines with this ReferentieNummer in the Declaratie with this number or Identificatie."""
        wanted = sa.or_(
            declaratie.c.declaratienummer == declaratie_of,
            declaratie.c.identificatie == declaratie_of,
        )
        query = (
            sa.select(
                declaratie.c.inbox_id,
                prestatie.c.van_volgnr,
                partij.c.gemeente,
                partij.c.wet,
                partij.c.aanbieder,
                declaratie.c.declaratienummer,
                declaratie.c.identificatie,
                prestatie.c.toegekend,
                *PRESTATIE,
            )
            .join_from(
                prestatie,
                declaratie,
                sa.and_(
                    declaratie.c.id == prestatie.c.declaratie_id,
                    declaratie.c.partij_id == prestatie.c.partij_id,
                ),
            )
            .join(partij, partij.c.id == prestatie.c.partij_id)
            .where(wanted, prestatie.c.referentienummer == referentienummer)
            .order_by(prestatie.c.id)
        )
        if aanbieder is not None:
            query = query.where(partij.c.aanbieder == aanbieder)
        with self._database.snapshot() as connection:
            return [_regel_of(row) for row in connection.execute(query)]

    def balans(self, antwoord_van: Mapping[str, str] | None = None) -> Balans:
        """The balance: in = answered + held + parked + waiting.

        `antwoord_van` gives the type of the answer that is due to a received message, by its
        Berichtcode; without it answers are not counted.
        """
        with self._database.long_snapshot() as connection:
            return read_balans(connection, antwoord_van or {})

    def _berichten(self, wanted: sa.ColumnElement[bool]) -> Sequence[Bericht]:
        query = sa.select(inbox).where(wanted).order_by(inbox.c.id)
        with self._database.snapshot() as connection:
            return [_bericht_of(row) for row in connection.execute(query)]


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _bericht_of(row: Any) -> Bericht:
    outcome = _OUTCOME.decode(row.uitkomst) if row.uitkomst is not None else None
    if row.staat == GEPARKEERD:
        outcome = Outcome("parked", ontvanger=row.ontvanger, reason=row.reden or "")
    return Bericht(
        inbox_id=row.id,
        naam=row.naam,
        staat=row.staat,
        received_at=datetime.fromtimestamp(row.received_at, UTC),
        finished_at=_moment(row.finished_at),
        besluit_op=_moment(row.besluit_op),
        tries=row.tries,
        volgnr=row.volgnr,
        outcome=outcome,
        ontheven=row.ontheven == 1,
    )


def finding_of(row: Any) -> Finding:
    """The record of a stored finding."""
    evidence = Evidence(
        row.overeenkomst,
        row.versie,
        row.cel,
        row.ingediend,
        row.verwacht,
        row.belang,
        row.controleplan,
    )
    return Finding(
        rule=row.rule,
        retourcode=row.retourcode,
        effect=row.effect,
        klasse=row.klasse,
        pad=row.pad,
        element=row.element,
        reference=row.reference,
        found=row.found,
        expected=row.expected,
        text=row.text,
        evidence=None if evidence == Evidence() else evidence,
        regelnr=row.regelnr,
        productcode=row.productcode,
        toewijzingnummer=row.toewijzingnummer,
        begindatum=row.begindatum,
    )


def _pattern(nummer: str) -> str:
    """Which numbers are shown as this one, with a Bsn hidden in them."""
    plain = re.sub("[!%_]", r"!\g<0>", nummer)
    return plain.replace(HIDDEN, "_" * len(HIDDEN))


def _regel_of(row: Any) -> Regel:
    return Regel(
        inbox_id=row.inbox_id,
        volgnr=row.van_volgnr,
        partijen=Partijen(row.gemeente, row.wet, row.aanbieder),
        declaratienummer=row.declaratienummer,
        identificatie=row.identificatie,
        prestatie=prestatie_of(row[8:]),
        toegekend=row.toegekend == 1,
    )
