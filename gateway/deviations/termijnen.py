"""Checks on the parts in which the price of a trajectory is claimed."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.deviations.eigen_toewijzing import follows_cell
from gateway.deviations.gevallen import (
    Batch,
    Subject,
    evidence_of,
    in_euros,
    regels,
    regels_onder,
    toewijzingen,
    toewijzingen_onder,
    whole_evidence,
)
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.deviations.trajecten import Deel, delen
from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.levering import StopProduct
from gateway.records.overeenkomst import Plaats, Prijs

EINDE = "einde"


@check("S114", soort="materieel", naam="laatste deel zonder resultaat", over=(Declaratiebatch,))
def final_part_without_result(batch: Declaratiebatch) -> Deviations:
    """The last instalment of a trajectory is claimed when its result was reported with a stop.

    It is the line with which the granted sum reaches the price, where the last instalment is for
    the end of the trajectory.  A standing definitive stop on the assignment, of whatever date,
    reports the result, if its RedenBeeindiging is one that the cell calls a result; a cell that
    names none takes any.  Payment may not depend on a stop (OP364), so the line is granted.
    Material control.
    """
    for deel in delen(batch, _ends_with_result):
        if not deel.eerder < deel.toegewezen <= deel.tot_nu:
            continue
        stops = _definitive(batch.stops.get(deel.prestatie.toewijzingnummer, ()))
        wanted = deel.cel.resultaat
        if not any(not wanted or stop.reden_beeindiging in wanted for stop in stops):
            yield _without_result(deel, stops)


@check(
    "S120",
    soort="formeel",
    naam="termijn of deel volgt het contract niet",
    over=(Declaratiebatch, Toewijzingbatch),
)
def part_not_by_contract(batch: Batch) -> Deviations:
    """A trajectory is assigned and claimed in the parts that its agreement has, in their order.

    With instalments the granted sum is, after every line, that of one or more whole instalments;
    several at once are good.  A start that is claimed later than it might be is good too, and
    when a milestone was reached is not known here; but what is due at the end is claimed in the
    ProductPeriode in which the assignment ends, or after a definitive stop.  Silent on amounts
    where S101 speaks.

    A trajectory in two product codes: nothing is claimed on the later part before something was
    granted to this client on the part before, by whatever aanbieder, in whatever year; and the
    later part is not assigned without a standing assignment of the part before.  Formal control.
    """
    if isinstance(batch, Declaratiebatch):
        for deel in delen(batch, _has_instalments):
            if follows_cell(deel.toewijzing, deel.prijs) and deel.prestatie.ingediend_bedrag:
                yield from _wrong_instalment(batch, deel)
        yield from _claimed_without_part_before(batch)
    else:
        yield from _assigned_without_part_before(batch)


def _has_instalments(plaats: Plaats) -> bool:
    return bool(plaats.cel.termijnen)


def _ends_with_result(plaats: Plaats) -> bool:
    termijnen = plaats.cel.termijnen
    return bool(termijnen) and termijnen[-1].moment == EINDE


def _has_part_before(plaats: Plaats) -> bool:
    return plaats.cel.hoort_bij is not None


def _definitive(stops: Iterable[StopProduct]) -> list[StopProduct]:
    return [stop for stop in stops if not stop.is_tijdelijk]


def _without_result(deel: Deel, stops: list[StopProduct]) -> Deviation:
    prestatie, wanted = deel.prestatie, deel.cel.resultaat
    reasons = " en ".join(dict.fromkeys(stop.reden_beeindiging for stop in stops))
    found = f"een stop met reden {reasons}" if stops else "geen stop"
    expected = f"een stop met reden {' of '.join(wanted)}" if wanted else "een definitieve stop"
    termijn = deel.termijnen[-1]
    return Deviation(
        Offence(
            prestatie,
            f"Regel {prestatie.referentienummer} vraagt het laatste deel van het traject op "
            f"toewijzing {prestatie.toewijzingnummer}, maar er is {found}; bij het resultaat "
            f"hoort {expected}.",
            element="IngediendBedrag",
            found=found,
            expected=expected,
        ),
        evidence_of(
            deel.prijs,
            prestatie.ingediend_bedrag,
            belang=min(termijn, prestatie.ingediend_bedrag),
        ),
    )


def _wrong_instalment(batch: Declaratiebatch, deel: Deel) -> Deviations:
    if deel.tot_nu not in deel.standen:
        yield _other_amount(deel)
    elif _claims_end(deel) and not _has_ended(batch, deel):
        yield _too_early(deel)


def _claims_end(deel: Deel) -> bool:
    """Whether the line takes an instalment that is due at the end of the trajectory."""
    return any(
        termijn.moment == EINDE and deel.eerder < stand <= deel.tot_nu
        for termijn, stand in zip(deel.cel.termijnen, deel.standen, strict=True)
    )


def _has_ended(batch: Declaratiebatch, deel: Deel) -> bool:
    """Whether assignment or care ends in the ProductPeriode, or did so before."""
    last = deel.prestatie.einddatum
    einddatum = deel.toewijzing.einddatum
    if einddatum is not None and einddatum <= last:
        return True
    stops = batch.stops.get(deel.prestatie.toewijzingnummer, ())
    return any(stop.einddatum <= last for stop in _definitive(stops))


def _other_amount(deel: Deel) -> Deviation:
    prestatie, bedrag = deel.prestatie, deel.prestatie.ingediend_bedrag
    next_stand = next((stand for stand in deel.standen if stand > deel.eerder), deel.eerder)
    verwacht = next_stand - deel.eerder
    termijnen = ", ".join(in_euros(termijn) for termijn in deel.termijnen)
    return Deviation(
        Offence(
            prestatie,
            f"Regel {prestatie.referentienummer} vraagt {in_euros(bedrag)} na eerder "
            f"{in_euros(deel.eerder)}; de termijnen voor {deel.cel.naam} zijn {termijnen}.",
            element="IngediendBedrag",
            found=in_euros(bedrag),
            expected=in_euros(verwacht),
        ),
        evidence_of(deel.prijs, bedrag, verwacht, belang=abs(bedrag - verwacht)),
    )


def _too_early(deel: Deel) -> Deviation:
    prestatie, einddatum = deel.prestatie, deel.toewijzing.einddatum
    loopt = (
        "heeft geen einddatum" if einddatum is None else f"loopt tot en met {datum_lang(einddatum)}"
    )
    return Deviation(
        Offence(
            prestatie,
            f"Regel {prestatie.referentienummer} vraagt het deel voor het einde van het traject, "
            f"maar toewijzing {prestatie.toewijzingnummer} {loopt} en de zorg is niet gestopt.",
            element="ProductPeriode/Einddatum",
            found=datum_lang(prestatie.einddatum),
            expected="de periode waarin het traject eindigt",
        ),
        whole_evidence(prestatie, deel.prijs),
    )


def _claimed_without_part_before(batch: Declaratiebatch) -> Deviations:
    later = list(regels_onder(batch, _has_part_before))
    if not later:
        return
    granted: dict[tuple[str, str], int] = {}
    for pot, cents in batch.clientpotten.items():
        key = pot.bsn, pot.productcode
        granted[key] = granted.get(key, 0) + cents
    for line, _ in regels(batch):
        key = line.bsn, line.productcode
        granted[key] = granted.get(key, 0) + line.ingediend_bedrag
    for prestatie, _, prijs in later:
        before = prijs.plaats.cel.hoort_bij or ""
        if granted.get((prestatie.bsn, before), 0) <= 0:
            yield _nothing_before(prestatie, prijs, before)


def _assigned_without_part_before(batch: Toewijzingbatch) -> Deviations:
    later = list(toewijzingen_onder(batch, _has_part_before))
    if not later:
        return
    own = list(toewijzingen(batch))
    known = [one.toewijzing for one in batch.andere if one.wet == batch.feiten.wet]
    codes = {one.productcode for one in (*own, *known) if one.bsn == batch.client.bsn}
    for toewijzing, prijs in later:
        before = prijs.plaats.cel.hoort_bij or ""
        if before not in codes:
            yield _nothing_before(toewijzing, prijs, before)


def _nothing_before(subject: Subject, prijs: Prijs, before: str) -> Deviation:
    is_line = isinstance(subject, Prestatie)
    what = "toegekend" if is_line else "toegewezen"
    return Deviation(
        Offence(
            subject,
            f"Product {subject.productcode} is het vervolg op {before}, maar van {before} is voor "
            f"deze cliënt niets {what}.",
            element="ProductCode" if is_line else "Product/Code",
            found=f"niets {what} van {before}",
            expected=f"eerst {before}",
        ),
        whole_evidence(subject, prijs),
    )
