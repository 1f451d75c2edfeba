"""Many assignments changed at once: what is shown first is what leaves, once, and is followed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from lxml import etree
from sqlalchemy.engine import Connection

from gateway.agreements.match import index
from gateway.errors import AlBeoordeeld, NietGevonden, NietToegestaan, WrongUse
from gateway.ledger.geld.opname import take_stock
from gateway.ledger.geld.verplichting import Peil
from gateway.ledger.mutaties.wijzen import Contractwijziging, Herindeling, Indexatie, Verlenging
from gateway.pipeline.ports import Partijen
from gateway.store.geld.verplichtingen import Verplichtingenbron
from gateway.store.mutaties import verloop
from gateway.store.mutaties.inzage import STANDEN
from gateway.store.mutaties.keuze import Keuze
from gateway.store.mutaties.mutatie import Jaar
from gateway.toegang.wie import Bereik
from tests.integration.berichten import by_name
from tests.integration.mutatiehuis import (
    AANBIEDER,
    ALLES,
    ANDERE,
    ANNA,
    BRAM,
    BUDGET,
    CLIENT,
    EERSTE,
    ELDERS,
    GEMEENTE,
    JAAR,
    NIETS,
    PER_MAAND,
    RUIM,
    TRAJECT,
    TWEEDE,
    TWEEDE_BSN,
    UREN,
    Mutatiehuis,
    bsns,
    mutatiehuis,
    versions,
)
from tests.integration.store_builders import settled, stop
from tests.unit.agreement_builders import cel, overeenkomst

pytestmark = pytest.mark.usefixtures("opslag")
BSNS = ["999900006", "999900018", "999900031", "999900043", "999900055"]
VIJF_PROCENT = Indexatie(vanaf=date(2026, 7, 1), basispunten=500)


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Mutatiehuis]:
    with mutatiehuis(tmp_path) as made:
        yield made


def test_an_indexation_is_shown_in_euros_and_leaves_as_whole_301s(huis: Mutatiehuis) -> None:
    huis.assign(
        EERSTE,
        {"toewijzingnummer": 1, **BUDGET, **JAAR},
        {"toewijzingnummer": 2, **TRAJECT, **JAAR},
        {"toewijzingnummer": 3, **UREN, "productcategorie": "50", "code": "50A01", **JAAR},
    )
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 4, **PER_MAAND, **JAAR})
    een = huis.make(VIJF_PROCENT)
    # 184 of 365 days: 1.200,00 + 30,25; 5.000,00 + 126,03; six months of 200,00 become 210,00.
    assert (3, 0, 2, 2) == (een.toewijzingen, een.geweigerd, een.clienten, een.berichten)
    assert (860_000, 881_628, 21_628) == (een.voor, een.na, een.verschil)
    assert [Jaar(2026, 860_000, 881_628)] == list(een.jaren)
    before = len(huis.uit.left)
    huis.run()
    assert before == len(huis.uit.left)

    assert "loopt" == huis.release(een.nummer).staat
    huis.run()
    eerste, tweede = huis.left_since(before)
    assert [
        ("1", "2026-01-01", "2026-12-31", "03", "123025"),
        ("2", "2026-01-01", "2026-12-31", "03", "512603"),
        ("3", "2026-01-01", "2026-12-31", None, "3"),
    ] == versions(eerste)
    assert [
        ("4", "2026-01-01", "2026-06-30", "03", "20000"),
        ("5", "2026-07-01", "2026-12-31", None, "21000"),
    ] == versions(tweede)
    assert {"verstuurd": 2} == huis.voortgang(een.nummer)
    assert "klaar" == huis.store.mutatieinzage.een(ALLES, een.nummer).staat


class Killed(Exception):
    """The process is gone at this moment."""


def die(*_: object, **__: object) -> None:
    raise Killed


def test_a_batch_that_was_killed_goes_on_and_sends_nothing_twice(huis: Mutatiehuis) -> None:
    for nummer, bsn in enumerate(BSNS, 1):
        huis.assign(bsn, {"toewijzingnummer": nummer, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT, per_minuut=60)
    huis.release(een.nummer)
    before = len(huis.uit.left)
    huis.klok.now += timedelta(seconds=5)
    # Killed after the inbox had the bytes, before the batch knew: none of the step is there.
    with patch("gateway.store.mutaties.aanbod._change", die), pytest.raises(Killed):
        huis.installation.mutatielus.run_once()
    assert {"wacht": len(BSNS)} == huis.voortgang(een.nummer)
    huis.installation.runtime.drain()
    assert before == len(huis.uit.left)

    huis.klok.now += timedelta(seconds=5)
    assert huis.installation.mutatielus.run_once()
    assert {"wacht": len(BSNS) - 2, "in behandeling": 2} == huis.voortgang(een.nummer)
    huis.store.mutatieverloop.stop(ALLES, een.nummer)
    assert 0 == huis.run()
    huis.store.mutatieverloop.resume(ALLES, een.nummer)
    huis.run()
    assert sorted(BSNS) == sorted(bsns(huis.left_since(before)))
    assert {"verstuurd": len(BSNS)} == huis.voortgang(een.nummer)


def test_messages_leave_no_faster_than_was_chosen(huis: Mutatiehuis) -> None:
    for nummer, bsn in enumerate(BSNS, 1):
        huis.assign(bsn, {"toewijzingnummer": nummer, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT, per_minuut=60)
    huis.release(een.nummer)
    steps = [huis.installation.mutatielus.run_once()]
    huis.klok.now += timedelta(seconds=1.9)
    steps.append(huis.installation.mutatielus.run_once())
    huis.klok.now += timedelta(seconds=0.2)
    steps.append(huis.installation.mutatielus.run_once())
    assert [True, False, True] == steps


def test_what_changed_after_the_list_was_made_is_passed_over_with_the_reason(
    huis: Mutatiehuis,
) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT)
    langer = {**JAAR, "datumEindeToewijzing": "2027-06-30", "redenWijziging": "04"}
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **langer})
    before = len(huis.uit.left)
    huis.release(een.nummer)
    huis.run()
    assert [] == huis.left_since(before)
    assert {"overgeslagen": 1} == huis.voortgang(een.nummer)
    (bericht,) = huis.store.mutatieinzage.berichten(ALLES, een.nummer, 0.0, 10).rijen
    assert [
        "toewijzing 1 is gewijzigd nadat deze partij is gemaakt; maak een nieuwe partij"
    ] == bericht.redenen


def test_an_assignment_is_in_one_batch_at_a_time(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    eerste, tweede = huis.make(VIJF_PROCENT), huis.make(VIJF_PROCENT)
    huis.release(eerste.nummer)
    with pytest.raises(WrongUse, match=f"toewijzing 1 staat ook in partij {eerste.nummer}"):
        huis.release(tweede.nummer)
    with pytest.raises(AlBeoordeeld):
        huis.release(eerste.nummer)


def test_of_two_batches_that_are_released_at_the_same_moment_one_goes(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    nummers = [huis.make(VIJF_PROCENT).nummer for _ in range(2)]
    both, refuse = threading.Barrier(2), verloop._refuse_shared
    found: list[str] = []

    def meets(connection: Connection, nummer: int) -> None:
        refuse(connection, nummer)
        with suppress(threading.BrokenBarrierError):
            both.wait(1)

    def release(nummer: int) -> None:
        try:
            found.append(huis.release(nummer).staat)
        except WrongUse:
            found.append("geweigerd")

    threads = [threading.Thread(target=release, args=(one,)) for one in nummers]
    with patch.object(verloop, "_refuse_shared", meets):
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert ["geweigerd", "loopt"] == sorted(found)


def test_above_an_amount_a_second_person_releases(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT)
    assert "voorgesteld" == huis.release(een.nummer, boven=een.verschil - 1).staat
    assert 0 == huis.run()
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    assert (3_025, "mutatie") == (voorstel.bedrag, voorstel.soort)
    with pytest.raises(NietToegestaan):
        huis.store.voorstellen.approve(ALLES, ANNA, voorstel.nummer)
    huis.store.voorstellen.refuse(ALLES, BRAM, voorstel.nummer, "te vroeg")
    assert "concept" == huis.store.mutatieinzage.een(ALLES, een.nummer).staat
    assert "voorgesteld" == huis.release(een.nummer, boven=0).staat
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    huis.store.voorstellen.approve(ALLES, BRAM, voorstel.nummer)
    huis.run()
    assert {"verstuurd": 1} == huis.voortgang(een.nummer)


def test_what_has_no_known_worth_always_needs_a_second_person(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **UREN, **JAAR})
    een = huis.make(Contractwijziging(vanaf=date(2026, 7, 1), productcode="45A04"))
    assert (1, 0, 0) == (een.zonder_bedrag, een.voor, een.verschil)
    assert "voorgesteld" == huis.release(een.nummer).staat


UUR = overeenkomst(
    *(
        cel(productcode=code, eenheid="04", soort="pxq", bedrag=bedrag, vanaf=date(2020, 1, 1))
        for code, bedrag in (("45A03", 6_000), ("45A04", 7_000))
    )
)


def test_what_has_no_end_is_worth_what_commitments_count_of_it(huis: Mutatiehuis) -> None:
    huis.overeenkomsten = index([UUR])
    per_month = {"toewijzingnummer": 1, **UREN, "frequentieCode": "4"}
    huis.assign(EERSTE, {**per_month, "datumStartToewijzing": "2026-01-01"})
    een = huis.make(Contractwijziging(vanaf=date(2026, 7, 1), productcode="45A04"))
    # Three hours a month at 60 euros; from July on at 70.
    assert (216_000, 234_000, 18_000, 0) == (een.voor, een.na, een.verschil, een.zonder_bedrag)
    assert [Jaar(2026, 216_000, 234_000)] == list(een.jaren)
    assert (1, date(2026, 12, 31)) == (een.zonder_einde, een.geteld_tot)
    assert 216_000 == obliged(huis, 2026)
    # Its whole is not known, whatever is counted of it.
    assert "voorgesteld" == huis.release(een.nummer).staat
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    expected = "1 toewijzing in 1 bericht, verschil € 180,00, 1 zonder einddatum"
    assert f"Indexatie 2026: {expected}" == voorstel.onderwerp.replace("\N{NO-BREAK SPACE}", " ")


def obliged(huis: Mutatiehuis, jaar: int) -> int:
    """What commitments count of a year."""
    with huis.store.database.long_snapshot(ALLES.scope) as connection:
        bron = Verplichtingenbron(connection, ALLES)
        peil = Peil(huis.klok.now.date(), jaar)
        return take_stock(bron, huis.overeenkomsten, peil).totaal.verplicht


def test_the_rise_of_a_budget_is_for_the_days_from_its_own(huis: Mutatiehuis) -> None:
    over = {"datumStartToewijzing": "2026-01-01", "datumEindeToewijzing": "2027-12-31"}
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **over})
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **TRAJECT, **over})
    een = huis.make(Indexatie(vanaf=date(2027, 2, 1), basispunten=500))
    before = 310_000
    assert before == obliged(huis, 2026) == obliged(huis, 2027)
    # 334 of 730 days: 5% of 1.200,00 and of 5.000,00.
    assert [Jaar(2026, before, before), Jaar(2027, before, before + 2_745 + 11_438)] == list(
        een.jaren
    )


def test_a_stop_ends_what_an_assignment_is_worth(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **PER_MAAND, **JAAR})
    settled(
        huis.store,
        lambda work: work.add_leveringen(
            Partijen(GEMEENTE, "jeugdwet", AANBIEDER), [stop(1, einddatum=date(2026, 3, 31))]
        ),
    )
    een = huis.make(VIJF_PROCENT)
    # Care that stopped in March would begin again in July, for six months of 210,00.
    assert (60_000, 186_000) == (een.voor, een.na)


def test_what_the_302s_say_is_counted_and_told(huis: Mutatiehuis) -> None:
    for nummer, bsn in enumerate(BSNS[:3], 1):
        huis.assign(bsn, {"toewijzingnummer": nummer, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT)
    before = len(huis.uit.left)
    huis.release(een.nummer)
    huis.run()
    goed, fout, _ = huis.left_since(before)
    huis.retour(goed)
    product = "/Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]"
    huis.retour(fout, (product, ("9332",)))
    expected = {"goedgekeurd": 1, "verstuurd": 1, "afgekeurd": 1}
    assert expected == huis.voortgang(een.nummer)
    later = huis.klok.now.timestamp() + 1
    expected = {"goedgekeurd": 1, "afgekeurd": 1, "zonder antwoord": 1}
    assert expected == huis.voortgang(een.nummer, later)
    found = huis.store.mutatieinzage.berichten(ALLES, een.nummer, later, 10).rijen
    assert [
        ("afgekeurd", ["302: 9332 bij ToegewezenProduct"]),
        ("zonder antwoord", []),
    ] == [(one.stand, list(one.redenen)) for one in found]


def test_a_contract_change_ends_the_old_number_and_goes_on_with_what_is_left(
    huis: Mutatiehuis,
) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **UREN, **JAAR})
    later = {"datumStartToewijzing": "2026-09-01", "datumEindeToewijzing": "2026-12-31"}
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **UREN, **later})
    wijze = Contractwijziging(
        vanaf=date(2026, 7, 1), reden="10", productcode="45A05", eenheid="01", teller=60
    )
    een = huis.make(wijze)
    before = len(huis.uit.left)
    huis.release(een.nummer)
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    huis.store.voorstellen.approve(ALLES, BRAM, voorstel.nummer)
    huis.run()
    eerste, tweede = huis.left_since(before)
    assert [
        ("1", "2026-01-01", "2026-06-30", "10", "3"),
        ("3", "2026-07-01", "2026-12-31", None, "180"),
    ] == versions(eerste)
    # Nothing is left of what had yet to begin: it counts as never sent.
    assert [
        ("2", "2026-09-01", "2026-09-01", "13", "3"),
        ("4", "2026-09-01", "2026-12-31", None, "180"),
    ] == versions(tweede)


OVER = Contractwijziging(vanaf=date(2026, 7, 1), aanbieder=TWEEDE, verlaag=True)


def test_care_goes_over_to_another_aanbieder_once_the_first_agreed(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    een = huis.make(OVER)
    text = "het budget van toewijzing 1 wordt lager; er is geen instemming van de aanbieder "
    assert {1: ("OP299", text + "vastgelegd")} == huis.weigeringen(een.nummer)
    with pytest.raises(WrongUse, match="alle toewijzingen in deze partij zijn geweigerd"):
        huis.release(een.nummer)
    huis.agreed(1, "budget", niet_onder=59_507)
    een = huis.make(OVER)
    # What ends and what goes on come to what there was, to the cent.
    assert (0, 2, 120_000, 120_000) == (een.geweigerd, een.berichten, een.voor, een.na)
    before = len(huis.uit.left)
    huis.release(een.nummer)
    huis.run()
    oud, nieuw = huis.left_since(before)
    assert [("1", "2026-01-01", "2026-06-30", "03", "59507")] == versions(oud)
    assert [("2", "2026-07-01", "2026-12-31", None, "60493")] == versions(nieuw)
    assert TWEEDE in nieuw.decode()


def test_what_could_not_end_here_does_not_begin_elsewhere(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    instemming = huis.agreed(1, "budget")
    een = huis.make(OVER)
    huis.store.instemmingen.withdraw(ALLES, instemming)
    huis.release(een.nummer)
    before = len(huis.uit.left)
    huis.run()
    assert [] == huis.left_since(before)
    assert {"overgeslagen": 1, "geweigerd": 1} == huis.voortgang(een.nummer)
    eerste, tweede = huis.store.mutatieinzage.berichten(ALLES, een.nummer, 0.0, 10).rijen
    assert eerste.redenen[0].startswith("OP299: het budget van toewijzing 1 wordt lager")
    assert [
        "de beëindiging van toewijzing 1 is niet gelukt; daarom is zij elders niet begonnen"
    ] == tweede.redenen


def test_care_is_prolonged_under_its_own_number(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **UREN, **JAAR})
    een = huis.make(Verlenging(tot=date(2027, 6, 30), naar_rato=True))
    # 546 of 365 days of 1.200,00.
    assert (120_000, 179_507, 1) == (een.voor, een.na, een.zonder_bedrag)
    before = len(huis.uit.left)
    huis.release(een.nummer)
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    huis.store.voorstellen.approve(ALLES, BRAM, voorstel.nummer)
    huis.run()
    assert [
        [("1", "2026-01-01", "2027-06-30", "04", "179507")],
        [("2", "2026-01-01", "2027-06-30", "04", "3")],
    ] == [versions(body) for body in huis.left_since(before)]


ANDER = {"code": "45A05", "productcategorie": "45", "omvang": 30_000, "eenheidCode": "83"}
ANDER |= {"frequentieCode": "4"}
NAAR_ANDER = Contractwijziging(vanaf=date(2026, 7, 1), reden="03", productcode="45A05")


def test_a_product_that_would_be_there_twice_is_refused_before_it_is_released(
    huis: Mutatiehuis,
) -> None:
    huis.assign(
        EERSTE,
        {"toewijzingnummer": 1, **PER_MAAND, **JAAR},
        {"toewijzingnummer": 2, **ANDER, **JAAR},
    )
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 3, **PER_MAAND, **JAAR})
    een = huis.make(NAAR_ANDER, Keuze(productcode="45A04"))
    assert (2, 1, 1) == (een.toewijzingen, een.geweigerd, een.berichten)
    text = (
        "vanaf 2026-07-01 staan toewijzing 2 en het vervolg van toewijzing 1 naast elkaar voor "
        "hetzelfde product; zo'n bericht keurt de aanbieder af"
    )
    assert {1: ("TR302", text)} == huis.weigeringen(een.nummer)
    huis.release(een.nummer)
    huis.run()
    assert {"verstuurd": 1} == huis.voortgang(een.nummer)
    # Asked for by itself it is refused too, by our own control.
    asked = {**ANDER, **JAAR, "datumStartToewijzing": "2026-07-01"}
    given = {"opdracht": "toewijzing", "bsn": EERSTE, "client": {**CLIENT, "bsn": EERSTE}}
    verdict, found = huis.ask(given | {"toewijzingen": [asked]})
    assert ("rejected", ["TR302"]) == (verdict, [rule for rule, _ in found])


def test_prolonging_stops_where_the_next_assignment_begins(huis: Mutatiehuis) -> None:
    half = {"datumStartToewijzing": "2026-01-01", "datumEindeToewijzing": "2026-06-30"}
    rest = {"datumStartToewijzing": "2026-08-01", "datumEindeToewijzing": "2026-12-31"}
    huis.assign(
        EERSTE,
        {"toewijzingnummer": 1, **PER_MAAND, **half},
        {"toewijzingnummer": 2, **PER_MAAND, **rest},
    )
    ver = Verlenging(tot=date(2026, 9, 30))
    assert {1} == huis.weigeringen(huis.make(ver).nummer).keys()
    assert {} == huis.weigeringen(huis.make(Verlenging(tot=date(2026, 7, 31))).nummer)


def test_what_goes_on_at_another_aanbieder_may_not_be_there_already(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **PER_MAAND, **JAAR})
    huis.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **PER_MAAND, **JAAR})
    huis.assign(EERSTE, {"toewijzingnummer": 3, **PER_MAAND, **JAAR}, aanbieder=TWEEDE)
    over = Contractwijziging(vanaf=date(2026, 7, 1), reden="03", aanbieder=TWEEDE)
    een = huis.make(over, Keuze(aanbieder=AANBIEDER))
    assert {1: "TR302"} == {one: rule for one, (rule, _) in huis.weigeringen(een.nummer).items()}


def test_two_that_go_on_at_the_same_aanbieder_are_both_refused(huis: Mutatiehuis) -> None:
    for nummer, bsn, aanbieder in (
        (1, EERSTE, AANBIEDER),
        (2, EERSTE, TWEEDE),
        (3, TWEEDE_BSN, TWEEDE),
    ):
        huis.assign(bsn, {"toewijzingnummer": nummer, **PER_MAAND, **JAAR}, aanbieder=aanbieder)
    samen = Contractwijziging(vanaf=date(2026, 7, 1), reden="03", aanbieder="65656057")
    found = huis.weigeringen(huis.make(samen).nummer)
    assert {1: "TR302", 2: "TR302"} == {one: rule for one, (rule, _) in found.items()}


def test_a_client_goes_over_to_a_new_municipality_with_all_that_is_known_of_him(
    huis: Mutatiehuis,
) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 8, **BUDGET, **JAAR})
    een = huis.make(Herindeling(vanaf=date(2026, 7, 1), naar=ANDERE))
    assert (1, 2, 120_000, 180_493) == (een.toewijzingen, een.berichten, een.voor, een.na)
    before = len(huis.uit.left)
    huis.release(een.nummer)
    huis.run()
    oud, nieuw = huis.left_since(before)
    assert [("8", "2026-01-01", "2026-06-30", "11", "120000")] == versions(oud)
    assert [("1", "2026-07-01", "2026-12-31", None, "60493")] == versions(nieuw)
    assert GEMEENTE in oud.decode()
    assert ANDERE in nieuw.decode()
    assert ["Linde", "Linde"] == [
        one.text for one in by_name(etree.fromstring(nieuw), "Achternaam")
    ]
    assert {"verstuurd": 2} == huis.voortgang(een.nummer)


def test_nobody_sees_or_changes_a_batch_of_another_municipality(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    een = huis.make(VIJF_PROCENT)
    with pytest.raises(NietGevonden):
        huis.store.mutatieinzage.een(ELDERS, een.nummer)
    with pytest.raises(NietGevonden):
        huis.store.mutatieverloop.release(ELDERS, BRAM, een.nummer, RUIM)
    vraag = replace(een.vraag, wijze=Herindeling(vanaf=date(2026, 7, 1), naar="0150"))
    with pytest.raises(NietToegestaan):
        huis.store.mutatiemaker.make(ALLES, ANNA, vraag, NIETS)
    assert [] == list(huis.store.mutatieinzage.lijst(ELDERS, 10).rijen)


def test_who_approves_a_batch_works_for_both_of_its_municipalities(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 8, **BUDGET, **JAAR})
    een = huis.make(Herindeling(vanaf=date(2026, 7, 1), naar=ANDERE))
    assert "voorgesteld" == huis.release(een.nummer, boven=0).staat
    (voorstel,) = huis.store.voorstellen.open(ALLES)
    own = Bereik(frozenset({GEMEENTE}))
    with pytest.raises(NietToegestaan, match="waarvoor u niet werkt"):
        huis.store.voorstellen.approve(own, BRAM, voorstel.nummer)
    assert "voorgesteld" == huis.store.mutatieinzage.een(ALLES, een.nummer).staat
    assert "uitgevoerd" == huis.store.voorstellen.approve(ALLES, BRAM, voorstel.nummer).staat


def test_who_sees_one_of_two_municipalities_sees_the_messages_of_that_one(
    huis: Mutatiehuis,
) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 8, **BUDGET, **JAAR})
    een = huis.make(Herindeling(vanaf=date(2026, 7, 1), naar=ANDERE))
    huis.release(een.nummer)
    huis.run()
    own, inzage = Bereik(frozenset({GEMEENTE})), huis.store.mutatieinzage
    assert {"verstuurd": 1} == dict(inzage.voortgang(own, een.nummer, 0.0))
    shown = inzage.berichten(own, een.nummer, 0.0, 10, standen=STANDEN).rijen
    assert [GEMEENTE] == [one.gemeente for one in shown]


def test_a_batch_that_was_not_finished_is_never_released_and_goes(huis: Mutatiehuis) -> None:
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    with patch.object(type(huis.store.mutatiemaker), "_end", die), pytest.raises(Killed):
        huis.make(VIJF_PROCENT)
    (half,) = huis.store.mutatieinzage.lijst(ALLES, 10).rijen
    with pytest.raises(AlBeoordeeld, match="nog niet af"):
        huis.release(half.nummer)
    huis.klok.now += timedelta(days=2)
    een = huis.make(VIJF_PROCENT)
    assert [een.nummer] == [one.nummer for one in huis.store.mutatieinzage.lijst(ALLES, 9).rijen]


def test_what_does_not_choose_anything_is_told(huis: Mutatiehuis) -> None:
    with pytest.raises(WrongUse, match="geen toewijzing die u zo kunt wijzigen"):
        huis.make(VIJF_PROCENT)
    huis.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
    with pytest.raises(WrongUse, match="geen overeenkomst X"):
        huis.make(VIJF_PROCENT, Keuze(overeenkomst="X"))
    for keuze in (
        Keuze(aanbieder=TWEEDE),
        Keuze(productcategorie="50"),
        Keuze(nummers=(9,)),
        Keuze(ingang_tot=date(2025, 12, 31)),
        Keuze(einde_vanaf=date(2027, 1, 1)),
    ):
        with pytest.raises(WrongUse):
            huis.make(VIJF_PROCENT, keuze)
    assert 1 == huis.make(VIJF_PROCENT, Keuze(aanbieder=AANBIEDER, nummers=(1,))).toewijzingen
