"""Reads a production statement from the bytes of its file: the same for a command, page and API."""

from __future__ import annotations

import hashlib

from gateway.ledger.jaareinde.opgave import Opgave, read_opgave
from gateway.store.jaareinde.rekenblad import BY_COMMAND, Ruimte, Vertaling, rows_in
from gateway.store.jaareinde.verantwoordingen import Bestand


def read_statement(
    naam: str, body: bytes, vertaling: Vertaling, ruimte: Ruimte = BY_COMMAND
) -> tuple[Opgave, Bestand]:
    """What a file tells, and what is kept of the file; raises WrongUse for what is no statement."""
    rows = rows_in(body, vertaling, ruimte)
    opgave = read_opgave(rows, vertaling.kolommen, vertaling.koprij)
    return opgave, Bestand(naam=naam, sha256=hashlib.sha256(body).hexdigest())
