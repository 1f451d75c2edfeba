"""The format of an agreement file: every key, what its value must be, and the codes it may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

WETTEN = ("jeugdwet", "wmo")
VARIANTEN = ("inspanning", "output", "taak")
PEILDATA = ("ingangsdatum", "productperiode")
EENHEDEN = ("01", "04", "14", "16", "82", "83", "84")
FREQUENTIES = ("1", "2", "4", "6")
SOORTEN = ("pxq", "stuk", "traject", "periode", "budget", "lumpsum", "taak")
GEBROKEN = ("vol", "geen", "naar-rato")
PER = ("toewijzing", "client-jaar")
VERREKENING = ("geheel", "meerdere")
# The product categories of each law (JZ020, WMO020); 39 was never given out.
CATEGORIEEN: Mapping[str, frozenset[str]] = {
    "jeugdwet": frozenset(str(n) for n in range(31, 56) if n != 39),
    "wmo": frozenset(f"{n:02}" for n in range(1, 19)),
}


@dataclass(frozen=True, slots=True)
class Sleutel:
    """One key: `eis` completes the Dutch sentence "<key> moet ... zijn"."""

    eis: str
    good: Callable[[Any], bool]
    verplicht: bool = False


Sleutels = Mapping[str, Sleutel]


def is_text(value: object) -> bool:
    """A text with something in it and no blanks around it."""
    return isinstance(value, str) and value == value.strip() != ""


def is_whole(value: object) -> bool:
    """A whole number from 0; a float or a boolean is none."""
    return type(value) is int and value >= 0


def is_date(value: object) -> bool:
    """A date without a time."""
    return type(value) is date


def is_list(value: object, good: Callable[[Any], bool]) -> bool:
    """A list of one or more different good values."""
    if not isinstance(value, list) or not value or not all(good(one) for one in value):
        return False
    return len(set(value)) == len(value)


def is_tables(value: object) -> bool:
    """A list of tables, at least one."""
    return isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)


def matches(pattern: str) -> Callable[[object], bool]:
    """A text that is the pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


