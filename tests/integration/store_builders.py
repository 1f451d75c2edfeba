"""A store on a real database, a clock that is moved by hand, and records to put in."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.pipeline.ports import Answer, Claim, Outcome, Partijen
from gateway.records.declaratie import Declaratie
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.oppakken import Terms
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.store.unit_of_work import SqlUnitOfWork
from tests.opslag import store_of

CODES = {"JW323": "490", "JW305": "439", "JW301": "436"}
BEGIN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MEI = date(2026, 5, 1)
BSN, BSN2 = "999900006", "999900018"
AANBIEDER = Partijen("0193", "jeugdwet", "12345678")
ANDERE_AANBIEDER = Partijen("0193", "jeugdwet", "87654321")
ANDERE_GEMEENTE = Partijen("0150", "jeugdwet", "12345678")
ANDERE_WET = Partijen("0193", "wmo", "12345678")
ACCEPTED = Outcome(
    "accepted",
    berichttype="JW323",
    wet="jeugdwet",
    afzender="12345678",
    ontvanger="0193",
    gemeente="0193",
    identificatie="ID1",
)


class Klok:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def new_store(
    folder: Path, clock: Callable[[], datetime], url: str | None = None, **options: Any
) -> SqlStore:
    given: dict[str, Any] = {"codes": CODES, "terms": Terms(lease_seconds=30, tries=3), "start": 0}
    return open_store(url or store_of(folder), clock, StoreOptions(**given | options))


def message(number: int, sender: str = "12345678") -> bytes:
    """A message as far as the intake looks at it."""
    return (
        f"<Bericht><Header><Afzender>{sender}</Afzender><Ontvanger>0193</Ontvanger>"
        f"<Identificatie>ID{number}</Identificatie></Header></Bericht>"
    ).encode()


def taken(store: SqlStore, number: int, sender: str = "12345678") -> Claim:
    """A message in hand, taken in just before."""
    intake = store.inbox.receive(f"{number}.xml", [message(number, sender)])
    claim = store.inbox.claim(intake.inbox_id)
    assert claim is not None
    return claim


_numbers = iter(range(1000, 1_000_000))


def settled(
    store: SqlStore, write: Callable[[SqlUnitOfWork], object], outcome: Outcome = ACCEPTED
) -> Claim:
    """A message of its own that wrote something and came to its end."""
    claim = taken(store, next(_numbers))
    finish(store, claim, write, outcome)
    return claim


def finish(
    store: SqlStore,
    claim: Claim,
    write: Callable[[SqlUnitOfWork], object] = lambda work: None,
    outcome: Outcome = ACCEPTED,
) -> None:
    with store.unit_of_work(claim) as work:
        write(work)
        work.finish(outcome)
        work.commit()


def toewijzing(nummer: int, **changes: Any) -> ToegewezenProduct:
    product = ToegewezenProduct(
        pad="",
        bsn=BSN,
        aanbieder="12345678",
        bekend_op=MEI,
        toewijzingnummer=nummer,
        referentie_aanbieder=None,
        productcategorie="45",
        productcode="45A04",
        toewijzingsdatum=date(2026, 4, 20),
        toewijzingstijd="10:00:00",
        ingangsdatum=MEI,
        einddatum=None,
        reden_wijziging=None,
        volume=120,
        eenheid="01",
        frequentie="2",
        budget=None,
        commentaar="let op",
    )
    return product._replace(**changes)


def start(nummer: int | None, **changes: Any) -> StartProduct:
    product = StartProduct("", BSN, nummer, "45", None, MEI, date(2026, 5, 4), "1")
    return product._replace(**changes)


def stop(nummer: int | None, **changes: Any) -> StopProduct:
    product = StopProduct(
        "", BSN, nummer, "45", None, MEI, date(2026, 5, 4), "19", date(2026, 5, 20), "1"
    )
    return product._replace(**changes)


HEADER = Header("", "490", "12345678", "0193", "ID1", date(2026, 6, 2), "1.1.0", "1.0.1")


def declaratie(nummer: str, begin: date = MEI) -> Declaratie:
    return Declaratie("", nummer, begin, date(begin.year, begin.month, 28), MEI, 11000, "D")


def line(volgnr: int, **changes: Any) -> tuple[Any, ...]:
    """One line as `ports.PRESTATIE_COLUMNS` has it; granted unless it says otherwise."""
    row: dict[str, Any] = {
        "volgnr": volgnr,
        "bsn": BSN,
        "referentienummer": f"R{volgnr}",
        "vorig_referentienummer": None,
        "toewijzingnummer": 1,
        "productcategorie": "45",
        "productcode": "45A04",
        "begindatum": "2026-05-01",
        "einddatum": "2026-05-31",
        "geleverd_volume": 60,
        "eenheid": "01",
        "producttarief": 110,
        "ingediend_bedrag": 6600,
        "debet_credit": "D",
        "toegekend": 1,
        "retourcodes": "",
    }
    assert not changes.keys() - row.keys()
    return tuple((row | changes).values())


def declared(
    store: SqlStore,
    lines: Sequence[tuple[Any, ...]],
    partijen: Partijen = AANBIEDER,
    nummer: str = "D1",
) -> Claim:
    """A 323 with these lines that came to its end."""

    def write(work: SqlUnitOfWork) -> None:
        work.add_declaratie(partijen, HEADER, declaratie(nummer), 6600)
        work.add_prestaties(partijen, [lines])

    return settled(store, write)


def answer(identificatie: str = "A1", body: bytes = b"<antwoord/>") -> Answer:
    return Answer("JW325", identificatie, [body])


def finding(reference: str, rule: str = "TR338") -> Finding:
    return Finding(
        rule=rule,
        retourcode="9338",
        effect="reject",
        klasse="Prestatie",
        pad="/Bericht/Prestatie[1]",
        element="ToewijzingNummer",
        reference=reference,
        found="7",
        expected="een bekend nummer",
        text="Toewijzing 7 is niet bekend.",
    )


def put_back(store: SqlStore, inbox_id: int) -> bool:
    """Put a parked message back; False when it is not parked."""
    run = store.herstel.begin("", 1.0, 1)
    for one in store.herstel.geparkeerd(lambda _: None):
        if one.nummer == inbox_id:
            assert store.herstel.put_back(run, one)
    store.herstel.end(run, "klaar")
    return store.herstel.gang(run).teruggezet == 1
