"""Writes all that one message changes in one transaction; satisfies `ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

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
from gateway.store import statements
from gateway.store.beantwoording import Beantwoording
from gateway.store.bewaard import end_bewijzen, keep_bewijzen, keep_grondslag
from gateway.store.engine import insert_one
from gateway.store.events import event_body
from gateway.store.inbox import update_held
from gateway.store.intrekking import reopen, withdraw
from gateway.store.pieces import Packed
from gateway.store.regels import write_regels
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    EVENT,
    KLAAR,
    besteding,
    bevinding,
    declaratie,
    levering,
    ontheven,
    toewijzing,
    verzoek,
)
from gateway.store.transactie import LOST, Transactie

FINDINGS_AT_ONCE = 1_000
# StatusAanlevering of a start or stop that counts as never sent.
TAKEN_BACK = "3"


class SqlUnitOfWork:
    """What one message changes, in the transaction that it is settled in."""

    def __init__(self, transactie: Transactie, claim: Claim) -> None:
        self._transactie = transactie
        self._ground = transactie.ground
        self._now = transactie.now
        self._claim = claim
        self._declaratie_id: int | None = None
        self._kennis: str | None = None
        self._is_settled = False

    def add_toewijzingen(
        self, gemeente: str, wet: str, producten: Sequence[ToegewezenProduct]
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            for product in producten:
                owner = self._partij(Partijen(gemeente, wet, product.aanbieder))
                row = statements.row_of(product)
                row.pop("aanbieder")
                row |= {"gemeente": gemeente, "wet": wet, "partij_id": owner}
                row["inbox_id"] = self._claim.inbox_id
                standing = statements.standing_versie(connection, row)
                if standing is not None:
                    if statements.is_repeated(standing, row):
                        continue
                    statements.end_toewijzing(connection, row, self._volgnr)
                connection.execute(sa.insert(toewijzing), self._fact(row, product.bsn))

    def add_leveringen(
        self, partijen: Partijen, producten: Sequence[StartProduct] | Sequence[StopProduct]
    ) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            owner = self._partij(partijen)
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
            own = {"partij_id": self._partij(partijen), "staat": "open"}
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
            owner = self._partij(partijen)
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
                "partij_id": self._partij(partijen),
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
            owner, parent = self._partij(partijen), self._declaratie_id
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
            if self._is_judged_before:
                statements.end_ontheven(connection, self._claim.inbox_id, self._volgnr)
            if aantallen:
                rows = [own | {"rule": rule, "aantal": n} for rule, n in aantallen.items()]
                connection.execute(sa.insert(ontheven), rows)

    def add_findings(self, findings: Iterable[Finding], partijen: Partijen | None = None) -> None:
        """See `ports.UnitOfWork`; findings of an earlier judgement of the message end."""
        with self._writing() as connection:
            inbox_id, volgnr = self._claim.inbox_id, self._volgnr
            owner = None if partijen is None else self._partij(partijen)
            if self._is_judged_before:
                statements.end_bevindingen(connection, inbox_id, volgnr)
            waiting = iter(findings)
            while batch := list(islice(waiting, FINDINGS_AT_ONCE)):
                rows = [statements.finding_row(one, inbox_id, volgnr, owner) for one in batch]
                connection.execute(sa.insert(bevinding), rows)

    def add_bewijzen(self, bewijzen: Iterable[Bewijs]) -> None:
        """See `ports.UnitOfWork`."""
        with self._writing() as connection:
            if self._is_judged_before:
                end_bewijzen(connection, self._claim)
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
        """See `ports.UnitOfWork`; a handful of messages is committed with the last of them."""
        if not self._is_settled:
            raise RuntimeError("finish or hold goes before commit")
        self._transactie.settled(self._claim, self._kennis)

    @property
    def _volgnr(self) -> int:
        return self._claim.volgnr

    @property
    def _is_judged_before(self) -> bool:
        return self._transactie.is_judged_before(self._claim)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._transactie.writing() as zicht:
            yield zicht.connection

    @contextmanager
    def _writing_about(self, inbox_id: int) -> Iterator[Connection]:
        """The same for what another message changed: with the facts of its municipality."""
        with self._transactie.writing() as zicht:
            gemeente = zicht.connection.execute(statements.GEMEENTE, {"bericht": inbox_id})
            zicht.on(gemeente.scalar_one())
            yield zicht.connection

    def _partij(self, partijen: Partijen) -> int:
        with self._transactie.writing() as zicht:
            return zicht.partij_made(partijen)

    def _work_for(self, gemeente: str | None) -> None:
        """See and write from here on the facts of one municipality only."""
        with self._transactie.writing() as zicht:
            zicht.on(gemeente)

    def _fact(self, row: dict[str, Any], bsn: str) -> dict[str, Any]:
        return row | {"bsn_hash": self._ground.fingerprint(bsn), "van_volgnr": self._volgnr}

    def _put_out(self, row: dict[str, Any], body: Iterable[bytes]) -> None:
        origin = {"inbox_id": self._claim.inbox_id, "volgnr": self._volgnr}
        moments = {"created_at": self._now, "next_at": self._now, "tries": 0}
        self._transactie.put_out(row | origin | moments, Packed(body))

    def _settle(self, outcome: Outcome, state: dict[str, Any]) -> None:
        """Record the outcome; from level 2 on the Identificatie counts as used."""
        berichttype = outcome.berichttype or ""
        values = {
            "token": None,
            "lease_until": None,
            "volgt": 0,
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
            self._work_for(outcome.gemeente)
            is_read = outcome.verdict != "invalid"
            if not update_held(connection, self._claim, values | state, is_read=is_read):
                raise TemporaryFailure(LOST)
        self._is_settled = True
