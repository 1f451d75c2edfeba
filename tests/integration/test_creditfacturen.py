"""A creditfactuur takes back what was approved, once: the next run pays that much less."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.agreements.match import index
from gateway.errors import NietGevonden, NietToegestaan, WrongUse
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.nazorg.creditfacturen import Credit, Creditopgave
from gateway.store.geld.nazorg.factuuropgave import Handopgave
from gateway.toegang.wie import Bereik
from tests.integration.betaalhuis import (
    ANNA,
    BRAM,
    LINDE,
    MORGEN,
    VANDAAG,
    ZWOLLE,
    Betaalhuis,
    betaalhuis,
)
from tests.integration.test_betalen_facturen import BETAALD, amounts
from tests.integration.test_betalen_tegelijk import at_once

pytestmark = pytest.mark.usefixtures("opslag")


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Betaalhuis]:
    with betaalhuis(tmp_path) as made:
        yield made


def credited(huis: Betaalhuis, nummer: int, naam: str, *regels: int, **changes: Any) -> int:
    """A creditfactuur that nobody approved yet."""
    given = {"factuurnummer": naam, "factuurdatum": date(2026, 5, 3), "regels": regels, **changes}
    return huis.store.facturen.credit(ZWOLLE, ANNA, nummer, Creditopgave(**given))


def test_what_was_paid_comes_off_the_next_run_once_a_second_person_approved_it(
    huis: Betaalhuis,
) -> None:
    paid = huis.factureer(1500, 2500)
    huis.betaal(huis.maak())
    credit = credited(huis, paid, "C1")
    one = huis.store.facturen.get(ZWOLLE, credit)
    assert (-4000, "voorgesteld", paid) == (one.bedrag, one.staat, one.tegen_id)
    with pytest.raises(NietToegestaan, match="tweede persoon"):
        huis.store.voorstellen.approve(ZWOLLE, ANNA, one.voorstel_id)
    with pytest.raises(WrongUse, match="niets te betalen"):
        huis.maak()
    huis.keur_goed(credit)
    huis.declareer(10_000)
    run = huis.maak()
    assert (3, 10_000, 4000, 0, 6000) == amounts(huis, run)
    huis.betaal(run)
    assert [BETAALD] * 2 == huis.regels_van(paid) == huis.regels_van(credit)
    (total,) = huis.store.facturen.totalen(ZWOLLE, 2026)
    assert (2, 0, 0) == (total.facturen, total.bedrag, total.betaald)
    assert [] == huis.verschillen()


def test_alone_it_is_owed_and_goes_along_with_what_is_paid_later(huis: Betaalhuis) -> None:
    paid = huis.factureer(1500)
    huis.betaal(huis.maak())
    huis.keur_goed(credited(huis, paid, "C1"))
    run = huis.maak()
    huis.betaal(run)
    assert (1, 0, 1500, 0, 0, -1500) == (*amounts(huis, run), huis.in_run(run)[LINDE].doorgeschoven)
    huis.factureer(2000)
    run = huis.maak()
    assert (1, 2000, 0, -1500, 500) == amounts(huis, run)
    huis.betaal(run)
    assert [] == huis.verschillen()


def test_a_line_is_taken_back_once_and_the_others_stand(huis: Betaalhuis) -> None:
    paid = huis.factureer(1500, 2500)
    credit = credited(huis, paid, "C1", 2)
    lines = huis.store.facturen.regels(ZWOLLE, paid)
    assert [None, Credit(credit, "C1", "voorgesteld")] == [one.credit for one in lines]
    assert [(2, -1, -2500)] == [
        (one.regel.volgnr, one.regel.volume, one.regel.bedrag)
        for one in huis.store.facturen.regels(ZWOLLE, credit)
    ]
    with pytest.raises(WrongUse, match="regel 2 is al gecrediteerd met factuur C1"):
        credited(huis, paid, "C2", 2)
    with pytest.raises(WrongUse, match="regel 9 staat niet"):
        credited(huis, paid, "C2", 9)
    other = credited(huis, paid, "C2")
    assert [-1500] == [one.regel.bedrag for one in huis.store.facturen.regels(ZWOLLE, other)]
    with pytest.raises(WrongUse, match="alles al gecrediteerd"):
        credited(huis, paid, "C3")


def test_what_was_refused_may_be_taken_back_again(huis: Betaalhuis) -> None:
    paid = huis.factureer(1500)
    credit = credited(huis, paid, "C1")
    own = huis.store.facturen.get(ZWOLLE, credit).voorstel_id
    huis.store.voorstellen.refuse(ZWOLLE, BRAM, own, "hoort bij een andere factuur")
    assert [None] == [one.credit for one in huis.store.facturen.regels(ZWOLLE, paid)]
    assert "voorgesteld" == huis.store.facturen.get(ZWOLLE, credited(huis, paid, "C1")).staat


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"factuurdatum": date(2026, 5, 1)}, "van voor de factuur"),
        ({"factuurdatum": MORGEN}, "in de toekomst"),
        ({"factuurnummer": "F1"}, "is er al"),
        ({"factuurnummer": ""}, "1 tot en met"),
        ({"factuurnummer": "999900006"}, "geen BSN"),
        ({"document_sha256": "abc"}, "SHA-256"),
    ],
)
def test_what_is_no_creditfactuur_is_said(
    huis: Betaalhuis, changes: dict[str, Any], told: str
) -> None:
    nummer = huis.factureer(1500)
    with pytest.raises(WrongUse, match=told):
        credited(huis, nummer, "C1", **changes)
    assert 1 == len(huis.store.facturen.list(ZWOLLE).rijen)


def test_only_what_counts_is_taken_back(huis: Betaalhuis) -> None:
    waits = huis.factureer(1500, is_approved=False)
    with pytest.raises(WrongUse, match="alleen wat is goedgekeurd"):
        credited(huis, waits, "C1")
    huis.keur_goed(waits)
    credit = credited(huis, waits, "C1")
    huis.keur_goed(credit)
    with pytest.raises(WrongUse, match="zelf een creditfactuur"):
        credited(huis, credit, "C2")
    elders = Bereik(frozenset({"0150"}))
    opgave = Creditopgave(factuurnummer="C3", factuurdatum=VANDAAG)
    with pytest.raises(NietGevonden):
        huis.store.facturen.credit(elders, ANNA, waits, opgave)


def test_a_block_holds_what_takes_back_as_long_as_what_it_takes_back(huis: Betaalhuis) -> None:
    held = huis.factureer(1500)
    vraag = Blokkadevraag(
        gemeente="0193", aanbieder=LINDE, reden="onderzoek", vanaf=VANDAAG, factuur="F1"
    )
    block = huis.store.blokkades.block(ANNA, vraag)
    huis.keur_goed(credited(huis, held, "C1"))
    huis.factureer(70)
    run = huis.maak()
    assert (1, 70, 0, 0, 70) == amounts(huis, run)
    huis.betaal(run)
    huis.store.blokkades.unblock(ZWOLLE, BRAM, block)
    run = huis.maak()
    assert (2, 1500, 1500, 0, 0) == amounts(huis, run)
    huis.betaal(run)
    assert [] == huis.verschillen()


def test_what_was_taken_back_is_no_double_and_gives_its_room_back(huis: Betaalhuis) -> None:
    """The right invoice may be put down beside it, on the same assignment."""
    hand = Handopgave(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder=LINDE,
        soort="geen-bsn",
        referentie="F1",
        productcode="45A04",
        eenheid="01",
        begindatum=date(2026, 4, 1),
        bedrag=1600,
    )
    nummer = huis.store.facturen.assign(ZWOLLE, ANNA, hand)
    first = huis.factureer(1500, handtoewijzing=nummer, referentie="F1")
    second = huis.factureer(1600, handtoewijzing=nummer, referentie="F1", is_approved=False)

    def found() -> list[str]:
        return [one.controle for one in huis.store.facturen.check(ZWOLLE, second, index([]))]

    assert ["afspraak", "dubbel", "omvang"] == found()
    credit = credited(huis, first, "C1")
    assert ["afspraak", "dubbel", "omvang"] == found()
    huis.keur_goed(credit)
    assert ["afspraak"] == found()
    assert [] == huis.store.facturen.check(ZWOLLE, credit, index([]))


def test_two_at_the_same_moment_take_a_line_back_once(huis: Betaalhuis) -> None:
    nummer = huis.factureer(1500)
    found = at_once(*(lambda naam=naam: credited(huis, nummer, naam) for naam in ("C1", "C2")))
    assert 1 == len([one for one in found if isinstance(one, int)])
    assert 1 == len([one for one in found if isinstance(one, WrongUse)])
