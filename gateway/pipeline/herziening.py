"""Looks again at what was found, now that something was put right on our side.

Our own agreements, policy and register (assignments, starts and stops) are read as they are now;
everything else, what was invoiced and granted, as it stood when the message was judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.messages.reader import Message, Source
from gateway.pipeline.herbeoordeling import NO_CAP, Herbeoordeling, judged_again
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.klein import judge_toewijzing, read_klein
from gateway.pipeline.ports import Claim, Store
from gateway.records.finding import Finding
from gateway.records.masker import mask_finding

TOEWIJZING, DECLARATIE = "301", "323"


@dataclass(slots=True)
class Nu:
    """What a judgement would find in a message now.

    `findings` are all of them; `geweigerd` is True when the message would be rejected as a whole.
    """

    findings: list[Finding] = field(default_factory=list)
    geweigerd: bool = False
    _rules: dict[object, set[str]] = field(default_factory=dict)
    _rejected: set[object] = field(default_factory=set)

    def add(self, findings: Iterable[Finding]) -> None:
        """Take in what was found."""
        for finding in findings:
            self.findings.append(finding)
            self._rules.setdefault(subject_of(finding), set()).add(finding.rule)
            if finding.effect == "reject":
                self._rejected.add(subject_of(finding))

    def finds(self, finding: Finding) -> bool:
        """Whether the same rule or check still speaks of the same line or assignment."""
        return finding.rule in self._rules.get(subject_of(finding), ())

    def rejects(self, finding: Finding) -> bool:
        """Whether the line or assignment of a finding would be rejected, for whatever reason."""
        return self.geweigerd or subject_of(finding) in self._rejected


def subject_of(finding: Finding) -> object:
    """What a finding is about: a line by its number, else a class by its path."""
    return finding.pad if finding.regelnr is None else finding.regelnr


def findings_now(store: Store, claim: Claim, kennis: Kennis) -> Nu | None:
    """What would be found in the message of a claim; None for a kind that is not judged again.

    The claim says by `register_volgnr` up to where our register is read.
    """
    message = kennis.reader.open(Source(store.message(claim.inbox_id), NO_CAP))
    if message.kind.nummer == TOEWIJZING:
        return _of_toewijzing(message, claim, kennis, store)
    if message.kind.nummer != DECLARATIE:
        return None
    with judged_again(store, claim, kennis, None) as opnieuw:
        return _of_declaratie(opnieuw)


def _of_toewijzing(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Nu:
    klein = read_klein(message, claim, kennis.of(message.kind))
    _, findings = judge_toewijzing(klein, store, Counter())
    nu = Nu(geweigerd=any(one.effect == "reject" for one in findings))
    nu.add(mask_finding(one, klein.is_client) for one in findings)
    return nu


def _of_declaratie(opnieuw: Herbeoordeling) -> Nu:
    refused = opnieuw.refused()
    nu = Nu(geweigerd=refused is not None)
    if refused is not None:
        nu.add(refused.findings)
        return nu
    for deel in opnieuw.delen():
        nu.add(mask_finding(one, opnieuw.lezing.is_client) for one in deel.findings)
    return nu
