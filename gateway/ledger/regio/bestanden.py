"""Reads what the choices behind figures of a region and the districts are from their files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import WrongUse
from gateway.ledger.regio.basis import SOORTEN, Basis, Wijken, wijknaam

Document = Mapping[str, Any]
KOPPEN = ("gemeente", "postcode", "wijk", "inwoners")
_FOUR_DIGITS = re.compile(r"[0-9]{4}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_TERMS = 2


def basis_of(document: Document) -> Basis:
    """The choices of `regio.toml`; raises WrongUse for what they cannot be."""
    kort_lang = document.get("terugkeer_maanden", [6, 12])
    if not (
        isinstance(kort_lang, list)
        and len(kort_lang) == _TERMS
        and all(_is_count(one) for one in kort_lang)
        and kort_lang[0] < kort_lang[1]
    ):
        raise WrongUse("regio.toml: terugkeer_maanden zijn een korte en een langere termijn")
    for name in ("aansluitend_dagen", "zwaarder_maanden"):
        if not _is_count(document.get(name, 1)):
            raise WrongUse(f"regio.toml: {name} is een geheel getal vanaf 0")
    uitkomst = document.get("uitkomst", {})
    for wet, redenen in uitkomst.items():
        for reden, soort in redenen.items():
            if soort not in SOORTEN:
                raise WrongUse(
                    f"regio.toml: reden {reden} ({wet}) is een van {', '.join(SOORTEN)}, "
                    f"en niet {soort}"
                )
    return Basis(
        aansluitend_dagen=document.get("aansluitend_dagen", 7),
        terugkeer_maanden=(kort_lang[0], kort_lang[1]),
        zwaarder_maanden=document.get("zwaarder_maanden", 6),
        uitkomst={
            wet: {reden: SOORTEN[soort] for reden, soort in redenen.items()}
            for wet, redenen in uitkomst.items()
        },
    )


def wijken_of(text: str, naam: str, namen: Mapping[str, str]) -> Wijken:
    """The districts of a file with a row per postcode: gemeente, postcode, wijk and inwoners.

    Columns are apart by a semicolon or a comma.  `namen` are those of all municipalities.  Raises
    WrongUse with the file and the row of the first thing that is wrong.
    """
    van_postcode: dict[tuple[str, str], str] = {}
    inwoners: dict[str, int] = {}
    for number, row in _rows(text, naam):
        where = f"{naam}: regel {number}"
        gemeente, postcode, wijk, aantal = (row.get(kop, "").strip() for kop in KOPPEN)
        if gemeente not in namen:
            raise WrongUse(f"{where}: gemeente {gemeente[:10]} bestaat niet")
        if not _FOUR_DIGITS.fullmatch(postcode):
            raise WrongUse(f"{where}: een postcode heeft hier vier cijfers")
        if not wijk:
            raise WrongUse(f"{where}: de wijk ontbreekt")
        if aantal and not _NUMBER.fullmatch(aantal):
            raise WrongUse(f"{where}: inwoners is een geheel getal")
        if (gemeente, postcode) in van_postcode:
            raise WrongUse(f"{where}: postcode {postcode} van gemeente {gemeente} staat er dubbel")
        label = wijknaam(namen, gemeente, wijk)
        van_postcode[gemeente, postcode] = label
        if aantal:
            inwoners[label] = inwoners.get(label, 0) + int(aantal)
    if not van_postcode:
        raise WrongUse(f"{naam}: er staat geen enkele wijk in")
    return Wijken(namen, van_postcode, inwoners)


def _rows(text: str, naam: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = text.splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    reader = csv.DictReader(lines, delimiter=delimiter, restval="")
    found = [one.strip() for one in reader.fieldnames or ()]
    missing = [one for one in KOPPEN[:3] if one not in found]
    if missing:
        raise WrongUse(f"{naam}: de kolom {missing[0]} ontbreekt; verwacht {', '.join(KOPPEN)}")
    reader.fieldnames = found
    for number, row in enumerate(reader, start=2):
        yield number, {kop: row.get(kop) or "" for kop in found}


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
