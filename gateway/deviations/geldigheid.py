"""Checks on the days up to which an agreement assigns, runs, declares and takes invoices."""

from __future__ import annotations

from datetime import timedelta

from gateway.deviations.gevallen import regels_onder, toewijzingen_onder, whole_evidence
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.finding import Offence


@check("S116", soort="formeel", naam="declaratie na de indientermijn", over=(Declaratiebatch,))
def late_invoice(batch: Declaratiebatch) -> Deviations:
    """A line is declared within the days that its agreement gives after the ProductPeriode.

    The DeclaratieDagtekening counts, which the sender chose itself; the last day is in time.  A
    correction counts as any other line: nothing in it tells when the first one came.  Formal
    control.
    """
    dagtekening = batch.declaratie.dagtekening
    for prestatie, _, prijs in regels_onder(
        batch, lambda plaats: plaats.overeenkomst.indientermijn_dagen is not None
    ):
        termijn = prijs.plaats.overeenkomst.indientermijn_dagen or 0
        if (dagtekening - prestatie.einddatum).days > termijn:
            laatste = prestatie.einddatum + timedelta(days=termijn)
            yield Deviation(
                Offence(
                    prestatie,
                    f"Regel {prestatie.referentienummer} over de periode tot en met "
                    f"{datum_lang(prestatie.einddatum)} is gedeclareerd op "
                    f"{datum_lang(dagtekening)}; volgens de overeenkomst kon dat tot en met "
                    f"{datum_lang(laatste)}.",
                    element="ProductPeriode/Einddatum",
                    found=f"gedeclareerd op {datum_lang(dagtekening)}",
                    expected=f"gedeclareerd op of voor {datum_lang(laatste)}",
                ),
                whole_evidence(prestatie, prijs),
            )


@check("S117", soort="formeel", naam="indicatie loopt te lang door", over=(Toewijzingbatch,))
def indication_runs_on(batch: Toewijzingbatch) -> Deviations:
    """An assignment ends on the last day that its cell has indications for, or before it.

    An assignment without Einddatum runs beyond it; the day itself is good.  Formal control.
    """
    for toewijzing, prijs in toewijzingen_onder(
        batch, lambda plaats: plaats.cel.indicatie_tot is not None
    ):
        laatste, einddatum = prijs.plaats.cel.indicatie_tot, toewijzing.einddatum
        if laatste is None or (einddatum is not None and einddatum <= laatste):
            continue
        loopt = (
            "heeft geen einddatum"
            if einddatum is None
            else f"loopt tot en met {datum_lang(einddatum)}"
        )
        yield Deviation(
            Offence(
                toewijzing,
                f"Toewijzing {toewijzing.toewijzingnummer} {loopt}; voor {prijs.plaats.cel.naam} "
                f"loopt een indicatie hoogstens tot en met {datum_lang(laatste)}.",
                element="Einddatum",
                found="geen einddatum" if einddatum is None else datum_lang(einddatum),
                expected=f"op of voor {datum_lang(laatste)}",
            ),
            whole_evidence(toewijzing, prijs),
        )


@check("S121", soort="formeel", naam="toegewezen na de laatste dag", over=(Toewijzingbatch,))
def assigned_too_late(batch: Toewijzingbatch) -> Deviations:
    """An assignment begins on the last day on which its cell is assigned, or before it.

    What runs already stays declarable after that day.  Formal control.
    """
    for toewijzing, prijs in toewijzingen_onder(
        batch, lambda plaats: plaats.cel.toewijsbaar_tot is not None
    ):
        laatste, ingangsdatum = prijs.plaats.cel.toewijsbaar_tot, toewijzing.ingangsdatum
        if laatste is not None and ingangsdatum > laatste:
            yield Deviation(
                Offence(
                    toewijzing,
                    f"Toewijzing {toewijzing.toewijzingnummer} begint op "
                    f"{datum_lang(ingangsdatum)}, maar {prijs.plaats.cel.naam} wordt na "
                    f"{datum_lang(laatste)} niet meer toegewezen.",
                    element="Ingangsdatum",
                    found=datum_lang(ingangsdatum),
                    expected=f"op of voor {datum_lang(laatste)}",
                ),
                whole_evidence(toewijzing, prijs),
            )


@check("S122", soort="formeel", naam="gedeclareerd na de laatste dag", over=(Declaratiebatch,))
def declared_too_long(batch: Declaratiebatch) -> Deviations:
    """A ProductPeriode ends on the last day that its cell is declared for, or before it.

    Until then assignments of before run out.  Formal control.
    """
    for prestatie, _, prijs in regels_onder(
        batch, lambda plaats: plaats.cel.declarabel_tot is not None
    ):
        laatste, einddatum = prijs.plaats.cel.declarabel_tot, prestatie.einddatum
        if laatste is not None and einddatum > laatste:
            yield Deviation(
                Offence(
                    prestatie,
                    f"De periode van regel {prestatie.referentienummer} loopt tot en met "
                    f"{datum_lang(einddatum)}, maar {prijs.plaats.cel.naam} is te declareren over "
                    f"zorg tot en met {datum_lang(laatste)}.",
                    element="ProductPeriode/Einddatum",
                    found=datum_lang(einddatum),
                    expected=f"op of voor {datum_lang(laatste)}",
                ),
                whole_evidence(prestatie, prijs),
            )
