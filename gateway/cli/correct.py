"""`gateway correct`: what a provider can put right, and the 323 that does so."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.cli.jsonstroom import Document
from gateway.cli.opened import opened_store
from gateway.cli.replay import period_of
from gateway.cli.scherm import visible
from gateway.cli.sentences import reason_of
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import getoond
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_kennis
from gateway.kennisbron import Kennisbron
from gateway.ledger.correctie.bericht import Berichtnummers
from gateway.ledger.correctie.regels import Onmogelijk, Voorstel
from gateway.ledger.correctie.rijen import bron_of, document_of, referentie
from gateway.logs import configure_logs
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.correctie.vraag import Correctievraag, Reden, Wijze
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Partijen
from gateway.store.store import SqlStore
from gateway.werk.correctie import Gemaakt, made, prices_of, proposals

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Correctieopdracht:
    """What is asked for on the command line."""

    aanbieder: str
    gemeente: str | None
    wet: str | None
    period: str
    uit: str
    code: tuple[str, ...]
    inkorten: bool
    agreements: Path | None
    store: str | None
    identificatie: str | None
    declaratienummer: str | None
    referentiebegin: str | None
    maand: str | None
    dagtekening: datetime | None
    out: Path | None
    as_json: bool


@click.command("correct")
@click.option("--aanbieder", required=True, help="AGB-code van wie declareerde.")
@click.option("--gemeente", help="Gemeentecode; mag weg als er maar één is.")
@click.option("--wet", type=click.Choice(["jeugdwet", "wmo"]), help="Mag weg als er maar één is.")
@click.option("--period", required=True, help="Declaraties over 2025, 2025-03 of 2025-01..2025-06.")
@click.option("--uit", required=True, type=click.Choice([one.value for one in Reden]))
@click.option("--code", multiple=True, help="Alleen regels met deze retourcode; vaker mag.")
@click.option("--inkorten", is_flag=True, help="Kort een periode in tot die van de toewijzing.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--out", type=click.Path(path_type=Path), help="Bestand voor de 323.")
@click.option("--identificatie", help="Identificatie van het bericht.")
@click.option("--declaratienummer", help="DeclaratieNummer.")
@click.option("--referentiebegin", help="Begin van de ReferentieNummers; er komt een getal achter.")
@click.option("--maand", help="DeclaratiePeriode, als 2025-06.")
@click.option("--dagtekening", type=click.DateTime(["%Y-%m-%d"]), help="Zonder: vandaag.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(**options: Any) -> int:
    """Noemt welke regels te corrigeren zijn en hoe; met --out maakt hij de 323 die dat doet."""
    configure_logs("json", logging.CRITICAL)
    return run_correct(Correctieopdracht(**options))


def run_correct(opdracht: Correctieopdracht) -> int:
    """Look for corrections, or make their message; nothing in the store is touched.

    Gives 1 where there is something to correct, or where something could not go into the message.
    """
    settings = read_settings(os.environ)
    chosen = opdracht.agreements or settings.agreements
    if chosen is not None and not chosen.exists():
        raise WrongUse(f"{chosen}: dit bestand of deze map bestaat niet")
    moment = datetime.now(UTC)
    nummers = _nummers(opdracht, dag_van(moment))
    with opened_store(settings, opdracht.store) as store:
        kennis = replace(load_kennis(settings, chosen), rol=store.rol)
        vraag = _vraag(opdracht, store)
        bron = Kennisbron(settings, store.bewaard)
        found = getoond(
            store,
            "correcties bekijken" if nummers is None else "correctiebericht maken",
            proposals(store, vraag, prices_of(kennis.overeenkomsten, bron.of), moment),
            lambda one: [(vraag.partijen.gemeente, store.fingerprint(one.oud.bsn))],
        )
        if nummers is None:
            return _list(opdracht, vraag, found)
        gemaakt = made(store, kennis, found, vraag, nummers, moment)
    return _write(opdracht, vraag, gemaakt)


def _nummers(opdracht: Correctieopdracht, vandaag: date) -> Berichtnummers | None:
    """The numbers for the message; None where only a list is asked for."""
    given = {
        "--identificatie": opdracht.identificatie,
        "--declaratienummer": opdracht.declaratienummer,
        "--referentiebegin": opdracht.referentiebegin,
        "--maand": opdracht.maand,
    }
    if opdracht.out is None:
        if any(given.values()):
            raise WrongUse("noem met --out het bestand waarin de 323 komt")
        return None
    if missing := [naam for naam, waarde in given.items() if not waarde]:
        raise WrongUse(f"geef ook {' en '.join(missing)}: die nummers kiest u zelf")
    if opdracht.out.exists():
        raise WrongUse(f"{opdracht.out}: dit bestand bestaat al")
    begin, eind = period_of(opdracht.maand or "")
    if (begin.year, begin.month) != (eind.year, eind.month):
        raise WrongUse(f"--maand {opdracht.maand}: schrijf één maand, als 2025-06")
    dag = vandaag if opdracht.dagtekening is None else opdracht.dagtekening.date()
    return Berichtnummers(
        identificatie=opdracht.identificatie or "",
        declaratienummer=opdracht.declaratienummer or "",
        referentiebegin=opdracht.referentiebegin or "",
        maand=begin,
        dagtekening=dag,
    )


def _vraag(opdracht: Correctieopdracht, store: SqlStore) -> Correctievraag:
    begin, eind = period_of(opdracht.period)
    found = [
        one
        for one in store.declaraties.parties(begin, eind, opdracht.aanbieder)
        if opdracht.gemeente in (None, one.gemeente) and opdracht.wet in (None, one.wet)
    ]
    if not found:
        raise WrongUse(
            f"aanbieder {opdracht.aanbieder} heeft over {opdracht.period} niets gedeclareerd dat "
            "hier bekend is"
        )
    if len(found) > 1:
        which = ", ".join(f"{one.gemeente} {one.wet}" for one in found)
        raise WrongUse(f"kies met --gemeente en --wet een van deze: {which}")
    wijze = Wijze(
        reden=Reden(opdracht.uit), codes=frozenset(opdracht.code), inkorten=opdracht.inkorten
    )
    return Correctievraag(partijen=found[0], wijze=wijze, begin=begin, eind=eind)


def _list(opdracht: Correctieopdracht, vraag: Correctievraag, found: Iterator[Voorstel]) -> int:
    partijen = _names(vraag.partijen)
    if opdracht.as_json:
        with Document() as told:
            count = told.put_all("voorstellen", (_shown(partijen, one) for one in found))
        return 1 if count else 0
    count = print_table(_HEADINGS, map(_row, found), right=_HEADINGS[3:6])
    print(f"{count} {'regel vraagt' if count == 1 else 'regels vragen'} om een correctie")
    return 1 if count else 0


_HEADINGS = ("declaratie", "regel", "toewijzing", "nu", "wordt", "verschil", "wat er gebeurt")


def _row(one: Voorstel) -> tuple[str, ...]:
    where = (one.bron.declaratienummer, referentie(one.oud), str(one.oud.toewijzingnummer))
    if isinstance(one, Onmogelijk):
        return (*where, euros(one.oud.ingediend_bedrag), "", "", f"kan niet: {one.reden}")
    return (*where, euros(one.voor), euros(one.na), euros(one.verschil), one.waarom)


def _shown(partijen: tuple[str, str, str], one: Voorstel) -> dict[str, Any]:
    if isinstance(one, Onmogelijk):
        return {**bron_of(one.bron, one.oud), "reden": one.reden}
    return document_of(partijen, one)


def _write(opdracht: Correctieopdracht, vraag: Correctievraag, gemaakt: Gemaakt) -> int:
    bericht = gemaakt.bericht
    if bericht.body is not None and opdracht.out is not None:
        _save(opdracht.out, bericht.body)
    if opdracht.as_json:
        _print_json(vraag, gemaakt)
    else:
        _print(opdracht, gemaakt)
    return 1 if gemaakt.onmogelijk or gemaakt.meer else 0


def _save(path: Path, body: bytes) -> None:
    """A new file, never one that was there."""
    try:
        with path.open("xb") as stream:
            stream.write(body)
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te schrijven ({reason_of(error)})") from error


def _print(opdracht: Correctieopdracht, gemaakt: Gemaakt) -> None:
    bericht = gemaakt.bericht
    if bericht.body is None:
        print("er is niets dat zonder meer te corrigeren is; er is geen bericht gemaakt")
    else:
        print(
            f"{visible(str(opdracht.out))}: "
            f"{aantal(len(bericht.correcties), 'correctie', 'correcties')} in "
            f"{aantal(len(bericht.regels), 'regel', 'regels')}, samen {euros(bericht.totaal)}"
        )
    for one in islice(gemaakt.onmogelijk, SHOWN):
        print(f"niet: regel {visible(referentie(one.oud))}: {visible(one.reden)}")
    if len(gemaakt.onmogelijk) > SHOWN:
        print(f"en nog {len(gemaakt.onmogelijk) - SHOWN}; met --json staan ze er alle")
    if gemaakt.meer:
        print("er is meer dan in één bericht past; maak hierna nog een bericht")


def _print_json(vraag: Correctievraag, gemaakt: Gemaakt) -> None:
    partijen, bericht = _names(vraag.partijen), gemaakt.bericht
    told = {
        "correcties": [_shown(partijen, one) for one in bericht.correcties],
        "nietGecorrigeerd": [_shown(partijen, one) for one in gemaakt.onmogelijk],
        "regels": len(bericht.regels),
        "totaal": bericht.totaal,
        "meer": gemaakt.meer,
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(told)).decode() + "\n")


def _names(partijen: Partijen) -> tuple[str, str, str]:
    return partijen.gemeente, partijen.wet, partijen.aanbieder
