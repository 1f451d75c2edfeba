"""A store in which invoices are granted and answered, and people who pay them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.agreements.match import index
from gateway.errors import WrongUse
from gateway.ledger.geld.betaalbeleid import Betaalbeleid
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Claim, Partijen
from gateway.records.rekening import Rekening
from gateway.store.engine import ALL, insert_one
from gateway.store.geld.betalen.controle import Verschil, differences
from gateway.store.geld.betalen.inzage import Betaling
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.geld.tables import aanbieder_rekening
from gateway.store.store import SqlStore
from gateway.store.tables import partij
from gateway.store.unit_of_work import SqlUnitOfWork
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    HEADER,
    Klok,
    answer,
    declaratie,
    line,
    new_store,
    settled,
)

LINDE, EIK = "12345678", "87654321"
ZWOLLE = Bereik(frozenset({"0193"}))
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
VANDAAG = date(2026, 5, 4)
MORGEN = date(2026, 5, 6)
IBANS = {LINDE: "NL91ABNA0417164300", EIK: "NL20INGB0001234567"}
BELEID = Betaalbeleid(
    tweede_persoon_boven=1_000_000,
    termijn=20,
    termijn_vanaf="ontvangst",
    rekening=Rekening("NL86INGB0002445588", "Gemeente Zwolle"),
    bic="INGBNL2A",
)


@dataclass(slots=True)
class Betaalhuis:
    """A store with a clock that stands still on a Monday."""

    store: SqlStore
    klok: Klok
    _nummers: Iterator[int]

    def declareer(
        self,
        *bedragen: int,
        aanbieder: str = LINDE,
        wet: str = "jeugdwet",
        is_sent: bool = True,
        lines: Sequence[tuple[Any, ...]] | None = None,
    ) -> Claim:
        """An answered 323 with granted lines of these amounts; below nothing is a credit."""
        nummer = next(self._nummers)
        made = lines or [
            line(
                place,
                referentienummer=f"R{nummer}-{place}",
                ingediend_bedrag=abs(bedrag),
                debet_credit="C" if bedrag < 0 else "D",
            )
            for place, bedrag in enumerate(bedragen, start=1)
        ]
        partijen = Partijen("0193", wet, aanbieder)

        def write(work: SqlUnitOfWork) -> None:
            work.add_declaratie(partijen, HEADER, declaratie(f"D{nummer}"), 0)
            work.add_prestaties(partijen, [made])
            work.add_answer("0193", answer(f"A{nummer}"))

        claim = settled(self.store, write)
        if is_sent:
            self.store.outbox.sent(self.store.outbox.due(["antwoord"]))
        return claim

    def factureer(
        self,
        *bedragen: int,
        aanbieder: str = LINDE,
        wet: str = "jeugdwet",
        is_approved: bool = True,
        referentie: str = "",
        handtoewijzing: int | None = None,
        **changes: Any,
    ) -> int:
        """An approved invoice outside the traffic with lines of these amounts; its number."""
        regels = [
            Factuurregel(
                volgnr=place,
                productcode="45A04",
                eenheid="01",
                begindatum=date(2026, 4, 1),
                einddatum=date(2026, 4, 30),
                volume=1,
                tarief=None,
                bedrag=bedrag,
            )._replace(**changes)
            for place, bedrag in enumerate(bedragen, start=1)
        ]
        een = Factuur(
            gemeente="0193",
            wet=wet,
            aanbieder=aanbieder,
            factuurnummer=f"F{next(self._nummers)}",
            factuurdatum=date(2026, 5, 2),
            regels=regels,
        )
        opgave = Opgave(
            factuur=een,
            soort="geen-bsn",
            referentie=referentie or een.factuurnummer,
            handtoewijzing=handtoewijzing,
        )
        nummer = self.store.facturen.add(ZWOLLE, ANNA, opgave, index([]))
        if is_approved:
            self.keur_goed(nummer)
        return nummer

    def keur_goed(self, factuur: int) -> None:
        """A second person approves an invoice."""
        een = self.store.facturen.get(ZWOLLE, factuur)
        self.store.voorstellen.approve(ZWOLLE, BRAM, een.voorstel_id)

    def regels_van(self, factuur: int) -> list[tuple[str, date | None]]:
        """How far the lines of an invoice are, and when each was paid."""
        return [(one.staat, one.betaald_op) for one in self.store.facturen.regels(ZWOLLE, factuur)]

    def rekening(self, aanbieder: str = LINDE, iban: str | None = None) -> None:
        """Give an aanbieder an account, or another one."""
        row = {
            "gemeente": "0193",
            "aanbieder": aanbieder,
            "iban": iban or IBANS[aanbieder],
            "tenaamstelling": f"Zorg {aanbieder}",
            "vanaf": date(2026, 1, 1),
        }
        with self.store.database.writing("0193") as connection:
            insert_one(connection, aanbieder_rekening, row)

    def maak(self, **vraag: Any) -> int:
        """A run of all that was answered up to today."""
        given = {"gemeente": "0193", "tot": VANDAAG, "uitvoering": MORGEN, **vraag}
        return self.store.betaalruns.make(ANNA, Runvraag(**given))

    def vrij(self, run: int, beleid: Betaalbeleid = BELEID) -> int | None:
        """Release a run."""
        return self.store.betaalruns.release(ZWOLLE, ANNA, run, beleid)

    def betaal(self, run: int) -> None:
        """Release a run, and take it to the bank if anything goes there."""
        self.vrij(run)
        if self.store.betalingen.run(ZWOLLE, run).staat == "vrijgegeven":
            self.store.betaalruns.file(ZWOLLE, run, BELEID)
            self.store.betaalruns.paid(ZWOLLE, run, VANDAAG)

    def in_run(self, run: int) -> dict[str, Betaling]:
        """The payments of a run by aanbieder."""
        return {one.aanbieder: one for one in self.store.betalingen.all_of(ZWOLLE, run)}

    def verschillen(self) -> list[Verschil]:
        return list(differences(self.store.database, ZWOLLE))

    def execute(self, statement: str, **given: Any) -> None:
        """Change something outside the gateway."""
        with self.store.database.writing("0193") as connection:
            connection.execute(sa.text(statement), given)


def declared(store: SqlStore, klok: Any) -> Betaalhuis:
    """A store that is open already, with a debet and a credit of one aanbieder to be paid."""
    made = Betaalhuis(store, klok, count(1))
    made.rekening(LINDE)
    made.declareer(3000)
    made.declareer(-500)
    store.betaalvolger.catch_up()
    return made


@contextmanager
def betaalhuis(folder: Path) -> Iterator[Betaalhuis]:
    """A house with accounts of both aanbieders."""
    klok = Klok()
    store = new_store(folder, klok)
    try:
        made = Betaalhuis(store, klok, count(1))
        made.rekening(LINDE)
        made.rekening(EIK)
        yield made
    finally:
        store.close()


def accounts_for_all(store: SqlStore, vanaf: date) -> list[str]:
    """Every aanbieder of a store has an account; returns its municipalities."""
    with store.database.writing(ALL) as connection:
        query = sa.select(partij.c.gemeente, partij.c.aanbieder).distinct()
        rows = [
            {
                "gemeente": gemeente,
                "aanbieder": aanbieder,
                "iban": IBANS[LINDE],
                "tenaamstelling": f"Zorg {aanbieder}",
                "vanaf": vanaf,
            }
            for gemeente, aanbieder in connection.execute(query)
        ]
        connection.execute(sa.insert(aanbieder_rekening), rows)
    return sorted({row["gemeente"] for row in rows})


def runs_of_all(store: SqlStore) -> list[int]:
    """A run in every municipality in which anything may be paid."""
    dag, made = dag_van(store.now()), []
    for gemeente in accounts_for_all(store, dag):
        with suppress(WrongUse):
            vraag = Runvraag(gemeente=gemeente, tot=dag, uitvoering=dag)
            made.append(store.betaalruns.make(ANNA, vraag))
    return made
