"""Writes all that one message changes in one transaction; satisfies `ports.UnitOfWork`.

The transaction begins at the first write, so that everything can be prepared outside it.  It
first looks whether the claim still holds: who lost the lease meanwhile changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.config import Rol
from gateway.errors import TemporaryFailure
from gateway.pipeline.grondslag import Grondslag
from gateway.pipeline.ports import (
    Answer,
    Bewijs,
    Claim,
    Geweigerd,
    Outcome,
    Partijen,
)
from gateway.records.declaratie import Declaratie
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import Verzoek, Verzoekstaat
from gateway.store import announcements, statements
from gateway.store.beantwoording import Beantwoording
from gateway.store.bewaard import keep_bewijzen, keep_grondslag
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import NONE, Conflict, Database, insert_one, translated
from gateway.store.events import event_body
from gateway.store.facts import find_partij
from gateway.store.inbox import update_held
from gateway.store.intrekking import reopen, withdraw
from gateway.store.pieces import Packed, store_pieces
from gateway.store.regels import write_regels
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    BEZIG,
    EVENT,
    KLAAR,
    besteding,
    bevinding,
    declaratie,
    levering,
    ontheven,
    outbox,
    outbox_stuk,
    partij,
    toewijzing,
    verzoek,
)

FINDINGS_AT_ONCE = 1_000
# StatusAanlevering of a start or stop that counts as never sent.
TAKEN_BACK = "3"


@dataclass(frozen=True, slots=True)
class Ground:
    """What every unit of work stands on: the same for the whole store.

    `codes` gives the Berichtcode of a berichttype, `rol` is the side that the store is of.  `kept`
    are the hashes of knowledge that is known to be in the store.
    """

    database: Database
    fingerprint: Fingerprinter
    codes: Mapping[str, str]
    rol: Rol = "gemeente"
    kept: set[str] = field(default_factory=set)


class SqlUnitOfWork:
    """One transaction for one claim; `close` undoes what was not committed."""

    def __init__(self, ground: Ground, claim: Claim, now: float) -> None:
        self._ground = ground
        self._claim = claim
        self._now = now
        self._connection: Connection | None = None
        self._scope = NONE
        self._declaratie_id: int | None = None
        self._kennis: str | None = None
        self._is_settled = False

    def add_toewijzingen(
        self, gemeente: str, wet: str, producten: Sequence[ToegewezenProduct]
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            for product in producten:
                owner = self._partij(connection, Partijen(gemeente, wet, product.aanbieder))
                row = statements.row_of(product)
                row.pop("aanbieder")
                row |= {"gemeente": gemeente, "wet": wet, "partij_id": owner}
                row["inbox_id"] = self._claim.inbox_id
                if statements.is_standing(connection, row):
                    continue
                statements.end_toewijzing(connection, row, self._volgnr)
                connection.execute(sa.insert(toewijzing), self._fact(row, product.bsn))

    def add_leveringen(
        self, partijen: Partijen, producten: Sequence[StartProduct] | Sequence[StopProduct]
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            owner = self._partij(connection, partijen)
            for product in producten:
                soort = "start" if isinstance(product, StartProduct) else "stop"
                row = statements.row_of(product) | {"partij_id": owner, "soort": soort}
                fact = self._fact(row, product.bsn)
                if product.status_aanlevering == TAKEN_BACK:
                    statements.end_levering(connection, fact, self._volgnr)
                else:
                    connection.execute(sa.insert(levering), fact)

    def withdraw(self, inbox_id: int) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing_about(inbox_id) as connection:
            withdraw(connection, inbox_id, self._volgnr)

    def reopen_verzoeken(self, inbox_id: int) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing_about(inbox_id) as connection:
            reopen(connection, inbox_id, self._volgnr)

    def answer_declaratie(
        self, inbox_id: int, toegekend: int, geweigerd: Iterable[Sequence[Geweigerd]]
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing_about(inbox_id) as connection:
            answered = Beantwoording(
                connection, inbox_id, self._volgnr, is_sqlite=self._ground.database.is_sqlite
            )
            answered.run(toegekend, geweigerd)

    def add_verzoeken(self, partijen: Partijen, verzoeken: Sequence[Verzoek]) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            own = {"partij_id": self._partij(connection, partijen), "staat": "open"}
            own |= {"inbox_id": self._claim.inbox_id, "onderzocht": 0}
            for one in verzoeken:
                row = statements.row_of(one) | own
                row["toewijzingnummers"] = " ".join(map(str, one.toewijzingnummers))
                connection.execute(sa.insert(verzoek), self._fact(row, one.bsn))

    def answer_verzoeken(
        self,
        partijen: Partijen,
        referenties: Iterable[str],
        staat: Verzoekstaat,
        termijn: Callable[[date], date] | None = None,
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            owner = self._partij(connection, partijen)
            for referentie in referenties:
                for row in statements.end_verzoek(connection, owner, referentie, self._volgnr):
                    now = statements.answered(row, staat) | {"van_volgnr": self._volgnr}
                    if termijn is not None:
                        now["termijn"] = termijn(row["dagtekening"])
                    connection.execute(sa.insert(verzoek), now)

    def add_declaratie(
        self, partijen: Partijen, header: Header, declaratie_: Declaratie, toegekend: int
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            row = statements.row_of(header) | statements.row_of(declaratie_)
            row = {name: row[name] for name in row if name in declaratie.c}
            row |= {
                "partij_id": self._partij(connection, partijen),
                "inbox_id": self._claim.inbox_id,
                "header_dagtekening": header.dagtekening,
                "toegekend": toegekend,
                "van_volgnr": self._volgnr,
            }
            self._declaratie_id = insert_one(connection, declaratie, row)

    def add_prestaties(self, partijen: Partijen, rows: Iterable[Sequence[tuple[Any, ...]]]) -> None:
        """See `ports.UnitOfWork`; once per message."""
        if self._declaratie_id is None:
            raise RuntimeError("add_declaratie goes before add_prestaties")
        with self._writing() as connection:
            owner, parent = self._partij(connection, partijen), self._declaratie_id
            regels = write_regels(
                connection, (owner, parent, self._volgnr), self._ground.fingerprint, rows
            )
            self._add_besteding(connection, owner, regels.besteed)
            numbers = {"welke": parent, "regel_van": regels.van, "regel_tot": regels.tot}
            connection.execute(statements.REGELS, numbers)

    def _add_besteding(
        self, connection: Connection, owner: int, besteed: Mapping[tuple[int, str], int]
    ) -> None:
        """What this message adds to the granted amounts per year and product."""
        own = {"partij_id": owner, "inbox_id": self._claim.inbox_id, "van_volgnr": self._volgnr}
        added = [
            own | {"jaar": jaar, "productcode": productcode, "bedrag": bedrag}
            for (jaar, productcode), bedrag in besteed.items()
            if bedrag
        ]
        if added:
            connection.execute(sa.insert(besteding), added)

    def add_ontheven(self, aantallen: Mapping[str, int]) -> None:
        """See `ports.UnitOfWork`; the counts of an earlier judgement of the message end."""
        own = {"inbox_id": self._claim.inbox_id, "van_volgnr": self._volgnr}
        with self._writing() as connection:
            statements.end_ontheven(connection, self._claim.inbox_id, self._volgnr)
            if aantallen:
                rows = [own | {"rule": rule, "aantal": n} for rule, n in aantallen.items()]
                connection.execute(sa.insert(ontheven), rows)

    def add_findings(self, findings: Iterable[Finding], partijen: Partijen | None = None) -> None:
        """See `ports.UnitOfWork`; findings of an earlier judgement of the message end."""
        with self._writing() as connection:
            inbox_id, volgnr = self._claim.inbox_id, self._volgnr
            owner = None if partijen is None else self._partij(connection, partijen)
            statements.end_bevindingen(connection, inbox_id, volgnr)
            waiting = iter(findings)
            while batch := list(islice(waiting, FINDINGS_AT_ONCE)):
                rows = [statements.finding_row(one, inbox_id, volgnr, owner) for one in batch]
                connection.execute(sa.insert(bevinding), rows)

    def add_bewijzen(self, bewijzen: Iterable[Bewijs]) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            keep_bewijzen(connection, self._claim, bewijzen)

    def judged_with(self, grondslag: Grondslag) -> None:
        """See `ports.UnitOfWork`."""
        self._kennis = grondslag.hash
        if grondslag.hash not in self._ground.kept:
            with self._writing() as connection:
                keep_grondslag(connection, grondslag)

    def add_answer(self, gemeente: str, answer: Answer) -> None:
        """See `ports.UnitOfWork`."""
        row = {
            "soort": ANTWOORD,
            "naam": f"{answer.berichttype}_{gemeente}_{answer.identificatie}",
            "gemeente": gemeente,
            "berichttype": answer.berichttype,
            "identificatie": answer.identificatie,
        }
        self._put_out(row, answer.body)

    def link_heenbericht(self, inbox_id: int) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            answers = {"bericht": self._claim.inbox_id, "heen": inbox_id}
            connection.execute(statements.HEEN, answers)
            connection.execute(statements.BEANTWOORD, {"heen": inbox_id})

    def add_event(self, soort: str, gemeente: str, data: Mapping[str, Any]) -> None:
        """See `ports.UnitOfWork`."""
        row = {
            "soort": EVENT,
            "naam": f"{soort}_{self._claim.inbox_id}_{self._volgnr}",
            "gemeente": gemeente,
            "berichttype": soort,
        }
        self._put_out(row, [event_body(soort, gemeente, self._claim.inbox_id, self._now, data)])

    def finish(self, outcome: Outcome) -> None:
        """See `ports.UnitOfWork`."""
        self._settle(outcome, {"staat": KLAAR, "finished_at": self._now, "besluit_op": None})

    def hold(self, outcome: Outcome, besluit_op: datetime) -> None:
        """See `ports.UnitOfWork`."""
        moment = besluit_op.timestamp()
        held = {"staat": AANGEHOUDEN, "besluit_op": moment, "next_at": moment, "tries": 0}
        self._settle(outcome, held | {"announced_at": None})

    def commit(self) -> None:
        """See `ports.UnitOfWork`."""
        if not self._is_settled or self._connection is None:
            raise RuntimeError("finish or hold goes before commit")
        with translated():
            self._connection.commit()
        if self._kennis is not None:
            self._ground.kept.add(self._kennis)
        self.close()

    def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated():
                connection.close()

    @property
    def _volgnr(self) -> int:
        return self._claim.volgnr

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """The connection of this transaction; begins it, and checks the claim, when needed."""
        with translated():
            if self._connection is None:
                self._connection = self._begin()
            yield self._connection

    @contextmanager
    def _writing_about(self, inbox_id: int) -> Iterator[Connection]:
        """The same for what another message changed: with the facts of its municipality."""
        with self._writing() as connection:
            gemeente = connection.execute(statements.GEMEENTE, {"bericht": inbox_id})
            self._work_for(connection, gemeente.scalar_one())
            yield connection

    def _begin(self) -> Connection:
        connection = self._ground.database.begin_writing()
        try:
            held = connection.execute(statements.HOLDER, {"bericht": self._claim.inbox_id}).first()
            if held is None or held.staat != BEZIG or held.token != self._claim.token:
                raise TemporaryFailure("het bericht is intussen aan een ander gegeven")
            self._work_for(connection, held.gemeente)
        except BaseException:
            connection.close()
            raise
        return connection

    def _work_for(self, connection: Connection, gemeente: str | None) -> None:
        """See and write from here on the facts of one municipality only."""
        if gemeente and gemeente != self._scope:
            self._ground.database.scope(connection, gemeente)
            self._scope = gemeente

    def _partij(self, connection: Connection, partijen: Partijen) -> int:
        """The small number of a partij, made when it is new."""
        self._work_for(connection, partijen.gemeente)
        found = find_partij(connection, partijen)
        if found is not None:
            return found
        try:
            with translated(), connection.begin_nested():
                return insert_one(connection, partij, statements.row_of(partijen))
        except Conflict as error:
            raise TemporaryFailure("een nieuwe aanbieder wordt net opgeslagen") from error

    def _fact(self, row: dict[str, Any], bsn: str) -> dict[str, Any]:
        return row | {"bsn_hash": self._ground.fingerprint(bsn), "van_volgnr": self._volgnr}

    def _put_out(self, row: dict[str, Any], body: Iterable[bytes]) -> None:
        packed = Packed(body)
        try:
            with self._writing() as connection:
                moments = {"created_at": self._now, "next_at": self._now, "tries": 0}
                origin = {"inbox_id": self._claim.inbox_id, "volgnr": self._volgnr}
                values = row | moments | origin | {"stukken": packed.count}
                self._work_for(connection, row["gemeente"])
                outbox_id = insert_one(connection, outbox, values)
                store_pieces(connection, outbox_stuk, outbox_id, packed)
        finally:
            packed.close()

    def _settle(self, outcome: Outcome, state: dict[str, Any]) -> None:
        """Record the outcome; from level 2 on the Identificatie counts as used."""
        berichttype = outcome.berichttype or ""
        values = {
            "token": None,
            "lease_until": None,
            "verdict": outcome.verdict,
            "berichtcode": self._ground.codes.get(berichttype),
            "gemeente": outcome.gemeente,
            "afzender": outcome.afzender,
            "identificatie": outcome.identificatie,
            "declaratienummer": outcome.declaratie,
            "uitkomst": msgspec.json.encode(outcome),
            "reden": outcome.reason or None,
            "kennis": self._kennis,
            "ontheven": int(self._claim.ontheven),
        }
        with self._writing() as connection:
            self._work_for(connection, outcome.gemeente)
            if outcome.verdict != "invalid":
                connection.execute(statements.SINCE, {"bericht": self._claim.inbox_id})
            if not update_held(connection, self._claim, values | state):
                raise TemporaryFailure("het bericht is intussen aan een ander gegeven")
            announcements.announce_next(connection, self._claim.inbox_id, self._now)
        self._is_settled = True
