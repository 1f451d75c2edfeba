"""Reads what a process tells on its port for figures, as Prometheus does."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gateway.metingen.cijfers import Cijfer

_PORT = re.compile(r'"poort": (\d+), "event": "metingen"')
_ENDINGS = re.compile(r"_(bucket|count|sum|total)$")
MONITORING = Path(__file__).parents[1] / "deploy" / "monitoring"
_NAAM = r"[a-z_]+"
_EXPR = re.compile(
    rf"^(increase\()?({_NAAM})(\{{[^}}]*\}})?(?:\[\w+\]\))? (==|>=|>) ({_NAAM}|\d+)$"
)
_ABSENT = re.compile(rf"^absent\(({_NAAM})(\{{[^}}]*\}})?\)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_SIGNS = {"==": operator.eq, ">=": operator.ge, ">": operator.gt}
# What keeps on in an installation.
PROCESSEN = ("relay", "worker", "web")
# A name with a line in it is a figure, unless something stands in brackets behind it.
_FIGURE = re.compile(r"\b(?:[a-z]+(?:_[a-z]+)+|up)\b(?!\s*\()")

Labels = Mapping[str, str]
Stand = list[tuple[str, Labels, float]]


def ports_in(log: Path) -> list[int]:
    """The ports that processes with this log told."""
    return [int(one) for one in _PORT.findall(log.read_text(encoding="utf-8"))]


def text_at(port: int, path: str = "/metrics") -> str:
    """What is told there now."""
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).raise_for_status().text


def scraped(port: int) -> Stand:
    """Every figure that is told there now."""
    return list(figures_in(text_at(port)))


def figures_in(text: str) -> Iterator[tuple[str, Labels, float]]:
    """Name, labels and value of every figure in a text."""
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            yield one.name, one.labels, one.value


def figures_at(port: int) -> set[str]:
    """The names of our own figures that are told there, as `Cijfer` has them."""
    return {_ENDINGS.sub("", name) for name, _, _ in scraped(port) if name.startswith("gateway_")}


def names(*cijfers: Cijfer) -> set[str]:
    """The names of figures."""
    return {one.naam for one in cijfers}


def value(stand: Stand, naam: str, **labels: str) -> float:
    """The one figure with this name and these labels."""
    (found,) = [
        number
        for name, given, number in stand
        if name == naam and all(given.get(key) == text for key, text in labels.items())
    ]
    return found


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule: `expr` is what goes off, each part by itself.

    A part compares a figure, or how much it grew, with a number or another figure; or it asks
    whether a figure is absent.
    """

    naam: str
    expr: str
    runbook: str

    def goes(self, before: Stand, now: Stand) -> bool:
        """Whether it goes off on what was told last, and before that; waits (`for`) are left out.

        Without an answer there is only that `up` is zero, as Prometheus has it.
        """
        return any(_goes(part, before, now) for part in self.expr.split(" or "))


def _goes(part: str, before: Stand, now: Stand) -> bool:
    absent = _ABSENT.match(part)
    if absent is not None:
        return next(_of(now, *absent.groups()), None) is None
    found = _EXPR.match(part)
    assert found is not None, f"no rule that is understood: {part}"
    grew, naam, wanted, sign, bound = found.groups()
    compare = _SIGNS[sign]
    earlier = {_key(name, given): number for name, given, number in before}
    for given, number in _of(now, naam, wanted):
        value = number - earlier.get(_key(naam, given), 0.0) if grew else number
        limits = [float(bound)] if bound[0].isdigit() else _beside(now, bound, given)
        if any(compare(value, limit) for limit in limits):
            return True
    return False


def _of(stand: Stand, naam: str, wanted: str | None) -> Iterator[tuple[Labels, float]]:
    """The figures with a name and with these labels, as an expression has them."""
    labels = dict(_LABEL.findall(wanted or "")).items()
    return (
        (given, number) for name, given, number in stand if name == naam and labels <= given.items()
    )


def _beside(stand: Stand, naam: str, labels: Labels) -> list[float]:
    return [number for name, given, number in stand if (name, given) == (naam, labels)]


def _key(naam: str, labels: Labels) -> tuple[str, frozenset[tuple[str, str]]]:
    return naam, frozenset(labels.items())


def alarmen() -> dict[str, Alarm]:
    """The rules by their name."""
    document = yaml.safe_load((MONITORING / "alarmen.yml").read_text(encoding="utf-8"))
    rules = [rule for group in document["groups"] for rule in group["rules"]]
    found = {
        one["alert"]: Alarm(one["alert"], one["expr"], one["annotations"]["runbook"])
        for one in rules
    }
    assert len(found) == len(rules)
    return found


def figures_named_in(expr: str) -> set[str]:
    """The figures that an expression of PromQL is about."""
    plain = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", "", expr)
    return set(_FIGURE.findall(plain))


def looked_at(port: int) -> Stand:
    """What Prometheus knows after it asked there, as it asks a relay, while the others answer."""
    try:
        told, answers = scraped(port), True
    except httpx.ConnectError:
        told, answers = [], False
    return [*ups(dict.fromkeys(PROCESSEN, True) | {"relay": answers}), *told]


def ups(answers: Mapping[str, bool]) -> Stand:
    """What Prometheus knows of who answers."""
    return [
        ("up", {"job": "gateway", "proces": one}, float(it_does))
        for one, it_does in answers.items()
    ]


def job_in(name: str) -> dict[str, Any]:
    """How a file for Prometheus finds our processes; its rules are ours."""
    document = yaml.safe_load((MONITORING / name).read_text(encoding="utf-8"))
    assert ["alarmen.yml"] == document["rule_files"]
    (job,) = document["scrape_configs"]
    assert "gateway" == job["job_name"]
    return dict(job)


def targets_in(name: str) -> dict[str, list[str]]:
    """Where a file for Prometheus asks, by process."""
    return {one["labels"]["proces"]: one["targets"] for one in job_in(name)["static_configs"]}
