"""Terms are read from a file, and tell who has to stay and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import data_folder
from gateway.errors import WrongUse
from gateway.pipeline.bewaren import (
    OPEN_EINDE,
    Bewaartermijnen,
    Dossier,
    Duur,
    bezwaren,
    read_bewaartermijnen,
)

EIGEN = (data_folder("mappings") / "bewaartermijnen.toml").read_bytes()
TERMIJNEN = read_bewaartermijnen(EIGEN)
VANDAAG = date(2026, 11, 27)


def dossier(**days: date | None) -> Dossier:
    none = dict.fromkeys(("toewijzing", "levering", "verzoek", "regel"))
    return Dossier(gemeente="0193", wet="wmo", kenmerk="k", **none | days)


def found(one: Dossier, *, op_verzoek: bool = False, termijnen: Bewaartermijnen = TERMIJNEN) -> str:
    return "; ".join(bezwaren(one, termijnen, VANDAAG, op_verzoek=op_verzoek))


def test_the_terms_that_come_with_the_gateway_can_be_read() -> None:
    assert (Duur(90, False), Duur(20, True), Duur(15, True)) == (
        TERMIJNEN.berichten,
        TERMIJNEN.jeugdwet,
        TERMIJNEN.wmo,
    )
    assert date(2011, 11, 27) == TERMIJNEN.grens("wmo", VANDAAG)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('= "90 dagen"', '= "drie maanden"', "termijn als 90 dagen, 7 jaar of nooit"),
        ('= "90 dagen"', '= "-1 dagen"', "berichten is geen termijn"),
        ('wmo = "15 jaar"', "", "wmo ontbreekt"),
        ('wmo = "15 jaar"', 'wmo = "15 jaar"\nwlz = "1 jaar"', "wlz is geen bewaartermijn"),
        ('wmo = "15 jaar"', 'wmo = "5 jaar"', "antwoorden blijven langer dan een dossier"),
        ('berichten = "90 dagen"', 'berichten = "nooit"', "berichten blijven langer dan"),
        ('wmo = "15 jaar"', "wmo = 15", "niet te lezen"),
    ],
)
def test_a_file_that_cannot_be_is_refused(old: str, new: str, told: str) -> None:
    assert old in EIGEN.decode()
    with pytest.raises(WrongUse, match=told):
        read_bewaartermijnen(EIGEN.decode().replace(old, new, 1).encode())


@given(
    dag=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    duur=st.builds(Duur, st.integers(0, 40), st.booleans()),
    later=st.integers(-20_000, 20_000),
)
def test_a_thing_goes_once_its_term_is_over_and_never_before(
    dag: date, duur: Duur, later: int
) -> None:
    vandaag = dag + timedelta(later)
    if dag < duur.voor(vandaag):
        assert duur.na(dag) <= vandaag
    elif (dag.month, dag.day, vandaag.month) != (2, 28, 2):
        # From the 29th of February, years back lead to the 28th.
        assert duur.na(dag) >= vandaag


def test_what_is_open_stays() -> None:
    assert "een toewijzing loopt nog" == found(dossier(toewijzing=OPEN_EINDE))
    assert found(dossier(toewijzing=VANDAAG)).startswith("een toewijzing loopt nog; ")
    assert "een verzoek staat open" == found(dossier(verzoek=OPEN_EINDE))


def test_the_term_counts_from_the_last_day_of_all() -> None:
    last = dossier(levering=date(2010, 1, 1), toewijzing=date(2011, 11, 27))
    assert "de bewaartermijn (wmo) loopt tot en met 27 november 2026" == found(last)
    assert "" == found(dossier(levering=date(2010, 1, 1), toewijzing=date(2011, 11, 26)))


def test_who_asks_for_it_waits_for_what_was_paid_alone() -> None:
    yesterday = date(2026, 11, 26)
    assert "" == found(dossier(toewijzing=yesterday), op_verzoek=True)
    assert "de financiële bewaartermijn loopt tot en met 26 november 2033" == found(
        dossier(regel=yesterday), op_verzoek=True
    )


def test_what_is_never_over_is_told() -> None:
    text = EIGEN.decode().replace('wmo = "15 jaar"', 'wmo = "nooit"').encode()
    told = found(dossier(levering=date(1950, 1, 1)), termijnen=read_bewaartermijnen(text))
    assert "de bewaartermijn (wmo) eindigt nooit" == told
