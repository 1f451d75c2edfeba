"""The one place that wires: settings and data files become a running gateway."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from gateway import __version__
from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.inlezen import kennisstand_of
from gateway.messages.definition import Berichttypen
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.kennisstand import Kennisstand
from gateway.pipeline.klok import Klok
from gateway.pipeline.ports import Bestemming, Claim
from gateway.pipeline.process import Pipeline, Settled
from gateway.pipeline.settlement import Settlement
from gateway.tellers import Tellers

if TYPE_CHECKING:
    from gateway.broker.connection import Broker
    from gateway.broker.dood import Doodbak
    from gateway.broker.herstellus import Herstellus
    from gateway.broker.mutatielus import Mutatielus
    from gateway.broker.runtime import Loop, Runtime
    from gateway.broker.termijnwacht import Termijnwacht
    from gateway.broker.werklus import Werklus
    from gateway.network.ggk.inpakken import Inpakker
    from gateway.network.ggk.verbinding import Verbinding
    from gateway.store.opname import Opnemers
    from gateway.store.store import SqlStore

GC_YOUNG, GC_OLDER = 1_000_000, 50


def spare_the_collector() -> None:
    """Records hold no cycles, so looking for garbage among them again and again is lost time.

    What was loaded at start is never garbage; the collector leaves it alone from here on.
    """
    gc.freeze()
    gc.set_threshold(GC_YOUNG, GC_OLDER, GC_OLDER)


def broker_of(settings: Settings) -> Broker:
    """The broker of the settings; queues in memory are one process's, so each gets its own."""
    from gateway.broker.connection import Broker

    broker = Broker(settings.broker, settings.queue_prefix, settings.broker_ca)
    if broker.is_memory:
        return replace(broker, prefix=f"{settings.queue_prefix}{uuid4().hex}.")
    return broker


def doodbak_of(settings: Settings, types: Berichttypen) -> Callable[[], Doodbak] | None:
    """Opens what is dead; None where queues are in memory and nothing dies."""
    from gateway.broker.dood import Doodbak

    broker = broker_of(settings)
    return None if broker.is_memory else lambda: Doodbak(broker, partial(naam_of, types))


def naam_of(types: Berichttypen, root: str | None) -> str | None:
    """The message type of a root, None for any other."""
    kind = types.by_root(root) if root else None
    return None if kind is None else kind.naam


def verbinding_of(settings: Settings) -> Verbinding | None:
    """The connection to the network; None where others take envelopes there.

    Raises WrongUse for settings that do not go together.
    """
    if settings.ggk_url is None:
        if settings.ggk_certificaat or settings.ggk_sleutel or settings.ggk_ca:
            raise WrongUse("bij certificaten voor het netwerk hoort GATEWAY_GGK_URL")
        return None
    if settings.rol != "gemeente":
        raise WrongUse("GATEWAY_GGK_URL is alleen voor de rol van gemeente")
    # Imported here: most installations do not use it.
    from gateway.network.ggk.verbinding import Bewijs, Verbinding

    bewijs = Bewijs(settings.ggk_certificaat, settings.ggk_sleutel, settings.ggk_ca)
    return Verbinding(settings.ggk_url, bewijs)


def inpakker_of(settings: Settings, kennis: Kennis, store: SqlStore) -> Inpakker:
    """What puts messages of the municipalities in envelopes."""
    from gateway.network.ggk.inpakken import Inpakker

    return Inpakker(
        enveloppen=store.enveloppen,
        types=kennis.types,
        reader=kennis.reader,
        bytecap=kennis.bytecap,
        applicatie=settings.ggk_applicatie,
        versie=__version__,
        nieuw_nummer=uuid4,
    )


def opnemers_of(
    settings: Settings, stand: Kennisstand, store: SqlStore, clock: Callable[[], datetime]
) -> Opnemers:
    """Gives who takes in what comes by an edge: in the role of gemeente envelopes as well."""
    if store.rol != "gemeente":
        return lambda _: store.inbox
    # Imported here, as all that knows envelopes: most processes take nothing in.
    from gateway.network.ggk.ontvangst import Ontvanger, ontvanger_of
    from gateway.network.ggk.uitpakken import Uitpakker

    def ontvanger() -> Ontvanger:
        return ontvanger_of(store, stand.nu, settings, clock, uuid4)

    return partial(Uitpakker, store.inbox, ontvanger)


