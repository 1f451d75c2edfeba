"""The story of a line: what became of it, and by which other lines."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.ledger.verhaal import Boekregel, Inzending, Verhaal, chain, stories
from tests.rules.bouw import record

INZENDING = Inzending(1, 1, "0193", "jeugdwet", "65656055", "D1", "I1", date(2025, 5, 6), "A1")


def line(regel_id: int, *, toegekend: bool = True, **changes: Any) -> Boekregel:
    """A line whose number is that of its order."""
    values = {"volgnr": regel_id, "referentienummer": f"R{regel_id}", **changes}
    return Boekregel(regel_id, INZENDING, "x", toegekend, record("prestatie", values))


def credit(regel_id: int, vorig: str, **changes: Any) -> Boekregel:
    """A credit of an earlier line."""
    return line(regel_id, debet_credit="C", vorig_referentienummer=vorig, **changes)


def told(*lines: Boekregel) -> list[tuple[str, str, str]]:
    """Of each line what it is by now, and which line did that."""
    return [(one.regel.prestatie.referentienummer, one.stand, _why(one)) for one in stories(lines)]


def _why(one: Verhaal) -> str:
    others = (one.crediteert, one.gecrediteerd_door, one.vervangen_door)
    return " ".join(other.prestatie.referentienummer for other in others if other is not None)


def test_a_granted_line_stands() -> None:
    assert [("R1", "toegekend", "")] == told(line(1))


def test_a_credited_line_names_its_credit_and_its_successor() -> None:
    assert [
        ("R1", "gecrediteerd", "R2"),
        ("R2", "credit", "R1"),
    ] == told(line(1), credit(2, "R1"))
    assert [
        ("R1", "gecrediteerd en vervangen", "R2 R3"),
        ("R2", "credit", "R1"),
        ("R3", "toegekend", ""),
    ] == told(line(1), credit(2, "R1"), line(3))


def test_a_rejected_credit_changes_nothing() -> None:
    assert [("R1", "toegekend", ""), ("R2", "afgewezen", "")] == told(
        line(1), credit(2, "R1", toegekend=False)
    )


def test_a_rejected_line_names_what_was_granted_for_it_later() -> None:
    assert [
        ("R1", "afgewezen en later toegekend", "R3"),
        ("R2", "afgewezen en later toegekend", "R3"),
        ("R3", "toegekend", ""),
    ] == told(line(1, toegekend=False), line(2, toegekend=False), line(3))
    assert [("R1", "toegekend", ""), ("R2", "afgewezen", "")] == told(
        line(1), line(2, toegekend=False)
    )


def test_a_number_may_be_used_again_after_a_rejection() -> None:
    again = line(2, referentienummer="R1", toewijzingnummer=10073)
    assert [("R1", "afgewezen en later toegekend", "R1"), ("R1", "toegekend", "")] == told(
        line(1, toegekend=False), again
    )


def test_another_month_is_another_claim() -> None:
    other = line(2, begindatum=date(2025, 5, 1), einddatum=date(2025, 5, 31))
    assert [("R1", "afgewezen", ""), ("R2", "toegekend", "")] == told(
        line(1, toegekend=False), other
    )


def test_a_chain_goes_by_number_by_credit_and_by_claim() -> None:
    may = {"begindatum": date(2025, 5, 1), "einddatum": date(2025, 5, 31)}
    june = {"begindatum": date(2025, 6, 1), "einddatum": date(2025, 6, 30)}
    lines = [
        line(1, toegekend=False, **may),
        line(2, referentienummer="R1"),
        credit(3, "R1"),
        line(4),
        line(5, **june),
    ]
    for start in (1, 2, 3, 4):
        assert [1, 2, 3, 4] == [one.regel_id for one in chain([start], lines)]
    assert [5] == [one.regel_id for one in chain([5, 99], lines)]
    assert [] == chain([99], lines)


def test_a_line_is_named_with_its_declaration() -> None:
    assert "R1 in D1" == line(1).naam
