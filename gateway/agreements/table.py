"""Read agreement files and refuse, in one sentence, whatever cannot be trusted to pay by."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.agreements import keys
from gateway.agreements.build import build
from gateway.agreements.match import Overeenkomsten, index
from gateway.agreements.overlap import overlaps
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
    bestanden = [_read(one, gemeentecodes) for one in _files(path)]
    problemen = _with_overlaps(bestanden)
    if problemen:
        raise AgreementRefused(problemen[0])
    return index(one.overeenkomst for one in bestanden if one.overeenkomst is not None)


def problems(path: Path, gemeentecodes: Collection[str] = ()) -> list[str]:
    """Everything that is wrong with a file or a folder, one Dutch sentence each."""
    try:
        files = _files(path)
    except AgreementRefused as refused:
        return [str(refused)]
    return _with_overlaps([_read(one, gemeentecodes) for one in files])


def _files(path: Path) -> list[Path]:
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


def _with_overlaps(bestanden: Sequence[Bestand]) -> list[str]:
    good = [one.overeenkomst for one in bestanden if one.overeenkomst is not None]
    told = [probleem for one in bestanden for probleem in one.problemen]
    return [*told, *_same_version(good), *overlaps(good)]


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
    told = tuple(f"{path.name}: {one}" for one in _document_problems(document, gemeentecodes))
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


def _document_problems(document: Table, gemeentecodes: Collection[str]) -> list[str]:
    """The problems inside one document; rows are judged once the agreement itself is sound."""
    told = list(_key_problems("bestand", document, keys.BESTAND))
    if told:
        return told
    head = document["overeenkomst"]
    told = [
        *_key_problems("overeenkomst", head, keys.OVEREENKOMST),
        *_dimension_problems(head),
        *_unknown_gemeenten("overeenkomst", head.get("gemeenten"), gemeentecodes),
    ]
    if told:
        return told
    for number, cel in enumerate(document.get("cel", ()), start=1):
        told += _cel_problems(_cel_label(number, cel), cel, head)
    for number, aanbieder in enumerate(document.get("aanbieder", ()), start=1):
        where = _label(f"aanbieder {number}", aanbieder.get("agb"))
        told += _aanbieder_problems(where, aanbieder, head)
        told += _unknown_gemeenten(where, aanbieder.get("gemeenten"), gemeentecodes)
    drempels = document.get("drempels", {})
    told += _key_problems("drempels", drempels, keys.DREMPELS)
    told += _unknown_gemeenten("drempels", drempels.get("plafond"), gemeentecodes)
    return told


def _key_problems(where: str, table: Table, sleutels: keys.Sleutels) -> Iterator[str]:
    for key in table:
        if key not in sleutels:
            yield f"{where}: onbekende sleutel {key}"
    for key, sleutel in sleutels.items():
        if key not in table:
            if sleutel.verplicht:
                yield f"{where}: {key} ontbreekt"
        elif not sleutel.good(table[key]):
            yield f"{where}: {key} moet {sleutel.eis} zijn, gevonden {shown(table[key])}"


def _dimension_problems(head: Table) -> Iterator[str]:
    dimensies = head.get("dimensies")
    for naam in dimensies if isinstance(dimensies, list) else ():
        if isinstance(naam, str) and naam in keys.CEL:
            yield f"overeenkomst: dimensie {naam} heeft de naam van een vaste sleutel"


def _unknown_gemeenten(where: str, found: object, gemeentecodes: Collection[str]) -> Iterator[str]:
    """Codes that no list of municipalities holds; an empty list checks nothing."""
    if gemeentecodes and isinstance(found, list | dict):
        for code in found:
            if keys.is_gemeente(code) and code not in gemeentecodes:
                yield f"{where}: gemeente {code} bestaat niet"


def _cel_problems(where: str, cel: Table, head: Table) -> list[str]:
    dimensies = {naam: keys.text(verplicht=True) for naam in head["dimensies"]}
    told = list(_key_problems(where, cel, {**dimensies, **keys.CEL}))
    if told:
        return told
    told += _scope_problems(where, cel, head)
    told += _period_problems(where, cel)
    if "termijnen" in cel:
        told += _termijn_problems(where, cel["termijnen"])
    return told


def _scope_problems(where: str, cel: Table, head: Table) -> Iterator[str]:
    wetten = [cel["wet"]] if "wet" in cel else head["wetten"]
    if not set(wetten) <= set(head["wetten"]):
        yield f"{where}: wet {cel['wet']} staat niet in wetten van de overeenkomst"
    categorie = cel["productcategorie"]
    if not any(categorie in keys.CATEGORIEEN[wet] for wet in wetten):
        yield f"{where}: productcategorie {categorie} bestaat niet voor {' of '.join(wetten)}"
    for code in cel.get("gemeenten", ()):
        if code not in head["gemeenten"]:
            yield f"{where}: gemeente {code} staat niet in gemeenten van de overeenkomst"


def _period_problems(where: str, table: Table) -> Iterator[str]:
    for key in ("tot", "toewijsbaar_tot"):
        if key in table and "vanaf" in table and table[key] < table["vanaf"]:
            yield f"{where}: {key} {table[key]} ligt voor vanaf {table['vanaf']}"


def _termijn_problems(where: str, termijnen: Sequence[Table]) -> list[str]:
    told: list[str] = []
    for number, termijn in enumerate(termijnen, start=1):
        told += _key_problems(f"{where}: termijn {number}", termijn, keys.TERMIJN)
        if number < len(termijnen) and "deel" not in termijn:
            told.append(f"{where}: termijn {number}: deel ontbreekt, alleen de laatste is de rest")
    if told:
        return told
    total = sum(termijn.get("deel", 0) for termijn in termijnen)
    if "deel" in termijnen[-1] and total != 100:
        told.append(f"{where}: termijnen zijn samen {total} procent en geen 100")
    elif "deel" not in termijnen[-1] and total >= 100:
        told.append(f"{where}: termijnen laten met {total} procent niets over voor de laatste")
    return told


def _aanbieder_problems(where: str, aanbieder: Table, head: Table) -> list[str]:
    told = list(_key_problems(where, aanbieder, keys.AANBIEDER))
    if told:
        return told
    selectors = {**keys.SELECTORS, **{naam: keys.text() for naam in head["dimensies"]}}
    for number, selector in enumerate(aanbieder.get("cellen", ()), start=1):
        told += _key_problems(f"{where}: cellen {number}", selector, selectors)
        if not selector:
            told.append(f"{where}: cellen {number}: een lege tabel wijst niets aan")
    return [*told, *_period_problems(where, aanbieder)]


def _cel_label(number: int, cel: Table) -> str:
    code, eenheid = cel.get("productcode"), cel.get("eenheid")
    known = isinstance(code, str) and isinstance(eenheid, str)
    return _label(f"cel {number}", f"{code}/{eenheid}" if known else None)


def _label(row: str, name: object) -> str:
    return f"{row} ({name})" if isinstance(name, str) else row


def shown(value: object) -> str:
    """A value as it stands in the file, short enough for a sentence."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:40]}"'
    if isinstance(value, list):
        return "[" + ", ".join(shown(one) for one in value)[:80] + "]"
    if isinstance(value, dict):
        return "een tabel"
    return value.isoformat() if isinstance(value, date) else str(value)
