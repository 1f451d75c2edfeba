"""Runs the stages of a message type: which rules, in which order, and where judging ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.messages.definition import Berichttype, Stage
from gateway.records.finding import Finding, SchemaError
from gateway.rules.registry import Rule, judge, klasse_of


def stages_of(kind: Berichttype, judges: Iterable[str], level: int | None = None) -> list[Stage]:
    """The stages that judge one of these classes, in the order of the type."""
    wanted = frozenset(judges)
    return [
        stage
        for stage in kind.stages
        if stage.judges in wanted and (level is None or stage.level == level)
    ]


def run(stages: Iterable[Stage], rules: Mapping[str, Rule], batch: object) -> list[Finding]:
    """Judge a batch stage by stage; ends behind a stage that stops once anything is found."""
    findings: list[Finding] = []
    for stage in stages:
        findings.extend(judge(batch, [rules[code] for code in stage.rules]))
        if stage.stops and findings:
            break
    return findings


def deciding_level(findings: Iterable[Finding], levels: Mapping[str, int]) -> int | None:
    """The lowest control level that rejected anything; None when nothing did."""
    found = [levels[f.rule] for f in findings if f.effect == "reject"]
    return min(found, default=None)


def schema_findings(errors: Iterable[SchemaError]) -> Iterator[Finding]:
    """The findings of a message that breaks its XSD; there is no retourcode for it."""
    for error in errors:
        yield Finding(
            rule="XSD",
            retourcode=None,
            effect="reject",
            klasse=klasse_of(error.pad),
            pad=error.pad,
            element="",
            reference=None,
            found=error.found,
            expected=error.expected,
            text=error.text,
        )


def unreadable_finding(text: str) -> Finding:
    """The finding of a message that could not be read or routed at all."""
    return Finding(
        rule="XML",
        retourcode=None,
        effect="reject",
        klasse="Bericht",
        pad="/Bericht",
        element="",
        reference=None,
        found="",
        expected="",
        text=text,
    )
