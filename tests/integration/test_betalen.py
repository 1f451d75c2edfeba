"""Payment runs: once, net of credits, by two people above an amount, and never half."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from gateway.errors import AlBeoordeeld, NietGevonden, WrongUse
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.maken import GEEN_REKENING
from gateway.store.geld.betalen.openstaand import Laat, openstaand
from gateway.store.register.tables import aanbieder, aanbieder_agb, aanbieder_crediteur
from gateway.toegang.wie import Bereik
from tests.integration.betaalhuis import (
    ANNA,
    BELEID,
    BRAM,
    EIK,
    LINDE,
    MORGEN,
    VANDAAG,
    ZWOLLE,
    Betaalhuis,
    betaalhuis,
)
from tests.integration.store_builders import BSN, line

pytestmark = pytest.mark.usefixtures("opslag")
TWEE = msgspec.structs.replace(BELEID, tweede_persoon_boven=0)


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    with betaalhuis(tmp_path) as made:
        yield made


def amounts(huis: Betaalhuis, run: int, aanbieder: str = LINDE) -> tuple[int, ...]:
    one = huis.in_run(run)[aanbieder]
    return (one.debet, one.credit, one.meegenomen, one.bedrag, one.doorgeschoven)


def test_what_was_granted_is_paid_once_and_net_of_credits(huis: Betaalhuis) -> None:
    huis.declareer(6600, 100)
    huis.declareer(-500)
    huis.declareer(2500, aanbieder=EIK)
    run = huis.maak()
    assert {LINDE, EIK} == huis.in_run(run).keys()
    assert (6700, 500, 0, 6200, 0) == amounts(huis, run)
    assert (2500, 0, 0, 2500, 0) == amounts(huis, run, EIK)
    huis.betaal(run)
    assert ("betaald", VANDAAG) == (
        (one := huis.in_run(run)[LINDE]).stand,
        one.betaald_op,
    )
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()
    assert [] == huis.verschillen()


def test_one_payment_takes_both_laws_together(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.declareer(200, wet="wmo")
    run = huis.maak()
    assert (1200, 0, 0, 1200, 0) == amounts(huis, run)
    huis.vrij(run)
    posten = huis.store.betalingen.uitbetalingen(ZWOLLE, run)[0].posten
    assert [("jeugdwet", 1000), ("wmo", 200)] == [(one.wet, one.bedrag) for one in posten]


def test_the_journal_knows_a_creditor_by_the_register(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.declareer(200, aanbieder=EIK)
    begin = date(2026, 1, 1)
    with huis.store.database.writing("0193") as connection:
        connection.execute(sa.insert(aanbieder), {"id": 1, "vanaf": begin})
        known = {"aanbieder_id": 1, "vanaf": begin}
        connection.execute(sa.insert(aanbieder_agb), known | {"agb": LINDE})
        for number, dag in (("C7", begin), ("C8", MORGEN), ("C9", date(2026, 5, 7))):
            row = {"aanbieder_id": 1, "gemeente": "0193", "crediteurnummer": number, "vanaf": dag}
            connection.execute(sa.insert(aanbieder_crediteur), row)
    run = huis.maak()
    huis.vrij(run)
    found = huis.store.betalingen.uitbetalingen(ZWOLLE, run)
    assert [(LINDE, "C8"), (EIK, None)] == [(one.aanbieder, one.crediteur) for one in found]


def test_a_rejected_line_is_not_paid_and_a_message_without_answer_neither(
    huis: Betaalhuis,
) -> None:
    huis.declareer(lines=[line(1, toegekend=0), line(2, ingediend_bedrag=700)])
    huis.declareer(9900, is_sent=False)
    assert (700, 0, 0, 700, 0) == amounts(huis, huis.maak())
    assert [] == huis.verschillen()


def test_what_was_answered_after_the_last_day_waits(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.klok.move(24 * 3600)
    huis.declareer(300)
    assert (1000, 0, 0, 1000, 0) == amounts(huis, huis.maak(tot=VANDAAG))
    assert (300, 0, 0, 300, 0) == amounts(huis, huis.maak(tot=date(2026, 5, 5)))


def test_what_was_answered_before_payment_began_is_not_paid(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.klok.move(24 * 3600)
    huis.declareer(300)
    vanaf = date(2026, 5, 5)
    assert (300, 0, 0, 300, 0) == amounts(huis, huis.maak(tot=vanaf, vanaf=vanaf))
    huis.declareer(7)
    huis.store.betaalvolger.catch_up()
    laat = Laat(VANDAAG, from_answer=False, vanaf=vanaf)
    found = openstaand(huis.store.database, ZWOLLE, {"0193": laat})
    assert [(7, 0)] == [(one.bedrag, one.te_laat) for one in found]


def test_what_left_over_days_is_all_taken_in(huis: Betaalhuis) -> None:
    for _ in range(4):
        huis.declareer(100)
        huis.klok.move(40 * 3600)
    huis.store.betaalvolger.catch_up()
    laat = {"0193": Laat(VANDAAG, from_answer=False)}
    assert [400] == [one.bedrag for one in openstaand(huis.store.database, ZWOLLE, laat)]


def test_below_nothing_is_carried_forward_and_taken_along_once(huis: Betaalhuis) -> None:
    huis.declareer(100)
    huis.declareer(-400)
    first = huis.maak()
    assert (100, 400, 0, 0, -300) == amounts(huis, first)
    huis.betaal(first)
    assert ("betaald", "verrekend") == (
        huis.store.betalingen.run(ZWOLLE, first).staat,
        huis.in_run(first)[LINDE].stand,
    )
    huis.declareer(250)
    second = huis.maak()
    assert (250, 0, -300, 0, -50) == amounts(huis, second)
    huis.betaal(second)
    huis.declareer(1000)
    third = huis.maak()
    assert (1000, 0, -50, 950, 0) == amounts(huis, third)
    huis.betaal(third)
    huis.declareer(1)
    assert (1, 0, 0, 1, 0) == amounts(huis, huis.maak())
    assert [] == huis.verschillen()


def test_who_only_owes_something_is_in_no_run(huis: Betaalhuis) -> None:
    huis.declareer(-400)
    huis.betaal(huis.maak())
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()


def test_a_payment_that_came_back_is_open_again_and_stays_to_be_seen(huis: Betaalhuis) -> None:
    huis.declareer(6600)
    run = huis.maak()
    huis.betaal(run)
    nummer = huis.in_run(run)[LINDE].nummer
    huis.store.betaalruns.bounced(ZWOLLE, nummer, VANDAAG, "rekening opgeheven")
    one = huis.store.betalingen.betaling(ZWOLLE, nummer)
    assert ("teruggekomen", 6600, "rekening opgeheven") == (one.stand, one.bedrag, one.reden)
    with pytest.raises(AlBeoordeeld, match="al teruggekomen"):
        huis.store.betaalruns.bounced(ZWOLLE, nummer, VANDAAG, "nog eens")
    again = huis.maak()
    assert (0, 0, 6600, 6600, 0) == amounts(huis, again)
    specificatie = huis.store.betalingen.specificatie(ZWOLLE, huis.in_run(again)[LINDE].nummer)
    assert [("teruggekomen", 6600, one.kenmerk)] == [tuple(m) for m in specificatie.meegenomen]
    assert specificatie.klopt
    huis.betaal(again)
    assert [] == huis.verschillen()


def test_a_run_that_is_dropped_frees_everything(huis: Betaalhuis) -> None:
    huis.declareer(100)
    huis.declareer(-400)
    huis.betaal(huis.maak())
    huis.declareer(500)
    run = huis.maak()
    huis.store.betaalruns.drop(ZWOLLE, run)
    assert "vervallen" == huis.store.betalingen.run(ZWOLLE, run).staat
    assert [] == huis.verschillen()
    assert (500, 0, -300, 200, 0) == amounts(huis, huis.maak())
    with pytest.raises(AlBeoordeeld, match="vervallen"):
        huis.vrij(run)


def test_without_an_account_others_are_paid(huis: Betaalhuis) -> None:
    huis.execute("DELETE FROM aanbieder_rekening WHERE aanbieder = :agb", agb=EIK)
    huis.declareer(1000)
    huis.declareer(2000, aanbieder=EIK)
    run = huis.maak()
    assert {LINDE} == huis.in_run(run).keys()
    buiten = huis.store.betalingen.run(ZWOLLE, run).buiten
    assert [(EIK, GEEN_REKENING, 2000)] == [
        (one.aanbieder, one.reden, one.bedrag) for one in buiten
    ]
    huis.betaal(run)
    huis.rekening(EIK)
    assert (2000, 0, 0, 2000, 0) == amounts(huis, huis.maak(), EIK)


def blocked(huis: Betaalhuis, **more: object) -> int:
    vraag = {"gemeente": "0193", "aanbieder": LINDE, "reden": "onderzoek", "vanaf": VANDAAG}
    return huis.store.blokkades.block(ANNA, Blokkadevraag(**(vraag | more)))  # type: ignore[arg-type]


def test_a_block_holds_an_aanbieder_until_it_is_lifted(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    nummer = blocked(huis)
    with pytest.raises(WrongUse, match="geblokkeerd: onderzoek"):
        huis.maak()
    huis.store.blokkades.unblock(ZWOLLE, BRAM, nummer)
    with pytest.raises(AlBeoordeeld, match="al opgeheven"):
        huis.store.blokkades.unblock(ZWOLLE, BRAM, nummer)
    assert (1000, 0, 0, 1000, 0) == amounts(huis, huis.maak())


def test_a_block_on_an_invoice_and_on_a_line_holds_no_more_than_that(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.declareer(20, 3)
    blocked(huis, declaratie="D1")
    on_line = blocked(huis, declaratie="D2", referentie="R2-2")
    first = huis.maak()
    assert (20, 0, 0, 20, 0) == amounts(huis, first)
    huis.betaal(first)
    huis.store.blokkades.unblock(ZWOLLE, ANNA, on_line)
    assert (3, 0, 0, 3, 0) == amounts(huis, huis.maak())
    assert [] == huis.verschillen()


def test_who_owes_and_is_held_up_wholly_holds_up_nobody_else(huis: Betaalhuis) -> None:
    huis.declareer(-400)
    huis.betaal(huis.maak())
    huis.declareer(1000)
    on_invoice = blocked(huis, declaratie="D2")
    huis.declareer(50, aanbieder=EIK)
    run = huis.maak()
    assert {EIK} == huis.in_run(run).keys()
    assert [] == huis.verschillen()
    huis.store.blokkades.unblock(ZWOLLE, ANNA, on_invoice)
    assert (1000, 0, -400, 600, 0) == amounts(huis, huis.maak())
    assert [] == huis.verschillen()


def test_a_block_ends_on_its_last_day(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    blocked(huis, tot=date(2026, 5, 5))
    assert (1000, 0, 0, 1000, 0) == amounts(huis, huis.maak(uitvoering=MORGEN))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"reden": " "}, "reden"),
        ({"tot": date(2026, 5, 3)}, "eindigt niet"),
        ({"aanbieder": "11111111"}, "nog niets gedeclareerd"),
        ({"declaratie": "weg"}, "is er niet"),
        ({"referentie": "R1"}, "ook de declaratie"),
        ({"declaratie": "D1", "referentie": "weg"}, "niet in deze declaratie"),
    ],
)
def test_a_block_is_on_something_that_is_there(
    huis: Betaalhuis, more: dict[str, object], told: str
) -> None:
    huis.declareer(1000)
    with pytest.raises(WrongUse, match=told):
        blocked(huis, **more)


def test_an_agreement_holds_payment(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.declareer(5, aanbieder=EIK)
    run = huis.maak(in_overeenkomst=frozenset({LINDE}))
    assert {EIK} == huis.in_run(run).keys()


def test_above_an_amount_a_second_person_releases(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    nummer = huis.vrij(run, TWEE)
    assert nummer is not None
    assert "voorgesteld" == huis.store.betalingen.run(ZWOLLE, run).staat
    with pytest.raises(AlBeoordeeld, match="tweede persoon"):
        huis.store.betaalruns.drop(ZWOLLE, run)
    huis.store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    found = huis.store.betalingen.run(ZWOLLE, run)
    assert ("vrijgegeven", "Bram") == (found.staat, found.vrijgegeven_naam)


def test_a_refused_release_is_a_concept_again(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    nummer = huis.vrij(run, TWEE)
    assert nummer is not None
    huis.store.voorstellen.refuse(ZWOLLE, BRAM, nummer, "te vroeg")
    assert "concept" == huis.store.betalingen.run(ZWOLLE, run).staat
    huis.store.betaalruns.drop(ZWOLLE, run)


def test_at_the_amount_itself_one_person_is_enough(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    at = msgspec.structs.replace(BELEID, tweede_persoon_boven=1000)
    assert huis.vrij(huis.maak(), at) is None


LOST = "UPDATE prestatie SET toegekend = 0 WHERE volgnr = 2"


def test_a_line_that_lost_its_grant_stops_the_release(huis: Betaalhuis) -> None:
    huis.declareer(1000, 7)
    run = huis.maak()
    nummer = huis.vrij(run, TWEE)
    assert nummer is not None
    huis.execute(LOST)
    with pytest.raises(WrongUse, match="1 regel is niet meer toegekend"):
        huis.store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    assert "voorgesteld" == huis.store.betalingen.run(ZWOLLE, run).staat
    huis.store.voorstellen.refuse(ZWOLLE, BRAM, nummer, "klopt niet meer")
    with pytest.raises(WrongUse, match="maak een nieuwe"):
        huis.vrij(run)


def test_a_block_or_another_account_since_stops_the_release(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    on_invoice = blocked(huis, declaratie="D1")
    with pytest.raises(WrongUse, match="intussen geblokkeerd"):
        huis.vrij(run)
    huis.store.blokkades.unblock(ZWOLLE, ANNA, on_invoice)
    on_aanbieder = blocked(huis)
    with pytest.raises(WrongUse, match="zijn geblokkeerd"):
        huis.vrij(run)
    huis.store.blokkades.unblock(ZWOLLE, ANNA, on_aanbieder)
    huis.rekening(LINDE, "NL02RABO0123456789")
    with pytest.raises(WrongUse, match="is veranderd"):
        huis.vrij(run)


def test_a_block_stops_a_release_after_the_day_of_payment_too(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.declareer(20, aanbieder=EIK)
    run = huis.maak(uitvoering=VANDAAG)
    huis.klok.move(2 * 24 * 3600)
    nummer = huis.vrij(run, TWEE)
    assert nummer is not None
    blocked(huis, vanaf=MORGEN)
    with pytest.raises(WrongUse, match="zijn geblokkeerd"):
        huis.store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    huis.store.voorstellen.refuse(ZWOLLE, BRAM, nummer, "geblokkeerd")
    with pytest.raises(WrongUse, match="zijn geblokkeerd"):
        huis.vrij(run)


def test_a_credit_that_came_since_waits_for_the_next_run(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    huis.declareer(-1000)
    huis.betaal(run)
    assert (1000, 0, 0, 1000, 0) == amounts(huis, run)
    assert (0, 1000, 0, 0, -1000) == amounts(huis, huis.maak())


def test_a_remittance_shows_no_bsn_that_an_aanbieder_made_its_reference(huis: Betaalhuis) -> None:
    huis.declareer(lines=[line(1, referentienummer=BSN, ingediend_bedrag=1000)])
    een = huis.in_run(huis.maak())[LINDE]
    (regel,) = huis.store.betalingen.specificatie(ZWOLLE, een.nummer).regels
    assert f"*****{BSN[5:]}" == regel.referentienummer


def test_only_a_run_that_was_released_has_a_journal(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    with pytest.raises(WrongUse, match="niets te boeken"):
        huis.store.betalingen.uitbetalingen(ZWOLLE, run)
    huis.store.betaalruns.drop(ZWOLLE, run)
    with pytest.raises(WrongUse, match="niets te boeken"):
        huis.store.betalingen.uitbetalingen(ZWOLLE, run)
    again = huis.maak()
    huis.vrij(again)
    assert [1000] == [one.bedrag for one in huis.store.betalingen.uitbetalingen(ZWOLLE, again)]


def test_two_concepts_share_nothing(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.maak()
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()
    huis.declareer(2)
    assert (2, 0, 0, 2, 0) == amounts(huis, huis.maak())


def test_a_file_made_again_is_the_same_and_its_numbers_are_kept(huis: Betaalhuis) -> None:
    huis.declareer(123456)
    run = huis.maak()
    huis.vrij(run)
    naam, first = huis.store.betaalruns.file(ZWOLLE, run, BELEID)
    huis.klok.move(3 * 24 * 3600)
    other = msgspec.structs.replace(BELEID, bic="RABONL2U")
    assert (naam, first) == huis.store.betaalruns.file(ZWOLLE, run, other)
    found = huis.store.betalingen.run(ZWOLLE, run)
    assert (f"{found.bericht_id}.xml", found.sha256) == (naam, hashlib.sha256(first).hexdigest())
    kenmerk = huis.in_run(run)[LINDE].kenmerk
    for part in (f"<EndToEndId>{kenmerk}</EndToEndId>", "1234.56", "NL91ABNA0417164300"):
        assert part.encode() in first


def test_a_day_of_payment_that_went_by_becomes_today(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak(uitvoering=VANDAAG)
    huis.vrij(run)
    huis.klok.move(2 * 24 * 3600)
    _, made = huis.store.betaalruns.file(ZWOLLE, run, BELEID)
    assert b"<ReqdExctnDt><Dt>2026-05-06</Dt></ReqdExctnDt>" in made


def test_without_an_account_of_its_own_a_municipality_makes_no_file(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    huis.vrij(run)
    with pytest.raises(WrongUse, match="GATEWAY_BETALEN"):
        huis.store.betaalruns.file(
            ZWOLLE, run, msgspec.structs.replace(BELEID, rekening=None, bic=None)
        )
    assert "vrijgegeven" == huis.store.betalingen.run(ZWOLLE, run).staat


def test_a_step_waits_for_the_one_before_it(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    with pytest.raises(AlBeoordeeld, match="nog niet vrijgegeven"):
        huis.store.betaalruns.file(ZWOLLE, run, BELEID)
    huis.vrij(run)
    with pytest.raises(AlBeoordeeld, match="eerst het betaalbestand"):
        huis.store.betaalruns.paid(ZWOLLE, run, VANDAAG)
    with pytest.raises(AlBeoordeeld, match="al vrijgegeven"):
        huis.store.betaalruns.drop(ZWOLLE, run)


def test_a_run_is_not_for_yesterday_and_nothing_is_paid_tomorrow(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    with pytest.raises(WrongUse, match="al voorbij"):
        huis.maak(uitvoering=date(2026, 5, 3))
    with pytest.raises(WrongUse, match="ten laatste vandaag"):
        huis.maak(tot=date(2026, 5, 5))
    run = huis.maak()
    huis.vrij(run)
    huis.store.betaalruns.file(ZWOLLE, run, BELEID)
    with pytest.raises(WrongUse, match="toekomst"):
        huis.store.betaalruns.paid(ZWOLLE, run, date(2026, 5, 5))


def test_another_municipality_and_another_aanbieder_see_nothing(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    run = huis.maak()
    nummer = huis.in_run(run)[LINDE].nummer
    elders, eigen = Bereik(frozenset({"0150"})), Bereik(frozenset({"0193"}), LINDE)
    ander = Bereik(frozenset({"0193"}), EIK)
    for bereik in (elders, ander, eigen):
        with pytest.raises(NietGevonden):
            huis.store.betalingen.betaling(bereik, nummer)
    with pytest.raises(NietGevonden):
        huis.store.betaalruns.drop(elders, run)
    huis.vrij(run)
    assert 1000 == huis.store.betalingen.betaling(eigen, nummer).bedrag
    assert [] == huis.store.betalingen.betalingen(ander).rijen


def test_what_is_due_first_can_be_paid_first(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.klok.move(24 * 3600)
    huis.declareer(300)
    # Twenty working days after 4 May, without the 5th, Ascension Day and Whit Monday.
    assert date(2026, 6, 4) == BELEID.vervaldag(VANDAAG)
    begin = BELEID.begin_voor(date(2026, 6, 4))
    run = huis.maak(tot=date(2026, 5, 5), begin_tot=begin, vervalt_tot=date(2026, 6, 4))
    assert (1300, 0, 0, 1300, 0) == amounts(huis, run)
    huis.store.betaalruns.drop(ZWOLLE, run)
    begin = BELEID.begin_voor(date(2026, 6, 3))
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak(tot=date(2026, 5, 5), begin_tot=begin, vervalt_tot=date(2026, 6, 3))


def test_what_is_open_and_late_is_told_per_aanbieder(huis: Betaalhuis) -> None:
    huis.declareer(1000, 50)
    huis.declareer(-300, aanbieder=EIK)
    huis.store.betaalvolger.catch_up()
    huis.store.betaalvolger.catch_up()
    huis.klok.move(24 * 3600)
    huis.declareer(7)
    huis.store.betaalvolger.catch_up()
    found = openstaand(huis.store.database, ZWOLLE, {"0193": Laat(VANDAAG, from_answer=False)})
    assert [(LINDE, 2, 3, 1057, 1050), (EIK, 1, 1, -300, -300)] == [
        (one.aanbieder, one.stukken, one.regels, one.bedrag, one.te_laat) for one in found
    ]


@pytest.mark.parametrize(
    ("statement", "soort"),
    [
        ("UPDATE betaling SET bedrag = bedrag + 1", "betaling"),
        ("UPDATE betaalregel SET bedrag = bedrag + 1 WHERE regelnr = 2", "regels"),
        ("UPDATE betaalpost SET bedrag = bedrag + 1", "journaal"),
        ("UPDATE betaalstuk SET bedrag_open = 5", "open"),
        ("UPDATE betaalrun SET bedrag = bedrag + 1", "run"),
        ("DELETE FROM betaalsaldo WHERE bedrag < 0", "saldo"),
        ("DELETE FROM betaalstuk", "vergeten"),
        (LOST, "regel"),
    ],
)
def test_damage_to_payments_is_seen(huis: Betaalhuis, statement: str, soort: str) -> None:
    huis.declareer(1000, 7)
    huis.declareer(-5, aanbieder=EIK)
    huis.betaal(huis.maak())
    assert [] == huis.verschillen()
    huis.execute(statement)
    assert soort in {one.soort for one in huis.verschillen()}
