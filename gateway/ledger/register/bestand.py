"""The register as a file for a spreadsheet: written, and read back as the changes that it asks for.

One row per provider and code.  What is written and read back again changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    Wijziging,
)
from gateway.records.aanbieder import Aanbieder, Agb
from gateway.records.rekenblad import inert, outert

KOPPEN = (
    *("nummer", "naam", "kvk", "contact", "vanaf", "tot"),
    *("agb", "agb_vanaf", "agb_tot"),
)
MOST_ROWS = 20_000
Rij = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file comes to: changes with the row that asks for them, and what is wrong per row.

    Rows are counted as a spreadsheet does: the headings are row 1.
    """

    wijzigingen: list[tuple[int, Wijziging]] = field(default_factory=list)
    fouten: list[tuple[int, str]] = field(default_factory=list)
    rijen: int = 0


def as_bestand(alle: Iterable[Aanbieder]) -> bytes:
    """The file: semicolons and a mark at the start, as spreadsheets in Dutch expect them."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow(KOPPEN)
    writer.writerows(_rijen_van(alle))
    return made.getvalue().encode("utf-8-sig")


def _rijen_van(alle: Iterable[Aanbieder]) -> Iterator[Sequence[str]]:
    """The rows of the file, in the order of KOPPEN."""
    for one in alle:
        own = (
            str(one.nummer),
            inert(one.naam),
            one.kvk or "",
            inert(one.contact),
            one.vanaf.isoformat(),
            _text(one.tot),
        )
        for code in one.agbs or (None,):
            told = ("", "", "")
            if code is not None:
                told = (code.code, code.vanaf.isoformat(), _text(code.tot))
            yield (*own, *told)


def read_rijen(body: bytes) -> list[tuple[int, Rij]]:
    """The rows of a file with their numbers; raises WrongUse for what is no such file."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongUse("het bestand is geen UTF-8; bewaar het als CSV UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    try:
        unknown = [one for one in reader.fieldnames or () if one not in KOPPEN]
        if unknown or "naam" not in (reader.fieldnames or ()):
            raise WrongUse(_headings(unknown))
        found = [
            (number, {kop: outert((rij.get(kop) or "").strip()) for kop in KOPPEN})
            for number, rij in enumerate(reader, start=2)
        ]
    except csv.Error as wrong:
        raise WrongUse(f"het bestand is geen CSV: {wrong}") from None
    if len(found) > MOST_ROWS:
        raise WrongUse(f"een bestand heeft hoogstens {MOST_ROWS} rijen; splits het")
    return [(number, rij) for number, rij in found if any(rij.values())]


def plan_of(stand: Registerstand, rijen: Iterable[tuple[int, Rij]], vandaag: date) -> Plan:
    """What rows change in a register, which takes it; where a row is wrong none is to hold.

    A row is about the provider with its number, else the one that has its code, else the one with
    its KvK number, else a new one.  An empty field changes nothing.  Another name is from
    `vandaag` on.
    """
    plan = Plan()
    for number, rij in rijen:
        try:
            for wijziging in _asked(stand, rij, vandaag):
                plan.wijzigingen.append((number, wijziging))
        except WrongUse as wrong:
            plan.fouten.append((number, str(wrong)))
    return Plan(plan.wijzigingen, plan.fouten, len({number for number, _ in rijen}))


def _asked(stand: Registerstand, rij: Rij, vandaag: date) -> Iterator[Wijziging]:
    """The changes of one row, each taken as soon as it is asked for."""
    one = _found(stand, rij)
    if one is None:
        yield _taken(stand, _new(rij, vandaag))
        one = stand.aanbieders[max(stand.aanbieders)]
    for change in _own_changes(one, rij, vandaag):
        yield _taken(stand, change)
    change_of_code = _code_change(stand.aanbieders[one.nummer], rij)
    if change_of_code is not None:
        yield _taken(stand, change_of_code)
    # The last day comes last: the codes that stand in it have to be there first.
    tot = _day(rij, "tot")
    if tot is not None and tot != stand.aanbieders[one.nummer].tot:
        yield _taken(stand, Einde(nummer=one.nummer, tot=tot))


def _taken(stand: Registerstand, wijziging: Wijziging) -> Wijziging:
    stand.neem(wijziging)
    return wijziging


def _found(stand: Registerstand, rij: Rij) -> Aanbieder | None:
    nummer, agb, kvk = rij["nummer"], rij["agb"], rij["kvk"]
    if nummer:
        if not nummer.isdecimal() or int(nummer) not in stand.aanbieders:
            raise OngeldigeVelden({"nummer": f"Aanbieder {nummer} staat niet in het register."})
        return stand.aanbieders[int(nummer)]
    dag = _day(rij, "agb_vanaf") or _day(rij, "vanaf")
    held = None
    if agb:
        held = stand.laatste_houder(agb) if dag is None else stand.houder(agb, dag)
    if held is None and kvk:
        held = next((one for one in stand.aanbieders.values() if one.kvk == kvk), None)
    return held


def _new(rij: Rij, vandaag: date) -> Nieuw:
    vanaf = _day(rij, "vanaf") or _day(rij, "agb_vanaf") or vandaag
    return Nieuw(naam=rij["naam"], vanaf=vanaf, kvk=rij["kvk"], contact=rij["contact"])


def _own_changes(one: Aanbieder, rij: Rij, vandaag: date) -> Iterator[Wijziging]:
    if rij["naam"] and rij["naam"] != one.naam:
        vanaf = max(vandaag, one.namen[-1].vanaf)
        yield Hernoem(nummer=one.nummer, naam=rij["naam"], vanaf=vanaf)
    kvk, contact = rij["kvk"] or one.kvk or "", rij["contact"] or one.contact
    if (kvk, contact) != (one.kvk or "", one.contact):
        yield Gegevens(nummer=one.nummer, kvk=kvk, contact=contact)
    vanaf_given = _day(rij, "vanaf")
    if vanaf_given not in (None, one.vanaf):
        raise OngeldigeVelden({"vanaf": f"Aanbieder {one.nummer} begint op {one.vanaf}."})


def _code_change(one: Aanbieder, rij: Rij) -> Wijziging | None:
    agb, tot = rij["agb"], _day(rij, "agb_tot")
    if not agb:
        return None
    vanaf = _day(rij, "agb_vanaf")
    had = [
        code
        for code in one.agbs
        if code.code == agb and (vanaf is None or code.vanaf == vanaf or code.geldt_op(vanaf))
    ]
    if not had:
        return AgbErbij(nummer=one.nummer, agb=agb, vanaf=vanaf or one.vanaf, tot=tot)
    return _other_end(one, had[-1], tot)


def _other_end(one: Aanbieder, code: Agb, tot: date | None) -> Wijziging | None:
    if tot in (None, code.tot):
        return None
    return AgbEinde(nummer=one.nummer, agb=code.code, vanaf=code.vanaf, tot=tot)


def _day(rij: Rij, kop: str) -> date | None:
    if not rij[kop]:
        return None
    try:
        return date.fromisoformat(rij[kop])
    except ValueError:
        text = f"{rij[kop]} is geen datum als 2026-01-31 ({kop})."
        raise OngeldigeVelden({kop: text}) from None


def _headings(unknown: Sequence[str]) -> str:
    wrong = f"kolom {unknown[0]} kent het register niet" if unknown else "kolom naam ontbreekt"
    return f"{wrong}; de kolommen zijn {', '.join(KOPPEN)}"


def _text(dag: date | None) -> str:
    return "" if dag is None else dag.isoformat()
