"""How long every page takes with a million findings in the store, on the server."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from tests import postgres
from tests.benchmarks.verslag import Verslag, getal
from tests.benchmarks.werkvulling import FOUND, LINES, Vulling, fill, fill_decisions
from tests.opslag import POSTGRESQL, SOORTEN, SQLITE, is_sqlite, owner_of, running_on
from tests.web.huis import BEGIN
from tests.web.ronde import Pagina, Ronde, gevraagd, vol_huis

GROEP = "pagina's"
# The must of which a kind of store gives the figure: that of its slowest page.
SLEUTELS = {SQLITE: "pagina_ingebouwd", POSTGRESQL: "pagina_productie"}


@dataclass(frozen=True, slots=True)
class Maat:
    """How much is measured: invoices of 40 lines in the store, and times that a page is asked."""

    invoices: int
    rounds: int


def measure(verslag: Verslag, maat: Maat, soorten: Collection[str] = SOORTEN) -> None:
    """Fill a store of each kind, and ask for every page."""
    for soort in soorten:
        if soort == POSTGRESQL and postgres.found_server() is None:
            continue
        with running_on(soort), tempfile.TemporaryDirectory() as name:
            filled(verslag, soort, Path(name), maat)


def filled(verslag: Verslag, soort: str, folder: Path, maat: Maat) -> None:
    """Fill a store, let the gateway make its worklist, and measure."""
    vulling = Vulling(maat.invoices, BEGIN)
    with vol_huis(folder) as made:
        where = _where(soort, maat)
        begin = time.perf_counter()
        fill(owner_of(folder), vulling)
        verslag.detail(GROEP, f"{where}: vullen", time.perf_counter() - begin, "s")
        begin, cpu = time.perf_counter(), time.process_time()
        made.store.werkvolger.rebuild()
        took = time.perf_counter() - begin
        verslag.detail(GROEP, f"{where}: opnieuw maken", took, "s")
        took = time.process_time() - cpu
        verslag.detail(GROEP, f"{where}: opnieuw maken, gateway", took, "s rekentijd")
        fill_decisions(owner_of(folder), vulling)
        if soort == POSTGRESQL:
            postgres.tidy(owner_of(folder))
        asked(verslag, soort, Ronde(made, maat.invoices), maat, owner_of(folder))


def asked(verslag: Verslag, soort: str, ronde: Ronde, maat: Maat, owner: str) -> None:
    """Ask for every page of a store that is filled; its slowest one is the figure."""
    where, medians, most = _where(soort, maat), [], 0.0
    for pagina in ronde.paginas():
        times, cpu, questions = _times(ronde, pagina, maat.rounds, owner)
        medians.append(median(times))
        most = max(most, questions)
        last = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        name = f"{where}: {pagina.naam}"
        verslag.detail(GROEP, f"{name}, mediaan", median(times), "ms")
        verslag.detail(GROEP, f"{name}, p95", last, "ms")
        verslag.detail(GROEP, f"{name}, rekentijd", cpu, "ms")
        verslag.detail(GROEP, f"{name}, vragen", questions, "per pagina")
    verslag.cijfer(SLEUTELS[soort], max(medians))
    verslag.cijfer("vragen_per_pagina", most)


def _times(
    ronde: Ronde, pagina: Pagina, rounds: int, owner: str
) -> tuple[list[float], float, float]:
    """Milliseconds of every time, those of a core in the gateway and the database, and questions.

    The first time is not counted: it makes what is kept, and counts aside.
    """
    who = ronde.bezoeker(pagina.wie)
    pagina.ask(who)
    ronde.wait_for_counts()
    times = []
    begin = _cpu(owner)
    with gevraagd(ronde.made) as sent:
        for _ in range(rounds):
            start = time.perf_counter()
            answer = pagina.ask(who)
            times.append((time.perf_counter() - start) * 1_000)
            assert answer.status_code == 200, (pagina, answer.status_code)
    return times, (_cpu(owner) - begin) * 1_000 / rounds, len(sent) / rounds


def _cpu(owner: str) -> float:
    """Seconds of a core that this process took, and the database for it."""
    return time.process_time() + (0.0 if is_sqlite() else postgres.cpu_of(owner))


def _where(soort: str, maat: Maat) -> str:
    return f"{soort}, {getal(maat.invoices * LINES // FOUND)} bevindingen"
