"""Only the provider can credit: it is asked, answers, and the credit itself settles the request."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.errors import AlBeoordeeld, NietGevonden, WrongUse
from gateway.pipeline.ports import Claim, Partijen
from gateway.records.declaratie import GRANTED, REFUSED
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.keuze import Genoemd, Keuze, Regels, VanDeclaratie
from gateway.store.store import SqlStore
from gateway.store.tables import EVENT, outbox
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_AANBIEDER,
    BSN,
    Klok,
    declared,
    line,
    new_store,
)

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE, ELDERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
EIGEN = Bereik(frozenset({"0193"}), "12345678")
ANDER = Bereik(frozenset({"0193"}), "87654321")
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
UITERLIJK = date(2026, 5, 20)


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def store(tmp_path: Path, klok: Klok) -> Iterator[SqlStore]:
    made = new_store(tmp_path, klok)
    yield made
    made.close()


def invoice(
    store: SqlStore, nummer: str, *lines: tuple[Any, ...], van: Partijen = AANBIEDER
) -> Claim:
    """An invoice that was judged, with the worklist brought up to date."""
    claim = declared(store, lines, van, nummer)
    store.werkvolger.catch_up()
    return claim


def debets(aantal: int = 2, **changes: Any) -> Sequence[tuple[Any, ...]]:
    given = {"toegekend": GRANTED, "ingediend_bedrag": 1000} | changes
    return [line(n, referentienummer=f"R{n}", **given) for n in range(1, aantal + 1)]


def asked(store: SqlStore, keuze: Keuze) -> int:
    vraag = Aanvraag(keuze=keuze, reden="dubbel", toelichting="zie D1", uiterlijk=UITERLIJK)
    (nummer,) = store.creditverzoeken.request(ZWOLLE, ANNA, vraag)
    return nummer


def stand(store: SqlStore, nummer: int) -> tuple[str, int, int]:
    one = store.creditverzoeken.get(ZWOLLE, nummer)
    return one.stand, one.gecrediteerd, one.open_bedrag


def credit_on(vorig: str, volgnr: int = 1, toegekend: int = GRANTED) -> tuple[Any, ...]:
    given = {"referentienummer": f"C{vorig}", "vorig_referentienummer": vorig}
    given |= {"debet_credit": "C", "toegekend": toegekend, "ingediend_bedrag": 1000}
    return line(volgnr, **given)


def credit(store: SqlStore, nummer: str, *vorig: str, toegekend: int = GRANTED) -> Claim:
    lines = [credit_on(one, n, toegekend) for n, one in enumerate(vorig, 1)]
    return invoice(store, nummer, *lines)


def test_a_request_is_of_the_granted_lines_and_knows_what_they_come_to(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(3), line(4, referentienummer="R4", toegekend=REFUSED))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    one = store.creditverzoeken.get(ZWOLLE, nummer)
    assert (3, 3000, "open", "12345678") == (one.regels, one.bedrag, one.stand, one.aanbieder)
    lines = store.creditverzoeken.regels(ZWOLLE, nummer).rijen
    assert ["R1", "R2", "R3"] == [regel.referentienummer for regel in lines]


def test_a_credit_that_is_granted_settles_its_line_and_at_last_the_request(
    store: SqlStore,
) -> None:
    claim = invoice(store, "D1", *debets())
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    credit(store, "D2", "R1")
    assert ("deels voldaan", 1, 1000) == stand(store, nummer)
    credit(store, "D3", "R2")
    assert ("voldaan", 2, 0) == stand(store, nummer)
    assert [] == store.creditverzoeken.list(ZWOLLE).rijen


def test_a_credit_that_is_refused_settles_nothing(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets())
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    credit(store, "D2", "R1", "R2", toegekend=REFUSED)
    assert ("open", 0, 2000) == stand(store, nummer)


def test_a_credit_of_another_provider_settles_nothing(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets())
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    invoice(
        store,
        "D2",
        line(
            1,
            referentienummer="C1",
            vorig_referentienummer="R1",
            debet_credit="C",
            toegekend=GRANTED,
        ),
        van=ANDERE_AANBIEDER,
    )
    assert ("open", 0, 2000) == stand(store, nummer)


def test_a_credit_that_no_longer_stands_opens_its_line_again(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(1))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    later = credit(store, "D2", "R1")
    assert "voldaan" == stand(store, nummer)[0]
    with store.database.writing("*") as connection:
        connection.execute(
            sa.text("UPDATE prestatie SET toegekend = 0 WHERE vorig_referentienummer = 'R1'")
        )
        connection.execute(
            sa.text("INSERT INTO werk_wachtrij (inbox_id) VALUES (:bericht)"),
            {"bericht": later.inbox_id},
        )
    store.werkvolger.catch_up()
    assert ("open", 0, 1000) == stand(store, nummer)


def test_after_the_last_day_it_is_late_until_the_credit_comes(store: SqlStore, klok: Klok) -> None:
    claim = invoice(store, "D1", *debets(1))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    klok.move(16 * 86_400)  # 20 May: the last day itself counts
    assert ("open", []) == (stand(store, nummer)[0], store.creditverzoeken.overdue(ZWOLLE))
    klok.move(86_400)
    assert "verlopen" == stand(store, nummer)[0]
    assert [nummer] == [one.nummer for one in store.creditverzoeken.overdue(ZWOLLE)]
    credit(store, "D2", "R1")
    assert ("voldaan", []) == (stand(store, nummer)[0], store.creditverzoeken.overdue(ZWOLLE))


def test_a_line_is_in_one_request_that_runs(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(2))
    nummer = asked(store, Regels([(claim.inbox_id, 1)]))
    with pytest.raises(WrongUse, match="geen toegekende regel"):
        asked(store, Regels([(claim.inbox_id, 1)]))
    rest = asked(store, VanDeclaratie(claim.inbox_id))
    assert (1, 1000) == (store.creditverzoeken.get(ZWOLLE, rest).regels, 1000)
    store.creditverzoeken.withdraw(ZWOLLE, nummer, "vergissing")
    assert "open" == stand(store, asked(store, Regels([(claim.inbox_id, 1)])))[0]
    assert "ingetrokken" == stand(store, nummer)[0]


def test_what_was_credited_before_is_not_asked_again(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(1))
    credit(store, "D2", "R1")
    with pytest.raises(WrongUse, match="geen toegekende regel"):
        asked(store, VanDeclaratie(claim.inbox_id))


def test_lines_are_found_by_the_names_that_others_know(store: SqlStore) -> None:
    invoice(store, "D1", *debets(2))
    nummer = asked(store, Genoemd("0193", "12345678", [("D1", "R2"), ("D9", "R1")]))
    assert ["R2"] == [
        one.referentienummer for one in store.creditverzoeken.regels(ZWOLLE, nummer).rijen
    ]


def test_the_provider_promises_or_refuses_with_a_reason(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(1))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    creditverzoeken = store.creditverzoeken
    creditverzoeken.answer(EIGEN, BRAM, nummer, "toegezegd")
    assert "toegezegd" == stand(store, nummer)[0]
    with pytest.raises(WrongUse, match="waarom"):
        creditverzoeken.answer(EIGEN, BRAM, nummer, "geweigerd")
    creditverzoeken.answer(EIGEN, BRAM, nummer, "geweigerd", "van cliënt 999900006 is het goed")
    one = creditverzoeken.get(ZWOLLE, nummer)
    assert ("geweigerd", "van cliënt *****0006 is het goed", "Bram") == (
        one.stand,
        one.antwoord_reden,
        one.antwoord_naam,
    )
    credit(store, "D2", "R1")
    assert "voldaan" == stand(store, nummer)[0]
    with pytest.raises(AlBeoordeeld, match="voldaan"):
        creditverzoeken.answer(EIGEN, BRAM, nummer, "toegezegd")


def test_others_do_not_see_it(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(1))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    for bereik in (ELDERS, ANDER):
        with pytest.raises(NietGevonden):
            store.creditverzoeken.get(bereik, nummer)
        assert [] == store.creditverzoeken.list(bereik).rijen
        assert [] == store.creditverzoeken.regels(bereik, nummer).rijen
    assert [nummer] == [one.nummer for one in store.creditverzoeken.list(EIGEN).rijen]


def test_an_event_tells_who_listens_and_names_no_client(store: SqlStore) -> None:
    claim = invoice(store, "D1", *debets(1))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    store.creditverzoeken.answer(EIGEN, BRAM, nummer, "toegezegd")
    found = [
        one.document
        for one in store.gebeurtenissen.vanaf(EIGEN, 50, None).rijen
        if one.document["soort"] == "creditverzoek"
    ]
    assert [("open", 1000), ("toegezegd", 1000)] == [
        (one["data"]["stand"], one["data"]["bedrag"]) for one in found
    ]
    assert "99990" not in str(found)
    with store.database.snapshot() as connection:
        query = sa.select(outbox.c.inbox_id).where(
            outbox.c.soort == EVENT, outbox.c.berichttype == "creditverzoek"
        )
        assert [claim.inbox_id] * 2 == list(connection.scalars(query))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reden": "zomaar"}, "kies een reden"),
        ({"uiterlijk": date(2026, 5, 3)}, "al voorbij"),
        ({"toelichting": "x" * 2_001}, "hoogstens"),
    ],
)
def test_what_cannot_be_is_said(store: SqlStore, changes: dict[str, Any], told: str) -> None:
    claim = invoice(store, "D1", *debets(1))
    given = {"reden": "dubbel", "uiterlijk": UITERLIJK} | changes
    vraag = Aanvraag(keuze=VanDeclaratie(claim.inbox_id), **given)
    with pytest.raises(WrongUse, match=told):
        store.creditverzoeken.request(ZWOLLE, ANNA, vraag)
    assert [] == store.creditverzoeken.list(ZWOLLE, ()).rijen


def test_what_was_refused_and_asked_again_is_answered_in_the_newer_request(
    store: SqlStore,
) -> None:
    claim = invoice(store, "D1", *debets())
    first = asked(store, VanDeclaratie(claim.inbox_id))
    store.creditverzoeken.answer(EIGEN, ANNA, first, "geweigerd", "klopt wel")
    again = asked(store, VanDeclaratie(claim.inbox_id))
    with pytest.raises(AlBeoordeeld, match="nieuwer verzoek"):
        store.creditverzoeken.answer(EIGEN, ANNA, first, "toegezegd")
    store.creditverzoeken.answer(EIGEN, ANNA, again, "toegezegd")
    assert "toegezegd" == stand(store, again)[0]


def test_a_request_shows_no_bsn_that_a_provider_made_its_reference(store: SqlStore) -> None:
    claim = invoice(store, "D1", line(1, referentienummer=BSN, ingediend_bedrag=1000))
    nummer = asked(store, VanDeclaratie(claim.inbox_id))
    (regel,) = store.creditverzoeken.regels(EIGEN, nummer).rijen
    assert f"*****{BSN[5:]}" == regel.referentienummer
