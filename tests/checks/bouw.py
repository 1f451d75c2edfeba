"""Builds the batch of a case of a check: that of the rules, with the facts only checks need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.overeenkomst import Cel, Drempels, Overeenkomst, Plaats, Prijs
from tests.rules.bouw import build, several

CEL = Cel(
    rij=1,
    dimensies=(("profiel", "1"),),
    productcategorie="45",
    productcode="45A03",
    eenheid="83",
    soort="traject",
    bedrag=265000,
    vanaf=date(2025, 1, 1),
)
OVEREENKOMST = Overeenkomst(
    id="proef",
    naam="Proef",
    versie="2025.1",
    wetten=("jeugdwet", "wmo"),
    gemeenten=("0193",),
    variant="output",
    peildatum="ingangsdatum",
    dimensies=("profiel",),
)


def build_batch(kind: str, case: dict[str, Any]) -> Declaratiebatch | Toewijzingbatch:
    """The batch of a case, `declaratie` or `toewijzing`, with one agreement in force."""
    rest = dict(case)
    starts = several("start", rest, "start", "starts", default=False)
    stops = several("stop", rest, "stop", "stops", default=False)
    gegeven = prijs(rest.pop("cel")) if "cel" in rest else None
    heeft_overeenkomst = rest.pop("heeft_overeenkomst", True)
    celeenheden = {c: frozenset(u) for c, u in rest.pop("celeenheden", {}).items()}
    niet_gecontracteerd = frozenset(rest.pop("niet_gecontracteerd", ()))
    batch = build(kind, rest)
    assert isinstance(batch, Declaratiebatch | Toewijzingbatch)
    batch.heeft_overeenkomst = heeft_overeenkomst
    batch.celeenheden = celeenheden
    batch.niet_gecontracteerd = niet_gecontracteerd
    if isinstance(batch, Declaratiebatch):
        batch.starts = by_nummer(starts)
        batch.stops = by_nummer(stops)
        subjects = [p.volgnr for p in batch.prestaties]
    else:
        subjects = [p.toewijzingnummer for p in batch.producten]
    batch.prijzen = {} if gegeven is None else dict.fromkeys(subjects, gegeven)
    return batch


def prijs(given: dict[str, Any]) -> Prijs:
    """The price of a case: changes to the cell, and `juiste`, `onbekend`, `melding_traject`."""
    given = dict(given)
    drempels = Drempels(melding_traject=given.pop("melding_traject", None))
    juiste, onbekend = given.pop("juiste", None), given.pop("onbekend", False)
    if "dimensies" in given:
        given["dimensies"] = tuple(given["dimensies"].items())
    cel = replace(CEL, **given)
    plaats = Plaats(replace(OVEREENKOMST, cellen=(cel,), drempels=drempels), cel)
    return Prijs(tuple(juiste or (cel.bedrag,)), plaats, onbekend)


def by_nummer(producten: list[Any]) -> dict[int, list[Any]]:
    """Starts or stops per ToewijzingNummer."""
    found: dict[int, list[Any]] = {}
    for one in producten:
        found.setdefault(one.toewijzingnummer, []).append(one)
    return found
