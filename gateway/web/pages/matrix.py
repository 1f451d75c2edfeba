"""The cells of an agreement as a table: profile by intensity, or what dimensions it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.agreements.pagina.woorden import datum, opsomming, periode, wijze
from gateway.ledger.sturing import Verbruik
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.web.pages.woorden import WETTEN

MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Vakje:
    """A price in the table, with for whom it is where that is not everybody, and its use.

    `venster` tells until when one may assign and declare against it, empty where nothing ends.
    """

    bedrag: int
    wijze: str
    product: str
    periode: str
    venster: str
    voor: str
    gebruik: Verbruik | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`koppen` are headings with their kind; a row has a name and the prices in each column."""

    rijkop: str
    koppen: list[tuple[str, str]]
    rijen: Sequence[tuple[str, Sequence[Sequence[Vakje]]]]
    aantal: int


def matrix_of(
    overeenkomst: Overeenkomst,
    op: date | None,
    gebruik: Mapping[str, Verbruik],
    naam_van: Callable[[str], str],
) -> Matrix:
    """The cells in force on a day (all without one); `gebruik` is by the number of the cell.

    `naam_van` gives the name of a municipality.
    """
    cellen = [cel for cel in overeenkomst.cellen if op is None or cel.covers(op)]
    rows, column = _axes(overeenkomst, cellen)
    heads = list(dict.fromkeys(_value(cel, column) for cel in cellen)) if column else [""]
    found: dict[str, list[list[Vakje]]] = {}
    for cel in cellen:
        naam = ", ".join(_value(cel, one) for one in rows) or f"{cel.productcode}/{cel.eenheid}"
        row = found.setdefault(naam, [[] for _ in heads])
        place = heads.index(_value(cel, column)) if column else 0
        row[place].append(_vakje(cel, gebruik.get(str(cel.rij)), naam_van))
    kop = ", ".join(one.replace("_", " ") for one in rows) or "product"
    koppen = [(one or "Prijs", "") for one in heads]
    return Matrix(kop, koppen, list(found.items()), len(cellen))


def _axes(overeenkomst: Overeenkomst, cellen: Sequence[Cel]) -> tuple[Sequence[str], str | None]:
    """Which dimensions name the rows, and which one the columns."""
    dimensies = overeenkomst.dimensies
    if len(dimensies) < 2:
        return dimensies, None
    column = dimensies[-1]
    values = {_value(cel, column) for cel in cellen}
    return (dimensies, None) if len(values) > MOST_COLUMNS else (dimensies[:-1], column)


def _value(cel: Cel, dimensie: str) -> str:
    return dict(cel.dimensies).get(dimensie, "")


def _vakje(cel: Cel, gebruik: Verbruik | None, naam_van: Callable[[str], str]) -> Vakje:
    return Vakje(
        bedrag=cel.bedrag,
        wijze=wijze(cel),
        product=f"{cel.productcategorie}/{cel.productcode}",
        periode=periode(cel.vanaf, cel.tot),
        venster=venster_van(cel),
        voor=voor_wie(cel, naam_van),
        gebruik=gebruik,
    )


def venster_van(cel: Cel) -> str:
    """The windows of a price in words: the last days on which something is still right."""
    ends = (
        ("toewijzen", cel.toewijsbaar_tot),
        ("toewijzing loopt", cel.indicatie_tot),
        ("declareren", cel.declarabel_tot),
    )
    return "; ".join(f"{wat} tot en met {datum(dag)}" for wat, dag in ends if dag is not None)


def voor_wie(cel: Cel, naam_van: Callable[[str], str]) -> str:
    """For whom a cell is, empty for all of the agreement."""
    parts = []
    if cel.wet is not None:
        parts.append(WETTEN.get(cel.wet, cel.wet))
    if cel.gemeenten is not None:
        parts.append(f"gemeente {opsomming([naam_van(one) for one in cel.gemeenten])}")
    if cel.aanbieders is not None:
        parts.append(f"aanbieder {opsomming(cel.aanbieders)}")
    return "; ".join(parts)
