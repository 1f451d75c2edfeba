"""The way of an opdracht: a message is made of it, judged like any other, and sent when it is good.

The inbox row of the opdracht stands for the message from then on: its number, its registration,
what is found in it and the retour that answers it.  An opdracht that comes to no good message
changes nothing; its sender is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gateway.answers.antwoord import Stukken
from gateway.answers.toekenning import Bezwaar
from gateway.errors import MessageRefused
from gateway.messages.definition import Berichttype
from gateway.messages.opdrachten import (
    Elke,
    OpdrachtOnleesbaar,
    peek_opdracht,
    read_opdracht,
)
from gateway.messages.reader import Peek, Source
from gateway.messages.record_writer import write_message
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.opdrachtinhoud import Aanmaak, Geweigerd, Named, content_of, filled
from gateway.pipeline.ports import Answer, Claim, Outcome, Store
from gateway.pipeline.settlement import Settlement
from gateway.pipeline.stages import unreadable_finding
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.masker import holds_bsn, mask, mask_finding

NO_CAP = 1 << 40
# An opdracht is refused where a message between the same parties would be.
LEVEL = 3

Judge = Callable[[Source, Claim], Settlement]


def carry_out(
    source: Source, claim: Claim, kennis: Kennis, store: Store, judge: Judge
) -> Settlement:
    """Make the message of an opdracht and have it judged; what is wrong is told, never raised."""
    try:
        opdracht = read_opdracht(b"".join(source.chunks()))
        _refuse_other_parties(opdracht, peek_opdracht(source.head()))
    except MessageRefused as refusal:
        return _unreadable(refusal, source, claim)
    verzending = _verzending(opdracht, claim, kennis)
    if not kennis.is_own(verzending.kind):
        return verzending.refused([_not_ours(verzending.kind, kennis)])
    try:
        with store.facts(claim) as facts:
            content = content_of(opdracht, Aanmaak(kennis, claim, store, facts))
        stukken = verzending.written(content, kennis)
    except Geweigerd as refusal:
        return verzending.refused(refusal.bezwaren)
    try:
        return verzending.settled(judge(Source(stukken, NO_CAP), claim), stukken)
    except BaseException:
        stukken.close()
        raise


def _refuse_other_parties(opdracht: Elke, seen: Peek) -> None:
    """Messages between the same parties wait for each other, by what was seen at intake."""
    if (seen.afzender, seen.ontvanger) != (opdracht.gemeente, opdracht.aanbieder):
        raise OpdrachtOnleesbaar("gemeente en aanbieder horen elk één keer en vooraan te staan")


def _verzending(opdracht: Elke, claim: Claim, kennis: Kennis) -> Verzending:
    vandaag = dag_van(claim.answered_at)
    kind = kennis.types.of(opdracht.wet, opdracht.bericht, vandaag)
    own, other = opdracht.gemeente, opdracht.aanbieder
    afzender, ontvanger = (own, other) if kind.gemeente == "afzender" else (other, own)
    header = Header(
        pad="",
        berichtcode=kind.code,
        afzender=afzender,
        ontvanger=ontvanger,
        identificatie=claim.identificatie,
        dagtekening=vandaag,
        basisschema_xsd_versie=kennis.xsd_versie,
        bericht_xsd_versie=kennis.xsd_versie,
    )
    return Verzending(opdracht, claim, kind, header)


@dataclass(frozen=True, slots=True)
class Verzending:
    """A message that is being made: for which opdracht, of which type, with which Header."""

    opdracht: Elke
    claim: Claim
    kind: Berichttype
    header: Header

    def written(self, content: Iterable[Named], kennis: Kennis) -> Stukken:
        """The message as bytes; raises Geweigerd for what it has no place for."""
        records = [("Header", self.header), *content]
        if lost := sorted(_without_place(records, self.kind)):
            text = f"een {self.kind.naam} heeft geen plaats voor {', '.join(lost)}"
            raise Geweigerd(Bezwaar("JSON", "$", text, ", ".join(lost)))
        pieces = write_message(self.kind, records, kennis.layout_of(self.kind))
        return Stukken(piece.decode() for piece in pieces)

    def settled(self, settlement: Settlement, stukken: Stukken) -> Settlement:
        """The settlement of the message, with the message itself to send when it is good."""
        close = settlement.close

        def close_both() -> None:
            close()
            stukken.close()

        settlement.close = close_both
        settlement.findings = list(settlement.findings)
        if settlement.outcome.verdict == "accepted":
            settlement.answer = Answer(self.kind.naam, self.header.identificatie, stukken)
        is_client = settlement.is_client
        settlement.told = _told(self.opdracht.kenmerk, self.claim, settlement.findings, is_client)
        return settlement

    def refused(self, bezwaren: Iterable[Bezwaar]) -> Settlement:
        """An opdracht of which no message may be made."""
        findings = list(_findings(bezwaren))
        outcome = Outcome(
            verdict="rejected",
            level=LEVEL,
            berichttype=self.kind.naam,
            wet=self.kind.wet,
            afzender=self.header.afzender,
            ontvanger=self.header.ontvanger,
            gemeente=self.opdracht.gemeente,
        )
        told = _told(self.opdracht.kenmerk, self.claim, findings, holds_bsn)
        return Settlement(outcome=outcome, findings=findings, told=told, is_client=holds_bsn)


def _not_ours(kind: Berichttype, kennis: Kennis) -> Bezwaar:
    text = f"een {kind.naam} wordt niet verstuurd door wie in de rol van {kennis.rol} werkt"
    return Bezwaar("JSON", "$.opdracht", text, kind.naam)


def _without_place(records: Iterable[Named], kind: Berichttype) -> set[str]:
    """What is given and would not be in the message, because the other law alone has it."""
    places = {one.name: {field.name for field in one.fields} for one in kind.maps}
    lost: set[str] = set()
    for name, record in records:
        known = places.get(name)
        lost |= {name} if known is None else filled(record).keys() - known
    return lost


def _told(
    kenmerk: str | None,
    claim: Claim,
    findings: Iterable[Finding],
    is_client: Callable[[str], bool],
) -> dict[str, Any]:
    """What the sender of an opdracht is told of it, beside what is told of every message."""
    masked = (mask_finding(one, is_client) for one in findings)
    return {
        "opdracht": None if kenmerk is None else mask(kenmerk),
        "naam": mask(claim.naam),
        "redenen": [
            {
                "regel": one.rule,
                "retourcode": one.retourcode,
                "effect": one.effect,
                "pad": one.path,
                "gevonden": one.found,
                "verwacht": one.expected,
                "tekst": one.text,
            }
            for one in masked
        ],
    }


def _unreadable(refusal: MessageRefused, source: Source, claim: Claim) -> Settlement:
    """A document that is no opdracht: nobody knows what was asked."""
    pad = refusal.pad if isinstance(refusal, OpdrachtOnleesbaar) else "$"
    text = mask(str(refusal))
    finding = replace(unreadable_finding(text), rule="JSON", klasse="Opdracht", pad=pad)
    seen = peek_opdracht(source.head())
    outcome = Outcome(verdict="invalid", level=1, gemeente=seen.afzender, reason=text)
    told = _told(None, claim, [finding], holds_bsn)
    return Settlement(outcome=outcome, findings=[finding], told=told, is_client=holds_bsn)


def _findings(bezwaren: Iterable[Bezwaar]) -> Iterator[Finding]:
    for bezwaar in bezwaren:
        yield Finding(
            rule=bezwaar.rule,
            retourcode=None,
            effect="reject",
            klasse="Opdracht",
            pad=bezwaar.pad,
            element="",
            reference=None,
            found=bezwaar.found,
            expected=bezwaar.expected,
            text=bezwaar.text,
        )
