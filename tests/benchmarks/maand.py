"""A national month: what a synthetic region sends, offered through the inbox in production.

Making the messages does not count, taking them in does.  A part of a month is measured and then
enlarged, until both the number of lines and that of other messages are those of a month.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from datetime import time as clock_time
from math import ceil
from pathlib import Path

from gateway.pipeline.kennis import AMSTERDAM
from gateway.simulate.region import Regio
from gateway.simulate.write import AGREEMENTS, MESSAGES, write_region
from tests import postgres, rabbitmq
from tests.benchmarks.opstelling import Opstelling, productie, servers_are_there
from tests.benchmarks.plaats import opened
from tests.benchmarks.verslag import Verslag

GROEP = "landelijke maand"
REGELS, ANDERE = 3_000_000, 1_500_000
# A synthetic region has about so many other messages for each line.
ANDERE_PER_REGEL = 0.34
SEED, WORKERS, HANDS = 1, 2, 4


def measure(verslag: Verslag, scale: float) -> None:
    """Measure a part of a month."""
    if not servers_are_there():
        return
    regio = Regio(SEED, ceil(max(REGELS, ANDERE / ANDERE_PER_REGEL) * scale))
    lines = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_region(regio, folder, lambda message: lines.append(message.regels))
        files = sorted((folder / MESSAGES).iterdir())
        url, owner = stack.enter_context(postgres.throwaway())
        broker = stack.enter_context(rabbitmq.own_queues())
        # The tables are there; this begins the counters.
        opened(url).close()
        postgres.count_again(owner)
        agreements = {"GATEWAY_AGREEMENTS": str(folder / AGREEMENTS)}
        moment = datetime.combine(regio.klok, clock_time(12), AMSTERDAM)
        opstelling = stack.enter_context(productie(url, broker, WORKERS, agreements, moment))
        opstelling.start()
        begin = time.time()
        seconds = opstelling.wait(offered(opstelling, files)) - begin
    others = sum("323" not in file.stem for file in files)
    factor = max(REGELS / sum(lines), ANDERE / others)
    verslag.detail(GROEP, "gemeten: declaratieregels", sum(lines), "")
    verslag.detail(GROEP, "gemeten: declaraties", len(files) - others, "")
    verslag.detail(GROEP, "gemeten: andere berichten", others, "")
    verslag.detail(GROEP, "gemeten: tijd", seconds, "s")
    verslag.detail(GROEP, "vergroot met", factor, "×")
    verslag.cijfer("maand", seconds * factor / 60)


def offered(opstelling: Opstelling, files: Sequence[Path]) -> list[int]:
    """Offer files, those of a municipality in their order; returns their rows."""
    ids: list[int] = []
    hands = [
        threading.Thread(target=lambda own=own: ids.extend(_offered(opstelling, own)))
        for own in _divided(files)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return ids


def _offered(opstelling: Opstelling, files: Iterable[Path]) -> list[int]:
    return [opstelling.offer([file.read_bytes()]) for file in files]


def _divided(files: Sequence[Path]) -> list[list[Path]]:
    """The files per hand: all of a municipality are of the same one."""
    own: list[list[Path]] = [[] for _ in range(HANDS)]
    for file in files:
        gemeente = file.stem.split("-")[2]
        own[int(gemeente) % HANDS].append(file)
    return own
