"""Writes the rows of an object type to its files, a few at a time: CSV, and Parquet if asked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse
from gateway.records.rekenblad import inert
from gateway.store.ggm.soorten import MUTATIE, Soort

Rij = Sequence[Any]
Schrijf = Callable[[Sequence[Rij]], None]
CSV, PARQUET = ".csv", ".parquet"


def headings(soort: Soort) -> Sequence[str]:
    """The names of the columns."""
    return [MUTATIE, *(one.naam for one in soort.kolommen)]


@contextmanager
def written(folder: Path, soort: Soort, *, parquet: bool) -> Iterator[Schrijf]:
    """What writes rows to every file of an object type; the files are whole when the block ends."""
    kinds = [_csv, _parquet] if parquet else [_csv]
    with ExitStack() as stack:
        writers = [stack.enter_context(kind(folder, soort)) for kind in kinds]

        def write(rows: Sequence[Rij]) -> None:
            for one in writers:
                one(rows)

        yield write


def load_pyarrow() -> tuple[Any, Any]:
    """The library for Parquet, which is only there for who wants it; raises WrongUse without it."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise WrongUse(
            "voor Parquet ontbreekt pyarrow: installeer het pakket met [parquet]"
        ) from None
    return pyarrow, pyarrow.parquet


@contextmanager
def _csv(folder: Path, soort: Soort) -> Iterator[Schrijf]:
    """RFC 4180 in UTF-8, with no text in it that a spreadsheet would work out."""
    with (folder / f"{soort.naam}{CSV}").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headings(soort))

        def write(rows: Sequence[Rij]) -> None:
            for row in rows:
                writer.writerow([inert(one) if isinstance(one, str) else one for one in row])

        yield write


@contextmanager
def _parquet(folder: Path, soort: Soort) -> Iterator[Schrijf]:
    arrow, parquet = load_pyarrow()
    types: Mapping[str, Any] = {
        "tekst": arrow.string(),
        "getal": arrow.int64(),
        "bedrag": arrow.int64(),
        "datum": arrow.date32(),
    }
    kolommen = [(one.naam, types[one.waarde]) for one in soort.kolommen]
    schema = arrow.schema([(MUTATIE, arrow.string()), *kolommen])

    def write(rows: Sequence[Rij]) -> None:
        columns = zip(*rows, strict=True)
        arrays = [arrow.array(one, kind) for one, kind in zip(columns, schema.types, strict=True)]
        file.write_table(arrow.Table.from_arrays(arrays, schema=schema))

    with parquet.ParquetWriter(folder / f"{soort.naam}{PARQUET}", schema) as file:
        yield write


def read(path: Path, soort: Soort) -> Iterator[Mapping[str, Any]]:
    """The rows of a file that was written: their kind of change, and their amounts.

    Raises WrongUse for a file that is no export of this object type.
    """
    names = [MUTATIE, *(one.naam for one in soort.bedragen)]
    try:
        yield from (_read_parquet if path.suffix == PARQUET else _read_csv)(path, names)
    except (ValueError, KeyError, UnicodeDecodeError):
        raise WrongUse(f"{path} is geen uitvoer van {soort.naam}") from None


def _read_csv(path: Path, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            amounts = {name: int(row[name] or 0) for name in names[1:]}
            yield {MUTATIE: row[MUTATIE], **amounts}


def _read_parquet(path: Path, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    _, parquet = load_pyarrow()
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(names)):
            for row in batch.to_pylist():
                yield {name: row[name] or 0 for name in names}
