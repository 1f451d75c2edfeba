"""People decide on open findings: once, by two where it is much, and to be undone in time."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import AlBeoordeeld, NietToegestaan, WrongUse
from gateway.store.werk.besluiten import Besluit, Besluiten, Keuze
from gateway.store.werk.soorten import Soort
from gateway.store.werk.voorraad import Filter, Oorzaakrij
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik, Wie
from tests.integration.berichten import BASE, made
from tests.integration.test_hold import BESLUIT, HOLD, ONTVANGEN, Huis
from tests.opslag import rows_of

pytestmark = pytest.mark.usefixtures("opslag")

OURS, OTHERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
BEOORDELAAR = {"0193": frozenset({Rol.BEOORDELAAR})}
ANNA = Wie("u1", "Anna", "gebruiker", BEOORDELAAR)
BRAM = Wie("u2", "Bram", "gebruiker", BEOORDELAAR)
REDEN = "gebeld met de aanbieder"
BEDENKTIJD = timedelta(minutes=10)


class Werk:
    """An installation with work, and the decisions on it."""

    def __init__(self, folder: Path, boven: int = 1_000_000) -> None:
        self.beleid = replace(HOLD, tweede_persoon_boven=boven)
        self.huis = Huis(folder, self.beleid)
        self.store = self.huis.installation.store
        self.besluiten: Besluiten = self.store.besluiten(lambda _: self.beleid)

    def take_in(self, *bodies: bytes) -> None:
        self.huis.take(*bodies)
        self.store.werkvolger.catch_up()

    def causes(self, **wanted: object) -> list[Oorzaakrij]:
        found = self.store.werkvoorraad.oorzaken(OURS, Filter(**wanted))  # type: ignore[arg-type]
        return list(found.rijen)

    def keuze(self, place: int = 0, soort: Soort = Soort.TOEKENNEN) -> Keuze:
        return Keuze(soort, self.causes()[place].nummer)

    def decide(self, place: int = 0, soort: Soort = Soort.TOEKENNEN) -> Besluit:
        return self.besluiten.decide(OURS, ANNA, self.keuze(place, soort), REDEN)

    def at(self, after: timedelta) -> None:
        self.huis.at(ONTVANGEN + after)
        self.store.werkvolger.catch_up()


@pytest.fixture
def werk(tmp_path: Path) -> Iterator[Werk]:
    """A 323 of which both lines are held, by two causes."""
    made_ = Werk(tmp_path)
    made_.take_in(made("JW301"), made("JW323"))
    yield made_
    made_.huis.installation.close()


def test_once_all_held_lines_are_decided_on_the_answer_goes_after_the_time_to_think(
    werk: Werk,
) -> None:
    assert 2 == len(werk.causes(aangehouden=True))
    first = werk.decide()
    assert ("geldt", 1, ONTVANGEN + BEDENKTIJD) == (first.staat, first.aantal, first.tot)
    werk.at(BEDENKTIJD)
    assert "held" == werk.huis.verdict(2)
    werk.decide()
    assert [] == werk.causes()
    werk.at(2 * BEDENKTIJD - timedelta(seconds=1))
    assert "held" == werk.huis.verdict(2)
    werk.at(2 * BEDENKTIJD)
    assert "accepted" == werk.huis.verdict(2)
    assert 1 == len(werk.huis.uit.left)
    # What was decided on stays so, also now that it is told as a signal.
    assert [("S105", "signal")] * 2 == werk.huis.effects(2)
    assert [] == werk.causes()
    assert [] == werk.store.oorzaken.open()


def test_a_decision_can_be_undone_until_the_answer_is_made(werk: Werk) -> None:
    decided = [werk.decide(), werk.decide()]
    undone = werk.besluiten.undo(OURS, BRAM, decided[0].nummer, "toch niet")
    assert "ingetrokken" == undone.staat
    assert 1 == len(werk.causes())
    werk.at(timedelta(days=1))
    assert "held" == werk.huis.verdict(2)
    bericht = werk.store.views.bericht(2)
    assert bericht is not None
    assert BESLUIT == bericht.besluit_op
    again = werk.decide()
    werk.at(timedelta(days=1) + BEDENKTIJD)
    assert "accepted" == werk.huis.verdict(2)
    for one in (decided[1], again):
        with pytest.raises(AlBeoordeeld):
            werk.besluiten.undo(OURS, ANNA, one.nummer, "toch niet")
    steps = [
        (one.soort, one.naam) for one in werk.store.overleg.about_decision(OURS, undone.nummer)
    ]
    assert [("ingetrokken", "Bram"), ("geldt", "Anna")] == steps


def test_without_anybody_it_is_decided_on_its_day_all_the_same(werk: Werk) -> None:
    werk.decide()
    werk.huis.at(BESLUIT)
    assert "accepted" == werk.huis.verdict(2)


def test_above_an_amount_a_second_person_has_to_approve(tmp_path: Path) -> None:
    werk = Werk(tmp_path, boven=100)
    try:
        werk.take_in(made("JW301"), made("JW323"))
        proposed = [werk.decide(0), werk.decide(1)]
        assert ["voorgesteld"] * 2 == [one.staat for one in proposed]
        assert proposed == werk.store.besluiteninzage.voorstellen(OURS)
        assert 2 == len(werk.causes())
        (post,) = werk.store.werkvoorraad.posten(OURS, werk.causes()[0].nummer).rijen
        assert proposed[0].nummer == post.besluit
        with pytest.raises(NietToegestaan):
            werk.besluiten.approve(OURS, ANNA, proposed[0].nummer)
        with pytest.raises(WrongUse):
            werk.besluiten.approve(OTHERS, BRAM, proposed[0].nummer)
        assert "geldt" == werk.besluiten.approve(OURS, BRAM, proposed[0].nummer).staat
        with pytest.raises(WrongUse, match="waarom"):
            werk.besluiten.refuse(OURS, BRAM, proposed[1].nummer, " ")
        assert "geweigerd" == werk.besluiten.refuse(OURS, BRAM, proposed[1].nummer, "nee").staat
        werk.at(BEDENKTIJD)
        assert "held" == werk.huis.verdict(2)
        assert 1 == len(werk.causes())
        assert [] == werk.store.besluiteninzage.voorstellen(OURS)
    finally:
        werk.huis.installation.close()


def test_of_two_who_decide_the_same_the_second_hears_so(werk: Werk) -> None:
    keuze = werk.keuze()
    mine = werk.besluiten.freeze(OURS, ANNA, keuze)
    yours = werk.besluiten.freeze(OURS, BRAM, keuze)
    assert mine.aantal == yours.aantal == 1
    werk.besluiten.take(OURS, ANNA, mine.nummer, REDEN)
    with pytest.raises(AlBeoordeeld, match="beoordeeld"):
        werk.besluiten.take(OURS, BRAM, yours.nummer, REDEN)
    with pytest.raises(WrongUse, match="niets"):
        werk.besluiten.freeze(OURS, BRAM, keuze)


def test_of_two_who_decide_in_the_same_instant_one_does(werk: Werk) -> None:
    frozen = [werk.besluiten.freeze(OURS, wie, werk.keuze()) for wie in (ANNA, BRAM)]
    heard: list[str] = []
    together = threading.Barrier(2)

    def decide(wie: Wie, one: Besluit) -> None:
        together.wait()
        try:
            heard.append(werk.besluiten.take(OURS, wie, one.nummer, REDEN).staat)
        except AlBeoordeeld:
            heard.append("al beoordeeld")

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in zip((ANNA, BRAM), frozen, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["al beoordeeld", "geldt"] == sorted(heard)


def test_a_list_that_changed_since_it_was_shown_is_refused(werk: Werk) -> None:
    frozen = werk.besluiten.freeze(OURS, ANNA, werk.keuze())
    werk.store.inbox.resume(2)
    werk.huis.installation.runtime.drain()
    werk.store.werkvolger.catch_up()
    with pytest.raises(AlBeoordeeld):
        werk.besluiten.take(OURS, ANNA, frozen.nummer, REDEN)


def test_another_s_list_and_another_municipality_are_not_there(werk: Werk) -> None:
    frozen = werk.besluiten.freeze(OURS, ANNA, werk.keuze())
    with pytest.raises(WrongUse):
        werk.besluiten.take(OURS, BRAM, frozen.nummer, REDEN)
    with pytest.raises(WrongUse):
        werk.besluiten.take(OTHERS, ANNA, frozen.nummer, REDEN)
    with pytest.raises(WrongUse):
        werk.besluiten.freeze(OTHERS, ANNA, werk.keuze())
    assert [] == werk.store.werkvoorraad.oorzaken(OTHERS).rijen
    assert None is werk.store.werkvoorraad.oorzaak(OTHERS, werk.causes()[0].nummer)


@pytest.mark.parametrize("reden", ["", "  ", "x" * 2_001])
def test_a_decision_needs_a_reason(werk: Werk, reden: str) -> None:
    with pytest.raises(WrongUse, match="reden"):
        werk.besluiten.decide(OURS, ANNA, werk.keuze(), reden)


def test_a_rejection_is_settled_and_never_becomes_something_else(tmp_path: Path) -> None:
    werk = Werk(tmp_path)
    try:
        werk.take_in(made("JW301"), (BASE / "JW323.xml").read_bytes())
        werk.huis.at(BESLUIT)
        werk.store.werkvolger.catch_up()
        rejected = [
            place
            for place, one in enumerate(werk.causes())
            if one.oorzaak.retourcode and one.omvang.bevindingen
        ]
        left = list(werk.huis.uit.left)
        with pytest.raises(WrongUse):
            werk.decide(rejected[0], Soort.TOEKENNEN)
        decided = werk.decide(rejected[0], Soort.TERECHT)
        assert ("geldt", None) == (decided.staat, decided.tot)
        assert len(rejected) - 1 == len([one for one in werk.causes() if one.oorzaak.retourcode])
        werk.huis.installation.runtime.drain()
        assert left == werk.huis.uit.left
        werk.besluiten.undo(OURS, ANNA, decided.nummer, "toch niet")
        assert len(rejected) == len([one for one in werk.causes() if one.oorzaak.retourcode])
    finally:
        werk.huis.installation.close()


def test_the_backoffice_hears_of_a_decision_without_its_reason(werk: Werk, tmp_path: Path) -> None:
    decided = werk.decide()
    werk.besluiten.undo(OURS, ANNA, decided.nummer, "toch niet")
    told = [
        (row[0], row[1])
        for row in rows_of(
            tmp_path, "SELECT id, naam FROM outbox WHERE naam LIKE 'besluit%' ORDER BY id"
        )
    ]
    assert [f"besluit-genomen_{decided.nummer}_2", f"besluit-ingetrokken_{decided.nummer}_2"] == [
        naam for _, naam in told
    ]
    ((packed,),) = rows_of(tmp_path, "SELECT data FROM outbox_stuk WHERE outbox_id = ?", told[0][0])
    body = zlib.decompress(packed)
    event = json.loads(body)
    assert ("besluit-genomen", "toekennen", 2) == (
        event["soort"],
        event["data"]["soort"],
        event["inbox"],
    )
    assert REDEN.encode() not in body


def test_a_cause_is_taken_by_one_and_keeps_its_notes(werk: Werk) -> None:
    overleg, nummer = werk.store.overleg, werk.causes()[0].nummer
    overleg.take(OURS, ANNA, nummer)
    overleg.take(OURS, ANNA, nummer)
    with pytest.raises(AlBeoordeeld, match="Anna"):
        overleg.take(OURS, BRAM, nummer)
    assert [nummer] == [one.nummer for one in werk.causes(eigenaar="u1")]
    assert nummer not in [one.nummer for one in werk.causes(eigenaar="")]
    overleg.assign(OURS, ANNA, nummer, ("u2", "Bram"))
    overleg.note(OURS, BRAM, nummer, "wacht op de aanbieder")
    overleg.let_go(OURS, BRAM, nummer)
    told = [(one.soort, one.naam, one.tekst) for one in overleg.about_cause(OURS, nummer)]
    assert [
        ("losgelaten", "Bram", ""),
        ("notitie", "Bram", "wacht op de aanbieder"),
        ("toegewezen", "Anna", "Bram"),
        ("genomen", "Anna", ""),
        ("genomen", "Anna", ""),
    ] == told
    with pytest.raises(WrongUse):
        overleg.take(OTHERS, ANNA, nummer)
    with pytest.raises(WrongUse):
        overleg.note_line(OTHERS, ANNA, (2, 1), "x")
    overleg.note_line(OURS, ANNA, (2, 1), "kijk hier")
    assert ["kijk hier"] == [one.tekst for one in overleg.about_message(OURS, 2, 1)]
    assert [] == overleg.about_message(OURS, 2, 2)
