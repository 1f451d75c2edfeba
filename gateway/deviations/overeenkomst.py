"""Checks that hold lines and our own assignments against the agreements."""

from __future__ import annotations

from datetime import date

from gateway.deviations.gevallen import (
    EURO,
    bedrag_of,
    evidence_of,
    gevallen,
    in_euros,
    one_of,
    regels,
    toewijzingen,
)
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.bedragen import amount_in_minutes, minute_tariff
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence, Offence
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

MINUUT, UUR = "01", "04"
TOTAAL = "6"
# Kinds of cells whose price stands as an amount in the Omvang of the assignment (unit 83).
VASTE_PRIJS = frozenset({"traject", "periode"})
BEIDE = (Declaratiebatch, Toewijzingbatch)

Batch = Declaratiebatch | Toewijzingbatch


@check("S101", soort="formeel", naam="eigen toewijzing wijkt af van cel", over=BEIDE)
def own_assignment_differs(batch: Batch) -> Deviations:
    """An assignment in euros (unit 83) is for the fixed price of its cell, as a total.

    A line in euros has no ProductTarief, so the price can only be kept in the assignment: we hold
    our own 301 against the cell when it is sent, and again when it is declared on.  The line
    itself follows the assignment and is good.  While a price is not yet published the last
    published one is right too.  A trajectory has frequency 6 unless its cell says otherwise.
    Formal control.
    """
    if not batch.prijzen:
        return
    for subject, toewijzing, prijs in gevallen(batch):
        if (
            prijs is None
            or prijs.soort not in VASTE_PRIJS
            or prijs.eenheid != EURO
            or toewijzing.eenheid != EURO
            or toewijzing.volume is None
        ):
            continue
        if toewijzing.volume not in prijs.juiste:
            yield _other_volume(subject, toewijzing, toewijzing.volume, prijs)
        elif toewijzing.frequentie != (_frequentie(prijs) or toewijzing.frequentie):
            yield _other_frequency(subject, toewijzing, prijs)


@check("S103", soort="formeel", naam="tarief niet bekend bij afzender", over=(Declaratiebatch,))
def tariff_unknown_to_sender(batch: Declaratiebatch) -> Deviations:
    """A line shows another ProductTarief than the price in force, which its sender could not know.

    A price that was published after the Dagtekening may not reject a line (OP095).  The line is
    granted on the last published price, or on any price where none was published, and people
    decide whether the difference is settled.  Formal control.
    """
    if not batch.prijzen:
        return
    for prestatie, _ in regels(batch):
        prijs = batch.prijzen.get(prestatie.volgnr)
        if prijs is None or not prijs.onbekend_voor_afzender:
            continue
        tarief, juiste = prestatie.producttarief, _tariffs(prestatie, prijs)
        if tarief is None or not juiste or tarief == juiste[0]:
            continue
        if tarief in juiste or not prijs.may_reject:
            yield _late_tariff(batch, prestatie, tarief, prijs)


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
                f"Aanbieder {aanbieder} is op {_dag(subject)} niet gecontracteerd voor {cel} in "
                f"gemeente {gemeente}.",
                element=_product_element(subject),
                found=f"aanbieder {aanbieder} zonder contract",
                expected=f"een contract voor {cel} in gemeente {gemeente}",
            ),
            evidence_of(prijs, ingediend=bedrag_of(subject)),
        )


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
    for toewijzing in toewijzingen(batch):
        prijs = batch.prijzen.get(toewijzing.toewijzingnummer)
        if prijs is None or prijs.soort != "traject" or toewijzing.eenheid != EURO:
            continue
        drempel = prijs.plaats.overeenkomst.drempels.melding_traject
        volume = toewijzing.volume
        if drempel is not None and volume is not None and volume > drempel:
            yield Deviation(
                Offence(
                    toewijzing,
                    f"Toewijzing {toewijzing.toewijzingnummer} is {in_euros(volume)} en komt "
                    f"boven het meldingsbedrag van {in_euros(drempel)}.",
                    element="Omvang/Volume",
                    found=in_euros(volume),
                    expected=f"hoogstens {in_euros(drempel)}",
                ),
                evidence_of(prijs, volume, drempel),
            )


