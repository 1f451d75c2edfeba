"""Everything that one municipality and its providers send each other, wrong messages included."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.simulate.faults.copies import with_bom
from gateway.simulate.faults.register import Invoer, load_faults
from gateway.simulate.messages import Bericht, Postkamer, invoices, small_messages
from gateway.simulate.months import rng_of
from gateway.simulate.region import Markt, Regio
from gateway.simulate.story import Zorg


def sent_in(regio: Regio, place: int, zorgen: Sequence[Zorg], post: Postkamer) -> list[Bericht]:
    """The messages of the municipality in this place, in sending order."""
    right = [*invoices(zorgen, regio.maanden, post), *small_messages(zorgen, post)]
    earlier, wrong_messages = _earlier(right), load_faults()[1]
    order = list(range(len(right)))
    rng_of(regio.seed, "berichten", regio.gemeenten[place].code).shuffle(order)
    made: list[Bericht] = []
    for item, fault in enumerate(wrong_messages):
        for _ in range(regio.wrong_times(item, place)):
            fits = ((one, fault.make(Invoer(right[one], earlier.get(one), post))) for one in order)
            found = next(((one, wrong) for one, wrong in fits if wrong is not None), None)
            if found is not None:
                made.append(found[1])
                order.remove(found[0])
                order.append(found[0])  # the last to be taken again
    for spare in order[: regio.wrong_times(len(wrong_messages), place)]:
        right[spare] = with_bom(right[spare])
    return sorted([*right, *made], key=lambda one: one.verzonden)


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
