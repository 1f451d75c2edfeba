"""Reads what a process tells on its port for figures, as Prometheus does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from gateway.metingen.cijfers import Cijfer

_PORT = re.compile(r'"poort": (\d+), "event": "metingen"')
_ENDINGS = re.compile(r"_(bucket|count|sum|total)$")

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
