"""The facts that rules get, with values worked out by hand, and kept apart per party."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from gateway.config import data_folder
from gateway.periods.termijnen import ONDERZOEK, read_termijnen
from gateway.pipeline.ports import Claim, Outcome, Partijen
from gateway.records.batch import Stand
from gateway.records.verzoek import Verzoek, Verzoekstand
from gateway.store import tables
from gateway.store.facts import Facts
from gateway.store.store import SqlStore
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_AANBIEDER,
    ANDERE_GEMEENTE,
    ANDERE_WET,
    BSN,
    BSN2,
    HEADER,
    MEI,
    declaratie,
    declared,
    finish,
    line,
    settled,
    start,
    stop,
    taken,
    toewijzing,
)

OTHERS = (ANDERE_AANBIEDER, ANDERE_GEMEENTE, ANDERE_WET)
SLEUTEL = (1, "45", "45A04", MEI, date(2026, 5, 31))


def asked(store: SqlStore, question: str, *given: object, claim: Claim | None = None) -> object:
    """What a fact source answers to a judgement that begins now, or to an earlier one."""
    claim = claim or Claim(0, 1_000_000, "", "", store.views.bericht(1).received_at)  # type: ignore[union-attr]
    with store.facts(claim) as facts:
        assert isinstance(facts, Facts)
        answer: object = getattr(facts, question)(*given)
        return answer


def test_versions_of_an_assignment_come_oldest_first_whatever_their_arrival(
    store: SqlStore,
) -> None:
    late = toewijzing(1, toewijzingsdatum=date(2026, 4, 21), einddatum=date(2026, 12, 31))
    early = toewijzing(1, toewijzingstijd="09:00:00")
    other = toewijzing(2, bsn=BSN2, aanbieder="87654321", volume=None, eenheid=None, budget=500)
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [late, other]))
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [early]))
    found = asked(store, "toewijzingen", "0193", "jeugdwet", [1, 2, 3])
    assert {1: (early, late), 2: (other,)} == found
    assert asked(store, "toewijzingen", "0150", "jeugdwet", [1, 2]) == {}
    assert asked(store, "toewijzingen", "0193", "wmo", [1, 2]) == {}


def test_a_version_that_comes_again_takes_the_place_of_the_old_one(store: SqlStore) -> None:
    first = settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    again = toewijzing(1, volume=90)
    second = settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [again]))
    third = taken(store, 1)
    question = ("toewijzingen", "0193", "jeugdwet", [1])
    assert asked(store, *question, claim=first) == {}
    assert asked(store, *question, claim=second) == {1: (toewijzing(1),)}
    assert asked(store, *question, claim=third) == {1: (again,)}


def test_a_version_that_comes_again_as_it_was_stays_known_since_the_first_time(
    store: SqlStore,
) -> None:
    again = toewijzing(1, bekend_op=date(2026, 6, 1))
    for product in (toewijzing(1), again):
        settled(store, lambda work, one=product: work.add_toewijzingen("0193", "jeugdwet", [one]))  # type: ignore[misc]
    assert {1: (toewijzing(1),)} == asked(store, "toewijzingen", "0193", "jeugdwet", [1])


def test_the_same_version_twice_in_a_message_leaves_the_last_one(store: SqlStore) -> None:
    both = [toewijzing(1), toewijzing(1, volume=90)]
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", both))
    assert {1: (both[1],)} == asked(store, "toewijzingen", "0193", "jeugdwet", [1])


def test_clients_are_known_by_any_assignment_of_this_provider(store: SqlStore) -> None:
    deleted = toewijzing(1, reden_wijziging="13")
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [deleted]))
    assert {BSN} == asked(store, "clienten_met_toewijzing", AANBIEDER, [BSN, BSN2])
    for partijen in OTHERS:
        assert set() == asked(store, "clienten_met_toewijzing", partijen, [BSN])


def test_an_identification_is_used_once_a_message_got_past_level_1(store: SqlStore) -> None:
    claim = settled(store, lambda work: None)
    question = ("identificaties", "0193", "12345678", "490", "ID1")
    assert {"ID1"} == asked(store, *question)
    assert set() == asked(store, *question, claim=claim)
    assert set() == asked(store, "identificaties", "0193", "12345678", "439", "ID1")
    assert set() == asked(store, "identificaties", "0150", "12345678", "490", "ID1")
    assert set() == asked(store, "identificaties", "0193", "87654321", "490", "ID1")


def test_a_message_refused_at_level_1_uses_no_identification(store: SqlStore) -> None:
    refused = Outcome("invalid", 1, "JW323", "jeugdwet", "12345678", "0193", "0193", "ID9")
    settled(store, lambda work: None, refused)
    assert set() == asked(store, "identificaties", "0193", "12345678", "490", "ID9")


def test_numbers_and_periods_of_declarations(store: SqlStore) -> None:
    for nummer, begin in (("D1", date(2026, 4, 1)), ("D2", date(2026, 3, 1))):
        settled(
            store,
            lambda work, nummer=nummer, begin=begin: work.add_declaratie(  # type: ignore[misc]
                AANBIEDER, HEADER, declaratie(nummer, begin), 0
            ),
        )
    assert {"D1"} == asked(store, "declaratienummers", AANBIEDER, "D1", "490")
    assert set() == asked(store, "declaratienummers", AANBIEDER, "D3", "490")
    assert date(2026, 4, 1) == asked(store, "laatste_periode", AANBIEDER)
    for partijen in OTHERS:
        assert set() == asked(store, "declaratienummers", partijen, "D1", "490")
        assert asked(store, "laatste_periode", partijen) is None


def test_references_are_those_of_granted_lines_credits_included(store: SqlStore) -> None:
    declared(
        store,
        [
            line(1),
            line(2, toegekend=0, retourcodes="9338 9307"),
            line(3, debet_credit="C", vorig_referentienummer="R1"),
        ],
    )
    assert {"R1", "R3"} == asked(store, "referenties", AANBIEDER, ["R1", "R2", "R3", "R4"])
    for partijen in OTHERS:
        assert set() == asked(store, "referenties", partijen, ["R1", "R3"])


def test_debets_are_granted_debet_lines_as_they_were_sent(store: SqlStore) -> None:
    declared(
        store,
        [line(1), line(2, toegekend=0), line(3, debet_credit="C", vorig_referentienummer="R0")],
    )
    found = asked(store, "debets", AANBIEDER, ["R1", "R2", "R3"])
    assert isinstance(found, dict)
    assert {"R1"} == found.keys()
    debet = found["R1"]
    assert SLEUTEL == debet.debetsleutel
    assert (1, BSN, 60, "01", 110, 6600, ()) == (
        debet.volgnr,
        debet.bsn,
        debet.geleverd_volume,
        debet.eenheid,
        debet.producttarief,
        debet.ingediend_bedrag,
        debet.retourcodes,
    )


def test_a_granted_credit_undoes_its_debet_and_a_rejected_one_does_not(store: SqlStore) -> None:
    declared(store, [line(1), line(2, toewijzingnummer=2), line(3, toewijzingnummer=3)])
    credit = {"debet_credit": "C"}
    declared(
        store,
        [
            line(1, referentienummer="C1", vorig_referentienummer="R1", **credit),
            line(
                2,
                referentienummer="C2",
                vorig_referentienummer="R2",
                toewijzingnummer=2,
                toegekend=0,
                **credit,
            ),
        ],
        nummer="D2",
    )
    assert {"R1"} == asked(store, "gecrediteerd", AANBIEDER, ["R1", "R2", "R3"])
    begin, day = SLEUTEL[3], timedelta(days=1)
    open_debets = asked(store, "open_debets", AANBIEDER, [1, 2, 3], begin, begin)
    assert {(2, *SLEUTEL[1:]), (3, *SLEUTEL[1:])} == open_debets
    for other in (begin - day, begin + day):
        assert set() == asked(store, "open_debets", AANBIEDER, [1, 2, 3], other, other)
    last = dict.fromkeys([2, 3], SLEUTEL[4])
    assert last == asked(store, "gedeclareerd_tot", AANBIEDER, [1, 2, 3])
    assert {2, 3} == asked(store, "toegekend", "0193", "jeugdwet", [1, 2, 3])
    for partijen in OTHERS:
        assert set() == asked(store, "gecrediteerd", partijen, ["R1"])
        assert set() == asked(store, "open_debets", partijen, [1, 2, 3], begin, begin)
        assert {} == asked(store, "gedeclareerd_tot", partijen, [1, 2, 3])


def test_a_number_is_granted_whoever_the_provider_is(store: SqlStore) -> None:
    declared(store, [line(1, toewijzingnummer=7)], ANDERE_AANBIEDER)
    assert {7} == asked(store, "toegekend", "0193", "jeugdwet", [7, 8])
    assert set() == asked(store, "toegekend", "0150", "jeugdwet", [7])
    assert set() == asked(store, "toegekend", "0193", "wmo", [7])


def test_what_is_granted_is_added_up_in_minutes_net_of_credits(store: SqlStore) -> None:
    declared(
        store,
        [
            line(1, geleverd_volume=90, ingediend_bedrag=9900),
            line(2, eenheid="04", geleverd_volume=2, ingediend_bedrag=13200),
            line(3, toegekend=0, geleverd_volume=500),
            line(
                4,
                debet_credit="C",
                vorig_referentienummer="R0",
                geleverd_volume=30,
                ingediend_bedrag=3300,
            ),
            line(5, toewijzingnummer=2, eenheid="83", geleverd_volume=400, ingediend_bedrag=400),
            line(6, toewijzingnummer=3, eenheid="14", geleverd_volume=5, ingediend_bedrag=700),
        ],
    )
    expected = {
        1: Stand(90 + 2 * 60 - 30, 9900 + 13200 - 3300),
        2: Stand(400, 400),
        3: Stand(5, 700),
    }
    assert expected == asked(store, "stand", AANBIEDER, [1, 2, 3, 4])
    for partijen in OTHERS:
        assert asked(store, "stand", partijen, [1, 2, 3]) == {}


def test_starts_and_stops_stand_in_order_of_receipt(store: SqlStore) -> None:
    second = start(2, bsn=BSN2)
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [start(1), second]))
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [stop(1)]))
    assert [start(1), second] == asked(store, "starts", AANBIEDER, [BSN2, BSN])
    assert [second] == asked(store, "starts", AANBIEDER, [BSN2])
    assert [stop(1)] == asked(store, "stops", AANBIEDER, [BSN])
    for partijen in OTHERS:
        assert [] == asked(store, "starts", partijen, [BSN])
        assert [] == asked(store, "stops", partijen, [BSN])


def test_status_3_takes_back_only_what_has_the_same_key(store: SqlStore) -> None:
    taak = start(None)
    other_day = start(None, begindatum=date(2026, 5, 5))
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [taak, start(1), other_day]))
    before = settled(store, lambda work: work.add_leveringen(AANBIEDER, [stop(1)]))
    gone = [start(None, status_aanlevering="3", toewijzing_ingangsdatum=None)]
    settled(store, lambda work: work.add_leveringen(AANBIEDER, gone))
    assert [start(1), other_day] == asked(store, "starts", AANBIEDER, [BSN])
    assert [taak, start(1), other_day] == asked(store, "starts", AANBIEDER, [BSN], claim=before)
    gone_stop = [stop(1, reden_beeindiging="20", status_aanlevering="3")]
    settled(store, lambda work: work.add_leveringen(AANBIEDER, gone_stop))
    assert [stop(1)] == asked(store, "stops", AANBIEDER, [BSN])


def verzoek(referentie: str, bsn: str = BSN) -> Verzoek:
    return Verzoek(
        soort="315",
        referentie_aanbieder=referentie,
        bsn=bsn,
        dagtekening=date(2026, 5, 1),
        ontvangen_op=date(2026, 5, 4),
        termijn=date(2026, 5, 12),
        toewijzingnummers=(1, 2),
    )


def test_a_request_is_pending_until_its_final_answer(store: SqlStore) -> None:
    asked_for = [verzoek("R1"), verzoek("R2"), verzoek("R3", BSN2)]
    settled(store, lambda work: work.add_verzoeken(AANBIEDER, asked_for))
    early = settled(store, lambda work: work.answer_verzoeken(AANBIEDER, ["R1"], "in onderzoek"))
    assert ["R2", "R1"] == asked(store, "openstaande_verzoeken", AANBIEDER, [BSN])
    settled(store, lambda work: work.answer_verzoeken(AANBIEDER, ["R1"], "afgewezen"))
    settled(store, lambda work: work.answer_verzoeken(AANBIEDER, ["R2", "R9"], "toegekend"))
    assert [] == asked(store, "openstaande_verzoeken", AANBIEDER, [BSN])
    assert ["R3"] == asked(store, "openstaande_verzoeken", AANBIEDER, [BSN2])
    assert [] == asked(store, "openstaande_verzoeken", ANDERE_AANBIEDER, [BSN2])
    found = asked(store, "verzoeken", AANBIEDER, ["R1", "R2", "R9"])
    assert found == {
        "R1": Verzoekstand("315", "R1", "afgewezen", onderzocht=True, inbox_id=1),
        "R2": Verzoekstand("315", "R2", "toegekend", inbox_id=1),
    }
    assert {} == asked(store, "verzoeken", ANDERE_WET, ["R1"])
    before = asked(store, "verzoeken", AANBIEDER, ["R1"], claim=early)
    assert {"R1": Verzoekstand("315", "R1", "open", inbox_id=1)} == before


def test_research_moves_the_deadline_to_eight_weeks_after_the_dagtekening(store: SqlStore) -> None:
    weken = read_termijnen(data_folder("mappings"))[ONDERZOEK].last_day
    settled(store, lambda work: work.add_verzoeken(AANBIEDER, [verzoek("R1")]))
    settled(store, lambda work: work.answer_verzoeken(AANBIEDER, ["R1"], "in onderzoek", weken))
    with store._ground.database.snapshot() as connection:
        query = sa.select(tables.verzoek).order_by(tables.verzoek.c.id)
        rows = connection.execute(query).mappings().all()
    terms = [(row["staat"], row["termijn"], row["tot_volgnr"] is None) for row in rows]
    assert terms == [
        ("open", date(2026, 5, 12), False),
        ("in onderzoek", date(2026, 6, 26), True),
    ]
    assert ["1 2", "1 2"] == [row["toewijzingnummers"] for row in rows]


def test_the_declaration_that_an_answer_is_about_and_its_lines(store: SqlStore) -> None:
    declared(store, [line(1), line(2, toegekend=0, bsn=BSN2)])
    expected = (HEADER, declaratie("D1"))
    assert expected == asked(store, "declaratie_van", AANBIEDER, "ID1", "other")
    assert expected == asked(store, "declaratie_van", AANBIEDER, "other", "D1")
    assert asked(store, "declaratie_van", AANBIEDER, "other", "other") is None
    found = asked(store, "ingediend", AANBIEDER, "D1", ["R1", "R2"])
    assert isinstance(found, dict)
    assert {("R1", None, BSN), ("R2", None, BSN2)} == found.keys()
    assert asked(store, "ingediend", AANBIEDER, "D2", ["R1"]) == {}


def test_facts_can_be_read_back_as_an_earlier_message_saw_them(store: SqlStore) -> None:
    first = declared(store, [line(1)])
    second = declared(store, [line(2)], nummer="D2")
    third = taken(store, 1)
    for claim, expected in ((first, set()), (second, {"R1"}), (third, {"R1", "R2"})):
        assert expected == asked(store, "referenties", AANBIEDER, ["R1", "R2"], claim=claim)
    again = store.views.claim_of(second.inbox_id)
    assert again is not None
    assert {1: Stand(60, 6600)} == asked(store, "stand", AANBIEDER, [1], claim=again)


def test_all_reads_of_one_source_see_the_same_state(store: SqlStore) -> None:
    declared(store, [line(1)])
    reader = taken(store, 1)
    other = taken(store, 2, sender="87654321")
    with store.facts(reader) as facts:
        assert {"R1"} == facts.referenties(AANBIEDER, ["R1", "R2"])

        def write(work: object) -> None:
            work.add_declaratie(AANBIEDER, HEADER, declaratie("D2"), 0)  # type: ignore[attr-defined]
            work.add_prestaties(AANBIEDER, [[line(2)]])  # type: ignore[attr-defined]

        finish(store, other, write)
        assert {"R1"} == facts.referenties(AANBIEDER, ["R1", "R2"])


def test_thousands_of_keys_are_asked_in_parts(store: SqlStore) -> None:
    declared(store, [line(number, toewijzingnummer=number) for number in range(2500)])
    nummers = [number % 3000 for number in range(6000)]
    found = asked(store, "stand", AANBIEDER, nummers)
    assert isinstance(found, dict)
    assert set(range(2500)) == found.keys()
    referenties = asked(store, "referenties", AANBIEDER, [f"R{number}" for number in range(2600)])
    assert isinstance(referenties, set)
    assert len(referenties) == 2500


@pytest.mark.parametrize("partijen", [AANBIEDER, Partijen("9999", "wmo", "00000000")])
def test_no_keys_and_no_facts_give_nothing(store: SqlStore, partijen: Partijen) -> None:
    declared(store, [line(1)])
    assert set() == asked(store, "referenties", partijen, [])
    assert asked(store, "stand", partijen, []) == {}


def test_a_bsn_has_a_fingerprint_that_needs_the_key(store: SqlStore) -> None:
    declared(store, [line(1), line(2, bsn=BSN2)])
    with store._ground.database.snapshot() as connection:
        rows = connection.execute(sa.text("SELECT bsn, bsn_hash FROM prestatie ORDER BY id")).all()
    assert [(BSN, store.fingerprint(BSN)), (BSN2, store.fingerprint(BSN2))] == [*map(tuple, rows)]
    assert store.fingerprint(BSN) != store.fingerprint(BSN2)
    assert len(store.fingerprint(BSN)) == 32
