"""What judging a message comes to, prepared before the one transaction that makes it true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.pipeline.grondslag import Grondslag
from gateway.pipeline.ports import Answer, Bewijs, Claim, Outcome, Store, UnitOfWork
from gateway.pipeline.verschil import EVENT, Schaduw
from gateway.records.extra import Extra
from gateway.records.finding import Finding
from gateway.records.masker import mask


def register_nothing(uow: UnitOfWork) -> None:
    """A message that counts as not sent changes no facts."""


@dataclass(slots=True)
class Settlement:
    """The outcome of a message with everything that has to be written for it.

    `besluit_op` is filled for a held message: the moment at which it is decided without a person.
    `registered` are the records that became facts, `lines` the judged lines of a 323 as
    PRESTATIE_COLUMNS, `extras` what each of them has beyond its fields (none: nothing has).
    `bewijzen` are the receipts of the lines that were rejected or flagged, `ontheven` counts per
    check the deviations that a waiver covered.
    `schaduwen` are the coming releases that would judge otherwise.
    `told` is what the event for the backoffice tells beside what it tells of every message.
    `is_client` tells whether a text is the Bsn of a client of the message.
    """

    outcome: Outcome
    findings: Iterable[Finding] = ()
    answer: Answer | None = None
    register: Callable[[UnitOfWork], None] = register_nothing
    besluit_op: datetime | None = None
    close: Callable[[], None] = field(default=lambda: None)
    registered: Sequence[object] = ()
    lines: Iterable[tuple[Any, ...]] = ()
    extras: Iterable[Extra] = ()
    bewijzen: Iterable[Bewijs] = ()
    ontheven: Mapping[str, int] = field(default_factory=dict)
    schaduwen: Sequence[Schaduw] = ()
    is_client: Callable[[str], bool] = field(default=lambda _: False)
    told: Mapping[str, object] = field(default_factory=dict)


def settle(store: Store, claim: Claim, settlement: Settlement, grondslag: Grondslag) -> Outcome:
    """Write it all or nothing: facts, findings, receipts, answer, event and the end of the claim.

    `grondslag` are the files that the message was judged with.
    """
    outcome = settlement.outcome
    with store.unit_of_work(claim) as uow:
        uow.judged_with(grondslag)
        uow.add_findings(settlement.findings, outcome.partijen)
        uow.add_bewijzen(settlement.bewijzen)
        uow.add_ontheven(settlement.ontheven)
        if settlement.besluit_op is not None:
            uow.hold(outcome, settlement.besluit_op)
        else:
            settlement.register(uow)
            if settlement.answer is not None:
                uow.add_answer(outcome.gemeente, settlement.answer)
            uow.add_event(f"bericht-{outcome.verdict}", outcome.gemeente, _event(settlement))
            if settlement.schaduwen:
                uow.add_event(EVENT, outcome.gemeente, _beside(settlement))
            uow.finish(outcome)
        uow.commit()
    return outcome


def _beside(settlement: Settlement) -> dict[str, object]:
    """What the backoffice is told of coming releases; nothing about a person."""
    told = ("bericht", "wet", "afzender", "identificatie", "verdict")
    event = _event(settlement)
    own = {key: event[key] for key in told}
    schaduwen = [one.summary() for one in settlement.schaduwen]
    return {**own, "level": settlement.outcome.level, "schaduw": schaduwen}


def _event(settlement: Settlement) -> dict[str, object]:
    """What the backoffice is told of a message; nothing about a person."""
    outcome, own = settlement.outcome, settlement.outcome.identificatie
    return {
        "bericht": outcome.berichttype,
        "wet": outcome.wet,
        "afzender": outcome.afzender,
        "identificatie": mask(own) if own is not None and settlement.is_client(own) else own,
        "verdict": outcome.verdict,
        **outcome.telling,
        **settlement.told,
    }
