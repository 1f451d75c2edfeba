"""A check before sending: levels 1 and 2, and what external sources allow, without a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from gateway.errors import MessageRefused, SchemaViolated
from gateway.messages.definition import Berichttype, Stage
from gateway.messages.reader import Message, Source, peek
from gateway.pipeline.binnen import judge_inside
from gateway.pipeline.gather import gather_regie, gather_toewijzing, local_facts, partijen_of
from gateway.pipeline.geen_feiten import NoFacts
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.lezing import Lezing, of_kind, read_declaratie
from gateway.pipeline.ports import FactSource, Partijen
from gateway.pipeline.stages import run, schema_findings, unreadable_finding
from gateway.pipeline.uitgave import refuse_not_in_force
from gateway.pipeline.verzoeken import GATHERERS
from gateway.records.batch import Antwoordbatch, Berichtfeiten
from gateway.records.declaratie import DeclaratieAntwoord, DeclaratieClient, Prestatie
from gateway.records.finding import Finding
from gateway.records.header import Header

EXTERNAL = 4
INSIDE = 2
Gatherer = Callable[[Berichttype, Kennis, dict[str, list[object]], date], object]
Gather = Callable[[Partijen, Berichtfeiten, Header, dict[str, list[object]], FactSource], object]


def check_message(source: Source, kennis: Kennis, vandaag: date) -> list[Finding]:
    """Everything that can be said of a message without knowing earlier ones; nothing is kept."""
    try:
        message = kennis.reader.open(source)
        refuse_not_in_force(message.kind, peek(source.chunks()), kennis.types)
        kennis = kennis.of(message.kind)
        if message.kind.nummer == "323":
            return _check_declaratie(message, kennis, vandaag)
        return _check_klein(message, kennis, vandaag)
    except SchemaViolated as refusal:
        return list(schema_findings(refusal.errors))
    except MessageRefused as refusal:
        return [unreadable_finding(str(refusal))]


def local_stages(kind: Berichttype, kennis: Kennis) -> list[Stage]:
    """The stages with only those rules that need no earlier message."""
    return [
        replace(
            stage,
            stops=False,
            rules=tuple(code for code in stage.rules if kennis.niveaus[code] in (INSIDE, EXTERNAL)),
        )
        for stage in kind.stages
    ]


def _check_klein(message: Message, kennis: Kennis, vandaag: date) -> list[Finding]:
    records: dict[str, list[object]] = {}
    for name, record in message.records():
        records.setdefault(name, []).append(record)
    gather = _GATHERERS.get(message.kind.nummer)
    if gather is None:
        return []
    batch = gather(message.kind, kennis, records, vandaag)
    return run(local_stages(message.kind, kennis), kennis.rules, batch)


def _header(records: dict[str, list[object]]) -> Header:
    return of_kind(records, "Header", Header)[0]


def _klein(gather: Gather) -> Gatherer:
    """How the batch of a message about one client is made when nothing is known of before."""

    def gatherer(
        kind: Berichttype, kennis: Kennis, records: dict[str, list[object]], vandaag: date
    ) -> object:
        header = _header(records)
        feiten = local_facts(kind, kennis, vandaag)
        return gather(partijen_of(kind, header), feiten, header, records, NoFacts())

    return gatherer


def _antwoord(
    kind: Berichttype, kennis: Kennis, records: dict[str, list[object]], vandaag: date
) -> object:
    antwoorden = of_kind(records, "DeclaratieAntwoord", DeclaratieAntwoord)
    return Antwoordbatch(
        feiten=local_facts(kind, kennis, vandaag),
        header=_header(records),
        antwoord=antwoorden[0] if antwoorden else None,
        clienten=of_kind(records, "Client", DeclaratieClient),
        prestaties=of_kind(records, "Prestatie", Prestatie),
    )


_GATHERERS: dict[str, Gatherer] = {
    "301": _klein(gather_toewijzing),
    "305": _klein(gather_regie),
    "307": _klein(gather_regie),
    "325": _antwoord,
    **{nummer: _klein(gather) for nummer, gather in GATHERERS.items()},
}


def _check_declaratie(message: Message, kennis: Kennis, vandaag: date) -> list[Finding]:
    lezing = read_declaratie(message)
    try:
        return _judged(message.kind, lezing, kennis, vandaag)
    finally:
        lezing.close()


def _judged(kind: Berichttype, lezing: Lezing, kennis: Kennis, vandaag: date) -> list[Finding]:
    feiten = local_facts(kind, kennis, vandaag)
    return judge_inside(lezing, feiten, local_stages(kind, kennis), kennis)
