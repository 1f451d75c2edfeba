"""The pages of the worklist ask for what they show, however much stands in the store.

Each is asked of a store with far more rows than a page can hold; what it sends to the database is
caught and looked at: by which steps it is answered, and how many questions there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gateway.store.inzage.aanbieders import Aanbiedersinzage, Venster
from gateway.store.inzage.afwijzingen import Afwijzingfilter
from gateway.store.inzage.clienten import beeld_van
from gateway.store.inzage.meting import meet
from gateway.store.inzage.stilstand import Stilstand
from gateway.store.inzage.vandaag import Verschil, Verschilfilter
from gateway.store.store import SqlStore
from gateway.store.werk.voorraad import Filter
from gateway.toegang.wie import Bereik
from tests import postgres
from tests.benchmarks.werkvulling import GEMEENTEN, LINES, PROVIDERS, Vulling, fill
from tests.integration.store_builders import BEGIN, Klok, new_store
from tests.integration.test_plannen import steps_of
from tests.opslag import SOORTEN, is_sqlite, owner_of, running_on

INVOICES = 1_500
# A page has fifty rows, and some questions are asked per row or per line of one invoice.
MOST = 25 * LINES
# One row per cause, or per provider and month: adding them up is the question.  Decisions are gone
# through from the last one on.  `eigen` are the assignments of one client, `binnen` what came in
# today, `gevonden` what did not come in the days that are looked back.
# `vast` are payments of the lines on a page, `weg` the balances that payments went on in.
# `werk_wachtrij` is what the worklist did not look at yet: who counts it stops after so many.
SMALL = (
    "oorzaak",
    "maandstand",
    "oordeelstand",
    "partij",
    "besluit",
    "eigen",
    "binnen",
    "gevonden",
    "vast",
    "weg",
    "werk_wachtrij",
    "achter",
    "aflevering",
    "dood",
)
WHOLE_TABLE = re.compile(r"SCAN (\w+)$")
HERE = Bereik(frozenset({"0193"}))
EVERYWHERE = Bereik(frozenset(GEMEENTEN))
NUMBER = 777
AGB = "70000014"
OWN = Bereik(frozenset(GEMEENTEN), AGB)
KWARTAALDAGEN = (BEGIN - timedelta(days=90)).date(), BEGIN.date()
KWARTAAL = Venster("2020-01", "2020-01", f"{BEGIN:%Y-%m}")


@dataclass(frozen=True, slots=True)
class Vraag:
    """A read for a page, and how many questions it may ask."""

    read: Callable[[SqlStore], object]
    most: int


def cause(store: SqlStore) -> int:
    return store.werkvoorraad.oorzaken(EVERYWHERE).rijen[0].nummer


def second_page(store: SqlStore) -> object:
    place = store.werkvoorraad.oorzaken(EVERYWHERE).volgende
    assert place is not None
    return store.werkvoorraad.oorzaken(EVERYWHERE, na=place)


def month(store: SqlStore) -> object:
    one = gap(store)
    found = store.vandaag.uitsplitsing(EVERYWHERE, one.partijen, one.maand)
    assert found is not None
    assert found.verschil.afgewezen
    return found


def gap(store: SqlStore) -> Verschil:
    return store.vandaag.verschillen(EVERYWHERE, Verschilfilter(meer=False), 1).rijen[0]


def rejected_lines(store: SqlStore) -> object:
    found = store.vandaag.afgewezen(EVERYWHERE, gap(store), Afwijzingfilter("open"), 50)
    assert found.rijen
    return found


def providers(store: SqlStore) -> Aanbiedersinzage:
    return Aanbiedersinzage(store.database, {"490"})


def standstill(store: SqlStore) -> Stilstand:
    return Stilstand(store.database, EVERYWHERE.gemeenten)


def own_month(store: SqlStore) -> str:
    """A month in which the provider sent something."""
    return store.vandaag.maanden(OWN, "2020-01")[0].maand


VRAGEN = {
    "oorzaken": Vraag(lambda store: store.werkvoorraad.oorzaken(EVERYWHERE), 1),
    "oorzaken van een gemeente": Vraag(
        lambda store: store.werkvoorraad.oorzaken(HERE, Filter(rule="TR339"), "leeftijd"), 1
    ),
    "oorzaken op termijn": Vraag(
        lambda store: store.werkvoorraad.oorzaken(HERE, Filter(aangehouden=True), "termijn"), 1
    ),
    "tweede blad": Vraag(second_page, 2),
    "totaal": Vraag(lambda store: store.werkvoorraad.totaal(EVERYWHERE), 1),
    "keuzes": Vraag(lambda store: store.werkvoorraad.keuzes(EVERYWHERE), 1),
    "posten": Vraag(lambda store: store.werkvoorraad.posten(EVERYWHERE, cause(store)), 2),
    "posten naar leeftijd": Vraag(
        lambda store: store.werkvoorraad.posten(EVERYWHERE, cause(store), "leeftijd"), 2
    ),
    "posten van een bericht": Vraag(
        lambda store: store.werkvoorraad.posten_van(EVERYWHERE, NUMBER), 1
    ),
    "oorzaken van een bericht": Vraag(
        lambda store: store.werkvoorraad.oorzaken_van(EVERYWHERE, NUMBER), 1
    ),
    "cliënten": Vraag(lambda store: store.werkvoorraad.clienten(EVERYWHERE, list(range(1, 51))), 1),
    "besluiten": Vraag(lambda store: store.besluiteninzage.besluiten(EVERYWHERE), 1),
    "besluiten over een regel": Vraag(
        lambda store: store.besluiteninzage.besluiten_over(EVERYWHERE, NUMBER, 3), 1
    ),
    "declaratie": Vraag(lambda store: store.declaratiebladen.een(EVERYWHERE, NUMBER), 4),
    "regel": Vraag(lambda store: store.regelverhalen.een(EVERYWHERE, NUMBER, 6), 10),
    "drukte": Vraag(lambda store: store.vandaag.drukte(EVERYWHERE, BEGIN.date()), 3),
    "maanden": Vraag(lambda store: store.vandaag.maanden(EVERYWHERE, "2025-12"), 1),
    "maand van een aanbieder": Vraag(month, 5),
    "afgewezen regels van een maand": Vraag(rejected_lines, 5),
    "verschillen van een aanbieder": Vraag(
        lambda store: store.vandaag.verschillen(EVERYWHERE, Verschilfilter(aanbieder=AGB), 50), 1
    ),
    "maandoverzicht": Vraag(lambda store: store.maandoverzichten.van(OWN, own_month(store)), 3),
    "regels van een maand": Vraag(
        lambda store: store.maandoverzichten.regels(OWN, own_month(store), 50, toegekend=True), 2
    ),
    "aanbieders": Vraag(lambda store: providers(store).lijst(EVERYWHERE, KWARTAAL), 3),
    "maanden van een aanbieder": Vraag(
        lambda store: providers(store).maanden(EVERYWHERE, AGB, "2020-01"), 1
    ),
    "oordelen over een aanbieder": Vraag(
        lambda store: providers(store).oordelen(EVERYWHERE, AGB, "2020-01"), 1
    ),
    "oorzaken bij een aanbieder": Vraag(
        lambda store: providers(store).oorzaken(EVERYWHERE, AGB), 1
    ),
    "rekening van een aanbieder": Vraag(
        lambda store: providers(store).rekening(EVERYWHERE, AGB, 20), 2
    ),
    "aangehouden van een aanbieder": Vraag(
        lambda store: providers(store).aangehouden(EVERYWHERE, AGB), 1
    ),
    "alles van een cliënt": Vraag(
        lambda store: beeld_van(store.database, EVERYWHERE, f"{NUMBER:032}"), 6
    ),
    "wat stilstaat": Vraag(lambda store: standstill(store).groepen(EVERYWHERE, BEGIN), 3),
    "wat stilstaat, een blad": Vraag(
        lambda store: standstill(store).zoek(EVERYWHERE, "geparkeerd", BEGIN, 50), 1
    ),
    "wat uitbleef": Vraag(
        lambda store: (
            store.termijnen.within(EVERYWHERE).zonder_start(*KWARTAALDAGEN),
            store.termijnen.within(EVERYWHERE).zonder_stop(*KWARTAALDAGEN),
            store.termijnen.within(EVERYWHERE).onbeantwoord(["436"], KWARTAALDAGEN[0]),
        ),
        3,
    ),
    "wat een bewaker ziet": Vraag(
        lambda store: meet(store.database, ("antwoord", "event"), "2020-01", f"{BEGIN:%Y-%m}"), 10
    ),
    "verzoeken en berichten op de klok": Vraag(
        lambda store: (
            store.termijnen.within(EVERYWHERE).openstaand(),
            store.termijnen.within(EVERYWHERE).verzoeken(),
        ),
        2,
    ),
}


@pytest.fixture(scope="module", params=SOORTEN)
def vol(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    """A full store whose worklist was made."""
    folder = tmp_path_factory.mktemp("vol")
    with running_on(request.param), ExitStack() as stack:
        store = new_store(folder, Klok())
        stack.callback(store.close)
        if not is_sqlite():
            # It could count while the store is half full, and remember that.
            stack.enter_context(postgres.uncounted(owner_of(folder)))
        fill(owner_of(folder), Vulling(INVOICES, BEGIN))
        store.werkvolger.rebuild()
        if not is_sqlite():
            postgres.count_again(owner_of(folder))
        yield store


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.verzending.stand(),
        lambda store: meet(store.database, (), "2020-01", "2020-01"),
        lambda store: store.enveloppen.wacht_op_iemand(EVERYWHERE),
    ],
)
def test_envelopes_that_wait_are_found_without_all_that_left(
    tmp_path: Path, read: Callable[[SqlStore], object]
) -> None:
    with closing(new_store(tmp_path, Klok())) as store:
        asked = [one for one in caught(store, read) if "envelop.apart" in one[0]]
        with store.database.snapshot() as connection:
            steps = [
                step
                for statement, values in asked
                for *_, step in connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}", values
                )
                if "envelop" in step
            ]
    assert ["SEARCH envelop USING INDEX envelop_wacht (vervallen=?)"] == steps


@pytest.mark.parametrize("name", VRAGEN)
def test_a_page_looks_only_at_what_it_shows(vol: SqlStore, name: str) -> None:
    asked = caught(vol, VRAGEN[name].read)
    assert len(asked) <= VRAGEN[name].most
    with vol._ground.database.snapshot(EVERYWHERE.scope) as connection:
        for statement, values in asked:
            if is_sqlite():
                told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                scans = [WHOLE_TABLE.match(step) for *_, step in told]
                assert {one[1] for one in scans if one} <= {*SMALL}
            else:
                steps = list(steps_of(connection, statement, values))
                assert [] == [step for step in steps if is_too_much(*step)]


def is_too_much(step: str, rows: int) -> bool:
    """Whether a step goes through more rows of a table or index than a page may need."""
    where = step.split(" (")[0].rsplit(" ", 1)[-1]
    return bool(where) and rows > MOST and not where.startswith(SMALL)


def test_who_watches_over_it_sees_the_same_amounts_as_who_works_with_it(vol: SqlStore) -> None:
    eerste, laatste = "2020-01", f"{BEGIN:%Y-%m}"
    told = meet(vol.database, (), eerste, laatste).geld
    expected = [
        (one.maand, one.wet, one.toegekend, one.afgewezen)
        for one in vol.vandaag.maanden(EVERYWHERE, eerste)
        if one.maand <= laatste
    ]
    assert expected
    assert expected == sorted((one.maand, one.wet, one.toegekend, one.afgewezen) for one in told)


def test_the_fill_is_large_enough_to_tell(vol: SqlStore) -> None:
    assert INVOICES > MOST
    assert vol.werkvoorraad.totaal(EVERYWHERE).bevindingen > 10 * MOST
    assert len({one.oorzaak.aanbieder for one in vol.werkvoorraad.oorzaken(HERE).rijen}) > 1
    assert PROVIDERS * len(GEMEENTEN) < MOST
    assert None is not vol.regelverhalen.een(EVERYWHERE, NUMBER, 6)


def caught(store: SqlStore, read: Callable[[SqlStore], object]) -> list[tuple[str, Any]]:
    """What a read sends to the database: each statement with its values."""
    sent: list[tuple[str, Any]] = []

    def listen(*told: Any) -> None:
        if " FROM " in told[2].replace("\n", " "):
            sent.append((told[2], told[3]))

    engine = store._ground.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    read(store)
    event.remove(engine, "before_cursor_execute", listen)
    return sent
