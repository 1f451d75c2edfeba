"""Contracts of the agreements beside the documents of the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.ledger.register.contracten import naast_elkaar
from gateway.records.aanbieder import Contractstuk
from gateway.records.overeenkomst import Aanbiedercontract, Overeenkomst
from tests.checks.bouw import OVEREENKOMST

BEGIN, END = date(2025, 1, 1), date(2025, 12, 31)
AGB = frozenset({"99000011", "99000012"})


def admits(*agbs: str, vanaf: date | None = BEGIN, tot: date | None = None) -> Overeenkomst:
    rows = tuple(Aanbiedercontract(agb=agb, vanaf=vanaf, tot=tot) for agb in agbs)
    return replace(OVEREENKOMST, aanbieders=rows)


def stuk(vanaf: date = BEGIN, tot: date | None = None, id_: str = "proef") -> Contractstuk:
    return Contractstuk(overeenkomst=id_, documentnummer="Z-1", vanaf=vanaf, tot=tot)


@pytest.mark.parametrize(
    ("overeenkomst", "stukken", "expected"),
    [
        (admits("99000011"), [stuk()], ""),
        (admits("99000011", tot=END), [stuk(tot=END)], ""),
        (admits("99000011", vanaf=None), [stuk()], ""),
        (admits(), [stuk()], ""),
        (admits("99000011"), [], "De overeenkomst laat deze aanbieder toe, maar er is geen"),
        (admits("99000099"), [stuk()], "Er is een document, maar de overeenkomst noemt"),
        (admits("99000011"), [stuk(date(2025, 2, 1))], "vanaf 1 januari 2025, het document vanaf"),
        (admits("99000011", tot=END), [stuk()], "eindigt op 31 december 2025, het document heeft"),
    ],
)
def test_where_they_differ_is_told(
    overeenkomst: Overeenkomst, stukken: list[Contractstuk], expected: str
) -> None:
    (found,) = naast_elkaar([overeenkomst], AGB, stukken)
    assert expected in found.verschil
    assert bool(expected) == bool(found.verschil)


def test_an_agreement_that_nobody_knows_is_told_and_one_without_either_is_not_there() -> None:
    (found,) = naast_elkaar([admits("99000099")], AGB, [stuk(id_="weg")])
    assert ("weg", "weg") == (found.overeenkomst, found.naam)
    assert "niet bekend" in found.verschil
