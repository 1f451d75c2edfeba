"""Reads back what packs for the accountant say: from their files, as the accountant has them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.ledger.sluiting.bewijs import Sleutel, summed
from gateway.ledger.sluiting.bewijzen import Pakket
from gateway.store.ggm.merk import Merk
from gateway.store.jaareinde.bron import last_message
from gateway.store.jaareinde.pakket import Opdracht, vraag_of, write_lists
from gateway.store.store import SqlStore

AANBIEDERS, REGELS = "aanbieders.csv", "regels.csv"


def made_packs(
    store: SqlStore, connection: Connection, merk: Merk, opdrachten: Iterable[Opdracht]
) -> Pakket:
    """What packs come to that are made now, in a folder that is thrown away."""
    last, found = last_message(connection), Pakket(netto={}, lasten={}, regels={})
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
        regels={**(one.regels or {}), **(other.regels or {})},
        fouten=(*one.fouten, *other.fouten),
    )


def read_figures(folder: Path, gemeente: str, fouten: Sequence[str] = ()) -> Pakket:
    """What the lists of a pack say; raises WrongUse for lists that cannot be read."""
    return Pakket(
        netto=_sums(folder / AANBIEDERS, gemeente, "netto"),
        lasten=_sums(folder / AANBIEDERS, gemeente, "lasten"),
        regels=_sums(folder / REGELS, gemeente, "in dit jaar"),
        fouten=tuple(fouten),
    )


def _sums(path: Path, gemeente: str, kop: str) -> Mapping[Sleutel, int]:
    try:
        return summed(((gemeente, row["aanbieder"]), _cents(row[kop])) for row in _rows(path))
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
