"""Pages and API in a process of their own, and programs and people that use them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from gateway.cli.opened import opened_store
from gateway.config import Settings
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.faults.harness import EMBEDDED, PATIENCE, Installation, Process
from tests.web.huis import _hash, handeling

V1 = "/api/v1"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
# What a client does about an answer that it did not get, or that asks it to wait.
AGAIN_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Served:
    """A process that serves an installation, at its address."""

    installation: Installation
    process: Process
    adres: str

    def programma(self, key: str) -> httpx.Client:
        """A program with a key."""
        koppen = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.adres + V1, headers=koppen, timeout=60, trust_env=False)


def serve(installation: Installation, fault: str = "", **environment: str) -> Served:
    """Start what serves this kind of installation, and wait until it does."""
    command = "run" if installation.modus == EMBEDDED else "web"
    given = {"GATEWAY_PORT": "0", **environment}
    process = installation.start(command, fault=fault, **given).started()
    found = _ADDRESS.search(process.logged())
    assert found is not None
    return Served(installation, process, found[0])


def others(installation: Installation) -> None:
    """Start what works beside it."""
    if installation.modus != EMBEDDED:
        installation.start_all()


def key_of(
    installation: Installation, rol: Rol, gemeente: str = ALLE, aanbieder: str | None = None
) -> str:
    """A key that the store knows from now on."""
    aanvraag = Aanvraag(naam=rol.value, rol=rol, gemeenten=(gemeente,), aanbieder=aanbieder)
    with opened_store(Settings(), installation.store) as store:
        return store.sleutels.make(aanvraag, handeling("sleutel maken"))[1]


def user_of(installation: Installation, naam: str, rol: Rol, gemeente: str = ALLE) -> str:
    """Somebody who may log in from now on."""
    nieuw = NieuweGebruiker(
        naam=naam,
        weergave=naam.title(),
        rollen={gemeente: frozenset({rol})},
        wachtwoord=_hash("een fiets met drie groene wielen"),
    )
    with opened_store(Settings(), installation.store) as store:
        store.gebruikers.make(nieuw, handeling("gebruiker maken"))
    return naam


def until_answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """What a client hears in the end, that asks the same again as long as it is asked to wait."""
    until = time.monotonic() + PATIENCE
    while (found := ask()).status_code == 409 and "retry-after" in found.headers:
        assert time.monotonic() < until, found.text
        time.sleep(AGAIN_SECONDS)
    return found


def is_cut_off(ask: Callable[[], httpx.Response]) -> bool:
    """Whether a client is left without an answer."""
    try:
        ask()
    except httpx.TransportError:
        return True
    return False
