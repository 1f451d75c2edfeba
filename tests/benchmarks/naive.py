"""The naive way: DOM, xmlschema, an ORM, one query and one insert per line, one commit per message.

It is what anyone would write first, kept to measure against, never to use.  The same rules judge
the same lines, one at a time, and all of them have to be granted.  What it leaves out (the records
for the backoffice, the outbox, claims, of a 301 and a 305 the rules and the retour) only makes it
look faster than it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import sqlalchemy as sa
import xmlschema
from lxml import etree
from sqlalchemy.orm import Session

from gateway.answers.antwoord import Antwoord, compose_325
from gateway.answers.guard import lawful_325
from gateway.bootstrap import Installation
from gateway.config import data_folder
from gateway.deviations.registry import detect
from gateway.messages.definition import Berichttype
from gateway.pipeline.gather import judged_versions, local_facts, own_versions, partijen_of, plus
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Claim
from gateway.pipeline.regels import judge_lines
from gateway.pipeline.stages import run, stages_of
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.engine import Database, open_database
from tests.benchmarks.declaraties import GEMEENTE
from tests.benchmarks.naive_klein import STORE
from tests.benchmarks.naive_reading import Bericht, read
from tests.benchmarks.naive_rows import (
    DeclaratieRij,
    LeveringRij,
    PartijRij,
    PrestatieRij,
    Rij,
    ToewijzingRij,
    record_of,
)
from tests.benchmarks.plaats import MOMENT, opened

READ = ("JW301", "JW305", "JW323")
# It makes no claims: the numbers of its judgements follow from the inbox.
VOLGNR = 1_000


@dataclass(frozen=True, slots=True)
class NaiveGateway:
    """Handles what stands in the inbox, one message after another, one commit each."""

    gateway: Installation
    database: Database
    schemas: Mapping[str, xmlschema.XMLSchema]

    def handle(self, inbox_id: int) -> None:
        """Judge a message and store what it holds."""
        body = b"".join(self.gateway.store.pieces(inbox_id))
        kind = self._kind(etree.fromstring(body))
        claim = Claim(inbox_id, VOLGNR + inbox_id, "", "", MOMENT, identificatie=f"N{inbox_id}")
        with self.database.writing(GEMEENTE) as connection, Session(connection) as session:
            if kind.naam == "JW323":
                bericht = read(self.schemas[kind.naam], body)
                naive = Naive(self.gateway, kind, claim, bericht, session)
                naive.judge()
                naive.answer()
            else:
                document = self.schemas[kind.naam].to_dict(BytesIO(body))
                STORE[kind.naam](self.gateway, claim, document, session)
            session.flush()

    def _kind(self, root: Any) -> Berichttype:
        namespace = etree.QName(root).namespace
        kinds = self.gateway.kennis.types.all()
        return next(one for one in kinds if one.namespace == namespace)


@contextmanager
def naive_on(url: str) -> Iterator[NaiveGateway]:
    """The naive way on a store; its schemas are compiled before."""
    gateway, database = opened(url), open_database(url)
    folder, types = data_folder("schemas"), gateway.kennis.types
    compiled = {
        name: xmlschema.XMLSchema(str(folder / types.by_name(name).schema)) for name in READ
    }
    try:
        yield NaiveGateway(gateway, database, compiled)
    finally:
        database.close()
        gateway.close()


class Naive:
    """One message in hand; `session` is its one transaction."""

    def __init__(
        self,
        gateway: Installation,
        kind: Berichttype,
        claim: Claim,
        bericht: Bericht,
        session: Session,
    ) -> None:
        self._gateway, self._kennis, self._kind = gateway, gateway.kennis, kind
        self._claim, self._bericht, self._session = claim, bericht, session
        self._vandaag = dag_van(claim.received_at)
        self._som = sum(line.ondertekend for line in bericht.prestaties)
        self._feiten = local_facts(kind, self._kennis, self._vandaag)
        self._partijen = partijen_of(kind, bericht.header)
        partij = {name: getattr(self._partijen, name) for name in self._partijen.__slots__}
        self._partij = session.scalars(sa.select(PartijRij).filter_by(**partij)).one()

    def judge(self) -> None:
        """What concerns the message as a whole first, then line after line: judge, add, flush."""
        rules, bericht = self._kennis.rules, self._bericht
        whole = self._batch(clienten=bericht.clienten, prestaties=bericht.prestaties)
        of_message = stages_of(self._kind, ("Bericht", "Header", "Declaratie"))
        faultless(run(of_message, rules, whole))
        declaratie = self._declaratie()
        for line in bericht.prestaties:
            self._judge_line(line)
            self._session.add(self._line(line, declaratie.id))
            self._session.flush()

    def answer(self) -> bytes:
        """The 325 that grants all, composed and checked by the product."""
        antwoord = Antwoord(
            kind=self._kennis.types.by_name("JW325"),
            header=self._bericht.header,
            identificatie=self._claim.identificatie,
            dagtekening=self._vandaag,
            xsd_versie=self._kennis.xsd_versie,
            xslt_versie=None,
            header_codes=("0200",),
            declaratie=self._bericht.declaratie,
            declaratie_codes=("8001",),
            toegekend=self._som,
        )
        body = compose_325(antwoord)
        lawful_325(body, antwoord, self._kennis.reader)
        return b"".join(body)

    def _judge_line(self, line: Prestatie) -> None:
        """Levels 2, 3 and 4 of one line, and the checks beyond the standard."""
        batch = self._batch(prestaties=[line], judges_whole=False, **self._facts(line))
        faultless(run(stages_of(self._kind, ("Prestatie",), 2), self._kennis.rules, batch))
        oordeel = judge_lines(batch, self._kind, self._kennis.rules, frozenset())
        faultless([one for found in oordeel.offences.values() for one in found])
        beleid = self._kennis.beleid_of(self._partijen.gemeente)
        faultless([*detect(batch, self._kennis.checks, beleid, self._vandaag)])

    def _batch(self, **given: Any) -> Declaratiebatch:
        bericht = self._bericht
        return Declaratiebatch(
            feiten=self._feiten,
            header=bericht.header,
            declaratie=bericht.declaratie,
            som=self._som,
            **given,
        )

    def _facts(self, line: Prestatie) -> dict[str, Any]:
        """What the rules need to know of a debet line: a query for each kind of fact."""
        nummer, dagtekening = line.toewijzingnummer, self._bericht.header.dagtekening
        granted = self._granted(toewijzingnummer=nummer)
        credited = {one.vorig_referentienummer for one in granted if one.is_credit}
        stand = Stand()
        for one in granted:
            stand = plus(stand, one)
        own = own_versions({nummer: self._versions(nummer)}, self._partijen)
        client = self._rows(ToewijzingRij, bsn=line.bsn, partij_id=self._partij.id)
        known = self._granted(referentienummer=line.referentienummer)
        return {
            "toewijzingen": {number: found[-1] for number, found in own.items()},
            "versies": judged_versions(own, dagtekening),
            "bekende_clienten": {line.bsn} if client else frozenset(),
            "bekende_referenties": {one.referentienummer for one in known},
            "open_debets": {
                one.debetsleutel
                for one in granted
                if not one.is_credit and one.referentienummer not in credited
            },
            "stand": {nummer: stand},
            "starts": {nummer: self._leveringen(StartProduct, "start", nummer)},
            "stops": {nummer: self._leveringen(StopProduct, "stop", nummer)},
        }

    def _versions(self, nummer: int) -> tuple[ToegewezenProduct, ...]:
        partijen = self._partijen
        rows = self._rows(
            ToewijzingRij, toewijzingnummer=nummer, gemeente=partijen.gemeente, wet=partijen.wet
        )
        found = []
        for row in rows:
            owner = self._session.get_one(PartijRij, row.partij_id)
            found.append(record_of(ToegewezenProduct, row, aanbieder=owner.aanbieder))
        return tuple(sorted(found, key=lambda one: one.versie))

    def _granted(self, **wanted: Any) -> list[Prestatie]:
        rows = self._rows(PrestatieRij, partij_id=self._partij.id, toegekend=1, **wanted)
        return [record_of(Prestatie, row, retourcodes=()) for row in rows]

    def _leveringen(self, kind: type, soort: str, nummer: int) -> list[Any]:
        wanted = {"partij_id": self._partij.id, "soort": soort, "toewijzingnummer": nummer}
        return [record_of(kind, row) for row in self._rows(LeveringRij, **wanted)]

    def _rows(self, kind: type[Rij], **wanted: Any) -> list[Any]:
        """The rows of a table that stood before this message."""
        columns, volgnr = kind.__table__.c, self._claim.volgnr
        stands = sa.or_(columns.tot_volgnr.is_(None), columns.tot_volgnr >= volgnr)
        query = sa.select(kind).filter_by(**wanted).where(columns.van_volgnr < volgnr, stands)
        return list(self._session.scalars(query))

    def _declaratie(self) -> Any:
        header, declaratie = self._bericht.header, self._bericht.declaratie
        given = {name: getattr(header, name) for name in header.__slots__}
        given |= {name: getattr(declaratie, name) for name in declaratie.__slots__}
        row = DeclaratieRij(
            **{name: given[name] for name in given.keys() & DeclaratieRij.__table__.c.keys()},
            partij_id=self._partij.id,
            inbox_id=self._claim.inbox_id,
            header_dagtekening=header.dagtekening,
            toegekend=self._som,
            van_volgnr=self._claim.volgnr,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def _line(self, line: Prestatie, declaratie_id: int) -> PrestatieRij:
        given = line._asdict() | {"retourcodes": ""}
        del given["pad"], given["extra"]
        return PrestatieRij(
            **given,
            partij_id=self._partij.id,
            declaratie_id=declaratie_id,
            bsn_hash=self._gateway.store.fingerprint(line.bsn),
            van_volgnr=self._claim.volgnr,
            toegekend=1,
        )


def faultless(findings: list[Finding]) -> None:
    """The measured message has no faults; any finding means that the figures mean nothing."""
    if findings:
        raise SystemExit(f"the naive way came to another verdict: {findings[0].rule}")
