"""A gateway that serves pages, and people who use it over HTTP as a browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import msgspec

from gateway.config import Settings
from gateway.http.grenzen import BUDGETTEN, Emmer, Grenzen
from gateway.http.omgeving import Omgeving
from gateway.inlezen import kennisstand_of, load_kennis
from gateway.pipeline.kennis import Kennis
from gateway.serving import listen, omgeving_of, serving
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.store.toegang.logboek import Handeling, Spoor
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.wachtwoorden import hash_of_wachtwoord
from tests.opslag import store_of
from tests.servers import PLAIN

ZWOLLE, KAMPEN = "0193", "0166"
AGB = "12345678"
WACHTWOORD = "een fiets met drie groene wielen"
BEGIN = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ROYAAL = Grenzen({budget: Emmer(1e6, 1e6) for budget in BUDGETTEN})
SPOOR = Spoor("1" * 32, "2" * 16)
_TOKEN = re.compile(r'name="_csrf" value="([^"]*)"')


@dataclass(slots=True)
class Klok:
    """A time that only a test moves."""

    moment: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.moment

    def later(self, **passed: float) -> None:
        self.moment += timedelta(**passed)


@dataclass(slots=True)
class Huis:
    """A running gateway."""

    omgeving: Omgeving
    klok: Klok
    poort: int
    bezoekers: list[Bezoeker] = field(default_factory=list)

    @property
    def store(self) -> SqlStore:
        return self.omgeving.store

    def maak(
        self,
        naam: str,
        rollen: Mapping[str, set[Rol]] | None = None,
        aanbieder: str | None = None,
        wachtwoord: str | None = WACHTWOORD,
    ) -> int:
        nieuw = NieuweGebruiker(
            naam=naam,
            weergave=naam.title(),
            rollen={gemeente: frozenset(here) for gemeente, here in (rollen or {}).items()},
            aanbieder=aanbieder,
            wachtwoord=_hash(wachtwoord) if wachtwoord else None,
        )
        return self.store.gebruikers.make(nieuw, handeling("gebruiker maken"))

    def bezoeker(self, naam: str | None = None) -> Bezoeker:
        """Somebody with a browser of his own, logged in where he has a name."""
        made = Bezoeker(self.omgeving.adres)
        self.bezoekers.append(made)
        if naam is not None:
            response = made.log_in(naam)
            assert 303 == response.status_code, response.text
        return made


class Bezoeker:
    """A browser without script: it keeps cookies and sends the token of the last page."""

    def __init__(self, adres: str) -> None:
        self.adres = adres
        self.client = httpx.Client(base_url=adres, verify=PLAIN, timeout=30, trust_env=False)
        self.token = ""

    def get(self, path: str, **options: object) -> httpx.Response:
        response = self.client.get(path, **options)  # type: ignore[arg-type]
        found = _TOKEN.search(response.text)
        if found is not None:
            self.token = found[1]
        return response

    def post(
        self,
        path: str,
        given: Mapping[str, object] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        form = {"_csrf": self.token, **(given or {})}
        return self.client.post(path, data=form, files=files, headers={"Origin": self.adres})

    def log_in(self, naam: str, wachtwoord: str = WACHTWOORD, naar: str = "/") -> httpx.Response:
        self.get("/inloggen")
        given = {"naam": naam, "wachtwoord": wachtwoord, "naar": naar}
        response = self.post("/inloggen", given)
        if response.status_code == 303:
            self.get("/mijn")
        return response


@contextmanager
def huis(
    folder: Path,
    settings: Settings | None = None,
    kennis: Kennis | None = None,
    **options: object,
) -> Iterator[Huis]:
    """A gateway on the store that a folder stands for."""
    chosen = settings or Settings(gemeenten=(ZWOLLE, KAMPEN), port=0)
    klok = Klok()
    store = open_store(store_of(folder), klok, StoreOptions(codes={}, rol="gemeente"))
    try:
        plek = listen(chosen, "127.0.0.1", 0)
        known = kennis or replace(_kennis(), gemeenten=frozenset(chosen.gemeenten))
        stand = kennisstand_of(known, store.beleidsversies, store.registerkennis)
        omgeving = omgeving_of(chosen, stand, store, klok, plek.adres)
        omgeving = replace(omgeving, **{"grenzen": ROYAAL, **options})  # type: ignore[arg-type]
        made = Huis(omgeving, klok, plek.socket.getsockname()[1])
        try:
            with serving(plek, omgeving):
                yield made
        finally:
            for one in made.bezoekers:
                one.client.close()
    finally:
        store.close()


def iedereen(made: Huis) -> None:
    """A user for every role: everywhere, and in one municipality alone."""
    for rol in Rol:
        aanbieder = AGB if rol is Rol.AANBIEDER else None
        made.maak(rol.value, {ALLE: {rol}}, aanbieder)
        made.maak(f"{rol.value} {ZWOLLE}", {ZWOLLE: {rol}}, aanbieder)
    made.maak("niemand")


def handeling(naam: str) -> Handeling:
    return Handeling(naam=naam, soort="C", spoor=SPOOR, begin=0, einde=0, wie="test")


@cache
def _kennis() -> Kennis:
    return load_kennis(msgspec.structs.replace(Settings(), gemeenten=(ZWOLLE, KAMPEN)))


@cache
def _hash(wachtwoord: str) -> str:
    return hash_of_wachtwoord(wachtwoord)
