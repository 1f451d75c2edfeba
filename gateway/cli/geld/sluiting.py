"""`gateway ledger close`: a year closes to the cent, and the command proves it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import Connection

from gateway.cli.clock import clock_of
from gateway.cli.geld.jaaropties import FIRST_YEAR, LAST_YEAR
from gateway.cli.geld.sluittabel import print_lines, print_proofs, write_lines, write_proofs
from gateway.cli.geld.wie import bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.verantwoord import getoond
from gateway.config import Settings, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists
from gateway.jaarpakket import (
    lezer_of,
    opdracht_again,
    opdracht_of,
    settings_of,
)
from gateway.ledger.controle import Controle
from gateway.ledger.geld.betaalbeleid import read_betaalinstellingen
from gateway.ledger.sluiting.bewijs import Bewijs, Sluiting
from gateway.ledger.sluiting.bewijzen import Pakket
from gateway.logs import configure_logs
from gateway.pipeline.kennis import dag_van
from gateway.store.engine import ALL
from gateway.store.ggm.merk import Merk
from gateway.store.jaareinde.afsluiten import differences, packs_in, read_pack
from gateway.store.sluiting.pakketten import NOTHING, made_packs, read_figures, together
from gateway.store.sluiting.regelblad import Regelblad
from gateway.store.sluiting.stromen import Regelvraag
from gateway.store.sluiting.tellen import Ernaast, Sluitvraag, blik_of, count
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik


@click.command("close")
@click.option(
    "--jaar",
    type=click.IntRange(FIRST_YEAR, LAST_YEAR),
    required=True,
    help="Het jaar waarin de zorg is geleverd.",
)
@click.option("--gemeente", "gemeenten", multiple=True, help="Alleen deze gemeente; vaker mag.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
@click.option("--pack", type=click.Path(path_type=Path), help="Map met het pakket, of met alle.")
@click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2027-01-31.")
@click.option("--toon", metavar="BEWIJS", help="Alleen dit bewijs, met elke groep.")
@click.option("--regels", "with_lines", is_flag=True, help="Met --toon: elke regel.")
@click.option("--aanbieder", help="Met --toon: de regels van deze AGB-code.")
@click.option("--aan", help="Met --toon: de regels die met deze gemeente zijn verrekend.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def close(jaar: int, toon: str | None, as_json: bool, **given: Any) -> int:
    """Rekent na of een jaar op de cent sluit, en toont bij elk bedrag de regels."""
    configure_logs("json", logging.CRITICAL)
    only = {name: given[name] for name in ("aanbieder", "aan")}
    asks_lines = given["with_lines"] or any(only.values())
    if asks_lines and toon is None:
        raise WrongUse("noem voor regels ook het bewijs, met --toon")
    settings = read_settings(os.environ)
    with opened_store(settings, given["store"], of_gemeente=True) as opened:
        opened.betaalvolger.catch_up()
        bereik = _bereik(opened, given["gemeenten"])
        vraag = _vraag(settings, bereik, jaar, given)
        sluiting = _counted(opened, settings, vraag, given)
        if toon is None:
            (write_proofs if as_json else print_proofs)(sluiting)
            return 0 if sluiting.klopt else 1
        bewijs = _chosen(sluiting, toon).alleen(**only)
        if asks_lines:
            _show_lines(opened, _regelvraag(vraag, sluiting, bewijs, **only), bewijs, as_json)
        else:
            _show_groups(sluiting, bewijs, as_json=as_json)
        return 0 if bewijs.klopt else 1


def _bereik(opened: SqlStore, gemeenten: tuple[str, ...]) -> Bereik:
    if not gemeenten:
        return bereik_van(opened)
    found = [bereik_van(opened, one).gemeenten for one in gemeenten]
    return Bereik(frozenset().union(*found))


def _vraag(settings: Settings, bereik: Bereik, jaar: int, given: Mapping[str, Any]) -> Sluitvraag:
    found = load_agreements(given["agreements"] or settings.agreements, load_lists())
    betalen = read_betaalinstellingen(settings.betaalbestand, settings.vrije_dagen)
    return Sluitvraag(
        jaar=jaar,
        bereik=bereik,
        blik=blik_of(found, betalen, bereik, dag_van(clock_of(given["clock"])())),
        overeenkomsten=found,
        instellingen={one: settings_of(settings, one)[1] for one in bereik.gemeenten},
    )


def _counted(
    opened: SqlStore, settings: Settings, vraag: Sluitvraag, given: Mapping[str, Any]
) -> Sluiting:
    agreements, pack = given["agreements"], given["pack"]
    lezer = lezer_of(settings)
    kept = None if pack is None else _read_packs(opened, settings, vraag, pack)

    def look(connection: Connection, merk: Merk) -> Ernaast:
        opened.database.scope(connection, ALL)
        fouten = [one.zin for one in lezer.faults(opened, connection, Controle())]
        opdrachten = (opdracht_of(settings, one, vraag.jaar, agreements) for one in vraag.gemeenten)
        return Ernaast(kept or made_packs(opened, connection, merk, opdrachten), fouten)

    return count(opened.database, vraag, look)


def _read_packs(opened: SqlStore, settings: Settings, vraag: Sluitvraag, folder: Path) -> Pakket:
    """The packs of the year in a folder, the newest of each municipality, held against the store.

    Raises WrongUse where a municipality has none.
    """
    newest = {
        manifest.gemeente: (one, manifest)
        for one in packs_in(folder)
        if (manifest := read_pack(one)).jaar == vraag.jaar
    }
    found = NOTHING
    for gemeente in vraag.gemeenten:
        if gemeente not in newest:
            raise WrongUse(
                f"in {folder} staat geen pakket van {vraag.jaar} van gemeente {gemeente}"
            )
        place, manifest = newest[gemeente]
        opdracht = opdracht_again(settings, place, manifest)
        fouten = [f"{place}: {one}" for one in differences(opened, place, manifest, opdracht)]
        found = together(found, read_figures(place, gemeente, fouten))
    return found


def _chosen(sluiting: Sluiting, code: str) -> Bewijs:
    found = sluiting.get(code)
    if found is None:
        known = ", ".join(one.code for one in sluiting.bewijzen)
        raise WrongUse(f"er is geen bewijs {code}; kies uit {known}")
    return found


def _show_groups(sluiting: Sluiting, bewijs: Bewijs, *, as_json: bool) -> None:
    one = Sluiting(sluiting.jaar, sluiting.gemeenten, [bewijs])
    (write_proofs if as_json else print_proofs)(one, with_groups=True)


def _regelvraag(
    vraag: Sluitvraag, sluiting: Sluiting, bewijs: Bewijs, aanbieder: str | None, aan: str | None
) -> Regelvraag:
    if bewijs.regels is None:
        raise WrongUse(f"bewijs {bewijs.code} bestaat niet uit regels; vraag alleen de groepen")
    return Regelvraag(
        soort=bewijs.regels,
        jaar=vraag.jaar,
        bereik=Bereik(vraag.bereik.gemeenten, aanbieder),
        blik=vraag.blik,
        startdelen=sluiting.startdelen,
        aan=aan,
    )


def _show_lines(opened: SqlStore, asked: Regelvraag, bewijs: Bewijs, as_json: bool) -> None:
    told = f"{bewijs.code} {asked.jaar}, {asked.bereik.aanbieder or 'alle aanbieders'}"
    lines = getoond(
        opened,
        "regels achter een bedrag bekijken",
        Regelblad(opened.database).alle(asked),
        lambda one: [(one.gemeente, one.client)],
        told,
    )
    show = write_lines if as_json else print_lines
    show(lines, asked.soort, asked.jaar, opened.kenmerken)
