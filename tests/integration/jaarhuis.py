"""A municipality with a year that was worked out by hand, for tests of the year end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.config import Settings
from gateway.inlezen import NO_AGREEMENTS
from gateway.jaarpakket import lezer_of
from gateway.ledger.jaareinde.instellingen import read_instellingen
from gateway.store.jaareinde.afsluiten import Controleuitslag
from gateway.store.jaareinde.pakket import Opdracht
from gateway.store.store import SqlStore
from gateway.store.unit_of_work import SqlUnitOfWork
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    HEADER,
    Klok,
    declaratie,
    line,
    settled,
)

ZWOLLE, ELDERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
ANNA = Wie("anna", "Anna", "gebruiker")
AGB = AANBIEDER.aanbieder
OP_TIJD, LAAT = datetime(2026, 2, 10, 9, tzinfo=UTC), datetime(2026, 5, 4, 9, tzinfo=UTC)
BALANCED = Controleuitslag(klopt=True, fouten={})


def balanced(_connection: Connection) -> Controleuitslag:
    return BALANCED


def stuk(nummer: str, *lines: tuple[Any, ...]) -> Callable[[SqlUnitOfWork], None]:
    """A 323 of the provider with these lines."""

    def write(work: SqlUnitOfWork) -> None:
        work.add_declaratie(AANBIEDER, HEADER, declaratie(nummer), 0)
        work.add_prestaties(AANBIEDER, [lines])

    return write


def regel(nr: int, referentie: str, begin: str, eind: str, bedrag: int, **changes: Any) -> Any:
    given = {"referentienummer": referentie, "begindatum": begin, "einddatum": eind}
    return line(nr, **given, ingediend_bedrag=bedrag, **changes)


def fill(store: SqlStore, klok: Klok) -> None:
    """The year 2025 of one provider: in time, over new year, refused, credited and late.

    Of 2025: granted 100.00 + 54.84 + 70.00 + 25.00 = 249.84, credited 70.00; late 25.00 - 70.00;
    refused 30.00.  Of 2026: 45.16.
    """
    klok.now = OP_TIJD
    first = stuk(
        "D1",
        regel(1, "R1", "2025-11-01", "2025-11-30", 10_000),
        regel(2, "R2", "2025-12-15", "2026-01-14", 10_000),
        regel(3, "R3", "2025-10-01", "2025-10-31", 3_000, toegekend=0, retourcodes="9321"),
        regel(4, "R4", "2025-09-01", "2025-09-30", 7_000),
    )
    settled(store, first)
    klok.now = LAAT
    credit = {"vorig_referentienummer": "R4", "debet_credit": "C"}
    second = stuk(
        "D2",
        regel(1, "C4", "2025-09-01", "2025-09-30", 7_000, **credit),
        regel(2, "R5", "2025-08-01", "2025-08-31", 2_500),
    )
    settled(store, second)


def opdracht(jaar: int = 2025, overeenkomsten: Overeenkomsten = NO_AGREEMENTS) -> Opdracht:
    """A pack with the settings that come along."""
    settings = Settings()
    text = settings.jaareindebestand.read_bytes()
    lezer = lezer_of(settings)
    return Opdracht(
        gemeente="0193",
        jaar=jaar,
        instellingen=read_instellingen(text, "0193"),
        instellingentekst=text,
        overeenkomsten=overeenkomsten,
        overeenkomstbestanden=(),
        codes=lezer.codes,
        lees=lezer,
    )
