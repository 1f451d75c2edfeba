"""`gateway status`: what came in, what became of it, and which answers are owed by when."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import click
import msgspec

from gateway.bootstrap import load_klok
from gateway.cli.clock import clock_of
from gateway.cli.opened import opened_store
from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.periods.termijnen import Stand
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Lopend
from gateway.records.masker import mask
from gateway.store.views import Balans

# How a term stands: as the JSON calls it, and in Dutch.  What is due later is only counted.
STANDEN: Mapping[Stand, tuple[str, str]] = {
    "te-laat": ("late", "te laat"),
    "vandaag": ("today", "vandaag"),
    "deze-week": ("thisWeek", "deze week"),
    "later": ("later", "later"),
}


@click.command("status")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2025-12-05.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(store: str | None, clock: str | None, as_json: bool) -> int:
    """Telt de berichten en de termijnen; eindigt met 1 als de telling niet klopt."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    vandaag = dag_van(clock_of(clock)())
    with opened_store(settings, store) as opened:
        balans = opened.views.balans()
        parked = opened.views.berichten_in("geparkeerd")
        termijnen = opened.termijnen
        lopend = load_klok(settings).running(termijnen.openstaand(), termijnen.verzoeken())
    if as_json:
        document = _document(balans) | {"deadlines": _deadlines(lopend, vandaag)}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        _print(balans)
        _print_deadlines(lopend, vandaag)
        for bericht in parked:
            reason = bericht.outcome.reason if bericht.outcome else ""
            print(mask(f"geparkeerd: bericht {bericht.inbox_id} ({bericht.naam}): {reason}"))
        print("de telling klopt" if balans.klopt else "de telling klopt niet")
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


def _deadlines(lopend: Sequence[Lopend], vandaag: date) -> dict[str, object]:
    """How many terms stand how, and those that end this week or have passed."""
    counted = Counter(one.stand(vandaag) for one in lopend)
    counts = {name: counted[stand] for stand, (name, _) in STANDEN.items()}
    return counts | {"list": [_deadline(one, vandaag) for one in _soon(lopend, vandaag)]}


def _soon(lopend: Sequence[Lopend], vandaag: date) -> list[Lopend]:
    return [one for one in lopend if one.stand(vandaag) != "later"]


def _deadline(one: Lopend, vandaag: date) -> dict[str, object]:
    return {
        "state": STANDEN[one.stand(vandaag)][0],
        "term": one.termijn,
        "name": one.naam,
        "due": one.uiterlijk.isoformat(),
        "since": one.sinds.isoformat(),
        "inbox": one.inbox_id,
        "message": one.bericht,
        "municipality": one.gemeente,
        "sender": one.afzender,
        "identification": mask(one.identificatie),
    }


def _print_deadlines(lopend: Sequence[Lopend], vandaag: date) -> None:
    counted = Counter(one.stand(vandaag) for one in lopend)
    print("termijnen")
    for stand, (_, name) in STANDEN.items():
        print(f"  {name:18} {counted[stand]:>10}")
    for one in _soon(lopend, vandaag):
        name = STANDEN[one.stand(vandaag)][1]
        print(
            f"{name}: {one.naam}, uiterlijk {one.uiterlijk}, bericht {one.inbox_id} "
            f"({one.bericht} van {one.afzender})"
        )


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
