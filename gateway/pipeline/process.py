"""The journey of one message, top to bottom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

import structlog

from gateway.deviations.registry import by_policy
from gateway.deviations.signals import byte_order_mark
from gateway.errors import MessageRefused, NotServed, NotYetHandled, SchemaViolated
from gateway.messages.opdrachten import is_opdracht
from gateway.messages.reader import Message, Peek, Source, has_bom, peek_into
from gateway.pipeline.declaratie import handle_declaratie
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.klein import handle_regie, handle_toewijzing
from gateway.pipeline.opdracht import carry_out
from gateway.pipeline.ports import Claim, Outcome, Store, Stores
from gateway.pipeline.retour import handle_retour
from gateway.pipeline.schaduw import Beoordeeld, Handler, judged_beside
from gateway.pipeline.settlement import Settlement, settle
from gateway.pipeline.stages import schema_findings, unreadable_finding
from gateway.pipeline.terugbericht import handle_antwoord
from gateway.pipeline.uitgave import refuse_not_in_force
from gateway.pipeline.verzoeken import (
    handle_aanvraag,
    handle_verzoekantwoord,
    handle_wijziging,
)
from gateway.records.finding import Finding
from gateway.records.masker import mask_finding
from gateway.tellers import Tellers

log = structlog.get_logger()

Settled = Callable[[Claim, Settlement], None]

# A check before sending is no row of the inbox, and knows what every judgement made.
NOWHERE, LATEST = 0, 2**62

HANDLERS: Mapping[str, Handler] = {
    "301": handle_toewijzing,
    "302": handle_retour,
    "305": handle_regie,
    "306": handle_retour,
    "307": handle_regie,
    "308": handle_retour,
    "315": handle_aanvraag,
    "316": handle_retour,
    "317": handle_wijziging,
    "318": handle_retour,
    "319": handle_verzoekantwoord,
    "320": handle_retour,
    "323": handle_declaratie,
    "325": handle_antwoord,
}


@dataclass(frozen=True, slots=True)
class Berichtkop:
    """The Header as a place to point at, for what concerns the message as a whole."""

    pad: str = "/Bericht/Header"
    reference: str | None = None


class Pipeline:
    """Takes claimed messages to their end: open, judge, settle in one transaction.

    What it raises tells the fate: MessageParked for our fault, TemporaryFailure for nobody's.
    The sender's fault is settled here and never raised.
    """

    def __init__(
        self,
        kennis_nu: Callable[[], Kennis],
        store: Stores,
        settled: Settled = lambda claim, settlement: None,
        tellers: Tellers | None = None,
    ) -> None:
        """`kennis_nu` gives what is known: the messages of one call are judged by the same.

        `settled` hears of every message after its commit, with what it was settled as; `tellers`
        how long the steps took.
        """
        self._kennis_nu = kennis_nu
        self._store = store
        self._settled = settled
        self._tellers = tellers or Tellers()

    def process(self, claims: Sequence[Claim]) -> Sequence[Outcome]:
        """Judge the messages of the claims in their order, and make all outcomes true or none."""
        with ExitStack() as stack:
            settlements = self._settle(claims, stack)
            for claim, settlement in zip(claims, settlements, strict=True):
                verdict = settlement.outcome.verdict
                log.info("vastgelegd", **claim.about, verdict=verdict)
                self._settled(claim, settlement)
            return [settlement.outcome for settlement in settlements]

    def _settle(self, claims: Sequence[Claim], stack: ExitStack) -> Sequence[Settlement]:
        """What the messages come to, settled in their order; `stack` gives everything back.

        One that is not small comes alone, and is judged before its transaction begins.
        """
        kennis = self._kennis_nu()
        fasen, watch = self._tellers.fasen, self._tellers.watch()
        if not claims[0].is_klein:
            settlement = self._judged(claims[0], kennis, self._store, stack)
            watch.lap(fasen.beoordelen)
            settle(self._store, claims[0], settlement, kennis.grondslag)
            watch.lap(fasen.vastleggen)
            return [settlement]
        hand = stack.enter_context(self._store.together(claims))
        settlements = []
        judged = hand.side_by_side(lambda claim: self._judged(claim, kennis, hand, stack))
        watch.lap(fasen.beoordelen)
        for claim, settlement in zip(claims, judged, strict=True):
            if hand.is_outdated(claim):
                settlement = self._judged(claim, kennis, hand, stack)
            settle(hand, claim, settlement, kennis.grondslag)
            settlements.append(settlement)
        watch.lap(fasen.vastleggen)
        return settlements

    def _judged(self, claim: Claim, kennis: Kennis, store: Store, stack: ExitStack) -> Settlement:
        settlement = _Journey(kennis, store).judged(claim)
        stack.callback(settlement.close)
        return settlement


def judge_beforehand(source: Source, moment: datetime, kennis: Kennis, store: Store) -> Settlement:
    """What a message would come to if it came in at a moment; nothing is taken in or written.

    It is judged on everything that the store knows, and what a person could hold is let through.
    The settlement has to be closed.
    """
    claim = Claim(
        NOWHERE, LATEST, "", "controle.xml", moment, ontheven=True, identificatie="CONTROLE"
    )
    return _Journey(replace(kennis, schaduw=()), store).of_source(source, claim)


class _Journey:
    """Judges messages on what a store knows."""

    def __init__(self, kennis: Kennis, store: Store) -> None:
        self._kennis = kennis
        self._store = store

    def judged(self, claim: Claim) -> Settlement:
        """What the message of a claim comes to."""
        return self.of_source(
            Source(self._store.pieces(claim.inbox_id), self._kennis.bytecap), claim
        )

    def of_source(self, source: Source, claim: Claim) -> Settlement:
        """What these bytes come to as the message of a claim."""
        settlement = self._judged(source, claim)
        log.info("beoordeeld", **claim.about, niveau=settlement.outcome.level)
        self._tell_bom(settlement, claim, source)
        settlement.findings = _masked(settlement.findings, settlement.is_client)
        return settlement

    def _judged(self, source: Source, claim: Claim) -> Settlement:
        """Judge a message, or have an opdracht carried out, which is to make one."""
        if is_opdracht(claim.naam):
            return carry_out(source, claim, self._kennis, self._store, self._judged_message)
        return self._judged_message(source, claim)

    def _judged_message(self, source: Source, claim: Claim) -> Settlement:
        message: Message | None = None
        try:
            message = self._kennis.reader.open(source)
            log.info("geopend", **claim.about, soort=message.kind.naam)
            found = peek_into(source)
            self._refuse_not_served(message, found)
            refuse_not_in_force(message.kind, found, self._kennis.types)
            handler = HANDLERS.get(message.kind.nummer)
            if handler is None:
                for _ in message.records():
                    pass
                raise NotYetHandled(f"berichten {message.kind.naam} worden nog niet behandeld")
            settlement = handler(message, claim, self._kennis.of(message.kind), self._store)
            if self._kennis.schaduw:
                own = Beoordeeld(message, claim, settlement, found.peildatum)
                settlement.schaduwen = judged_beside(handler, own, self._kennis, self._store)
            return settlement
        except MessageRefused as refusal:
            return _refused(refusal, message, peek_into(source))

    def _tell_bom(self, settlement: Settlement, claim: Claim, source: Source) -> None:
        """Tell of a byte order mark before all else that was found; it is never held for."""
        outcome = settlement.outcome
        if outcome.verdict == "invalid" or not has_bom(source.head()):
            return
        waived = Counter(settlement.ontheven)
        signal = by_policy(
            byte_order_mark(Berichtkop()),
            self._kennis.beleid_of(outcome.gemeente),
            None if outcome.partijen is None else outcome.partijen.aanbieder,
            dag_van(claim.received_at),
            waived,
        )
        settlement.ontheven = waived
        if signal is not None:
            settlement.findings = chain([replace(signal, effect="signal")], settlement.findings)

    def _refuse_not_served(self, message: Message, found: Peek) -> None:
        """A code that never was a municipality's is nobody's to serve: TR378 tells its sender."""
        gemeente, aanbieder = _gemeente_of(message, found), _aanbieder_of(message, found)
        exists = gemeente in self._kennis.gemeentecodes
        if exists and not self._kennis.serves(gemeente):
            raise NotServed(f"gemeente {gemeente[:4]} wordt door deze installatie niet bediend")
        if not self._kennis.serves_aanbieder(aanbieder):
            raise NotServed(f"aanbieder {aanbieder[:8]} wordt door deze installatie niet bediend")


def _masked(findings: Iterable[Finding], is_client: Callable[[str], bool]) -> Iterator[Finding]:
    """The findings as they may be read: without a BSN."""
    for finding in findings:
        yield mask_finding(finding, is_client)


def _gemeente_of(message: Message, found: Peek) -> str:
    return found.ontvanger if message.kind.gemeente == "ontvanger" else found.afzender


def _aanbieder_of(message: Message, found: Peek) -> str:
    return found.afzender if message.kind.gemeente == "ontvanger" else found.ontvanger


def _refused(refusal: MessageRefused, message: Message | None, found: Peek) -> Settlement:
    """Level 1: no message goes back, the transport is told why."""
    findings: list[Finding] = [unreadable_finding(str(refusal))]
    if isinstance(refusal, SchemaViolated):
        findings = list(schema_findings(refusal.errors))
    outcome = Outcome(
        verdict="invalid",
        level=1,
        berichttype=message.kind.naam if message else None,
        uitgave=message.kind.uitgave.versie if message else None,
        wet=message.kind.wet if message else None,
        afzender=found.afzender,
        ontvanger=found.ontvanger,
        gemeente=_gemeente_of(message, found) if message else "",
        identificatie=found.identificatie,
        reason=str(refusal),
    )
    return Settlement(outcome=outcome, findings=findings)
