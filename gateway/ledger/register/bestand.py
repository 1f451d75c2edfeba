"""Parts of the register as files for a spreadsheet: written, and read back as changes to ask for.

What is written and read back again changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.ledger.register.afspraken import Register
from gateway.ledger.register.wijzigingen import Afspraak, Wijziging
from gateway.records.aanbieder import Aanbieder
from gateway.records.masker import mask
from gateway.records.rekenblad import outert

MOST_ROWS = 20_000
AGB_DIGITS = 8
Rij = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bestandsoort:
    """One kind of file: `rijen` are its rows of a register, in the order of `koppen`.

    `nodig` are the columns that have to be there.  `vraagt` gives what a row asks of a register,
    which takes each change before the next one is looked for; it raises WrongUse for a wrong row.
    """

    naam: str
    titel: str
    een_rij: str
    koppen: tuple[str, ...]
    nodig: tuple[str, ...]
    rijen: Callable[[Register], Iterable[Sequence[str]]]
    vraagt: Callable[[Register, Rij, date], Iterator[Wijziging | Afspraak]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file comes to: changes with the row that asks for them, and what is wrong per row.

    Rows are counted as a spreadsheet does: the headings are row 1.
    """

    wijzigingen: list[tuple[int, Wijziging | Afspraak]] = field(default_factory=list)
    fouten: list[tuple[int, str]] = field(default_factory=list)
    rijen: int = 0


def as_bestand(soort: Bestandsoort, register: Register) -> bytes:
    """The file: semicolons and a mark at the start, as spreadsheets in Dutch expect them."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow(soort.koppen)
    writer.writerows(soort.rijen(register))
    return made.getvalue().encode("utf-8-sig")


def read_rijen(soort: Bestandsoort, body: bytes) -> list[tuple[int, Rij]]:
    """The rows of a file with their numbers; raises WrongUse for what is no such file."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongUse("het bestand is geen UTF-8; bewaar het als CSV UTF-8") from None
    if "\0" in text:
        raise WrongUse("het bestand is geen CSV")
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    try:
        _refuse_headings(soort, reader.fieldnames or ())
        found = [
            (number, {kop: outert((rij.get(kop) or "").strip()) for kop in soort.koppen})
            for number, rij in enumerate(reader, start=2)
        ]
    except csv.Error:
        regel = reader.reader.line_num
        raise WrongUse(f"het bestand is geen CSV: zie regel {regel}") from None
    if len(found) > MOST_ROWS:
        raise WrongUse(f"een bestand heeft hoogstens {MOST_ROWS} rijen; splits het")
    return [(number, rij) for number, rij in found if any(rij.values())]


def plan_of(
    soort: Bestandsoort, register: Register, rijen: Iterable[tuple[int, Rij]], vandaag: date
) -> Plan:
    """What rows change in a register, which takes it; where a row is wrong none is to hold."""
    plan, count = Plan(), 0
    for number, rij in rijen:
        count += 1
        try:
            for wijziging in soort.vraagt(register, rij, vandaag):
                plan.wijzigingen.append((number, wijziging))
        except WrongUse as wrong:
            plan.fouten.append((number, mask(str(wrong))))
    return Plan(plan.wijzigingen, plan.fouten, count)


def day_in(rij: Rij, kop: str) -> date | None:
    """A day, None where it is left empty; raises OngeldigeVelden for any other text."""
    if not rij[kop]:
        return None
    try:
        return date.fromisoformat(rij[kop])
    except ValueError:
        text = f"{rij[kop]} is geen datum als 2026-01-31 ({kop})."
        raise OngeldigeVelden({kop: text}) from None


def needed_day(rij: Rij, kop: str) -> date:
    """A day that has to be there."""
    found = day_in(rij, kop)
    if found is None:
        raise OngeldigeVelden({kop: f"Vul een datum in ({kop})."})
    return found


def provider_in(register: Register, rij: Rij, kop: str, dag: date) -> Aanbieder:
    """A provider by our number, or by its AGB code on a day; raises OngeldigeVelden for none."""
    text, stand = rij[kop], register.stand
    found = None
    if len(text) == AGB_DIGITS:
        found = stand.houder(text, dag) or stand.laatste_houder(text)
    elif text.isascii() and text.isdecimal() and len(text) < AGB_DIGITS:
        found = stand.aanbieders.get(int(text))
    if found is None:
        told = f"Aanbieder {text} staat niet in het register" if text else "Noem de aanbieder"
        raise OngeldigeVelden({kop: f"{told} ({kop})."})
    return found


def text_of(dag: date | None) -> str:
    """A day as it stands in a file."""
    return "" if dag is None else dag.isoformat()


def _refuse_headings(soort: Bestandsoort, given: Sequence[str]) -> None:
    unknown = [one for one in given if one not in soort.koppen]
    missing = [one for one in soort.nodig if one not in given]
    if unknown or missing:
        wrong = (
            f"kolom {unknown[0]} kent het register niet"
            if unknown
            else f"kolom {missing[0]} ontbreekt"
        )
        raise WrongUse(f"{wrong}; de kolommen zijn {', '.join(soort.koppen)}")
