"""Explains a judged line again: from its own message, and the facts as they stood for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.deviations.receipt import receipt
from gateway.messages.reader import Message, Source
from gateway.pipeline.gather import Boek, Regelvraag, gather_lines, local_facts, partijen_of
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.lezing import empty_lezing
from gateway.pipeline.ports import Claim, Store
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.finding import Finding
from gateway.records.header import Header


@dataclass(frozen=True, slots=True)
class Gevonden:
    """A line as its message has it, with what stands around it."""

    message: Message
    header: Header
    declaratie: Declaratie
    line: Prestatie


def find_line(message: Message, stored: Prestatie) -> Gevonden | None:
    """Look up a stored line in its own message, None when it is not there."""
    header: Header | None = None
    declaratie: Declaratie | None = None
    for _, record in message.records():
        if isinstance(record, Header):
            header = record
        elif isinstance(record, Declaratie):
            declaratie = record
        elif isinstance(record, Prestatie) and record.volgnr == stored.volgnr:
            if header is None or declaratie is None:
                return None
            return Gevonden(message, header, declaratie, record)
    return None


def explain_line(
    kennis: Kennis, store: Store, claim: Claim, stored: Prestatie, findings: Iterable[Finding]
) -> dict[str, Any] | None:
    """The receipt of a stored line of the message of this claim; None when it is not found."""
    message = kennis.reader.open(Source(store.pieces(claim.inbox_id), kennis.bytecap))
    found = find_line(message, stored)
    if found is None:
        return None
    kind = message.kind
    partijen = partijen_of(kind, found.header)
    feiten = local_facts(kind, kennis, dag_van(claim.received_at))
    lezing = empty_lezing(found.header, found.declaratie)
    vraag = Regelvraag(partijen, feiten, lezing, kennis.overeenkomsten)
    line = found.line._replace(retourcodes=stored.retourcodes)
    with store.facts(claim) as facts:
        batch = gather_lines(vraag, [line], Boek(), facts, frozenset())
    rules = dict.fromkeys(code for stage in kind.stages for code in stage.rules)
    around = line.pad.split("/Prestaties/")[0]
    own = [finding for finding in findings if finding.pad in (line.pad, around)]
    return receipt(batch, line, own, list(rules))
