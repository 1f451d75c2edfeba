"""`gateway providers ...`: accounts, numbers in the books, contracts and subcontractors."""

from __future__ import annotations

import os
from datetime import date

import click

from gateway.cli.geld.register import (
    DAG,
    NUMMER,
    REDEN,
    STORE,
    TOT,
    VANAF,
    checked_gemeente,
    noteer_van,
    opened,
    today,
)
from gateway.cli.geld.wie import aan_de_machine
from gateway.cli.tabel import print_table
from gateway.config import read_settings
from gateway.ledger.register.rekening import Rekeningvraag
from gateway.ledger.register.wijzigingen import (
    ContractErbij,
    OnderaannemerEinde,
    OnderaannemerErbij,
)
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming
from gateway.records.rekening import Rekening
from gateway.store.geld.rekeningvoorstel import Voorgesteld

KOPPEN = (
    *("nummer", "hoofd", "onder", "wet", "categorie"),
    *("vanaf", "tot", "goedgekeurd door"),
)


@click.command("account")
@click.argument("agb")
@click.option("--gemeente", required=True, help="Welke gemeente op deze rekening betaalt.")
@click.option("--iban", required=True, help="De nieuwe rekening.")
@click.option("--naam", required=True, help="Op wiens naam zij staat.")
@VANAF
@click.option("--notitie", default="", help="Hoe dit bij de aanbieder is nagevraagd. Zonder BSN.")
@REDEN
@STORE
def account(  # noqa: PLR0913 - one parameter per option
    agb: str,
    gemeente: str,
    iban: str,
    naam: str,
    vanaf: date | None,
    notitie: str,
    reden: str,
    store: str | None,
) -> int:
    """Stelt een andere rekening voor AGB voor; een tweede persoon keurt haar goed."""
    vraag = Rekeningvraag(
        aanbieder=agb, rekening=Rekening(iban, naam), vanaf=vanaf or today(), notitie=notitie
    )
    wachtdagen = read_settings(os.environ).rekening_wachtdagen
    asked = Voorgesteld(checked_gemeente(gemeente), aan_de_machine(), vraag, wachtdagen)
    with opened(store) as found:
        noteer = noteer_van(found, "rekening voorstellen", f"AGB-code {agb}", reden)
        nummer = found.rekeningen.stel_voor(found.register.stand(), asked, noteer)
    click.echo(f"voorstel {nummer} wacht op een tweede persoon: gateway proposals show {nummer}")
    return 0


@click.command("creditor")
@NUMMER
@click.argument("crediteurnummer")
@click.option("--gemeente", required=True, help="In wiens boeken.")
@VANAF
@REDEN
@STORE
def creditor(
    nummer: int,
    crediteurnummer: str,
    gemeente: str,
    vanaf: date | None,
    reden: str,
    store: str | None,
) -> int:
    """Geeft aanbieder NUMMER een crediteurnummer in de boeken van een gemeente."""
    nieuw = Crediteur(checked_gemeente(gemeente), crediteurnummer, vanaf or today())
    with opened(store) as found:
        noteer = noteer_van(found, "crediteurnummer zetten", f"aanbieder {nummer}", reden)
        found.register.crediteer(nummer, nieuw, noteer)
    click.echo(f"aanbieder {nummer} is crediteur {crediteurnummer} vanaf {nieuw.vanaf}")
    return 0


@click.command("contract")
@NUMMER
@click.argument("overeenkomst")
@click.argument("documentnummer")
@VANAF
@TOT
@click.option("--opmerking", default="", help="Wat erbij hoort. Zonder BSN.")
@REDEN
@STORE
def contract(  # noqa: PLR0913 - one parameter per option
    nummer: int,
    overeenkomst: str,
    documentnummer: str,
    vanaf: date | None,
    tot: date | None,
    opmerking: str,
    reden: str,
    store: str | None,
) -> int:
    """Legt bij aanbieder NUMMER vast welk document bij een OVEREENKOMST hoort."""
    stuk = Contractstuk(
        overeenkomst=overeenkomst,
        documentnummer=documentnummer,
        vanaf=vanaf or today(),
        tot=tot,
        opmerking=opmerking,
    )
    with opened(store) as found:
        noteer = noteer_van(found, "contract vastleggen", f"aanbieder {nummer}", reden)
        found.register.spreek_af([ContractErbij(nummer=nummer, stuk=stuk)], noteer)
    click.echo(f"aanbieder {nummer}: document {documentnummer} bij {overeenkomst}")
    return 0


@click.group("subcontractor")
def subcontractor() -> None:
    """Toont en wijzigt welke aanbieder voor welke mag werken."""


@subcontractor.command("list")
@STORE
def show(store: str | None) -> int:
    """Toont alle goedgekeurde onderaannemers."""
    with opened(store, changes=False) as found:
        rows = [
            (
                str(one.nummer),
                str(one.hoofd),
                str(one.onder),
                one.wet or "alle",
                one.productcategorie or "alle",
                one.vanaf.isoformat(),
                "" if one.tot is None else one.tot.isoformat(),
                one.goedgekeurd_door,
            )
            for one in found.register.onderaannemingen()
        ]
    print_table(KOPPEN, rows, right=("nummer", "hoofd", "onder"))
    return 0


@subcontractor.command("add")
@click.argument("hoofd", type=int)
@click.argument("onder", type=int)
@click.option("--wet", type=click.Choice(["jeugdwet", "wmo"]), help="Alleen onder deze wet.")
@click.option("--categorie", help="Alleen deze productcategorie.")
@VANAF
@TOT
@click.option("--door", required=True, help="Wie het goedkeurde: een afdeling of functie.")
@REDEN
@STORE
def add(  # noqa: PLR0913 - one parameter per option
    hoofd: int,
    onder: int,
    wet: str | None,
    categorie: str | None,
    vanaf: date | None,
    tot: date | None,
    door: str,
    reden: str,
    store: str | None,
) -> int:
    """Keurt goed dat aanbieder ONDER werk doet van aanbieder HOOFD."""
    nieuw = Onderaanneming(
        hoofd=hoofd,
        onder=onder,
        wet=wet,
        productcategorie=categorie,
        vanaf=vanaf or today(),
        tot=tot,
        goedgekeurd_door=door,
    )
    with opened(store) as found:
        over = f"aanbieder {onder} voor {hoofd}"
        noteer = noteer_van(found, "onderaannemer goedkeuren", over, reden)
        found.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], noteer)
    click.echo(f"aanbieder {onder} mag vanaf {nieuw.vanaf} voor aanbieder {hoofd} werken")
    return 0


@subcontractor.command("end")
@click.argument("welk", type=int)
@click.option("--tot", type=DAG, required=True, help="Laatste dag.")
@REDEN
@STORE
def end(welk: int, tot: date, reden: str, store: str | None) -> int:
    """Geeft onderaanneming WELK een laatste dag; list toont de nummers."""
    with opened(store) as found:
        noteer = noteer_van(found, "onderaannemer beëindigen", f"onderaanneming {welk}", reden)
        hoofd = {one.nummer: one.hoofd for one in found.register.onderaannemingen()}.get(welk, 0)
        einde = OnderaannemerEinde(nummer=hoofd, welk=welk, tot=tot)
        found.register.spreek_af([einde], noteer)
    click.echo(f"onderaanneming {welk} eindigt op {tot}")
    return 0


AFSPRAKEN = (account, creditor, contract, subcontractor)
