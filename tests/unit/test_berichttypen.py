"""Who sends which message, and which message answers which."""

import pytest

from gateway.config import Settings
from gateway.inlezen import load_types
from gateway.messages.definition import Berichttypen

VAN_GEMEENTE = {"301", "319", "306", "308", "316", "318", "325"}
RETOUREN = {"302": "301", "320": "319", "306": "305", "308": "307"}
RETOUREN |= {"316": "315", "318": "317", "325": "323"}


@pytest.fixture(scope="module")
def types() -> Berichttypen:
    return load_types(Settings())


def test_a_municipality_sends_its_own_messages_and_answers_to_those_of_others(
    types: Berichttypen,
) -> None:
    assert 28 == len(list(types.all()))
    sent = {one.naam for one in types.all() if types.from_gemeente(one)}
    assert {f"{wet}{nummer}" for wet in ("JW", "WMO") for nummer in VAN_GEMEENTE} == sent


def test_a_retour_knows_what_it_answers(types: Berichttypen) -> None:
    heen = {one.naam: types.heen_of(one) for one in types.all()}
    found = {naam: kind.naam for naam, kind in heen.items() if kind is not None}
    assert {
        f"{wet}{retour}": f"{wet}{nummer}"
        for wet in ("JW", "WMO")
        for retour, nummer in RETOUREN.items()
    } == found
