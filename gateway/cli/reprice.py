"""`gateway agreements reprice`: which granted lines have another right price, and what to send."""

from __future__ import annotations

import csv
import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import msgspec

from gateway.agreements.table import agreement_contents, agreements_in
from gateway.cli.opened import opened_store
from gateway.cli.replay import period_of
from gateway.cli.sentences import reason_of
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import Client, getoond
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_lists
from gateway.kennisbron import Kennisbron
from gateway.ledger.correctie.rijen import KOLOMMEN, document_of, row_of
from gateway.ledger.correctie.totaal import Som
from gateway.logs import configure_logs
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.maanden import first_of_month
from gateway.store.store import SqlStore
from gateway.werk.herprijzing import Herprijsd, Herprijzing
from gateway.werk.wijziging import Wijziging, files_in_use, unchanged, wijziging_of

GROEPEN = {"aanbieders": "aanbieder", "gemeenten": "gemeente", "cellen": "cel"}


@dataclass(frozen=True, slots=True)
class Herprijsopdracht:
    """What is asked for on the command line."""

    proposal: Path | None
    agreements: Path | None
    period: str | None
    store: str | None
    out: Path | None
    as_json: bool


def run_reprice(opdracht: Herprijsopdracht) -> int:
    """Price all granted lines of a period again; nothing in the store is touched.

    Gives 1 where any line has another right price.
    """
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    wijziging = _change(opdracht.proposal, opdracht.agreements or settings.agreements)
    begin, eind = _period(opdracht.period, wijziging)
    with ExitStack() as stack:
        store = stack.enter_context(opened_store(settings, opdracht.store, of_gemeente=True))
        run = Herprijzing(wijziging, Kennisbron(settings, store.bewaard).of)
        to = None if opdracht.out is None else stack.enter_context(_files_in(opdracht.out))
        found = run.run(store, begin, eind, datetime.now(UTC))
        if to is not None:
            found = getoond(store, "toegekende regels herprijzen", found, partial(_client, store))
        for one in found:
            if to is not None:
                _write(to, one)
    _tell(opdracht, opdracht.period or f"vanaf {begin:%Y-%m}", run)
    return 1 if run.totalen.totaal.regels else 0


def _change(proposal: Path | None, in_use: Path | None) -> Wijziging:
    """The prices to price by: those of a proposal in its place, else those in use."""
    codes = load_lists().gemeentecodes()
    for path in (proposal, in_use):
        if path is not None and not path.exists():
            raise WrongUse(f"{path}: dit bestand of deze map bestaat niet")
    files = files_in_use(in_use)
    if proposal is not None:
        return wijziging_of(agreement_contents(proposal), files, codes)
    if not files:
        raise WrongUse("noem een voorstel met --proposal: er zijn geen overeenkomsten in gebruik")
    return unchanged(agreements_in(files, codes))


def _period(text: str | None, wijziging: Wijziging) -> tuple[date, date]:
    """The period that was asked for, else all since a price can be another one."""
    if text is not None:
        return period_of(text)
    if wijziging.vanaf is None:
        raise WrongUse("noem een periode met --period: met dit voorstel verandert er geen prijs")
    return first_of_month(wijziging.vanaf), date.max


def document(period: str, run: Herprijzing) -> dict[str, Any]:
    """The sums as JSON has them; the lines stand in files of their own."""
    return {
        "periode": period,
        "voorstel": [
            {"id": one.id, "versie": one.versie, "hash": one.hash} for one in run.wijziging.nieuw
        ],
        "declaraties": run.declaraties,
        "nietGeraakt": run.niet_geraakt,
        "totaal": amounts(run.totalen.totaal),
        "doorVoorstel": amounts(run.nieuw),
        "zonderPrijs": {"regels": run.prijsloos.regels, "bedrag": run.prijsloos.bedrag},
        **{
            groep: [{"sleutel": key, **amounts(som)} for key, som in sommen.items()]
            for groep, sommen in run.totalen.groepen.items()
        },
    }


def amounts(som: Som) -> dict[str, int]:
    """A row as numbers: lines, and eurocents."""
    return {"regels": som.regels, "voor": som.voor, "na": som.na, "verschil": som.verschil}


@contextmanager
def _files_in(out: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """The two files of lines in a new folder, or one that is empty."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongUse(f"{out}: deze map is niet leeg")
        table = (out / "regels.csv").open("w", encoding="utf-8", newline="")
        lines = (out / "regels.jsonl").open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise WrongUse(f"{out}: deze map is niet te maken ({reason_of(error)})") from error
    with table, lines:
        table.write(csv_line((*KOLOMMEN, "door_voorstel")))
        yield table, lines


def csv_line(values: tuple[object, ...]) -> str:
    """One row as RFC 4180 has it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()


def _write(to: tuple[TextIO, TextIO], one: Herprijsd) -> None:
    table, lines = to
    partijen = (one.partijen.gemeente, one.partijen.wet, one.partijen.aanbieder)
    by_proposal = "ja" if one.is_nieuw else "nee"
    table.write(csv_line((*row_of(partijen, one.correctie), by_proposal)))
    told = {**document_of(partijen, one.correctie), "doorVoorstel": one.is_nieuw}
    lines.write(msgspec.json.encode(told).decode() + "\n")


def _client(store: SqlStore, one: Herprijsd) -> Sequence[Client]:
    return [(one.partijen.gemeente, store.fingerprint(one.correctie.oud.bsn))]


def _tell(opdracht: Herprijsopdracht, period: str, run: Herprijzing) -> None:
    told = msgspec.json.format(msgspec.json.encode(document(period, run))) + b"\n"
    if opdracht.out is not None:
        (opdracht.out / "herprijzing.json").write_bytes(told)
    if opdracht.as_json:
        sys.stdout.write(told.decode())
    else:
        _print(period, run)


def _print(period: str, run: Herprijzing) -> None:
    for one in run.wijziging.nieuw:
        print(f"prijzen van: {one.id} versie {one.versie}")
    print(
        f"periode {period}: {aantal(run.declaraties, 'declaratie', 'declaraties')}, waarvan "
        f"{run.niet_geraakt} buiten deze overeenkomsten"
    )
    totaal = run.totalen.totaal
    if run.prijsloos.regels:
        print(f"{_granted(run.prijsloos.regels)} zonder prijs: daar is niets voor te sturen")
    if not totaal.regels:
        print("elke toegekende regel heeft de juiste prijs")
        return
    headings = ("groep", "sleutel", "regels", "toegekend", "juist", "verschil")
    rows = [
        (GROEPEN[groep], key, *_cells(som))
        for groep, sommen in run.totalen.groepen.items()
        for key, som in sommen.items()
    ]
    print_table(headings, [*rows, ("totaal", "", *_cells(totaal))], right=headings[2:])
    if run.nieuw.regels:
        told = f"{_granted(run.nieuw.regels)} door dit voorstel"
        print(f"daarvan {told}; de andere hadden al een andere juiste prijs")
    print("de aanbieder crediteert deze regels en declareert ze opnieuw tegen de juiste prijs")


def _granted(regels: int) -> str:
    return aantal(regels, "toegekende regel", "toegekende regels")


def _cells(som: Som) -> tuple[str, ...]:
    return (str(som.regels), euros(som.voor), euros(som.na), euros(som.verschil))
