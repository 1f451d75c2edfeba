"""Checks that hold running totals of a calendar year against ceilings, allowances and budgets.

The year is that of delivery (the Begindatum of the ProductPeriode).  A total begins with what was
granted before these lines, credits subtracted, and grows line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.deviations.gevallen import BUDGET, evidence_of, in_euros, regels_onder
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.records.batch import Clientpot, Declaratiebatch, Jaarpot
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Overeenkomst, Plaats, Prijs

GEMEENTE, AANBIEDER = "gemeente", "aanbieder"
ALL = 100  # percent


@dataclass(frozen=True, slots=True)
class Stap:
    """One line with the total of its year before and after it, in eurocents."""

    prestatie: Prestatie
    prijs: Prijs
    jaar: int
    eerder: int

    @property
    def overeenkomst(self) -> Overeenkomst:
        """The agreement whose total it is."""
        return self.prijs.plaats.overeenkomst

    @property
    def tot_nu(self) -> int:
        """The total with this line."""
        return self.eerder + self.prestatie.ingediend_bedrag

    def crosses(self, limit: int, percent: int = ALL) -> bool:
        """Whether the total reaches so many percent of a limit with this line."""
        return _crosses(self.eerder, self.tot_nu, limit, percent)


@check("S112", soort="formeel", naam="plafond van de gemeente bereikt", over=(Declaratiebatch,))
def ceiling_reached(batch: Declaratiebatch) -> Deviations:
    """What all aanbieders are granted in a year stays below the ceiling of the municipality.

    The ceiling is notional: it is told once, with the line that reaches it, and again only when
    credits brought the total back below it.  At stake is what lies above it.  Formal control.
    """
    for stap in _steps(batch, GEMEENTE, batch.plafonds):
        plafond = batch.plafonds[stap.overeenkomst.id]
        if stap.crosses(plafond):
            who = f"het plafond van gemeente {batch.header.ontvanger}"
            yield _reached(stap, plafond, who, belang=stap.tot_nu - plafond)


@check("S113", soort="formeel", naam="jaarbedrag van de aanbieder", over=(Declaratiebatch,))
def allowance_reached(batch: Declaratiebatch) -> Deviations:
    """What an aanbieder is granted in a year stays below its allowance under an agreement.

    It is told with the line that reaches the percentage of notice (70 unless the agreement says
    otherwise), and with the line that reaches the allowance itself; a line that reaches both is
    told once.  Nothing is at stake at the notice, at the allowance what lies above it.  Formal
    control.
    """
    for stap in _steps(batch, AANBIEDER, batch.jaarbedragen):
        overeenkomst = stap.overeenkomst
        jaarbedrag = batch.jaarbedragen[overeenkomst.id]
        percent = overeenkomst.drempels.melding_jaarbedrag
        whose = f"het jaarbedrag van aanbieder {batch.header.afzender}"
        if stap.crosses(jaarbedrag):
            yield _reached(stap, jaarbedrag, whose, belang=stap.tot_nu - jaarbedrag)
        elif stap.crosses(jaarbedrag, percent):
            yield _reached(stap, jaarbedrag, f"{percent} procent van {whose}", belang=0)


@check("S125", soort="formeel", naam="jaarbudget van de cliënt op", over=(Declaratiebatch,))
def client_budget_exceeded(batch: Declaratiebatch) -> Deviations:
    """What a client is granted on a product in a year fits the budget that the cell has for it.

    All aanbieders count.  Every line above the budget is told, with the part that lies above it;
    the budget itself may be used up.  The sender cannot know what others were granted, so it is
    never a rejection (OP095).  Formal control.
    """
    totals = dict(batch.clientpotten)
    for prestatie, _, prijs in regels_onder(batch, _per_client):
        pot = Clientpot(prestatie.bsn, prestatie.productcode, prestatie.begindatum.year)
        stap = Stap(prestatie, prijs, pot.jaar, totals.get(pot, 0))
        totals[pot] = stap.tot_nu
        budget = prijs.plaats.cel.bedrag
        if stap.tot_nu > budget and prestatie.ingediend_bedrag:
            yield _above_budget(stap, budget)


def _crosses(before: int, after: int, limit: int, percent: int) -> bool:
    return before * ALL < max(1, limit * percent) <= after * ALL


def _per_client(plaats: Plaats) -> bool:
    return plaats.cel.soort == BUDGET and plaats.cel.per == "client-jaar"


def _steps(batch: Declaratiebatch, van: str, limits: Mapping[str, int]) -> Iterator[Stap]:
    """The lines of the years that reach such a limit, each with the total before it.

    Lines only add, so their sum tells whether any of them reaches it.
    """
    if not limits:
        return
    years: dict[Jaarpot, list[tuple[Prestatie, Prijs]]] = {}
    for prestatie, _, prijs in regels_onder(batch, lambda one: one.overeenkomst.id in limits):
        pot = Jaarpot(van, prijs.plaats.overeenkomst.id, prestatie.begindatum.year)
        years.setdefault(pot, []).append((prestatie, prijs))
    for pot, lines in years.items():
        total = batch.jaarpotten.get(pot, 0)
        after = total + sum([prestatie.ingediend_bedrag for prestatie, _ in lines])
        notice = lines[0][1].plaats.overeenkomst.drempels.melding_jaarbedrag
        limit = limits[pot.overeenkomst]
        if not any(_crosses(total, after, limit, percent) for percent in (notice, ALL)):
            continue
        for prestatie, prijs in lines:
            yield Stap(prestatie, prijs, pot.jaar, total)
            total += prestatie.ingediend_bedrag


def _reached(stap: Stap, limit: int, what: str, *, belang: int) -> Deviation:
    referentie, naam = stap.prestatie.referentienummer, stap.overeenkomst.naam
    total, limit_said = in_euros(stap.tot_nu), in_euros(limit)
    return Deviation(
        Offence(
            stap.prestatie,
            f"Met regel {referentie} is onder {naam} over {stap.jaar} {total} toegekend; daarmee "
            f"is {what} bereikt ({limit_said}).",
            element="IngediendBedrag",
            found=f"{total} in {stap.jaar}",
            expected=f"minder dan {what} ({limit_said})",
        ),
        evidence_of(stap.prijs, stap.tot_nu, limit, belang=belang),
    )


def _above_budget(stap: Stap, budget: int) -> Deviation:
    prestatie = stap.prestatie
    total = in_euros(stap.tot_nu)
    return Deviation(
        Offence(
            prestatie,
            f"Met regel {prestatie.referentienummer} is voor deze cliënt in {stap.jaar} {total} "
            f"aan {prestatie.productcode} toegekend; het budget is {in_euros(budget)}.",
            element="IngediendBedrag",
            found=f"{total} in {stap.jaar}",
            expected=f"hoogstens {in_euros(budget)}",
        ),
        evidence_of(stap.prijs, stap.tot_nu, budget, belang=stap.tot_nu - max(budget, stap.eerder)),
    )
