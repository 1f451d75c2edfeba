"""Where rules register: a code, the retourcode it gives and the function that yields offenders."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.errors import NOBODYS_FAULT, RuleCrashed
from gateway.records.finding import Finding, Offence

Offences = Iterator[Offence]
Judge = TypeVar("Judge", bound=Callable[..., Offences])


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `retourcode` is None where the standard has no way to report it (rules on a 325).

    `parameters` go to the function as keywords; `tekst`, where it is filled, is said in place of
    what the function says.
    """

    code: str
    retourcode: str | None
    judge: Callable[..., Offences]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tekst: str = ""

    def offences(self, batch: object) -> Offences:
        """What offends in a batch."""
        return self.judge(batch, **self.parameters)

    @property
    def function(self) -> str:
        """Where it is implemented, as `module.function` below `gateway.rules`."""
        return f"{self.judge.__module__.removeprefix('gateway.rules.')}.{self.judge.__name__}"


RULES: dict[str, Rule] = {}


def rule(code: str, *, retourcode: str | None) -> Callable[[Judge], Judge]:
    """Register a function as the rule `code`; refuses a second one and a missing docstring."""

    def register(judge: Judge) -> Judge:
        if code in RULES:
            raise ValueError(f"{code} is implemented twice")
        if not inspect.getdoc(judge):
            raise ValueError(f"{code} has no docstring")
        RULES[code] = Rule(code, retourcode, judge)
        return judge

    return register


def load_rules() -> dict[str, Rule]:
    """Import every module of this package once and return all rules by code."""
    package = importlib.import_module("gateway.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"gateway.rules.{module.name}")
    return RULES


def judge(batch: object, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Let every rule judge the batch; each offence becomes a finding.

    Raises `RuleCrashed` when a rule raises: the message is then parked, never judged in part.
    """
    for one in rules:
        try:
            for offence in one.offences(batch):
                yield finding_of(one.code, one.retourcode, offence, one.tekst)
        except NOBODYS_FAULT:
            raise
        except Exception as error:
            raise RuleCrashed(
                f"regel {one.code} is afgebroken met {type(error).__name__}; het bericht is "
                "geparkeerd"
            ) from error


def finding_of(code: str, retourcode: str | None, offence: Offence, tekst: str = "") -> Finding:
    """The finding that an offence of a rule of the standard becomes.

    `tekst`, where it is filled, takes the place of what the offence says.
    """
    pad = offence.subject.pad
    return Finding(
        rule=code,
        retourcode=retourcode,
        effect="reject",
        klasse=klasse_of(pad),
        pad=pad,
        element=offence.element,
        reference=offence.subject.reference,
        found=offence.found,
        expected=offence.expected,
        text=tekst or offence.text,
        regelnr=getattr(offence.subject, "volgnr", None),
        productcode=getattr(offence.subject, "productcode", None),
        toewijzingnummer=getattr(offence.subject, "toewijzingnummer", None),
        begindatum=getattr(offence.subject, "begindatum", None),
    )


def klasse_of(pad: str) -> str:
    """The message class at the end of an XPath: `.../Prestatie[3]` is a Prestatie."""
    return pad.rsplit("/", 1)[-1].split("[", 1)[0]
