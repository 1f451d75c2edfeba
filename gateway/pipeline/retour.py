"""The way of a retour (302, 306, 308, 316, 318, 320): tied to the message that it answers.

No rule judges it and nothing answers it; what it refuses is told to the backoffice, and what an
aanbieder sent counts as not sent when it is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.deviations.registry import by_policy
from gateway.deviations.signals import refused_by_retour, retour_without_message
from gateway.messages.reader import Message
from gateway.messages.retour import read_klassen
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.klein import Klein, outcome_of, read_klein
from gateway.pipeline.ports import Claim, Store, UnitOfWork
from gateway.pipeline.settlement import Settlement
from gateway.records.finding import Finding
from gateway.records.masker import holds_bsn, mask
from gateway.records.retour import Retourklasse

EVENT = "retour-ontvangen"
VERZOEKANTWOORD = "319"


@dataclass(frozen=True, slots=True)
class Retour:
    """A retour in hand: what it says per class, and the inbox row of what it answers.

    `is_own` tells whether our side sent the heenbericht.
    """

    klein: Klein
    heen: str
    klassen: list[Retourklasse]
    is_own: bool
    bsns: frozenset[str]
    heen_id: int | None

    def is_client(self, text: str) -> bool:
        """Whether a text is the Bsn of a client; where there is none, whether it can be one."""
        return text in self.bsns if self.bsns else holds_bsn(text)

    @property
    def refusing(self) -> list[Retourklasse]:
        """The classes that are refused; none where the message is approved."""
        return [one for one in self.klassen if one.afkeurend]

    @property
    def counts_as_not_sent(self) -> bool:
        """Whether the facts of the heenbericht end, so that it can be sent again corrected.

        So it is with what an aanbieder sends.  A refused 301 was decided on all the same: there a
        person at the municipality says what is to become of it.
        """
        return self.is_own and not self.klein.kennis.is_gemeente and bool(self.refusing)

    @property
    def leaves_unanswered(self) -> bool:
        """Whether a request is without an answer again: a refused 319 tells nothing."""
        return self.is_own and self.heen.endswith(VERZOEKANTWOORD) and bool(self.refusing)

    def event(self) -> dict[str, object]:
        """What the backoffice is told; nothing about a person."""
        return {
            "bericht": self.klein.kind.naam,
            "heenbericht": self.heen,
            "identificatie": self._shown(self.klein.header.identificatie),
            "heenbericht_inbox": self.heen_id,
            "goedgekeurd": not self.refusing,
            "afgekeurd": [
                {
                    "klasse": one.klasse,
                    "kenmerk": self._shown(one.kenmerk),
                    "retourcodes": one.afkeurend,
                }
                for one in self.refusing
            ],
        }

    def _shown(self, kenmerk: str | None) -> str | None:
        return mask(kenmerk) if kenmerk is not None and self.is_client(kenmerk) else kenmerk


def handle_retour(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Take in a retour and tie it to its message; raises NotXml or SchemaViolated."""
    retour = _read(message, claim, kennis, store)
    klein = retour.klein
    waived: Counter[str] = Counter()
    findings = list(_by_policy(_findings(retour), klein, waived))

    def register(uow: UnitOfWork) -> None:
        if retour.heen_id is not None:
            uow.link_heenbericht(retour.heen_id, refused=bool(retour.refusing))
            if retour.counts_as_not_sent:
                uow.withdraw(retour.heen_id)
            if retour.leaves_unanswered:
                uow.reopen_verzoeken(retour.heen_id)
        uow.add_event(EVENT, klein.partijen.gemeente, retour.event())

    return Settlement(
        outcome=outcome_of(klein, None, findings),
        findings=findings,
        register=register,
        ontheven=waived,
        is_client=retour.is_client,
    )


def _read(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Retour:
    klein = read_klein(message, claim, kennis)
    heen = kennis.types.answered_by(message.kind)
    header = klein.header
    with store.facts(claim) as facts:
        heen_id = facts.heenbericht(
            klein.partijen.gemeente, header.afzender, heen.code, header.identificatie
        )
    klassen, bsns = read_klassen(message.source, heen)
    return Retour(klein, heen.naam, klassen, kennis.is_own(heen), bsns, heen_id)


def _findings(retour: Retour) -> Iterator[Finding]:
    header = retour.klein.header
    if retour.heen_id is None:
        yield retour_without_message(header, retour.heen)
    for klasse in retour.refusing:
        for code in klasse.afkeurend:
            yield refused_by_retour(klasse, code, header.identificatie)


def _by_policy(
    findings: Iterable[Finding], klein: Klein, waived: Counter[str]
) -> Iterator[Finding]:
    """The findings that the municipality wants to hear of; there is nothing to hold."""
    beleid = klein.kennis.beleid_of(klein.partijen.gemeente)
    vandaag = dag_van(klein.claim.received_at)
    for finding in findings:
        wanted = by_policy(finding, beleid, klein.partijen.aanbieder, vandaag, waived)
        if wanted is not None:
            yield replace(wanted, effect="signal")
