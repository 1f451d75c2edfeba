"""Judges a message also by the rules of a coming release, beside its own judgement.

The message is read by its own format; stages, levels, functions and retourcodes are those of the
coming release.  Nothing is answered or written, and whatever goes wrong here stays here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import structlog

from gateway.messages.definition import Berichttype
from gateway.messages.reader import Message
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.ports import Claim, Outcome, Store
from gateway.pipeline.settlement import Settlement
from gateway.pipeline.verschil import Oordeel, Schaduw, Verschil
from gateway.records.finding import Finding
from gateway.records.masker import mask_finding

log = structlog.get_logger()

Handler = Callable[[Message, Claim, Kennis, Store], Settlement]


@dataclass(frozen=True, slots=True)
class Beoordeeld:
    """A message that was judged by its own release; `dag` is its business date."""

    message: Message
    claim: Claim
    settlement: Settlement
    dag: date | None


def judged_beside(handler: Handler, own: Beoordeeld, kennis: Kennis, store: Store) -> list[Schaduw]:
    """How the coming releases would judge otherwise; a held message is looked at when decided."""
    if own.settlement.besluit_op is not None or own.dag is None:
        return []
    found = []
    for kind in coming_kinds(own.message.kind, own.dag, kennis):
        schaduw = _judged(handler, own, kennis, store, kind)
        if schaduw.differs:
            found.append(schaduw)
    return found


def coming_kinds(kind: Berichttype, dag: date, kennis: Kennis) -> Iterator[Berichttype]:
    """The message as the releases that judge beside, and are not yet in force, would judge it.

    One that has it no more, or asks no rules of it, says nothing.
    """
    for uitgave in kennis.schaduw:
        later = uitgave.vanaf is not None and dag < uitgave.vanaf
        if later and uitgave.standaard == kind.standaard and uitgave != kind.uitgave:
            coming = kennis.types.in_release(kind, uitgave)
            if coming is not None and (coming.stages or kind.stages):
                yield _in_shadow(kind, coming)


@lru_cache(maxsize=256)
def _in_shadow(kind: Berichttype, coming: Berichttype) -> Berichttype:
    """Read as the one, judged as the other, and answered by nothing."""
    return replace(kind, uitgave=coming.uitgave, stages=coming.stages, answer=None)


def _judged(
    handler: Handler, own: Beoordeeld, kennis: Kennis, store: Store, kind: Berichttype
) -> Schaduw:
    nu = _of_message(own.settlement.outcome)
    naam = kind.uitgave.naam
    try:
        straks = handler(replace(own.message, kind=kind), own.claim, kennis.of(kind), store)
        try:
            levels = kennis.of(own.message.kind).niveaus, kennis.of(kind).niveaus
            verschillen = list(_differences(own.settlement, straks, levels))
            return Schaduw(naam, nu, _of_message(straks.outcome), verschillen)
        finally:
            straks.close()
    except Exception as error:
        reden = type(error).__name__
        log.warning("schaduw mislukt", bericht=own.claim.inbox_id, uitgave=naam, fout=reden)
        return Schaduw(naam, nu, None, reden=reden)


def _of_message(outcome: Outcome) -> Oordeel:
    return Oordeel(outcome.verdict, outcome.level)


@dataclass(slots=True)
class _Klasse:
    """What rejects one class."""

    klasse: str
    reference: str | None
    level: int
    rules: set[str]
    retourcodes: set[str]


def _differences(
    nu: Settlement, straks: Settlement, levels: tuple[Mapping[str, int], Mapping[str, int]]
) -> Iterator[Verschil]:
    """The classes that are rejected otherwise, those of the present judgement in front."""
    before, after = _rejected(nu, levels[0]), _rejected(straks, levels[1])
    for pad in before | after:
        one, other = before.get(pad), after.get(pad)
        then, later = _of_class(one, nu.outcome), _of_class(other, straks.outcome)
        known = one or other
        if then != later and known is not None:
            yield Verschil(known.klasse, pad, known.reference, then, later)


def _rejected(settlement: Settlement, levels: Mapping[str, int]) -> dict[str, _Klasse]:
    """Per class that is rejected by itself, what does."""
    found: dict[str, _Klasse] = {}
    for finding in _masked(settlement):
        level = levels[finding.rule]
        one = found.get(finding.pad)
        if one is None:
            one = _Klasse(finding.klasse, finding.reference, level, set(), set())
            found[finding.pad] = one
        one.level = min(one.level, level)
        one.rules.add(finding.rule)
        if finding.retourcode is not None:
            one.retourcodes.add(finding.retourcode)
    return found


def _masked(settlement: Settlement) -> Iterator[Finding]:
    findings: Iterable[Finding] = settlement.findings
    for finding in findings:
        if finding.effect == "reject":
            yield mask_finding(finding, settlement.is_client)


def _of_class(one: _Klasse | None, outcome: Outcome) -> Oordeel:
    """What becomes of a class; one that is good by itself may fall with its message."""
    if one is None:
        return Oordeel("rejected" if outcome.verdict == "rejected" else "accepted")
    rules, codes = sorted(one.rules), sorted(one.retourcodes)
    return Oordeel("rejected", one.level, tuple(rules), tuple(codes))
