"""A check before sending as pages and API give it: on the message alone, or on all that is known.

Who checks with own data hears of its own messages only, and an aanbieder hears what would be
rejected, not what its municipality looks into.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from gateway.errors import MessageParked, MessageRefused, NietToegestaan
from gateway.http.omgeving import Omgeving
from gateway.messages.reader import Source, peek
from gateway.pipeline.controle import check_message
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Outcome, Partijen, Verdict
from gateway.pipeline.process import judge_beforehand
from gateway.pipeline.settlement import Settlement
from gateway.records.finding import Finding
from gateway.records.masker import mask_finding
from gateway.store.controles import Gecontroleerd
from gateway.toegang.wie import Bereik

KEPT = 1_000
_NOT_OURS = (
    "dit bericht is niet van deze aanbieder aan een gemeente waarvoor u rechten hebt; zonder "
    "eigen gegevens kan het wel worden gecontroleerd"
)


@dataclass(frozen=True, slots=True)
class Gevolg:
    """What a check came to; `aantal` counts all findings, of which the first are here."""

    outcome: Outcome
    findings: Sequence[Finding]
    aantal: int


def alone(omgeving: Omgeving, body: bytes) -> Gevolg:
    """What the message itself tells, and what external sources allow."""
    kennis = omgeving.kennis
    source = Source([body], kennis.bytecap)
    found = check_message(source, kennis, dag_van(omgeving.clock()))
    # Without the message at hand any number may be a client's.
    masked = [mask_finding(one, lambda _: True) for one in found]
    try:
        kind = kennis.reader.open(source).kind
    except MessageRefused:
        return Gevolg(Outcome("invalid", 1), masked[:KEPT], len(masked))
    is_broken = any(one.rule in ("XSD", "XML") for one in found)
    verdict: Verdict = "accepted" if not found else "invalid" if is_broken else "rejected"
    outcome = Outcome(verdict, 1 if is_broken else None, kind.naam, kind.wet)
    return Gevolg(outcome, masked[:KEPT], len(masked))


def with_own_data(omgeving: Omgeving, bereik: Bereik, body: bytes) -> Gevolg:
    """What would become of the message now; raises NietToegestaan for a message of others.

    Of a 323 a hash is kept of each line that is found good, to measure what the check is worth.
    """
    seen = peek([body])
    if not seen.ontvanger and not seen.afzender:
        return alone(omgeving, body)  # of nobody: it only tells what is wrong with it
    _refuse_others(bereik, seen.ontvanger, seen.afzender)
    source = Source([body], omgeving.kennis.bytecap)
    try:
        settlement = judge_beforehand(source, omgeving.clock(), omgeving.kennis, omgeving.store)
    except MessageParked:
        return Gevolg(Outcome("parked"), (), 0)
    try:
        return _judged(omgeving, bereik, settlement)
    finally:
        settlement.close()


def _judged(omgeving: Omgeving, bereik: Bereik, settlement: Settlement) -> Gevolg:
    outcome, partijen = settlement.outcome, settlement.outcome.partijen
    if partijen is not None:
        _refuse_others(bereik, partijen.gemeente, partijen.aanbieder)
    told = _told(bereik, settlement)
    shown = list(islice(told, KEPT))
    aantal = len(shown) + sum(1 for _ in told)
    if partijen is not None and outcome.declaratie is not None:
        _keep(omgeving, partijen, settlement)
    return Gevolg(outcome, shown, aantal)


def _keep(omgeving: Omgeving, partijen: Partijen, settlement: Settlement) -> None:
    declaratie = settlement.outcome.declaratie or ""
    omgeving.store.controles.add(Gecontroleerd(partijen, declaratie, settlement.lines))


def _refuse_others(bereik: Bereik, gemeente: str, aanbieder: str) -> None:
    """What is known of others is nobody's to find out by a check."""
    if gemeente not in bereik.gemeenten or bereik.aanbieder not in (None, aanbieder):
        raise NietToegestaan(_NOT_OURS)


def _told(bereik: Bereik, settlement: Settlement) -> Iterator[Finding]:
    for finding in settlement.findings:
        if finding.effect == "reject" or bereik.aanbieder is None:
            yield finding
