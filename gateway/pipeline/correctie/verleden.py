"""Granted lines for which another price is right by other agreements: a change of the past."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.pipeline.correctie.zoeker import Prijsbron
from gateway.pipeline.gather import own_versions
from gateway.pipeline.ports import Beoordeeld, FactSource
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs


def changed_in_past(
    beoordeeld: Beoordeeld, facts: FactSource, prijzen: Prijsbron
) -> Iterator[Prestatie]:
    """The granted debets of a message that have another price in force by the second prices."""
    partijen = beoordeeld.partijen
    voor, na = prijzen(beoordeeld)
    for chunk in beoordeeld.regels:
        lines = [line for line in chunk if not line.retourcodes and not line.is_credit]
        nummers = {line.toewijzingnummer for line in lines}
        versies = own_versions(
            facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen
        )
        latest = {nummer: found[-1] for nummer, found in versies.items()}
        old, new = voor.of_lines(lines, latest), na.of_lines(lines, latest)
        for line in lines:
            if _price(old.get(line.volgnr)) != _price(new.get(line.volgnr)):
                yield line


def _price(prijs: Prijs | None) -> tuple[str, int] | None:
    if prijs is None or not prijs.juiste:
        return None
    return prijs.eenheid, prijs.juiste[0]