def _over_network(
    settings: Settings, kennis: Kennis, store: SqlStore, verbinding: Verbinding
) -> Mapping[str, Bestemming]:
    """The network as the place where messages and envelopes go."""
    from gateway.network.ggk.bezorgen import NetwerkUit
    from gateway.store.tables import ANTWOORD, ENVELOP

    uit = NetwerkUit(
        inpakker=inpakker_of(settings, kennis, store),
        verzending=store.verzending,
        verbinding=verbinding,
        bevroren=settings.ggk_bevroren_seconds,
    )
    return {ANTWOORD: uit, ENVELOP: uit}


@dataclass(frozen=True, slots=True)
class Installation:
    """A running gateway in one process: what it knows, what it keeps and what it does.

    `listeners` hear of every message after its commit.
    """

    stand: Kennisstand
    store: SqlStore
    runtime: Runtime
    termijnwacht: Termijnwacht
    werklus: Werklus
    herstellus: Herstellus
    mutatielus: Mutatielus
    listeners: list[Settled]

    @property
    def kennis(self) -> Kennis:
        """What it knows now."""
        return self.stand.nu

    @property
    def lussen(self) -> tuple[Loop, ...]:
        """What goes on beside the work itself: clock, worklist, repairs, batches, new knowledge."""
        return (
            self.termijnwacht.run,
            self.werklus.run,
            self.herstellus.run,
            self.mutatielus.run,
            self.stand.run,
        )

    def close(self) -> None:
        """Give everything back."""
        self.runtime.close()
        self.store.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an installation keeps its facts; `start` is where a temporary one counts from.

    `updates` is False where another command makes and updates the tables.
    """

    url: str
    updates: bool = True
    temporary: bool = False
    start: int | None = None


def install(
    settings: Settings,
    kennis: Kennis,
    clock: Callable[[], datetime],
    place: Place,
    bestemmingen: Mapping[str, Bestemming],
    verbinding: Verbinding | None = None,
) -> Installation:
    """Wire store, pipeline and broker; the store is made and brought up to date when needed.

    With a connection to the network messages leave over it, and not by their place among
    `bestemmingen`.
    """
    # Imported here: a check before sending needs neither, and starts twice as fast without.
    from gateway.broker.herstellus import Herstellus
    from gateway.broker.mutatielus import Mutatielus
    from gateway.broker.runtime import Runtime, RuntimeOptions
    from gateway.broker.termijnwacht import Termijnwacht
    from gateway.broker.werklus import Werklus
    from gateway.store.oppakken import Terms
    from gateway.store.store import StoreOptions, open_store

    options = StoreOptions(
        codes={one.naam: one.code for one in kennis.types.all()},
        rol=kennis.rol,
        bsn_sleutel=settings.bsn_sleutel,
        bsn_sleutel_vorige=settings.bsn_sleutel_vorige,
        kluis=settings.kluis,
        terms=Terms(settings.lease_seconds, settings.tries),
        temporary=place.temporary,
        start=place.start,
        updates=place.updates,
    )
    store = open_store(place.url, clock, options)
    spare_the_collector()
    listeners: list[Settled] = []

    def settled(claim: Claim, settlement: Settlement) -> None:
        for listener in listeners:
            listener(claim, settlement)

    if verbinding is not None:
        bestemmingen = {**bestemmingen, **_over_network(settings, kennis, store, verbinding)}
    stand = kennisstand_of(kennis, store.beleidsversies, store.registerkennis)
    tellers = Tellers()
    pipeline = Pipeline(lambda: stand.nu, store, settled, tellers)

    def judge(claims: Sequence[Claim]) -> None:
        pipeline.process(claims)

    runtime = Runtime(
        store,
        judge,
        RuntimeOptions(
            broker=broker_of(settings),
            lease_seconds=settings.lease_seconds,
            sweep_seconds=settings.sweep_seconds,
            bestemmingen=bestemmingen,
            tellers=tellers,
        ),
    )
    klok = Klok(
        kennis.types,
        kennis.termijnen,
        lambda gemeente: stand.nu.beleid_of(gemeente),
        kennis.vrije_dagen,
        rol=kennis.rol,
        terugkijken=settings.terugkijkdagen,
    )
    termijnwacht = Termijnwacht(store.termijnen, klok, clock, tellers)
    return Installation(
        stand=stand,
        store=store,
        runtime=runtime,
        termijnwacht=termijnwacht,
        werklus=Werklus(
            store.werkvolger,
            store.opruimer,
            store.betaalvolger if store.rol == "gemeente" else None,
        ),
        herstellus=Herstellus(store, stand),
        mutatielus=Mutatielus(store, stand),
        listeners=listeners,
    )
