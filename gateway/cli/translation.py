"""`gateway translation`: where every element of a message goes, and why some stay behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click
import msgspec

from gateway.config import Settings, data_folder, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import layouts_of, load_types
from gateway.messages.vertaling import Vertaling, read_afspraken, vertaling


@click.command("translation")
@click.argument("bericht", required=False)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def command(bericht: str | None, as_json: bool) -> int:
    """Toont van elk element waar het blijft; eindigt met 1 als er een ongenoemd verdwijnt."""
    found = translations(read_settings(os.environ))
    if bericht is not None:
        found = [one for one in found if one.bericht == bericht.upper()]
        if not found:
            raise WrongUse(f"bericht {bericht} bestaat niet; noem er een als JW301")
    if as_json:
        document = {"translation": [asdict(one) | {"verloren": one.verloren} for one in found]}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        _print(found)
    return 1 if any(one.verloren for one in found) else 0


def translations(settings: Settings) -> list[Vertaling]:
    """Every element of every message of the installation."""
    afspraken = read_afspraken(data_folder("mappings"))
    layout_of = layouts_of(settings)
    return [
        one
        for kind in load_types(settings).all()
        for one in vertaling(kind, layout_of(kind), afspraken)
    ]


def _print(found: Sequence[Vertaling]) -> None:
    bericht = ""
    for one in found:
        if one.bericht != bericht:
            bericht = one.bericht
            print(bericht)
        print(f"  {one.element}: {one.veld or 'geen veld'}; {waar(one)}")
    lost = sum(one.verloren for one in found)
    print(f"{len(found)} elementen, waarvan {lost} zonder naam en zonder reden")


def waar(one: Vertaling) -> str:
    """Where an element goes, or why it stays behind, in words."""
    if one.verloren:
        return "verdwijnt zonder reden"
    return f"blijft hier: {one.reden}" if one.doel is None else f"naar {one.doel}"
