"""A gateway on a made-up region that serves its API, and programs that use it with a key."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from gateway.bootstrap import Installation, Place, install
from gateway.config import Settings
from gateway.http.grenzen import BUDGETTEN, Emmer, Grenzen
from gateway.http.omgeving import Omgeving
from gateway.inlezen import load_kennis
from gateway.logs import configure_logs
from gateway.network.ggk.verbinding import Verbinding
from gateway.serving import listen, omgeving_of, serving
from gateway.simulate.generate import in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.berichten import PROJECT, read_once
from tests.opslag import store_of
from tests.servers import PLAIN
from tests.web.huis import WACHTWOORD, Bezoeker, _hash, handeling

REGELS = 300
ROYAAL = Grenzen({budget: Emmer(1e6, 1e6) for budget in BUDGETTEN})
V1 = "/api/v1"
GEMEENTE = "0193"


class Klok:
    """The time of the message in hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class _Nergens:
    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


@dataclass(slots=True)
class Dienst:
    """A running gateway whose region was handled."""

    installation: Installation
    omgeving: Omgeving
    klok: Klok
    stack: ExitStack

    def programma(
        self,
        rol: Rol,
        *gemeenten: str,
        aanbieder: str | None = None,
        namens: str | None = None,
        **koppen: str,
    ) -> httpx.Client:
        """A program with a key of its own; of somebody where he is named."""
        if namens is not None:
            self._known(namens)
        aanvraag = Aanvraag(
            naam=f"programma {rol.value}",
            rol=rol,
            gemeenten=gemeenten or (ALLE,),
            aanbieder=aanbieder,
            namens=namens,
        )
        sleutels = self.omgeving.store.sleutels
        made, text = sleutels.make(aanvraag, handeling("sleutel maken"))
        if namens is not None:
            sleutels.confirm(made.nummer, namens, handeling("eigen sleutel bevestigen"))
        return self.client(Authorization=f"Bearer {text}", **koppen)

    def bezoeker(self, naam: str, rol: Rol, aanbieder: str | None = None) -> Bezoeker:
        """Somebody with a browser of his own, who may come in from now on."""
        gebruikers = self.omgeving.store.gebruikers
        if gebruikers.by_naam(naam) is None:
            nieuw = NieuweGebruiker(
                naam=naam,
                weergave=naam.title(),
                rollen={ALLE: frozenset({rol})},
                aanbieder=aanbieder,
                wachtwoord=_hash(WACHTWOORD),
            )
            gebruikers.make(nieuw, handeling("gebruiker maken"))
        made = Bezoeker(self.omgeving.adres)
        self.stack.callback(made.client.close)
        assert 303 == made.log_in(naam).status_code
        return made

    def _known(self, naam: str) -> None:
        gebruikers = self.omgeving.store.gebruikers
        if gebruikers.by_naam(naam) is None:
            nieuw = NieuweGebruiker(naam=naam, weergave=naam.title())
            gebruikers.make(nieuw, handeling("gebruiker maken"))

    def client(self, **koppen: str) -> httpx.Client:
        """A program without a key."""
        made = httpx.Client(
            base_url=self.omgeving.adres + V1,
            headers=koppen,
            verify=PLAIN,
            timeout=60,
            trust_env=False,
        )
        return self.stack.enter_context(made)

    def drain(self) -> None:
        """Judge everything that waits."""
        self.installation.runtime.drain()

    def volg(self) -> None:
        """Let the worklist and the checks follow what was judged."""
        self.omgeving.store.werkvolger.catch_up()

    def vot(self, identificatie: str, referentie: str, client: int | None = None) -> None:
        """A request for an assignment comes in, of a client of the region or of somebody new."""
        body = (PROJECT / "docs" / "voorbeeld" / "04-verzoek.xml").read_text(encoding="utf-8")
        changes = [("0153", GEMEENTE), ("V2025001", identificatie), ("V2025-17", referentie)]
        if client is not None:
            query = (
                "SELECT DISTINCT bsn FROM toewijzing WHERE gemeente = '0193' AND wet = 'jeugdwet'"
            )
            changes.append(("999900018", self.rijen(f"{query} ORDER BY bsn")[client][0]))
        for old, new in changes:
            assert f">{old}<" in body
            body = body.replace(f">{old}<", f">{new}<")
        self.omgeving.store.inbox.receive(f"{identificatie}.xml", [body.encode()])
        self.drain()

    def rijen(self, query: str) -> list[Any]:
        """Rows of the store."""
        with self.installation.store.database.snapshot() as connection:
            return list(connection.exec_driver_sql(query).all())


@contextmanager
def dienst(folder: Path, seed: int = 7, **settings: Any) -> Iterator[Dienst]:
    """A region, handled to the end and served."""
    regio = Regio(seed, REGELS)
    messages = in_sending_order(regio)
    write_agreements(regio, folder / "agreements")
    klok = Klok(messages[0].verzonden)
    with served(folder, klok, folder / "agreements", **settings) as made:
        for message in messages:
            klok.moment = max(klok.moment, message.verzonden)
            made.installation.store.inbox.receive(message.name, [message.body])
        made.drain()
        yield made


@contextmanager
def served(
    folder: Path,
    klok: Klok,
    agreements: Path | None = None,
    verbinding: Verbinding | None = None,
    **settings: Any,
) -> Iterator[Dienst]:
    """A gateway without any message, that serves its API; perhaps connected to a network."""
    configure_logs("json", logging.ERROR)
    chosen = Settings(port=0, **settings)
    with read_once():
        kennis = load_kennis(chosen, agreements)
    with ExitStack() as stack:
        place = Place(url=store_of(folder))
        nergens = {"antwoord": _Nergens()}
        installation = install(chosen, kennis, klok, place, nergens, verbinding)
        stack.callback(installation.close)
        plek = listen(chosen, "127.0.0.1", 0)
        omgeving = omgeving_of(chosen, installation.stand, installation.store, klok, plek.adres)
        omgeving = replace(omgeving, grenzen=ROYAAL)
        stack.enter_context(serving(plek, omgeving))
        yield Dienst(installation, omgeving, klok, stack)
