"""Payments on a terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import click

from gateway.cli.jsonstroom import Document
from gateway.cli.tabel import print_table
from gateway.ledger.geld.journaal import Boeking
from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR, Specificatie, Specificatieregel
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_kort
from gateway.records.rekenblad import inert
from gateway.store.geld.betalen.blokkades import Blokkade
from gateway.store.geld.betalen.controle import Verschil
from gateway.store.geld.betalen.inzage import Betaling, Run
from gateway.store.geld.betalen.openstaand import Openstaand

REGELKOPPEN = (
    *("betaling", "soort", "declaratie", "factuur", "bericht", "wet", "regel", "toewijzing"),
    *("productcategorie", "productcode", "begindatum", "einddatum", "bedrag"),
)
# A line shows no client.
SHOWN = tuple(name for name in Specificatieregel._fields if name not in ("stuk_id", "client"))


def print_open(found: Sequence[Openstaand]) -> None:
    """What is open, and together."""
    koppen = ("gemeente", "aanbieder", "stukken", "regels", "open", "te laat", "saldo", "samen")
    rows = [
        (
            one.gemeente,
            one.aanbieder,
            str(one.stukken),
            str(one.regels),
            *(euros(amount) for amount in (one.bedrag, one.te_laat, one.saldo, one.samen)),
        )
        for one in found
    ]
    print_table(koppen, rows, right=koppen[2:])
    click.echo(f"samen {euros(sum(one.samen for one in found))}")


def write_open(found: Sequence[Openstaand]) -> None:
    """The same as one JSON document, amounts in cents."""
    with Document() as document:
        document.put_all("open", ({**asdict(one), "samen": one.samen} for one in found))


def print_runs(runs: Iterable[Run]) -> None:
    """Runs."""
    koppen = ("run", "gemeente", "stand", "tot", "betaaldag", "betalingen", "regels", "bedrag")
    rows = (
        (
            str(one.nummer),
            one.gemeente,
            one.staat,
            one.tot.isoformat(),
            one.uitvoering.isoformat(),
            str(one.betalingen),
            str(one.regels),
            euros(one.bedrag),
        )
        for one in runs
    )
    print_table(koppen, rows, right=koppen[5:])


def print_run(run: Run) -> None:
    """A run, and who was left out of it."""
    wat = "betaling" if run.betalingen == 1 else "betalingen"
    click.echo(
        f"betaalrun {run.nummer} ({run.staat}): {run.betalingen} {wat}, "
        f"{aantal(run.regels, 'regel', 'regels')}, "
        f"{euros(run.bedrag)}, te betalen op {run.uitvoering}"
    )
    for one in run.buiten:
        click.echo(f"buiten de run: aanbieder {one.aanbieder}, {euros(one.bedrag)}: {one.reden}")


def print_betalingen(betalingen: Iterable[Betaling]) -> None:
    """The payments of a run."""
    koppen = (
        *("betaling", "aanbieder", "stand", "regels", "debet", "credit", "meegenomen"),
        *("bedrag", "doorgeschoven"),
    )
    rows = (
        (
            str(one.nummer),
            one.aanbieder,
            one.stand,
            str(one.regels),
            *(euros(getattr(one, name)) for name in koppen[4:]),
        )
        for one in betalingen
    )
    print_table(koppen, rows, right=("betaling", *koppen[3:]))


def print_blokkades(blokkades: Iterable[Blokkade], vandaag: date) -> None:
    """Blocks, and whether each holds today."""
    koppen = ("nummer", "gemeente", "op", "aanbieder", "vanaf", "tot", "stand", "reden", "door")
    rows = (
        (
            str(one.nummer),
            one.gemeente,
            one.soort,
            one.aanbieder,
            datum_kort(one.vanaf),
            "" if one.tot is None else datum_kort(one.tot),
            "geldt" if one.geldt_op(vandaag) else "geldt niet",
            one.reden,
            one.naam,
        )
        for one in blokkades
    )
    print_table(koppen, rows, right=("nummer",))


def csv_journaal(lines: Iterable[Boeking]) -> None:
    """Journal lines with semicolons between them, amounts in euros with a comma."""
    _csv(Boeking._fields, ([_cel(name, one) for name, one in _pairs(line)] for line in lines))


def write_journaal(lines: Sequence[Boeking]) -> None:
    """The same as one JSON document, amounts in cents."""
    with Document() as document:
        document.put("debet", sum(one.debet for one in lines))
        document.put("credit", sum(one.credit for one in lines))
        document.put_all("boekingen", (one._asdict() for one in lines))


def csv_specificatie(een: Specificatie) -> None:
    """Every line and every balance of a payment; the last column adds up to what was paid."""
    _csv(REGELKOPPEN, specificatierijen(een))


def specificatierijen(een: Specificatie) -> Iterable[Sequence[str]]:
    """The rows of a remittance."""
    for one in een.regels:
        yield [
            een.kenmerk,
            "credit" if one.bedrag < 0 else "debet",
            *(inert(one.nummer) if one.bron == bron else "" for bron in (DECLARATIE, FACTUUR)),
            inert(one.bericht),
            one.wet,
            inert(one.referentienummer),
            "" if one.toewijzingnummer is None else str(one.toewijzingnummer),
            one.productcategorie,
            one.productcode,
            one.begindatum.isoformat(),
            one.einddatum.isoformat(),
            _bedrag(one.bedrag),
        ]
    for saldo in een.meegenomen:
        told = f"{saldo.soort} saldo van {saldo.uit_kenmerk}"
        yield [een.kenmerk, told, *[""] * 10, _bedrag(saldo.bedrag)]


def write_specificatie(een: Specificatie) -> None:
    """The same as one JSON document, amounts in cents."""
    with Document() as document:
        for name in ("gemeente", "aanbieder", "kenmerk", "uitvoering", "bedrag", "doorgeschoven"):
            document.put(name, getattr(een, name))
        document.put("betaaldOp", een.betaald_op)
        document.put("meegenomen", [one._asdict() for one in een.meegenomen])
        document.put(
            "stukken",
            [{k: v for k, v in one._asdict().items() if k != "stuk_id"} for one in een.stukken],
        )
        document.put_all("regels", ({n: getattr(one, n) for n in SHOWN} for one in een.regels))


def print_check(found: Sequence[Verschil]) -> None:
    """What does not add up, or that all does."""
    for one in found:
        click.echo(one.zin)
    if found:
        click.echo(f"de betalingen kloppen niet: {len(found)} verschil(len)")
    else:
        click.echo("de betalingen kloppen")


def write_check(found: Sequence[Verschil]) -> None:
    """The same as one JSON document, amounts in cents."""
    with Document() as document:
        document.put("balanced", not found)
        document.put_all("violations", (one._asdict() for one in found))


def _csv(koppen: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    writer.writerow(koppen)
    writer.writerows(rows)


def _pairs(line: Boeking) -> Iterable[tuple[str, Any]]:
    return zip(Boeking._fields, line, strict=True)


def _cel(name: str, value: Any) -> str:
    if name in ("debet", "credit"):
        return _bedrag(value) if value else ""
    return value.isoformat() if isinstance(value, date) else inert(str(value))


def _bedrag(cents: int) -> str:
    return euros(cents).removeprefix("€\N{NO-BREAK SPACE}").replace(".", "")
