"""Checks that hold lines against start and stop messages, which never decide on payment (OP364)."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.deviations.gevallen import regels, whole_evidence
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.levering import StartProduct, StopProduct


@check("S105", soort="materieel", naam="regel zonder startbericht", over=(Declaratiebatch,))
def line_without_start(batch: Declaratiebatch) -> Deviations:
    """A line is for care that was started on its assignment, in its ProductPeriode at the latest.

    What counts are standing starts of any date up to the end of the ProductPeriode, also when
    they were stopped since: S106 looks at stops.  A start that was taken back is none.  Material
    control.
    """
    for prestatie, _ in regels(batch):
        starts = batch.starts.get(prestatie.toewijzingnummer, ())
        if starts and starts[0].begindatum <= prestatie.einddatum:
            continue  # any start in time will do, and the first one mostly is
        begin = min([start.begindatum for start in starts], default=None)
        if begin is None:
            text = (
                f"Voor toewijzing {prestatie.toewijzingnummer} is geen start ontvangen, maar er "
                "wordt wel zorg op gedeclareerd."
            )
            found = "geen start"
        elif begin > prestatie.einddatum:
            text = (
                f"De zorg op toewijzing {prestatie.toewijzingnummer} begon volgens de start op "
                f"{datum_lang(begin)}, na de periode tot en met {datum_lang(prestatie.einddatum)}."
            )
            found = f"start op {datum_lang(begin)}"
        else:
            continue
        expected = f"een start op of voor {datum_lang(prestatie.einddatum)}"
        yield _on_number(batch, prestatie, text, found, expected)


@check("S106", soort="materieel", naam="regel na een stop", over=(Declaratiebatch,))
def line_after_stop(batch: Declaratiebatch) -> Deviations:
    """The ProductPeriode of a line begins before the care on its assignment was stopped.

    The last stop before the ProductPeriode counts, temporary or definitive.  Care that was taken
    up again by another start, from the day of the stop up to the end of the ProductPeriode, is
    going on.  A month in which the care stops may be declared as a whole.  Material control.
    """
    for prestatie, _ in regels(batch) if batch.stops else ():
        nummer = prestatie.toewijzingnummer
        earlier = [
            stop for stop in batch.stops.get(nummer, ()) if stop.einddatum < prestatie.begindatum
        ]
        if not earlier:
            continue
        stop = max(earlier, key=lambda one: (one.einddatum, not one.is_tijdelijk))
        if _resumed(batch.starts.get(nummer, ()), stop, prestatie):
            continue
        how = "tijdelijk gestopt" if stop.is_tijdelijk else "gestopt"
        yield _on_number(
            batch,
            prestatie,
            f"De zorg op toewijzing {nummer} is {how} per {datum_lang(stop.einddatum)}, maar deze "
            f"regel begint op {datum_lang(prestatie.begindatum)}.",
            f"{how} per {datum_lang(stop.einddatum)}",
            "een periode voor de stop of na een nieuwe start",
        )


def _resumed(starts: Sequence[StartProduct], stop: StopProduct, prestatie: Prestatie) -> bool:
    """Whether another start than the stopped one took up the care again in time."""
    return any(
        stop.einddatum <= start.begindatum <= prestatie.einddatum
        and start.sleutel != stop.startsleutel
        for start in starts
    )


def _on_number(
    batch: Declaratiebatch, prestatie: Prestatie, text: str, found: str, expected: str
) -> Deviation:
    return Deviation(
        Offence(prestatie, text, element="ToewijzingNummer", found=found, expected=expected),
        whole_evidence(prestatie, batch.prijzen.get(prestatie.volgnr)),
    )
