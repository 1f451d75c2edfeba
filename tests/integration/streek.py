"""A small made-up region whose messages were all handled, kept for tests that look back at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.bootstrap import Place, install
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.simulate.generate import in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from tests.integration.berichten import read_once
from tests.opslag import rows_of, store_of

REGELS = 1_500
# The months of the region, whatever its seed.
PERIODE = "2026-01..2026-06"


class _Klok:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class _Nergens:
    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


@dataclass(frozen=True, slots=True)
class Streek:
    """Where the store and the agreements of the region are."""

    folder: Path

    @property
    def store(self) -> str:
        return store_of(self.folder)

    @property
    def agreements(self) -> Path:
        return self.folder / "agreements"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the store, read beside the gateway."""
        return rows_of(self.folder, query, *values)


def handled(folder: Path, seed: int, regels: int = REGELS) -> Streek:
    """Handle every message of a region of about so many lines."""
    streek = Streek(folder)
    regio = Regio(seed, regels)
    write_agreements(regio, streek.agreements)
    messages = in_sending_order(regio)
    klok = _Klok(messages[0].verzonden)
    with read_once():
        kennis = load_kennis(read_settings({}), streek.agreements)
    place = Place(url=streek.store)
    installation = install(read_settings({}), kennis, klok, place, {"antwoord": _Nergens()})
    try:
        for message in messages:
            klok.moment = max(klok.moment, message.verzonden)
            installation.store.inbox.receive(message.name, [message.body])
            installation.runtime.drain()
    finally:
        installation.close()
    return streek
