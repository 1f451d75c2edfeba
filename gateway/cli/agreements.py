"""`gateway agreements`: check, print and explain agreements, and try a proposal on old invoices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gateway.agreements.pagina.bladzijde import page
from gateway.agreements.table import problems
from gateway.errors import WrongUse
from gateway.inlezen import load_agreements, load_lists
from gateway.periods.bedragen import euros
from gateway.records.overeenkomst import Cel, Overeenkomst

DAG = click.DateTime(["%Y-%m-%d"])
WIDE = 160  # columns, where it is no terminal that sets the width


@click.group("agreements")
def command() -> None:
    """Controleert, toont, indexeert en publiceert overeenkomsten (TOML), en rekent ze na."""


@command.command("check")
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> int:
    """Leest een bestand of map en noemt alles wat eraan mankeert."""
    found = problems(_existing(path), load_lists().gemeentecodes())
    for sentence in found:
        print(sentence)
    if not found:
        print(f"{path}: in orde")
    return 1 if found else 0


@command.command("show")
@click.argument("path", type=click.Path(path_type=Path))
def show(path: Path) -> int:
    """Toont de cellen van een overeenkomst met hun prijs."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    for overeenkomst in load_agreements(_existing(path), load_lists()).alle:
        console.print(_heading(overeenkomst))
        console.print(_table(overeenkomst))
    return 0


@command.command("replay")
@click.option("--proposal", type=click.Path(path_type=Path), help="Voorstel: bestand of map.")
@click.option("--period", required=True, help="2025, 2025-03 of 2025-01..2025-06.")
@click.option("--without", default="", help="Zonder deze regels en controles: TR418,TR321.")
@click.option("--both", is_flag=True, help="Beoordeel ook opnieuw zoals het was.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--out", type=click.Path(path_type=Path), help="Lege of nieuwe map.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def replay(**options: Any) -> int:
    """Speelt declaraties na met een voorstel en toont wat er dan verandert."""
    # Imported here: check and show need no store, and start faster without.
    from gateway.cli.replay import Replayvraag, run_replay

    return run_replay(Replayvraag(**options))


@command.command("index")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--percentage", required=True, help="Percentage erbij, als 4.2; min mag ook.")
@click.option("--cel", multiple=True, help="Ander percentage: profiel=1,intensiteit=duurzaam=3.1.")
@click.option("--vanaf", required=True, type=DAG, help="Eerste dag van de nieuwe prijzen.")
@click.option("--afronden", type=click.Choice(["1", "5", "10", "100"]), default="1", help="Centen.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Het nieuwe bestand.")
@click.option("--versie", help="Zonder: de oude versie met de datum erachter.")
@click.option("--bekendgemaakt", type=DAG, help="Wanneer aanbieders het weten; zonder: vandaag.")
@click.option("--toewijsbaar-tot", type=DAG, help="Laatste dag voor toewijzen tegen de oude prijs.")
@click.option("--declarabel-tot", type=DAG, help="Laatste dag voor declareren op de oude prijs.")
@click.option(
    "--store", help="SQLAlchemy-URL: reken uit wat het kost bij het gebruik van vorig jaar."
)
def index(**options: Any) -> int:
    """Maakt een bestand met de prijzen van een volgend jaar."""
    from gateway.cli.tariefjaar import Indexopdracht, run_index

    return run_index(Indexopdracht(**options))


@command.command("compare")
@click.argument("een", type=click.Path(path_type=Path))
@click.argument("ander", type=click.Path(path_type=Path))
@click.option(
    "--store", help="SQLAlchemy-URL: reken uit wat het kost bij het gebruik van vorig jaar."
)
def compare(een: Path, ander: Path, store: str | None) -> int:
    """Toont welke cellen van twee overeenkomsten verschillen."""
    from gateway.cli.tariefjaar import run_compare

    return run_compare(een, ander, store)


@command.command("publish")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="De map.")
@click.option("--met-terugwerkende-kracht", "past", is_flag=True, help="Ook wat al is toegekend.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def publish(path: Path, folder: Path, past: bool, store: str | None) -> int:
    """Neemt een overeenkomst in gebruik; een draaiende gateway neemt haar vanzelf over."""
    from gateway.cli.tariefjaar import run_publish

    return run_publish(path, folder, store, past=past)


@command.command("reprice")
@click.option("--proposal", type=click.Path(path_type=Path), help="Zonder: wat in gebruik is.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map in gebruik.")
@click.option("--period", help="2025-01..2025-06; zonder: vanaf de eerste andere prijs.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--out", type=click.Path(path_type=Path), help="Lege of nieuwe map.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def reprice(**options: Any) -> int:
    """Toont welke toegekende regels een andere juiste prijs hebben, met credit en debet."""
    from gateway.cli.reprice import Herprijsopdracht, run_reprice

    return run_reprice(Herprijsopdracht(**options))


@command.command("page")
@click.argument("path", type=click.Path(path_type=Path))
def show_page(path: Path) -> int:
    """Toont een overeenkomst als bladzijde (Markdown), in gewone woorden."""
    lists = load_lists()
    print("\n".join(page(one, lists) for one in load_agreements(_existing(path), lists).alle))
    return 0


def _existing(path: Path) -> Path:
    if not path.exists():
        raise WrongUse(f"{path}: dit bestand of deze map bestaat niet")
    return path


def _heading(overeenkomst: Overeenkomst) -> str:
    example = " (voorbeeld: verzonnen bedragen)" if overeenkomst.voorbeeld else ""
    return (
        f"{overeenkomst.naam}, versie {overeenkomst.versie}{example}\n"
        f"wet: {', '.join(overeenkomst.wetten)}; gemeenten: {', '.join(overeenkomst.gemeenten)}; "
        f"variant: {overeenkomst.variant}; peildatum: {overeenkomst.peildatum}"
    )


def _table(overeenkomst: Overeenkomst) -> Table:
    table = Table()
    # The name of a cell may run on below itself; nothing is cut off.
    table.add_column("cel", overflow="fold")
    for heading in ("product", "eenheid", "soort", "prijs", "vanaf", "tot en met"):
        table.add_column(heading, justify="right" if heading == "prijs" else "left", no_wrap=True)
    for cel in overeenkomst.cellen:
        table.add_row(*_row(cel))
    return table


def _row(cel: Cel) -> tuple[str, ...]:
    return (
        cel.naam,
        f"{cel.productcategorie}/{cel.productcode}",
        cel.eenheid,
        cel.soort,
        euros(cel.bedrag),
        str(cel.vanaf),
        str(cel.tot or ""),
    )
