"""Turn a checked agreement document into records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.records.overeenkomst import (
    Aanbiedercontract,
    Cel,
    Drempels,
    Overeenkomst,
    Selector,
    Termijn,
    Uitgestapt,
    Zwaarte,
)

Table = Mapping[str, Any]


def build(document: Table, bestand: str, sha256: str) -> Overeenkomst:
    """The agreement of a document in which every key was checked."""
    head = {key: _frozen(value) for key, value in document["overeenkomst"].items()}
    dimensies = head["dimensies"]
    rows = enumerate(document.get("cel", ()), start=1)
    return Overeenkomst(
        **head,
        cellen=tuple(_cel(number, row, dimensies) for number, row in rows),
        aanbieders=tuple(_aanbieder(row) for row in document.get("aanbieder", ())),
        drempels=Drempels(**document.get("drempels", {})),
        zwaarte=_zwaarte(document.get("zwaarte")),
        uitgestapt=tuple(Uitgestapt(**one) for one in document.get("uitgestapt", ())),
        bestand=bestand,
        hash=sha256,
    )


def _zwaarte(table: Table | None) -> Zwaarte | None:
    return None if table is None else Zwaarte(table["dimensie"], tuple(table["volgorde"]))


def _cel(number: int, row: Table, dimensies: tuple[str, ...]) -> Cel:
    fixed = {key: _frozen(value) for key, value in row.items() if key not in dimensies}
    fixed["termijnen"] = tuple(Termijn(**one) for one in row.get("termijnen", ()))
    return Cel(rij=number, dimensies=tuple((naam, row[naam]) for naam in dimensies), **fixed)


def _aanbieder(row: Table) -> Aanbiedercontract:
    fixed = {key: _frozen(value) for key, value in row.items()}
    if "cellen" in row:
        fixed["cellen"] = tuple(_selector(one) for one in row["cellen"])
    return Aanbiedercontract(**fixed)


def _selector(table: Table) -> Selector:
    return tuple(table.items())


def _frozen(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value
