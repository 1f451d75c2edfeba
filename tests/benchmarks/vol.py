"""A new invoice on a store that holds millions of lines, against the same on an empty one."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gateway.config import data_folder
from gateway.messages.definition import read_types
from gateway.store.engine import open_database
from tests import postgres
from tests.benchmarks.beurten import medians
from tests.benchmarks.declaraties import GEMEENTE, Kring
from tests.benchmarks.groot import processing
from tests.benchmarks.plaats import WET, seed
from tests.benchmarks.verslag import Verslag, getal

GROEP = "volle opslag"
# The lines are of so many providers, the measured one among them, ten to an assignment.
PROVIDERS, PER_ASSIGNMENT = 50, 10
FIRST_NUMBER = 100_000_000
# Far behind the numbers that the gateway gives its own lines.
LAST_BLOCK = 2**40


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: lines of a new invoice, and rounds."""

    lines: int
    rounds: int


def measure(verslag: Verslag, stored: int, maat: Maat) -> None:
    """Measure both kinds of store, empty and filled, in turns."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    kring = Kring(maat.lines)
    full = f"met {getal(stored)} regels"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = {
            ("SQLite", name): (f"sqlite:///{folder}/{number}.db", f"sqlite:///{folder}/{number}.db")
            for number, name in enumerate(("leeg", full))
        }
        if postgres.found_server() is not None:
            for name in ("leeg", full):
                stores["PostgreSQL", name] = stack.enter_context(postgres.throwaway())
        ways = {}
        for (soort, name), (url, owner) in stores.items():
            seed(url, kring)
            if name == full:
                fill(owner, stored)
            ways[f"{soort}, {name}"] = stack.enter_context(processing(kind, kring, url))
        found = medians(maat.rounds, ways)
    for name, seconds in found.items():
        verslag.detail(GROEP, name, seconds * 1_000_000, "µs per regel")
    for soort in dict.fromkeys(soort for soort, _ in stores):
        ratio = found[f"{soort}, {full}"] / found[f"{soort}, leeg"]
        verslag.detail(GROEP, f"{soort}, vol ten opzichte van leeg", ratio, "×")


def fill(owner: str, lines: int) -> None:
    """Put granted lines, their assignments and starts in a store, past the gateway."""
    database = open_database(owner)
    numbers = max(1, lines // PER_ASSIGNMENT)
    with database.writing() as connection:
        text = "printf('%032d', i)" if database.is_sqlite else "lpad(CAST(i AS text), 32, '0')"
        given = {"gemeente": GEMEENTE, "wet": WET, "hoeveel": PROVIDERS}
        connection.execute(sa.text(_PARTIJEN), given)
        of_party = "(SELECT min(id) FROM partij) + i % :hoeveel"
        for table, count, columns in (
            ("toewijzing", numbers, _TOEWIJZING),
            ("levering", numbers, _LEVERING),
            ("prestatie", lines, _PRESTATIE),
        ):
            values = {"bsn_hash": text, "partij_id": of_party, "van_volgnr": "1", **columns}
            query = _FILL.format(
                table=table, names=", ".join(values), values=", ".join(values.values())
            )
            told = {"aantal": count, "nummers": numbers, "eerste": FIRST_NUMBER}
            connection.execute(sa.text(query), given | told)
    if not database.is_sqlite:
        postgres.count_again(owner)
    database.close()


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {upto}) "
_PARTIJEN = (
    "INSERT INTO partij (gemeente, wet, aanbieder) "
    + _NUMBERS.format(upto=":hoeveel")
    + "SELECT :gemeente, :wet, CAST(70000000 + i AS text) FROM n"
)
_FILL = (
    "INSERT INTO {table} ({names}) " + _NUMBERS.format(upto=":aantal") + "SELECT {values} FROM n"
)
# Lines of an assignment lie far apart, as they do when they come month after month.
_NUMBER = ":eerste + i % :nummers"
_SHARED = {"bsn": "'999900006'", "productcategorie": "'45'", "productcode": "'45A03'"}
_TOEWIJZING = {
    **_SHARED,
    "gemeente": ":gemeente",
    "wet": ":wet",
    "bekend_op": "'2024-01-01'",
    "toewijzingnummer": ":eerste + i",
    "toewijzingsdatum": "'2024-01-01'",
    "toewijzingstijd": "'09:00:00'",
    "ingangsdatum": "'2024-01-01'",
    "einddatum": "'2024-12-31'",
    "volume": "4",
    "eenheid": "'04'",
    "frequentie": "'2'",
}
_LEVERING = {
    **_SHARED,
    "soort": "'start'",
    "toewijzingnummer": ":eerste + i",
    "toewijzing_ingangsdatum": "'2024-01-01'",
    "begindatum": "'2024-01-06'",
    "status_aanlevering": "'1'",
}
_PRESTATIE = {
    **_SHARED,
    "id": f"{LAST_BLOCK} + i",
    "declaratie_id": "1 + i / 1000",
    "volgnr": "i",
    "referentienummer": "'V' || i",
    "toewijzingnummer": _NUMBER,
    "begindatum": "'2024-03-01'",
    "einddatum": "'2024-03-31'",
    "geleverd_volume": "1",
    "eenheid": "'04'",
    "ingediend_bedrag": "5000",
    "debet_credit": "'D'",
    "toegekend": "1",
    "retourcodes": "''",
}
