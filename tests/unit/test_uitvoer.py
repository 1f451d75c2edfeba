"""A list that leaves as a file leaves whole."""

import pytest

from gateway.errors import WrongUse
from gateway.store.inzage.blad import Blad
from gateway.web.opmaak import environment
from gateway.web.pages import uitvoer
from gateway.web.pages.uitvoer import rows_of


def pages(count: int, each: int = 2) -> object:
    """A list of so many rows, in pages."""

    def page(na: str | None) -> Blad[int]:
        begin = int(na or 0)
        end = min(begin + each, count)
        return Blad(range(begin, end), str(end) if end < count else None)

    return page


@pytest.mark.parametrize("count", [0, 1, 4])
def test_all_rows_are_in_it(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uitvoer, "MOST", 4)
    assert list(range(count)) == list(rows_of(pages(count)))  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [5, 6, 9])
def test_a_list_that_is_too_long_is_refused_and_not_cut(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uitvoer, "MOST", 4)
    with pytest.raises(WrongUse, match="kies eerst een kleiner deel"):
        list(rows_of(pages(count)))  # type: ignore[arg-type]


def test_a_reference_that_holds_the_bsn_of_its_client_hides_it_on_a_page() -> None:
    shown = environment().from_string("{{ nummer | zonder_bsn(bsn) }}")
    assert "R-*****0006" == shown.render(nummer="R-999900006", bsn="999900006")
    assert "R-1" == shown.render(nummer="R-1", bsn="999900006")
    of_finding = environment().from_string("{{ nummer | zonder_bsns }}")
    assert "R-*****0006" == of_finding.render(nummer="R-999900006")
    assert "" == of_finding.render(nummer=None)
