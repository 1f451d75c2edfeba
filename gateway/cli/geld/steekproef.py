"""`gateway ledger yearend sample`, `result` and `project`: legality, by a sample of the lines."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.cli.geld.jaaropties import DOEL, GEMEENTE, JAAR, JSON, STORE, make_folder, noting
from gateway.cli.geld.jaartabel import as_json, print_sample, print_verdict
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.rol import in_rol
from gateway.cli.scherm import visible
from gateway.cli.verantwoord import toont
from gateway.config import read_settings
from gateway.jaarpakket import settings_of
from gateway.kennisbron import Kennisbron
from gateway.ledger.jaareinde.projectie import Oordeel
from gateway.ledger.jaareinde.uitslagen import read_uitslagen
from gateway.periods.aantallen import aantal
from gateway.store.jaareinde.rekenblad import Vertaling, read_file, rows_in
from gateway.store.jaareinde.steekproefmap import write_sample
from gateway.store.jaareinde.steekproeven import verdict_of
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik


@click.command("sample")
@GEMEENTE
@JAAR
@click.option("--aanbieder", help="De AGB-code; zonder deze gaat het over alle aanbieders samen.")
@click.option(
    "--zaad", required=True, help="Waaruit de trekking volgt: hetzelfde zaad, dezelfde posten."
)
@click.option("--out", type=click.Path(path_type=Path), help="Map voor de stukken bij elke post.")
@STORE
def sample(
    gemeente: str, jaar: int, aanbieder: str | None, zaad: str, out: Path | None, store: str | None
) -> int:
    """Trekt een steekproef uit wat is toegekend; met --out de stukken erbij."""
    settings = read_settings(os.environ)
    _, instellingen = settings_of(settings, gemeente)
    with opened_store(settings, store, of_gemeente=True) as opened:
        bereik = bereik_van(opened, gemeente)
        nummer = opened.steekproeven.draw(
            aan_de_machine(),
            (gemeente, jaar, aanbieder),
            zaad,
            instellingen,
            noting(opened, "steekproef trekken", "C", gemeente, f"{aanbieder or 'allen'}, {jaar}"),
        )
        if out is not None:
            _write(opened, bereik, nummer, out)
        print_sample(*opened.steekproeven.get(bereik, nummer))
    return 0


@click.command("papers")
@click.argument("nummer", type=int)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Map voor de stukken.")
@STORE
def papers(nummer: int, out: Path, store: str | None) -> int:
    """Schrijft de stukken bij elke post van steekproef NUMMER, in een eigen map onder OUT."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        _write(opened, bereik_van(opened), nummer, out)
    return 0


def _write(opened: SqlStore, bereik: Bereik, nummer: int, out: Path) -> None:
    """Write the papers; who takes them out is in the log."""
    make_folder(out)
    een, posten = opened.steekproeven.get(bereik, nummer)
    clienten = [(een.gemeente, one) for one in opened.steekproeven.clienten(bereik, nummer)]
    toont(opened, "steekproef uitvoeren", clienten, f"steekproef {nummer}", DOEL)
    bron = Kennisbron(in_rol(read_settings(os.environ), opened.rol), opened.bewaard)
    place = write_sample(opened, bron.of, bereik, out, een, posten)
    click.echo(visible(f"{place}: {aantal(len(posten), 'post', 'posten')} met hun stukken"))


@click.command("result")
@click.argument("nummer", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@STORE
def result(nummer: int, file: Path, store: str | None) -> int:
    """Legt vast wat bij de posten van steekproef NUMMER is gevonden; FILE is CSV of Excel."""
    uitslagen = read_uitslagen(rows_in(read_file(file), Vertaling()))
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        bereik = bereik_van(opened)
        een, _ = opened.steekproeven.get(bereik, nummer)
        noteer = noting(opened, "steekproef beoordelen", "U", een.gemeente, f"steekproef {nummer}")
        count = opened.steekproeven.record(bereik, aan_de_machine(), nummer, uitslagen, noteer)
    click.echo(f"steekproef {nummer}: {aantal(count, 'post', 'posten')} vastgelegd")
    return 0


@click.command("project")
@click.argument("nummer", type=int)
@JSON
@STORE
def project(nummer: int, as_json_: bool, store: str | None) -> int:
    """Rekent steekproef NUMMER door naar het geheel, en legt dat naast de tolerantie."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        een, posten = opened.steekproeven.get(bereik_van(opened), nummer)
    oordeel = verdict_of(een, posten)
    if as_json_:
        click.echo(as_json({"steekproef": een, "uitkomst": oordeel}))
    else:
        print_verdict(een, oordeel)
    good = {oordeel.oordeel_fouten, oordeel.oordeel_onzeker} == {Oordeel.VOLDOET}
    return 0 if good and not oordeel.ontbreekt else 1
