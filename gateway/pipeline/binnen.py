"""Judges a 323 by rules that look inside the message only, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.messages.definition import Stage
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.lezing import Lezing
from gateway.pipeline.stages import run
from gateway.records.batch import Berichtfeiten, Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding


def judge_inside(
    lezing: Lezing, feiten: Berichtfeiten, stages: Iterable[Stage], kennis: Kennis
) -> list[Finding]:
    """Line by line in chunks, then the rules that compare lines with each other.

    The latter get only the lines that may offend: those of which a hash occurs twice.
    """
    base = Declaratiebatch(
        feiten=feiten, header=lezing.header, declaratie=lezing.declaratie, som=lezing.som
    )
    stages = list(stages)
    lines = [stage for stage in stages if stage.judges == "Prestatie"]
    whole = [stage for stage in stages if stage.judges != "Prestatie"]
    findings = run(lines, kennis.rules, base)
    for clienten in lezing.clienten.chunks():
        part = replace(base, judges_whole=False, clienten=clienten)
        findings += run(lines, kennis.rules, part)
    for chunk in lezing.chunks():
        findings += run(lines, kennis.rules, _with_lines(base, chunk))
    nominated = replace(base, clienten=lezing.nominated_clienten(), prestaties=lezing.nominated())
    return findings + run(whole, kennis.rules, nominated)


def _with_lines(base: Declaratiebatch, chunk: Sequence[Prestatie]) -> Declaratiebatch:
    """A part of the lines; every client counts as known, because no assignment is looked at."""
    bsns = frozenset(prestatie.bsn for prestatie in chunk)
    return replace(base, judges_whole=False, prestaties=chunk, bekende_clienten=bsns)
