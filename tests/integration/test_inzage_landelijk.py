"""Who may see every municipality asks the same lists as who sees one."""

from __future__ import annotations

import pytest

from gateway.store.inzage.berichten import Berichteninzage, Berichtfilter
from gateway.store.inzage.toewijzingen import Toewijzingfilter
from gateway.store.store import SqlStore
from gateway.store.tables import BEZIG, GEPARKEERD, KLAAR
from gateway.toegang.wie import Bereik
from tests.integration.store_builders import finish, taken

# More than two databases unite, and more names than one statement holds for each of them.
HEEL_NEDERLAND = frozenset(f"{number:04}" for number in range(1, 343)) | {"0193"}
AANBIEDER, OTHER = "60000001", "60000002"
CODES = ("482", "484", "301", "414")


@pytest.mark.parametrize(
    ("asked", "many"),
    [
        (Berichtfilter(), 1),
        (Berichtfilter(aanbieder=AANBIEDER), 1),
        (Berichtfilter(aanbieder=OTHER), 0),
        (Berichtfilter(berichtcodes=CODES), 0),
        (Berichtfilter(aanbieder=AANBIEDER, berichtcodes=CODES), 0),
        (Berichtfilter(nummer="NIETS", aanbieder=AANBIEDER, berichtcodes=CODES), 0),
    ],
)
def test_messages_of_the_whole_country_are_listed(
    store: SqlStore, asked: Berichtfilter, many: int
) -> None:
    finish(store, taken(store, 1, sender=AANBIEDER))
    found = Berichteninzage(store.database).zoek(Bereik(HEEL_NEDERLAND), asked, 25)
    assert many == len(found.rijen)


def test_a_provider_sees_nothing_of_another(store: SqlStore) -> None:
    finish(store, taken(store, 1, sender=AANBIEDER))
    own, asked = Bereik(HEEL_NEDERLAND, AANBIEDER), Berichtfilter(aanbieder=OTHER)
    assert () == tuple(Berichteninzage(store.database).zoek(own, asked, 25).rijen)


@pytest.mark.parametrize(
    ("asked", "by_staff", "by_provider"),
    [
        (Berichtfilter(staat=GEPARKEERD), 1, 0),
        (Berichtfilter(staat=BEZIG), 1, 2),
        (Berichtfilter(staat=KLAAR), 1, 1),
        (Berichtfilter(verdict="parked"), 1, 0),
        (Berichtfilter(verdict="accepted"), 1, 1),
    ],
)
def test_a_provider_cannot_ask_which_of_its_messages_wait_for_somebody(
    store: SqlStore, asked: Berichtfilter, by_staff: int, by_provider: int
) -> None:
    finish(store, taken(store, 1, sender=AANBIEDER))
    store.inbox.park(taken(store, 2, sender=AANBIEDER).inbox_id, "een storing")
    taken(store, 3, sender=AANBIEDER)
    look = Berichteninzage(store.database).zoek
    assert (by_staff, by_provider) == tuple(
        len(look(Bereik(frozenset({"0193"}), agb), asked, 25).rijen) for agb in (None, AANBIEDER)
    )


def test_assignments_of_the_whole_country_are_listed(store: SqlStore) -> None:
    found = store.toewijzingen.zoek(Bereik(HEEL_NEDERLAND), Toewijzingfilter(), 25)
    assert () == tuple(found.rijen)
