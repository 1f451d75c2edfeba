"""Judges the lines of a 323 on levels 3 and 4, by what their sender could know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from copy import copy
from dataclasses import dataclass, field, replace

from gateway.deviations.gevallen import evidence_of
from gateway.messages.definition import Berichttype, Stage
from gateway.pipeline.stages import run, stages_of
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.registry import Rule

ALONE = ("Prestatie",)
IN_ORDER = ("Omvang",)
Offences = dict[int, list[Finding]]


@dataclass(slots=True)
class Oordeel:
    """What a chunk of lines offends against, by volgnr; a line that is not named is granted.

    Each finding carries the price of its line, where that is known, and the amount at stake.

    `onbekend` holds the granted lines that only an assignment version which their sender could
    not know would reject, with that version.
    """

    offences: Offences = field(default_factory=dict)
    onbekend: dict[int, ToegewezenProduct] = field(default_factory=dict)


def judge_lines(
    batch: Declaratiebatch, kind: Berichttype, rules: Mapping[str, Rule], unjudged: Set[int]
) -> Oordeel:
    """Judge the lines of a batch; `unjudged` are those that fall with their Client.

    A line is rejected only when both the latest version of its assignment and the one known on
    its Dagtekening reject it; its codes are then those of the version it could know.
    """
    return _Regels(batch, kind, rules).judge(unjudged)


class _Regels:
    """One chunk of lines in hand."""

    def __init__(
        self, batch: Declaratiebatch, kind: Berichttype, rules: Mapping[str, Rule]
    ) -> None:
        self._batch = batch
        self._rules = rules
        self._alone = stages_of(kind, ALONE, 3)
        self._in_order = stages_of(kind, IN_ORDER, 3)
        # Per number the version that the sender could know, where that is not the latest.
        self._known = {
            nummer: versies[1] for nummer, versies in batch.versies.items() if len(versies) > 1
        }

    def judge(self, unjudged: Set[int]) -> Oordeel:
        """Every line on its own first, then what adds up over lines, in processing order."""
        oordeel = Oordeel(offences=self._found(self._alone, self._batch))
        rescued = self._rescued(oordeel)
        batch = copy(self._batch)  # keeps what the batch has joined already
        if rescued:
            batch = replace(batch, toewijzingen={**batch.toewijzingen, **rescued})
        batch.geweigerd = oordeel.offences.keys() | unjudged
        adding_up = self._found(self._in_order, batch)
        for volgnr in self._strictly(batch) - adding_up.keys() if self._known else ():
            self._mark(oordeel, volgnr)
        for volgnr, findings in adding_up.items():
            oordeel.offences.setdefault(volgnr, []).extend(findings)
        for volgnr in oordeel.offences:
            oordeel.onbekend.pop(volgnr, None)
        self._add_evidence(oordeel.offences)
        return oordeel

    def _add_evidence(self, offences: Offences) -> None:
        """Put beside what is wrong with a line which price it has, and what it asks for.

        The amount of a credit is negative: rejected, it takes nothing back.
        """
        for prestatie in self._batch.prestaties if offences else ():
            if found := offences.get(prestatie.volgnr):
                bedrag = prestatie.ondertekend
                prijs = self._batch.prijzen.get(prestatie.volgnr)
                evidence = evidence_of(prijs, bedrag, belang=bedrag)
                offences[prestatie.volgnr] = [replace(one, evidence=evidence) for one in found]

    def _found(self, stages: Iterable[Stage], batch: Declaratiebatch) -> Offences:
        findings = run(stages, self._rules, batch)
        volgnrs = {p.pad: p.volgnr for p in batch.prestaties} if findings else {}
        found: Offences = {}
        for finding in findings:
            found.setdefault(volgnrs[finding.pad], []).append(finding)
        return found

    def _rescued(self, oordeel: Oordeel) -> dict[int, ToegewezenProduct]:
        """Judge what was rejected again by what the sender could know.

        Returns the known versions on which lines are granted after all.
        """
        doubtful = [
            p
            for p in self._batch.prestaties
            if p.volgnr in oordeel.offences and p.toewijzingnummer in self._known
        ]
        if not doubtful:
            return {}
        known = {**self._batch.toewijzingen, **self._known}
        again = self._found(
            self._alone, replace(self._batch, prestaties=doubtful, toewijzingen=known)
        )
        rescued = {}
        for line in doubtful:
            if line.volgnr in again:
                oordeel.offences[line.volgnr] = again[line.volgnr]
            else:
                del oordeel.offences[line.volgnr]
                self._mark(oordeel, line.volgnr, line)
                rescued[line.toewijzingnummer] = self._known[line.toewijzingnummer]
        return rescued

    def _strictly(self, batch: Declaratiebatch) -> set[int]:
        """The lines that the latest versions alone would reject for what adds up."""
        latest = {nummer: versies[:1] for nummer, versies in batch.versies.items()}
        return set(self._found(self._in_order, replace(batch, versies=latest)))

    def _mark(self, oordeel: Oordeel, volgnr: int, line: Prestatie | None = None) -> None:
        line = line or next(p for p in self._batch.prestaties if p.volgnr == volgnr)
        latest = self._batch.versies[line.toewijzingnummer][0]
        if line.toewijzingnummer in self._known:
            oordeel.onbekend[volgnr] = latest
