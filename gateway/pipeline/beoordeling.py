"""Judges a 323: first the message as a whole, then its lines in chunks; keeps and writes nothing.

Settling a message and judging a stored one again both go through here, so that they cannot differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from gateway.deviations.registry import by_policy, detect
from gateway.deviations.signals import unknown_assignment
from gateway.messages.definition import Berichttype
from gateway.pipeline.binnen import judge_inside
from gateway.pipeline.gather import (
    Boek,
    Regelvraag,
    gather_clients,
    gather_lines,
    local_facts,
    message_facts,
    partijen_of,
)
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.lezing import Lezing
from gateway.pipeline.ports import Claim, FactSource
from gateway.pipeline.regels import judge_lines
from gateway.pipeline.stages import deciding_level, run, stages_of
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.toewijzing import ToegewezenProduct

UNJUDGED = ("0233",)
UNKNOWN = "S104"
INSIDE = 2


@dataclass(frozen=True, slots=True)
class Afwijzing:
    """Why a 323 is rejected as a whole, with the codes at its Header and at its Declaratie.

    `level` is the control level that decided.
    """

    findings: Sequence[Finding]
    header: tuple[str, ...]
    declaratie: tuple[str, ...] | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Deel:
    """Some judged lines, in processing order, with the facts that they were judged on.

    `codes` holds the retourcodes of the rejected lines by volgnr; every other line is granted.
    `unjudged` are the volgnrs of lines that fell with their Client.  `eerder` is what this same
    message granted before these lines, on the ToewijzingNummers that occur among them.
    """

    batch: Declaratiebatch
    codes: Mapping[int, tuple[str, ...]]
    unjudged: Set[int]
    findings: Sequence[Finding]
    eerder: Mapping[int, Stand]

    @property
    def lines(self) -> Sequence[Prestatie]:
        """The lines themselves."""
        return self.batch.prestaties


class Beoordeling:
    """One 323 in hand, for one judgement; its parts are asked for in the order of the methods.

    `peil` is the number of the judgement: it knows what earlier judgements made.  `geweigerd` holds
    the findings on refused Clients by Bsn, `ontheffingen` counts per check what a waiver covered.
    """

    def __init__(self, kind: Berichttype, lezing: Lezing, claim: Claim, kennis: Kennis) -> None:
        self.kind = kind
        self.lezing = lezing
        self.kennis = kennis
        self.partijen = partijen_of(kind, lezing.header)
        self.vandaag = dag_van(claim.received_at)
        self.peil = claim.volgnr
        self.geweigerd: dict[str, tuple[Finding, ...]] = {}
        self.ontheffingen: Counter[str] = Counter()
        self._ontheven = claim.ontheven or not kennis.is_gemeente
        self._beleid = kennis.beleid_of(self.partijen.gemeente)
        self._boek = Boek()
        feiten = local_facts(kind, kennis, self.vandaag)
        self._vraag = Regelvraag(
            self.partijen, feiten, lezing, kennis.overeenkomsten, kennis.samenwerkingen
        )

    def refused_inside(self) -> Afwijzing | None:
        """Level 2: what the message itself tells; needs no facts."""
        stages = [stage for stage in self.kind.stages if stage.level == INSIDE]
        findings = judge_inside(self.lezing, self._vraag.feiten, stages, self.kennis)
        return Afwijzing(findings, ("0001",), None, INSIDE) if findings else None

    def refused_outside(self, facts: FactSource) -> Afwijzing | None:
        """The Header and then the Declaratie on levels 3 and 4."""
        lezing, level = self.lezing, self.kennis.niveaus
        feiten = message_facts(self.kind, lezing.header, self.kennis, facts, self.vandaag)
        batch = Declaratiebatch(
            feiten=feiten,
            header=lezing.header,
            declaratie=lezing.declaratie,
            bekende_declaratienummers=facts.declaratienummers(
                self.partijen, lezing.declaratie.declaratienummer, self.kind.code
            ),
            laatste_periode=facts.laatste_periode(self.partijen),
        )
        if found := self._run("Header", batch):
            return Afwijzing(found, codes_of(found), None, deciding_level(found, level))
        if found := self._run("Declaratie", batch):
            return Afwijzing(found, ("0200",), codes_of(found), deciding_level(found, level))
        return None

    def refused_clients(self, facts: FactSource) -> list[Finding]:
        """The Clients on levels 3 and 4; the lines of a refused one fall unjudged."""
        found: list[Finding] = []
        for clienten in self.lezing.clienten.chunks():
            batch = gather_clients(self._vraag, clienten, facts)
            own: dict[str, list[Finding]] = {}
            for finding in self._run("Client", batch):
                own.setdefault(finding.pad, []).append(finding)
                found.append(finding)
            for client in clienten:
                if client.bsn not in batch.bekende_clienten:
                    self.geweigerd[client.bsn] = tuple(own.get(client.pad, ()))
        return found

    def delen(self, facts: FactSource) -> Iterator[Deel]:
        """The lines on levels 3 and 4, credits first, then debets.

        Lines of one message count for each other, so all have to be walked through, in order.
        """
        for chunk in self.lezing.chunks():
            yield self._judge_chunk(chunk, facts)

    def _run(self, judges: str, batch: Declaratiebatch) -> list[Finding]:
        return run(stages_of(self.kind, (judges,), 3), self.kennis.rules, batch)

    def _judge_chunk(self, chunk: Sequence[Prestatie], facts: FactSource) -> Deel:
        refused = self.geweigerd.keys()
        batch = gather_lines(self._vraag, chunk, self._boek, facts, refused)
        unjudged = {p.volgnr for p in chunk if p.bsn in refused} if refused else set()
        oordeel = judge_lines(batch, self.kind, self.kennis.rules, unjudged)
        eerder = self._granted_before(chunk)
        codes = {volgnr: codes_of(found) for volgnr, found in oordeel.offences.items()}
        codes |= dict.fromkeys(unjudged, UNJUDGED)
        self._book(chunk, codes)
        findings = [
            finding
            for prestatie in (chunk if oordeel.offences else ())
            if prestatie.volgnr not in unjudged
            for finding in oordeel.offences.get(prestatie.volgnr, ())
        ]
        granted = batch
        if codes:
            kept = [p for p in chunk if p.volgnr not in codes]
            granted = replace(batch, prestaties=kept)
        findings += self._signals(granted)
        self._boek.potten.add(self._vraag.potbron, granted.prestaties, batch.prijzen)
        findings += self._unknown(granted, oordeel.onbekend)
        return Deel(batch, codes, unjudged, findings, eerder)

    def _granted_before(self, chunk: Sequence[Prestatie]) -> Mapping[int, Stand]:
        stand = self._boek.stand
        nummers = {p.toewijzingnummer for p in chunk} if stand else ()
        return {nummer: stand[nummer] for nummer in nummers if nummer in stand}

    def _book(self, chunk: Sequence[Prestatie], codes: Mapping[int, tuple[str, ...]]) -> None:
        if codes or self.lezing.interacts:
            for prestatie in chunk:
                self._boek.take(prestatie, self.lezing, toegekend=prestatie.volgnr not in codes)

    def _signals(self, granted: Declaratiebatch) -> Iterator[Finding]:
        """The checks beyond the standard, on what is granted: they never reject."""
        checks, beleid = self.kennis.checks, self._beleid
        for finding in detect(granted, checks, beleid, self.vandaag, self.ontheffingen):
            yield self._lifted(finding)

    def _unknown(
        self, batch: Declaratiebatch, versies: Mapping[int, ToegewezenProduct]
    ) -> Iterator[Finding]:
        """The granted lines that only a version which their sender could not know would reject."""
        lines = batch.prestaties if versies and UNKNOWN in self.kennis.checks else ()
        for prestatie in lines:
            if prestatie.volgnr in versies:
                prijs = batch.prijzen.get(prestatie.volgnr)
                found = unknown_assignment(prestatie, versies[prestatie.volgnr], prijs)
                signal = by_policy(
                    found, self._beleid, self.partijen.aanbieder, self.vandaag, self.ontheffingen
                )
                if signal is not None:
                    yield self._lifted(signal)

    def _lifted(self, finding: Finding) -> Finding:
        """A hold that has lasted long enough is a signal; an aanbieder has nothing to hold."""
        if finding.effect == "hold" and self._ontheven:
            return replace(finding, effect="signal")
        return finding


def codes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The retourcodes of findings, each once, in ascending order."""
    return tuple(sorted({f.retourcode for f in findings if f.retourcode is not None}))
