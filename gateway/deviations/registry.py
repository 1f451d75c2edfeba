"""Where checks register: a code of our own catalogue and the function that yields deviations."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, TypeVar

from gateway.deviations.policy import Beleid
from gateway.errors import NOBODYS_FAULT, RuleCrashed
from gateway.records.batch import Aanvraagbatch, Declaratiebatch, Toewijzingbatch
from gateway.records.finding import Evidence, Finding, Offence

# Formal control holds an invoice against what was agreed, material control against the care.
Soort = Literal["formeel", "materieel"]
CODE = re.compile("S[1-9][0-9]{2}", re.ASCII)
NOTHING = Evidence()

Judge = TypeVar("Judge", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something for a person to look at, with what it rests on."""

    offence: Offence
    evidence: Evidence = NOTHING


Deviations = Iterator[Deviation]


@dataclass(frozen=True, slots=True)
class Check:
    """A check; `over` are the batches that it judges, none where the pipeline calls it itself.

    `ook_aanbieder`: the gateway of an aanbieder uses it too, on a 301 that it receives.
    """

    code: str
    soort: Soort
    naam: str
    over: tuple[type, ...]
    judge: Callable[..., Any]
    ook_aanbieder: bool = False

    @property
    def function(self) -> str:
        """Where it is implemented, as `module.function` below `gateway.deviations`."""
        module = self.judge.__module__.removeprefix("gateway.deviations.")
        return f"{module}.{self.judge.__name__}"


CHECKS: dict[str, Check] = {}


def check(
    code: str,
    *,
    soort: Soort,
    naam: str,
    over: tuple[type, ...] = (),
    ook_aanbieder: bool = False,
) -> Callable[[Judge], Judge]:
    """Register a function as the check `code`; refuses a second one and a missing docstring."""

    def register(judge: Judge) -> Judge:
        if not CODE.fullmatch(code):
            raise ValueError(f"{code} is no code of the catalogue of checks")
        if code in CHECKS:
            raise ValueError(f"{code} is implemented twice")
        if not inspect.getdoc(judge):
            raise ValueError(f"{code} has no docstring")
        CHECKS[code] = Check(code, soort, naam, over, judge, ook_aanbieder)
        return judge

    return register


def load_checks() -> dict[str, Check]:
    """Import every module of this package once and return all checks in order of their code."""
    package = importlib.import_module("gateway.deviations")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"gateway.deviations.{module.name}")
    return dict(sorted(CHECKS.items()))


def detect(
    batch: object,
    checks: Mapping[str, Check],
    beleid: Beleid,
    vandaag: date,
    waived: Counter[str] | None = None,
) -> Iterator[Finding]:
    """Let the checks that the municipality uses look at the batch.

    What a waiver covers is left out and counted per code in `waived`.  Raises `RuleCrashed` when
    a check raises: the message is then parked, never judged in part.
    """
    aanbieder = _aanbieder_of(batch)
    for one in checks.values():
        if beleid.effect_of(one.code) == "off" or not isinstance(batch, one.over):
            continue
        for deviation in _deviations(one, batch):
            found = finding_of(one.code, deviation)
            finding = by_policy(found, beleid, aanbieder, vandaag, waived)
            if finding is not None:
                yield finding


def by_policy(
    finding: Finding,
    beleid: Beleid,
    aanbieder: str | None,
    vandaag: date,
    waived: Counter[str] | None = None,
) -> Finding | None:
    """The finding of a check with the effect of a policy; None where it is off or waived.

    `aanbieder` is the one of the message.  What a waiver covers is counted in `waived`.
    """
    code = finding.rule
    effect = beleid.effect_of(code)
    if effect == "off":
        return None
    if beleid.ontheffingen and beleid.waives(code, _scope(finding, aanbieder), vandaag):
        if waived is not None:
            waived[code] += 1
        return None
    return _by_plan(replace(finding, effect=effect), beleid)


def _by_plan(finding: Finding, beleid: Beleid) -> Finding:
    """The finding with its place in the municipality's plan for control, where it has one."""
    plan = beleid.controleplannen.get(finding.rule)
    if plan is None:
        return finding
    return replace(finding, evidence=replace(finding.evidence or NOTHING, controleplan=plan))


def finding_of(code: str, deviation: Deviation) -> Finding:
    """The signal that a deviation becomes; a check never has a retourcode."""
    offence = deviation.offence
    pad = offence.subject.pad
    return Finding(
        rule=code,
        retourcode=None,
        effect="signal",
        klasse=pad.rsplit("/", 1)[-1].split("[", 1)[0],
        pad=pad,
        element=offence.element,
        reference=offence.subject.reference,
        found=offence.found,
        expected=offence.expected,
        text=offence.text,
        evidence=deviation.evidence,
        regelnr=getattr(offence.subject, "volgnr", None),
        productcode=getattr(offence.subject, "productcode", None),
        toewijzingnummer=getattr(offence.subject, "toewijzingnummer", None),
        begindatum=getattr(offence.subject, "begindatum", None),
    )


def _deviations(one: Check, batch: object) -> Deviations:
    try:
        yield from one.judge(batch)
    except NOBODYS_FAULT:
        raise
    except Exception as error:
        raise RuleCrashed(
            f"controle {one.code} is afgebroken met {type(error).__name__}; het bericht is "
            "geparkeerd"
        ) from error


def _scope(finding: Finding, aanbieder: str | None) -> dict[str, object]:
    """The features by which a waiver may name what it covers."""
    return {
        "aanbieder": aanbieder,
        "productcode": finding.productcode,
        "toewijzingnummer": finding.toewijzingnummer,
    }


def _aanbieder_of(batch: object) -> str | None:
    """The aanbieder of a batch, whichever side sent the message."""
    match batch:
        case Declaratiebatch() | Aanvraagbatch():
            return batch.header.afzender
        case Toewijzingbatch():
            return batch.header.ontvanger
    return None
