"""Everything that one municipality and its providers send each other, wrong messages included."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.simulate.faults.copies import with_bom
from gateway.simulate.faults.register import Invoer, WrongMessage, load_faults
from gateway.simulate.messages import Bericht, Postkamer, invoices, small_messages
from gateway.simulate.months import rng_of
from gateway.simulate.region import Markt, Regio
from gateway.simulate.story import Zorg


def sent_in(regio: Regio, place: int, zorgen: Sequence[Zorg], post: Postkamer) -> list[Bericht]:
    """The messages of the municipality in this place, in sending order."""
    right = [*invoices(zorgen, regio.maanden, post), *small_messages(zorgen, post)]
    order = list(range(len(right)))
    rng_of(regio.seed, "berichten", regio.gemeenten[place].code).shuffle(order)
    earlier, wrong_messages = _earlier(right), load_faults()[1]
    made: list[Bericht] = []
    for item, fault in enumerate(wrong_messages):
        for _ in range(regio.wrong_times(item, place)):
            place_of = _first_fit(fault, right, earlier, order, post, made)
            if place_of is not None:
                order.remove(place_of)
                order.append(place_of)  # it is the last to be taken again
    for spare in order[: regio.wrong_times(len(wrong_messages), place)]:
        right[spare] = with_bom(right[spare])
    return sorted([*right, *made], key=lambda one: one.verzonden)


def _first_fit(
    fault: WrongMessage,
    right: Sequence[Bericht],
    earlier: dict[int, Bericht],
    order: Sequence[int],
    post: Postkamer,
    made: list[Bericht],
) -> int | None:
    """Which message the fault fits first; the wrong one is added to `made`."""
    for place in order:
        wrong = fault.make(Invoer(right[place], earlier.get(place), post))
        if wrong is not None:
            made.append(wrong)
            return place
    return None


def _earlier(right: Sequence[Bericht]) -> dict[int, Bericht]:
    """For the place of each invoice but the first ones: the one of the same provider before it."""
    found: dict[int, Bericht] = {}
    last: dict[Markt, Bericht] = {}
    for place, bericht in enumerate(right):
        if bericht.soort == "323":
            if bericht.markt in last:
                found[place] = last[bericht.markt]
            last[bericht.markt] = bericht
    return found
