"""Builds the batch of a case of a check: that of the rules, with the facts only checks need."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

from gateway.records.batch import (
    Aanvraagbatch,
    Andere,
    Clientpot,
    Declaratiebatch,
    Jaarpot,
    Naast,
    Toewijzingbatch,
)
from gateway.records.overeenkomst import Cel, Drempels, Overeenkomst, Plaats, Prijs, Termijn
from tests.rules.bouw import build, record, several

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
DREMPELS = {one.name for one in fields(Drempels)}
# Where a case is about none of these facts, the batch has them empty.
NUMBERS = ("zonder_cel", "niet_gecontracteerd", "geblokkeerd")
LIMITS = ("plafonds", "jaarbedragen")


def build_batch(
    kind: str, case: dict[str, Any]
) -> Declaratiebatch | Toewijzingbatch | Aanvraagbatch:
    """The batch of a case: `declaratie`, `toewijzing` or `aanvraag`.

    The first two have one agreement in force: `cel` is the cell of every line or assignment,
    `cellen` has one for each, in order.
    """
    return requested(case) if kind == "aanvraag" else judged(kind, case)


def requested(case: dict[str, Any]) -> Aanvraagbatch:
    """The batch of a 315: `toewijzingen` stand already, `buiten_contract` names references."""
    rest = dict(case)
    buiten = {one: prijs({}).plaats for one in rest.pop("buiten_contract", ())}
    standing = several("toewijzing", rest, "toewijzing", "toewijzingen", default=False)
    batch = build("aanvraag", rest)
    assert isinstance(batch, Aanvraagbatch)
    return replace(batch, toewijzingen=standing, buiten_contract=buiten)


def judged(kind: str, case: dict[str, Any]) -> Declaratiebatch | Toewijzingbatch:
    """The batch of a 323 or 301 with an agreement."""
    rest = dict(case)
    starts = several("start", rest, "start", "starts", default=False)
    stops = several("stop", rest, "stop", "stops", default=False)
    cel, cellen = rest.pop("cel", None), rest.pop("cellen", None)
    given: dict[str, Any] = {"heeft_overeenkomst": rest.pop("heeft_overeenkomst", True)}
    given["celeenheden"] = {c: frozenset(u) for c, u in rest.pop("celeenheden", {}).items()}
    given |= {name: frozenset(rest.pop(name)) for name in NUMBERS if name in rest}
    given |= {name: rest.pop(name) for name in LIMITS if name in rest}
    given |= pots(rest) | beside(rest)
    andere = [another(one) for one in rest.pop("andere", ())]
    batch = build(kind, rest)
    assert isinstance(batch, Declaratiebatch | Toewijzingbatch)
    if isinstance(batch, Declaratiebatch):
        given |= {"starts": by_nummer(starts), "stops": by_nummer(stops)}
        subjects = [p.volgnr for p in batch.prestaties]
    else:
        given |= {"andere": andere} if andere else {}
        subjects = [p.toewijzingnummer for p in batch.producten]
    if cellen is not None:
        prijzen = [prijs(one) for one in cellen]
    else:
        prijzen = [] if cel is None else [prijs(cel)] * len(subjects)
    given["prijzen"] = dict(zip(subjects, prijzen, strict=bool(prijzen)))
    return replace(batch, **given)


def pots(rest: dict[str, Any]) -> dict[str, Any]:
    """The running totals of a case: each pot with its `bedrag`."""
    found: dict[str, Any] = {}
    for name, kind in (("jaarpotten", Jaarpot), ("clientpotten", Clientpot)):
        if name in rest:
            tables = [dict(one) for one in rest.pop(name)]
            amounts = [one.pop("bedrag") for one in tables]
            found[name] = {kind(**one): cents for one, cents in zip(tables, amounts, strict=True)}
    return found


def beside(rest: dict[str, Any]) -> dict[str, Any]:
    """What partners declared, by the number of the line (`regel`) that it stands beside."""
    tables = [dict(one) for one in rest.pop("naast", ())]
    return {"naast": {one.pop("regel"): Naast(**one) for one in tables}} if tables else {}


def another(given: dict[str, Any]) -> Andere:
    """An assignment that stood already; `cel` is its cell, none without a price."""
    given = dict(given)
    cel, wet = given.pop("cel", None), given.pop("wet", "jeugdwet")
    made = record("toewijzing", {"toewijzingnummer": 20001, **given})
    return Andere(wet, made, None if cel is None else prijs(cel))


def prijs(given: dict[str, Any]) -> Prijs:
    """The price of a case: changes to the cell, and what stands around it.

    `juiste` and `onbekend` are of the price, names of Drempels of the thresholds, `overeenkomst`
    changes the agreement, `naast` are further cells in it.
    """
    given = dict(given)
    drempels = Drempels(**{name: given.pop(name) for name in DREMPELS & given.keys()})
    juiste, onbekend = given.pop("juiste", None), given.pop("onbekend", False)
    changes = plain(given.pop("overeenkomst", {}))
    naast = [replace(CEL, **cel_values(one)) for one in given.pop("naast", ())]
    cel = replace(CEL, **cel_values(given))
    overeenkomst = replace(OVEREENKOMST, cellen=(cel, *naast), drempels=drempels, **changes)
    if juiste is None:
        juiste = () if cel.stuktarief is None else (cel.stuktarief,)
    return Prijs(tuple(juiste), Plaats(overeenkomst, cel), onbekend)


def cel_values(given: dict[str, Any]) -> dict[str, Any]:
    """The values of a cell as the record has them."""
    values = plain(given)
    if "dimensies" in values:
        values["dimensies"] = tuple(values["dimensies"].items())
    if "termijnen" in values:
        values["termijnen"] = tuple(Termijn(**one) for one in values["termijnen"])
    return values


def plain(given: dict[str, Any]) -> dict[str, Any]:
    """Lists as tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}


def by_nummer(producten: list[Any]) -> dict[int, list[Any]]:
    """Starts or stops per ToewijzingNummer."""
    found: dict[int, list[Any]] = {}
    for one in producten:
        found.setdefault(one.toewijzingnummer, []).append(one)
    return found
