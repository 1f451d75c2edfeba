"""`gateway simulate --network`: plays RINIS, IB and VECOZO, until it is told to stop."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from gateway.cli.service import LOOK_SECONDS, stop_event
from gateway.config import data_folder
from gateway.errors import CouldNotFinish
from gateway.logs import configure_logs
from gateway.messages.definition import read_types
from gateway.network.ggk.verbinding import Verbinding
from gateway.simulate.netwerk.dienst import aangesloten
from gateway.simulate.netwerk.net import Netwerk, Partij
from gateway.simulate.netwerk.opzet import bewijs_of, read_opzet, tls_of
from gateway.simulate.netwerk.postvak import Postvak
from gateway.simulate.netwerk.storingen import Dobbelsteen


def play(path: Path, seed: int) -> int:
    """Be the network that a file tells of, with faults by a seed."""
    opzet, folder = read_opzet(path), path.parent
    clock = partial(datetime.now, UTC)
    stopped = stop_event()
    configure_logs("console")
    with ExitStack() as stack:
        partijen: dict[str, Partij] = {}
        for one in opzet.gateway:
            verbinding = Verbinding(one.url, bewijs_of(opzet, folder), one.sleutel)
            stack.callback(verbinding.close)
            partijen |= dict.fromkeys(one.gemeenten, verbinding)
        types = read_types(data_folder("mappings"))
        try:
            postvak = Postvak(folder / opzet.aanbieders, types, clock, uuid4)
        except OSError as error:
            told = f"{folder / opzet.aanbieders}: deze map is niet te maken"
            raise CouldNotFinish(told) from error
        netwerk = Netwerk(partijen, postvak, opzet.storingen, Dobbelsteen(seed), clock, uuid4)
        try:
            adres = stack.enter_context(aangesloten(netwerk, opzet.poort, tls_of(opzet, folder)))
        except OSError as error:
            told = f"poort {opzet.poort} is niet vrij, of een certificaat is niet te lezen"
            raise CouldNotFinish(told) from error
        sending = threading.Thread(target=postvak.run, args=(netwerk, stopped), daemon=True)
        sending.start()
        print(f"het netwerk staat op {adres}", flush=True)
        while not stopped.wait(LOOK_SECONDS):
            pass
    return 0
