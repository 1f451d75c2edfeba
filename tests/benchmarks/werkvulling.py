"""Fills a store with invoices, their findings and their answers, past the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.store.engine import open_database
from tests import postgres

GEMEENTEN = (
    *("0193", "0150", "0164", "0166", "0148", "0175", "0177"),
    *("0180", "0183", "0141", "0147", "0153", "0158", "0160"),
)
# Providers in each municipality, lines in an invoice, and of how many lines one has a finding.
PROVIDERS, LINES, FOUND = 60, 40, 3
REJECTED = ("TR321", "TR322", "TR338", "TR339", "TR340", "TR384", "TR389", "TR307", "TR308")
CODES = ("9321", "9322", "9338", "9339", "9340", "9384", "9389", "9307", "9308")
SIGNALLED = ("S101", "S105", "S106", "S107", "S109", "S115", "S119", "S120")
CELLS = 5


@dataclass(frozen=True, slots=True)
class Vulling:
    """How much: invoices, and the moment that is now; the oldest came in a year before."""

    invoices: int
    now: datetime


def fill(owner: str, vulling: Vulling) -> None:
    """Put it all in; what follows from it, the worklist, is made by the gateway itself."""
    database = open_database(owner)
    is_sqlite = database.is_sqlite
    given: dict[str, Any] = {
        "parties": len(GEMEENTEN) * PROVIDERS,
        "invoices": vulling.invoices,
        "findings": vulling.invoices * LINES // FOUND,
        "rows": vulling.invoices * LINES,
        "now": vulling.now.timestamp(),
        "step": 365 * 86_400 / vulling.invoices,
    }
    with database.writing() as connection:
        for text in _statements(is_sqlite):
            statement = sa.text(text)
            used = {name: given[name] for name in statement.compile().params}
            connection.execute(statement, used)
    if not is_sqlite:
        postgres.count_again(owner)
    database.close()


def _statements(is_sqlite: bool) -> list[str]:
    day = _day_of(is_sqlite)
    padded = "printf('%032d', {0})" if is_sqlite else "lpad(CAST({0} AS text), 32, '0')"
    blob = "CAST({0} AS BLOB)" if is_sqlite else "convert_to({0}, 'UTF8')"
    received = ":now - (:invoices - i) * :step"
    party = "1 + i % :parties"
    month = day(f"{received} - 30 * 86400")
    line = f"(SELECT min(id) FROM partij) + ((i - 1) / {LINES} + 1) % :parties"
    outcome = blob.format(
        '\'{"verdict":"partly","level": 3,"berichttype":"JW323","wet":"jeugdwet","afzender":"\' '
        '|| p.aanbieder || \'","ontvanger":"\' || p.gemeente || \'","gemeente":"\' '
        '|| p.gemeente || \'","identificatie":"I\' || i || \'","declaratie":"D\' || i || '
        '\'","telling":{"regels": 40,"ingediend": 200000}}\''
    )
    return [
        "INSERT INTO partij (gemeente, wet, aanbieder) "
        + _numbers(":parties")
        + f"SELECT {_pick('i', GEMEENTEN)}, 'jeugdwet', "
        "CAST(70000000 + i AS text) FROM n",
        "INSERT INTO inbox (id, naam, ontvanger, sha256, paar, grootte, stukken, received_at,"
        " staat, tries, next_at, besluit_op, finished_at, volgnr, van_volgnr, verdict, berichtcode,"
        " gemeente, afzender, identificatie, declaratienummer, uitkomst, beantwoord) "
        + _numbers(":invoices")
        + f"SELECT i, 'b' || i, p.gemeente, 's' || i, p.gemeente || '-' || p.aanbieder, 1, 0,"
        f" {received}, CASE WHEN i % 500 = 0 THEN 'aangehouden' ELSE 'klaar' END, 1, :now + 864000,"
        f" CASE WHEN i % 500 = 0 THEN :now + 864000 END, {received}, i, i,"
        f" CASE WHEN i % 500 = 0 THEN 'held' ELSE 'partly' END, '490', p.gemeente, p.aanbieder,"
        f" 'I' || i, 'D' || i, {outcome}, 0 FROM n JOIN partij p ON p.id ="
        f" (SELECT min(id) FROM partij) + {party} - 1",
        "INSERT INTO outbox (id, soort, inbox_id, volgnr, naam, gemeente, berichttype,"
        " identificatie, stukken, created_at, next_at, tries, sent_at) "
        "SELECT id, 'antwoord', id, id, 'a' || id, gemeente, 'JW325', 'A' || id, 0, received_at,"
        " received_at, 1, received_at + 60 FROM inbox WHERE staat = 'klaar'",
        "INSERT INTO declaratie (id, partij_id, inbox_id, berichtcode, afzender, ontvanger,"
        " identificatie, header_dagtekening, basisschema_xsd_versie, bericht_xsd_versie,"
        " declaratienummer, begindatum, einddatum, dagtekening, totaal_bedrag, debet_credit,"
        " toegekend, regel_van, regel_tot, van_volgnr) "
        + _numbers(":invoices")
        + f"SELECT i, (SELECT min(id) FROM partij) + {party} - 1, i, '490', '70000000', '0193',"
        f" 'I' || i, {day(received)}, '1', '1', 'D' || i, {month}, {month}, {day(received)},"
        f" 200000, 'D', 165000, (i - 1) * {LINES}, i * {LINES}, i FROM n WHERE i % 500 <> 0",
        "INSERT INTO toewijzing (inbox_id, gemeente, wet, partij_id, bsn, bsn_hash, bekend_op,"
        " toewijzingnummer, productcategorie, productcode, toewijzingsdatum, toewijzingstijd,"
        " ingangsdatum, volume, eenheid, frequentie, van_volgnr) "
        + _numbers(":invoices")
        + f"SELECT i, p.gemeente, 'jeugdwet', p.id, '999900006', {padded.format('i')},"
        f" {day(':now - 500 * 86400')}, 1000000 + i, '45', '45A03', {day(':now - 500 * 86400')},"
        f" '09:00:00', {day(':now - 400 * 86400')}, 4, '04', '2', 0 FROM n JOIN partij p ON p.id ="
        f" (SELECT min(id) FROM partij) + {party} - 1",
        "INSERT INTO levering (soort, partij_id, bsn, bsn_hash, toewijzingnummer,"
        " productcategorie, productcode, toewijzing_ingangsdatum, begindatum, status_aanlevering,"
        " van_volgnr) SELECT 'start', partij_id, bsn, bsn_hash, toewijzingnummer, '45', '45A03',"
        " ingangsdatum, ingangsdatum, '1', 0 FROM toewijzing",
        "INSERT INTO prestatie (id, partij_id, declaratie_id, bsn_hash, van_volgnr, volgnr, bsn,"
        " referentienummer, toewijzingnummer, productcategorie, productcode, begindatum, einddatum,"
        " geleverd_volume, eenheid, ingediend_bedrag, debet_credit, toegekend, retourcodes) "
        + _numbers(":rows")
        + f"SELECT i, d.partij_id, d.id, {padded.format('d.id')}, d.id, 1 + (i - 1) % {LINES},"
        " '999900006', 'R' || i, 1000000 + d.id, '45', '45A03', d.begindatum, d.einddatum, 1, '04',"
        f" 5000, 'D', CASE WHEN i % {2 * FOUND} = 0 THEN 0 ELSE 1 END,"
        f" CASE WHEN i % {2 * FOUND} = 0 THEN {_pick(f'i / {FOUND}', CODES)} ELSE '' END"
        f" FROM n JOIN declaratie d ON d.id = 1 + (i - 1) / {LINES}",
        "INSERT INTO bevinding (inbox_id, van_volgnr, rule, retourcode, effect, klasse, pad,"
        " element, reference, found, expected, text, overeenkomst, versie, cel, ingediend, belang,"
        " regelnr, partij_id, productcode, toewijzingnummer, begindatum) "
        + _numbers(":findings")
        .replace("SELECT 1 ", f"SELECT {FOUND} ")
        .replace("i + 1", f"i + {FOUND}")
        .replace("i < :findings", "i < :rows")
        + f"SELECT b.id, b.id, CASE WHEN i % {2 * FOUND} = 0 THEN {_pick(f'i / {FOUND}', REJECTED)}"
        f" ELSE {_pick(f'i / {FOUND}', SIGNALLED)} END, CASE WHEN i % {2 * FOUND} = 0 THEN"
        f" {_pick(f'i / {FOUND}', CODES)} END, CASE WHEN i % {2 * FOUND} = 0 THEN 'reject'"
        " WHEN b.staat = 'aangehouden' THEN 'hold' ELSE 'signal' END, 'Prestatie',"
        " '/Bericht/Declaratie/Clienten/Client[1]/Prestaties/Prestatie[' || i || ']', '',"
        " 'R' || i, '1', '2', 'Wat er met regel ' || i || ' aan de hand is, in een zin.',"
        f" 'afspraak', '1', 'cel-' || (i % {CELLS}), 5000, 5000 + i % 997, 1 + (i - 1) % {LINES},"
        f" {line}, '45A03', 1000000 + b.id, {day('b.received_at')} FROM n JOIN inbox b"
        f" ON b.id = 1 + (i - 1) / {LINES}",
    ]


def _numbers(upto: str) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {upto}) "


def _pick(number: str, values: tuple[str, ...]) -> str:
    whens = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {whens} END"


def _day_of(is_sqlite: bool) -> Any:
    if is_sqlite:
        return lambda moment: f"date({moment}, 'unixepoch')"
    return lambda moment: f"CAST(to_timestamp(CAST({moment} AS double precision)) AS date)"
