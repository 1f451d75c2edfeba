"""One page of a list."""

from collections import namedtuple

import pytest

from gateway.errors import WrongUse
from gateway.store.inzage.blad import blad_of, read_place, write_place

Row = namedtuple("Row", ["belang", "id"])
ROWS = [Row(900, 3), Row(500, 1), Row(500, 2)]


def test_a_page_ends_with_the_place_of_its_last_row() -> None:
    blad = blad_of(ROWS, 2, lambda row: row.id, "belang", "id")
    assert [3, 1] == blad.rijen
    assert blad.volgende is not None
    assert (500, 1) == read_place(blad.volgende)


def test_the_last_page_has_no_next_one() -> None:
    assert blad_of(ROWS, 3, lambda row: row.id, "belang", "id").volgende is None


@pytest.mark.parametrize("text", ["", "x", "!!", write_place((1,))[:-1] + "*"])
def test_a_place_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        read_place(text)
