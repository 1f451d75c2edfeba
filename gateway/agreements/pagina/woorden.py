"""Write dates, lists, units and tables as a Dutch reader of a page expects them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from gateway.periods.bedragen import euros
from gateway.records.overeenkomst import Cel

MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
WETTEN = {"jeugdwet": "Jeugdwet", "wmo": "Wmo"}
EENHEDEN = {
    "01": "minuut",
    "04": "uur",
    "14": "etmaal",
    "16": "dagdeel",
    "82": "stuk output",
    "83": "euro",
    "84": "stuk",
}
PER_EENHEID = frozenset({"pxq", "stuk"})
GEHEEL = {
    "traject": "voor het hele traject",
    "periode": "per maand",
    "lumpsum": "voor de hele periode",
    "taak": "voor de hele groep",
}
BUDGETTEN = {
    "toewijzing": "budget per toewijzing",
    "client-jaar": "budget per cliënt en kalenderjaar",
}


def datum(dag: date) -> str:
    """A day in words: `1 januari 2018`."""
    return f"{dag.day} {MAANDEN[dag.month - 1]} {dag.year}"


def periode(vanaf: date | None, tot: date | None) -> str:
    """A period in words; both ends count, and either may be open."""
    if vanaf is None:
        return "altijd" if tot is None else f"tot en met {datum(tot)}"
    if tot is None:
        return f"vanaf {datum(vanaf)}"
    return f"{datum(vanaf)} tot en met {datum(tot)}"


def productcodes(cellen: Iterable[Cel], en: str = "en") -> str:
    """The product codes of cells, each once."""
    return opsomming((f"`{cel.productcode}`" for cel in cellen), en)


def opsomming(woorden: Iterable[str], en: str = "en") -> str:
    """Words as a sentence lists them, each once: `a, b en c`."""
    losse = list(dict.fromkeys(woorden))
    if len(losse) < 2:
        return "".join(losse)
    return f"{', '.join(losse[:-1])} {en} {losse[-1]}"


def kop(naam: str) -> str:
    """The name of a dimension as the heading of a column."""
    return naam.replace("_", " ")


def wetten(namen: Iterable[str]) -> str:
    """Laws as people call them."""
    return opsomming(WETTEN[naam] for naam in namen)


def wijze(cel: Cel) -> str:
    """What the amount of a cell is for: `per uur`, `voor het hele traject`."""
    if cel.soort in PER_EENHEID:
        return f"per {EENHEDEN[cel.eenheid]}"
    return BUDGETTEN[cel.per] if cel.soort == "budget" else GEHEEL[cel.soort]


def prijs(cel: Cel) -> str:
    """The amount of a cell with what it is for."""
    per_stuk = f", {tarief(cel)}" if cel.soort == "budget" and cel.tarief is not None else ""
    return f"{euros(cel.bedrag)} {wijze(cel)}{per_stuk}"


def tarief(cel: Cel) -> str:
    """The `tarief` of a budget or a lumpsum per unit; nothing where it has none."""
    return "" if cel.tarief is None else f"{euros(cel.tarief)} per {EENHEDEN[cel.eenheid]}"


def tabel(koppen: Sequence[str], rijen: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [koppen, ["---"] * len(koppen), *rijen]
    return "\n".join(f"| {' | '.join(_in_cell(one) for one in line)} |" for line in lines) + "\n"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
