"""The lines that `gateway process` writes, as design and other software rely on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.pipeline.ports import Outcome
from gateway.records.finding import Evidence, Finding


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding of `outcomes.jsonl`."""
    return {
        "rule": finding.rule,
        "retourcode": finding.retourcode,
        "effect": finding.effect,
        "class": finding.klasse,
        "path": finding.path,
        "reference": finding.reference,
        "found": finding.found,
        "expected": finding.expected,
        "text": finding.text,
    }


def outcome_json(
    file: str, outcome: Outcome, findings: Iterable[Finding], answer: str | None
) -> dict[str, Any]:
    """A line of `outcomes.jsonl`; `answer` is the path of the answer below OUT."""
    return {
        "file": file,
        "message": outcome.berichttype,
        "wet": outcome.wet,
        "sender": outcome.afzender or None,
        "receiver": outcome.ontvanger or None,
        "identification": outcome.identificatie or None,
        "verdict": outcome.verdict,
        "level": outcome.level,
        "findings": [finding_json(finding) for finding in findings],
        "answer": answer,
    }


def deviation_json(
    file: str, declaratie: str | None, finding: Finding, controle: str | None
) -> dict[str, Any]:
    """A line of `deviations.jsonl`: a finding beyond the standard and its grounds, in cents.

    `controle` is the kind of control: formeel or materieel.
    """
    evidence = finding.evidence or Evidence()
    known = evidence.ingediend is not None and evidence.verwacht is not None
    return {
        "file": file,
        **finding_json(finding),
        "declaratie": declaratie,
        "regel": finding.reference,
        "overeenkomst": evidence.overeenkomst,
        "versie": evidence.versie,
        "cel": evidence.cel,
        "ingediend": evidence.ingediend,
        "verwacht": evidence.verwacht,
        "verschil": (evidence.ingediend or 0) - (evidence.verwacht or 0) if known else None,
        "belang": evidence.belang,
        "controle": controle,
        "controleplan": evidence.controleplan,
    }
