"""What the standard forbids to take away does not leave, whoever asks for it: one case for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import WrongUse
from gateway.pipeline.ports import Partijen
from gateway.store.mutaties.instemmingen import Vraag
from tests.integration.mutatiehuis import (
    AANBIEDER,
    ALLES,
    ANNA,
    BUDGET,
    EERSTE,
    GEMEENTE,
    TRAJECT,
    UREN,
    Mutatiehuis,
    mutatiehuis,
)
from tests.integration.store_builders import settled, start, stop

pytestmark = pytest.mark.usefixtures("opslag")
OURS = Partijen(GEMEENTE, "jeugdwet", AANBIEDER)
JAAR = {"datumStartToewijzing": "2025-01-01", "datumEindeToewijzing": "2026-12-31"}
MEI = {"begindatum": "2025-05-01", "einddatum": "2025-05-31"}


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Mutatiehuis]:
    """Three assignments of this year and the next: a Budget, a total in euros, hours a week."""
    with mutatiehuis(tmp_path) as made:
        made.assign(
            EERSTE,
            {"toewijzingnummer": 1, **BUDGET, **JAAR},
            {"toewijzingnummer": 2, **TRAJECT, **JAAR},
            {"toewijzingnummer": 3, **UREN, "productcategorie": "50", "code": "50A01", **JAAR},
        )
        yield made


def changed(huis: Mutatiehuis, nummer: int, **given: Any) -> tuple[str, list[tuple[str, str]]]:
    """What becomes of asking for another version of an assignment."""
    of = {1: BUDGET, 2: TRAJECT, 3: {**UREN, "productcategorie": "50", "code": "50A01"}}
    one = {"toewijzingnummer": nummer, **of[nummer], **JAAR, "redenWijziging": "05", **given}
    return huis.ask({"opdracht": "toewijzing", "bsn": EERSTE, "toewijzingen": [one]})


def refused(huis: Mutatiehuis, nummer: int, **given: Any) -> list[tuple[str, str]]:
    verdict, found = changed(huis, nummer, **given)
    assert "rejected" == verdict, found
    return found


def leaves(huis: Mutatiehuis, nummer: int, **given: Any) -> bool:
    verdict, found = changed(huis, nummer, **given)
    assert ("accepted", []) == (verdict, found)
    return True


def started(huis: Mutatiehuis, nummer: int) -> None:
    given = start(nummer, bsn=EERSTE, begindatum=date(2025, 1, 6))
    settled(huis.store, lambda work: work.add_leveringen(OURS, [given]))


def stopped(huis: Mutatiehuis, nummer: int, day: date, reden: str = "31") -> None:
    given = stop(nummer, bsn=EERSTE, einddatum=day, reden_beeindiging=reden)
    settled(huis.store, lambda work: work.add_leveringen(OURS, [given]))


NO_CONSENT = "er is geen instemming van de aanbieder vastgelegd"
WEG = {"datumEindeToewijzing": "2025-01-01", "redenWijziging": "13"}


def test_what_was_granted_is_not_deleted_whoever_agrees(huis: Mutatiehuis) -> None:
    huis.grant(1, ingediend_bedrag=50_000, **MEI)
    huis.agreed(1, "verwijderen")
    text = (
        "op toewijzing 1 zijn prestaties toegekend; verwijderen kan niet, beëindig de toewijzing "
        "of laat de aanbieder eerst crediteren"
    )
    assert [("TR385", text)] == refused(huis, 1, **WEG)


def test_care_that_began_is_not_deleted_without_consent(huis: Mutatiehuis) -> None:
    started(huis, 1)
    text = f"toewijzing 1 wordt verwijderd terwijl de zorg is gestart; {NO_CONSENT}"
    assert [("OP362", text)] == refused(huis, 1, **WEG)
    huis.agreed(1, "verwijderen")
    assert leaves(huis, 1, **WEG)


def test_what_never_began_is_deleted_without_asking(huis: Mutatiehuis) -> None:
    assert leaves(huis, 1, **WEG)


def test_a_budget_goes_no_lower_than_what_was_granted(huis: Mutatiehuis) -> None:
    huis.grant(1, ingediend_bedrag=50_000, **MEI)
    huis.agreed(1, "budget")
    text = "op toewijzing 1 is al €\N{NO-BREAK SPACE}500,00 toegekend; het budget kan niet lager"
    assert [("UP031", text)] == refused(huis, 1, budget=49_999)
    assert leaves(huis, 1, budget=50_000)


def test_a_budget_goes_down_only_with_consent_and_no_further_than_that(huis: Mutatiehuis) -> None:
    text = "het budget van toewijzing 1 wordt lager; "
    assert [("OP299", text + NO_CONSENT)] == refused(huis, 1, budget=119_999)
    huis.agreed(1, "budget", niet_onder=100_000)
    far = "de vastgelegde instemming gaat niet zo ver"
    assert [("OP299", text + far)] == refused(huis, 1, budget=99_999)
    assert leaves(huis, 1, budget=100_000)


def test_a_total_volume_goes_no_lower_than_what_was_granted(huis: Mutatiehuis) -> None:
    huis.grant(2, geleverd_volume=350_000, eenheid="83", ingediend_bedrag=350_000, **MEI)
    huis.agreed(2, "volume")
    text = "op toewijzing 2 is al €\N{NO-BREAK SPACE}3.500,00 toegekend; de omvang kan niet lager"
    assert [("UP031", text)] == refused(huis, 2, omvang=349_999)
    assert leaves(huis, 2, omvang=350_000)


def test_a_total_volume_goes_down_only_with_consent(huis: Mutatiehuis) -> None:
    text = f"de omvang van toewijzing 2 wordt lager; {NO_CONSENT}"
    assert [("OP298", text)] == refused(huis, 2, omvang=499_999)
    # A consent to something else, to an end or of another assignment, is none for this.
    huis.agreed(2, "einddatum")
    huis.agreed(1, "budget")
    assert [("OP298", text)] == refused(huis, 2, omvang=499_999)
    huis.agreed(2, "volume")
    assert leaves(huis, 2, omvang=499_999)


def test_nothing_ends_before_the_last_day_that_was_granted(huis: Mutatiehuis) -> None:
    huis.grant(3, geleverd_volume=10, eenheid="04", **MEI)
    huis.agreed(3, "einddatum")
    text = "op toewijzing 3 is zorg toegekend tot en met 31 mei 2025; de einddatum kan niet eerder"
    assert [("UP031", text)] == refused(huis, 3, datumEindeToewijzing="2025-05-30")
    assert leaves(huis, 3, datumEindeToewijzing="2025-05-31")


def test_nothing_ends_in_the_past_without_consent(huis: Mutatiehuis) -> None:
    text = f"toewijzing 3 eindigt op een dag die voorbij is; {NO_CONSENT}"
    assert [("OP186", text)] == refused(huis, 3, datumEindeToewijzing="2025-12-04")
    # Today is not past, and an end to come needs no consent.
    assert leaves(huis, 3, datumEindeToewijzing="2025-12-05")


def test_a_consent_to_an_end_goes_no_further_than_its_day(huis: Mutatiehuis) -> None:
    huis.agreed(3, "einddatum", niet_voor=date(2025, 11, 1))
    assert ["OP186"] == [rule for rule, _ in refused(huis, 3, datumEindeToewijzing="2025-10-31")]
    assert leaves(huis, 3, datumEindeToewijzing="2025-11-01")


def test_after_its_own_definitive_stop_the_aanbieder_need_not_agree(huis: Mutatiehuis) -> None:
    started(huis, 3)
    stopped(huis, 3, date(2025, 10, 15), reden="20")
    assert ["OP186"] == [rule for rule, _ in refused(huis, 3, datumEindeToewijzing="2025-10-31")]
    stopped(huis, 3, date(2025, 10, 15))
    assert ["OP186"] == [rule for rule, _ in refused(huis, 3, datumEindeToewijzing="2025-10-14")]
    assert leaves(huis, 3, datumEindeToewijzing="2025-10-15")


def test_a_death_ends_care_in_the_past_but_not_what_was_granted(huis: Mutatiehuis) -> None:
    huis.grant(3, geleverd_volume=10, eenheid="04", **MEI)
    dood = {"redenWijziging": "02"}
    found = refused(huis, 3, datumEindeToewijzing="2025-05-30", **dood)
    assert ["UP031"] == [rule for rule, _ in found]
    assert leaves(huis, 3, datumEindeToewijzing="2025-06-02", **dood)


def test_a_consent_that_was_withdrawn_or_is_over_counts_for_nothing(huis: Mutatiehuis) -> None:
    huis.store.instemmingen.withdraw(ALLES, huis.agreed(1, "budget"))
    assert ["OP299"] == [rule for rule, _ in refused(huis, 1, budget=1)]
    huis.agreed(1, "budget", tot=date(2025, 12, 5))
    assert leaves(huis, 1, budget=110_000)
    huis.klok.now = huis.klok.now.replace(day=6)
    assert ["OP299"] == [rule for rule, _ in refused(huis, 1, budget=100_000)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"toewijzingnummer": 9}, "er is geen toewijzing 9"),
        ({"wat": "alles"}, "kies waarmee is ingestemd"),
        ({"toewijzingnummer": 3, "wat": "volume"}, "kan onder hetzelfde nummer niet wijzigen"),
        ({"toewijzingnummer": 2}, "heeft geen budget"),
        ({"op": date(2025, 12, 6)}, "kan niet van na vandaag zijn"),
        ({"tot": date(2025, 12, 4)}, "niet tot een dag vóór"),
        ({"wat": "verwijderen", "niet_onder": 5}, "hoort bij een volume of budget"),
        ({"niet_voor": date(2025, 12, 6)}, "hoort bij een einddatum"),
        ({"bron": "  "}, "vul bij bron"),
        ({"gemeente": "0150"}, "van gemeenten waarvoor u werkt"),
    ],
)
def test_a_consent_is_about_something_that_can_be_lowered(
    huis: Mutatiehuis, changes: dict[str, Any], text: str
) -> None:
    given: dict[str, Any] = {
        "gemeente": GEMEENTE,
        "wet": "jeugdwet",
        "toewijzingnummer": 1,
        "wat": "budget",
        "op": date(2025, 12, 5),
        "door": "J. de Boer",
        "bron": "brief 12",
    }
    with pytest.raises(WrongUse, match=text):
        huis.store.instemmingen.add(ALLES, ANNA, Vraag(**given | changes))
