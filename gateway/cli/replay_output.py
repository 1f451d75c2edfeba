"""What a replay comes to, as tables for a person, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, JustifyMethod
from rich.measure import Measurement
from rich.table import Table

from gateway.cli.scherm import visible
from gateway.deviations.receipt import Document
from gateway.kennisbron import Kennisparen
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.effect import Celsleutel, Effect, Telling
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.replay import Replay, Verandering
from gateway.proef import replaced_by
from gateway.records.masker import mask_own

WIDEST = 1_000
SHOWN = 20
COLUMNS = (
    "groep",
    "overeenkomst",
    "sleutel",
    "regels",
    "omgeslagen",
    "voor",
    "na",
    "verschil",
    "herprijsd",
)
Rij = tuple[str, str, str, Telling]


@dataclass(slots=True)
class Verslag:
    """A replay and what was asked; the first changed lines are kept to be shown."""

    periode: str
    paren: Kennisparen
    zonder: frozenset[str]
    replay: Replay
    eerste: list[tuple[Beoordeeld, Sequence[Verandering]]] = field(default_factory=list)

    def note(self, beoordeeld: Beoordeeld, change: Verandering) -> None:
        """Keep a line when its verdict flips and there is room for it."""
        if change.is_omgeslagen and len(self.eerste) < SHOWN:
            self.eerste.append((beoordeeld, [change]))

    def voorstel(self) -> list[dict[str, Any]]:
        """The agreements of the proposal, with the versions that they replace."""
        hashes = {(one.id, one.versie): one.hash for one in self.paren.voorstel}
        return [
            {
                "id": one.id,
                "versie": one.versie,
                "hash": hashes[one.id, one.versie],
                "vervangt": one.vervangt,
                "toegevoegd": not one.vervangt,
            }
            for one in replaced_by(self.paren)
        ]


def flip(voor: Document, na: Document) -> Document:
    """A changed line: what changes, and both receipts."""
    regel = voor["regel"]
    then, now = _signals(voor), _signals(na)
    return {
        "gemeente": voor["gemeente"],
        "wet": voor["wet"],
        "aanbieder": voor["aanbieder"],
        "declaratie": voor["declaratie"],
        "regelnummer": regel["regelnummer"],
        "referentienummer": regel["referentienummer"],
        "bedrag": regel["ingediendBedrag"],
        "omgeslagen": bool(voor["retourcodes"]) != bool(na["retourcodes"]),
        "retourcodesVoor": voor["retourcodes"],
        "retourcodesNa": na["retourcodes"],
        "signalenErbij": [code for code in now if code not in then],
        "signalenWeg": [code for code in then if code not in now],
        "voor": voor,
        "na": na,
    }


def _signals(bewijs: Document) -> list[str]:
    return [one["regel"] for one in bewijs["bevindingen"] if one["effect"] != "reject"]


def rows_of(effect: Effect) -> Iterator[Rij]:
    """Every row of the effect: its group, agreement, key and amounts."""
    yield "totaal", "", "", effect.totaal
    for groep, rows in (("aanbieder", effect.aanbieders), ("gemeente", effect.gemeenten)):
        for naam, telling in sorted(rows.items()):
            yield groep, "", naam, telling
    for sleutel, telling in _cells(effect):
        yield "cel", sleutel.overeenkomst, sleutel.cel, telling
    for (overeenkomst, dimensie, waarde), telling in sorted(effect.dimensies().items()):
        yield "dimensie", overeenkomst, f"{dimensie}={waarde}", telling


def _cells(effect: Effect) -> list[tuple[Celsleutel, Telling]]:
    return sorted(effect.cellen.items(), key=lambda one: (one[0].overeenkomst, one[0].cel))


def effect_csv(effect: Effect) -> str:
    """All rows as RFC 4180 has it: commas, CRLF, a quoted value where it needs quotes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for groep, overeenkomst, sleutel, telling in rows_of(effect):
        names = map(_no_formula, (groep, overeenkomst, sleutel))
        writer.writerow((*names, *amounts(telling).values()))
    return text.getvalue()


