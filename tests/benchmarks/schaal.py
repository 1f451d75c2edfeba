"""What 342 municipalities on one installation need, derived from what was measured.

The assumptions are data: `schaal.toml`.  The busiest hour is simulated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, log
from pathlib import Path
from random import Random

from gateway.broker.pauzes import SHORTEST
from tests.benchmarks import groot, klein, latentie
from tests.benchmarks.verbruik import DATABASE, DISK
from tests.benchmarks.verslag import Verslag, getal
from tests.benchmarks.wachtrij import Bericht, Bezetting, Regels, Verloop, simulate

AANNAMES = Path(__file__).with_name("schaal.toml")
HOUR, MONTHS = 3600.0, 12
# Invoices differ a lot: most are small, and one in a hundred has hundreds of lines.
SEED, SPREAD = 1, 1.2
NAMES = {
    "gemeenten": "gemeenten",
    "aanbieders_per_gemeente": "aanbieders per gemeente",
    "regels": "declaratieregels per maand",
    "andere": "andere berichten per maand",
    "regels_per_declaratie": "regels per declaratie",
    "drukste_dag_declaraties": "deel van de declaraties op de drukste dag",
    "drukste_dag_andere": "deel van de andere berichten op de drukste dag",
    "drukste_uur": "deel van een dag in het drukste uur",
    "bezetting": "bezetting van workers in het drukste uur, hoogstens",
    "bezetting_storing": "bezetting als een zone uitvalt, hoogstens",
    "zones": "zones",
    "verbindingen_per_worker": "verbindingen per worker",
    "verbindingen_overig": "verbindingen van relay, web en beheer samen",
}
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Kosten:
    """What a message, and a line of it, takes: seconds of a worker, of the database, bytes."""

    bericht: float
    regel: float
    database_bericht: float
    database_regel: float
    bytes_bericht: float
    bytes_regel: float


@dataclass(frozen=True, slots=True)
class Uur:
    """What comes in one hour."""

    declaraties: float
    regels: float
    andere: float

    @property
    def berichten(self) -> float:
        """Invoices and others together."""
        return self.declaraties + self.andere

    def times(self, factor: float) -> Uur:
        """So many times as much."""
        return Uur(self.declaraties * factor, self.regels * factor, self.andere * factor)

    def werk(self, kosten: Kosten) -> float:
        """Seconds of a worker."""
        return self.berichten * kosten.bericht + self.regels * kosten.regel

    def database(self, kosten: Kosten) -> float:
        """Seconds of a core of the database."""
        return self.berichten * kosten.database_bericht + self.regels * kosten.database_regel


def read_aannames() -> dict[str, float]:
    """What is assumed, by name."""
    with AANNAMES.open("rb") as stream:
        return tomllib.load(stream)


def tables(verslag: Verslag) -> Mapping[str, Table]:
    """The tables of the page, by the name of their place."""
    aannames, kosten = read_aannames(), kosten_of(verslag)
    uur = drukste_uur(aannames)
    workers = workers_for(uur, kosten, aannames)
    return {
        "aannames": (
            ("aanname", "waarde"),
            [(NAMES[name], getal(waarde)) for name, waarde in aannames.items()],
        ),
        "nodig": (("wat", "hoeveel"), _needs(uur, kosten, aannames, workers)),
        "verloop": (
            ("wat er is", "p50", "p99", "langste wachtrij", "klaar na dat uur"),
            _runs(uur, kosten, aannames, workers),
        ),
        "controle": (("", "gemeten", "gesimuleerd", "verschil"), _checked(verslag)),
    }


def kosten_of(verslag: Verslag) -> Kosten:
    """What was measured in production; a line of a large invoice, a small message as a whole."""
    own, large = klein.GROEP, groot.GROEP
    return Kosten(
        bericht=1 / verslag.waarde(own, klein.name_of(1)),
        regel=verslag.waarde(large, groot.PRODUCTIE) / 1_000_000,
        database_bericht=verslag.waarde(own, f"{DATABASE}, per bericht") / 1_000_000,
        database_regel=verslag.waarde(large, f"{DATABASE}, per regel") / 1_000_000,
        bytes_bericht=verslag.waarde(own, f"{DISK}, per bericht"),
        bytes_regel=verslag.waarde(large, f"{DISK}, per regel"),
    )


def drukste_uur(aannames: Mapping[str, float]) -> Uur:
    """What comes in the busiest hour of a month."""
    regels = aannames["regels"] * aannames["drukste_dag_declaraties"] * aannames["drukste_uur"]
    andere = aannames["andere"] * aannames["drukste_dag_andere"] * aannames["drukste_uur"]
    return Uur(regels / aannames["regels_per_declaratie"], regels, andere)


def workers_for(uur: Uur, kosten: Kosten, aannames: Mapping[str, float]) -> int:
    """How many workers: enough as a rule, and enough while a zone is away; the same per zone."""
    zones = int(aannames["zones"])
    werk = uur.werk(kosten) / HOUR
    always = werk / aannames["bezetting"]
    without_one = werk / aannames["bezetting_storing"] * zones / (zones - 1)
    return zones * ceil(max(always, without_one) / zones)


def _needs(
    uur: Uur, kosten: Kosten, aannames: Mapping[str, float], workers: int
) -> list[tuple[str, ...]]:
    month = Uur(
        aannames["regels"] / aannames["regels_per_declaratie"],
        aannames["regels"],
        aannames["andere"],
    )
    year = MONTHS * (month.berichten * kosten.bytes_bericht + month.regels * kosten.bytes_regel)
    connections = workers * aannames["verbindingen_per_worker"] + aannames["verbindingen_overig"]
    return [
        ("werk van een hele maand, voor één worker", f"{getal(month.werk(kosten) / HOUR)} uur"),
        ("berichten in het drukste uur", f"{getal(uur.berichten / HOUR)} per seconde"),
        ("declaratieregels in het drukste uur", f"{getal(uur.regels / HOUR)} per seconde"),
        ("werk in het drukste uur", f"{getal(uur.werk(kosten) / HOUR)} workers aan één stuk"),
        ("workers, gelijk verdeeld over de zones", getal(workers)),
        ("kernen van PostgreSQL in het drukste uur", getal(uur.database(kosten) / HOUR)),
        ("verbindingen met PostgreSQL", getal(connections)),
        ("groei van de opslag in een jaar", f"{getal(year / 1e9)} GB"),
    ]


def _runs(
    uur: Uur, kosten: Kosten, aannames: Mapping[str, float], workers: int
) -> list[tuple[str, ...]]:
    zones = int(aannames["zones"])
    left = workers - workers // zones
    usual = f"het drukste uur, {workers} workers"
    outage = [Bezetting(0, workers), Bezetting(HOUR / 4, left)]
    relay = Regels(tik=SHORTEST)
    day = uur.times(1 / aannames["drukste_uur"])
    cases = {
        usual: (uur, [Bezetting(0, workers)]),
        f"{usual}, na een kwartier valt een zone uit": (uur, outage),
        "het drukste uur, 1 worker": (uur, [Bezetting(0, 1)]),
        f"de drukste dag in één uur, {workers} workers": (day, [Bezetting(0, workers)]),
        "de drukste dag in één uur, 1 worker": (day, [Bezetting(0, 1)]),
    }
    return [
        (name, *_told(simulate(arrivals(offered, kosten, aannames), bezetting, relay)))
        for name, (offered, bezetting) in cases.items()
    ]


def _told(verloop: Verloop) -> tuple[str, ...]:
    p50, p99 = latentie.percentiles(verloop.tijden)
    return (
        duur(p50 / 1000),
        duur(p99 / 1000),
        getal(verloop.langste_rij),
        duur(max(0.0, verloop.einde - HOUR)),
    )


def duur(seconds: float) -> str:
    """A time in the unit that people use for it."""
    for unit, length in (("uur", HOUR), ("min", 60.0), ("s", 1.0)):
        if seconds >= length:
            return f"{getal(seconds / length)} {unit}"
    return f"{getal(seconds * 1000)} ms"


def arrivals(uur: Uur, kosten: Kosten, aannames: Mapping[str, float]) -> Iterator[Bericht]:
    """What comes in an hour, at moments and of lengths that are up to chance.

    The messages of a provider to a municipality are a pair; which one sends is up to chance too.
    """
    rng = Random(SEED)
    paren = int(aannames["gemeenten"] * aannames["aanbieders_per_gemeente"])
    share = uur.declaraties / uur.berichten
    middle = log(aannames["regels_per_declaratie"]) - SPREAD**2 / 2
    moment = rng.expovariate(uur.berichten / HOUR)
    while moment < HOUR:
        lines = rng.lognormvariate(middle, SPREAD) if rng.random() < share else 0.0
        yield Bericht(moment, rng.randrange(paren), kosten.bericht + lines * kosten.regel)
        moment += rng.expovariate(uur.berichten / HOUR)


def _checked(verslag: Verslag) -> list[tuple[str, ...]]:
    rows = []
    for name in ("p50", "p99"):
        measured = verslag.waarde(latentie.GROEP, f"productie, {name}")
        simulated = verslag.waarde(latentie.GROEP, f"gesimuleerd, {name}")
        difference = f"{getal(100 * (simulated - measured) / measured)} %"
        rows.append((name, duur(measured / 1000), duur(simulated / 1000), difference))
    return rows
