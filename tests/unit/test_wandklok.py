"""The clock on the wall counts milliseconds, and goes back once a year."""

from datetime import UTC, datetime

import pytest

from gateway.periods.wandklok import tijdstip_bericht, wandklok


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 7, 1, 8, 30, 5, 123_999, tzinfo=UTC), "20260701103005123"),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), "20261025025959000"),
        (datetime(2026, 10, 25, 1, 0, 1, tzinfo=UTC), "20261025020001000"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "20270101000000000"),
    ],
)
def test_a_moment_is_told_as_a_dutch_wall_shows_it(moment: datetime, expected: str) -> None:
    assert expected == tijdstip_bericht(wandklok(moment))


def test_a_millisecond_more_is_the_next_one() -> None:
    stand = wandklok(datetime(2026, 12, 31, 22, 59, 59, 999_000, tzinfo=UTC))
    assert "20261231235959999" == tijdstip_bericht(stand)
    assert "20270101000000000" == tijdstip_bericht(stand + 1)