def _no_formula(text: str) -> str:
    """A text that a spreadsheet shows instead of computing it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def amounts(telling: Telling) -> dict[str, int]:
    """A row as numbers: lines, and eurocents."""
    return {
        "regels": telling.regels,
        "omgeslagen": telling.omgeslagen,
        "voor": telling.voor,
        "na": telling.na,
        "verschil": telling.verschil,
        "herprijsd": telling.herprijsd,
    }


def document(verslag: Verslag) -> dict[str, Any]:
    """The whole report but for the changed lines, which stand in a file of their own."""
    replay, effect = verslag.replay, verslag.replay.effect
    rows = list(rows_of(effect))
    return {
        "periode": verslag.periode,
        "voorstel": verslag.voorstel(),
        "zonder": sorted(verslag.zonder),
        "declaraties": effect.declaraties,
        "nietGeraakt": effect.niet_geraakt,
        "totaal": amounts(effect.totaal),
        "aanbieders": _listed(rows, "aanbieder"),
        "gemeenten": _listed(rows, "gemeente"),
        "cellen": _listed(rows, "cel"),
        "dimensies": _listed(rows, "dimensie"),
        "andereCodes": effect.codes,
        "signalenErbij": dict(sorted(effect.erbij.items())),
        "signalenWeg": dict(sorted(effect.weg.items())),
        "aansluiting": {
            "perAanbieder": sum(one.verschil for one in effect.aanbieders.values()),
            "perCel": sum(one.verschil for one in effect.cellen.values()),
            "naMinVoor": effect.totaal.na - effect.totaal.voor,
        },
        "steekproef": {"regels": replay.steekproef.regels, "anders": replay.steekproef.anders},
    }


def _listed(rows: Iterable[Rij], groep: str) -> list[dict[str, Any]]:
    """The rows of one group; of a cell and of a dimension with the agreement that has it."""
    of_agreement = groep in ("cel", "dimensie")
    return [
        {**({"overeenkomst": van} if of_agreement else {}), groep: sleutel, **amounts(telling)}
        for found, van, sleutel, telling in rows
        if found == groep
    ]


def print_report(verslag: Verslag) -> None:
    """The report for a person; a table is as wide as its amounts need, so that none is cut off."""
    effect = verslag.replay.effect
    cells = ((f"{key.overeenkomst} {key.cel}".strip(), row) for key, row in _cells(effect))
    tables = [
        _table("per aanbieder", effect.aanbieders.items(), effect.totaal),
        _table("per cel", cells, effect.totaal),
    ]
    if verslag.eerste:
        tables.append(_flips(verslag))
    plain = Console(markup=False)
    wide = Console(markup=False, width=max(plain.width, *(_needed(table) for table in tables)))
    for sentence in _heading(verslag):
        plain.print(sentence, highlight=False, soft_wrap=True)
    for table in tables:
        wide.print(table)
    for sentence in _closing(verslag):
        plain.print(sentence, highlight=False, soft_wrap=True)


def _needed(table: Table) -> int:
    console = Console(markup=False, width=WIDEST)
    return Measurement.get(console, console.options, table).maximum


def _heading(verslag: Verslag) -> Iterator[str]:
    effect = verslag.replay.effect
    for one in verslag.voorstel():
        how = "toegevoegd" if one["toegevoegd"] else f"in plaats van {', '.join(one['vervangt'])}"
        yield f"voorstel: {one['id']} versie {one['versie']}, {how}"
    if verslag.zonder:
        yield f"zonder: {', '.join(sorted(verslag.zonder))}"
    yield (
        f"periode {verslag.periode}: "
        f"{aantal(effect.declaraties, 'declaratie', 'declaraties')} met "
        f"{aantal(effect.totaal.regels, 'regel', 'regels')}; "
        f"{aantal(effect.niet_geraakt, 'declaratie valt', 'declaraties vallen')} buiten het "
        "voorstel"
    )


def _table(title: str, rows: Iterable[tuple[str, Telling]], totaal: Telling) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(title.removeprefix("per "), no_wrap=True)
    for heading in ("regels", "omgeslagen", "toegekend", "met voorstel", "verschil", "herprijsd"):
        table.add_column(heading, justify="right", no_wrap=True)
    for naam, telling in sorted(rows):
        table.add_row(naam, *_cells_of(telling))
    table.add_section()
    table.add_row("totaal", *_cells_of(totaal))
    return table


def _cells_of(telling: Telling) -> tuple[str, ...]:
    amounts = (telling.voor, telling.na, telling.verschil, telling.herprijsd)
    return (str(telling.regels), str(telling.omgeslagen), *map(euros, amounts))


def _flips(verslag: Verslag) -> Table:
    table = Table(
        title=f"regels met een ander oordeel (de eerste {len(verslag.eerste)})",
        title_justify="left",
    )
    for heading in ("aanbieder en declaratie", "regel", "bedrag", "oordeel", "met voorstel"):
        justify: JustifyMethod = "right" if heading == "bedrag" else "left"
        table.add_column(heading, justify=justify, no_wrap=True)
    for beoordeeld, (change,) in verslag.eerste:
        line = change.line
        nummer = mask_own(beoordeeld.declaratie.declaratienummer, line.bsn)
        where = f"{beoordeeld.partijen.aanbieder} {nummer}"
        reference = mask_own(line.referentienummer, line.bsn)
        amount = euros(line.ondertekend)
        table.add_row(where, visible(reference), amount, _said(change.voor), _said(change.na))
    return table


def _said(codes: tuple[str, ...]) -> str:
    return f"afgewezen {', '.join(codes)}" if codes else "toegekend"


def _closing(verslag: Verslag) -> Iterator[str]:
    effect, steekproef = verslag.replay.effect, verslag.replay.steekproef
    if effect.codes:
        told = aantal(effect.codes, "regel blijft", "regels blijven")
        yield f"{told} afgewezen, met andere codes"
    for told, counted in (("erbij", effect.erbij), ("weg", effect.weg)):
        if counted:
            signals = ", ".join(f"{code} {count} keer" for code, count in sorted(counted.items()))
            yield f"signalen {told}: {signals}"
    verschil = euros(effect.totaal.verschil)
    yield (
        f"aansluiting: de verschillen per aanbieder en per cel zijn elk samen {verschil}; dat is "
        "ook het totaal, en toegekend met voorstel min toegekend"
    )
    yield from _sample_sentence(steekproef.regels, steekproef.anders)


def _sample_sentence(regels: int, anders: int) -> Iterator[str]:
    if anders:
        yield (
            f"let op: van {regels} nagekeken regels krijgen er {anders} ook zonder voorstel nu een "
            "ander oordeel dan is opgeslagen; gebruik --both om dat buiten het effect te houden"
        )
    elif regels:
        told = aantal(regels, "regel krijgt", "regels krijgen")
        yield f"nagekeken: {told} zonder voorstel hetzelfde oordeel als opgeslagen"
