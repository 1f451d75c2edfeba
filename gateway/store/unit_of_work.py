"""Writes all that one message changes in one transaction; satisfies `ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.grondslag import Grondslag
from gateway.pipeline.ports import (
    PRESTATIE_COLUMNS,
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
from gateway.store import sporen, statements
from gateway.store.beantwoording import Beantwoording
from gateway.store.bewaard import bewijs_rows, end_bewijzen, keep_grondslag
from gateway.store.events import event_body
from gateway.store.intrekking import reopen, withdraw
from gateway.store.pieces import Packed
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    EVENT,
    KLAAR,
    bevinding,
    bewijs,
    declaratie,
    levering,
    ontheven,
    verzoek,
)
from gateway.store.transactie import Transactie

# StatusAanlevering of a start or stop that counts as never sent.
TAKEN_BACK = "3"
NUMMER = PRESTATIE_COLUMNS.index("toewijzingnummer")
# What a start has not.
NO_STOP = {"reden_beeindiging": None, "einddatum": None}


class SqlUnitOfWork:
    """What one message changes, in the transaction that it is settled in."""

    def __init__(self, transactie: Transactie, claim: Claim) -> None:
        self._transactie = transactie
        self._ground = transactie.ground
        self._werk = transactie.werk
        self._changed = transactie.veranderd
        self._now = transactie.now
        self._claim = claim
        self._gemeente: str | None = None
        self._kennis: str | None = None
        self._is_settled = False

    def add_toewijzingen(
        self,
        gemeente: str,
        wet: str,
        producten: Sequence[ToegewezenProduct],
        postcode: str | None = None,
    ) -> None:
        """See `ports.UnitOfWork`."""
        own = {"gemeente": gemeente, "wet": wet, "inbox_id": self._claim.inbox_id}
        own |= {"postcode": postcode}
        with self._transactie.writing() as zicht:
            for product in producten:
                owner = self._partij(Partijen(gemeente, wet, product.aanbieder))
                row = statements.row_of(product) | own | {"partij_id": owner}
                row.pop("aanbieder")
                fact = self._fact(row, product.bsn)
                about = (product.toewijzingnummer, fact["bsn_hash"], product.gezin)
                self._changed.tell(sporen.TOEWIJZING, gemeente, about)
                self._werk.add_toewijzing(zicht, fact)

    def add_leveringen(
        self, partijen: Partijen, producten: Sequence[StartProduct] | Sequence[StopProduct]
    ) -> None:
        """See `ports.UnitOfWork`."""
        owner = self._partij(partijen)
        for product in producten:
            soort = "start" if isinstance(product, StartProduct) else "stop"
            row = NO_STOP | statements.row_of(product) | {"partij_id": owner, "soort": soort}
            fact = self._fact(row, product.bsn)
            about = (product.toewijzingnummer, fact["bsn_hash"])
            self._changed.tell(sporen.LEVERING, partijen.gemeente, about)
            if product.status_aanlevering == TAKEN_BACK:
                with self._transactie.written() as zicht:
                    zicht.on(partijen.gemeente)
                    statements.end_levering(zicht.connection, fact, self._volgnr)
            else:
                self._werk.add(levering, [fact])

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
        self._changed.tell(sporen.VERZOEK, partijen.gemeente, [partijen.aanbieder])
        own = {"partij_id": self._partij(partijen), "staat": "open"}
        own |= {"inbox_id": self._claim.inbox_id, "onderzocht": 0}
        for one in verzoeken:
            row = statements.row_of(one) | own
            row["toewijzingnummers"] = " ".join(map(str, one.toewijzingnummers))
            self._werk.add(verzoek, [self._fact(row, one.bsn)])

    def answer_verzoeken(
        self,
        partijen: Partijen,
        referenties: Iterable[str],
        staat: Verzoekstaat,
        termijn: Callable[[date], date] | None = None,
    ) -> None:
        """See `ports.UnitOfWork`."""
        for referentie in referenties:
            self._changed.tell(sporen.VERZOEK, partijen.gemeente, [partijen.aanbieder])
            owner = self._partij(partijen)
            with self._transactie.written() as zicht:
                zicht.on(partijen.gemeente)
                connection = zicht.connection
                for row in statements.end_verzoek(connection, owner, referentie, self._volgnr):
                    now = statements.answered(row, staat) | {"van_volgnr": self._volgnr}
                    if termijn is not None:
                        now["termijn"] = termijn(row["dagtekening"])
                    connection.execute(sa.insert(verzoek), now)

    def add_declaratie(
        self, partijen: Partijen, header: Header, declaratie_: Declaratie, toegekend: int
    ) -> None:
        """See `ports.UnitOfWork`."""
        row = statements.row_of(header) | statements.row_of(declaratie_)
        row = {name: row[name] for name in row if name in declaratie.c}
        row |= {
            "partij_id": self._partij(partijen),
            "inbox_id": self._claim.inbox_id,
            "header_dagtekening": header.dagtekening,
            "toegekend": toegekend,
            "van_volgnr": self._volgnr,
        }
        self._changed.tell(sporen.DECLARATIE, partijen.gemeente, [partijen.aanbieder])
        self._changed.tell(sporen.BESTEDING, partijen.gemeente, [None])
        self._werk.add_declaratie(row)

    def add_prestaties(self, partijen: Partijen, rows: Iterable[Sequence[tuple[Any, ...]]]) -> None:
        """See `ports.UnitOfWork`; once per message."""
        if self._transactie.is_of_several:
            rows = list(rows)
            for chunk in rows:
                nummers = [row[NUMMER] for row in chunk]
                self._changed.tell(sporen.REGEL, partijen.gemeente, nummers)
        self._werk.add_regels(rows)

    def add_ontheven(self, aantallen: Mapping[str, int]) -> None:
        """See `ports.UnitOfWork`; the counts of an earlier judgement of the message end."""
        own = {"inbox_id": self._claim.inbox_id, "van_volgnr": self._volgnr}
        if self._is_judged_before:
            with self._writing() as connection:
                statements.end_ontheven(connection, self._claim.inbox_id, self._volgnr)
        if aantallen:
            self._werk.add(ontheven, [own | {"rule": r, "aantal": n} for r, n in aantallen.items()])

    def add_findings(self, findings: Iterable[Finding], partijen: Partijen | None = None) -> None:
        """See `ports.UnitOfWork`; findings of an earlier judgement of the message end."""
        inbox_id, volgnr = self._claim.inbox_id, self._volgnr
        owner = None if partijen is None else self._partij(partijen)
        if self._is_judged_before:
            with self._writing() as connection:
                statements.end_bevindingen(connection, inbox_id, volgnr)
        rows = (statements.finding_row(one, inbox_id, volgnr, owner) for one in findings)
        self._werk.add(bevinding, rows)

    def add_bewijzen(self, bewijzen: Iterable[Bewijs]) -> None:
        """See `ports.UnitOfWork`."""
        if self._is_judged_before:
            with self._writing() as connection:
                end_bewijzen(connection, self._claim)
        self._werk.add(bewijs, bewijs_rows(self._claim, bewijzen))

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

    def link_heenbericht(self, inbox_id: int, *, refused: bool = False) -> None:
        """See `ports.UnitOfWork`."""
        self._changed.all = True
        with self._writing() as connection:
            answers = {"bericht": self._claim.inbox_id, "heen": inbox_id}
            connection.execute(statements.HEEN, answers)
            connection.execute(statements.BEANTWOORD, {"heen": inbox_id, "hoe": 1 + refused})

    def add_event(self, soort: str, gemeente: str, data: Mapping[str, Any]) -> None:
        """See `ports.UnitOfWork`."""
        row = {
            "soort": EVENT,
            "naam": f"{soort}_{self._claim.inbox_id}_{self._volgnr}",
            "gemeente": gemeente,
            "berichttype": soort,
        }
        claim = self._claim
        body = event_body(
            soort, gemeente, claim.inbox_id, self._now, data, traceparent=claim.traceparent
        )
        self._put_out(row, [body])

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
            zicht.on(self._gemeente)
            yield zicht.connection

    @contextmanager
    def _writing_about(self, inbox_id: int) -> Iterator[Connection]:
        """The same for what another message changed: with the facts of its municipality."""
        self._changed.all = True
        with self._transactie.written() as zicht:
            zicht.on(self._gemeente)
            gemeente = zicht.connection.execute(statements.GEMEENTE, {"bericht": inbox_id})
            zicht.on(gemeente.scalar_one())
            yield zicht.connection

    def _partij(self, partijen: Partijen) -> int:
        """The number of a party that something is to be written of."""
        self._gemeente = partijen.gemeente
        self._werk.on(partijen.gemeente)
        self._changed.tell(sporen.PARTIJ, partijen.gemeente, [partijen.aanbieder])
        return self._transactie.zicht.partij_made(partijen)

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
            "id": self._claim.inbox_id,
            "volgnr": self._volgnr,
            "van_volgnr": self._first_volgnr(outcome),
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
        self._changed.tell(sporen.KOP, outcome.gemeente, [outcome.identificatie])
        if outcome.declaratie is not None and outcome.partijen is not None:
            self._changed.tell(sporen.DECLARATIE, outcome.gemeente, [outcome.partijen.aanbieder])
        self._werk.on(outcome.gemeente)
        self._werk.end(values | state)
        self._is_settled = True

    def _first_volgnr(self, outcome: Outcome) -> int | None:
        """A message that could be read has used its Identificatie from its first judgement on."""
        first = self._transactie.first_volgnr(self._claim)
        return self._volgnr if first is None and outcome.verdict != "invalid" else first
