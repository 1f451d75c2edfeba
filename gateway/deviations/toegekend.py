"""A check on what was granted already, when a 301 changes the assignment below it."""

from __future__ import annotations

from gateway.deviations.gevallen import in_euros, toewijzingen
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.periods.volume import whole_volume
from gateway.records.batch import Stand, Toewijzingbatch
from gateway.records.finding import Evidence, Offence
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"
BUITEN = "S138"


@check(
    BUITEN,
    soort="formeel",
    naam="toegekende regels buiten de gewijzigde toewijzing",
    over=(Toewijzingbatch,),
    ook_aanbieder=True,
)
def granted_outside_assignment(batch: Toewijzingbatch) -> Deviations:
    """A 301 ends or lowers an assignment on which more was granted than it now allows.

    What was granted stays granted: a line is not rejected afterwards (OP095).  Only the provider
    can credit it, so both sides are told.  One sentence per way in which it does not fit: ended
    before the last day that was claimed, or lowered below the volume or the budget that was
    granted.  A deletion is for TR385, which refuses it.  Only the latest version counts.  Formal
    control.
    """
    for toewijzing in toewijzingen(batch):
        stand = batch.stand.get(toewijzing.toewijzingnummer)
        earlier = batch.eerdere.get(toewijzing.toewijzingnummer, ())
        if stand is None or any(one.versie >= toewijzing.versie for one in earlier):
            continue
        yield from _ended_earlier(batch, toewijzing)
        yield from _too_much(toewijzing, stand)


def _ended_earlier(batch: Toewijzingbatch, toewijzing: ToegewezenProduct) -> Deviations:
    last, einddatum = batch.gedeclareerd_tot.get(toewijzing.toewijzingnummer), toewijzing.einddatum
    if last is None or einddatum is None or last <= einddatum:
        return
    yield Deviation(
        Offence(
            toewijzing,
            f"Toewijzing {toewijzing.toewijzingnummer} loopt nu tot en met "
            f"{datum_lang(einddatum)}, maar er is toegekend tot en met {datum_lang(last)}; "
            "de aanbieder crediteert wat daarbuiten valt.",
            element="Einddatum",
            found=f"toegekend tot en met {datum_lang(last)}",
            expected=f"tot en met {datum_lang(einddatum)}",
        )
    )


def _too_much(toewijzing: ToegewezenProduct, stand: Stand) -> Deviations:
    budget, omvang = toewijzing.budget, toewijzing.omvang
    if budget is not None and stand.bedrag > budget:
        yield _lowered(toewijzing, "Budget", (stand.bedrag, budget), in_money=True)
    whole = None
    if omvang is not None:
        whole = whole_volume(omvang, toewijzing.ingangsdatum, toewijzing.einddatum)
    if omvang is not None and whole is not None and stand.volume > whole:
        in_money = omvang.eenheid == EURO
        yield _lowered(toewijzing, "Omvang/Volume", (stand.volume, whole), in_money=in_money)


def _lowered(
    toewijzing: ToegewezenProduct, element: str, amounts: tuple[int, int], *, in_money: bool
) -> Deviation:
    granted, whole = (in_euros(one) if in_money else str(one) for one in amounts)
    return Deviation(
        Offence(
            toewijzing,
            f"Op toewijzing {toewijzing.toewijzingnummer} past nu in totaal {whole}, maar er is al "
            f"{granted} toegekend; de aanbieder crediteert wat te veel is.",
            element=element,
            found=granted,
            expected=f"hoogstens {whole}",
        ),
        Evidence(belang=amounts[0] - amounts[1]) if in_money else Evidence(),
    )
