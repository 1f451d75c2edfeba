"""The keys that funding models need beyond a plain price list: read, refused and looked up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.match import Tariefvraag, find_place, index, right_prices
from gateway.agreements.overlap import price_changes_within_month
from gateway.agreements.table import problems, read_agreement
from gateway.records.overeenkomst import (
    Aanbiedercontract,
    Drempels,
    Plaats,
    Prijs,
    Uitgestapt,
)
from tests.unit.agreement_builders import AGB, CEL, CONTRACT, DAG, HEAD, cel, overeenkomst

Write = Callable[[str], Path]

FULL_HEAD = (
    HEAD
    + """
hoofdaannemer = true
stapelen = false
gezinskenmerk = "Gezin "
vervangt = ["oud"]
indientermijn_dagen = 90
toelatingsmomenten = ["01-01", "07-01"]

[[uitgestapt]]
gemeente = "0150"
vanaf = 2026-01-01

[drempels]
melding_jaarbedrag = 80
uitputting_dagen = 30
"""
)
FULL_CEL = (
    CEL
    + """
hoort_bij = "45P12"
resultaat = ["31"]
indicatie_tot = 2026-12-31
declarabel_tot = 2026-06-30
per = "client-jaar"
tarief = 500
tolerantie = 5
verrekening = "meerdere"
voorschotten = 12
"""
)
OTHER_CEL = CEL.replace("45P11", "45P12")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an agreement file and give its path."""

    def written(text: str) -> Path:
        path = tmp_path / "proef.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_every_key_of_a_funding_model_is_read(write: Write) -> None:
    contract = CONTRACT + "jaarbedrag = 5000000\nvanaf = 2025-07-01\n"
    read = read_agreement(write(FULL_HEAD + FULL_CEL + OTHER_CEL + contract))
    assert (True, False, "Gezin ", ("oud",), 90, ("01-01", "07-01")) == (
        read.hoofdaannemer,
        read.stapelen,
        read.gezinskenmerk,
        read.vervangt,
        read.indientermijn_dagen,
        read.toelatingsmomenten,
    )
    assert (Uitgestapt("0150", date(2026, 1, 1)),) == read.uitgestapt
    assert Drempels(melding_jaarbedrag=80, uitputting_dagen=30) == read.drempels
    assert 5000000 == read.aanbieders[0].jaarbedrag
    expected = cel(
        bedrag=265000,
        hoort_bij="45P12",
        resultaat=("31",),
        indicatie_tot=date(2026, 12, 31),
        declarabel_tot=date(2026, 6, 30),
        per="client-jaar",
        tarief=500,
        tolerantie=5,
        verrekening="meerdere",
        voorschotten=12,
    )
    assert expected == read.cellen[0]


