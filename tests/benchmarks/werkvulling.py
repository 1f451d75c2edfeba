"""Fills a store with invoices, their findings and what is around them, past the gateway.

An invoice has its assignment message with the retour, a message with the start, and now and then a
request; the log of processing is as long.  Everything came in within the year before.
"""

from __future__ import annotations

import copy
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from lxml import etree

from gateway.store.engine import open_database
from tests import postgres
from tests.benchmarks.vultaal import Vultaal, numbers, pick
from tests.benchmarks.werkomgeving import around, decided
from tests.integration.berichten import BASE, by_name

GEMEENTEN = (
    *("0193", "0150", "0164", "0166", "0148", "0175", "0177"),
    *("0180", "0183", "0141", "0147", "0153", "0158", "0160"),
)
# Parties in each municipality, lines in an invoice, and of how many lines one has a finding.
# Every provider works for two municipalities.
PROVIDERS, LINES, FOUND = 60, 40, 3
REJECTED = ("TR321", "TR322", "TR338", "TR339", "TR340", "TR384", "TR389", "TR307", "TR308")
CODES = ("9321", "9322", "9338", "9339", "9340", "9384", "9389", "9307", "9308")
SIGNALLED = ("S101", "S105", "S106", "S107", "S109", "S115", "S119", "S120")
PRODUCTS = ("45A03", "45A04", "45A05", "45A06")
CELLS = 5
YEAR = 365 * 86_400
# What the gateway puts out itself gets numbers behind those that were filled in.
_GO_ON = "SELECT setval('outbox_id_seq', (SELECT max(id) FROM outbox))"


@dataclass(frozen=True, slots=True)
class Vulling:
    """How much: invoices, and the moment that is now."""

    invoices: int
    now: datetime


def fill(owner: str, vulling: Vulling) -> None:
    """Put it all in; what follows from it, the worklist, is made by the gateway itself."""
    invoices = vulling.invoices
    _execute(
        owner,
        {
            "parties": len(GEMEENTEN) * PROVIDERS,
            "invoices": invoices,
            "rows": invoices * LINES,
            "now": vulling.now.timestamp(),
            "step": YEAR / invoices,
            "body": _invoice(),
        },
        lambda taal: [*_statements(taal), *around(taal), *([] if taal.is_sqlite else [_GO_ON])],
    )


def fill_decisions(owner: str, vulling: Vulling) -> None:
    """Let people have decided, once the worklist is there."""
    _execute(owner, {"now": vulling.now.timestamp()}, decided)


def _execute(owner: str, given: dict[str, Any], statements: Any) -> None:
    database = open_database(owner)
    with database.writing() as connection:
        for text in statements(Vultaal(database.is_sqlite)):
            statement = sa.text(text)
            used = {name: given[name] for name in statement.compile().params}
            connection.execute(statement, used)
    if not database.is_sqlite:
        postgres.count_again(owner)
    database.close()


@cache
def _invoice() -> bytes:
    """The piece in which an invoice of so many lines is kept."""
    root = etree.parse(BASE / "JW323.xml").getroot()
    first, *others = by_name(root, "Client")
    for other in others:
        other.getparent().remove(other)
    line, *rest = by_name(first, "Prestatie")
    for one in rest:
        one.getparent().remove(one)
    for _ in range(LINES - 1):
        line.addnext(copy.deepcopy(line))
    return zlib.compress(etree.tostring(root), 1)


