"""Checks that hold the amount of a line in euros against the amount that is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gateway.agreements.maandbedrag import Maandbedrag, month_due
from gateway.deviations.eigen_toewijzing import follows_cell
from gateway.deviations.gevallen import EURO, PERIODE, evidence_of, in_euros, regels_onder
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.deviations.trajecten import Deel, delen
from gateway.periods.maanden import first_of_month, last_of_month, same_month
from gateway.periods.volume import PER_MAAND
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct

VOL = "vol"


@check("S102", soort="formeel", naam="lager bedrag dan afgesproken", over=(Declaratiebatch,))
def lower_amount(batch: Declaratiebatch) -> Deviations:
    """A line in euros (unit 83) asks for no less than the fixed price that is due.

    An amount per month is due for a ProductPeriode, in a broken first or last month as far as
    the cell says.  A trajectory without instalments may be divided at will, but with the line
    whose ProductPeriode holds the Einddatum all of its price is claimed; what the same part of
    the message claims on the assignment counts, in whatever order.  Silent where S101 speaks:
    then the line follows an assignment that differs.  Formal control.
    """
    yield from _lower_in_month(batch)
    yield from _lower_in_trajectory(batch)


@check(
    "S123",
    soort="formeel",
    naam="gebroken maand voor meer dan afgesproken",
    over=(Declaratiebatch,),
)
def broken_month_too_high(batch: Declaratiebatch) -> Deviations:
    """A broken first or last month asks for no more than its cell gives for such a month.

    With "geen" nothing may be asked, with "naar-rato" the days of the month that lie within the
    assignment, half up.  Where the assignment has another amount than its cell (S101) the higher
    one is the measure.  Pieces cannot be split: outside euros only a month for which nothing is
    due can be too high.  TR321 keeps whole months.  Silent for a period that does not fit in the
    assignment, which S104 tells of, and for an assignment within one month when the cell pays a
    broken begin and a broken end differently.  Formal control.
    """
    for prestatie, toewijzing, prijs in regels_onder(batch, _may_break):
        if toewijzing.frequentie != PER_MAAND or not _fits(prestatie, toewijzing):
            continue
        due = _due(_highest(toewijzing, prijs), prestatie, toewijzing, prijs)
        if due is None or due.regel is None or prestatie.ingediend_bedrag <= due.bedrag:
            continue
        if prestatie.eenheid == EURO or not due.bedrag:
            yield _too_high(prestatie, prijs, due.bedrag)


def _lower_in_month(batch: Declaratiebatch) -> Deviations:
    for prestatie, toewijzing, prijs in regels_onder(batch, _is_month_in_euros):
        if (
            prestatie.eenheid != EURO
            or toewijzing.frequentie != PER_MAAND
            or not follows_cell(toewijzing, prijs)
            or not _fits(prestatie, toewijzing)
        ):
            continue
        due = _due(min(prijs.juiste), prestatie, toewijzing, prijs)
        if due is not None and prestatie.ingediend_bedrag < due.bedrag:
            yield _too_low(prestatie, prijs, due.bedrag)


def _lower_in_trajectory(batch: Declaratiebatch) -> Deviations:
    found = [
        deel
        for deel in delen(batch, lambda plaats: not plaats.cel.termijnen)
        if follows_cell(deel.toewijzing, deel.prijs)
    ]
    totals = {deel.prestatie.toewijzingnummer: deel.tot_nu for deel in found}
    for deel in found:
        einddatum, prestatie = deel.toewijzing.einddatum, deel.prestatie
        total = totals[prestatie.toewijzingnummer]
        if (
            einddatum is not None
            and prestatie.begindatum <= einddatum <= prestatie.einddatum
            and total < deel.toegewezen
        ):
            yield _unfinished(deel, total)


def _is_month_in_euros(plaats: Plaats) -> bool:
    return plaats.cel.soort == PERIODE and plaats.cel.eenheid == EURO


def _may_break(plaats: Plaats) -> bool:
    cel = plaats.cel
    return cel.soort == PERIODE and (cel.gebroken_begin, cel.gebroken_eind) != (VOL, VOL)


def _fits(prestatie: Prestatie, toewijzing: ToegewezenProduct) -> bool:
    """Whether the period lies within the assignment as it is now."""
    einddatum = toewijzing.einddatum
    return toewijzing.ingangsdatum <= prestatie.begindatum and (
        einddatum is None or prestatie.einddatum <= einddatum
    )


def _due(
    bedrag: int, prestatie: Prestatie, toewijzing: ToegewezenProduct, prijs: Prijs
) -> Maandbedrag | None:
    """What is due for the month of a line, where a whole month is so many eurocents.

    None where the agreement does not tell: the assignment begins and ends in this one month, and
    the cell pays these differently.
    """
    cel, begin, end = prijs.plaats.cel, toewijzing.ingangsdatum, toewijzing.einddatum
    if cel.gebroken_begin != cel.gebroken_eind and _is_broken_twice(begin, end):
        return None
    return month_due(replace(cel, bedrag=bedrag), prestatie.begindatum, begin, end)


def _is_broken_twice(begin: date, end: date | None) -> bool:
    """Whether an assignment begins after the first and ends before the last of one month."""
    if end is None or not same_month(begin, end):
        return False
    return begin != first_of_month(begin) and end != last_of_month(end)


def _highest(toewijzing: ToegewezenProduct, prijs: Prijs) -> int:
    """The highest amount that anyone could take for a whole month, in eurocents."""
    volume = toewijzing.volume or 0
    if toewijzing.eenheid == EURO:
        return max(volume, *prijs.juiste)
    return max(prijs.juiste) * max(volume, 1)


def _too_low(prestatie: Prestatie, prijs: Prijs, due: int) -> Deviation:
    bedrag = prestatie.ingediend_bedrag
    return Deviation(
        Offence(
            prestatie,
            f"Regel {prestatie.referentienummer} vraagt {in_euros(bedrag)}, minder dan de "
            f"{in_euros(due)} die voor {prijs.plaats.cel.naam} is afgesproken.",
            element="IngediendBedrag",
            found=in_euros(bedrag),
            expected=in_euros(due),
        ),
        evidence_of(prijs, bedrag, due, belang=due - bedrag),
    )


def _unfinished(deel: Deel, total: int) -> Deviation:
    price = deel.toegewezen
    return Deviation(
        Offence(
            deel.prestatie,
            f"Op toewijzing {deel.toewijzing.toewijzingnummer} is met de laatste periode "
            f"{in_euros(total)} gedeclareerd, minder dan de vaste prijs van {in_euros(price)}.",
            element="IngediendBedrag",
            found=f"{in_euros(total)} in totaal",
            expected=f"{in_euros(price)} in totaal",
        ),
        evidence_of(deel.prijs, total, price, belang=price - total),
    )


def _too_high(prestatie: Prestatie, prijs: Prijs, due: int) -> Deviation:
    bedrag = prestatie.ingediend_bedrag
    return Deviation(
        Offence(
            prestatie,
            f"Regel {prestatie.referentienummer} vraagt {in_euros(bedrag)} voor een gebroken "
            f"maand; voor {prijs.plaats.cel.naam} is dan {in_euros(due)} afgesproken.",
            element="IngediendBedrag",
            found=in_euros(bedrag),
            expected=f"hoogstens {in_euros(due)}",
        ),
        evidence_of(prijs, bedrag, due, belang=bedrag - due),
    )
