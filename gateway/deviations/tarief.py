"""A check on tariffs that were published too late for their sender."""

from __future__ import annotations

from gateway.deviations.gevallen import evidence_of, in_euros, regels_onder
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.bedragen import amount_in_minutes, minute_tariff
from gateway.periods.datums import datum_lang
from gateway.periods.volume import MINUUT, UUR
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Plaats, Prijs


@check("S103", soort="formeel", naam="tarief niet bekend bij afzender", over=(Declaratiebatch,))
def tariff_unknown_to_sender(batch: Declaratiebatch) -> Deviations:
    """A line shows another ProductTarief than the price in force, which its sender could not know.

    A price that was published after the Dagtekening may not reject a line (OP095).  The line is
    granted on the last published price, or on any price where none was published, and people
    decide whether the difference is settled.  Formal control.
    """

    def is_late(plaats: Plaats) -> bool:
        return not plaats.known_on(batch.header.dagtekening)

    for prestatie, _, prijs in regels_onder(batch, is_late):
        tarief, juiste = prestatie.producttarief, _tariffs(prestatie, prijs)
        if not prijs.onbekend_voor_afzender or tarief is None or not juiste or tarief == juiste[0]:
            continue
        if tarief in juiste or not prijs.may_reject:
            yield _late_tariff(batch, prestatie, tarief, prijs)


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
    ingediend, dagtekening = prestatie.ingediend_bedrag, batch.header.dagtekening
    # What was never made known is known from the beginning.
    bekend = datum_lang(prijs.plaats.bekendgemaakt_op or dagtekening)
    return Deviation(
        Offence(
            prestatie,
            f"ProductTarief {found} is {known}; het tarief van {expected} werd bekend op "
            f"{bekend}, na de Dagtekening {datum_lang(dagtekening)}.",
            element="ProductTarief",
            found=found,
            expected=expected,
        ),
        evidence_of(prijs, ingediend, verwacht, belang=abs(ingediend - verwacht)),
    )
