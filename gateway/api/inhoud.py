"""Reads what a call gives us and tells what is wrong with it; chooses what it gets back."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from starlette.datastructures import QueryParams

from gateway.api.eindpunt import JSON, XML, Invoer
from gateway.errors import VerzoekGeweigerd
from gateway.records.masker import holds_bsn, mask

PROBLEM = "application/problem+json"
_XML_TOO = (XML, "text/xml")
_PLACE = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_NAMED = re.compile(r"(missing required|unknown) field `([^`]*)`")


def read_zoek(given: QueryParams, soort: type[Invoer]) -> Any:
    """The parameters of an address; raises VerzoekGeweigerd that names the one at fault."""
    values: dict[str, str] = {}
    for naam, waarde in given.multi_items():
        if naam in values:
            raise VerzoekGeweigerd(400, f"parameter {mask(naam[:40])} staat er twee keer")
        # Read loosely, this text would be nothing instead of a text.
        if waarde == "null":
            raise VerzoekGeweigerd(400, f"parameter {mask(naam[:40])} is leeg; laat hem dan weg")
        if holds_bsn(waarde):
            raise VerzoekGeweigerd(
                400, "een adres mag geen BSN bevatten; zoek met POST op het adres met _zoek"
            )
        values[naam] = waarde
    try:
        return msgspec.convert(values, soort, strict=False)
    except msgspec.ValidationError as error:
        raise VerzoekGeweigerd(400, f"parameter {_sentence(str(error))}") from None


def read_json(body: bytes, soort: type[Invoer]) -> Any:
    """A JSON body; raises VerzoekGeweigerd: 400 for what is no JSON, 422 for what does not fit."""
    try:
        return msgspec.json.decode(body, type=soort)
    except msgspec.ValidationError as error:
        raise VerzoekGeweigerd(422, f"gegeven {_sentence(str(error))}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise VerzoekGeweigerd(400, "dit is geen JSON in UTF-8") from None


def refuse_other_media(given: str | None, wanted: str, *ook: str) -> None:
    """Raises VerzoekGeweigerd (415) for a body of another kind than is asked for."""
    kind = (given or "").partition(";")[0].strip().lower()
    if kind not in (*(_XML_TOO if wanted == XML else (wanted,)), *ook):
        raise VerzoekGeweigerd(415, f"stuur dit als {' of '.join((wanted, *ook))}")


def refuse_not_accepted(accept: str | None, gives: str) -> None:
    """Raises VerzoekGeweigerd (406) where the caller takes nothing of what is given."""
    if accept is None or not accept.strip():
        return
    if not any(_takes(one, gives) for one in accept.split(",")):
        raise VerzoekGeweigerd(406, f"hier is alleen {gives} te krijgen")


def _takes(one: str, gives: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in one.split(";"))
    if any(re.fullmatch(r"q\s*=\s*0(\.0*)?", part) for part in parameters):
        return False
    main = gives.partition("/")[0]
    return kind in ("*/*", "*", f"{main}/*", gives) or (gives == JSON and kind == PROBLEM)


def _sentence(problem: str) -> str:
    """Which value is at fault; what msgspec says is English, and may repeat what was given."""
    named = _NAMED.search(problem)
    place = _PLACE.search(problem)
    inside = place[1] if place else ""
    if named is not None:
        naam = mask(".".join(filter(None, (inside, named[2][:40]))))
        return f"{naam} ontbreekt" if named[1].startswith("missing") else f"{naam} kennen wij niet"
    shown = f"{mask(inside[:80])} heeft" if inside else "heeft"
    return f"{shown} een waarde die niet kan; openapi.json zegt wat kan"
