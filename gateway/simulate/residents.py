"""The people of one municipality with their care: planted faults first, then ordinary care.

Faults are planted in care of our own agreements.  A municipality with a model of its own has as
many lines under that model as were asked for, beside those, so that most of its money goes by it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.simulate.agreements import Aanbod
from gateway.simulate.care import GEWOON, NAAST, in_two_parts, ordinary
from gateway.simulate.faults.register import Fault, load_faults
from gateway.simulate.habits import with_habits
from gateway.simulate.kring import Bevolking, Kring
from gateway.simulate.months import rng_of
from gateway.simulate.moves import moved
from gateway.simulate.region import JEUGDWET, WETTEN, WMO
from gateway.simulate.story import OVERLEDEN, Verhaal, Zorg
from gateway.simulate.tasks import task_oriented

MET_NAAST = ("pxq", "stuk", "periode")  # kinds of care that a client can get together
JONG = 0.55  # share of the clients under the Jeugdwet
# Shares of the people whose care is for all inhabitants (no assignment, no lines), or a trajectory
# in two product codes.
TAAKGERICHT, IN_DELEN = 0.03, 0.05


def tell_municipality(aanbod: Aanbod, place: int) -> list[Zorg]:
    """All care in the municipality in this place, of at least as many lines as it should have."""
    regio, gemeente = aanbod.regio, aanbod.regio.gemeenten[place]
    bevolking = Bevolking(regio.seed, gemeente)
    rng = rng_of(regio.seed, "gemeente", gemeente.code)
    kringen = {wet: Kring(aanbod, bevolking, wet, rng) for wet in WETTEN}
    zorgen = [zorg for wet, fault in planted(aanbod, place) for zorg in fault.tell(kringen[wet])]
    zorgen += moved(kringen, place)
    wetten = aanbod.wetten_onder_model(gemeente)
    lines = 0 if wetten else sum(len(zorg.regels) for zorg in zorgen)
    while lines < regio.regels_in(place):
        if wetten:
            told = under_model(kringen[rng.choice(wetten)])
        else:
            told = someone(kringen[JEUGDWET if rng.random() < JONG else WMO])
        zorgen += told
        lines += sum(len(zorg.regels) for zorg in told)
    return zorgen


def planted(aanbod: Aanbod, place: int) -> Iterator[tuple[str, Fault]]:
    """The faults of the municipality in this place, each with the law that it is planted under."""
    for item, fault in enumerate(load_faults()[0]):
        times = fault.vaak * aanbod.regio.times(item, place)
        if fault.ruimte == "gemeente":
            times = min(times, 1)
        elif fault.ruimte == "regio":
            times = int(place == 0)
        for number in range(times):
            yield WETTEN[(item + place + number) % len(WETTEN)], fault


def under_model(kring: Kring) -> Verhaal:
    """A new client with ordinary care by the agreement that the municipality pays by."""
    markt, plaatsen = kring.rng.choice(kring.under_model())
    return (with_habits(kring, ordinary(kring, markt, kring.rng.choice(plaatsen))),)


def someone(kring: Kring) -> Verhaal:
    """A new client with ordinary care, in one product, two or three."""
    rng, markt = kring.rng, kring.markt()
    chance = rng.random()
    if chance < TAAKGERICHT:
        return task_oriented(kring, markt)
    if chance < IN_DELEN:
        return in_two_parts(kring, markt)
    contracted = kring.under_contract(markt)
    own = not contracted or rng.random() < 0.5
    plaats = kring.vorm(rng.choice(GEWOON)) if own else rng.choice(contracted)
    zorg = ordinary(kring, markt, plaats)
    alive = zorg.laatste.reden_wijziging != OVERLEDEN
    more = rng.choice((0, 1, 2, 2)) if alive and plaats.cel.soort in MET_NAAST else 0
    beside = rng.sample([naam for naam in NAAST if kring.vorm(naam) != plaats], more)
    others = [ordinary(kring, markt, kring.vorm(naam), zorg) for naam in beside]
    return tuple(with_habits(kring, one) for one in (zorg, *others))
