"""Invoices outside the traffic go along in a payment run: once, together with what was declared."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.cli.geld.betaaltabel import csv_specificatie
from gateway.errors import WrongUse
from gateway.ledger.geld.journaal import journaal, read_rekeningschema
from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.openstaand import Laat, openstaand
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
from tests.integration.test_betalen_tegelijk import at_once, statements_of

pytestmark = pytest.mark.usefixtures("opslag")
IN_BETALING, BETAALD = ("in betaling", None), ("betaald", VANDAAG)
SCHEMA = Path(__file__).parents[2] / "mappings" / "grootboek.toml"


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    with betaalhuis(tmp_path) as made:
        yield made


def amounts(huis: Betaalhuis, run: int, aanbieder: str = LINDE) -> tuple[int, ...]:
    one = huis.in_run(run)[aanbieder]
    return (one.regels, one.debet, one.credit, one.meegenomen, one.bedrag)


def test_an_approved_invoice_is_paid_once_with_what_was_declared(huis: Betaalhuis) -> None:
    huis.declareer(6600, -600)
    factuur = huis.factureer(1500, 2500)
    huis.factureer(70_000, aanbieder=EIK, is_approved=False)
    run = huis.maak()
    assert {LINDE} == huis.in_run(run).keys()
    assert (4, 10_600, 600, 0, 10_000) == amounts(huis, run)
    assert [IN_BETALING, IN_BETALING] == huis.regels_van(factuur)
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()
    huis.vrij(run)
    assert b">100.00<" in huis.store.betaalruns.file(ZWOLLE, run, BELEID)[1]
    huis.store.betaalruns.paid(ZWOLLE, run, VANDAAG)
    assert [BETAALD, BETAALD] == huis.regels_van(factuur)
    assert [4000] == [one.betaald for one in huis.store.facturen.totalen(ZWOLLE, 2026)]
    assert [] == huis.verschillen()


def test_a_run_may_be_of_invoices_alone(huis: Betaalhuis) -> None:
    huis.factureer(1500, aanbieder=EIK)
    assert (1, 1500, 0, 0, 1500) == amounts(huis, huis.maak(), EIK)


def test_a_run_that_is_dropped_gives_its_invoices_back(huis: Betaalhuis) -> None:
    factuur = huis.factureer(1500)
    run = huis.maak()
    huis.store.betaalruns.drop(ZWOLLE, run)
    assert [("betaalbaar", None)] == huis.regels_van(factuur)
    assert [] == huis.verschillen()
    assert (1, 1500, 0, 0, 1500) == amounts(huis, huis.maak())


def test_what_came_back_is_paid_by_the_payment_that_took_it_along(huis: Betaalhuis) -> None:
    factuur = huis.factureer(1500)
    first = huis.maak()
    huis.betaal(first)
    nummer = huis.in_run(first)[LINDE].nummer
    huis.store.betaalruns.bounced(ZWOLLE, nummer, VANDAAG, "rekening opgeheven")
    assert [IN_BETALING] == huis.regels_van(factuur)
    other = huis.factureer(1)
    second = huis.maak()
    assert (1, 1, 0, 1500, 1501) == amounts(huis, second)
    huis.betaal(second)
    assert [BETAALD] == huis.regels_van(factuur) == huis.regels_van(other)
    huis.store.betaalruns.bounced(
        ZWOLLE, huis.in_run(second)[LINDE].nummer, VANDAAG, "weer opgeheven"
    )
    assert [IN_BETALING] == huis.regels_van(factuur) == huis.regels_van(other)
    huis.betaal(huis.maak())
    assert [BETAALD] == huis.regels_van(factuur) == huis.regels_van(other)
    assert [] == huis.verschillen()


def test_what_came_back_is_settled_by_a_debt_in_the_next_run(huis: Betaalhuis) -> None:
    factuur = huis.factureer(1500)
    first = huis.maak()
    huis.betaal(first)
    nummer = huis.in_run(first)[LINDE].nummer
    huis.store.betaalruns.bounced(ZWOLLE, nummer, VANDAAG, "rekening opgeheven")
    huis.declareer(-1500)
    second = huis.maak()
    assert (1, 0, 1500, 1500, 0) == amounts(huis, second)
    huis.vrij(second)
    assert [("betaald", MORGEN)] == huis.regels_van(factuur)
    assert [] == huis.verschillen()


def test_an_invoice_that_a_debt_swallows_is_settled_at_release(huis: Betaalhuis) -> None:
    huis.declareer(-2000)
    factuur = huis.factureer(1500)
    run = huis.maak()
    huis.vrij(run)
    assert [("betaald", MORGEN)] == huis.regels_van(factuur)
    assert -500 == huis.in_run(run)[LINDE].doorgeschoven
    assert [] == huis.verschillen()


def test_an_invoice_that_was_approved_after_the_last_day_waits(huis: Betaalhuis) -> None:
    later = huis.factureer(500, is_approved=False)
    huis.factureer(70)
    huis.klok.move(24 * 3600)
    huis.keur_goed(later)
    assert (1, 70, 0, 0, 70) == amounts(huis, huis.maak(tot=VANDAAG))
    assert (1, 500, 0, 0, 500) == amounts(huis, huis.maak(tot=date(2026, 5, 5)))


def test_what_is_due_counts_invoices_from_when_they_were_put_down(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.factureer(40, 2)
    huis.klok.move(24 * 3600)
    huis.factureer(300)
    huis.store.betaalvolger.catch_up()
    laat = {"0193": Laat(VANDAAG, from_answer=False)}
    (one,) = openstaand(huis.store.database, ZWOLLE, laat)
    assert (3, 4, 1342, 1042) == (one.stukken, one.regels, one.bedrag, one.te_laat)
    run = huis.maak(tot=date(2026, 5, 5), begin_tot=VANDAAG)
    assert (3, 1042, 0, 0, 1042) == amounts(huis, run)


def test_an_aanbieder_that_only_sent_invoices_can_be_blocked(huis: Betaalhuis) -> None:
    vraag = Blokkadevraag(gemeente="0193", aanbieder=EIK, reden="onderzoek", vanaf=VANDAAG)
    with pytest.raises(WrongUse, match="nog niets"):
        huis.store.blokkades.block(ANNA, vraag)
    huis.factureer(500, aanbieder=EIK)
    huis.store.blokkades.block(ANNA, vraag)
    with pytest.raises(WrongUse, match="geblokkeerd: onderzoek"):
        huis.maak()
    assert [] == huis.verschillen()


def test_a_block_on_one_invoice_holds_that_one_until_it_is_lifted(huis: Betaalhuis) -> None:
    claim = huis.declareer(1000)
    held = huis.factureer(500)
    huis.factureer(20)
    assert claim.inbox_id == held  # a declaratie with the same number is not held
    vraag = Blokkadevraag(
        gemeente="0193", aanbieder=LINDE, reden="onderzoek", vanaf=VANDAAG, factuur="F2"
    )
    nummer = huis.store.blokkades.block(ANNA, vraag)
    run = huis.maak()
    assert (2, 1020, 0, 0, 1020) == amounts(huis, run)
    huis.betaal(run)
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()
    huis.store.blokkades.unblock(ZWOLLE, BRAM, nummer)
    run = huis.maak()
    assert (1, 500, 0, 0, 500) == amounts(huis, run)
    huis.store.blokkades.block(ANNA, vraag)
    with pytest.raises(WrongUse, match="1 regel is intussen geblokkeerd"):
        huis.vrij(run)
    assert [] == huis.verschillen()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"factuur": "F2"}, "factuur F2 van .* is er niet"),
        ({"factuur": "F1", "aanbieder": EIK}, "is er niet"),
        ({"factuur": "F1", "declaratie": "F1"}, "niet allebei"),
        ({"factuur": "F1", "referentie": "R1"}, "ook de declaratie"),
    ],
)
def test_a_block_is_on_an_invoice_that_is_there(
    huis: Betaalhuis, more: dict[str, str], told: str
) -> None:
    huis.factureer(500)
    given = {"gemeente": "0193", "aanbieder": LINDE, "reden": "onderzoek", "vanaf": VANDAAG}
    with pytest.raises(WrongUse, match=told):
        huis.store.blokkades.block(ANNA, Blokkadevraag(**(given | more)))  # type: ignore[arg-type]


def test_the_journal_books_a_product_alike_in_a_declaratie_and_a_factuur(huis: Betaalhuis) -> None:
    huis.declareer(1000)
    huis.factureer(500, productcode="45A04")
    run = huis.maak()
    huis.vrij(run)
    betalingen = huis.store.betalingen.uitbetalingen(ZWOLLE, run)
    (betaling,) = betalingen
    assert [("jeugdwet", "45", "45A04", 2026, 2, 1500)] == [tuple(one) for one in betaling.posten]
    lines = list(journaal(read_rekeningschema(SCHEMA), MORGEN, betalingen))
    assert 3000 == sum(one.debet for one in lines) == sum(one.credit for one in lines)


def test_the_remittance_names_a_factuur_and_adds_up(
    huis: Betaalhuis, capsys: pytest.CaptureFixture[str]
) -> None:
    huis.declareer(1000, 5)
    huis.factureer(500, 20)
    nummer = huis.in_run(huis.maak())[LINDE].nummer
    een = huis.store.betalingen.specificatie(ZWOLLE, nummer)
    assert een.klopt
    assert [(DECLARATIE, "D1", 2, 1005), (FACTUUR, "F2", 2, 520)] == [
        (one.bron, one.nummer, one.regels, one.bedrag) for one in een.stukken
    ]
    csv_specificatie(een)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter=";"))
    assert [("D1", "", "10,00"), ("D1", "", "0,05"), ("", "F2", "5,00"), ("", "F2", "0,20")] == [
        (row["declaratie"], row["factuur"], row["bedrag"]) for row in rows
    ]


def test_pages_of_lines_give_every_line_once_whatever_their_size(huis: Betaalhuis) -> None:
    huis.declareer(1, 2, 3)
    huis.factureer(4, 5)
    huis.factureer(6)
    nummer = huis.in_run(huis.maak())[LINDE].nummer
    for omvang in range(1, 8):
        found, na = [], None
        while True:
            blad = huis.store.betalingen.regels(ZWOLLE, nummer, omvang, na)
            found += [one.bedrag for one in blad.rijen]
            na = blad.volgende
            if na is None:
                break
        assert [1, 2, 3, 4, 5, 6] == found


def test_an_invoice_that_changed_since_holds_up_the_release(huis: Betaalhuis) -> None:
    huis.factureer(500)
    run = huis.maak()
    huis.execute("UPDATE factuurregel SET bedrag = 501")
    with pytest.raises(WrongUse, match="een ander bedrag geworden"):
        huis.vrij(run)
    huis.execute("UPDATE factuurregel SET bedrag = 500")
    huis.execute("UPDATE factuur SET staat = 'vervallen'")
    with pytest.raises(WrongUse, match="1 regel is niet meer toegekend"):
        huis.vrij(run)


def test_runs_at_the_same_moment_take_an_invoice_once(huis: Betaalhuis) -> None:
    huis.factureer(500)
    found = at_once(huis.maak, huis.maak, huis.maak)
    (run,) = [one for one in found if isinstance(one, int)]
    assert (1, 500, 0, 0, 500) == amounts(huis, run)
    assert [] == huis.verschillen()


def test_a_run_takes_as_many_statements_for_many_invoices_as_for_one(huis: Betaalhuis) -> None:
    huis.factureer(100)
    one = statements_of(huis, huis.maak)
    for _ in range(8):
        huis.factureer(1, 2, 3)
    assert one == statements_of(huis, huis.maak)


@pytest.mark.parametrize(
    ("statement", "soort"),
    [
        ("UPDATE factuurregel SET bedrag = bedrag + 1 WHERE volgnr = 2", "regels"),
        ("UPDATE factuurregel SET staat = 'betaalbaar', betaling_id = NULL", "regels"),
        ("UPDATE factuurregel SET staat = 'betaalbaar'", "factuur"),
        ("UPDATE factuur SET staat = 'vervallen'", "factuur"),
        ("UPDATE factuurregel SET staat = 'in betaling'", "factuur betaald"),
    ],
)
def test_damage_to_invoices_in_payments_is_seen(
    huis: Betaalhuis, statement: str, soort: str
) -> None:
    huis.factureer(1000, 7)
    huis.betaal(huis.maak())
    assert [] == huis.verschillen()
    huis.execute(statement)
    assert soort in {one.soort for one in huis.verschillen()}


def test_who_releases_a_run_of_two_people_pays_its_invoices(huis: Betaalhuis) -> None:
    factuur = huis.factureer(2_000_000)
    run = huis.maak()
    voorstel = huis.vrij(run)
    assert voorstel is not None
    huis.store.voorstellen.approve(ZWOLLE, BRAM, voorstel)
    huis.store.betaalruns.file(ZWOLLE, run, BELEID)
    huis.store.betaalruns.paid(ZWOLLE, run, VANDAAG)
    assert [BETAALD] == huis.regels_van(factuur)
