"""Laws of payment over any history: nothing twice, nothing lost, everything adds up."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import WrongUse
from gateway.store.geld.betalen.tables import betaalregel, betaalsaldo
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.tables import factuurregel
from gateway.store.tables import prestatie
from tests.integration.betaalhuis import ANNA, EIK, LINDE, VANDAAG, ZWOLLE, Betaalhuis, betaalhuis

AANBIEDERS = st.sampled_from([LINDE, EIK])
BEDRAGEN = st.lists(st.integers(-2_000, 2_000).filter(bool), min_size=1, max_size=4)
FACTUURBEDRAGEN = st.lists(st.integers(1, 2_000), min_size=1, max_size=3)
STAPPEN = st.one_of(
    st.tuples(st.just("factureer"), AANBIEDERS, FACTUURBEDRAGEN),
    st.tuples(st.just("crediteer"), AANBIEDERS, BEDRAGEN),
    st.tuples(st.just("declareer"), AANBIEDERS, BEDRAGEN),
    st.tuples(st.just("betaal"), AANBIEDERS, BEDRAGEN),
    st.tuples(st.just("concept"), AANBIEDERS, BEDRAGEN),
    st.tuples(st.just("vervallen"), AANBIEDERS, BEDRAGEN),
    st.tuples(st.just("terug"), AANBIEDERS, BEDRAGEN),
)


def step(huis: Betaalhuis, soort: str, aanbieder: str, bedragen: list[int]) -> int:
    """One step; returns what is to be paid to the aanbieder because of it."""
    runs, bestaande = huis.store.betaalruns, huis.store.betalingen.runs(ZWOLLE).rijen
    match soort:
        case "declareer" | "factureer":
            getattr(huis, soort)(*bedragen, aanbieder=aanbieder)
            return sum(bedragen)
        case "crediteer":
            return credited(huis, aanbieder)
        case "concept":
            huis.maak()
        case "betaal":
            concepten = [one.nummer for one in bestaande if one.staat == "concept"]
            huis.betaal(concepten[0] if concepten else huis.maak())
        case "vervallen":
            for one in bestaande:
                if one.staat == "concept":
                    runs.drop(ZWOLLE, one.nummer)
        case "terug":
            came_back(huis, aanbieder)
    return 0


def came_back(huis: Betaalhuis, aanbieder: str) -> None:
    """The last payment of an aanbieder that was made comes back."""
    for one in huis.store.betalingen.betalingen(ZWOLLE).rijen:
        if one.aanbieder == aanbieder and one.stand == "betaald":
            huis.store.betaalruns.bounced(ZWOLLE, one.nummer, VANDAAG, "terug")
            return


def credited(huis: Betaalhuis, aanbieder: str) -> int:
    """Take the last invoice of an aanbieder back that stands."""
    store = huis.store.facturen
    for one in store.list(ZWOLLE).rijen:
        if one.aanbieder == aanbieder:
            opgave = Creditopgave(factuurnummer=f"C{one.nummer}", factuurdatum=VANDAAG)
            with suppress(WrongUse):
                huis.keur_goed(store.credit(ZWOLLE, ANNA, one.nummer, opgave))
                return -one.bedrag
    return 0


def released(huis: Betaalhuis) -> Counter[str]:
    """Per aanbieder: what was paid for good."""
    found = Counter[str]()
    for one in huis.store.betalingen.betalingen(ZWOLLE, omvang=1_000).rijen:
        if one.runstaat not in ("concept", "vervallen") and one.teruggekomen_op is None:
            found[one.aanbieder] += one.bedrag
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(STAPPEN, max_size=12))
def test_over_any_history_every_line_is_paid_once_and_all_adds_up(
    stappen: list[tuple[str, str, list[int]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, betaalhuis(Path(folder)) as huis:
        declared = Counter[str]()
        for soort, aanbieder, bedragen in stappen:
            with suppress(WrongUse):
                declared[aanbieder] += step(huis, soort, aanbieder, bedragen)
            assert [] == huis.verschillen()
        # In the end everything is paid, or open as a balance of what is owed.
        step(huis, "vervallen", LINDE, [])
        with suppress(WrongUse):
            huis.betaal(huis.maak())
        assert [] == huis.verschillen()
        paid = released(huis)
        with huis.store.database.snapshot() as connection:
            saldi = Counter[str]()
            for row in connection.execute(
                sa.select(betaalsaldo).where(betaalsaldo.c.in_id.is_(None))
            ):
                saldi[row.aanbieder] += row.bedrag
            count = sa.select(sa.func.count())
            lines = connection.scalar(count.select_from(prestatie))
            assert lines == connection.scalar(count.select_from(betaalregel))
            # What came back was paid again by now, so every invoice outside the traffic is paid.
            unpaid = count.where(factuurregel.c.staat != "betaald")
            assert 0 == connection.scalar(unpaid)
        for aanbieder in (LINDE, EIK):
            assert declared[aanbieder] == paid[aanbieder] + saldi[aanbieder]
            assert saldi[aanbieder] <= 0
