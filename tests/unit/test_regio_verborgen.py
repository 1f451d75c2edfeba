"""Nothing about a few clients is told, and nothing of it can be computed from what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.ledger.regio.basis import ANDERS, LOOPT, PLAN, UITKOMSTEN, UITVAL, Wijken
from gateway.ledger.regio.lijst import KOPPEN, TITELS
from gateway.ledger.regio.rapport import Jaarcijfers, report
from gateway.ledger.regio.telling import (
    ALLES,
    DIMENSIES,
    KRUISINGEN,
    TERUGKEER,
    UITKOMST,
    Celmaat,
    Jaartelling,
    Veld,
    add_everywhere,
    measure,
)
from gateway.ledger.regio.traject import Traject
from gateway.ledger.regio.verborgen import (
    KLEINSTE,
    Tabelvorm,
    bridges,
    hidden_cells,
    hidden_sums,
    is_small,
)
from gateway.ledger.regio.verloop import NIET_KLAAR
from gateway.ledger.regio.verloop import TERUGKEER as VERLOOP

JAAR, VANDAAG = 2026, date(2027, 6, 1)
Variable = tuple[str, str, str]


# --- the values of one dimension -----------------------------------------------------------------


def test_a_sum_about_too_few_is_hidden_with_the_next_smallest() -> None:
    assert frozenset({"a", "b"}) == hidden_sums({"a": 2, "b": 9, "c": 40})


def test_what_is_hidden_is_about_enough_clients_together() -> None:
    assert frozenset({"a", "b", "c"}) == hidden_sums({"a": 1, "b": 1, "c": 30, "d": 31})


def test_a_nought_hides_nothing_and_is_not_hidden() -> None:
    assert frozenset({"a", "b"}) == hidden_sums({"a": 2, "b": 9, "nul": 0})


def test_nothing_is_hidden_where_everything_is_large_enough() -> None:
    assert frozenset() == hidden_sums({"a": KLEINSTE, "b": 30})


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), max_size=8))
def test_a_hidden_sum_cannot_be_told_from_the_others(clienten: dict[str, int]) -> None:
    hidden = hidden_sums(clienten)
    assert {name for name, count in clienten.items() if is_small(count)} <= hidden
    if hidden and sum(clienten.values()) >= KLEINSTE:
        assert len(hidden) > 1
        assert sum(clienten[name] for name in hidden) >= KLEINSTE


# --- the cells of one table ----------------------------------------------------------------------


def test_a_small_cell_takes_a_rectangle_with_it() -> None:
    vorm = Tabelvorm(
        ["r1", "r2", "r3"],
        ["k1", "k2"],
        {
            ("r1", "k1"): 2,
            ("r1", "k2"): 20,
            ("r2", "k1"): 30,
            ("r2", "k2"): 31,
            ("r3", "k1"): 8,
            ("r3", "k2"): 9,
        },
    )
    assert {("r1", "k1"), ("r1", "k2"), ("r3", "k1"), ("r3", "k2")} == hidden_cells(vorm)


def test_a_row_without_a_sum_is_hidden_as_a_whole() -> None:
    counts = {(rij, kolom): 10 for rij in ("a", "b", "c") for kolom in ("x", "y")}
    vorm = Tabelvorm(["a", "b", "c"], ["x", "y"], counts, ({"a", "b"}, ()))
    assert {(rij, kolom) for rij in ("a", "b") for kolom in ("x", "y")} == hidden_cells(vorm)


def test_a_line_that_is_no_part_of_a_ring_is_a_bridge() -> None:
    ring = {("r1", "a"): (1, 2), ("r2", "a"): (2, 3), ("r3", "a"): (3, 1)}
    assert {("tak", "a")} == bridges({**ring, ("tak", "a"): (3, 4)})


def test_two_lines_with_the_same_ends_are_no_bridges() -> None:
    assert set() == bridges({("r1", "a"): (1, 2), ("r2", "a"): (1, 2)})


@st.composite
def tables(draw: st.DrawFn) -> Tabelvorm:
    rijen = [f"r{n}" for n in range(draw(st.integers(1, 6)))]
    kolommen = [f"k{n}" for n in range(draw(st.integers(1, 5)))]
    count = st.sampled_from([0, 0, 1, 2, 4, 5, 7, 12, 30])
    clienten = {(rij, kolom): draw(count) for rij in rijen for kolom in kolommen}
    rows = {rij: sum(clienten[rij, kolom] for kolom in kolommen) for rij in rijen}
    columns = {kolom: sum(clienten[rij, kolom] for rij in rijen) for kolom in kolommen}
    return Tabelvorm(rijen, kolommen, clienten, (hidden_sums(rows), hidden_sums(columns)))


@given(tables())
@settings(max_examples=300)
def test_no_row_or_column_with_a_sum_hides_one_cell_alone(vorm: Tabelvorm) -> None:
    hidden = hidden_cells(vorm)
    rows, columns = vorm.zonder_som
    for axis, names, without, others in (
        (0, vorm.rijen, rows, vorm.kolommen),
        (1, vorm.kolommen, columns, vorm.rijen),
    ):
        for name in names:
            gone = [cel for cel in hidden if cel[axis] == name]
            whole = sum(count for cel, count in vorm.clienten.items() if cel[axis] == name)
            if name in without or not gone or len(others) == 1 or not whole:
                continue
            assert len(gone) > 1, (vorm, name)
            assert sum(vorm.clienten[cel] for cel in gone) >= KLEINSTE
    assert all(cel in hidden for cel, count in vorm.clienten.items() if is_small(count))


# --- a whole report ------------------------------------------------------------------------------


def traject(draw: st.DrawFn) -> tuple[Traject, Mapping[str, str]]:
    uitkomst = draw(st.sampled_from([LOOPT, PLAN, PLAN, UITVAL, ANDERS]))
    pick = st.sampled_from
    waarden = {
        "gemeente": draw(pick(["0193", "0150", "0166"])),
        "aanbieder": draw(pick(["a1", "a1", "a1", "a2", "a2", "a3", "a4"])),
        "cel": draw(pick(["c1", "c1", "c1", "c2", "c2", "c3"])),
        "intensiteit": draw(pick(["licht", "licht", "zwaar", "zonder"])),
        "verwijzer": draw(pick(["huisarts", "huisarts", "gemeente"])),
        "wijk": draw(pick(["noord", "noord", "zuid", "oost"])),
        UITKOMST: uitkomst,
        TERUGKEER: draw(pick(VERLOOP[1:4])) if uitkomst == PLAN else NIET_KLAAR,
        "verzwaring": draw(pick(["niet zwaarder", "niet zwaarder", "zwaarder na het traject"])),
    }
    made = Traject(
        gemeente=waarden["gemeente"],
        wet="jeugdwet",
        aanbieder=waarden["aanbieder"],
        cel=waarden["cel"],
        profiel="p",
        intensiteit=waarden["intensiteit"],
        groep="g",
        rang=None,
        verwijzer=waarden["verwijzer"],
        wijk=waarden["wijk"],
        begin=date(JAAR, 1, 1),
        einde=None if uitkomst == LOOPT else date(JAAR, 5, 1),
        uitkomst=uitkomst,
        reden="",
        vast=None,
        jaren={},
    )
    return made, waarden


@st.composite
def jaren(draw: st.DrawFn) -> Jaartelling:
    telling = Jaartelling(JAAR)
    for client in range(draw(st.integers(5, 60))):
        for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
            one, waarden = traject(draw)
            add_everywhere(telling, waarden, 100, client)
            maat = telling.maten.setdefault(one.cel, Celmaat())
            measure(maat, one, JAAR, VANDAAG, client)
    return telling


def told(telling: Jaartelling) -> Jaarcijfers:
    found = report({JAAR: telling}, index(()), {"0193"}, Wijken(), VANDAAG)
    return found.jaren[JAAR]


@given(jaren())
@settings(max_examples=150, deadline=None)
def test_no_figure_in_a_report_is_about_a_few_clients(telling: Jaartelling) -> None:
    cijfers = told(telling)
    shown = [veld for one in cijfers.tabellen.values() for veld in one.velden.values()]
    shown += [one.veld for one in (*cijfers.prijzen, *cijfers.wijken, *cijfers.redenen)]
    assert not [veld for veld in shown if veld is not None and is_small(veld.clienten)]


@given(jaren())
@settings(max_examples=150, deadline=None)
def test_no_hidden_figure_follows_from_all_tables_together(telling: Jaartelling) -> None:
    cijfers = told(telling)
    hidden, sums = set[Variable](), list[list[tuple[Variable, int]]]()
    for kruising in KRUISINGEN:
        for name, is_hidden, equation in equations(cijfers, kruising.naam):
            if is_hidden:
                hidden.add(name)
            sums.append(equation)
    rows = [{name: Fraction(sign) for name, sign in one if name in hidden} for one in sums if one]
    assert not determined([row for row in rows if row])


def equations(
    cijfers: Jaarcijfers, naam: str
) -> Iterator[tuple[Variable, bool, list[tuple[Variable, int]]]]:
    """Every figure of a table, whether it is hidden, and that its lines add up to their sum."""
    tabel = cijfers.tabellen[naam]
    is_part = tabel.kolomas == TERUGKEER
    parent = f"afloop-{tabel.rijas}"

    def name_of(rij: str, kolom: str) -> Variable:
        if rij and kolom:
            return naam, rij, kolom
        if kolom:
            return "som", tabel.kolomas, kolom
        if rij and is_part:
            return parent, rij, PLAN
        return ("som", tabel.rijas, rij) if rij else ("som", UITKOMST, PLAN if is_part else "")

    def is_hidden(rij: str, kolom: str) -> bool:
        return tabel.veld(rij, kolom) is None

    for rij in (*tabel.rijen, ALLES):
        for kolom in (*tabel.kolommen, ALLES):
            yield name_of(rij, kolom), is_hidden(rij, kolom), []
    for rij in (*tabel.rijen, ALLES):
        line = [(name_of(rij, kolom), 1) for kolom in tabel.kolommen]
        yield name_of(rij, ALLES), is_hidden(rij, ALLES), [*line, (name_of(rij, ALLES), -1)]
    for kolom in (*tabel.kolommen, ALLES):
        line = [(name_of(rij, kolom), 1) for rij in tabel.rijen]
        yield name_of(ALLES, kolom), is_hidden(ALLES, kolom), [*line, (name_of(ALLES, kolom), -1)]


def determined(rows: Sequence[dict[Variable, Fraction]]) -> list[Variable]:
    """The unknowns that a system of linear equations leaves no choice for."""
    solved: dict[Variable, dict[Variable, Fraction]] = {}
    for given_row in rows:
        row = dict(given_row)
        for pivot, other in solved.items():
            factor = row.get(pivot)
            if factor:
                row = minus(row, other, factor)
        if not row:
            continue
        pivot = next(iter(row))
        row = {name: value / row[pivot] for name, value in row.items()}
        solved = {
            name: minus(other, row, other[pivot]) if pivot in other else other
            for name, other in solved.items()
        }
        solved[pivot] = row
    return [name for name, row in solved.items() if len(row) == 1]


def minus(
    row: dict[Variable, Fraction], other: dict[Variable, Fraction], factor: Fraction
) -> dict[Variable, Fraction]:
    found = dict(row)
    for name, value in other.items():
        left = found.get(name, Fraction(0)) - factor * value
        if left:
            found[name] = left
        else:
            found.pop(name, None)
    return found


def test_the_solver_sees_what_follows() -> None:
    a, b, c = ("t", "a", ""), ("t", "b", ""), ("t", "c", "")
    one = Fraction(1)
    assert [] == determined([{a: one, b: one}, {b: one, c: one}])
    assert {a, b} == set(determined([{a: one, b: one}, {b: one}]))


def test_a_year_about_too_few_clients_tells_nothing() -> None:
    telling = Jaartelling(JAAR, totaal=Veld(9, KLEINSTE - 1, 1000))
    assert (None, {}) == (told(telling).totaal, told(telling).tabellen)


@pytest.mark.parametrize("dimensie", DIMENSIES)
def test_every_dimension_has_a_heading(dimensie: str) -> None:
    assert KOPPEN[dimensie]


def test_every_table_has_a_title() -> None:
    assert {one.naam for one in KRUISINGEN} == TITELS.keys()
    assert len(UITKOMSTEN) == len(set(UITKOMSTEN))
