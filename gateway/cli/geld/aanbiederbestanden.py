"""`gateway providers import` and `export`: the register as files for a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.geld.register import STORE, noteer_van, opened, today
from gateway.cli.scherm import visible
from gateway.cli.sentences import reason_of
from gateway.errors import WrongUse
from gateway.ledger.register.aanbiederbestand import AANBIEDERS
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.ledger.register.bestand import as_bestand, plan_of, read_rijen
from gateway.ledger.register.wijzigingen import told
from gateway.periods.aantallen import aantal

WAT = click.option(
    "--wat",
    type=click.Choice(list(SOORTEN)),
    default=AANBIEDERS.naam,
    show_default=True,
    help="Welk deel van het register.",
)


@click.command("import")
@click.argument("bestand", type=click.Path(path_type=Path))
@WAT
@click.option("--apply", "apply", is_flag=True, help="Voer door; anders alleen tonen.")
@click.option("--reden", default="invoer van een bestand", help="Waarom; komt in het logboek.")
@STORE
def read_in(bestand: Path, wat: str, apply: bool, reden: str, store: str | None) -> int:
    """Leest een deel van het register uit een CSV-bestand.

    Een rij per aanbieder en AGB-code, per fusie, per contract of per onderaannemer. Klopt een rij
    niet, dan verandert er niets. Hetzelfde bestand nog een keer verandert ook niets.
    """
    soort = SOORTEN[wat]
    try:
        rijen = read_rijen(soort, bestand.read_bytes())
    except OSError as error:
        raise WrongUse(f"{bestand}: {reason_of(error)}") from None
    with opened(store, changes=apply) as found:
        plan = plan_of(soort, found.register.register(), rijen, today())
        for row, text in plan.fouten:
            click.echo(visible(f"rij {row}: {text}"), err=True)
        if plan.fouten:
            wrong = aantal(len(plan.fouten), "rij klopt", "rijen kloppen")
            click.echo(f"{wrong} niet; er is niets veranderd")
            return 1
        for row, one in plan.wijzigingen:
            click.echo(visible(f"rij {row}: {told(one)}"))
        count = len(plan.wijzigingen)
        if apply and count:
            noteer = noteer_van(
                found,
                "register inlezen",
                f"{aantal(count, 'wijziging', 'wijzigingen')} ({wat})",
                reden,
            )
            found.register.voer_door(plan, noteer)
    done = "doorgevoerd" if apply else "gevonden; met --apply voert u ze door"
    click.echo(f"{aantal(count, 'wijziging', 'wijzigingen')} {done}")
    return 0


@click.command("export")
@WAT
@click.option("--out", type=click.Path(path_type=Path), help="Bestand; zonder deze het scherm.")
@STORE
def write_out(wat: str, out: Path | None, store: str | None) -> int:
    """Schrijft een deel van het register als CSV, zoals import het leest."""
    with opened(store, changes=False) as found:
        body = as_bestand(SOORTEN[wat], found.register.register())
    if out is None:
        click.echo(body.decode("utf-8-sig"), nl=False)
        return 0
    try:
        out.write_bytes(body)
    except OSError as error:
        raise WrongUse(f"{out}: {reason_of(error)}") from None
    return 0


BESTANDEN = (read_in, write_out)
