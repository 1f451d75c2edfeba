"""Every figure that a process tells: of itself, and of the store where it looks after that.

No figure is about a client, a sender or a municipality, and no label has a value that comes from a
message: what is told does not grow with what comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple, TypeVar

import structlog
from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from gateway.errors import GatewayError
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.store.engine import MAX_OVERFLOW, POOL_SIZE, Database
from gateway.store.inzage.meting import Meting, meet
from gateway.store.tables import AANGEHOUDEN, BEZIG, GEPARKEERD, NIEUW
from gateway.tellers import BERICHT, GRENZEN, VERZENDING, Duur, Fasen, Tellers

# Invoices are of the month before, and some come later.
MAANDEN = 3
STATEN = (NIEUW, BEZIG, AANGEHOUDEN, GEPARKEERD)

log = structlog.get_logger()


class Cijfer(NamedTuple):
    """A figure: its name, what it tells, and its labels."""

    naam: str
    uitleg: str
    labels: tuple[str, ...] = ()


# Of each process.
POOL = Cijfer("gateway_pool_verbindingen", "Verbindingen met de opslag die nu in gebruik zijn")
POOL_MAX = Cijfer("gateway_pool_verbindingen_max", "Verbindingen met de opslag die er mogen zijn")
# Of each process that works.
FASE = Cijfer(
    "gateway_fase_seconds", "Hoe lang een stap van het werk duurt, per handvol berichten", ("fase",)
)
HERKANSINGEN = Cijfer(
    "gateway_herkansingen", "Hoe vaak iets niet lukte en later opnieuw gaat", ("soort",)
)
LUSSEN = Cijfer("gateway_lussen_hersteld", "Hoe vaak een lus omviel en opnieuw begon")
# Of the process that looks after the store.
BEREIKBAAR = Cijfer("gateway_opslag_bereikbaar", "1 als de opslag te lezen is, anders 0")
BERICHTEN = Cijfer("gateway_berichten", "Berichten die niet zijn afgehandeld", ("staat",))
WACHTRIJ = Cijfer(
    "gateway_wachtrij_oudste_seconds",
    "Hoe lang het eerste bericht dat aan de beurt is, al opgepakt had kunnen worden",
)
ONVERZONDEN = Cijfer("gateway_onverzonden", "Wat klaarstaat om weg te gaan", ("soort",))
ONVERZONDEN_OUDSTE = Cijfer(
    "gateway_onverzonden_oudste_seconds", "Hoe lang het eerste daarvan klaarstaat", ("soort",)
)
STILGEZET = Cijfer(
    "gateway_stilgezet",
    "Wat is geweigerd waar het heen ging, en wacht tot iemand het terugzet",
    ("soort",),
)
ENVELOPPEN_APART = Cijfer(
    "gateway_enveloppen_apart",
    "Enveloppen die zijn bevestigd en apart liggen, tot iemand ernaar keek",
    ("soort",),
)
WEBHOOKS_DOOD = Cijfer(
    "gateway_webhooks_dood",
    "Gebeurtenissen die niet bij een abonnement aankwamen, ten hoogste 10000",
)
TERMIJNEN = Cijfer("gateway_termijnen", "Eigen termijnen die lopen", ("termijn", "stand"))
TE_LAAT = Cijfer(
    "gateway_termijn_te_laat_dagen",
    "Hoeveel dagen de oudste eigen termijn te laat is",
    ("termijn",),
)
OORDELEN = Cijfer("gateway_oordelen", "Beoordeelde berichten van een maand", ("maand", "oordeel"))
EUROCENTEN = Cijfer(
    "gateway_declaraties_eurocent",
    "Wat over een maand is toegekend en afgewezen",
    ("maand", "wet", "uitkomst"),
)
ACHTER = Cijfer(
    "gateway_werkvoorraad_achter",
    "Berichten die de werkvoorraad nog moet bekijken, ten hoogste 10000",
)

VAN_ELK = (POOL, POOL_MAX)
VAN_WERK = (FASE, HERKANSINGEN, LUSSEN)
VAN_OPSLAG = (
    *(BEREIKBAAR, BERICHTEN, WACHTRIJ, ONVERZONDEN, ONVERZONDEN_OUDSTE, STILGEZET),
    *(ENVELOPPEN_APART, WEBHOOKS_DOOD, TERMIJNEN, TE_LAAT, OORDELEN, EUROCENTEN, ACHTER),
)

Labels = TypeVar("Labels", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bron:
    """Where the figures of a process come from.

    `tellers` are of a process that works, `soorten` of the one that looks after the store: what it
    sends away.
    """

    database: Database
    clock: Callable[[], datetime]
    tellers: Tellers | None = None
    soorten: Collection[str] | None = None


class Cijfers(Collector):
    """Gathers the figures at the moment that they are asked for."""

    def __init__(self, bron: Bron) -> None:
        self._bron = bron

    def collect(self) -> Iterable[Metric]:
        """See `Collector`."""
        bron, most = self._bron, POOL_SIZE + MAX_OVERFLOW
        in_gebruik = bron.database.in_gebruik
        yield _gauge(POOL, {(): in_gebruik})
        yield _gauge(POOL_MAX, {(): most})
        if bron.tellers is not None:
            yield from _of_werk(bron.tellers)
        # Who waits for a connection comes too late to tell that there is none.
        if bron.soorten is not None and in_gebruik < most:
            yield from self._of_opslag(bron.soorten)

    def describe(self) -> Iterable[Metric]:
        """See `Collector`: nothing is read to register."""
        return ()

    def _of_opslag(self, soorten: Collection[str]) -> Iterator[Metric]:
        now = self._bron.clock()
        vandaag = dag_van(now)
        eerste, laatste = month_before(vandaag, MAANDEN - 1), month_before(vandaag, 0)
        try:
            meting = meet(self._bron.database, soorten, eerste, laatste)
        except GatewayError as failure:
            log.warning("meten_later", reden=str(failure))
            yield _gauge(BEREIKBAAR, {(): 0})
            return
        yield _gauge(BEREIKBAAR, {(): 1})
        yield from _of_meting(meting, soorten, now.timestamp())
        yield from _of_termijnen(self._bron.tellers or Tellers())


def _of_werk(tellers: Tellers) -> Iterator[Metric]:
    """What a process counted of its own work."""
    histogram = HistogramMetricFamily(*FASE[:2], labels=FASE.labels)
    for one in fields(Fasen):
        duur: Duur = getattr(tellers.fasen, one.name)
        histogram.add_metric([one.name], _buckets(duur), duur.seconden)
    yield histogram
    tries = {(soort,): tellers.herkansingen[soort] for soort in (BERICHT, VERZENDING)}
    yield _counter(HERKANSINGEN, tries)
    yield _counter(LUSSEN, {(): tellers.lussen})


def _buckets(duur: Duur) -> list[tuple[str, float]]:
    """How many took no longer than each bound."""
    counted, total = [], 0
    bounds = [*map(str, GRENZEN), "+Inf"]
    for bound, count in zip(bounds, tuple(duur.klassen), strict=True):
        total += count
        counted.append((bound, float(total)))
    return counted


def _of_meting(meting: Meting, soorten: Collection[str], now: float) -> Iterator[Metric]:
    """What waits in the store, and what its months came to."""
    yield _gauge(BERICHTEN, {(staat,): meting.staten.get(staat, 0) for staat in STATEN})
    yield _gauge(WACHTRIJ, {(): _age(meting.aan_de_beurt_at, now)})
    waiting = {soort: meting.onverzonden.get(soort) for soort in sorted(soorten)}
    yield _gauge(
        ONVERZONDEN, {(soort,): one.aantal if one else 0 for soort, one in waiting.items()}
    )
    yield _gauge(
        ONVERZONDEN_OUDSTE,
        {(soort,): _age(one.oudste_at if one else None, now) for soort, one in waiting.items()},
    )
    yield _gauge(STILGEZET, {(soort,): meting.stilgezet.get(soort, 0) for soort in sorted(soorten)})
    yield _gauge(
        ENVELOPPEN_APART, {(soort,): count for soort, count in meting.enveloppen_apart.items()}
    )
    yield _gauge(WEBHOOKS_DOOD, {(): meting.webhooks_dood})
    yield _gauge(
        OORDELEN,
        {
            (one.maand, oordeel): count
            for one in meting.oordelen
            for oordeel, count in (
                ("goed", one.goed),
                ("deels", one.deels),
                ("afgewezen", one.afgewezen),
            )
        },
    )
    yield _gauge(
        EUROCENTEN,
        {
            (one.maand, one.wet, uitkomst): cents
            for one in meting.geld
            for uitkomst, cents in (("toegekend", one.toegekend), ("afgewezen", one.afgewezen))
        },
    )
    yield _gauge(ACHTER, {(): meting.werkvoorraad_achter})


def _of_termijnen(tellers: Tellers) -> Iterator[Metric]:
    """How our own terms stood at the last look at the clock."""
    termijnen = tellers.termijnen or {}
    standen = {
        (code, stand): count
        for code, one in termijnen.items()
        for stand, count in one.standen.items()
    }
    yield _gauge(TERMIJNEN, standen)
    yield _gauge(TE_LAAT, {(code,): one.dagen for code, one in termijnen.items()})


def _age(since: float | None, now: float) -> float:
    """How many seconds ago something was; zero for what is not, or still has to come."""
    return 0.0 if since is None else max(0.0, now - since)


def _gauge(cijfer: Cijfer, waarden: Mapping[Labels, float]) -> Metric:
    return _filled(GaugeMetricFamily(*cijfer[:2], labels=cijfer.labels), waarden)


def _counter(cijfer: Cijfer, waarden: Mapping[Labels, float]) -> Metric:
    return _filled(CounterMetricFamily(*cijfer[:2], labels=cijfer.labels), waarden)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, waarden: Mapping[Labels, float]
) -> Metric:
    for labels, value in waarden.items():
        family.add_metric(list(labels), value)
    return family
