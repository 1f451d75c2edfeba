"""What a run of the benchmarks found: figures against what has to be reached, and details.

It can be printed, written as JSON and read again.  The musts are data: `eisen.toml`.
"""

from __future__ import annotations

import json
import os
import platform
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

EISEN = Path(__file__).with_name("eisen.toml")
NIET_GEMETEN = "niet gemeten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Eis:
    """A figure with the least that is good enough, and what we aim for."""

    sleutel: str
    naam: str
    eenheid: str
    moet: float
    streef: float
    beter: str

    def oordeel(self, waarde: float | None) -> str:
        """Whether a figure is good enough, in a word."""
        if waarde is None:
            return NIET_GEMETEN
        if self._reaches(waarde, self.streef):
            return "streefwaarde"
        return "ja" if self._reaches(waarde, self.moet) else "nee"

    def grens(self, waarde: float) -> str:
        """A bound in words."""
        sign = "≤" if self.beter == "lager" else "≥"
        return f"{sign} {getal(waarde)} {self.eenheid}"

    def _reaches(self, waarde: float, grens: float) -> bool:
        return waarde <= grens if self.beter == "lager" else waarde >= grens


@dataclass(frozen=True, slots=True)
class Detail:
    """Something else that was measured."""

    groep: str
    naam: str
    waarde: float
    eenheid: str


@dataclass(slots=True)
class Verslag:
    """The figures by the key of their must, and details in the order in which they came."""

    vorm: str
    datum: str = ""
    machine: str = ""
    cijfers: dict[str, float] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)

    def cijfer(self, sleutel: str, waarde: float) -> None:
        """Note a figure that has a must."""
        self.cijfers[sleutel] = round(waarde, 2)

    def detail(self, groep: str, naam: str, waarde: float, eenheid: str) -> None:
        """Note something else; measured again, it takes the place of what was noted before."""
        new = Detail(groep, naam, round(waarde, 2), eenheid)
        known = [(one.groep, one.naam) for one in self.details]
        if (groep, naam) in known:
            self.details[known.index((groep, naam))] = new
        else:
            self.details.append(new)

    def waarde(self, groep: str, naam: str) -> float:
        """A detail that was noted before."""
        return next(one.waarde for one in self.details if (one.groep, one.naam) == (groep, naam))

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        file.write_text(f"{text}\n", encoding="utf-8")


def new_verslag(vorm: str) -> Verslag:
    """An empty one of today, on this machine."""
    python = ".".join(platform.python_version_tuple()[:2])
    machine = f"{os.cpu_count()} kernen, {platform.machine()}, Python {python}"
    return Verslag(vorm, date.today().isoformat(), machine)  # noqa: DTZ011 - a day for readers


def read_verslag(file: Path) -> Verslag:
    """One that was written as JSON."""
    told = json.loads(file.read_text(encoding="utf-8"))
    told["details"] = [Detail(**one) for one in told["details"]]
    return Verslag(**told)


def read_eisen() -> tuple[Eis, ...]:
    """Everything that has to be reached."""
    with EISEN.open("rb") as stream:
        return tuple(Eis(**one) for one in tomllib.load(stream)["eis"])


def getal(waarde: float) -> str:
    """A number as people write it here, with as many digits as say something."""
    digits = 0 if abs(waarde) >= 100 else 1 if abs(waarde) >= 10 else 2
    text = f"{waarde:,.{digits}f}".translate(str.maketrans(",.", ".,"))
    return text.rstrip("0").rstrip(",") if "," in text else text


def cijfer_rijen(verslag: Verslag, eisen: Iterable[Eis]) -> list[tuple[str, ...]]:
    """The table of musts: what, figure, must, aim, and whether it is reached."""
    rows = []
    for eis in eisen:
        waarde = verslag.cijfers.get(eis.sleutel)
        told = "-" if waarde is None else f"{getal(waarde)} {eis.eenheid}"
        bounds = (eis.grens(eis.moet), eis.grens(eis.streef))
        rows.append((eis.naam, told, *bounds, eis.oordeel(waarde)))
    return rows


def detail_rijen(verslag: Verslag) -> list[tuple[str, ...]]:
    """The table of details: about what, which, figure."""
    return [(d.groep, d.naam, f"{getal(d.waarde)} {d.eenheid}") for d in verslag.details]


def as_text(rows: list[tuple[str, ...]]) -> str:
    """Rows in columns, for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)
