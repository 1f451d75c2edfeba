"""What stands around the invoices of a full store: other messages, requests, the log, decisions.

The message of an assignment has the number of its invoice and once as many, its retour twice, the
message with the start three times; requests come after those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.benchmarks.vultaal import Vultaal, numbers

# One in so many: invoices with a request, that came with a message that was parked, that are not
# sent, and causes that were decided on.
REQUESTED, PARKED, UNSENT, DECIDED = 10, 500, 1_000, 20
# Days of which the log is told.
LOG_DAYS = 300


@dataclass(frozen=True, slots=True)
class _Soort:
    """A kind of messages: which numbers they have, and how long before its invoice it came in."""

    code: str
    naam: str
    block: int
    days_before: int
    is_own: bool
    every: int = 1


_SOORTEN = (
    _Soort("436", "JW301", 1, 40, True),
    _Soort("437", "JW302", 2, 39, False),
    _Soort("438", "JW305", 3, 29, False),
    _Soort("446", "JW315", 4, 50, False, REQUESTED),
)


def around(taal: Vultaal) -> list[str]:
    """The statements that put it in, once the invoices are there."""
    return [
        *(_messages(taal, one) for one in _SOORTEN),
        "UPDATE inbox SET heen_id = id - :invoices WHERE berichtcode = '437'",
        "INSERT INTO outbox (id, soort, inbox_id, volgnr, naam, gemeente, berichttype,"
        " identificatie, stukken, created_at, next_at, tries, sent_at, reden) "
        "SELECT id, 'antwoord', id, id, 'a' || id, gemeente, CASE WHEN berichtcode = '436'"
        " THEN 'JW301' WHEN berichtcode = '438' THEN 'JW306' ELSE 'JW316' END, 'A' || id, 0,"
        f" received_at, received_at, 1, CASE WHEN id % {UNSENT} <> 0 THEN received_at + 60 END,"
        f" CASE WHEN id % {UNSENT} = 0 THEN 'de ontvanger geeft geen antwoord' END"
        " FROM inbox WHERE berichtcode IN ('436', '438', '446')",
        _parked(),
        _requests(taal),
        _log(taal),
    ]


def _messages(taal: Vultaal, soort: _Soort) -> str:
    received = f":now - (:invoices - i) * :step - {soort.days_before} * 86400"
    parties = ("p.gemeente", "p.aanbieder") if soort.is_own else ("p.aanbieder", "p.gemeente")
    identification = f"'{soort.naam}-' || i"
    outcome = taal.blob(
        f'\'{{"verdict":"accepted","berichttype":"{soort.naam}","wet":"jeugdwet","afzender":"\''
        f' || {parties[0]} || \'","ontvanger":"\' || {parties[1]} || \'","gemeente":"\''
        f' || p.gemeente || \'","identificatie":"\' || {identification} || \'"}}\''
    )
    return (
        "INSERT INTO inbox (id, naam, ontvanger, sha256, paar, grootte, stukken, received_at,"
        " staat, tries, next_at, finished_at, volgnr, van_volgnr, verdict, berichtcode, gemeente,"
        " afzender, identificatie, uitkomst, beantwoord) "
        + numbers(":invoices")
        + f"SELECT :invoices * {soort.block} + i, '{soort.naam}-' || i, {parties[1]},"
        f" '{soort.naam}-' || i, p.gemeente || '-' || p.aanbieder, 1, 0, {received}, 'klaar', 1,"
        f" {received}, {received}, :invoices * {soort.block} + i, :invoices * {soort.block} + i,"
        f" 'accepted', '{soort.code}', p.gemeente, {parties[0]}, {identification}, {outcome},"
        " CASE WHEN i % 100 = 0 THEN 0 ELSE 1 END FROM n JOIN partij p"
        f" ON p.id = (SELECT min(id) FROM partij) + i % :parties WHERE i % {soort.every} = 0"
    )


def _parked() -> str:
    """Messages that could not be judged, for one of three reasons."""
    return (
        "INSERT INTO inbox (id, naam, ontvanger, sha256, paar, grootte, stukken, received_at,"
        " staat, tries, next_at, finished_at, verdict, gemeente, afzender, reden) "
        "SELECT :invoices * 5 + id, 'p' || id, gemeente, 'p' || id, paar, 1, 0, received_at,"
        " 'geparkeerd', 3, received_at, received_at, 'parked', gemeente, afzender,"
        " 'de opslag weigert een gegeven (' || id % 3 || ')'"
        f" FROM inbox WHERE berichtcode = '490' AND id % {PARKED} = 1"
    )


def _requests(taal: Vultaal) -> str:
    """Those of the last weeks are open."""
    day = taal.day("b.received_at")
    return (
        "INSERT INTO verzoek (partij_id, inbox_id, soort, referentie_aanbieder, bsn, bsn_hash,"
        " toewijzingnummers, dagtekening, ontvangen_op, termijn, staat, onderzocht, van_volgnr)"
        f" SELECT p.id, b.id, '315', 'V' || b.id, '999900006',"
        f" {taal.padded('b.id - :invoices * 4')}, '', {day}, {day},"
        f" {taal.day('b.received_at + 56 * 86400')},"
        " CASE WHEN b.received_at > :now - 80 * 86400 THEN 'open' ELSE 'toegekend' END, 0, b.id"
        " FROM inbox b JOIN partij p ON p.gemeente = b.gemeente AND p.wet = 'jeugdwet'"
        " AND p.aanbieder = b.afzender WHERE b.berichtcode = '446'"
    )


def _log(taal: Vultaal) -> str:
    attributes = {
        "dpl.nen7513.eventTypeCode": "R",
        "dpl.nen7513.users": [
            {
                "userID": "bram",
                "userName": "Bram",
                "roleIDCode": ["lezer"],
                "purposeOfUse": "",
                "networkAccessPointID": "",
            }
        ],
    }
    # A colon would be taken for a value that goes in.
    told = json.dumps(attributes).replace(":", "\\:")
    return (
        "INSERT INTO verwerking (dag, nr, trace_id, span_id, status_code, name, start_time,"
        " end_time, resource, attributes, gemeente, wie, betrokkene, vorige, hash) "
        + numbers(":invoices")
        + f"SELECT {taal.day(f':now - (1 + i % {LOG_DAYS}) * 86400')}, 1 + i / {LOG_DAYS}, '0',"
        f" '0', 1, 'regel bekijken', 0, 0, '{{}}', '{told}',"
        f" p.gemeente, 'bram', {taal.padded('i')}, '', '' FROM n JOIN partij p"
        " ON p.id = (SELECT min(id) FROM partij) + i % :parties"
    )


def decided(_taal: Vultaal) -> list[str]:
    """The statements by which people have decided; one finding of a cause is proposed on."""
    return [
        "INSERT INTO besluit (gemeente, oorzaak_id, soort, staat, wie, naam, reden, aantal, bedrag,"
        " gemaakt_at) SELECT gemeente, id, 'afgehandeld', CASE WHEN id % 200 = 0"
        " THEN 'voorgesteld' ELSE 'ingetrokken' END, 'bram', 'Bram', 'besproken', 1, belang,"
        f" :now - id FROM oorzaak WHERE id % {DECIDED} = 0",
        "INSERT INTO besluit_post (besluit_id, inbox_id, rule, onderwerp, gemeente, bevinding_id,"
        " regelnr, reference, belang, telt) SELECT b.id, w.inbox_id, w.rule, w.onderwerp,"
        " w.gemeente, w.bevinding_id, w.regelnr, w.reference, w.belang,"
        " CASE WHEN b.staat = 'voorgesteld' THEN 1 ELSE 0 END FROM besluit b JOIN werkpost w"
        " ON w.bevinding_id = (SELECT min(bevinding_id) FROM werkpost"
        " WHERE oorzaak_id = b.oorzaak_id)",
        "INSERT INTO werklog (gemeente, at, wie, naam, soort, tekst, oorzaak_id, besluit_id)"
        " SELECT gemeente, gemaakt_at, wie, naam, staat, reden, oorzaak_id, id FROM besluit",
    ]
