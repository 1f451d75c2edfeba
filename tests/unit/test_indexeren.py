"""Indexing an agreement: amounts by hand, the file as it was, and what is refused."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.gevolg import consequences, first_day, more_a_year
from gateway.agreements.indexeren import (
    AFRONDEN,
    Indexvraag,
    exceptions_of,
    index_prices,
    indexed_amount,
    indexed_text,
    percentage_of,
)
from gateway.agreements.table import agreements_in, problems, read_agreement
from gateway.errors import WrongUse
from gateway.records.overeenkomst import ONE_DAY
from gateway.werk.wijziging import wijziging_of

FILES = sorted((Path(__file__).parents[2] / "mappings" / "agreements").glob("*.toml"))
# Whose prices all end before 2027, or are closed for what comes after it.
ENDED = {
    *("hengelo-basisondersteuning", "twente-2019", "zwolle-beschermd-wonen"),
    *("zwolle-dagbesteding", "zwolle-diah", "zwolle-hulpmiddelen", "zwolle-vervoer"),
}
TEXT = """\
# De afspraken van een verzonnen regio.
[overeenkomst]
id = "regio"
naam = "Regio"
versie = "2026.1"
wetten = ["jeugdwet"]
gemeenten = ["0193"] # alleen Zwolle
variant = "inspanning"
peildatum = "productperiode"
dimensies = ["product", "zwaarte"]
voorbeeld = true

# Uren.

[[cel]]
product = "hulp"
zwaarte = "licht"
productcategorie = "45"
productcode = "45A01"
eenheid = "04"
soort = "pxq"
bedrag = 7560 # per uur
vanaf = 2026-01-01

# Stuks.

[[cel]]
product = "hulp"
zwaarte = "zwaar"
productcategorie = "45"
productcode = "45A02"
eenheid = "82"
soort = "stuk"
bedrag = 9999
vanaf = 2026-01-01
tot = 2027-12-31

[[cel]]
product = "oud"
zwaarte = "licht"
productcategorie = "45"
productcode = "45A03"
eenheid = "82"
soort = "stuk"
bedrag = 100
vanaf = 2025-01-01
tot = 2025-12-31

# Wie een contract heeft.

