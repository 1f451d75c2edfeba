"""`gateway webhooks`: who is told of events at an address of his own, and what did not arrive."""

from __future__ import annotations

import os
import re

import click

from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.network.webhook.adres import checked_url
from gateway.store.toegang.logboek import Betrokkene, Handeling
from gateway.store.webhooks import Aanvraag
from gateway.toegang.wie import ALLE

DOEL = "beheer van abonnementen op gebeurtenissen"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
SOORT, GEMEENTE = re.compile(r"^[a-z0-9-]{1,40}$"), re.compile(r"^[0-9]{4}$")
LONGEST_NAME = 80


@click.group("webhooks")
def command() -> None:
    """Meldt gebeurtenissen aan programma's op een eigen adres, en toont wat niet aankwam."""


@command.command("make")
@click.argument("naam")
@click.option("--url", required=True, help="Het adres, dat met https:// begint.")
@click.option("--soort", "soorten", multiple=True, help="Alleen deze soort; vaker mag.")
@click.option("--gemeente", "gemeenten", multiple=True, help="Alleen deze gemeente; vaker mag.")
@STORE
def make(
    naam: str, url: str, soorten: tuple[str, ...], gemeenten: tuple[str, ...], store: str | None
) -> int:
    """Maakt een abonnement voor NAAM en toont het geheim, deze ene keer."""
    if not 0 < len(naam.strip()) <= LONGEST_NAME:
        raise WrongUse(f"een naam heeft 1 tot en met {LONGEST_NAME} tekens")
    for known, pattern, what in (
        (soorten, SOORT, "soort gebeurtenis"),
        (gemeenten, GEMEENTE, "gemeentecode van vier cijfers"),
    ):
        if wrong := [one for one in known if not pattern.match(one)]:
            raise WrongUse(f"{wrong[0]} is geen {what}")
    aanvraag = Aanvraag(
        naam=naam.strip(),
        url=checked_url(url),
        soorten=soorten,
        gemeenten=gemeenten or (ALLE,),
    )
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        nummer, geheim = opened.webhooks.make(aanvraag, _act("abonnement maken", "C", naam))
    click.echo(f"abonnement {nummer} gaat nu in", err=True)
    click.echo(geheim)
    return 0


@command.command("list")
@STORE
def show(store: str | None) -> int:
    """Toont alle abonnementen, met hoeveel er wacht en hoeveel er dood is."""
    with opened_store(read_settings(os.environ), store) as opened:
        rows = [
            (
                str(one.nummer),
                visible(one.naam),
                visible(one.url.partition("?")[0]),
                ", ".join(one.soorten) or "alle",
                "alle" if ALLE in one.gemeenten else ", ".join(one.gemeenten),
                "gestopt" if one.is_gestopt else "loopt",
                str(one.wacht),
                str(one.dood),
            )
            for one in opened.webhooks.list()
        ]
    headings = ("nummer", "naam", "adres", "soorten", "gemeenten", "stand", "wacht", "dood")
    print_table(headings, rows, right=("wacht", "dood"))
    return 0


@command.command("stop")
@click.argument("nummer", type=int)
@STORE
def stop(nummer: int, store: str | None) -> int:
    """Stopt abonnement NUMMER; wat nog wachtte, gaat niet meer weg."""
    with opened_store(read_settings(os.environ), store) as opened:
        act = _act("abonnement stoppen", "D", f"abonnement {nummer}")
        if not opened.webhooks.stop(nummer, act):
            raise WrongUse(f"abonnement {nummer} bestaat niet of is al gestopt")
    click.echo(f"abonnement {nummer} is gestopt")
    return 0


@command.command("dead")
@click.argument("nummer", type=int, required=False)
@STORE
def dead(nummer: int | None, store: str | None) -> int:
    """Toont wat na veel pogingen niet aankwam, van abonnement NUMMER of van alle."""
    with opened_store(read_settings(os.environ), store) as opened:
        rows = [
            (str(one.abonnement), one.naam, str(one.tries), visible(one.reden))
            for one in opened.webhooks.dood(nummer)
        ]
    print_table(("abonnement", "gebeurtenis", "pogingen", "reden"), rows, right=("pogingen",))
    return 1 if rows else 0


@command.command("redrive")
@click.argument("nummer", type=int)
@STORE
def redrive(nummer: int, store: str | None) -> int:
    """Stuurt opnieuw wat van abonnement NUMMER dood is."""
    with opened_store(read_settings(os.environ), store) as opened:
        act = _act("gebeurtenissen opnieuw sturen", "E", f"abonnement {nummer}")
        count = opened.webhooks.redrive(nummer, act)
    click.echo(f"{count} {'gebeurtenis gaat' if count == 1 else 'gebeurtenissen gaan'} opnieuw weg")
    return 0


def _act(naam: str, soort: str, over: str) -> Handeling:
    return handeling_of(naam, soort, Betrokkene(object=over), DOEL)
