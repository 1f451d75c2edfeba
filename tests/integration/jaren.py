"""A store with some years of made-up care, month after month, as messages brought it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gateway.periods.maandnummers import first_day, last_day, month_number
from gateway.pipeline.ports import Partijen
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.store import SqlStore
from gateway.store.unit_of_work import SqlUnitOfWork
from tests.integration.store_builders import HEADER, declaratie, line, new_store, settled, stop
from tests.integration.store_builders import toewijzing as een_toewijzing
from tests.opslag import store_of

ZWOLLE, KAMPEN = "0193", "0166"
JEUGD = Partijen(ZWOLLE, "jeugdwet", "12345678")
WMO = Partijen(KAMPEN, "wmo", "87654321")
# What an assignment of 1,000 euros a month is used for, in eurocents.
GEBRUIKT = 80_000


class Klok:
    """The moment of the message in hand."""

    def __init__(self) -> None:
        self.moment = datetime(2023, 12, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def op(self, dag: date) -> None:
        self.moment = datetime(dag.year, dag.month, dag.day, 9, tzinfo=UTC)


class Jaren:
    """Fills a store: each thing on its own day."""

    def __init__(self, folder: Path) -> None:
        self.klok, self.url = Klok(), store_of(folder)
        self.store: SqlStore = new_store(folder, self.klok)
        self._lines = 0

    def wijs_toe(self, dag: date, wie: Partijen, nummer: int, **changes: Any) -> None:
        """A 301 on a day, of 1,000 euros a month."""
        given = {
            "aanbieder": wie.aanbieder,
            "bekend_op": dag,
            "toewijzingsdatum": dag,
            "volume": 100_000,
            "eenheid": "83",
            "frequentie": "4",
            "productcategorie": "45" if wie is JEUGD else "02",
        }
        made: ToegewezenProduct = een_toewijzing(nummer, **given | changes)
        self.klok.op(dag)

        def write(work: SqlUnitOfWork) -> None:
            work.add_toewijzingen(wie.gemeente, wie.wet, [made])

        settled(self.store, write)

    def declareer(
        self, dag: date, wie: Partijen, maand: int, nummers: Sequence[int], cents: int = GEBRUIKT
    ) -> None:
        """A 323 on a day, with a line of a month for each assignment."""
        begin, end = first_day(maand), last_day(maand)
        lines = []
        for volgnr, nummer in enumerate(nummers, start=1):
            self._lines += 1
            lines.append(
                line(
                    volgnr,
                    referentienummer=f"R{self._lines}",
                    toewijzingnummer=nummer,
                    productcategorie="45" if wie is JEUGD else "02",
                    begindatum=begin.isoformat(),
                    einddatum=end.isoformat(),
                    geleverd_volume=cents,
                    eenheid="83",
                    producttarief=None,
                    ingediend_bedrag=cents,
                )
            )
        self.klok.op(dag)

        def write(work: SqlUnitOfWork) -> None:
            kop = replace(HEADER, dagtekening=dag, afzender=wie.aanbieder, ontvanger=wie.gemeente)
            stuk = declaratie(f"D{self._lines}", begin)
            work.add_declaratie(wie, kop, stuk, cents * len(lines))
            work.add_prestaties(wie, [lines])

        settled(self.store, write)

    def stop(self, dag: date, wie: Partijen, nummer: int) -> None:
        """A 307 on a day, for that day."""
        self.klok.op(dag)

        def write(work: SqlUnitOfWork) -> None:
            work.add_leveringen(wie, [stop(nummer, einddatum=dag)])

        settled(self.store, write)


def gevuld(folder: Path) -> Jaren:
    """Four years: two assignments that run on and are used for 80 percent, declared on the 10th."""
    jaren = Jaren(folder)
    begin = date(2024, 1, 1)
    for wie, nummer in ((JEUGD, 1), (WMO, 2)):
        jaren.wijs_toe(
            date(2023, 12, 20), wie, nummer, ingangsdatum=begin, einddatum=date(2027, 12, 31)
        )
    for maand in range(month_number(begin), month_number(date(2026, 3, 1))):
        day = date.fromordinal(last_day(maand).toordinal() + 10)
        jaren.declareer(day, JEUGD, maand, [1])
        jaren.declareer(day, WMO, maand, [2])
    return jaren
