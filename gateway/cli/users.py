"""`gateway users`: the first beheerder, and what has to be possible without a page."""

from __future__ import annotations

import os

import click

from gateway.cli.opened import opened_store
from gateway.cli.verantwoord import handeling_of
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.http.omgeving import EERSTE, EERSTE_SECONDS, adres_of
from gateway.store.toegang.logboek import Betrokkene
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE

DOEL = "beheer van toegang"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")


@click.group("users")
def command() -> None:
    """Laat de eerste beheerder binnen, toont gebruikers en sluit iemand uit."""


@command.command("first")
@STORE
def first(store: str | None) -> int:
    """Toont een code waarmee de eerste beheerder zich aanmeldt: één keer, een uur lang."""
    settings = read_settings(os.environ)
    with opened_store(settings, store, updates=True) as opened:
        for one in opened.gebruikers.all():
            if one.actief and Rol.BEHEERDER in one.rollen.get(ALLE, ()):
                raise WrongUse(f"er is al een beheerder ({one.naam}); die kan anderen toelaten")
        code = opened.sessies.give(EERSTE, "", EERSTE_SECONDS)
        opened.logboek.write(
            handeling_of("code voor eerste beheerder", "E", Betrokkene(object=EERSTE), DOEL)
        )
    print(f"Ga binnen een uur naar {adres_of(settings, settings.host, settings.webpoort)}/eerste")
    print(f"en vul deze code in: {code}")
    return 0


@command.command("list")
@STORE
def list_(store: str | None) -> int:
    """Toont wie er mag inloggen, met welke rollen."""
    with opened_store(read_settings(os.environ), store) as opened:
        for one in opened.gebruikers.all():
            rollen = "; ".join(
                f"{gemeente}: {', '.join(sorted(here))}"
                for gemeente, here in sorted(one.rollen.items())
            )
            print(f"{one.naam}\t{'toegelaten' if one.actief else 'uitgesloten'}\t{rollen}")
    return 0


@command.command("disable")
@click.argument("naam")
@STORE
def disable(naam: str, store: str | None) -> int:
    """Sluit een gebruiker uit; hij is meteen overal uitgelogd."""
    with opened_store(read_settings(os.environ), store) as opened:
        found = opened.gebruikers.by_naam(naam)
        if found is None:
            raise WrongUse(f"er is geen gebruiker met de naam {naam}")
        act = handeling_of(
            "toegang wijzigen", "U", Betrokkene(object=f"{found.naam}: uitgesloten"), DOEL
        )
        opened.gebruikers.set_actief(found.nummer, False, act)
    print(f"{naam} is uitgesloten")
    return 0
