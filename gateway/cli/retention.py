"""`gateway retention`: removes what has had its time, and who asks to be erased where that may."""

from __future__ import annotations

import csv
import logging
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
import msgspec

from gateway.cli.clock import clock_of
from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import Settings, read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.logs import configure_logs
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.pipeline.bewaren import Bewaartermijnen, read_bewaartermijnen
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import is_bsn
from gateway.store.bewaren.opruiming import Opruiming, Opruimingen, Telling
from gateway.store.bewaren.wissen import Uitkomst, Wisser
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene, Handeling

DOEL = "bewaartermijnen"
VERZOEK = "wissen op verzoek"
KOPPEN = ("soort", "gemeente", "aantal", "bytes", "bedrag")
BSN_DIGITS = 9
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
CLOCK = click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2025-12-05.")
APPLY = click.option("--apply", "applies", is_flag=True, help="Wis; zonder deze optie niets.")
JSON = click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
CSV = click.option("--csv", "as_csv", is_flag=True, help="Een CSV-bestand op de uitvoer.")


@click.group("retention")
def command() -> None:
    """Wist wat zijn bewaartermijn heeft gehad, en een cliënt die daarom vraagt.

    Zonder --apply verandert er niets, en staat er wat zou gaan.
    """
    configure_logs("json", logging.CRITICAL)


@command.command("run")
@APPLY
@CLOCK
@JSON
@CSV
@STORE
def run(applies: bool, clock: str | None, as_json: bool, as_csv: bool, store: str | None) -> int:
    """Wist per soort wat zijn termijn heeft gehad, in kleine stappen."""
    settings = read_settings(os.environ)
    vandaag = dag_van(clock_of(clock)())
    with opened_store(settings, store) as opened:
        opruimingen = _opruimingen(opened, settings)
        if not applies:
            voorbeeld = Opruiming(0, vandaag, datetime.now(UTC), None, opruimingen.preview(vandaag))
            _show(voorbeeld, as_json, as_csv, "zou nu gaan; met --apply gebeurt het")
            return 0
        done = opruimingen.run(vandaag, _act, lambda: datetime.now(UTC))
    _show(done, as_json, as_csv, f"gewist in opruiming {done.nummer}")
    return 0


@command.command("report")
@click.argument("nummer", type=int, required=False)
@JSON
@CSV
@STORE
def report(nummer: int | None, as_json: bool, as_csv: bool, store: str | None) -> int:
    """Toont wat opruiming NUMMER wiste; zonder NUMMER de laatste."""
    settings = read_settings(os.environ)
    with opened_store(settings, store) as opened:
        every = _opruimingen(opened, settings).all()
    chosen = [one for one in every if nummer in (None, one.nummer)]
    if not chosen:
        raise WrongUse("deze opruiming is er niet")
    one = chosen[-1]
    state = "gewist in" if one.einde else "nog niet klaar:"
    _show(one, as_json, as_csv, f"{state} opruiming {one.nummer}")
    return 0


@command.command("erase")
@click.option("--doel", required=True, help="Waarom; dat komt in het logboek.")
@APPLY
@CLOCK
@JSON
@STORE
def erase(doel: str, applies: bool, clock: str | None, as_json: bool, store: str | None) -> int:
    """Wist een cliënt waar dat mag; het BSN komt van de standaardinvoer."""
    bsn = sys.stdin.readline().strip()
    if len(bsn) != BSN_DIGITS or not is_bsn(bsn):
        raise WrongUse("op de standaardinvoer staat geen burgerservicenummer")
    settings = read_settings(os.environ)
    vandaag = dag_van(clock_of(clock)())
    with opened_store(settings, store) as opened:
        wisser = Wisser(opened.database, opened.logboek, opened.fingerprint, _terms(settings))
        if applies:
            found = wisser.erase(bsn, vandaag, partial(_act, VERZOEK, doel=doel))
        else:
            kenmerk = opened.fingerprint(bsn)
            look = handeling_of("wissen bekijken", "R", Betrokkene(kenmerk=kenmerk), doel)
            opened.logboek.write(look)
            found = wisser.preview(bsn, vandaag)
    if as_json:
        document = {"applied": applies, "dossiers": list(map(_uitkomst_json, found))}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        _print_uitkomsten(found, applies)
    return 1 if any(one.redenen for one in found) else 0


def _opruimingen(opened: SqlStore, settings: Settings) -> Opruimingen:
    return Opruimingen(
        opened.database,
        opened.logboek,
        opened.fingerprint,
        _terms(settings),
        naar_archief=settings.archief_na is not None,
    )


def _terms(settings: Settings) -> Bewaartermijnen:
    path = settings.termijnenbestand
    try:
        return read_bewaartermijnen(path.read_bytes())
    except OSError as error:
        raise CouldNotFinish(f"{path} is niet te lezen ({error.strerror})") from error


def _act(naam: str, betrokkenen: Sequence[Betrokkene], doel: str = DOEL) -> Handeling:
    act = handeling_of(naam, "D", betrokkenen[0], doel)
    return replace(act, betrokkenen=betrokkenen)


def _show(one: Opruiming, as_json: bool, as_csv: bool, told: str) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(_document(one)).decode() + "\n")
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(KOPPEN)
        writer.writerows(_cells(telling) for telling in one.tellingen)
    else:
        print(f"peildag {datum_lang(one.dag)}: {told}")
        rows = [
            [one.soort, one.gemeente, str(one.aantal), str(one.bytes), euros(one.bedrag)]
            for one in one.tellingen
        ]
        print_table(KOPPEN, rows, right=("aantal", "bytes", "bedrag"))


def _cells(telling: Telling) -> tuple[Any, ...]:
    return tuple(getattr(telling, name) for name in KOPPEN)


def _document(one: Opruiming) -> dict[str, Any]:
    totals: Counter[str] = Counter()
    for telling in one.tellingen:
        totals[telling.soort] += telling.aantal
    return {
        "run": one.nummer or None,
        "date": one.dag.isoformat(),
        "finished": one.einde is not None,
        "totals": dict(totals),
        "counts": [
            {
                "kind": telling.soort,
                "municipality": telling.gemeente or None,
                "count": telling.aantal,
                "bytes": telling.bytes,
                "amount": telling.bedrag,
            }
            for telling in one.tellingen
        ],
    }


def _uitkomst_json(one: Uitkomst) -> dict[str, Any]:
    return {
        "municipality": one.gemeente,
        "law": one.wet,
        "erased": not one.redenen,
        "reasons": list(one.redenen),
        "lines": one.regels,
        "amount": one.bedrag,
        "messages": list(one.berichten),
    }


def _print_uitkomsten(found: Sequence[Uitkomst], applies: bool) -> None:
    if not found:
        print("van deze cliënt staat er niets in de opslag")
    for one in found:
        who = f"gemeente {one.gemeente}, {one.wet}"
        if not one.redenen:
            done = "gewist" if applies else "kan worden gewist"
            stays = aantal(one.regels, "regel blijft", "regels blijven")
            print(f"{who}: {done}; {stays} zonder cliënt ({euros(one.bedrag)})")
        for reden in one.redenen:
            print(f"{who}: blijft, want {reden}")
