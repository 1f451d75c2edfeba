"""`gateway backup`: a copy of the whole store, made while others work on it."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.config import read_settings
from gateway.logs import configure_logs
from gateway.store.backup.maken import make_backup


@click.command("backup")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Map voor back-ups.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def command(out: Path, store: str | None) -> int:
    """Schrijft de opslag van één moment in een eigen map onder OUT, met een manifest."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    place, manifest = make_backup(store or settings.store_url, out, datetime.now(UTC))
    print(f"{place}: {sum(manifest.rows.values())} rijen, {manifest.size} bytes")
    if manifest.keys:
        print(f"te openen met: {', '.join(manifest.keys)} (GATEWAY_KLUIS)")
    return 0
