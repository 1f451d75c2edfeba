"""Which amounts of a total are told to who may see no clients."""

from __future__ import annotations

import pytest

from gateway.http.prognoses import secret_of
from gateway.ledger.geld.opname import Som

ALLEEN_SAMEN = {"verwacht", "vrijgevallen"}
ALLES = {
    *("gerealiseerd", "verplicht", "verwacht", "vrijgevallen"),
    *("prognose", "geleverd", "komend", "instroom"),
    *("boven", "los", "zonder_prijs"),
}


def som(**achter: int) -> Som:
    """A total of twenty clients, with the first so many of them behind each amount."""
    everyone = [f"client {n}" for n in range(20)]
    return Som(
        clienten=set(everyone),
        achter={name: set(everyone[:count]) for name, count in achter.items()},
    )


@pytest.mark.parametrize(
    ("achter", "expected"),
    [
        ({"gerealiseerd": 20, "verwacht": 9, "vrijgevallen": 5}, set()),
        # One line was granted: everything that it is a part of would tell it.
        ({"gerealiseerd": 1, "verwacht": 20}, ALLES),
        # What two lost would follow from what is expected: both are told together only.
        ({"gerealiseerd": 20, "verwacht": 9, "vrijgevallen": 2}, ALLEEN_SAMEN),
        # The same two are behind both, so also what all comes to would tell of them.
        ({"gerealiseerd": 20, "verwacht": 2, "vrijgevallen": 2}, {*ALLEEN_SAMEN, "verplicht"}),
        ({"gerealiseerd": 20, "verwacht": 2}, {"verwacht", "verplicht"}),
        ({"gerealiseerd": 20, "komend": 3, "instroom": 8}, {"komend", "instroom"}),
        ({"gerealiseerd": 20, "boven": 4, "los": 1, "zonder_prijs": 5}, {"boven", "los"}),
    ],
)
def test_what_is_of_a_few_is_told_together_or_not_at_all(
    achter: dict[str, int], expected: set[str]
) -> None:
    assert expected == secret_of(som(**achter))


def test_nothing_is_told_of_a_few_clients_or_of_whom_nobody_knows() -> None:
    few = Som(clienten={"a", "b"}, achter={"gerealiseerd": {"a", "b"}, "boven": {"a"}})
    unknown = Som(achter={"gerealiseerd": {""}, "los": {""}})
    for one in (few, unknown):
        assert {"gerealiseerd", "verplicht", "prognose", "toewijzingen", "los"} <= secret_of(one)
    assert not secret_of(Som())
