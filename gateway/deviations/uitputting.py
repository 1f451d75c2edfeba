"""A check that looks ahead: when an assignment will be used up at the present pace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.deviations.gevallen import TRAJECT, evidence_of, regels, regels_onder
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.bedragen import half_up
from gateway.periods.datums import datum_lang
from gateway.periods.uitputting import exhausted_on
from gateway.periods.volume import MINUTES_PER_HOUR, PER_WEEK, TOTAAL, UUR, total_limit
from gateway.periods.weken import days
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct

SILENT_DAYS = 28
NOTHING = Stand()
# With an amount per day or month the limits of the periods add up to the total.
CAN_RUN_OUT = frozenset({PER_WEEK, TOTAAL})


@dataclass(frozen=True, slots=True)
class Tempo:
    """What an assignment used from its Ingangsdatum up to and including `tot`.

    `toegekend` is in minutes or units of the Omvang, and in eurocents.
    """

    toewijzing: ToegewezenProduct
    toegekend: Stand
    tot: date


@check("S115", soort="materieel", naam="toewijzing raakt eerder op", over=(Declaratiebatch,))
def runs_out_early(batch: Declaratiebatch) -> Deviations:
    """At its pace so far an assignment lasts to its Einddatum, but for the days of its agreement.

    The pace is what was granted since the Ingangsdatum, these lines included, over the days up to
    the end of the last ProductPeriode that was claimed.  The forecast is the date on which TR322
    or TR369 will start to reject.  Told on the last line of an assignment.  Silent where the
    agreement names no `uitputting_dagen`, in the first 28 days, for trajectories, without an
    Einddatum, for a volume per day or month, where TR321 lets nothing run out, and while a volume
    per week keeps to its weeks.  Material control.
    """
    found: dict[int, tuple[Prestatie, ToegewezenProduct, Prijs]] = {}
    for one in regels_onder(batch, looks_ahead):
        nummer = one[0].toewijzingnummer
        if nummer not in found or _order(found[nummer][0]) < _order(one[0]):
            found[nummer] = one
    if not found:
        return
    taken, claimed = _taken(batch, found.keys()), _claimed(batch, found.keys())
    for nummer, (prestatie, toewijzing, prijs) in found.items():
        tempo = Tempo(toewijzing, taken[nummer], claimed[nummer])
        margin = prijs.plaats.overeenkomst.drempels.uitputting_dagen or 0
        op, einddatum = runs_out_on(tempo), toewijzing.einddatum
        if op is not None and einddatum is not None and (einddatum - op).days > margin:
            yield _early(prestatie, tempo, op, prijs)


def runs_out_on(tempo: Tempo) -> date | None:
    """The date on which TR322 or TR369 will start to reject; None where nothing can be said."""
    toewijzing, begin = tempo.toewijzing, tempo.toewijzing.ingangsdatum
    if days(begin, tempo.tot) <= SILENT_DAYS:
        return None
    if toewijzing.budget is not None:
        return exhausted_on(toewijzing.budget, tempo.toegekend.bedrag, begin, tempo.tot)
    used, total = tempo.toegekend.volume, _total(toewijzing, toewijzing.einddatum)
    if total is None or _keeps_to_its_weeks(tempo):
        return None
    return exhausted_on(total, used, begin, tempo.tot)


def looks_ahead(plaats: Plaats) -> bool:
    """Whether the agreement wants to hear how long an assignment on this cell will last."""
    drempels = plaats.overeenkomst.drempels
    return drempels.uitputting_dagen is not None and plaats.cel.soort != TRAJECT


def _order(prestatie: Prestatie) -> tuple[date, int]:
    return prestatie.einddatum, prestatie.volgnr


def _keeps_to_its_weeks(tempo: Tempo) -> bool:
    """Whether no more was granted than a volume per week allows for the weeks so far."""
    toewijzing = tempo.toewijzing
    if toewijzing.frequentie != PER_WEEK:
        return False
    return tempo.toegekend.volume <= (_total(toewijzing, tempo.tot) or 0)


def _total(toewijzing: ToegewezenProduct, until: date | None) -> int | None:
    """The volume that TR322 allows up to a day, in minutes for time; None if it cannot run out."""
    omvang = toewijzing.omvang
    if omvang is None or omvang.frequentie not in CAN_RUN_OUT:
        return None
    total = total_limit(omvang, toewijzing.ingangsdatum, until)
    return None if total is None else _in_base(total, omvang.eenheid)


def _in_base(volume: int, eenheid: str) -> int:
    return volume * MINUTES_PER_HOUR if eenheid == UUR else volume


def _taken(batch: Declaratiebatch, nummers: Iterable[int]) -> dict[int, Stand]:
    """What is granted on these assignments, with the lines of the batch."""
    taken = {nummer: batch.stand.get(nummer, NOTHING) for nummer in nummers}
    for prestatie, _ in regels(batch):
        had = taken.get(prestatie.toewijzingnummer)
        if had is not None:
            volume = _in_base(prestatie.geleverd_volume, prestatie.eenheid)
            taken[prestatie.toewijzingnummer] = Stand(
                had.volume + volume, had.bedrag + prestatie.ingediend_bedrag
            )
    return taken


def _claimed(batch: Declaratiebatch, nummers: Iterable[int]) -> dict[int, date]:
    """The last day that was claimed on these assignments, by earlier lines or by these."""
    last = {nummer: batch.gedeclareerd_tot.get(nummer, date.min) for nummer in nummers}
    for prestatie, _ in regels(batch):
        nummer = prestatie.toewijzingnummer
        if nummer in last:
            last[nummer] = max(last[nummer], prestatie.einddatum)
    return last


def _early(prestatie: Prestatie, tempo: Tempo, op: date, prijs: Prijs) -> Deviation:
    toewijzing = tempo.toewijzing
    # Only what has an end runs out before it.
    einde = datum_lang(toewijzing.einddatum or op)
    code = "9322" if toewijzing.budget is None else "9369"
    return Deviation(
        Offence(
            prestatie,
            f"In dit tempo is toewijzing {toewijzing.toewijzingnummer} op {datum_lang(op)} op, "
            f"terwijl zij loopt tot en met {einde}; vanaf dan volgt "
            f"afkeuring met {code}.",
            element="ToewijzingNummer",
            found=f"op per {datum_lang(op)}",
            expected=f"ruimte tot en met {einde}",
        ),
        evidence_of(prijs, prestatie.ingediend_bedrag, belang=_shortage(tempo, op)),
    )


def _shortage(tempo: Tempo, op: date) -> int:
    """What would be asked from the date of exhaustion until the Einddatum, in eurocents."""
    begin = tempo.toewijzing.ingangsdatum
    left = days(op, tempo.toewijzing.einddatum or op)
    return half_up(tempo.toegekend.bedrag * left, days(begin, tempo.tot))
