"""What one municipality gets from another, that one owes: to the cent, whatever the items are."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.geld.gemeenteverrekening import (
    BETWIST,
    EENS,
    INGETROKKEN,
    OPEN,
    Paar,
    Post,
    paren,
)

GEMEENTEN = ("0193", "0150", "0166")
posten = st.lists(
    st.builds(
        lambda pair, jaar, bedrag, stand: Post(*pair, jaar, bedrag, stand),
        st.permutations(GEMEENTEN).map(lambda some: tuple(some[:2])),
        st.integers(2024, 2026),
        st.integers(1, 10**9),
        st.sampled_from((OPEN, EENS, BETWIST, INGETROKKEN)),
    )
)


@given(posten)
def test_both_sides_are_the_same_with_opposite_signs(some: list[Post]) -> None:
    found = {one[:3]: one[3:] for one in paren(some)}
    for (gemeente, ander, jaar), bedragen in found.items():
        assert tuple(-one for one in bedragen) == found[ander, gemeente, jaar]


@given(posten)
def test_what_a_municipality_gets_is_its_items_less_those_against_it(some: list[Post]) -> None:
    for gemeente in GEMEENTEN:
        counts = [one for one in some if one.stand in (OPEN, EENS)]
        expected = sum(one.bedrag for one in counts if one.van == gemeente)
        expected -= sum(one.bedrag for one in counts if one.aan == gemeente)
        assert expected == sum(one.bedrag for one in paren(some) if one.gemeente == gemeente)


def test_what_is_disputed_or_withdrawn_stands_beside_it() -> None:
    some = [
        Post("0193", "0150", 2026, 1000, OPEN),
        Post("0193", "0150", 2026, 200, EENS),
        Post("0150", "0193", 2026, 30, BETWIST),
        Post("0150", "0193", 2026, 4, INGETROKKEN),
    ]
    expected = [
        Paar("0150", "0193", 2026, -1200, -200, 30),
        Paar("0193", "0150", 2026, 1200, 200, -30),
    ]
    assert expected == paren(some)
