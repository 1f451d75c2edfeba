"""Plants labelled faults in faultless care: each one changes one thing and says what it comes to.

The labels follow from what was changed, never from asking the judge.  A planted fault must have
no other effect: where a change could trip a second rule, the fault takes care that fits only one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Plaats
from gateway.simulate.care import (
    AGAIN,
    PER_MAAND,
    PER_WEEK,
    TOTAAL,
    Regel,
    Zorg,
    invoice_day,
    month_end,
    of_volume,
    stopped,
    tell_care,
    weeks_of,
    with_lines,
)
from gateway.simulate.region import Markt, month_after

UNKNOWN_NUMBER = 500_000  # added to a number that is in use it gives one that never is
MUTUAL_STOP = {"jeugdwet": "34", "wmo": "23"}


@dataclass(frozen=True, slots=True)
class Wereld:
    """What a fault may look at: the invoiced months, and the cells in force in each market.

    `binnen` are the cells that the provider has a contract for, `buiten` the others; `boven` are
    those of trajectories above the notice amount, which are in neither.
    """

    maanden: tuple[date, ...]
    binnen: Mapping[Markt, Sequence[Plaats]]
    buiten: Mapping[Markt, Sequence[Plaats]]
    boven: Mapping[Markt, Sequence[Plaats]]


Fault = Callable[[Zorg, Wereld, Random], Zorg | None]


def plant(
    verhalen: Sequence[Zorg], wereld: Wereld, times: int, rng: Random
) -> tuple[list[Zorg], set[int]]:
    """The stories with every fault planted, and the places of those that were touched.

    A story carries one fault at most.  Where none fits, a fault is left out.
    """
    told, touched = list(verhalen), set[int]()
    for fault in FAULTS.values():
        order = [place for place in range(len(told)) if place not in touched]
        rng.shuffle(order)
        planted = 0
        for place in order:
            changed = fault(told[place], wereld, rng) if planted < times else None
            if changed is not None:
                told[place] = changed
                touched.add(place)
                planted += 1
    _share_references(told, touched, wereld, times)
    return told, touched


def tariff_of_another_year(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """0611: a line shows the price that the product had, or will have, in another year."""
    cel = zorg.cel
    found = [
        (index, one.bedrag)
        for index, regel in enumerate(zorg.regels)
        for one in zorg.plaats.overeenkomst.cellen
        if (one.productcode, one.eenheid) == (cel.productcode, cel.eenheid)
        and regel.prestatie.producttarief not in (None, one.bedrag)
    ]
    if not found:
        return None
    index, tarief = rng.choice(found)
    line = zorg.regels[index].prestatie
    amount = line.geleverd_volume * tarief
    return _spoiled(
        zorg, index, line._replace(producttarief=tarief, ingediend_bedrag=amount), "0611", wereld
    )


def more_than_the_weeks_allow(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """9321: a line has one unit more than its weeks allow, on an assignment with room in all."""
    toewijzing = zorg.toewijzing
    if toewijzing.frequentie != PER_WEEK or not zorg.regels:
        return None
    index = rng.randrange(len(zorg.regels))
    line = zorg.regels[index].prestatie
    per_week, end = toewijzing.volume or 0, toewijzing.einddatum
    volume = per_week * weeks_of(line.begindatum, line.einddatum) + 1
    others = sum(one.prestatie.geleverd_volume for one in zorg.regels) - line.geleverd_volume
    if end is None or volume + others > per_week * weeks_of(toewijzing.ingangsdatum, end):
        return None
    return _spoiled(zorg, index, of_volume(line, volume), "9321", wereld)


def more_than_the_total_allows(zorg: Zorg, _: Wereld, __: Random) -> Zorg | None:
    """9322: the last line takes one unit more than the total of the assignment has left."""
    if zorg.cel.soort != "stuk" or zorg.toewijzing.frequentie != TOTAAL or len(zorg.regels) < 2:
        return None
    *earlier, last = zorg.regels
    taken = sum(one.prestatie.geleverd_volume for one in earlier)
    volume = (zorg.toewijzing.volume or 0) - taken + 1
    changed = replace(last, prestatie=of_volume(last.prestatie, volume), codes=("9322",))
    return replace(zorg, regels=(*earlier, changed))


def unknown_toewijzing(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """9338: a line stands on a number that nobody was ever given."""
    if not zorg.regels:
        return None
    index = rng.randrange(len(zorg.regels))
    line = zorg.regels[index].prestatie
    nummer = line.toewijzingnummer + UNKNOWN_NUMBER
    return _spoiled(zorg, index, line._replace(toewijzingnummer=nummer), "9338", wereld)


def month_before_the_toewijzing(zorg: Zorg, wereld: Wereld, _: Random) -> Zorg | None:
    """9307: the first line is dated a whole month too early, before the assignment began."""
    ingang = zorg.toewijzing.ingangsdatum
    if zorg.cel.soort == "pxq" or ingang < wereld.maanden[0] or not zorg.regels:
        return None
    before = month_after(ingang.replace(day=1), -1)
    line = zorg.regels[0].prestatie._replace(
        begindatum=before, einddatum=ingang.replace(day=1) - ONE_DAY
    )
    return _spoiled(zorg, 0, line, "9307", wereld)


def month_after_the_toewijzing(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """9308: care goes on, and is invoiced, for a month after the assignment has ended."""
    maanden, toewijzing = wereld.maanden, zorg.toewijzing
    if toewijzing.frequentie != PER_MAAND or toewijzing.ingangsdatum >= maanden[0]:
        return None
    if len(maanden) < 2:
        return None
    ended = toewijzing._replace(einddatum=month_end(maanden[-2]))
    # As long before the first invoice as after the end, so that the total has room for the line.
    volumes = [(maand, rng.randint(1, toewijzing.volume or 1)) for maand in maanden]
    begun = replace(zorg, toewijzing=ended, starts=zorg.starts[:1], stops=())
    kept = with_lines(begun, volumes[:-1]).regels
    (late,) = with_lines(replace(begun, toewijzing=toewijzing), volumes[-1:]).regels
    line = late.prestatie._replace(begindatum=maanden[-1], einddatum=month_end(maanden[-1]))
    return replace(begun, regels=(*kept, replace(late, prestatie=line, codes=("9308",))))


def begins_within_the_month(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """9387: a line begins some days into the month, on the day that care really began again."""
    fitting = [
        index
        for index, regel in enumerate(zorg.regels)
        if zorg.cel.soort == "stuk"
        and regel.prestatie.begindatum == regel.maand > zorg.toewijzing.ingangsdatum
        and regel.prestatie.einddatum == month_end(regel.maand)
    ]
    if not fitting:
        return None
    index = rng.choice(fitting)
    line = zorg.regels[index].prestatie
    begin = line.begindatum.replace(day=rng.randint(2, 20))
    return _spoiled(zorg, index, line._replace(begindatum=begin), "9387", wereld)


def start_never_sent(zorg: Zorg, _: Wereld, __: Random) -> Zorg | None:
    """S105: care is invoiced that was never reported as started."""
    return replace(zorg, starts=(), stops=(), regels=_signalled(zorg.regels, "S105"))


def goes_on_after_its_stop(zorg: Zorg, wereld: Wereld, _: Random) -> Zorg | None:
    """S106: a line lies wholly after the day on which care was reported as stopped."""
    if len(zorg.regels) < 2 or zorg.stops or zorg.cel.soort == "traject":
        return None
    *earlier, last = zorg.regels
    einddatum = last.maand - ONE_DAY
    if not zorg.starts[-1].begindatum <= einddatum:
        return None
    zorg = replace(zorg, regels=(*earlier, *_signalled([last], "S106")))
    return stopped(zorg, einddatum, MUTUAL_STOP[zorg.markt.wet])


def cut_short_too_late(zorg: Zorg, wereld: Wereld, _: Random) -> Zorg | None:
    """S104: an assignment is cut short the day after the invoice was dated, before it arrives."""
    maanden, toewijzing = wereld.maanden, zorg.toewijzing
    if len(zorg.regels) < 2 or zorg.stops or zorg.cel.soort == "traject":
        return None
    *earlier, last = zorg.regels
    end = month_end(maanden[-2]) if len(maanden) > 1 else None
    whole = (last.prestatie.begindatum, last.prestatie.einddatum) == (
        maanden[-1],
        month_end(maanden[-1]),
    )
    if end is None or not whole or toewijzing.ingangsdatum >= end:
        return None
    told = invoice_day(zorg.markt, maanden[-1]) + ONE_DAY
    later = toewijzing._replace(
        bekend_op=told, toewijzingsdatum=told, einddatum=end, reden_wijziging="12"
    )
    return replace(zorg, wijziging=later, regels=(*earlier, *_signalled([last], "S104")))


def own_price(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """S101: the municipality assigns a trajectory at another amount than its cell has.

    It is told of the assignment, and again of every line on it: a line in euros has no tariff.
    """
    plaats, cel = zorg.plaats, zorg.cel
    bedrag = cel.bedrag + 200 * rng.randint(5, 250)
    notice = plaats.overeenkomst.drempels.melding_traject
    if cel.soort != "traject" or (notice is not None and bedrag > notice):
        return None
    told = _retold(zorg, Plaats(plaats.overeenkomst, replace(cel, bedrag=bedrag)), wereld, rng)
    regels = _signalled(told.regels, "S101")
    return replace(told, plaats=plaats, signals=("S101",), regels=regels)


def not_contracted(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """S109: a provider is assigned, and invoices, a cell that it has no contract for."""
    buiten = wereld.buiten[zorg.markt]
    if not buiten:
        return None
    told = _retold(zorg, rng.choice(buiten), wereld, rng)
    return replace(told, signals=("S109",), regels=_signalled(told.regels, "S109"))


def above_the_notice_amount(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """S111: a trajectory costs more than the amount above which the agreement wants a look."""
    boven = wereld.boven[zorg.markt]
    if not boven:
        return None
    return replace(_retold(zorg, rng.choice(boven), wereld, rng), signals=("S111",))


def unknown_product(zorg: Zorg, wereld: Wereld, rng: Random) -> Zorg | None:
    """S119: a product is assigned, and invoiced, that has no cell in any unit."""
    cel = replace(zorg.cel, productcode=f"{zorg.cel.productcategorie}X99")
    told = _retold(zorg, Plaats(zorg.plaats.overeenkomst, cel), wereld, rng)
    return replace(told, signals=("S119",), regels=_signalled(told.regels, "S119"))


# By what is to be found.  Those that fit little care come first, while most of it is untouched.
FAULTS: Mapping[str, Fault] = {
    "TR322": more_than_the_total_allows,
    "TR321": more_than_the_weeks_allow,
    "TR308": month_after_the_toewijzing,
    "TR418": tariff_of_another_year,
    "S104": cut_short_too_late,
    "S106": goes_on_after_its_stop,
    "TR387": begins_within_the_month,
    "TR307": month_before_the_toewijzing,
    "S101": own_price,
    "S109": not_contracted,
    "S111": above_the_notice_amount,
    "TR338": unknown_toewijzing,
    "S105": start_never_sent,
    "S119": unknown_product,
}
ONE_DAY = timedelta(days=1)


def _share_references(told: list[Zorg], touched: set[int], wereld: Wereld, times: int) -> None:
    """8021: two clients in one invoice have a line with the same ReferentieNummer.

    The client with the lower number stands first in the invoice, and first in line.
    """
    planted = 0
    for place, zorg in enumerate(told):
        for other in range(place) if planted < times and place not in touched else ():
            pair = _pair(told[other], zorg) if other not in touched else None
            if pair is not None:
                earlier, index = pair
                line = zorg.regels[index].prestatie._replace(referentienummer=earlier)
                told[place] = _spoiled(zorg, index, line, "8021", wereld)
                touched |= {place, other}
                planted += 1
                break


def _pair(first: Zorg, second: Zorg) -> tuple[str, int] | None:
    """The ReferentieNummer of a line of the first, and which line of the second goes with it."""
    if first.markt != second.markt:
        return None
    numbers = {one.maand: one.prestatie.referentienummer for one in first.regels}
    for index, regel in enumerate(second.regels):
        if regel.maand in numbers:
            return numbers[regel.maand], index
    return None


def _spoiled(zorg: Zorg, index: int, line: Prestatie, code: str, wereld: Wereld) -> Zorg:
    """The care with one line spoiled; the provider sends it right in its next invoice."""
    right = zorg.regels[index]
    regels = list(zorg.regels)
    regels[index] = replace(right, prestatie=line, codes=(code,))
    following = [maand for maand in wereld.maanden if maand > right.maand]
    if following:
        again = f"{right.prestatie.referentienummer}{AGAIN}"
        regels.append(Regel(following[0], right.prestatie._replace(referentienummer=again)))
    return replace(zorg, regels=tuple(regels))


def _signalled(regels: Sequence[Regel], code: str) -> tuple[Regel, ...]:
    return tuple(replace(regel, signals=(code,)) for regel in regels)


def _retold(zorg: Zorg, plaats: Plaats, wereld: Wereld, rng: Random) -> Zorg:
    return tell_care(zorg.client, plaats, wereld.maanden, rng)
