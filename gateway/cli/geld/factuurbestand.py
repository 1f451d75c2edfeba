"""Reads invoices outside the message traffic from a file: one row for each of their lines."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from gateway.errors import WrongUse
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.web.pages.zoekvelden import cents

VERPLICHT = (
    *("gemeente", "wet", "aanbieder", "soort", "factuurnummer", "factuurdatum"),
    *("productcode", "eenheid", "begindatum", "einddatum", "volume", "bedrag"),
)
VRIJ = ("referentie", "toewijzing", "document", "tarief")
# What all rows of one invoice say the same.
KOP = (*VERPLICHT[:6], *VRIJ[:3])
Rij = Mapping[str, str]


def read_facturen(path: Path) -> list[Opgave]:
    """The invoices of a file, in its order; raises WrongUse that names row and column."""
    groups: dict[tuple[str, str, str], list[tuple[int, Rij]]] = {}
    for nummer, row in enumerate(_rows(path), 2):
        key = (row["gemeente"], row["aanbieder"], row["factuurnummer"])
        groups.setdefault(key, []).append((nummer, row))
    if not groups:
        raise WrongUse(f"{path}: er staat geen factuur in")
    return [_opgave(path, rows) for rows in groups.values()]


def opgave_of(waar: str, kop: Rij, regels: list[Factuurregel]) -> Opgave:
    """An invoice by the texts of its head; `waar` tells people where those stand."""
    if kop["wet"] not in ("jeugdwet", "wmo"):
        raise WrongUse(f"{waar}: wet is jeugdwet of wmo")
    if not (kop["aanbieder"].isdigit() and len(kop["aanbieder"]) == 8):
        raise WrongUse(f"{waar}: aanbieder is een AGB-code van acht cijfers")
    return Opgave(
        factuur=Factuur(
            gemeente=kop["gemeente"],
            wet=kop["wet"],
            aanbieder=kop["aanbieder"],
            factuurnummer=kop["factuurnummer"],
            factuurdatum=_dag(waar, "factuurdatum", kop),
            regels=regels,
        ),
        soort=kop["soort"],
        referentie=kop.get("referentie", ""),
        handtoewijzing=_getal(waar, "toewijzing", kop) if kop.get("toewijzing") else None,
        document_sha256=kop.get("document", "").lower() or None,
    )


def regel_of(waar: str, volgnr: int, row: Rij) -> Factuurregel:
    """A line of an invoice by its texts."""
    return Factuurregel(
        volgnr,
        row["productcode"],
        row["eenheid"],
        _dag(waar, "begindatum", row),
        _dag(waar, "einddatum", row),
        _getal(waar, "volume", row),
        _bedrag(waar, "tarief", row) if row.get("tarief") else None,
        _bedrag(waar, "bedrag", row),
    )


def _rows(path: Path) -> list[Rij]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"het bestand {path} is niet te lezen als UTF-8") from None
    reader = csv.DictReader(text.splitlines(), delimiter=";")
    missing = [name for name in VERPLICHT if name not in (reader.fieldnames or ())]
    if missing:
        raise WrongUse(f"{path}: deze kolommen ontbreken: {', '.join(missing)}")
    unknown = [one for one in reader.fieldnames or () if one not in (*VERPLICHT, *VRIJ)]
    if unknown:
        raise WrongUse(f"{path}: de kolom {unknown[0]} is niet bekend")
    return [
        {name: (value or "").strip() for name, value in row.items() if name is not None}
        for row in reader
    ]


def _opgave(path: Path, rows: list[tuple[int, Rij]]) -> Opgave:
    first, kop = rows[0]
    for nummer, row in rows:
        other = next((name for name in KOP if row.get(name) != kop.get(name)), None)
        if other is not None:
            raise WrongUse(f"{path}, rij {nummer}: {other} is anders dan in rij {first}")
    regels = [
        regel_of(f"{path}, rij {nummer}", volgnr, row)
        for volgnr, (nummer, row) in enumerate(rows, 1)
    ]
    return opgave_of(f"{path}, rij {first}", kop, regels)


def _dag(waar: str, naam: str, row: Rij) -> date:
    try:
        return date.fromisoformat(row[naam])
    except ValueError:
        raise WrongUse(f"{waar}: {naam} is geen datum als 2026-01-31") from None


def _getal(waar: str, naam: str, row: Rij) -> int:
    text = row[naam]
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise WrongUse(f"{waar}: {naam} is geen geheel getal")
    return int(text)


def _bedrag(waar: str, naam: str, row: Rij) -> int:
    if row[naam].startswith("-"):
        told = "is onder nul; leg een creditfactuur tegen de eerdere factuur vast"
        raise WrongUse(f"{waar}: {naam} {told}")
    try:
        return cents(row[naam])
    except WrongUse as wrong:
        raise WrongUse(f"{waar}: {naam}: {wrong}") from None
