"""Small families of messages for tests of the commands, and what a command made of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from gateway import cli
from tests.eenmaal import read_once
from tests.opslag import rows_of

PROJECT = Path(__file__).resolve().parents[2]
BASE = PROJECT / "tests" / "rules" / "berichten"
KLOK = "2025-12-05"
BSN, ANDER_BSN = "999900006", "999900018"
WETTEN = ("JW", "WMO")
SOORTEN = ("301", "305", "323", "307")
FOLDER = {"JW": "ijw-3.2", "WMO": "iwmo-3.2"}
FEITEN = ("toewijzing", "levering", "declaratie", "prestatie")
CODE = "from gateway.cli import main; main()"

Tabel = dict[str, Any]
Change = tuple[str, str]


@cache
def bericht(naam: str) -> str:
    """A message that its family accepts: no request behind its 301, two good lines in its 323."""
    root = etree.parse(BASE / f"{naam}.xml").getroot()
    for one in by_name(root, "ReferentieAanbieder"):
        one.getparent().remove(one)
    if naam.endswith("323"):
        by_name(root, "Client")[1].getparent().remove(by_name(root, "Client")[1])
        credit = by_name(root, "Prestatie")[1]
        credit.getparent().remove(credit)
        by_name(root, "TotaalBedrag")[0].text = "85000"
    return etree.tostring(root, encoding="unicode")


def by_name(root: Any, name: str) -> list[Any]:
    """All elements with a local name, in document order."""
    return [one for one in root.iter() if local(one) == name]


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def changed(text: str, *changes: Change) -> bytes:
    """The bytes of a text with every change made once; each has to be possible."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def made(naam: str, *changes: Change) -> bytes:
    """The bytes of a base message with changes."""
    return changed(bericht(naam), *changes)


def renumbered(naam: str, nummer: str, *changes: Change) -> bytes:
    """A 323 of its own: other Identificatie, DeclaratieNummer and ReferentieNummers."""
    others = [(f"{naam}-0001", f"I{nummer}"), ("D202503", f"D{nummer}")]
    others += [("2025-03-001", f"{nummer}-1"), ("2025-03-003", f"{nummer}-3")]
    return made(naam, *others, *changes)


def write(folder: Path, **contents: bytes) -> list[Path]:
    """Files `<name>.xml` in a folder that is made when needed."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in contents.items():
        paths.append(folder / f"{name}.xml")
        paths[-1].write_bytes(content)
    return paths


def familie(folder: Path, wet: str = "JW") -> list[Path]:
    """An assignment, its start, an invoice and its stop, in the order of sending."""
    return write(folder, **{f"{wet}{soort}": made(f"{wet}{soort}") for soort in SOORTEN})


@dataclass(frozen=True, slots=True)
class Verwerkt:
    """What `gateway process` left behind."""

    code: int
    out: Path

    @property
    def outcomes(self) -> list[Tabel]:
        """The lines of outcomes.jsonl."""
        return lines(self.out / "outcomes.jsonl")

    @property
    def records(self) -> list[Tabel]:
        """The lines of records.jsonl."""
        return lines(self.out / "records.jsonl")

    @property
    def deviations(self) -> list[Tabel]:
        """The lines of deviations.jsonl."""
        return lines(self.out / "deviations.jsonl")

    @property
    def verdicts(self) -> list[str]:
        """The verdict per message, in the order of handling."""
        return [one["verdict"] for one in self.outcomes]

    @property
    def answers(self) -> dict[str, bytes]:
        """The answers by file name."""
        return {path.name: path.read_bytes() for path in sorted((self.out / "answers").iterdir())}

    def rules(self, index: int = 0) -> list[str]:
        """The rules that spoke on one message."""
        return [finding["rule"] for finding in self.outcomes[index]["findings"]]

    def texts(self, index: int = 0) -> list[str]:
        """What was told of one message."""
        return [finding["text"] for finding in self.outcomes[index]["findings"]]


def lines(path: Path) -> list[Tabel]:
    """The documents of a file of JSON lines."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def run(arguments: list[str]) -> int:
    """Run a command in this process and give its exit code."""
    with read_once():
        return cli.run(arguments)


def process(out: Path, *inputs: Path, options: tuple[str, ...] = (), klok: str = KLOK) -> Verwerkt:
    """Run `gateway process` in this process."""
    arguments = ["process", *map(str, inputs), "--out", str(out), "--clock", klok, *options]
    return Verwerkt(run(arguments), out)


def counted(folder: Path) -> dict[str, int]:
    """How many facts a store holds of each kind."""
    return {table: rows_of(folder, f"SELECT count(*) FROM {table}")[0][0] for table in FEITEN}


def schema(naam: str) -> etree.XMLSchema:
    """The XSD of a message type such as JW325."""
    wet = naam.rstrip("0123456789")
    return etree.XMLSchema(file=str(PROJECT / "schemas" / FOLDER[wet] / f"{naam}.xsd"))


def command(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        cwd=PROJECT,
        env=own_environment(environment or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def own_environment(given: dict[str, str]) -> dict[str, str]:
    """An environment without settings of this machine, in which a warning is no failure."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GATEWAY_")}
    return {**kept, "PYTHONPATH": str(PROJECT), "GATEWAY_PORT": "0", **given}


def sentence(captured: str) -> str:
    """The one line that a command told on standard error."""
    assert "Traceback" not in captured
    told = captured.splitlines()
    assert 1 == len(told), told
    assert told[0].startswith("gateway: ")
    return told[0].removeprefix("gateway: ")


def comes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition comes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.03)
    return condition()
