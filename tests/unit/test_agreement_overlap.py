"""Two prices for one product on one day: found always, and only then."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.agreements.overlap import overlaps
from gateway.agreements.table import problems, read_agreement
from gateway.errors import AgreementRefused
from gateway.records.overeenkomst import Cel, Overeenkomst
from tests.unit.agreement_builders import AGB, ANDERE_AGB, CEL, HEAD, cel, overeenkomst

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an agreement file and give its path."""

    def written(text: str, name: str = "proef.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


# Overlap.


def test_two_prices_on_one_day_are_refused(write: Write) -> None:
    later = CEL.replace('"1"', '"2"').replace("2025-01-01", "2025-07-01")
    sentence = (
        "proef.toml: cel 2 (45P11/83): overlapt cel 1 (45P11/83) vanaf 2025-07-01 "
        "(jeugdwet, gemeente 0193)"
    )
    path = write(HEAD + CEL + later)
    assert [sentence] == problems(path)
    with pytest.raises(AgreementRefused) as refused:
        read_agreement(path)
    assert sentence == str(refused.value)


def test_a_dated_price_change_is_no_overlap(write: Write) -> None:
    earlier = CEL + "tot = 2025-06-30\n"
    assert [] == problems(write(HEAD + earlier + CEL.replace("2025-01-01", "2025-07-01")))
    assert 1 == len(problems(write(HEAD + earlier + CEL.replace("2025-01-01", "2025-06-30"))))


def test_an_overlap_across_files_names_both(write: Write, tmp_path: Path) -> None:
    write(HEAD + CEL, "a.toml")
    write((HEAD + CEL).replace('"proef"', '"ander"').replace('"0193", ', ""), "b.toml")
    assert [
        "b.toml: cel 1 (45P11/83): overlapt cel 1 (45P11/83) van a.toml vanaf 2025-01-01 "
        "(jeugdwet, gemeente 0150)"
    ] == problems(tmp_path)


def test_the_same_agreement_and_version_twice_is_refused(write: Write, tmp_path: Path) -> None:
    write(HEAD, "a.toml")
    write(HEAD, "b.toml")
    assert ["b.toml: overeenkomst: id proef met versie 1 staat ook in a.toml"] == problems(tmp_path)


def test_another_municipality_law_product_or_unit_is_no_overlap() -> None:
    base = overeenkomst(cel(), cel(eenheid="82"), cel(productcode="45P12"))
    elsewhere = overeenkomst(cel(), gemeenten=("0148",), bestand="b.toml")
    other_law = overeenkomst(cel(), wetten=("wmo",), bestand="c.toml")
    assert [] == overlaps([base, elsewhere, other_law])


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ({}, {"gemeenten": ("0193",)}, False),
        ({}, {"aanbieders": (AGB,)}, False),
        ({"gemeenten": ("0193",)}, {"aanbieders": (AGB,)}, False),
        ({"gemeenten": ("0193",)}, {"gemeenten": ("0150",)}, False),
        ({"gemeenten": ("0193",)}, {"gemeenten": ("0150", "0193")}, True),
        ({"aanbieders": (AGB,)}, {"aanbieders": (ANDERE_AGB,)}, False),
        ({"aanbieders": (AGB,)}, {"aanbieders": (ANDERE_AGB, AGB)}, True),
        ({"aanbieders": (AGB,)}, {"aanbieders": (AGB,), "gemeenten": ("0193",)}, False),
    ],
)
def test_only_equally_specific_prices_overlap(
    one: dict[str, object], other: dict[str, object], overlap: bool
) -> None:
    assert overlap == bool(overlaps([overeenkomst(cel(**one), cel(**other))]))


def test_an_overlap_with_a_long_row_behind_a_short_one_is_found() -> None:
    long = cel(tot=date(2025, 12, 31))
    short = cel(vanaf=date(2025, 2, 1), tot=date(2025, 2, 28))
    third = cel(vanaf=date(2025, 3, 1), tot=date(2025, 3, 31))
    told = overlaps([overeenkomst(long, short, third)])
    assert ["cel 2", "cel 3"] == [one.removeprefix("proef.toml: ")[:5] for one in told]


# Look-up equals a naive scan.

days_of_2025 = st.integers(0, 365).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
cells = st.builds(
    lambda begin, length, rest: cel(
        vanaf=begin, tot=None if length is None else begin + timedelta(days=length), **rest
    ),
    days_of_2025,
    st.none() | st.integers(0, 200),
    st.fixed_dictionaries(
        {
            "productcode": st.sampled_from(["A", "B"]),
            "eenheid": st.sampled_from(["82", "83"]),
            "bedrag": st.integers(0, 10**6),
            "wet": st.sampled_from([None, "wmo", "jeugdwet"]),
            "gemeenten": st.sampled_from([None, ("0193",), ("0150",)]),
            "aanbieders": st.sampled_from([None, (AGB,), (AGB, ANDERE_AGB)]),
        }
    ),
)
tables = st.lists(cells, max_size=12).map(
    lambda cellen: overeenkomst(*cellen, wetten=("jeugdwet", "wmo"))
)


def applies(one: Cel, wet: str, gemeente: str, aanbieder: str) -> bool:
    """Whether a cell is meant for this law, municipality and provider, told the slow way."""
    return (
        one.wet in (None, wet)
        and (one.gemeenten is None or gemeente in one.gemeenten)
        and (one.aanbieders is None or aanbieder in one.aanbieders)
    )


@settings(max_examples=200)
@given(
    tables,
    st.sampled_from(["jeugdwet", "wmo"]),
    st.sampled_from(["0193", "0150"]),
    st.sampled_from([AGB, ANDERE_AGB, "99000003"]),
    days_of_2025,
)
def test_lookup_equals_a_scan_of_all_cells(
    table: Overeenkomst, wet: str, gemeente: str, aanbieder: str, dag: date
) -> None:
    found = index([table]).lookup(wet, gemeente, "A", "83", aanbieder, dag)
    fits = [
        one
        for one in table.cellen
        if (one.productcode, one.eenheid) == ("A", "83")
        and applies(one, wet, gemeente, aanbieder)
        and one.covers(dag)
    ]
    best = max((one.rang for one in fits), default=None)
    if found is None:
        assert best is None
    else:
        assert found.cel in fits
        assert best == found.cel.rang


@settings(max_examples=200)
@given(tables)
def test_an_overlap_is_found_exactly_when_two_cells_clash(table: Overeenkomst) -> None:
    def clash(one: Cel, other: Cel) -> bool:
        return (
            (one.productcode, one.eenheid, one.rang)
            == (other.productcode, other.eenheid, other.rang)
            and one.vanaf <= (other.tot or date.max)
            and other.vanaf <= (one.tot or date.max)
            and any(
                applies(one, wet, gemeente, aanbieder) and applies(other, wet, gemeente, aanbieder)
                for wet in ("jeugdwet", "wmo")
                for gemeente in ("0193", "0150")
                for aanbieder in (AGB, ANDERE_AGB)
            )
        )

    cellen = table.cellen
    pairs = [(a, b) for n, a in enumerate(cellen) for b in cellen[n + 1 :] if clash(a, b)]
    assert bool(pairs) == bool(overlaps([table]))
