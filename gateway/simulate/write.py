"""Writes a synthetic region to a folder: messages, agreements, the clock and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from gateway.simulate.agreements import agreement_texts
from gateway.simulate.generate import SimulatedMessage, generate
from gateway.simulate.region import Regio
from gateway.simulate.truth import truth_line

MESSAGES, AGREEMENTS, CLOCK, TRUTH = "messages", "agreements", "clock", "truth.jsonl"
Told = Callable[[SimulatedMessage], None]


def write_region(regio: Regio, folder: Path, told: Told = lambda message: None) -> None:
    """Write a region into an empty folder, message by message; `told` hears of each.

    The truth stands by municipality; whoever needs it in sending order sorts it by file.
    """
    messages = folder / MESSAGES
    messages.mkdir()
    write_agreements(regio, folder / AGREEMENTS)
    (folder / CLOCK).write_text(str(regio.klok), encoding="utf-8")
    with (folder / TRUTH).open("w", encoding="utf-8", newline="\n") as truth:
        for message in generate(regio):
            (messages / message.name).write_bytes(message.body)
            for label in message.labels:
                truth.write(json.dumps(truth_line(message.name, label)) + "\n")
            told(message)


def write_agreements(regio: Regio, folder: Path) -> None:
    """Write the agreements that a region is paid by into a new folder."""
    folder.mkdir()
    for name, text in agreement_texts(regio).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