REFUSED = [
    (HEAD + 'stapelen = "nee"\n', "overeenkomst: stapelen moet true of false zijn"),
    (HEAD + 'toelatingsmomenten = ["13-01"]\n', "overeenkomst: toelatingsmomenten moet een lijst"),
    (HEAD + "indientermijn_dagen = -1\n", "overeenkomst: indientermijn_dagen moet een geheel"),
    (
        HEAD + '[[uitgestapt]]\ngemeente = "0164"\nvanaf = 2026-01-01\n',
        "uitgestapt 1 (0164): gemeente 0164 staat niet in gemeenten van de overeenkomst",
    ),
    (HEAD + '[[uitgestapt]]\ngemeente = "0150"\n', "uitgestapt 1 (0150): vanaf ontbreekt"),
    (
        HEAD + CEL + 'hoort_bij = "45P99"\n',
        "cel 1 (45P11/83): hoort_bij 45P99 is geen andere productcode van de overeenkomst",
    ),
    (
        HEAD + CEL + 'hoort_bij = "45P11"\n',
        "cel 1 (45P11/83): hoort_bij 45P11 is geen andere productcode van de overeenkomst",
    ),
    (
        HEAD + CEL + "declarabel_tot = 2024-12-31\n",
        "cel 1 (45P11/83): declarabel_tot 2024-12-31 ligt voor vanaf 2025-01-01",
    ),
    (HEAD + CEL + "tolerantie = 101\n", "cel 1 (45P11/83): tolerantie moet een geheel percentage"),
    (HEAD + CEL + "voorschotten = 0\n", "cel 1 (45P11/83): voorschotten moet een geheel aantal"),
    (HEAD + CEL + 'resultaat = ["3"]\n', "cel 1 (45P11/83): resultaat moet een lijst"),
    (
        HEAD + 'toelatingsmomenten = ["01-01"]\n' + CEL + CONTRACT + "vanaf = 2025-03-01\n",
        "aanbieder 1 (99000001): vanaf 2025-03-01 is geen toelatingsmoment (01-01, maand-dag)",
    ),
    (HEAD + "[drempels]\nmelding_jaarbedrag = 0\n", "drempels: melding_jaarbedrag moet een geheel"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_wrong_is_told_in_one_sentence(write: Write, text: str, said: str) -> None:
    (sentence,) = problems(write(text))
    assert f"proef.toml: {said}" == sentence[: len(f"proef.toml: {said}")]


def test_a_payment_block_may_begin_on_any_day(write: Write) -> None:
    blocked = CONTRACT + "vanaf = 2025-03-01\ngeblokkeerd = true\n"
    assert [] == problems(write(HEAD + 'toelatingsmomenten = ["01-01"]\n' + CEL + blocked))


MAAND = {"soort": "pxq", "eenheid": "04", "peildatum": "productperiode"}


def test_a_price_of_the_product_period_changes_on_a_first_day_only() -> None:
    earlier = cel(**MAAND, tot=date(2025, 6, 14))
    later = cel(**MAAND, vanaf=date(2025, 6, 15), bedrag=200)
    assert [
        "proef.toml: cel 2 (45P11/04): de prijs verandert op 2025-06-15, midden in een maand; bij "
        "peildatum productperiode kan dat alleen op de eerste dag"
    ] == price_changes_within_month([overeenkomst(earlier, later)])


def test_what_is_no_change_of_a_price_within_a_month_is_good() -> None:
    earlier = cel(**MAAND, tot=date(2025, 6, 14))
    same_price = cel(**MAAND, vanaf=date(2025, 6, 15))
    later_month = cel(**MAAND, vanaf=date(2025, 7, 15), bedrag=200)
    assert [] == price_changes_within_month([overeenkomst(earlier, same_price)])
    assert [] == price_changes_within_month([overeenkomst(earlier, later_month)])
    of_the_assignment = [
        cel(tot=date(2025, 6, 14)),
        cel(vanaf=date(2025, 6, 15), bedrag=200),
    ]
    assert [] == price_changes_within_month([overeenkomst(*of_the_assignment)])


def test_a_municipality_that_left_has_no_price_from_that_day_on() -> None:
    left = overeenkomst(cel(), uitgestapt=(Uitgestapt("0150", DAG),))
    table = index([left])

    def bedrag(gemeente: str, dag: date) -> int | None:
        found = table.lookup("jeugdwet", gemeente, "45P11", "83", AGB, dag)
        return found.cel.bedrag if found else None

    assert [100, 100, None] == [
        bedrag("0193", DAG),
        bedrag("0150", date(2025, 2, 28)),
        bedrag("0150", DAG),
    ]
    assert {"83"} == table.units("jeugdwet", "0193", "45P11", DAG)
    assert frozenset() == table.units("jeugdwet", "0150", "45P11", DAG)
    vraag = Tariefvraag("jeugdwet", "0150", "45P11", "83", AGB, begindatum=DAG, ingangsdatum=DAG)
    assert find_place(table, vraag) is None


def test_another_agreement_may_serve_a_municipality_that_left(tmp_path: Path) -> None:
    left = HEAD + '[[uitgestapt]]\ngemeente = "0150"\nvanaf = 2026-01-01\n' + CEL
    own = HEAD.replace('"proef"', '"eigen"').replace('"0193", ', "") + CEL.replace("2025", "2026")
    (tmp_path / "a.toml").write_text(left, encoding="utf-8")
    (tmp_path / "b.toml").write_text(own, encoding="utf-8")
    assert [] == problems(tmp_path)
    (tmp_path / "b.toml").write_text(own.replace("2026-01-01", "2025-12-31"), encoding="utf-8")
    assert 1 == len(problems(tmp_path))


@pytest.mark.parametrize(
    ("soort", "tarief", "juiste"),
    [
        ("pxq", None, (100,)),
        ("stuk", None, (100,)),
        ("traject", None, (100,)),
        ("periode", None, (100,)),
        ("budget", None, ()),
        ("budget", 7, (7,)),
        ("lumpsum", 7, ()),
        ("taak", None, ()),
    ],
)
def test_only_what_has_a_price_per_unit_can_have_a_wrong_tariff(
    soort: str, tarief: int | None, juiste: tuple[int, ...]
) -> None:
    made = overeenkomst(cel(soort=soort, tarief=tarief))
    vraag = Tariefvraag("jeugdwet", "0193", "45P11", "83", AGB, begindatum=DAG)
    assert Prijs(juiste, Plaats(made, made.cellen[0])) == right_prices(index([made]), vraag, DAG)


def test_a_provider_is_blocked_for_the_days_and_cells_that_say_so() -> None:
    block = Aanbiedercontract(agb=AGB, vanaf=DAG, geblokkeerd=True)
    made = overeenkomst(cel(), aanbieders=(Aanbiedercontract(agb=AGB, jaarbedrag=9), block))
    table, plaats = index([made]), Plaats(made, made.cellen[0])
    assert [True, False] == [
        table.blocked(plaats, AGB, "0193", dag) for dag in (DAG, date(2025, 2, 28))
    ]
    assert table.contracted(plaats, AGB, "0193", DAG)
    assert table.has_blocks(AGB)
    assert not table.has_blocks("99000099")
    assert {"proef": 9} == table.jaarbedragen(AGB)