is_gemeente = matches("[0-9]{4}")
is_agb = matches("[0-9]{8}")
is_month_day = matches("(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
is_reason = matches("[0-9]{2}")
is_dimensie = matches("[a-z][a-z0-9_]*")


def text(verplicht: bool = False) -> Sleutel:
    """A key with a free text."""
    return Sleutel("een tekst tussen aanhalingstekens", is_text, verplicht)


def prose() -> Sleutel:
    """A key with a text of several lines, that may begin and end with a blank one."""
    return Sleutel(
        "een tekst tussen aanhalingstekens",
        lambda value: isinstance(value, str) and value.strip() != "",
    )


def cents(verplicht: bool = False) -> Sleutel:
    """A key with an amount of money."""
    return Sleutel("een geheel aantal centen", is_whole, verplicht)


def day(verplicht: bool = False) -> Sleutel:
    """A key with a date."""
    return Sleutel("een datum als 2026-01-31", is_date, verplicht)


def one_of(values: Collection[str], verplicht: bool = False) -> Sleutel:
    """A key with a code from a list."""
    eis = f"een van {', '.join(values)}"
    return Sleutel(eis, lambda value: isinstance(value, str) and value in values, verplicht)


def yes_or_no() -> Sleutel:
    """A key that is true or false."""
    return Sleutel("true of false", lambda value: isinstance(value, bool))


def number(eis: str, lowest: int, highest: int | None = None) -> Sleutel:
    """A key with a whole number between two bounds."""
    return Sleutel(
        eis,
        lambda value: is_whole(value) and lowest <= value and (highest is None or value <= highest),
    )


def gemeenten(verplicht: bool = False) -> Sleutel:
    """A key with municipalities."""
    return Sleutel(
        'een lijst van verschillende gemeentecodes als "0193"',
        lambda value: is_list(value, is_gemeente),
        verplicht,
    )


BESTAND: Sleutels = {
    "overeenkomst": Sleutel("een tabel", lambda v: isinstance(v, dict), verplicht=True),
    "uitgestapt": Sleutel("een reeks tabellen [[uitgestapt]]", is_tables),
    "cel": Sleutel("een reeks tabellen [[cel]]", is_tables),
    "aanbieder": Sleutel("een reeks tabellen [[aanbieder]]", is_tables),
    "drempels": Sleutel("een tabel", lambda v: isinstance(v, dict)),
    "zwaarte": Sleutel("een tabel", lambda v: isinstance(v, dict)),
}

OVEREENKOMST: Sleutels = {
    "id": text(verplicht=True),
    "naam": text(verplicht=True),
    "versie": text(verplicht=True),
    "wetten": Sleutel(
        f"een lijst van verschillende wetten uit {', '.join(WETTEN)}",
        lambda value: is_list(value, lambda one: isinstance(one, str) and one in WETTEN),
        verplicht=True,
    ),
    "gemeenten": gemeenten(verplicht=True),
    "variant": one_of(VARIANTEN, verplicht=True),
    "peildatum": one_of(PEILDATA, verplicht=True),
    "dimensies": Sleutel(
        "een lijst van verschillende namen in kleine letters",
        lambda value: value == [] or is_list(value, is_dimensie),
        verplicht=True,
    ),
    "bekendgemaakt_op": day(),
    "voorbeeld": yes_or_no(),
    "toelichting": prose(),
    "hoofdaannemer": yes_or_no(),
    "stapelen": yes_or_no(),
    "gezinskenmerk": Sleutel(
        "een tekst tussen aanhalingstekens", lambda value: isinstance(value, str) and value != ""
    ),
    "vervangt": Sleutel(
        "een lijst van verschillende id's van overeenkomsten",
        lambda value: is_list(value, is_text),
    ),
    "indientermijn_dagen": number("een geheel aantal dagen", 0),
    "toelatingsmomenten": Sleutel(
        'een lijst van verschillende dagen als "01-31" (maand-dag)',
        lambda value: is_list(value, is_month_day),
    ),
}

UITGESTAPT: Sleutels = {
    "gemeente": Sleutel('een gemeentecode als "0193"', is_gemeente, verplicht=True),
    "vanaf": day(verplicht=True),
}

CEL: Sleutels = {
    "productcategorie": Sleutel(
        "een code van twee cijfers tussen aanhalingstekens", matches("[0-9]{2}"), verplicht=True
    ),
    "productcode": Sleutel(
        "een code van hoogstens vijf tekens zonder spaties", matches(r"\S{1,5}"), verplicht=True
    ),
    "eenheid": one_of(EENHEDEN, verplicht=True),
    "soort": one_of(SOORTEN, verplicht=True),
    "bedrag": cents(verplicht=True),
    "vanaf": day(verplicht=True),
    "tot": day(),
    "wet": one_of(WETTEN),
    "frequentie": one_of(FREQUENTIES),
    "termijnen": Sleutel("een lijst van termijnen", is_tables),
    "toewijsbaar_tot": day(),
    "gebroken_begin": one_of(GEBROKEN),
    "gebroken_eind": one_of(GEBROKEN),
    "variant": one_of(VARIANTEN),
    "peildatum": one_of(PEILDATA),
    "bekendgemaakt_op": day(),
    "gemeenten": gemeenten(),
    "aanbieders": Sleutel(
        "een lijst van verschillende AGB-codes van acht cijfers",
        lambda value: is_list(value, is_agb),
    ),
    "hoort_bij": Sleutel("een productcode tussen aanhalingstekens", matches(r"\S{1,5}")),
    "resultaat": Sleutel(
        'een lijst van verschillende redenen van beëindiging als "31"',
        lambda value: is_list(value, is_reason),
    ),
    "indicatie_tot": day(),
    "declarabel_tot": day(),
    "per": one_of(PER),
    "tarief": cents(),
    "tolerantie": number("een geheel percentage van 0 tot en met 100", 0, 100),
    "verrekening": one_of(VERREKENING),
    "voorschotten": number("een geheel aantal van minstens 1", 1),
}

TERMIJN: Sleutels = {
    "moment": text(verplicht=True),
    "deel": Sleutel(
        "een geheel percentage van 1 tot en met 100",
        lambda value: is_whole(value) and 1 <= value <= 100,
    ),
}

AANBIEDER: Sleutels = {
    "agb": Sleutel("een AGB-code van acht cijfers", is_agb, verplicht=True),
    "cellen": Sleutel("een lijst van tabellen", is_tables),
    "gemeenten": gemeenten(),
    "vanaf": day(),
    "tot": day(),
    "geblokkeerd": yes_or_no(),
    "jaarbedrag": cents(),
}

# What a contract may select cells by, besides the dimensions of its agreement.
SELECTORS: Sleutels = {"productcategorie": text(), "productcode": text()}

DREMPELS: Sleutels = {
    "melding_traject": cents(),
    "plafond": Sleutel(
        "een tabel van gemeentecode en geheel aantal centen",
        lambda value: (
            isinstance(value, dict)
            and all(is_gemeente(key) and is_whole(cents) for key, cents in value.items())
        ),
    ),
    "melding_jaarbedrag": number("een geheel percentage van 1 tot en met 100", 1, 100),
    "uitputting_dagen": number("een geheel aantal dagen", 0),
}

ZWAARTE: Sleutels = {
    "dimensie": text(verplicht=True),
    "volgorde": Sleutel(
        "een lijst van minstens twee verschillende waarden, van licht naar zwaar",
        lambda value: is_list(value, is_text) and len(value) > 1,
        verplicht=True,
    ),
}
