"""Reads what a batch is to do from the fields of a form or a command, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateway.errors import WrongUse
from gateway.ledger.mutaties.wijzen import (
    Contractwijziging,
    Herindeling,
    Indexatie,
    Verlenging,
    Wijze,
)
from gateway.store.mutaties.keuze import Keuze

SOORTEN = ("indexatie", "contractwijziging", "verlenging", "herindeling")
JA = frozenset({"ja", "on", "1", "true"})
_WIJZEN: Mapping[str, type[Wijze]] = dict(
    zip(SOORTEN, (Indexatie, Contractwijziging, Verlenging, Herindeling), strict=True)
)
# At most two decimals: hundredths of a percent.
_PROCENT = re.compile(r"(-?)(\d{1,2})(?:,(\d{1,2}))?")
_NUMMERS = re.compile(r"[\s,;]+")
_UNKNOWN = re.compile(r"unknown field `(\w+)`")
_PLACE, _MISSING = re.compile(r"`\$\.(\w+)"), re.compile(r"missing required field `(\w+)`")


def wijze_of(soort: str, velden: Mapping[str, str]) -> Wijze:
    """The way to change that the fields ask for; raises WrongUse for what is no answer.

    Fields that are empty, or of another kind, do not matter.
    """
    if soort not in _WIJZEN:
        raise WrongUse(f"kies wat u wilt wijzigen: {', '.join(SOORTEN)}")
    kind = _WIJZEN[soort]
    given = _read(kind, velden)
    if kind is Indexatie:
        given["basispunten"] = _basispunten(velden.get("procent", ""))
    return made_of(soort, given)


def made_of(soort: str, given: Mapping[str, Any]) -> Wijze:
    """The way to change of values that were read already; raises WrongUse for what does not fit."""
    kind = _WIJZEN[soort]
    made: Wijze = _made(kind, {**given, "soort": soort})
    return made


def keuze_of(velden: Mapping[str, str]) -> Keuze:
    """Which assignments the fields choose; raises WrongUse for what is no answer."""
    given = _read(Keuze, velden)
    if nummers := velden.get("nummers", "").strip():
        given["nummers"] = [_whole(one, "nummers") for one in _NUMMERS.split(nummers)]
    made: Keuze = _made(Keuze, given)
    return made


def velden_van(soort: str) -> tuple[str, ...]:
    """The names of the fields that a way to change listens to."""
    names = msgspec.structs.fields(_WIJZEN[soort])
    return tuple("procent" if one.name == "basispunten" else one.encode_name for one in names)


def uitleg(wijze: Wijze) -> str:
    """A way to change in one Dutch phrase."""
    match wijze:
        case Indexatie():
            return f"{procent(wijze.basispunten)} vanaf {wijze.vanaf}"
        case Verlenging():
            rato = ", volume en budget naar rato" if wijze.naar_rato else ""
            return f"tot en met {wijze.tot}{rato}"
        case Herindeling():
            return f"naar gemeente {wijze.naar} vanaf {wijze.vanaf}"
        case Contractwijziging():
            parts = [f"vanaf {wijze.vanaf}, reden {wijze.reden}"]
            named = (
                ("categorie", wijze.productcategorie),
                ("product", wijze.productcode),
                ("eenheid", wijze.eenheid),
                ("frequentie", wijze.frequentie),
                ("aanbieder", wijze.aanbieder),
            )
            parts += [f"{naam} {value}" for naam, value in named if value is not None]
            if wijze.teller != wijze.noemer:
                parts.append(f"volume maal {wijze.teller} door {wijze.noemer}")
            return ", ".join(parts)


def procent(basispunten: int) -> str:
    """Hundredths of a percent as Dutch readers write them."""
    whole, rest = divmod(abs(basispunten), 100)
    return f"{'-' if basispunten < 0 else ''}{whole},{rest:02}%"


def _basispunten(text: str) -> int:
    found = _PROCENT.fullmatch(text.replace("%", "").strip())
    if found is None:
        raise WrongUse("schrijf het percentage als 3,5 of -1,25")
    value = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -value if found[1] else value


def _read(kind: type[msgspec.Struct], velden: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a kind that are filled, each read by its type."""
    given: dict[str, Any] = {}
    for one in msgspec.structs.fields(kind):
        text = velden.get(one.encode_name, "").strip()
        if text and one.encode_name != "nummers":
            given[one.encode_name] = _reader(one.default)(text, one.encode_name)
    return given


def _reader(default: object) -> Callable[[str, str], Any]:
    if isinstance(default, bool):
        return lambda text, _: text.lower() in JA
    if isinstance(default, int):
        return _whole
    return lambda text, _: text


def _whole(text: str, naam: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise WrongUse(f"vul bij {naam} een geheel getal in")
    return int(text)


def _made(kind: type[Any], given: Mapping[str, Any]) -> Any:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as wrong:
        raise WrongUse(_dutch(str(wrong))) from None


def _dutch(text: str) -> str:
    """Which field is not right, for whoever filled it in."""
    if missing := _MISSING.search(text):
        return f"vul {missing[1]} in"
    if unknown := _UNKNOWN.search(text):
        return f"{unknown[1]} hoort niet bij deze soort wijziging"
    if place := _PLACE.search(text):
        return f"wat er bij {place[1]} staat, past daar niet"
    return "een van de velden klopt niet"
