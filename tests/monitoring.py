"""Reads what a process tells on its port for figures, as Prometheus does."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_SIGNS = {"==": operator.eq, ">=": operator.ge, ">": operator.gt}
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
    """A rule: `expr` compares a figure, or how much it grew, with a number or another figure."""

    naam: str
    expr: str
    runbook: str

    def goes(self, before: Stand, now: Stand) -> bool:
        """Whether it goes off on what was told last, and before that; waits (`for`) are left out.

        Without an answer there is only that `up` is zero, as Prometheus has it.
        """
        found = _EXPR.match(self.expr)
        assert found is not None, f"no rule that is understood: {self.expr}"
        grew, naam, wanted, sign, bound = found.groups()
        compare = _SIGNS[sign]
        labels = dict(_LABEL.findall(wanted or ""))
        earlier = {_key(name, given): number for name, given, number in before}
        for name, given, number in now:
            if name != naam or not labels.items() <= given.items():
                continue
            value = number - earlier.get(_key(name, given), 0.0) if grew else number
            limits = [float(bound)] if bound[0].isdigit() else _beside(now, bound, given)
            if any(compare(value, limit) for limit in limits):
                return True
        return False


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
    """What Prometheus knows after it asked there."""
    try:
        return [("up", {"job": "gateway"}, 1.0), *scraped(port)]
    except httpx.ConnectError:
        return [("up", {"job": "gateway"}, 0.0)]
