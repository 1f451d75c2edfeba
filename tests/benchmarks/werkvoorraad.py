"""How long the pages of the worklist take with a million findings in the store, on the server."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import event

from gateway.config import Settings
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests import postgres
from tests.benchmarks.verslag import Verslag, getal
from tests.benchmarks.werkvulling import GEMEENTEN, LINES, Vulling, fill
from tests.opslag import POSTGRESQL, SQLITE, owner_of, running_on
from tests.web.huis import BEGIN, Bezoeker, Huis, huis

GROEP = "werkvoorraad"
CAUSE = re.compile(r'href="(/werkvoorraad/[^"?]+)"')
NEXT = re.compile(r'href="([^"]+)" rel="next"')
LINE = re.compile(r'href="(/regels/[^"]+)"')
INVOICE = re.compile(r'href="(/declaraties/[^"?]+)')
PROVIDER = re.compile(r'href="(/aanbieders/\d+)"')
GAP = re.compile(r'href="(/verschillen[^"]+)"')


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: invoices of 40 lines in the store, and times that a page is asked."""

    invoices: int
    rounds: int


def measure(verslag: Verslag, maat: Maat) -> None:
    """Fill a store of each kind, and ask for every page in turns."""
    soorten = [SQLITE] if postgres.found_server() is None else [SQLITE, POSTGRESQL]
    for soort in soorten:
        with running_on(soort), tempfile.TemporaryDirectory() as name:
            _measure(verslag, soort, Path(name), maat)


def _measure(verslag: Verslag, soort: str, folder: Path, maat: Maat) -> None:
    settings = Settings(gemeenten=GEMEENTEN, port=0)
    with huis(folder, settings) as made:
        fill(owner_of(folder), Vulling(maat.invoices, BEGIN))
        begin = time.perf_counter()
        made.store.werkvolger.rebuild()
        seconds = time.perf_counter() - begin
        if soort == POSTGRESQL:
            postgres.count_again(owner_of(folder))
        findings = maat.invoices * LINES // 3
        where = f"{soort}, {getal(findings)} bevindingen"
        verslag.detail(GROEP, f"{where}: opnieuw maken", seconds, "s")
        made.maak("anna", {ALLE: {Rol.BEOORDELAAR}})
        made.maak("bram", {GEMEENTEN[0]: {Rol.BEOORDELAAR}})
        for wie in ("anna", "bram"):
            anna = made.bezoeker(wie)
            for naam, path in _pages(anna).items():
                _page(verslag, f"{where}: {naam} ({wie})", made, anna, path, maat.rounds)


def _page(verslag: Verslag, naam: str, made: Huis, who: Bezoeker, path: str, rounds: int) -> None:
    times = []
    with counted(made) as queries:
        for _ in range(rounds):
            begin = time.perf_counter()
            response = who.client.get(path)
            times.append((time.perf_counter() - begin) * 1_000)
            assert response.status_code == 200, (path, response.status_code)
    last = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    verslag.detail(GROEP, f"{naam}, mediaan", median(times), "ms")
    verslag.detail(GROEP, f"{naam}, p95", last, "ms")
    verslag.detail(GROEP, f"{naam}, opdrachten", queries[0] / rounds, "per pagina")


def _pages(who: Bezoeker) -> dict[str, str]:
    """A page of each kind, found as somebody would who clicks."""
    worklist = who.get("/werkvoorraad").text
    cause = CAUSE.findall(worklist)[0]
    posts = who.get(cause).text
    line = LINE.findall(posts)[0]
    today = who.get("/vandaag").text
    return {
        "vandaag": "/vandaag",
        "verschil": GAP.findall(today)[0].replace("&amp;", "&"),
        "werkvoorraad": "/werkvoorraad",
        "werkvoorraad, blad 2": NEXT.findall(worklist)[0].replace("&amp;", "&"),
        "werkvoorraad, gefilterd": "/werkvoorraad?gemeente=0193&rule=TR339&volgorde=leeftijd",
        "werkvoorraad, termijn": "/werkvoorraad?volgorde=termijn&stand=aangehouden",
        "oorzaak": cause,
        "regel": line,
        "declaratie": INVOICE.findall(who.get(line).text)[0],
        "besluiten": "/besluiten",
        "aanbieders": "/aanbieders",
        "aanbieder": PROVIDER.findall(who.get("/aanbieders").text)[0],
        "overeenkomsten": "/overeenkomsten",
        "fouten": "/fouten",
        "sturing": "/sturing",
    }


@contextmanager
def counted(made: Huis) -> Iterator[list[int]]:
    """How many statements go to the database meanwhile."""
    engine, found = made.store._ground.database.engine, [0]

    def listen(*_: object) -> None:
        found[0] += 1

    event.listen(engine, "before_cursor_execute", listen)
    yield found
    event.remove(engine, "before_cursor_execute", listen)
