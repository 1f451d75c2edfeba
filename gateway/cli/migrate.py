"""`gateway migrate`: makes the store, or brings it up to date."""

from __future__ import annotations

import logging
import os

import click

from gateway.cli.opened import opened_store
from gateway.config import read_settings
from gateway.logs import configure_logs


@click.command("migrate")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--teruggezet", is_flag=True, help="Er is een back-up teruggezet: sla nummers over.")
def command(store: str | None, teruggezet: bool) -> int:
    """Maakt de tabellen van de opslag of werkt die bij; vaker draaien mag."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    if store is None and settings.store is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    with opened_store(settings, store, updates=True) as opened:
        print("de opslag is bijgewerkt")
        if teruggezet:
            opened.skip_numbers()
            print("nummers die na de back-up zijn uitgegeven, worden niet meer gebruikt")
    return 0
