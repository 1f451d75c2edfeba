"""Check on providers that work for each other and are paid for the same care."""

from __future__ import annotations

from gateway.deviations.gevallen import regels, whole_evidence
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch
from gateway.records.finding import Offence

# What is told because of the register of providers.
OVER_REGISTER = frozenset(("S128",))


@check("S128", soort="formeel", naam="onderaannemer naast hoofdaannemer", over=(Declaratiebatch,))
def subcontractor_beside(batch: Declaratiebatch) -> Deviations:
    """Care that one provider does for another is declared by one of the two.

    Which provider may work for which is what the register of providers has approved.  Both have a
    granted line for the same client in the same category on the same day: that of the one who
    declared last is told, whichever of them it is.  No rule of the standard forbids it, so the line
    is granted.  A line that was credited does not count.  Formal control.
    """
    aanbieder = batch.header.afzender
    for prestatie, _ in regels(batch) if batch.naast else ():
        naast = batch.naast.get(prestatie.volgnr)
        if naast is None:
            continue
        hoofd, onder = naast.aanbieder, aanbieder
        if not naast.is_hoofd:
            hoofd, onder = onder, hoofd
        yield Deviation(
            Offence(
                prestatie,
                f"Regel {prestatie.referentienummer}: aanbieder {naast.aanbieder} declareerde voor "
                f"deze cliënt al productcategorie {prestatie.productcategorie} over "
                f"{datum_lang(naast.begindatum)} tot en met {datum_lang(naast.einddatum)}, en "
                f"aanbieder {onder} werkt als onderaannemer voor aanbieder {hoofd}.",
                element="ProductPeriode",
                found=f"aanbieders {aanbieder} en {naast.aanbieder}",
                expected="een declaratie van de hoofdaannemer of van de onderaannemer",
            ),
            whole_evidence(prestatie, batch.prijzen.get(prestatie.volgnr)),
        )
