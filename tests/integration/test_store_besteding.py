"""What was spent per product, year and client, and the assignments around a client."""

from __future__ import annotations

from pathlib import Path

from gateway.pipeline.ports import Claim
from gateway.records.batch import Clientpot
from gateway.store.facts import Facts
from gateway.store.store import SqlStore
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_AANBIEDER,
    ANDERE_GEMEENTE,
    BSN,
    BSN2,
    declared,
    line,
    settled,
    toewijzing,
)
from tests.opslag import rows_of

CREDIT = {"vorig_referentienummer": "R1", "debet_credit": "C"}


def asked(store: SqlStore, question: str, *given: object) -> object:
    """What a fact source answers to a judgement that begins now."""
    bericht = store.views.bericht(1)
    assert bericht is not None
    with store.facts(Claim(0, 1_000_000, "", "", bericht.received_at)) as facts:
        assert isinstance(facts, Facts)
        answer: object = getattr(facts, question)(*given)
        return answer


def test_what_was_granted_is_added_per_product_and_year_credits_subtracted(store: SqlStore) -> None:
    december = {"begindatum": "2025-12-01", "einddatum": "2025-12-31"}
    declared(
        store,
        [
            line(1),
            line(2, productcode="45A05"),
            line(3, toegekend=0, retourcodes="9338"),
            line(4, **december),
        ],
    )
    declared(store, [line(5, **CREDIT), line(6, ingediend_bedrag=5000)], nummer="D2")
    assert {
        ("jeugdwet", "45A04", 2026): 6600 - 6600 + 5000,
        ("jeugdwet", "45A05", 2026): 6600,
    } == asked(store, "besteed", ["0193"], [2026], None)
    assert {("jeugdwet", "45A04", 2025): 6600} == asked(store, "besteed", ["0193"], [2025], None)


def test_spending_is_of_one_provider_or_of_all_and_never_of_another_municipality(
    store: SqlStore,
) -> None:
    for place, partijen in enumerate((AANBIEDER, ANDERE_AANBIEDER, ANDERE_GEMEENTE)):
        declared(store, [line(1, ingediend_bedrag=100 * (place + 1))], partijen, f"D{place}")

    def spent(gemeenten: list[str], aanbieder: str | None) -> object:
        found = asked(store, "besteed", gemeenten, [2026], aanbieder)
        assert isinstance(found, dict)
        return sum(found.values())

    assert 100 == spent(["0193"], AANBIEDER.aanbieder)
    assert 300 == spent(["0193"], None)
    assert 400 == spent(["0193", ANDERE_GEMEENTE.gemeente], AANBIEDER.aanbieder)


def test_a_client_has_one_total_over_providers_numbers_and_products_asked_for(
    store: SqlStore,
) -> None:
    mine = [toewijzing(1), toewijzing(1, toewijzingstijd="11:00:00")]
    theirs = [toewijzing(2, aanbieder=ANDERE_AANBIEDER.aanbieder), toewijzing(3, bsn=BSN2)]
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [*mine, *theirs]))
    declared(store, [line(1), line(2, productcode="45A05"), line(3, bsn=BSN2, toewijzingnummer=3)])
    declared(store, [line(4, toewijzingnummer=2)], ANDERE_AANBIEDER, "D2")
    assert {
        Clientpot(BSN, "45A04", 2026): 13_200,
        Clientpot(BSN2, "45A04", 2026): 6600,
    } == asked(store, "besteed_aan", "0193", "jeugdwet", [BSN, BSN2], ["45A04"])


def test_the_assignments_around_a_client_are_those_of_the_client_and_of_the_family(
    store: SqlStore,
) -> None:
    own = toewijzing(1)
    of_family = toewijzing(2, bsn=BSN2, gezin="G7")
    both = toewijzing(3, gezin="G7")
    other = toewijzing(4, bsn=BSN2)
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [own, of_family]))
    settled(store, lambda work: work.add_toewijzingen("0193", "wmo", [both, other]))
    settled(store, lambda work: work.add_toewijzingen("0150", "jeugdwet", [toewijzing(5)]))
    found = asked(store, "toewijzingen_rond", "0193", [BSN], ["G7"])
    assert isinstance(found, list)
    assert [("jeugdwet", own), ("jeugdwet", of_family), ("wmo", both)] == sorted(
        found, key=lambda one: one[1].toewijzingnummer
    )
    assert [] == asked(store, "toewijzingen_rond", "0193", [], [])


def test_what_a_waiver_covered_is_counted_until_the_message_is_judged_again(
    store: SqlStore, tmp_path: Path
) -> None:
    claim = settled(store, lambda work: work.add_ontheven({"S105": 2, "S119": 1}))
    query = (
        "SELECT rule, aantal FROM ontheven WHERE inbox_id = ? AND tot_volgnr IS NULL ORDER BY rule"
    )
    assert [("S105", 2), ("S119", 1)] == rows_of(tmp_path, query, claim.inbox_id)
