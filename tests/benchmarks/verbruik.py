"""What a message or a line takes in production: of a worker, of the database, and on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from statistics import median

from tests import postgres
from tests.benchmarks.opstelling import Productie
from tests.benchmarks.verslag import Verslag

WORKER, DATABASE, DISK = "worker", "PostgreSQL", "opslag"


@dataclass(frozen=True, slots=True)
class Gebruik:
    """Seconds of a core of a worker and of the database, and bytes on disk."""

    worker: float
    database: float
    disk: float


class Verbruik:
    """Counts from the moment that it is made."""

    def __init__(self, opstelling: Productie, owner: str) -> None:
        self._opstelling = opstelling
        self._owner = owner
        self._begin = self._now()

    def per(self, count: int) -> Gebruik:
        """What each of so many took since then."""
        ended, begun = astuple(self._now()), astuple(self._begin)
        return Gebruik(*((end - begin) / count for end, begin in zip(ended, begun, strict=True)))

    def _now(self) -> Gebruik:
        owner = self._owner
        return Gebruik(
            self._opstelling.worker_cpu, postgres.cpu_of(owner), float(postgres.size_of(owner))
        )


def note(verslag: Verslag, groep: str, per: str, uses: Sequence[Gebruik]) -> None:
    """Note the medians of several rounds."""
    if uses:
        worker, database, disk = map(median, zip(*map(astuple, uses), strict=True))
        verslag.detail(groep, f"{WORKER}, {per}", worker * 1_000_000, "µs rekentijd")
        verslag.detail(groep, f"{DATABASE}, {per}", database * 1_000_000, "µs rekentijd")
        verslag.detail(groep, f"{DISK}, {per}", disk, "bytes")
