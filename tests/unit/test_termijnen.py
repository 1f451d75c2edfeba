"""Terms on Dutch working days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.errors import WrongUse
from gateway.periods.termijnen import (
    JAREN_TERUG,
    ONDERZOEK,
    START,
    STOP,
    VERZOEK,
    WOONPLAATS,
    Termijn,
    read_termijnen,
    stand_of,
)
from gateway.periods.werkdagen import working_days_before

MAPPINGS = Path(__file__).parents[2] / "mappings"
TERMIJNEN = read_termijnen(MAPPINGS)


@pytest.mark.parametrize(
    ("code", "start", "nears_on", "last_day"),
    [
        ("retour", "2025-12-01", "2025-12-03", "2025-12-04"),
        ("retour", "2025-12-05", "2025-12-09", "2025-12-10"),  # a Friday
        ("retour", "2025-12-23", "2025-12-29", "2025-12-30"),  # over Christmas
        ("declaratie-antwoord", "2025-12-01", "2025-12-11", "2025-12-15"),
        ("declaratie-antwoord", "2025-04-17", "2025-05-01", "2025-05-06"),  # Easter, 5 May
        ("antwoord-op-verzoek", "2025-04-30", "2025-05-07", "2025-05-08"),  # 5 May
        ("eindbesluit-na-onderzoek", "2025-01-02", "2025-02-20", "2025-02-27"),
        ("woonplaatsbeginsel", "2025-12-01", "2025-12-11", "2025-12-15"),
        ("startbericht", "2025-04-17", "2025-04-25", "2025-04-28"),  # Good Friday, Easter Monday
        ("startbericht", "2025-04-25", "2025-05-01", "2025-05-02"),  # King's day on a Saturday
        ("startbericht", "2026-04-24", "2026-05-01", "2026-05-04"),  # King's day on a Monday
        ("stopbericht", "2025-05-28", "2025-06-04", "2025-06-05"),  # Ascension day
        ("stopbericht", "2025-12-31", "2026-01-07", "2026-01-08"),  # New Year's day
        ("retour", "2025-12-24", "2025-12-30", "2025-12-31"),  # both days of Christmas
        ("retour", "2025-12-30", "2026-01-02", "2026-01-05"),
        ("oudste-prestatie", "2024-02-29", "2029-02-21", "2029-02-28"),
    ],
)
def test_a_term_ends_on_a_working_day_and_draws_near_before_it(
    code: str, start: str, nears_on: str, last_day: str
) -> None:
    termijn, begin = TERMIJNEN[code], date.fromisoformat(start)
    assert nears_on == termijn.nears_on(begin).isoformat()
    assert last_day == termijn.last_day(begin).isoformat()


def test_a_day_off_of_the_municipality_does_not_count() -> None:
    off = {date(2025, 12, 2)}
    assert date(2025, 12, 5) == TERMIJNEN["retour"].last_day(date(2025, 12, 1), off)
    assert date(2025, 12, 1) == working_days_before(date(2025, 12, 3), 1, off)


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        ("2025-12-02", "te-laat"),
        ("2025-12-03", "vandaag"),
        ("2025-12-04", "deze-week"),
        ("2025-12-07", "deze-week"),
        ("2025-12-08", "later"),
    ],
)
def test_how_a_term_stands_on_a_wednesday(last_day: str, expected: str) -> None:
    assert expected == stand_of(date.fromisoformat(last_day), date(2025, 12, 3))


def test_on_a_sunday_the_week_ends() -> None:
    assert "later" == stand_of(date(2025, 12, 8), date(2025, 12, 7))


def test_every_term_counts_from_something_and_is_for_someone() -> None:
    for termijn in TERMIJNEN.values():
        assert termijn.wie in ("ontvanger", "gemeente", "aanbieder")
        assert termijn.vanaf
        assert 0 < termijn.nadert <= termijn.aantal * 5
    unfollowed = {code for code, one in TERMIJNEN.items() if one.volgt == "nee"}
    assert {"verzoek-na-intake", "oudste-prestatie"} == unfollowed
    assert {VERZOEK, ONDERZOEK, WOONPLAATS, START, STOP} <= TERMIJNEN.keys() - unfollowed


def test_the_oldest_line_is_as_old_in_the_terms_as_in_the_rule() -> None:
    oldest = TERMIJNEN["oudste-prestatie"]
    assert (JAREN_TERUG, "jaar") == (oldest.aantal, oldest.eenheid)


def test_a_term_that_may_never_have_applied_is_not_shown_once_it_has_passed() -> None:
    last, after = date(2025, 12, 15), date(2025, 12, 16)
    elders = TERMIJNEN[WOONPLAATS]
    assert (True, False) == (elders.shows_on(last, last), elders.shows_on(after, last))
    assert TERMIJNEN[VERZOEK].shows_on(after, last)
    assert (True, False) == (elders.is_about("jeugdwet", "315"), elders.is_about("wmo", "315"))


def test_a_term_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="before the end"):
        working_days_before(date(2025, 1, 1), -1)


KEYS = (
    'naam = "x"\nwie = "gemeente"\nwetten = []\nberichten = []\nvanaf = "ontvangst"\naantal = 1\n'
    "nadert = 1\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[retour", "dit is geen geldige TOML in UTF-8"),
        ("retour = 1", "retour heeft precies deze sleutels nodig: aantal, berichten"),
        (f'[retour]\n{KEYS}volgt = "ja"\neenheid = "maand"', "retour heeft eenheid maand"),
        (f'[retour]\n{KEYS}volgt = "ooit"\neenheid = "week"', "retour heeft volgt ooit"),
    ],
)
def test_a_mistake_in_the_terms_is_told_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "termijnen.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse) as refused:
        read_termijnen(tmp_path)
    assert str(refused.value).startswith(f"termijnen.toml: {said}")


def test_terms_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"termijnen\.toml: dit bestand is niet te lezen"):
        read_termijnen(tmp_path)


def test_a_term_is_a_record() -> None:
    assert isinstance(TERMIJNEN["retour"], Termijn)
    assert ("301", "305", "307", "315", "317", "319") == TERMIJNEN["retour"].berichten
