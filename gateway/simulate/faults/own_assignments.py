"""Faults of the municipality itself: assignments that its agreements do not provide for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gateway.records.overeenkomst import Plaats
from gateway.simulate.agreements import GEBLOKKEERD
from gateway.simulate.care import ordinary
from gateway.simulate.faults.product import unknown_code
from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import (
    Rustig,
    begun,
    far_off,
    steady,
    steady_on,
    trajectory,
)
from gateway.simulate.kring import Kring
from gateway.simulate.story import TOTAAL, Verhaal, Zorg, with_lines


@plants("S101")
def trajectory_at_its_own_price(kring: Kring) -> Verhaal:
    """A trajectory is assigned at another amount than its cell has; every line follows it."""
    vorm = kring.rng.choice(("traject", "termijnen"))
    price = kring.vorm(vorm).cel.bedrag
    bedrag = price + 100 * kring.rng.choice((-500, 7, 250, 1200))
    zorg = trajectory(kring, vorm, (bedrag // 3, bedrag // 4), bedrag=bedrag)
    return (zorg.signalled("S101").with_signals("S101"),)


@plants("S101")
def month_at_its_own_price(kring: Kring) -> Verhaal:
    """An amount per month is assigned that is not that of its cell."""
    bedrag = kring.vorm("maand").cel.bedrag + 100 * kring.rng.randint(1, 90)
    zorg = steady(kring, "maand", Rustig(volume=bedrag, each=bedrag))
    return (zorg.signalled("S101").with_signals("S101"),)


@plants("S101")
def amount_in_all_for_a_month(kring: Kring) -> Verhaal:
    """An amount per month is assigned as if it were for the whole period."""
    bedrag = kring.vorm("maand").cel.bedrag
    each = bedrag // (len(kring.maanden) + 4)
    rustig = Rustig(volume=bedrag, each=each, frequentie=TOTAAL, einddatum=far_off(kring))
    return (steady(kring, "maand", rustig).signalled("S101").with_signals("S101"),)


@plants("S101")
def budget_of_its_own(kring: Kring) -> Verhaal:
    """A budget is assigned that no cell of its category has."""
    budget = kring.vorm("budget").cel.bedrag + 50_000
    zorg = steady(kring, "budget", Rustig(budget=budget, einddatum=far_off(kring)))
    return (zorg.signalled("S101").with_signals("S101"),)


@plants("S107")
def two_trajectories(kring: Kring) -> Verhaal:
    """A second trajectory is assigned to a client whose first one runs."""
    first = trajectory(kring, "los", (60_000,))
    begin = kring.maanden[kring.rng.randrange(1, 3)].replace(day=3)
    beside = Rustig(client=first.client, markt=kring.markt(), ingangsdatum=begin)
    return (first, trajectory(kring, "los-anders", (50_000,), beside).signalled("S107"))


@plants("S107")
def two_trajectories_in_a_family(kring: Kring) -> Verhaal:
    """A trajectory is assigned to a child of a family in which another child has one."""
    first = trajectory(kring, "los", (60_000,))
    begin = kring.maanden[kring.rng.randrange(1, 3)].replace(day=3)
    second = trajectory(kring, "los", (70_000,), Rustig(ingangsdatum=begin)).signalled("S107")
    mark = first.plaats.overeenkomst.gezinskenmerk
    family = f"{mark}G{first.toewijzing.toewijzingnummer}"
    return (_commented(first, family), _commented(second, family))


@plants("S108")
def second_main_contractor(kring: Kring) -> Verhaal:
    """An arrangement is assigned to a second provider while that of the first one runs."""
    first = _arrangement(kring, Rustig(markt=kring.markten[0]))
    begin = kring.maanden[kring.rng.randrange(1, 3)]
    beside = Rustig(client=first.client, markt=kring.markten[-1], ingangsdatum=begin)
    return (first, _arrangement(kring, beside, "arrangement-plus").signalled("S108"))


@plants("S110")
def old_indication_beside_it(kring: Kring) -> Verhaal:
    """An old indication and the arrangement that replaces it run beside each other."""
    begin = kring.maanden[kring.rng.randrange(1, 3)]
    if kring.rng.random() < 0.5:
        first = _arrangement(kring, Rustig())
        beside = Rustig(client=first.client, markt=first.markt, ingangsdatum=begin)
        return (first, steady(kring, "oud", beside).signalled("S110"))
    first = steady(kring, "oud")
    beside = Rustig(client=first.client, markt=first.markt, ingangsdatum=begin)
    return (first, _arrangement(kring, beside).signalled("S110"))


@plants("S109")
def without_a_contract(kring: Kring) -> Verhaal:
    """A provider is assigned, and invoices, a cell that it has no contract for."""
    zorg = steady(kring, "contract")
    return (zorg.signalled("S109").with_signals("S109"),)


@plants("S109")
def contract_of_others(kring: Kring) -> Verhaal:
    """The same under an agreement of the project, where there is one with contracts."""
    markt = kring.markt()
    found = kring.aanbod.not_contracted(kring.gemeente, kring.wet, markt.aanbieder)
    if not found:
        return without_a_contract(kring)
    zorg = ordinary(kring, markt, kring.rng.choice(found))
    return (zorg.signalled("S109").with_signals("S109"),)


@plants("S118")
def blocked_provider(kring: Kring) -> Verhaal:
    """A provider with a payment block declares; it has a contract, and is granted."""
    rustig = Rustig(markt=kring.markt_van(GEBLOKKEERD))
    return (steady(kring, "contract", rustig).with_signals("S118"),)


@plants("S111")
def heavy_trajectory(kring: Kring) -> Verhaal:
    """A trajectory costs more than the amount above which the agreement wants a look."""
    return (trajectory(kring, "zwaar", (400_000,)).signalled("S111"),)


@plants("S117")
def runs_beyond_its_model(kring: Kring) -> Verhaal:
    """An assignment runs on after the last day on which its cell has indications, or is open."""
    beyond = date(kring.maanden[0].year + 1, 1, kring.rng.randint(1, 28))
    rustig = Rustig(einddatum=kring.rng.choice((None, beyond)))
    return (steady(kring, "overgaand", rustig).signalled("S117"),)


@plants("S121")
def assigned_too_late(kring: Kring) -> Verhaal:
    """An assignment begins after the last day on which its cell is assigned."""
    begin = kring.first_day(kring.rng.choice(kring.maanden[:3]))
    return (steady(kring, "aflopend", Rustig(ingangsdatum=begin)).signalled("S121"),)


@plants("S119", vaak=2)
def unknown_product(kring: Kring) -> Verhaal:
    """A product is assigned, and invoiced, that has no cell in any unit."""
    known = kring.vorm(kring.rng.choice(("uur", "stuk")))
    plaats = Plaats(known.overeenkomst, replace(known.cel, productcode=unknown_code(known.cel)))
    return (steady_on(kring, plaats).signalled("S119").with_signals("S119"),)


@plants("S124")
def task_for_one_client(kring: Kring) -> Verhaal:
    """A product that is paid as a task for everyone is assigned to one client, and declared."""
    plaats = kring.vorm("taak")
    zorg = begun(kring, plaats, Rustig())
    lines = with_lines(zorg, [(maand, 1) for maand in kring.maanden[:3]], tarief=2_500)
    return (lines.signalled("S124").with_signals("S124"),)


def _arrangement(kring: Kring, rustig: Rustig, vorm: str = "arrangement") -> Zorg:
    bedrag = kring.vorm(vorm).cel.bedrag
    return steady(kring, vorm, replace(rustig, volume=bedrag, each=bedrag))


def _commented(zorg: Zorg, commentaar: str) -> Zorg:
    first = zorg.versies[0]
    told = replace(first, product=first.product._replace(commentaar=commentaar))
    return replace(zorg, versies=(told, *zorg.versies[1:]))
