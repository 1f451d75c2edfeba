"""Every page of a full store asks few questions, and looks only at what it shows.

A page is asked for as a browser does; what it sends to the database meanwhile is caught and looked
at: how many questions there are, and by which steps each is answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gateway.web.paginas import PADEN
from tests import postgres
from tests.benchmarks.werkvulling import LINES, Vulling, fill, fill_decisions
from tests.integration.test_plannen import steps_of
from tests.opslag import SOORTEN, is_sqlite, owner_of, running_on
from tests.web.huis import BEGIN
from tests.web.ronde import EVERYWHERE, NO_PAGES, Pagina, Ronde, gevraagd, vol_huis

INVOICES = 2_500
# What a page may ask; a list of fifty rows that asks something for each of them asks more.
QUESTIONS = 25
# A page has fifty rows, of each municipality the first ones are looked at, and some questions are
# asked per row or per line of one invoice.
MOST = 50 * LINES
# One row per cause, per provider and month, per decision, per user, per kind of message that is
# frozen: adding them up, or going through them from the last one on, is the question.  `eigen` are
# the assignments of one client.
SMALL = (
    *("oorzaak", "maandstand", "oordeelstand", "partij", "besluit", "eigen"),
    *("gebruiker", "sleutel", "herstel", "archief", "kennis", "bevriezing"),
    # The payments of the lines on a page, and the balances that payments went on in.
    *("vast", "weg"),
    # A row per provider of the region, and per name and code of it.
    *("aanbieder", "aanbieder_naam", "aanbieder_agb", "aanbieder_overgang", "onderaannemer"),
)
# Indexes of what is not settled: a queue is as long as what waits, not as the store.
QUEUES = ("inbox_werk", "outbox_wachtend", "werk_wachtrij")
# Gone through in the order in which it is shown, and no further than that.
IN_ORDER = ("verwerking USING INDEX", "verwerking USING COVERING INDEX")
SCAN = re.compile(r"SCAN (\w+.*)$")
NO_TABLE = re.compile(r"CONSTANT ROW|json_each|\(subquery-\d+\)|anon_\d+|binnen$")


@pytest.fixture(scope="module", params=SOORTEN)
def ronde(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ronde]:
    """A gateway on a full store whose worklist was made, and on which people decided."""
    folder = tmp_path_factory.mktemp("vol")
    with running_on(request.param), ExitStack() as stack:
        made = stack.enter_context(vol_huis(folder))
        if not is_sqlite():
            # It could count while the store is half full, and remember that.
            stack.enter_context(postgres.uncounted(owner_of(folder)))
        vulling = Vulling(INVOICES, BEGIN)
        fill(owner_of(folder), vulling)
        made.store.werkvolger.rebuild()
        fill_decisions(owner_of(folder), vulling)
        yield Ronde(made, INVOICES)


def test_the_round_has_every_page(ronde: Ronde) -> None:
    pages = {pad.path for pad in PADEN if pad.method == "GET"}
    assert pages - NO_PAGES == {pagina.pad for pagina in ronde.paginas()}
    assert pages >= NO_PAGES


def test_every_page_asks_few_questions_and_looks_only_at_what_it_shows(ronde: Ronde) -> None:
    too_many, too_much = {}, {}
    for pagina in ronde.paginas():
        sent = asked(ronde, pagina)
        if len(sent) > QUESTIONS:
            too_many[pagina.naam] = len(sent)
        if found := [one for told in sent for one in looked_at_too_much(ronde, *told)]:
            too_much[pagina.naam] = found
    assert ({}, {}) == (too_many, too_much)


def test_the_fill_is_large_enough_to_tell(ronde: Ronde) -> None:
    assert INVOICES > MOST
    assert ronde.made.store.werkvoorraad.totaal(EVERYWHERE).bevindingen > 5 * MOST
    pages = {pagina.naam: pagina for pagina in ronde.paginas()}
    full = ("berichten", "toewijzingen", "verzoeken, alle", "aanbieders", "logboek", "besluiten")
    for naam in full:
        who = ronde.bezoeker(pages[naam].wie)
        assert 'rel="next"' in pages[naam].ask(who).text, naam


def asked(ronde: Ronde, pagina: Pagina) -> list[tuple[str, object]]:
    """What a page asks of the store: each question with its values."""
    who = ronde.bezoeker(pagina.wie)
    with gevraagd(ronde.made) as sent:
        answer = pagina.ask(who)
    assert 200 == answer.status_code, pagina
    return sent


def looked_at_too_much(ronde: Ronde, statement: str, values: object) -> list[str]:
    """The steps of a question that go through more rows than a page may need."""
    if not statement.startswith(("SELECT", "WITH")) or " FROM " not in statement.replace("\n", " "):
        return []
    with ronde.made.store.database.snapshot(EVERYWHERE.scope) as connection:
        if is_sqlite():
            told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            scans = [found[1] for *_, step in told if (found := SCAN.match(step))]
            return [one for one in scans if not is_allowed(one)]
        looked_at: Counter[str] = Counter()
        for step, rows in steps_of(connection, statement, values):
            looked_at[step.split(" (")[0].rsplit(" ", 1)[-1]] += rows
    return [f"{where} {rows}" for where, rows in looked_at.items() if is_too_much(where, rows)]


def is_allowed(scan: str) -> bool:
    is_queue = any(one in scan for one in QUEUES)
    return is_queue or scan.startswith((*SMALL, *IN_ORDER)) or NO_TABLE.match(scan) is not None


def is_too_much(where: str, rows: int) -> bool:
    """Whether a question goes through more rows of a table or index than a page may need."""
    return bool(where) and rows > MOST and not where.startswith(SMALL)
