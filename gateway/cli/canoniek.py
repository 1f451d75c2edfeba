"""The canonical records of a message that was registered, read back for the backoffice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.bootstrap import Installation
from gateway.messages.canoniek import (
    declaratie_record,
    encode,
    levering_record,
    regel_record,
    toewijzing_record,
)
from gateway.messages.reader import Source
from gateway.pipeline.gather import partijen_of
from gateway.pipeline.ports import Outcome
from gateway.records.declaratie import Declaratie
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct

REGISTERED = ("accepted", "partly")


def canonical_lines(
    installation: Installation, file: str, inbox_id: int, outcome: Outcome
) -> Iterator[bytes]:
    """One JSON line per record; none for a message that counts as not sent."""
    if outcome.berichttype is None or "toegekend" not in outcome.telling:
        wanted = outcome.verdict in REGISTERED
    else:
        wanted = "regels_toegekend" in outcome.telling and outcome.verdict != "held"
    if wanted:
        yield from _lines(installation, file, inbox_id, outcome)


def _lines(
    installation: Installation, file: str, inbox_id: int, outcome: Outcome
) -> Iterator[bytes]:
    kennis = installation.kennis
    message = kennis.reader.open(Source(installation.store.pieces(inbox_id), kennis.bytecap))
    bron: dict[str, Any] = {}
    header: Header | None = None
    for name, record in message.records():
        if isinstance(record, Header):
            header = record
            partijen = partijen_of(message.kind, record)
            bron = {
                "file": file,
                "gemeente": partijen.gemeente,
                "wet": partijen.wet,
                "aanbieder": partijen.aanbieder,
            }
        elif isinstance(record, ToegewezenProduct):
            yield encode(toewijzing_record(bron, record))
        elif isinstance(record, StartProduct | StopProduct):
            yield encode(levering_record(bron, record))
        elif isinstance(record, Declaratie) and header is not None:
            toegekend = outcome.telling.get("toegekend", 0)
            yield encode(
                declaratie_record(bron, record, header.identificatie, toegekend, outcome.verdict)
            )
            yield from _regels(installation, inbox_id, bron, record.declaratienummer)
            return
        elif name == "DeclaratieAntwoord":
            return


def _regels(
    installation: Installation, inbox_id: int, bron: dict[str, Any], declaratienummer: str
) -> Iterator[bytes]:
    for line, _ in installation.store.views.lines_of(inbox_id):
        yield encode(regel_record(bron, declaratienummer, line, line.retourcodes))
