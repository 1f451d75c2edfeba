"""Reads back what packs for the accountant say: from their files, as the accountant has them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.ledger.sluiting.bewijs import Sleutel, summed
from gateway.ledger.sluiting.bewijzen import Pakket
from gateway.store.ggm.merk import Merk
from gateway.store.jaareinde.bron import last_message
from gateway.store.jaareinde.pakket import (
    FACTUREN,
    GOEDGEKEURD,
    Opdracht,
    vraag_of,
    write_lists,
)
from gateway.store.store import SqlStore

AANBIEDERS, REGELS = "aanbieders.csv", "regels.csv"
NOTHING = Pakket(netto={}, lasten={}, facturen={}, regels={}, factuurregels={})


def made_packs(
    store: SqlStore, connection: Connection, merk: Merk, opdrachten: Iterable[Opdracht]
) -> Pakket:
    """What packs come to that are made now, in a folder that is thrown away."""
    last, found = last_message(connection), NOTHING
    for opdracht in opdrachten:
        with TemporaryDirectory(prefix="sluiting-") as kept:
            store.database.scope(connection, opdracht.gemeente)
            folder = Path(kept)
            write_lists(store, connection, folder, opdracht, vraag_of(opdracht, merk, last))
            found = together(found, read_figures(folder, opdracht.gemeente))
    return found


def together(one: Pakket, other: Pakket) -> Pakket:
    """Two packs of different municipalities."""
    return Pakket(
        netto={**one.netto, **other.netto},
        lasten={**one.lasten, **other.lasten},
        facturen={**one.facturen, **other.facturen},
        regels={**(one.regels or {}), **(other.regels or {})},
        factuurregels={**(one.factuurregels or {}), **(other.factuurregels or {})},
        fouten=(*one.fouten, *other.fouten),
    )


def read_figures(folder: Path, gemeente: str, fouten: Sequence[str] = ()) -> Pakket:
    """What the lists of a pack say; raises WrongUse for lists that cannot be read.

    A pack from before they were in it says nothing of invoices outside the traffic.
    """
    has_invoices = (folder / FACTUREN).exists()
    return Pakket(
        netto=_sums(folder / AANBIEDERS, gemeente, "netto"),
        lasten=_sums(folder / AANBIEDERS, gemeente, "lasten"),
        facturen=_sums(folder / AANBIEDERS, gemeente, "facturen") if has_invoices else {},
        regels=_sums(folder / REGELS, gemeente, "in dit jaar"),
        factuurregels=_approved(folder / FACTUREN, gemeente) if has_invoices else {},
        fouten=tuple(fouten),
    )


def _approved(path: Path, gemeente: str) -> Mapping[Sleutel, int]:
    return _sums(path, gemeente, "in dit jaar", lambda row: row["stand"] == GOEDGEKEURD)


def _sums(
    path: Path, gemeente: str, kop: str, counts: Callable[[Mapping[str, str]], bool] = bool
) -> Mapping[Sleutel, int]:
    try:
        rows = (row for row in _rows(path) if counts(row))
        return summed(((gemeente, row["aanbieder"]), _cents(row[kop])) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError):
        raise WrongUse(f"{path} is niet te lezen als lijst van een jaarafsluiting") from None


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _cents(text: str) -> int:
    """Eurocents of an amount as a list has it: 1234,56."""
    whole, _, rest = text.partition(",")
    cents = int(whole.lstrip("-")) * 100 + int(rest)
    return -cents if text.startswith("-") else cents
