"""Checks that hold lines and assignments against what was contracted with whom, for what."""

from __future__ import annotations

from datetime import date

from gateway.deviations.gevallen import (
    TAAK,
    Batch,
    Subject,
    gevallen,
    gevallen_onder,
    regels,
    whole_evidence,
)
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Plaats

BEIDE = (Declaratiebatch, Toewijzingbatch)


@check(
    "S109",
    soort="formeel",
    naam="aanbieder niet gecontracteerd voor cel of gemeente",
    over=BEIDE,
)
def provider_not_contracted(batch: Batch) -> Deviations:
    """The aanbieder has a contract for the cell, in the municipality, on the day.

    The standard has no code for a missing contract, and the assignment was our own decision, so
    a line is granted.  A line is judged on the first day of its ProductPeriode, an assignment on
    its Ingangsdatum.  An agreement that names no aanbieder admits all.  Formal control.
    """
    if not batch.niet_gecontracteerd:
        return
    aanbieder, gemeente = _partijen(batch)
    for subject, _, prijs in gevallen(batch):
        if prijs is None or _sleutel(subject) not in batch.niet_gecontracteerd:
            continue
        cel = prijs.plaats.cel.naam
        yield Deviation(
            Offence(
                subject,
                f"Aanbieder {aanbieder} is op {datum_lang(_dag(subject))} niet gecontracteerd voor "
                f"{cel} in gemeente {gemeente}.",
                element=_element(subject),
                found=f"aanbieder {aanbieder} zonder contract",
                expected=f"een contract voor {cel} in gemeente {gemeente}",
            ),
            whole_evidence(subject, prijs),
        )


@check("S118", soort="formeel", naam="betaalblokkade", over=(Declaratiebatch,))
def payment_blocked(batch: Declaratiebatch) -> Deviations:
    """Payments to the aanbieder are not blocked for the cell, on the first day of the line.

    A block is a matter of paying, not of judging: the line is granted and the 325 stays as it is
    (OP364), so that the sender has its answer in time.  Formal control.
    """
    for prestatie, _ in regels(batch) if batch.geblokkeerd else ():
        if prestatie.volgnr not in batch.geblokkeerd:
            continue
        prijs = batch.prijzen.get(prestatie.volgnr)
        aanbieder = batch.header.afzender
        yield Deviation(
            Offence(
                prestatie,
                f"Betaal regel {prestatie.referentienummer} nog niet: voor aanbieder {aanbieder} "
                f"geldt op {datum_lang(prestatie.begindatum)} een betaalblokkade.",
                element="IngediendBedrag",
                found=f"aanbieder {aanbieder} met een betaalblokkade",
                expected="een aanbieder zonder betaalblokkade",
            ),
            whole_evidence(prestatie, prijs),
        )


@check("S119", soort="formeel", naam="product zonder cel", over=BEIDE)
def unknown_cell(batch: Batch) -> Deviations:
    """The product of a line or assignment has a cell in some unit in an agreement in force.

    Without one nobody can say which price is right, so TR418 is silent and people are told.  A
    product that has cells, but none in this unit, is 9341 for a line.  Every cell counts on its own
    reference date, so a municipality that left has none any more.  Silent for an assignment
    without a product code and where no agreement serves the municipality.  Formal control.
    """
    if not batch.zonder_cel:
        return
    for subject, _, _ in gevallen(batch):
        code = subject.productcode
        if code is None or _sleutel(subject) not in batch.zonder_cel:
            continue
        yield Deviation(
            Offence(
                subject,
                f"Voor product {code} staat geen prijs in een overeenkomst die dan geldt; het "
                "tarief is niet gecontroleerd.",
                element=_element(subject),
                found=code,
                expected="een product uit een geldende overeenkomst",
            ),
            whole_evidence(subject, None),
        )


@check("S124", soort="formeel", naam="taakgericht product toegewezen of gedeclareerd", over=BEIDE)
def task_is_no_claim(batch: Batch) -> Deviations:
    """A product that is paid by the task is neither assigned to one client nor declared.

    Its amount is for all inhabitants together, so no line and no assignment takes part of it;
    its use follows from start and stop messages.  What came is granted, because no rule of the
    standard speaks.  Formal control.
    """
    for subject, _, prijs in gevallen_onder(batch, _is_task):
        code = subject.productcode
        what = "gedeclareerd" if isinstance(subject, Prestatie) else "toegewezen"
        yield Deviation(
            Offence(
                subject,
                f"Product {code} is taakgericht bekostigd en hoort niet per cliënt te worden "
                f"{what}.",
                element=_element(subject),
                found=f"product {code} is {what}",
                expected="alleen een start- en stopbericht",
            ),
            whole_evidence(subject, prijs),
        )


def _is_task(plaats: Plaats) -> bool:
    return plaats.cel.soort == TAAK


def _element(subject: Subject) -> str:
    return "ProductCode" if isinstance(subject, Prestatie) else "Product/Code"


def _sleutel(subject: Subject) -> int:
    """By which the facts of a batch name a line or an assignment."""
    return subject.volgnr if isinstance(subject, Prestatie) else subject.toewijzingnummer


def _dag(subject: Subject) -> date:
    return subject.begindatum if isinstance(subject, Prestatie) else subject.ingangsdatum


def _partijen(batch: Batch) -> tuple[str, str]:
    """Aanbieder and gemeente, whichever of them sent the message."""
    header = batch.header
    if isinstance(batch, Declaratiebatch):
        return header.afzender, header.ontvanger
    return header.ontvanger, header.afzender
