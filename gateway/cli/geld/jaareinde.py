"""`gateway ledger yearend`: the year of a municipality, laid beside what providers tell of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.clock import clock_of
from gateway.cli.geld.jaaropties import (
    AANBIEDER,
    DOEL,
    GEMEENTE,
    JAAR,
    JSON,
    STORE,
    make_folder,
    noting,
)
from gateway.cli.geld.jaartabel import as_json, print_overview, print_statement
from gateway.cli.geld.steekproef import papers, project, result, sample
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.verantwoord import toont_iedereen
from gateway.config import read_settings
from gateway.jaarpakket import (
    doe_vergelijking_of,
    lezer_of,
    opdracht_again,
    opdracht_of,
    settings_of,
)
from gateway.ledger.jaareinde.verantwoording import Verschil
from gateway.logs import configure_logs
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.store.jaareinde.afsluiten import (
    differences,
    is_from_before,
    make_pack,
    packs_in,
    read_pack,
)
from gateway.store.jaareinde.opgavebestand import read_statement
from gateway.store.jaareinde.overzicht import overview_of
from gateway.store.jaareinde.pakket import Manifest
from gateway.store.jaareinde.rekenblad import read_file, read_vertaling
from gateway.store.jaareinde.verantwoordingen import AKKOORD, BETWIST
from gateway.store.owner import owned
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik


@click.group("yearend")
def command() -> None:
    """Sluit een jaar af: standen, verantwoordingen, het pakket en de steekproef."""
    configure_logs("json", logging.CRITICAL)


@command.command("make")
@GEMEENTE
@JAAR
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Map voor pakketten.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Andere overeenkomsten.")
@STORE
def make(gemeente: str, jaar: int, out: Path, agreements: Path | None, store: str | None) -> int:
    """Schrijft het pakket voor de accountant, in een eigen map onder OUT."""
    settings = read_settings(os.environ)
    opdracht, lezer = opdracht_of(settings, gemeente, jaar, agreements), lezer_of(settings)
    make_folder(out)
    with owned(out), opened_store(settings, store, of_gemeente=True) as opened:
        bereik_van(opened, gemeente)
        toont_iedereen(opened, "jaarafsluiting maken", f"jaar {jaar}", [gemeente], DOEL)
        made = make_pack(
            opened,
            out,
            opdracht,
            datetime.now(UTC),
            lambda connection: lezer.controleer(opened, connection),
        )
    cijfers = made.cijfers
    told = "klopt" if made.controle.klopt and cijfers.klopt else "klopt NIET"
    click.echo(
        visible(
            f"{made.folder}: {euros(cijfers.totaal.netto)} netto toegekend, "
            f"{euros(cijfers.totaal.facturen)} aan facturen, "
            f"{euros(cijfers.totaal.lasten)} lasten; het grootboek {told}"
        )
    )
    if cijfers.onleesbaar:
        one_or_more = "bericht zonder antwoord is", "berichten zonder antwoord zijn"
        click.echo(f"{aantal(len(cijfers.onleesbaar), *one_or_more)} niet te lezen")
    return 0 if made.controle.klopt and cijfers.klopt else 1


@command.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@STORE
def verify(folder: Path, store: str | None) -> int:
    """Controleert pakket FOLDER en rekent het na; FOLDER is er een, of een map met pakketten."""
    settings, found = read_settings(os.environ), 0
    with opened_store(settings, store, of_gemeente=True) as opened:
        for pack in packs_in(folder):
            manifest = read_pack(pack)
            opdracht = opdracht_again(settings, pack, manifest)
            problems = list(differences(opened, pack, manifest, opdracht))
            for problem in problems or [_right(opened, manifest)]:
                click.echo(visible(f"{pack}: {problem}"))
            found += len(problems)
    return 1 if found else 0


def _right(opened: SqlStore, manifest: Manifest) -> str:
    told = "klopt met de opslag"
    if is_from_before(opened, manifest):
        told += "; het is van voor een nieuwe sleutel, dus de kolom client is niet vergeleken"
    return told


@command.command("show")
@GEMEENTE
@JAAR
@click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2025-12-05.")
@JSON
@STORE
def show(gemeente: str, jaar: int, clock: str | None, as_json_: bool, store: str | None) -> int:
    """Toont per aanbieder wat is toegekend, wat is verantwoord en wat nog moet komen."""
    settings, today = read_settings(os.environ), dag_van(clock_of(clock)())
    _, instellingen = settings_of(settings, gemeente)
    with opened_store(settings, store, of_gemeente=True) as opened:
        bereik = bereik_van(opened, gemeente)
        overview = overview_of(opened, bereik, gemeente, jaar, instellingen, today)
    if as_json_:
        click.echo(as_json(overview))
    else:
        print_overview(overview)
    return 1 if any(one.is_te_laat for one in overview.aanbieders) else 0


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@GEMEENTE
@JAAR
@AANBIEDER
@click.option(
    "--kolommen", type=click.Path(path_type=Path), help="TOML met de koppen die het bestand heeft."
)
@STORE
def take_in(
    file: Path,
    gemeente: str,
    jaar: int,
    aanbieder: str,
    kolommen: Path | None,
    store: str | None,
) -> int:
    """Leest de productieverantwoording FILE (CSV of Excel), in de plaats van een eerdere."""
    settings, vertaling = read_settings(os.environ), read_vertaling(kolommen)
    opgave, bestand = read_statement(file.name, read_file(file), vertaling)
    with opened_store(settings, store, of_gemeente=True) as opened:
        nummer = opened.verantwoordingen.take_in(
            aan_de_machine(),
            (gemeente, jaar, aanbieder),
            opgave,
            bestand,
            noting(opened, "verantwoording inlezen", "C", gemeente, f"{aanbieder}, {jaar}"),
        )
    click.echo(
        f"verantwoording {nummer}: {aantal(len(opgave.regels), 'rij', 'rijen')} per "
        f"{opgave.per}, samen "
        f"{euros(opgave.bedrag)}"
    )
    return 0


@command.command("compare")
@click.argument("nummer", type=int)
@click.option("--oordeel", type=click.Choice((AKKOORD, BETWIST)), help="Beslis over het verschil.")
@click.option("--toelichting", default="", help="Waarom; wordt bewaard. Zonder BSN.")
@JSON
@STORE
def compare(
    nummer: int,
    oordeel: str | None,
    toelichting: str,
    as_json_: bool,
    store: str | None,
) -> int:
    """Legt verantwoording NUMMER regel voor regel naast het grootboek."""
    settings = read_settings(os.environ)
    with opened_store(settings, store, of_gemeente=True) as opened:
        bereik = bereik_van(opened)
        een = opened.verantwoordingen.get(bereik, nummer)
        _, instellingen = settings_of(settings, een.gemeente)
        noteer = noting(opened, "verantwoording vergelijken", "U", een.gemeente, f"{nummer}")
        een = doe_vergelijking_of(settings, opened)(bereik, nummer, noteer)
        if oordeel is not None:
            noteer = noting(opened, "verantwoording beoordelen", "U", een.gemeente, f"{nummer}")
            wie = aan_de_machine()
            een = opened.verantwoordingen.judge(bereik, wie, nummer, oordeel, toelichting, noteer)
        over = f"verantwoording {nummer}"
        toont_iedereen(opened, "verantwoording bekijken", over, [een.gemeente], DOEL)
        soorten = opened.verantwoordingen.soorten(bereik, nummer)
        rijen = _all_differences(opened, bereik, nummer)
        if as_json_:
            document = {"verantwoording": een, "soorten": soorten, "verschillen": rijen}
            click.echo(as_json(document))
        else:
            print_statement(een, soorten, rijen, instellingen)
    return 1 if soorten else 0


def _all_differences(opened: SqlStore, bereik: Bereik, nummer: int) -> Iterator[Verschil]:
    na: str | None = None
    while True:
        blad = opened.verantwoordingen.verschillen(bereik, nummer, 500, na)
        yield from (one.verschil for one in blad.rijen)
        na = blad.volgende
        if na is None:
            return


for _one in (sample, papers, result, project):
    command.add_command(_one)
