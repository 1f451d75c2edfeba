"""The lines that `gateway process` writes, as design and other software rely on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from gateway.pipeline.ports import Outcome
from gateway.pipeline.verschil import BERICHT, Oordeel, Schaduw
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


def shadow_json(file: str, outcome: Outcome, schaduw: Schaduw) -> Iterator[dict[str, Any]]:
    """The lines of `schaduw.jsonl` for one message and one coming release.

    The message itself where its verdict or level differs, then every class that is judged
    otherwise; `coming` is null and `reason` filled where judging failed.
    """
    head = {
        "file": file,
        "release": schaduw.uitgave,
        "message": outcome.berichttype,
        "identification": outcome.identificatie or None,
    }
    if schaduw.nu != schaduw.straks:
        own = _shadow_line((BERICHT, f"/{BERICHT}", None), schaduw.nu, schaduw.straks)
        yield {**head, **own, "reason": schaduw.reden}
    for one in schaduw.verschillen:
        place = (one.klasse, one.pad, one.reference)
        yield {**head, **_shadow_line(place, one.nu, one.straks), "reason": None}


def _shadow_line(
    place: tuple[str, str, str | None], nu: Oordeel, straks: Oordeel | None
) -> dict[str, Any]:
    return {
        "class": place[0],
        "path": place[1],
        "reference": place[2],
        "now": asdict(nu),
        "coming": None if straks is None else asdict(straks),
    }