@check("S119", soort="formeel", naam="product zonder cel", over=BEIDE)
def unknown_cell(batch: Batch) -> Deviations:
    """The product of a line or assignment has a cell in some unit in an agreement in force.

    Without one nobody can say which price is right, so TR418 is silent and people are told.  A
    product that has cells, but none in this unit, is 9341 for a line.  Silent for an assignment
    without a product code and where no agreement serves the municipality.  Formal control.
    """
    if not batch.heeft_overeenkomst:
        return
    for subject, _, _ in gevallen(batch):
        code = subject.productcode
        if code is None or batch.celeenheden.get(code):
            continue
        yield Deviation(
            Offence(
                subject,
                f"Voor product {code} staat geen prijs in een overeenkomst die dan geldt; het "
                "tarief is niet gecontroleerd.",
                element=_product_element(subject),
                found=code,
                expected="een product uit een geldende overeenkomst",
            ),
            Evidence(ingediend=bedrag_of(subject)),
        )


def _frequentie(prijs: Prijs) -> str | None:
    return prijs.plaats.cel.frequentie or (TOTAAL if prijs.soort == "traject" else None)


def _other_volume(
    subject: Prestatie | ToegewezenProduct,
    toewijzing: ToegewezenProduct,
    volume: int,
    prijs: Prijs,
) -> Deviation:
    found, expected = in_euros(volume), one_of(prijs.juiste)
    return Deviation(
        Offence(
            subject,
            f"Toewijzing {toewijzing.toewijzingnummer} is {found}, maar de vaste prijs voor "
            f"{prijs.plaats.cel.naam} is {expected}.",
            element=_assignment_element(subject, "Omvang/Volume"),
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, volume, prijs.juiste[0]),
    )


def _other_frequency(
    subject: Prestatie | ToegewezenProduct, toewijzing: ToegewezenProduct, prijs: Prijs
) -> Deviation:
    expected = _frequentie(prijs)
    return Deviation(
        Offence(
            subject,
            f"Toewijzing {toewijzing.toewijzingnummer} heeft frequentie {toewijzing.frequentie}, "
            f"maar bij de vaste prijs voor {prijs.plaats.cel.naam} hoort frequentie {expected}.",
            element=_assignment_element(subject, "Omvang/Frequentie"),
            found=f"frequentie {toewijzing.frequentie}",
            expected=f"frequentie {expected}",
        ),
        evidence_of(prijs),
    )


def _assignment_element(subject: Prestatie | ToegewezenProduct, element: str) -> str:
    """A line has no Omvang of its own: it points at the assignment."""
    return "ToewijzingNummer" if isinstance(subject, Prestatie) else element


def _product_element(subject: Prestatie | ToegewezenProduct) -> str:
    return "ProductCode" if isinstance(subject, Prestatie) else "Product/Code"


def _sleutel(subject: Prestatie | ToegewezenProduct) -> int:
    """By which the facts of a batch name a line or an assignment."""
    return subject.volgnr if isinstance(subject, Prestatie) else subject.toewijzingnummer


def _dag(subject: Prestatie | ToegewezenProduct) -> date:
    return subject.begindatum if isinstance(subject, Prestatie) else subject.ingangsdatum


def _partijen(batch: Batch) -> tuple[str, str]:
    """Aanbieder and gemeente, whichever of them sent the message."""
    header = batch.header
    if isinstance(batch, Declaratiebatch):
        return header.afzender, header.ontvanger
    return header.ontvanger, header.afzender


def _tariffs(prestatie: Prestatie, prijs: Prijs) -> tuple[int, ...]:
    """The tariffs that a line may show, the one in force first; none in another unit."""
    if prijs.eenheid == prestatie.eenheid:
        return prijs.juiste
    if _minutes_by_hour(prestatie, prijs):
        return tuple(minute_tariff(uurtarief) for uurtarief in prijs.juiste)
    return ()


def _minutes_by_hour(prestatie: Prestatie, prijs: Prijs) -> bool:
    return prijs.eenheid == UUR and prestatie.eenheid == MINUUT


def _late_tariff(
    batch: Declaratiebatch, prestatie: Prestatie, tarief: int, prijs: Prijs
) -> Deviation:
    volume, right = prestatie.geleverd_volume, prijs.juiste[0]
    verwacht = (
        amount_in_minutes(right, volume) if _minutes_by_hour(prestatie, prijs) else right * volume
    )
    found, expected = in_euros(tarief), in_euros(_tariffs(prestatie, prijs)[0])
    known = "het laatst bekende tarief" if prijs.may_reject else "een eigen tarief"
    return Deviation(
        Offence(
            prestatie,
            f"ProductTarief {found} is {known}; het tarief van {expected} werd bekend op "
            f"{prijs.plaats.bekendgemaakt_op}, na de Dagtekening {batch.header.dagtekening}.",
            element="ProductTarief",
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, prestatie.ingediend_bedrag, verwacht),
    )
