"""`gateway explain`: how an invoice line was judged, as one JSON document."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click
import msgspec

from gateway.bootstrap import load_kennis
from gateway.cli.opened import opened_store
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.logs import configure_logs
from gateway.pipeline.uitleg import explain_line
from gateway.store.store import SqlStore
from gateway.store.views import Regel


@click.command("explain")
@click.argument("declaratie")
@click.argument("referentie")
@click.option("--aanbieder", help="AGB-code, als het nummer bij meer aanbieders voorkomt.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
def command(
    declaratie: str,
    referentie: str,
    aanbieder: str | None,
    store: str | None,
    agreements: Path | None,
) -> int:
    """Legt uit hoe de regel REFERENTIE in DECLARATIE is beoordeeld."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    kennis = load_kennis(settings, agreements)
    with opened_store(settings, store) as opened:
        regel = _one(opened, declaratie, referentie, aanbieder)
        claim = opened.views.claim_of(regel.inbox_id)
        if claim is None:
            raise WrongUse(f"regel {referentie} is nog niet beoordeeld")
        findings = opened.views.findings(regel.inbox_id)
        document = explain_line(kennis, opened, claim, regel.prestatie, findings)
    if document is None:
        raise WrongUse(f"regel {referentie} staat niet in het bericht van declaratie {declaratie}")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document)).decode() + "\n")
    return 0


def _one(store: SqlStore, declaratie: str, referentie: str, aanbieder: str | None) -> Regel:
    """The line that is meant; raises WrongUse when there is none, or more than one."""
    found = store.views.regels(declaratie, referentie, aanbieder)
    if not found:
        raise WrongUse(f"regel {referentie} in declaratie {declaratie} is niet bekend")
    if len({regel.partijen for regel in found}) > 1:
        raise WrongUse(
            f"regel {referentie} in declaratie {declaratie} komt bij meer partijen voor; noem er "
            "een met --aanbieder"
        )
    return found[-1]
