"""Use and spending, added up in several ways, and what of it is too small to be told."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.agreements.match import index
from gateway.ledger.sturing import Jaarregels, Zorgstuk, measure
from gateway.records.toewijzing import ToegewezenProduct

GEEN = index(())
JAREN = (2026, 2025)


def toewijzing(
    ingang: date, eind: date | None = None, reden: str | None = None
) -> ToegewezenProduct:
    return ToegewezenProduct(
        pad="",
        bsn="999900006",
        aanbieder="12345678",
        bekend_op=ingang,
        toewijzingnummer=1,
        referentie_aanbieder=None,
        productcategorie="45",
        productcode="45A03",
        toewijzingsdatum=ingang,
        toewijzingstijd="00:00:00",
        ingangsdatum=ingang,
        einddatum=eind,
        reden_wijziging=reden,
        volume=None,
        eenheid=None,
        frequentie=None,
        budget=None,
        commentaar=None,
    )


def stuk(client: str, product: ToegewezenProduct | None, *regels: Jaarregels) -> Zorgstuk:
    return Zorgstuk("0193", "jeugdwet", "12345678", client, product, regels)


def regels(jaar: int, bedrag: int) -> Jaarregels:
    return Jaarregels("45A03", "04", jaar, date(jaar, 1, 1), 2, bedrag)


def test_a_client_counts_once_in_each_year_in_which_an_assignment_runs() -> None:
    found = measure(
        [
            stuk("a", toewijzing(date(2025, 3, 1), date(2026, 2, 1)), regels(2025, 100)),
            stuk("a", toewijzing(date(2026, 3, 1)), regels(2026, 250)),
            stuk("b", toewijzing(date(2024, 1, 1), date(2024, 12, 31))),
        ],
        GEEN,
        JAREN,
    )
    assert [(2026, 1, 2, 2, 250), (2025, 1, 1, 2, 100)] == [
        (one.jaar, one.clienten, one.toewijzingen, one.regels, one.toegekend)
        for one in found.totaal
    ]


def test_a_deleted_assignment_does_not_count_and_its_lines_do() -> None:
    found = measure(
        [stuk("a", toewijzing(date(2026, 1, 1), reden="13"), regels(2026, 5))], GEEN, JAREN
    )
    assert [(0, 0, 5)] == [(one.clienten, one.toewijzingen, one.toegekend) for one in found.totaal]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(("0193", "0166")),
            st.sampled_from(("jeugdwet", "wmo")),
            st.sampled_from(("1", "2")),
            st.lists(st.integers(-1000, 1000), max_size=3),
        )
    )
)
def test_every_way_of_adding_up_gives_the_same(
    many: list[tuple[str, str, str, str, list[int]]],
) -> None:
    stukken = [
        Zorgstuk(
            gemeente,
            wet,
            agb,
            client,
            toewijzing(date(2026, 1, 1)),
            [regels(2026, amount) for amount in amounts],
        )
        for client, gemeente, wet, agb, amounts in many
    ]
    found = measure(stukken, GEEN, JAREN)
    ways = (found.totaal, found.wetten, found.gemeenten, found.aanbieders, found.cellen)
    sums = {
        (sum(one.toegekend for one in way), sum(one.toewijzingen for one in way)) for way in ways
    }
    assert 1 == len(sums)
