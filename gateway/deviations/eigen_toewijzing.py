"""Checks that hold the amount of our own assignments against the agreements."""

from __future__ import annotations

from gateway.deviations.gevallen import (
    BUDGET,
    EURO,
    PERIODE,
    TRAJECT,
    Batch,
    Subject,
    belang_of,
    evidence_of,
    gevallen_onder,
    in_euros,
    one_of,
    toewijzingen_onder,
)
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.hoeveelheid import frequentie_in_words
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct

TOTAAL = "6"
BEIDE = (Declaratiebatch, Toewijzingbatch)
# Kinds of cells whose price stands as an amount in the Omvang of the assignment (unit 83).
VASTE_PRIJS = frozenset({TRAJECT, PERIODE})


@check("S101", soort="formeel", naam="eigen toewijzing wijkt af van cel", over=BEIDE)
def own_assignment_differs(batch: Batch) -> Deviations:
    """An assignment in euros is for the fixed price or the budget of its cell.

    A line in euros has no ProductTarief, so the price of a trajectory or a month can only be kept
    in the Omvang (unit 83) of the assignment, and a budget only in its Budget.  We hold our own
    301 against the cell when it is sent, and again when it is declared on.  The line itself
    follows the assignment and is good.  While a price is not yet published the last published one
    is right too.  A trajectory has frequency 6 unless its cell says otherwise.  A Budget names no
    product code: it is right when any budget of its category in the agreement is for that amount.
    Formal control.
    """
    for subject, toewijzing, prijs in gevallen_onder(batch, _in_assignment):
        if prijs.soort == BUDGET:
            if toewijzing.budget is not None and toewijzing.budget not in _budgets(
                toewijzing, prijs
            ):
                yield _other_budget(subject, toewijzing, toewijzing.budget, prijs)
        elif _is_other_volume(toewijzing, prijs):
            yield _other_volume(subject, toewijzing, toewijzing.volume or 0, prijs)
        elif _is_other_frequency(toewijzing, prijs):
            yield _other_frequency(subject, toewijzing, prijs)


@check(
    "S111",
    soort="materieel",
    naam="traject boven het meldingsbedrag",
    over=(Toewijzingbatch,),
)
def trajectory_above_notice(batch: Toewijzingbatch) -> Deviations:
    """A trajectory in euros is assigned for more than the notice amount of its agreement.

    Heavy trajectories get an extra look before they begin; the assignment itself is good.  The
    amount itself is not above it, and without a notice amount nothing is.  Material control.
    """
    for toewijzing, prijs in toewijzingen_onder(batch, _is_trajectory):
        drempel = prijs.plaats.overeenkomst.drempels.melding_traject
        volume = toewijzing.volume
        if toewijzing.eenheid != EURO or drempel is None or volume is None or volume <= drempel:
            continue
        yield Deviation(
            Offence(
                toewijzing,
                f"Toewijzing {toewijzing.toewijzingnummer} is {in_euros(volume)} en komt "
                f"boven het meldingsbedrag van {in_euros(drempel)}.",
                element="Omvang/Volume",
                found=in_euros(volume),
                expected=f"hoogstens {in_euros(drempel)}",
            ),
            evidence_of(prijs, volume, drempel, belang=volume),
        )


def follows_cell(toewijzing: ToegewezenProduct, prijs: Prijs) -> bool:
    """Whether S101 has nothing to say of an assignment with a fixed price in euros."""
    return not (_is_other_volume(toewijzing, prijs) or _is_other_frequency(toewijzing, prijs))


def _is_trajectory(plaats: Plaats) -> bool:
    return plaats.cel.soort == TRAJECT


def _in_assignment(plaats: Plaats) -> bool:
    """Whether the assignment has to show the amount of the cell."""
    cel = plaats.cel
    if cel.soort == BUDGET:
        return cel.per == "toewijzing"
    return cel.soort in VASTE_PRIJS and cel.eenheid == EURO


def _is_other_volume(toewijzing: ToegewezenProduct, prijs: Prijs) -> bool:
    return (
        toewijzing.eenheid == EURO
        and toewijzing.volume is not None
        and toewijzing.volume not in prijs.juiste
    )


def _is_other_frequency(toewijzing: ToegewezenProduct, prijs: Prijs) -> bool:
    omvang = toewijzing.omvang
    if omvang is None or omvang.eenheid != EURO:
        return False
    return omvang.frequentie != (_frequentie(prijs) or omvang.frequentie)


def _frequentie(prijs: Prijs) -> str | None:
    return prijs.plaats.cel.frequentie or (TOTAAL if prijs.soort == TRAJECT else None)


def _budgets(toewijzing: ToegewezenProduct, prijs: Prijs) -> list[int]:
    """The budgets that an assignment may be for, that of its own cell first."""
    own = prijs.plaats.cel
    return [own.bedrag] + [
        cel.bedrag
        for cel in prijs.plaats.overeenkomst.cellen
        if cel.soort == BUDGET
        and cel.per == own.per
        and cel.productcategorie == own.productcategorie
        and cel.covers(toewijzing.ingangsdatum)
    ]


def _other_volume(
    subject: Subject, toewijzing: ToegewezenProduct, volume: int, prijs: Prijs
) -> Deviation:
    found, expected = in_euros(volume), one_of(prijs.juiste)
    right = prijs.juiste[0]
    return Deviation(
        Offence(
            subject,
            f"Toewijzing {toewijzing.toewijzingnummer} is {found}, maar de vaste prijs voor "
            f"{prijs.plaats.cel.naam} is {expected}.",
            element=_element(subject, "Omvang/Volume"),
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, volume, right, belang=abs(volume - right)),
    )


def _other_frequency(subject: Subject, toewijzing: ToegewezenProduct, prijs: Prijs) -> Deviation:
    found = frequentie_in_words(toewijzing.frequentie or "")
    expected = frequentie_in_words(_frequentie(prijs) or "")
    return Deviation(
        Offence(
            subject,
            f"Toewijzing {toewijzing.toewijzingnummer} heeft een omvang {found}, maar bij de vaste "
            f"prijs voor {prijs.plaats.cel.naam} hoort een omvang {expected}.",
            element=_element(subject, "Omvang/Frequentie"),
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, belang=belang_of(subject)),
    )


def _other_budget(
    subject: Subject, toewijzing: ToegewezenProduct, budget: int, prijs: Prijs
) -> Deviation:
    right = prijs.plaats.cel.bedrag
    found, expected = in_euros(budget), one_of(_budgets(toewijzing, prijs))
    return Deviation(
        Offence(
            subject,
            f"Toewijzing {toewijzing.toewijzingnummer} heeft een budget van {found}, maar voor "
            f"{prijs.plaats.cel.naam} is {expected} afgesproken.",
            element=_element(subject, "Budget"),
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, budget, right, belang=abs(budget - right)),
    )


def _element(subject: Subject, element: str) -> str:
    """A line has no Omvang or Budget of its own: it points at the assignment."""
    return "ToewijzingNummer" if isinstance(subject, Prestatie) else element