[[aanbieder]]
agb = "12345678"
"""
DAG, BEKEND = date(2027, 1, 1), date(2026, 11, 15)


def asked(percentage: str = "4.2", **more: object) -> Indexvraag:
    given_: dict[str, object] = {"vanaf": DAG, "versie": "2027.1", "bekendgemaakt_op": BEKEND}
    return Indexvraag(percentage=percentage_of(percentage), **{**given_, **more})  # type: ignore[arg-type]


def indexed(folder: Path, vraag: Indexvraag, text: str = TEXT) -> tuple[str, Path]:
    file = folder / "regio.toml"
    file.write_text(text, encoding="utf-8")
    made = indexed_text(text, index_prices(read_agreement(file), vraag), vraag)
    new = folder / "nieuw.toml"
    new.write_text(made, encoding="utf-8")
    return made, new


@pytest.mark.parametrize(
    ("bedrag", "percentage", "afronden", "expected"),
    [
        (7560, "4.2", 1, 7878),  # 7877,52
        (7560, "4.2", 5, 7880),  # 7877,52 to the nearest five
        (7560, "4.2", 100, 7900),
        (9999, "3,1", 1, 10309),  # 10308,969
        (10000, "0.005", 1, 10001),  # exactly half a cent goes up
        (10000, "-2", 10, 9800),
        (0, "4.2", 1, 0),
    ],
)
def test_an_amount_is_rounded_once_half_up(
    bedrag: int, percentage: str, afronden: int, expected: int
) -> None:
    assert expected == indexed_amount(bedrag, percentage_of(percentage), afronden)


@given(
    st.integers(0, 10**9),
    st.decimals(-99, 500, places=3).map(Fraction),
    st.sampled_from(AFRONDEN),
)
def test_an_amount_is_a_multiple_at_most_half_of_it_away(
    bedrag: int, percentage: Fraction, afronden: int
) -> None:
    found = indexed_amount(bedrag, percentage, afronden)
    exact = bedrag * (1 + percentage / 100)
    assert 0 == found % afronden
    assert -Fraction(afronden, 2) < found - exact <= Fraction(afronden, 2)


def test_the_file_stays_as_it_was_around_the_new_prices(tmp_path: Path) -> None:
    made, new = indexed(tmp_path, asked())
    assert [] == problems(new)
    for comment in re.findall(r"#.*", TEXT):
        assert 1 == made.count(comment), comment
    document = tomllib.loads(made)
    rows = [
        (cel["productcode"], cel["bedrag"], str(cel["vanaf"]), str(cel.get("tot", "")))
        for cel in document["cel"]
    ]
    assert [
        ("45A01", 7560, "2026-01-01", "2026-12-31"),
        ("45A01", 7878, "2027-01-01", ""),
        ("45A02", 9999, "2026-01-01", "2026-12-31"),
        ("45A02", 10419, "2027-01-01", "2027-12-31"),
        ("45A03", 100, "2025-01-01", "2025-12-31"),
    ] == rows
    assert [None, BEKEND, None, BEKEND, None] == [
        cel.get("bekendgemaakt_op") for cel in document["cel"]
    ]
    assert "2027.1" == document["overeenkomst"]["versie"]
    removed = [line for line in TEXT.splitlines() if line not in made.splitlines()]
    assert ['versie = "2026.1"'] == removed


def test_windows_close_the_old_prices_only(tmp_path: Path) -> None:
    closing = asked(toewijsbaar_tot=date(2026, 12, 31), declarabel_tot=date(2027, 3, 31))
    made, new = indexed(tmp_path, closing)
    assert [] == problems(new)
    windows = [
        (cel.get("toewijsbaar_tot"), cel.get("declarabel_tot"))
        for cel in tomllib.loads(made)["cel"]
    ]
    closed = (date(2026, 12, 31), date(2027, 3, 31))
    assert [closed, (None, None), closed, (None, None), (None, None)] == windows


def test_a_price_for_assignments_that_are_over_stays_as_it_is(tmp_path: Path) -> None:
    text = TEXT.replace("bedrag = 9999\n", "bedrag = 9999\nindicatie_tot = 2026-12-31\n")
    made, new = indexed(tmp_path, asked(), text)
    assert [] == problems(new)
    assert [7560, 7878, 9999, 100] == [cel["bedrag"] for cel in tomllib.loads(made)["cel"]]


def test_the_percentage_of_a_single_price_goes_before_all(tmp_path: Path) -> None:
    more = {
        "per_cel": {1: Fraction(10)},
        "uitzonderingen": list(exceptions_of(["eenheid=04=2"], ())),
    }
    made, _ = indexed(tmp_path, asked(**more))
    assert [7560, 8316, 9999, 10419, 100] == [cel["bedrag"] for cel in tomllib.loads(made)["cel"]]


def test_the_nearest_exception_gives_the_percentage(tmp_path: Path) -> None:
    texts = ["product=hulp=2", "product=hulp,zwaarte=zwaar=0"]
    vraag = asked(uitzonderingen=list(exceptions_of(texts, ("product", "zwaarte"))))
    made, _ = indexed(tmp_path, vraag)
    amounts = [cel["bedrag"] for cel in tomllib.loads(made)["cel"]]
    assert [7560, 7711, 9999, 9999, 100] == amounts  # 7711,2


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["product=anders=2"], "geen enkele cel"),
        (["zwaarte=licht=2", "product=hulp=3"], "gaan allebei over"),
        (["kleur=rood=2"], "geen kenmerk van een cel"),
        (["licht"], "schrijf het als"),
        (["product=hulp=veel"], "geen percentage"),
    ],
)
def test_an_exception_that_says_nothing_clear_is_refused(
    tmp_path: Path, texts: list[str], told: str
) -> None:
    with pytest.raises(WrongUse, match=told):
        indexed(tmp_path, asked(uitzonderingen=list(exceptions_of(texts, ("product", "zwaarte")))))


@pytest.mark.parametrize("text", ["", "x", "1/2", "4e2", "-100", "1001"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="geen percentage"):
        percentage_of(text)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
def test_every_agreement_that_comes_along_can_be_indexed_or_says_why_not(
    file: Path, tmp_path: Path
) -> None:
    overeenkomst, text = read_agreement(file), file.read_text(encoding="utf-8")
    vraag = asked()
    if file.stem in ENDED:
        with pytest.raises(WrongUse, match="niets te indexeren"):
            index_prices(overeenkomst, vraag)
        return
    rijen = index_prices(overeenkomst, vraag)
    new = tmp_path / file.name
    new.write_text(indexed_text(text, rijen, vraag), encoding="utf-8")
    assert [] == problems(new)
    made = read_agreement(new)
    assert len(overeenkomst.cellen) + len(rijen) == len(made.cellen)
    assert DAG == first_day([overeenkomst], made)
    before = [cel for cel in made.cellen if cel.bekendgemaakt_op != BEKEND]
    assert [cel.bedrag for cel in overeenkomst.cellen] == [cel.bedrag for cel in before]


def test_what_it_costs_follows_from_the_use_of_the_old_price(tmp_path: Path) -> None:
    _, new = indexed(tmp_path, asked())
    old = read_agreement(tmp_path / "regio.toml")
    used = {1: 756_000, 2: 0}
    found = consequences(old, read_agreement(new), used)
    costs = {one.verschil.cel.productcode: one.jaar for one in found if one.verschil.een is None}
    assert {"45A01": 31_800, "45A02": 0} == costs  # a hundred hours, each 318 cents more


def test_a_price_that_follows_another_is_held_against_it(tmp_path: Path) -> None:
    _, new = indexed(tmp_path, asked())
    old = read_agreement(tmp_path / "regio.toml")
    found = consequences(old, read_agreement(new))
    assert {"nieuw"} == {one.verschil.soort for one in found}
    told = {one.verschil.cel.productcode: one for one in found}
    assert {one.productcode: one.bedrag for one in old.cellen if one.productcode in told} == {
        code: one.van.bedrag for code, one in told.items() if one.van is not None
    }
    assert (318, DAG - ONE_DAY) == (told["45A01"].bedrag, told["45A01"].van.tot)  # type: ignore[union-attr]


def test_use_without_a_price_costs_nothing_more() -> None:
    assert 0 == more_a_year(1000, 0, 500)


def test_the_first_day_of_a_closed_price_is_the_day_after(tmp_path: Path) -> None:
    file = tmp_path / "een.toml"
    file.write_text(TEXT, encoding="utf-8")
    other = tmp_path / "ander.toml"
    other.write_text(TEXT.replace("tot = 2027-12-31", "tot = 2027-06-30"), encoding="utf-8")
    assert date(2027, 7, 1) == first_day([read_agreement(file)], read_agreement(other))
    assert first_day([read_agreement(file)], read_agreement(file)) is None


def test_a_price_that_never_ends_closes_all_the_same(tmp_path: Path) -> None:
    file, other = tmp_path / "een.toml", tmp_path / "ander.toml"
    file.write_text(TEXT.replace("tot = 2027-12-31", "tot = 9999-12-31"), encoding="utf-8")
    other.write_text(TEXT, encoding="utf-8")
    assert date(2028, 1, 1) == first_day([read_agreement(file)], read_agreement(other))


def test_an_agreement_is_replaced_by_one_file() -> None:
    body = TEXT.encode()
    codes = set(agreements_in([("een.toml", body)], ()).alle[0].gemeenten)
    with pytest.raises(WrongUse, match=r"twee keer vervangen \(een\.toml\)"):
        wijziging_of([("a.toml", body), ("b.toml", body)], [("een.toml", body)], codes)
