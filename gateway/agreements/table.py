"""Read agreement files and refuse, in one sentence, whatever cannot be trusted to pay by."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway.agreements.build import build
from gateway.agreements.match import Overeenkomsten, index
from gateway.agreements.overlap import overlaps, price_changes_within_month
from gateway.agreements.rows import document_problems
from gateway.errors import AgreementRefused
from gateway.records.overeenkomst import Overeenkomst

Table = Mapping[str, Any]
SYNTAX_PLACE = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Bestand:
    """One file: the agreement that it holds, or the sentences that tell why it holds none."""

    overeenkomst: Overeenkomst | None
    problemen: tuple[str, ...]


def read_agreement(path: Path, gemeentecodes: Collection[str] = ()) -> Overeenkomst:
    """The agreement in one file; raises AgreementRefused with the first problem."""
    bestand = _read(path, gemeentecodes)
    problemen = _with_overlaps([bestand])
    if bestand.overeenkomst is None or problemen:
        raise AgreementRefused(problemen[0])
    return bestand.overeenkomst


def read_agreements(path: Path, gemeentecodes: Collection[str] = ()) -> Overeenkomsten:
    """The agreements in a file, or in the `*.toml` of a folder in byte order of their names.

    Raises AgreementRefused with the first problem.
    """
    bestanden = [_read(one, gemeentecodes) for one in agreement_files(path)]
    problemen = _with_overlaps(bestanden)
    if problemen:
        raise AgreementRefused(problemen[0])
    return index(one.overeenkomst for one in bestanden if one.overeenkomst is not None)


def problems(path: Path, gemeentecodes: Collection[str] = ()) -> list[str]:
    """Everything that is wrong with a file or a folder, one Dutch sentence each."""
    try:
        files = agreement_files(path)
    except AgreementRefused as refused:
        return [str(refused)]
    return _with_overlaps([_read(one, gemeentecodes) for one in files])


def agreement_files(path: Path) -> list[Path]:
    """A file itself, or the `*.toml` of a folder; raises AgreementRefused where there is none."""
    if not path.is_dir():
        return [path]
    try:
        names = sorted(os.listdir(path), key=os.fsencode)
    except OSError as error:
        raise AgreementRefused(f"{path.name}: deze map is niet te lezen") from error
    files = [path / name for name in names if name.endswith(".toml") and name[0] != "."]
    if not files:
        raise AgreementRefused(f"{path.name}: in deze map staat geen enkel .toml-bestand")
    return files


def agreement_contents(path: Path) -> list[tuple[str, bytes]]:
    """The files of a path with their bytes, under names that a folder is read by: `*.toml`."""
    found = []
    for one in agreement_files(path):
        visible = one.name.lstrip(".")
        naam = visible if visible.endswith(".toml") else f"{visible}.toml"
        found.append((naam, one.read_bytes()))
    return found


def agreements_in(
    bestanden: Iterable[tuple[str, bytes]], gemeentecodes: Collection[str] = ()
) -> Overeenkomsten:
    """The agreements in files that are in hand, as `read_agreements` reads them from a folder."""
    with TemporaryDirectory(prefix="gateway-") as name:
        folder, some = Path(name), False
        for naam, inhoud in bestanden:
            (folder / naam).write_bytes(inhoud)
            some = True
        return read_agreements(folder, gemeentecodes) if some else index(())


def _with_overlaps(bestanden: Sequence[Bestand]) -> list[str]:
    good = [one.overeenkomst for one in bestanden if one.overeenkomst is not None]
    told = [probleem for one in bestanden for probleem in one.problemen]
    return [*told, *_same_version(good), *overlaps(good), *price_changes_within_month(good)]


def _same_version(overeenkomsten: Sequence[Overeenkomst]) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for one in overeenkomsten:
        first = seen.setdefault((one.id, one.versie), one.bestand)
        if first != one.bestand:
            yield (
                f"{one.bestand}: overeenkomst: id {one.id} met versie {one.versie} "
                f"staat ook in {first}"
            )


def _read(path: Path, gemeentecodes: Collection[str]) -> Bestand:
    try:
        body, document = _load(path)
    except AgreementRefused as refused:
        return Bestand(None, (str(refused),))
    told = tuple(f"{path.name}: {one}" for one in document_problems(document, gemeentecodes))
    if told:
        return Bestand(None, told)
    return Bestand(build(document, path.name, hashlib.sha256(body).hexdigest()), ())


def _load(path: Path) -> tuple[bytes, Table]:
    """The bytes of a file and what they say; a byte order mark of an editor is no fault."""
    try:
        body = path.read_bytes()
        return body, tomllib.loads(body.decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise AgreementRefused(f"{path.name}: dit bestand bestaat niet") from error
    except OSError as error:
        raise AgreementRefused(f"{path.name}: dit bestand is niet te lezen") from error
    except UnicodeDecodeError as error:
        raise AgreementRefused(f"{path.name}: dit bestand is geen UTF-8-tekst") from error
    except ValueError as error:  # TOML, and a number with more digits than Python reads
        raise AgreementRefused(f"{path.name}: {_syntax(str(error))}") from error
    except RecursionError as error:
        raise AgreementRefused(f"{path.name}: dit bestand is te diep genest") from error


def _syntax(message: str) -> str:
    place = SYNTAX_PLACE.search(message)
    if place is None:
        return "dit is geen geldige TOML"
    return f"regel {place[1]}, kolom {place[2]}: dit is geen geldige TOML"
