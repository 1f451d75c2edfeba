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
    """Put granted lines and all that comes with them in a store, past the gateway."""
    database = open_database(owner)
    many = max(1, lines // PER_ASSIGNMENT)
    given = {"gemeente": GEMEENTE, "wet": WET, "hoeveel": PROVIDERS, "veel": many}
    given |= {"nummer": FIRST_NUMBER, "id": LAST_BLOCK}
    padded = "printf('%032d', i)" if database.is_sqlite else "lpad(CAST(i AS text), 32, '0')"
    with database.writing() as connection:
        connection.execute(sa.text(_PARTIJEN), given)
        for table, columns in _TABLES.items():
            names, values = ", ".join(columns), ", ".join(columns.values())
            query = _FILL.format(table=table, names=names, values=values.format(padded=padded))
            count = lines if table == "prestatie" else many
            connection.execute(sa.text(query), given | {"aantal": count})
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
_OWN = {"partij_id": "(SELECT min(id) FROM partij) + i % :hoeveel", "van_volgnr": "1"}
_ABOUT = {"bsn": "'999900006'", "bsn_hash": "{padded}"}
_PRODUCT = {"productcategorie": "'45'", "productcode": "'45A03'"}
# A fact and the message that it came in have the same number; what lies far apart in the table are
# the lines of an assignment, as when they come month after month.
_TABLES: dict[str, dict[str, str]] = {
    "inbox": {
        "id": ":id + i",
        "naam": "'b' || i",
        "ontvanger": ":gemeente",
        "sha256": "'s' || i",
        "grootte": "1",
        "stukken": "0",
        "received_at": "i",
        "staat": "'klaar'",
        "tries": "1",
        "next_at": "0",
        "finished_at": "i",
        "volgnr": "1",
        "van_volgnr": "1",
        "verdict": "'accepted'",
        "berichtcode": "'490'",
        "gemeente": ":gemeente",
        "afzender": "CAST(70000000 + i % :hoeveel AS text)",
        "identificatie": "'I' || i",
        "declaratienummer": "'D' || i",
        "heen_id": ":id + i",
        "beantwoord": "1",
    },
    "toewijzing": {
        **_OWN,
        **_ABOUT,
        **_PRODUCT,
        "gemeente": ":gemeente",
        "wet": ":wet",
        "inbox_id": ":id + i",
        "bekend_op": "'2024-01-01'",
        "toewijzingnummer": ":nummer + i",
        "toewijzingsdatum": "'2024-01-01'",
        "toewijzingstijd": "'09:00:00'",
        "ingangsdatum": "'2024-01-01'",
        "einddatum": "'2024-12-31'",
        "volume": "4",
        "eenheid": "'04'",
        "frequentie": "'2'",
        "gezin": "'G' || i",
    },
    "levering": {
        **_OWN,
        **_ABOUT,
        **_PRODUCT,
        "soort": "'start'",
        "toewijzingnummer": ":nummer + i",
        "toewijzing_ingangsdatum": "'2024-01-01'",
        "begindatum": "'2024-01-06'",
        "status_aanlevering": "'1'",
    },
    "verzoek": {
        **_OWN,
        **_ABOUT,
        "inbox_id": ":id + i",
        "soort": "'315'",
        "referentie_aanbieder": "'A' || i",
        "toewijzingnummers": "''",
        "dagtekening": "'2024-01-01'",
        "ontvangen_op": "'2024-01-01'",
        "termijn": "'2024-02-01'",
        "staat": "'toegekend'",
        "onderzocht": "0",
    },
    "declaratie": {
        **_OWN,
        "id": ":id + i",
        "inbox_id": ":id + i",
        "berichtcode": "'490'",
        "afzender": "CAST(70000000 + i % :hoeveel AS text)",
        "ontvanger": ":gemeente",
        "identificatie": "'I' || i",
        "header_dagtekening": "'2024-04-05'",
        "basisschema_xsd_versie": "'1.0.0'",
        "bericht_xsd_versie": "'1.0.0'",
        "declaratienummer": "'D' || i",
        "begindatum": "'2024-03-01'",
        "einddatum": "'2024-03-31'",
        "dagtekening": "'2024-04-05'",
        "totaal_bedrag": "50000",
        "debet_credit": "'D'",
        "toegekend": "50000",
    },
    "besteding": {
        **_OWN,
        "inbox_id": ":id + i",
        "jaar": "2024 - i % 10",
        "productcode": "'45A03'",
        "bedrag": "50000",
    },
    "prestatie": {
        **_OWN,
        **_ABOUT,
        **_PRODUCT,
        "id": ":id + i",
        "declaratie_id": ":id + 1 + i % :veel",
        "volgnr": "1 + i / :veel",
        "referentienummer": "'V' || i",
        "vorig_referentienummer": "CASE i % 10 WHEN 0 THEN 'V' || (i - 1) END",
        "toewijzingnummer": ":nummer + 1 + i % :veel",
        "begindatum": "'2024-03-01'",
        "einddatum": "'2024-03-31'",
        "geleverd_volume": "1",
        "eenheid": "'04'",
        "ingediend_bedrag": "5000",
        "debet_credit": "CASE i % 10 WHEN 0 THEN 'C' ELSE 'D' END",
        "toegekend": "1",
        "retourcodes": "''",
    },
}
