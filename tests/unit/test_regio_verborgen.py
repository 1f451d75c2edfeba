"""Nothing about a few clients is told, and nothing of it can be computed from what is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.ledger.regio.basis import ANDERS, LOOPT, PLAN, UITKOMSTEN, UITVAL, Wijken
from gateway.ledger.regio.indeling import Aanwezig, Plek, divide
from gateway.ledger.regio.lijst import KOPPEN, TITELS
from gateway.ledger.regio.rapport import Jaarcijfers, Tabel, report
from gateway.ledger.regio.telling import (
    ALLES,
    GETOOND,
    KRUISINGEN,
    MET_RANG,
    RANG,
    TERUGKEER,
    UITKOMST,
    VERWIJZER,
    VERZWARING,
    WIJK,
    ZONDER_RANG,
    Gevolgd,
    plek_of,
    tally,
)
from gateway.ledger.regio.traject import Levering, Traject
from gateway.ledger.regio.verborgen import (
    KLEINSTE,
    Bekend,
    Clienten,
    Tabelvorm,
    bridges,
    enough,
    hidden_cells,
    hidden_sums,
    is_small,
)
from gateway.ledger.regio.verloop import GEEN_RANG, NIET_KLAAR
from gateway.ledger.regio.verloop import TERUGKEER as VERLOOP
from tests.vergelijkingen import Kennis

JAAR, VANDAAG = 2026, date(2027, 6, 1)


# --- the values of one dimension -----------------------------------------------------------------


def clienten(*aantallen: int) -> list[Bekend]:
    """Figures about so many clients each, nobody in two of them."""
    first = [sum(aantallen[:n]) for n in range(len(aantallen))]
    return [
        Bekend(frozenset(range(begin, begin + count)))
        for begin, count in zip(first, aantallen, strict=True)
    ]


def sommen(**aantallen: int) -> dict[str, Bekend]:
    return dict(zip(aantallen, clienten(*aantallen.values()), strict=True))


def test_a_sum_about_too_few_is_hidden_with_the_next_smallest() -> None:
    assert frozenset({"a", "b"}) == hidden_sums(sommen(a=2, b=9, c=40))


def test_what_is_hidden_is_about_enough_clients_together() -> None:
    assert frozenset({"a", "b", "c"}) == hidden_sums(sommen(a=1, b=1, c=30, d=31))


def test_the_same_clients_twice_are_not_more_clients() -> None:
    three = Bekend(frozenset({1, 2, 3}))
    found = hidden_sums({"a": three, "b": three, **sommen(c=30, d=31)})
    assert frozenset({"a", "b", "c"}) == found


def test_a_nought_hides_nothing_and_is_not_hidden() -> None:
    assert frozenset({"a", "b"}) == hidden_sums(sommen(a=2, b=9, nul=0))


def test_nothing_is_hidden_where_everything_is_large_enough() -> None:
    assert frozenset() == hidden_sums(sommen(a=KLEINSTE, b=30))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.integers(0, 12)), max_size=6))
def test_a_hidden_sum_cannot_be_told_from_the_others(given_sums: dict[str, frozenset[int]]) -> None:
    velden = {name: Bekend(some) for name, some in given_sums.items()}
    hidden = hidden_sums(velden)
    assert {name for name, veld in velden.items() if is_small(veld.clienten)} <= hidden
    if hidden and enough(velden.values()):
        assert len(hidden) > 1
        assert enough(velden[name] for name in hidden)


# --- the cells of one table ----------------------------------------------------------------------


def test_a_small_cell_takes_a_rectangle_with_it() -> None:
    cells = [("r1", "k1"), ("r1", "k2"), ("r2", "k1"), ("r2", "k2"), ("r3", "k1"), ("r3", "k2")]
    velden = dict(zip(cells, clienten(2, 20, 30, 31, 8, 9), strict=True))
    vorm = Tabelvorm(["r1", "r2", "r3"], ["k1", "k2"], velden)
    assert {("r1", "k1"), ("r1", "k2"), ("r3", "k1"), ("r3", "k2")} == hidden_cells(vorm)


def test_the_same_clients_in_two_cells_of_a_row_hide_a_third() -> None:
    kolommen = ["k1", "k2", "k3"]
    same = Bekend(frozenset({1, 2, 3}))
    velden = {("r1", "k1"): same, ("r1", "k2"): same, ("r1", "k3"): clienten(20)[0]}
    velden |= {("r2", kolom): veld for kolom, veld in zip(kolommen, clienten(9, 9, 9), strict=True)}
    hidden = hidden_cells(Tabelvorm(["r1", "r2"], kolommen, velden))
    assert {("r1", kolom) for kolom in kolommen} <= hidden


def test_a_row_without_a_sum_is_hidden_as_a_whole() -> None:
    cells = [(rij, kolom) for rij in ("a", "b", "c") for kolom in ("x", "y")]
    velden = dict(zip(cells, clienten(*[10] * 6), strict=True))
    vorm = Tabelvorm(["a", "b", "c"], ["x", "y"], velden, ({"a", "b"}, ()))
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
    cells = [(rij, kolom) for rij in rijen for kolom in kolommen]
    velden = dict(zip(cells, clienten(*(draw(count) for _ in cells)), strict=True))

    def summed(axis: int, name: str) -> Bekend:
        return Bekend(frozenset().union(*(v.eersten for k, v in velden.items() if k[axis] == name)))

    rows = {rij: summed(0, rij) for rij in rijen}
    columns = {kolom: summed(1, kolom) for kolom in kolommen}
    return Tabelvorm(rijen, kolommen, velden, (hidden_sums(rows), hidden_sums(columns)))


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
            whole = sum(veld.clienten for cel, veld in vorm.velden.items() if cel[axis] == name)
            if name in without or not gone or len(others) == 1 or not whole:
                continue
            assert len(gone) > 1, (vorm, name)
            assert enough(vorm.velden[cel] for cel in gone)
    assert all(cel in hidden for cel, veld in vorm.velden.items() if is_small(veld.clienten))


# --- what is in the tables -----------------------------------------------------------------------


def after_another(some: Iterable[int]) -> Clienten:
    found = Clienten()
    for client in some:
        found.add(client)
    return found


def aanwezig(los: Sequence[int] = (), **plekken: Sequence[int]) -> Aanwezig:
    """Who is where; a place is `gemeente_aanbieder_cel`, and all is of one intensity."""
    made = {Plek(*name.split("_"), "i"): after_another(some) for name, some in plekken.items()}
    return Aanwezig(made, after_another(los))


def test_a_municipality_with_too_few_is_in_no_table() -> None:
    found = divide(aanwezig(g1_a_c=range(20), g2_a_c=range(20, 23), g3_a_c=range(30, 36)))
    # Three clients alone would be told by the rest: the next smallest goes with them.
    assert {"g1"} == {one.gemeente for one in found.plekken}
    found = divide(aanwezig(g1_a_c=range(20), g2_a_c=range(3), g3_b_c=range(50, 54)))
    assert {"g1"} == {one.gemeente for one in found.plekken}


def test_what_is_left_of_another_may_get_too_few_by_it() -> None:
    # Without the cell that two clients have, the provider has four.
    few = aanwezig(g_a_c=range(20), g_b_c=range(20, 24), g_b_d=[24, 25])
    assert {("a", "c")} == {(one.aanbieder, one.cel) for one in divide(few).plekken}


def test_money_beside_trajectories_of_a_few_is_never_told_alone() -> None:
    few = divide(aanwezig([1, 2], g_a_c=range(20), g_b_c=range(20, 26)))
    assert (False, {"a"}) == (few.los_apart, {one.aanbieder for one in few.plekken})
    many = divide(aanwezig(range(5), g_a_c=range(20), g_b_c=range(20, 26)))
    assert (True, {"a", "b"}) == (many.los_apart, {one.aanbieder for one in many.plekken})


def test_providers_of_the_same_cells_are_one_market() -> None:
    found = divide(
        aanwezig(g_a_c=range(9), g_b_c=range(9), g_b_d=range(9), g_e_d=range(9), g_x_y=range(9))
    )
    assert {"a": "a", "b": "a", "e": "a", "x": "x"} == found.markten


# --- a whole report ------------------------------------------------------------------------------

WIJKEN = {"0193": ("0193: 1", "0193: 2", "0193: 3"), "0150": ("0150: 1",), "0166": ("0166: 1", "x")}
# Which provider gives which cells, of which intensity, in which municipalities.
AANBOD = (
    ("a1", "c1", "p: licht", ("0193", "0150", "0166")),
    ("a1", "c2", "p: zwaar", ("0193", "0150")),
    ("a2", "c1", "p: licht", ("0193", "0166")),
    ("a2", "c3", "p: zwaar", ("0193",)),
    ("a3", "c2", "p: zwaar", ("0150",)),
    ("a4", "c4", "q: zonder", ("0166", "0193")),
    ("a5", "c4", "q: zonder", ("0193",)),
    ("a6", "c5", "q: zonder", ("0150", "0166")),
    ("a6", "c1", "p: licht", ("0166",)),
)


def trajecten(random: Random, aanbod: Sequence[int]) -> Iterator[tuple[Traject, dict[str, str]]]:
    """One or two trajectories of a client, with their values."""
    for _ in range(random.choice((1, 1, 1, 2))):
        aanbieder, cel, intensiteit, gemeenten = AANBOD[random.choice(aanbod)]
        gemeente = random.choice(gemeenten)
        uitkomst = random.choice((LOOPT, PLAN, PLAN, PLAN, UITVAL, ANDERS))
        has_rang = intensiteit.startswith("p")
        waarden = {
            "gemeente": gemeente,
            "aanbieder": aanbieder,
            "cel": cel,
            "intensiteit": intensiteit,
            VERWIJZER: random.choice(("huisarts", "huisarts", "gemeente")),
            WIJK: random.choice(WIJKEN[gemeente]),
            UITKOMST: uitkomst,
            TERUGKEER: random.choice(VERLOOP[1:4]) if uitkomst == PLAN else NIET_KLAAR,
            RANG: MET_RANG if has_rang else ZONDER_RANG,
            VERZWARING: random.choice(("niet", "niet", "erna")) if has_rang else GEEN_RANG,
        }
        made = Traject(
            gemeente=gemeente,
            wet="jeugdwet",
            aanbieder=aanbieder,
            cel=cel,
            profiel="p",
            intensiteit=intensiteit,
            groep="g",
            rang=None,
            verwijzer=waarden[VERWIJZER],
            wijk=waarden[WIJK],
            begin=date(JAAR, 1, 1),
            einde=None if uitkomst == LOOPT else date(JAAR, 5, 1),
            uitkomst=uitkomst,
            reden="" if uitkomst == LOOPT else f"{uitkomst} {random.choice('xyz')}",
            vast=None,
            jaren={JAAR: Levering(random.randint(-500, 900))},
        )
        yield made, waarden


def streek(seed: int) -> list[Gevolgd]:
    """A small region: some providers, of whom some stand apart from the others."""
    random = Random(seed)
    aanbod = random.sample(range(len(AANBOD)), random.randint(2, len(AANBOD)))
    # Some are large, and most are not.
    aanbod += random.choices(aanbod[:3], k=random.choice((0, 10, 20)))
    found = []
    for _ in range(random.choice((3, 8, 25, 60, 90))):
        made = list(trajecten(random, aanbod))
        los = {JAAR: random.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 35))}
        found.append(Gevolgd([one for one, _ in made], [each for _, each in made], los))
    return found


def told(zorg: Sequence[Gevolgd]) -> Jaarcijfers:
    tellingen = tally(lambda: zorg, [JAAR], VANDAAG)
    return report(tellingen, index(()), {"0193"}, Wijken(), VANDAAG).jaren[JAAR]


seeds = given(st.integers(0, 2**32))


@seeds
@settings(max_examples=150, deadline=None)
def test_no_figure_in_a_report_is_about_a_few_clients(seed: int) -> None:
    cijfers = told(streek(seed))
    shown = [veld for one in cijfers.tabellen.values() for veld in one.velden.values()]
    shown += [one.veld for one in (*cijfers.prijzen, *cijfers.wijken, *cijfers.redenen)]
    shown += [cijfers.totaal, cijfers.rest]
    assert not [veld for veld in shown if veld is not None and is_small(veld.clienten)]


@seeds
@settings(max_examples=150, deadline=None)
def test_everything_of_a_year_is_told_once(seed: int) -> None:
    zorg = streek(seed)
    cijfers = told(zorg)
    if cijfers.totaal is None:
        return
    trajecten = [one for client in zorg for one in client.trajecten]
    assert len(trajecten) == cijfers.totaal.trajecten + cijfers.rest.trajecten
    money = sum(one.bedrag for one in trajecten) + sum(client.los[JAAR] for client in zorg)
    assert money == cijfers.totaal.bedrag + cijfers.rest.bedrag + cijfers.los


# --- the attack: whoever asks everything, and solves it ------------------------------------------

Atoom = Mapping[str, str]
PUBLIEK = ("gemeente", "aanbieder", "cel", "intensiteit")
PAREN = (("gemeente", "intensiteit"), ("aanbieder", "intensiteit"))


class Iedereen(NamedTuple):
    """Who is where, all by name; those to whom anything loose was granted; what is in tables."""

    plekken: Mapping[Plek, set[int]]
    los: set[int]
    kept: frozenset[Plek]


def places(zorg: Sequence[Gevolgd]) -> Iedereen:
    plekken: dict[Plek, set[int]] = {}
    for client, one in enumerate(zorg):
        for traject in one.trajecten:
            plekken.setdefault(plek_of(traject), set()).add(client)
    los = {client for client, one in enumerate(zorg) if one.los[JAAR]}
    counted = {plek: after_another(some) for plek, some in plekken.items()}
    return Iedereen(plekken, los, divide(Aanwezig(counted, after_another(los))).plekken)


def lines(dimensies: Sequence[tuple[str, ...]], some: Sequence[Plek]) -> Iterator[list[Plek]]:
    """The places of every value, or pair of values."""
    for names in dimensies:
        for key in {tuple(getattr(plek, name) for name in names) for plek in some}:
            yield [plek for plek in some if tuple(getattr(plek, name) for name in names) == key]


@seeds
@settings(max_examples=150, deadline=None)
def test_who_knows_every_contract_learns_nothing_of_a_few_clients(seed: int) -> None:
    zorg = streek(seed)
    everyone, cijfers = places(zorg), told(zorg)
    kept = everyone.kept
    if cijfers.totaal is None:
        return
    kennis = Kennis()
    for line in lines([*((one,) for one in PUBLIEK), *PAREN], sorted(kept)):
        kennis.tell(line)
    rest: list[object] = [plek for plek in everyone.plekken if plek not in kept]
    if cijfers.los:
        kennis.tell(["los"])
    kennis.tell(rest if cijfers.los else [*rest, "los"])
    kennis.tell([*everyone.plekken, "los"])  # what the bookkeeping granted in all

    for line in lines([*((one,) for one in PUBLIEK), *PAREN], list(everyone.plekken)):
        clients = set().union(*(everyone.plekken[plek] for plek in line))
        if is_small(len(clients)):
            assert not kennis.knows(line), line
        if is_small(len(clients | everyone.los)):
            assert not kennis.knows([*line, "los"]), line
    if is_small(len(everyone.los)):
        assert not kennis.knows(["los"])


def within(tabel: Tabel, atoms: Sequence[Atoom], rij: str, kolom: str) -> list[int]:
    """The unknown figures that a cell, or a sum, is made of."""
    part = {TERUGKEER: (UITKOMST, PLAN)}.get(tabel.kolomas)
    return [
        place
        for place, atom in enumerate(atoms)
        if rij in (ALLES, atom[tabel.rijas])
        and kolom in (ALLES, atom[tabel.kolomas])
        and (part is None or atom[part[0]] == part[1])
    ]


def outcomes(cijfers: Jaarcijfers, kept: Sequence[Plek], dimensie: str) -> list[Atoom]:
    """Every figure that can be: each place with each way in which care can go there."""
    found: list[Atoom] = []
    for plek in kept:
        own = plek._asdict()
        if dimensie == UITKOMST:
            terug = cijfers.tabellen["terugkeer-cel"].kolommen or [NIET_KLAAR]
            for uitkomst in cijfers.tabellen["afloop-cel"].kolommen:
                values = terug if uitkomst == PLAN else [NIET_KLAAR]
                found += [{**own, UITKOMST: uitkomst, TERUGKEER: one} for one in values]
        elif dimensie == WIJK:
            names = {one.wijk for one in cijfers.wijken}
            found += [{**own, WIJK: one} for one in WIJKEN[plek.gemeente] if one in names]
        elif dimensie == VERWIJZER:
            found += [{**own, VERWIJZER: one} for one in cijfers.tabellen["mix-verwijzer"].rijen]
        elif plek.intensiteit.startswith("p"):
            kolommen = cijfers.tabellen["verzwaring"].kolommen
            found += [{**own, VERZWARING: one} for one in kolommen]
    return found


TABELLEN = {
    UITKOMST: ("afloop-cel", "afloop-aanbieder", "terugkeer-cel", "terugkeer-aanbieder"),
    VERZWARING: ("verzwaring", "verzwaring-aanbieder"),
    WIJK: ("wijk", "mix-gemeente"),
    VERWIJZER: ("mix-verwijzer",),
}


@pytest.mark.parametrize("dimensie", list(TABELLEN))
@seeds
@settings(max_examples=120, deadline=None)
def test_no_hidden_figure_follows_from_all_tables_together(dimensie: str, seed: int) -> None:
    zorg = streek(seed)
    kept, cijfers = places(zorg).kept, told(zorg)
    if not kept:
        return
    atoms = outcomes(cijfers, sorted(kept), dimensie)
    kennis, hidden = Kennis(), []
    for plek in kept:  # also what each place comes to in all, which is not told
        kennis.tell(
            place for place, atom in enumerate(atoms) if plek._asdict().items() <= atom.items()
        )
    for naam in TABELLEN[dimensie]:
        tabel = cijfers.tabellen[naam]
        for rij in (*tabel.rijen, ALLES):
            for kolom in (*tabel.kolommen, ALLES):
                figures = within(tabel, atoms, rij, kolom)
                if tabel.veld(rij, kolom) is None:
                    hidden.append((naam, rij, kolom, figures))
                else:
                    kennis.tell(figures)
    assert not [one[:3] for one in hidden if kennis.knows(one[3])]


def test_the_solver_sees_what_follows() -> None:
    kennis = Kennis()
    kennis.tell("ab")
    kennis.tell("bc")
    assert (False, False, True) == tuple(map(kennis.knows, ("a", "ac", "ab")))
    kennis.tell("c")
    assert (True, True) == (kennis.knows("a"), kennis.knows("abc"))


def test_reasons_of_a_hidden_outcome_are_hidden() -> None:
    for seed in range(40):
        cijfers = told(streek(seed))
        if not cijfers.tabellen:
            continue
        tabel = cijfers.tabellen["afloop-cel"]
        for one in cijfers.redenen:
            assert one.veld is None or tabel.veld(ALLES, one.uitkomst) is not None


@pytest.mark.parametrize("dimensie", GETOOND)
def test_every_dimension_has_a_heading(dimensie: str) -> None:
    assert KOPPEN[dimensie]


def test_every_table_has_a_title() -> None:
    assert {one.naam for one in KRUISINGEN} == TITELS.keys()
    assert len(UITKOMSTEN) == len(set(UITKOMSTEN))
