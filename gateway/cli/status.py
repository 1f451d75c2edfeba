"""`gateway status`: what came in and what became of it; nothing may be missing."""

from __future__ import annotations

import logging
import os
import sys

import click
import msgspec

from gateway.cli.opened import opened_store
from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.records.masker import mask
from gateway.store.views import Balans


@click.command("status")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(store: str | None, as_json: bool) -> int:
    """Telt de berichten; eindigt met 1 als de telling niet klopt."""
    configure_logs("json", logging.CRITICAL)
    with opened_store(read_settings(os.environ), store) as opened:
        balans = opened.views.balans()
        parked = opened.views.berichten_in("geparkeerd")
    if as_json:
        sys.stdout.write(msgspec.json.encode(_document(balans)).decode() + "\n")
    else:
        _print(balans)
        for bericht in parked:
            reason = bericht.outcome.reason if bericht.outcome else ""
            print(mask(f"geparkeerd: bericht {bericht.inbox_id} ({bericht.naam}): {reason}"))
    return 0 if balans.klopt else 1


def _document(balans: Balans) -> dict[str, object]:
    return {
        "received": balans.ontvangen,
        "answered": balans.afgehandeld,
        "held": balans.aangehouden,
        "parked": balans.geparkeerd,
        "waiting": balans.wachtend,
        "balanced": balans.klopt,
        "verdicts": dict(balans.verdicts),
        "answersUnderway": balans.antwoorden_onderweg,
    }


def _print(balans: Balans) -> None:
    rows = (
        ("ontvangen", balans.ontvangen),
        ("afgehandeld", balans.afgehandeld),
        ("aangehouden", balans.aangehouden),
        ("geparkeerd", balans.geparkeerd),
        ("wachtend", balans.wachtend),
        ("antwoorden onderweg", balans.antwoorden_onderweg),
    )
    for name, count in rows:
        print(f"{name:20} {count:>10}")
    for verdict, count in sorted(balans.verdicts.items()):
        print(f"  {verdict:18} {count:>10}")
    print("de telling klopt" if balans.klopt else "de telling klopt niet")
