"""What enciphering costs beside what is done with a message anyhow, in time of the processor.

`python -m tests.benchmarks.kluis` prints it: for a small invoice and for one of 100,000 lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.config import data_folder
from gateway.messages.definition import Berichttype, read_types
from gateway.store.kluis import KEY_BYTES, read_kluis
from gateway.store.pieces import Packed
from gateway.store.tables import inbox_stuk
from tests.benchmarks.declaraties import Kring
from tests.benchmarks.groot import reading

SMALL, LARGE = 10, 100_000
ROUNDS = 3
KLUIS = read_kluis(f"meting={'5a' * KEY_BYTES}")


def measure(kind: Berichttype, lines: int) -> None:
    """Print what an invoice costs to read and validate, to compress, to encipher and to open."""
    body = b"".join(Kring(lines).invoice(kind, "2025-01"))
    pieces = list(Packed([body]).pieces())
    places = [(inbox_stuk.name, 1, number) for number in range(len(pieces))]
    sealed = list(map(KLUIS.seal, pieces, places))
    times = max(1, 20_000 // lines)
    read = _least(reading(kind, body), times)
    costs = {
        "samenpersen": _least(lambda: Packed([body]).close(), times),
        "versleutelen": _least(lambda: list(map(KLUIS.seal, pieces, places)), times),
        "openen": _least(lambda: list(map(KLUIS.open, sealed, places)), times),
    }
    told = f"{lines} regels ({len(body)} bytes, {len(pieces)} stukken)"
    print(f"{told}, lezen en controleren: {read * 1e3:.3f} ms")
    for name, seconds in costs.items():
        part = 100 * seconds / read
        print(f"{told}, {name}: {seconds * 1e3:.3f} ms, {part:.2f} procent daarvan")


def _least(work: Callable[[], object], times: int) -> float:
    """Seconds of the processor for one call: the least of some rounds of many."""

    def once() -> float:
        begin = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - begin) / times

    return min(once() for _ in range(ROUNDS))


def main() -> None:
    """Measure both."""
    kind = read_types(data_folder("mappings")).by_name("JW323")
    for lines in (SMALL, LARGE):
        measure(kind, lines)


if __name__ == "__main__":
    main()
