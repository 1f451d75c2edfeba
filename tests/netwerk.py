"""A network in this process between a gateway and providers, that does what a test tells it to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import sqlalchemy as sa

from gateway.http.dienst import Tls, open_port, served
from gateway.messages.reader import peek
from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.envelop import Envelop, Foutbericht, Systeem
from gateway.network.ggk.inpakken import identificatie_van
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import element_of
from gateway.network.ggk.verbinding import Bewijs, Verbinding
from gateway.simulate.netwerk.dienst import app_of
from gateway.simulate.netwerk.net import Netwerk, Partij
from gateway.simulate.netwerk.storingen import Dobbelsteen, Kans, Storingen
from gateway.store.engine import ALL as ALL_ROWS
from gateway.store.schema import metadata
from gateway.store.tables import teller
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.api.dienst import Dienst, Klok
from tests.api.dienst import served as gateway_served
from tests.enveloppen import di01
from tests.integration.berichten import changed
from tests.web.huis import handeling

ZWOLLE, AGB = "0193", "12345678"
# What an installation has before the first message, or knows by heart.
KEPT = {"instelling", "teller", "kennis", "sleutel", "partij", "verwerking", "werklog"}
BEGIN = datetime(2025, 12, 5, 9, tzinfo=UTC)


@dataclass(slots=True)
class Aanbieders:
    """Everyone who is no municipality: what came, by reference, every copy of it."""

    kopieen: dict[str, list[bytes]] = field(default_factory=dict)

    def bied(self, xml: bytes, referentienummer: str) -> Foutbericht | None:
        """See `Partij`: everything is kept."""
        self.kopieen.setdefault(referentienummer, []).append(xml)
        return None

    @property
    def stukken(self) -> list[Envelop | Foutbericht]:
        """What came, each once."""
        found = [read(parse(copies[0])) for copies in self.kopieen.values()]
        return [one for one in found if isinstance(one, Envelop | Foutbericht)]

    @property
    def berichten(self) -> list[bytes]:
        """The messages that came, each once."""
        return [one.inhoud for one in self.stukken if isinstance(one, Envelop)]


@dataclass(slots=True)
class Zeker:
    """Chance that does what is told: nothing but what is certain, and without waiting."""

    def treft(self, kans: float) -> bool:
        """See `Kans`."""
        return kans >= 1

    def wachttijd(self, most: float) -> float:
        """See `Kans`."""
        return most


@dataclass(slots=True)
class OmDeBeurt:
    """Chance that is sure to come: what happens once in five times does so every fifth time."""

    _keren: Counter[float] = field(default_factory=Counter)

    def treft(self, kans: float) -> bool:
        """See `Kans`."""
        self._keren[kans] += 1
        return kans > 0 and self._keren[kans] % round(1 / kans) == 0

    def wachttijd(self, most: float) -> float:
        """See `Kans`: the second of two is there first."""
        self._keren[-1] += 1
        return most * (self._keren[-1] % 2)


@dataclass(slots=True)
class Proefnet:
    """A gateway, the network, and providers."""

    dienst: Dienst
    netwerk: Netwerk
    aanbieders: Aanbieders
    klok: Klok

    def opnieuw(self) -> None:
        """As if nothing ever happened here."""
        with self.dienst.installation.store.database.writing(ALL_ROWS) as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name not in KEPT:
                    connection.execute(sa.delete(table))
        net = self.netwerk
        for what in (net.aangeboden, net.bezorgd, net.teruggestuurd, self.aanbieders.kopieen):
            what.clear()  # type: ignore[attr-defined]
        for hidden in (net._bewaard, net._retours, net._bevroren, net._post):
            hidden.clear()  # type: ignore[attr-defined]
        net.storingen = Storingen()
        self.klok.moment = BEGIN
        with self.dienst.installation.store.database.writing(ALL_ROWS) as connection:
            connection.execute(sa.delete(teller).where(teller.c.naam.like("tijdstip-%")))

    def breng(self) -> None:
        """Bring all that is on its way."""
        while self.netwerk.breng_een():
            pass

    def later(self, seconds: float) -> None:
        """Time goes by, for the gateway and for the network."""
        self.klok.moment += timedelta(seconds=seconds)

    def declareer(self, body: bytes) -> str:
        """A provider sends an invoice, and the gateway judges it; gives its reference."""
        nummer = str(uuid4())
        self.netwerk.ontvang(element_of(di01(body, referentienummer=nummer)))
        self.breng()
        self.dienst.installation.store.inbox.sweep()
        return nummer

    def opdracht(self, naam: str, given: Mapping[str, Any]) -> None:
        """The backoffice asks for a message."""
        text = json.dumps({"kenmerk": naam, "gemeente": ZWOLLE, "wet": "jeugdwet", **given})
        self.dienst.installation.store.inbox.receive(f"{naam}.json", [text.encode()])

    def oordeel(self) -> None:
        """Judge all that waits, and send nothing."""
        with patch.object(self.dienst.installation.runtime.relay, "deliver_due", return_value=0):
            self.dienst.drain()

    def werk(self) -> int:
        """Judge all that waits, and send what can be sent now; how much left."""
        self.oordeel()
        return self.verzend()

    def verzend(self) -> int:
        """Send what is due; how much left."""
        return self.dienst.installation.runtime.relay.deliver_due()

    def uit(self) -> list[tuple[Any, ...]]:
        """What has to leave by the network: its kind, if it left, if it stands still, and why."""
        query = (
            "SELECT berichttype, sent_at IS NOT NULL, stil, reden FROM outbox "
            "WHERE soort IN ('antwoord', 'envelop') ORDER BY id"
        )
        return [(naam, bool(sent), stil, reden) for naam, sent, stil, reden in self._rows(query)]

    def nummers(self) -> list[str]:
        """The references under which messages left, in that order."""
        query = "SELECT referentienummer FROM envelop WHERE richting = 'uit' ORDER BY id"
        return [nummer for (nummer,) in self._rows(query)]

    def _rows(self, query: str) -> list[Any]:
        return self.dienst.rijen(query)


@contextmanager
def proefnet(
    folder: Path,
    kans: Kans | None = None,
    tls: Tls | None = None,
    bewijs: Bewijs | None = None,
    **settings: Any,
) -> Iterator[Proefnet]:
    """A gateway for Zwolle on a network that is right, until a test says otherwise."""
    klok = Klok(BEGIN)
    partijen: dict[str, Partij] = {}
    aanbieders = Aanbieders()
    netwerk = Netwerk(
        partijen=partijen,
        anderen=aanbieders,
        storingen=Storingen(),
        kans=kans or Zeker(),
        clock=klok,
        nieuw_nummer=uuid4,
        seconds=lambda: klok.moment.timestamp(),
    )
    opened = open_port("127.0.0.1", 0)
    scheme = "http" if tls is None else "https"
    adres = f"{scheme}://localhost:{opened.getsockname()[1]}/ggk"
    with ExitStack() as stack:
        stack.enter_context(served(app_of(netwerk), opened, "netwerk", tls=tls))
        verbinding = Verbinding(adres, bewijs)
        stack.callback(verbinding.close)
        given = {"gemeenten": (ZWOLLE,), **settings}
        dienst = stack.enter_context(gateway_served(folder, klok, verbinding=verbinding, **given))
        terug = Verbinding(dienst.omgeving.adres + ADRES, sleutel=_sleutel(dienst))
        stack.callback(terug.close)
        partijen[ZWOLLE] = terug
        yield Proefnet(dienst, netwerk, aanbieders, klok)


def new_network(seed: int) -> tuple[Netwerk, Aanbieders]:
    """A network by chance, in the time of this machine, and everyone who is no municipality."""
    aanbieders = Aanbieders()
    clock = partial(datetime.now, UTC)
    made = Netwerk(
        partijen={},
        anderen=aanbieders,
        storingen=Storingen(),
        kans=Dobbelsteen(seed),
        clock=clock,
        nieuw_nummer=uuid4,
    )
    return made, aanbieders


def enveloped(body: bytes, nummer: str) -> Envelop:
    """A message of a provider on its way to a municipality."""
    soort = re.search(rb"/(jw|wmo)(3\d\d)/schema", body)
    assert soort is not None
    seen = peek([body])
    return di01(
        body,
        b"".join(soort.groups()).decode().upper(),
        referentienummer=nummer,
        zender=Systeem(seen.afzender, "VECOZOWebservice"),
        ontvanger=Systeem(seen.ontvanger, "GGk"),
    )


def content_of(xml: bytes) -> tuple[str, bytes]:
    """How the gateway calls what it sent in an envelope, and the message in it."""
    stuk = read(parse(xml))
    assert isinstance(stuk, Envelop | Foutbericht)
    head = stuk.stuurgegevens
    if isinstance(stuk, Foutbericht):
        return f"Fo01_{head.zender.organisatie}_{head.referentienummer}", xml
    own = identificatie_van(stuk.inhoud)
    return f"{head.functie}_{head.zender.organisatie}_{own}", stuk.inhoud


def _sleutel(dienst: Dienst) -> str:
    aanvraag = Aanvraag(naam="netwerk", rol=Rol.BERICHTENVERKEER, gemeenten=(ALLE,), aanbieder=None)
    return dienst.omgeving.store.sleutels.make(aanvraag, handeling("sleutel maken"))[1]


def genummerd(text: str, nummer: int) -> bytes:
    """An invoice of its own number."""
    return changed(text, ("JW323-0001", f"I{nummer:04}"), ("D202503", f"D{nummer:04}"))
