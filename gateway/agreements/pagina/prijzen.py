"""The prices of an agreement as tables: a matrix where it has dimensions for one, else a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from gateway.agreements.pagina.woorden import (
    datum,
    kop,
    opsomming,
    periode,
    prijs,
    tabel,
    tarief,
    wetten,
    wijze,
)
from gateway.messages.codelijsten import GEMEENTEN, Codelijsten
from gateway.periods.bedragen import euros
from gateway.records.overeenkomst import Cel, Overeenkomst, Plaats

MOST_COLUMNS = 6

Vak = tuple[str, ...]  # the values of the dimensions of a cell


def price_tables(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> Iterator[str]:
    """The prices for all and those for one aanbieder or municipality, as the file orders them."""
    algemeen = [cel for cel in overeenkomst.cellen if not cel.rang]
    eigen = [cel for cel in overeenkomst.cellen if cel.rang]
    parts = [_general(overeenkomst, algemeen, lijsten), _own(overeenkomst, eigen, lijsten)]
    if eigen and eigen[0] is overeenkomst.cellen[0]:
        parts.reverse()
    for part in parts:
        yield from part


def _general(
    overeenkomst: Overeenkomst, cellen: Sequence[Cel], lijsten: Codelijsten
) -> Iterator[str]:
    if not cellen:
        return
    if len(cellen) < len(overeenkomst.cellen):
        yield "### Prijzen voor iedereen\n"
    if not _is_matrix(cellen):
        yield _list(overeenkomst, cellen, lijsten)
        return
    for wet, own in _per_law(overeenkomst, cellen):
        yield from _dated_matrices(overeenkomst, wet, own)


def _own(overeenkomst: Overeenkomst, cellen: Sequence[Cel], lijsten: Codelijsten) -> Iterator[str]:
    if not cellen:
        return
    if len(cellen) < len(overeenkomst.cellen):
        yield "### Prijzen voor één aanbieder of gemeente\n"
    yield _list(overeenkomst, cellen, lijsten)


def _is_matrix(cellen: Sequence[Cel]) -> bool:
    """Whether a matrix of the last dimension against the others is at least half filled."""
    vakken = {_vak(cel) for cel in cellen}
    rijen, kolommen = {vak[:-1] for vak in vakken}, {vak[-1:] for vak in vakken}
    return (
        len(rijen) > 1
        and 1 < len(kolommen) <= MOST_COLUMNS
        and 2 * len(vakken) >= len(rijen) * len(kolommen)
    )


def _vak(cel: Cel) -> Vak:
    return tuple(waarde for _, waarde in cel.dimensies)


def _per_law(
    overeenkomst: Overeenkomst, cellen: Sequence[Cel]
) -> Iterator[tuple[str | None, list[Cel]]]:
    """The cells of each law with a heading; of all laws together where their prices are alike."""
    per_wet = {
        wet: [cel for cel in cellen if wet in Plaats(overeenkomst, cel).wetten]
        for wet in overeenkomst.wetten
    }
    known = {frozenset(map(_price_key, own)) for own in per_wet.values()}
    if len(per_wet) == 1:
        yield None, list(cellen)
    elif len(known) == 1:
        yield f"{wetten(per_wet)}: dezelfde prijzen", list(cellen)
    else:
        for wet, own in per_wet.items():
            yield wetten([wet]), own


def _price_key(cel: Cel) -> tuple[object, ...]:
    return (cel.dimensies, wijze(cel), cel.bedrag, cel.vanaf, cel.tot)


def _dated_matrices(
    overeenkomst: Overeenkomst, wet: str | None, cellen: Sequence[Cel]
) -> Iterator[str]:
    """One matrix for every day on which a price changes, with all prices that hold from then on."""
    dagen = sorted({cel.vanaf for cel in cellen})
    for number, dag in enumerate(dagen):
        until = dagen[number + 1] - timedelta(days=1) if number + 1 < len(dagen) else None
        geldig = [cel for cel in cellen if cel.covers(dag)]
        heading = _heading(wet, dag, until, several=len(dagen) > 1)
        if heading:
            yield f"### {heading}\n"
        yield from _published(overeenkomst, geldig, dag)
        yield _matrix(overeenkomst, geldig)


def _heading(wet: str | None, dag: date, until: date | None, *, several: bool) -> str:
    dated = periode(dag, until) if several else ""
    return ", ".join(part for part in (wet, dated) if part)


def _published(overeenkomst: Overeenkomst, cellen: Iterable[Cel], dag: date) -> Iterator[str]:
    """When prices that begin on this day were made known, where the agreement itself says less."""
    own = {cel.bekendgemaakt_op for cel in cellen if cel.vanaf == dag} - {None}
    told = sorted(day for day in own if day is not None and day != overeenkomst.bekendgemaakt_op)
    if told:
        yield f"Nieuwe prijzen, bekendgemaakt op {opsomming(map(datum, told))}.\n"


def _matrix(overeenkomst: Overeenkomst, cellen: Sequence[Cel]) -> str:
    *voor, laatste = overeenkomst.dimensies
    kolommen = list(dict.fromkeys(_vak(cel)[-1] for cel in cellen))
    wijzen = list(dict.fromkeys(map(wijze, cellen)))
    rijen = dict.fromkeys((_vak(cel)[:-1], wijze(cel)) for cel in cellen)
    several = len(wijzen) > 1
    koppen = [*map(kop, voor), *(["prijs"] if several else []), *kolommen]
    table = tabel(
        koppen,
        [
            [
                *rij,
                *([hoe] if several else []),
                *(_amount(cellen, (*rij, k), hoe) for k in kolommen),
            ]
            for rij, hoe in rijen
        ],
    )
    same = "" if several else f" Elke prijs is {wijzen[0]}."
    return f"In de kolommen staat: {kop(laatste)}.{same}\n\n{table}"


def _amount(cellen: Iterable[Cel], vak: Vak, hoe: str) -> str:
    """The price in one place of the matrix with its product codes; none where there is no cell."""
    found: dict[int, list[str]] = {}
    for cel in cellen:
        if _vak(cel) == vak and wijze(cel) == hoe:
            found.setdefault(cel.bedrag, []).append(f"`{cel.productcode}`")
    return ", ".join(f"{euros(bedrag)} ({', '.join(codes)})" for bedrag, codes in found.items())


def _list(overeenkomst: Overeenkomst, cellen: Sequence[Cel], lijsten: Codelijsten) -> str:
    """One row per price; a column that says nothing in any row is left out."""
    kolommen = {
        **{kop(n): [dict(cel.dimensies)[n] for cel in cellen] for n in overeenkomst.dimensies},
        "wet": [_law(overeenkomst, cel) for cel in cellen],
        "productcode": [f"`{cel.productcode}`" for cel in cellen],
        "prijs": [prijs(cel) for cel in cellen],
        "waarde in de afrekening": [tarief(c) if c.soort == "lumpsum" else "" for c in cellen],
        "voor aanbieder": [opsomming(cel.aanbieders or ()) for cel in cellen],
        "voor gemeente": [gemeentenamen(cel.gemeenten or (), lijsten) for cel in cellen],
        "geldt": [periode(cel.vanaf, cel.tot) for cel in cellen],
        "bekend op": [datum(d) if (d := cel.bekendgemaakt_op) else "" for cel in cellen],
    }
    shown = {naam: waarden for naam, waarden in kolommen.items() if any(waarden)}
    return tabel(list(shown), zip(*shown.values(), strict=True))


def _law(overeenkomst: Overeenkomst, cel: Cel) -> str:
    """The laws of a cell, where the agreement has more than one."""
    if len(overeenkomst.wetten) == 1:
        return ""
    return wetten(Plaats(overeenkomst, cel).wetten)


def gemeentenamen(codes: Iterable[str], lijsten: Codelijsten) -> str:
    """Municipalities by their names."""
    return opsomming(lijsten.label(GEMEENTEN, code) for code in codes)