def _statements(taal: Vultaal) -> list[str]:
    received = ":now - (:invoices - i) * :step"
    begin = taal.day(f"{received} - 30 * 86400")
    line = f"(SELECT min(id) FROM partij) + ((i - 1) / {LINES} + 1) % :parties"
    outcome = taal.blob(
        '\'{"verdict":"partly","level": 3,"berichttype":"JW323","wet":"jeugdwet","afzender":"\' '
        '|| p.aanbieder || \'","ontvanger":"\' || p.gemeente || \'","gemeente":"\' '
        '|| p.gemeente || \'","identificatie":"I\' || i || \'","declaratie":"D\' || i || '
        '\'","telling":{"regels": 40,"ingediend": 200000}}\''
    )
    of_party = "JOIN partij p ON p.id = (SELECT min(id) FROM partij) + i % :parties"
    return [
        "INSERT INTO partij (gemeente, wet, aanbieder) "
        + numbers(":parties")
        + f"SELECT {pick('i', GEMEENTEN)}, 'jeugdwet', CAST(70000000 + i / 2 AS text) FROM n",
        "INSERT INTO inbox (id, naam, ontvanger, sha256, paar, grootte, stukken, received_at,"
        " staat, tries, next_at, besluit_op, finished_at, volgnr, van_volgnr, verdict, berichtcode,"
        " gemeente, afzender, identificatie, declaratienummer, uitkomst, beantwoord) "
        + numbers(":invoices")
        + f"SELECT i, 'b' || i, p.gemeente, 's' || i, p.gemeente || '-' || p.aanbieder, 1, 1,"
        f" {received}, CASE WHEN i % 500 = 0 THEN 'aangehouden' ELSE 'klaar' END, 1, :now + 864000,"
        f" CASE WHEN i % 500 = 0 THEN :now + 864000 END, {received}, i, i,"
        f" CASE WHEN i % 500 = 0 THEN 'held' ELSE 'partly' END, '490', p.gemeente, p.aanbieder,"
        f" 'I' || i, 'D' || i, {outcome}, 0 FROM n {of_party}",
        "INSERT INTO inbox_stuk (inbox_id, nr, data) SELECT id, 0, :body FROM inbox",
        "INSERT INTO outbox (id, soort, inbox_id, volgnr, naam, gemeente, berichttype,"
        " identificatie, stukken, created_at, next_at, tries, sent_at) "
        "SELECT id, 'antwoord', id, id, 'a' || id, gemeente, 'JW325', 'A' || id, 0, received_at,"
        " received_at, 1, received_at + 60 FROM inbox WHERE staat = 'klaar'",
        "INSERT INTO declaratie (id, partij_id, inbox_id, berichtcode, afzender, ontvanger,"
        " identificatie, header_dagtekening, basisschema_xsd_versie, bericht_xsd_versie,"
        " declaratienummer, begindatum, einddatum, dagtekening, totaal_bedrag, debet_credit,"
        " toegekend, regel_van, regel_tot, van_volgnr) "
        + numbers(":invoices")
        + f"SELECT i, p.id, i, '490', p.aanbieder, p.gemeente,"
        f" 'I' || i, {taal.day(received)}, '1', '1', 'D' || i, {begin}, {begin},"
        f" {taal.day(received)}, 200000, 'D', 165000, (i - 1) * {LINES}, i * {LINES}, i"
        f" FROM n {of_party} WHERE i % 500 <> 0",
        "INSERT INTO toewijzing (inbox_id, gemeente, wet, partij_id, bsn, bsn_hash, bekend_op,"
        " toewijzingnummer, productcategorie, productcode, toewijzingsdatum, toewijzingstijd,"
        " ingangsdatum, einddatum, volume, eenheid, frequentie, van_volgnr) "
        + numbers(":invoices")
        + f"SELECT :invoices + i, p.gemeente, 'jeugdwet', p.id, '999900006', {taal.padded('i')},"
        f" {begin}, 1000000 + i, '45', {pick('i', PRODUCTS)}, {begin}, '09:00:00', {begin},"
        f" CASE WHEN i % 4 <> 0 THEN {taal.day(f'{received} + 200 * 86400')} END, 4, '04', '2', 0"
        f" FROM n {of_party}",
        *(
            "INSERT INTO levering (soort, partij_id, bsn, bsn_hash, toewijzingnummer,"
            " productcategorie, productcode, toewijzing_ingangsdatum, begindatum, einddatum,"
            f" reden_beeindiging, status_aanlevering, van_volgnr) SELECT '{soort}', partij_id, bsn,"
            f" bsn_hash, toewijzingnummer, '45', productcode, ingangsdatum, ingangsdatum, {end},"
            f" '1', 0 FROM toewijzing WHERE toewijzingnummer % {missing} <> 0"
            for soort, end, missing in (("start", "NULL, NULL", 20), ("stop", "einddatum, '19'", 7))
        ),
        "INSERT INTO prestatie (id, partij_id, declaratie_id, bsn_hash, van_volgnr, volgnr, bsn,"
        " referentienummer, toewijzingnummer, productcategorie, productcode, begindatum, einddatum,"
        " geleverd_volume, eenheid, ingediend_bedrag, debet_credit, toegekend, retourcodes) "
        + numbers(":rows")
        + f"SELECT i, d.partij_id, d.id, {taal.padded('d.id')}, d.id, 1 + (i - 1) % {LINES},"
        " '999900006', 'R' || i, 1000000 + d.id, '45', '45A03', d.begindatum, d.einddatum, 1, '04',"
        f" 5000, 'D', CASE WHEN i % {2 * FOUND} = 0 THEN 0 ELSE 1 END,"
        f" CASE WHEN i % {2 * FOUND} = 0 THEN {pick(f'i / {FOUND}', CODES)} ELSE '' END"
        f" FROM n JOIN declaratie d ON d.id = 1 + (i - 1) / {LINES}",
        "INSERT INTO bevinding (inbox_id, van_volgnr, rule, retourcode, effect, klasse, pad,"
        " element, reference, found, expected, text, overeenkomst, versie, cel, ingediend, belang,"
        " regelnr, partij_id, productcode, toewijzingnummer, begindatum) "
        + numbers(":rows", FOUND)
        + f"SELECT b.id, b.id, CASE WHEN i % {2 * FOUND} = 0 THEN {pick(f'i / {FOUND}', REJECTED)}"
        f" ELSE {pick(f'i / {FOUND}', SIGNALLED)} END, CASE WHEN i % {2 * FOUND} = 0 THEN"
        f" {pick(f'i / {FOUND}', CODES)} END, CASE WHEN i % {2 * FOUND} = 0 THEN 'reject'"
        " WHEN b.staat = 'aangehouden' THEN 'hold' ELSE 'signal' END, 'Prestatie',"
        " '/Bericht/Declaratie/Clienten/Client[1]/Prestaties/Prestatie['"
        f" || (1 + (i - 1) % {LINES}) || ']', '',"
        " 'R' || i, '1', '2', 'Wat er met regel ' || i || ' aan de hand is, in een zin.',"
        f" 'afspraak', '1', 'cel-' || (i % {CELLS}), 5000, 5000 + i % 997, 1 + (i - 1) % {LINES},"
        f" {line}, '45A03', 1000000 + b.id, {taal.day('b.received_at')} FROM n JOIN inbox b"
        f" ON b.id = 1 + (i - 1) / {LINES}",
    ]
