"""Running totals within one 323 that checks hold against ceilings, allowances and budgets.

Amounts are granted eurocents, credits subtracted, by year of delivery (that of the Begindatum of
the ProductPeriode).  A total begins with what earlier messages were granted and grows with this
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.agreements.match import Overeenkomsten
from gateway.pipeline.ports import FactSource, Partijen
from gateway.records.batch import Clientpot, Jaarpot
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs

GEMEENTE, AANBIEDER = "gemeente", "aanbieder"

Prijzen = Mapping[int, Prijs]
Spent = Mapping[tuple[str, str, int], int]


@dataclass(slots=True)
class Potten:
    """The totals of one message so far; a pot that no line asked for is not there."""

    jaar: dict[Jaarpot, int] = field(default_factory=dict)
    client: dict[Clientpot, int] = field(default_factory=dict)
    _clients: set[tuple[str, str]] = field(default_factory=set)

    def fill(
        self, bron: Potbron, lines: Sequence[Prestatie], prijzen: Prijzen, facts: FactSource
    ) -> None:
        """Fetch what earlier messages put into the pots of these lines, each pot once."""
        if not prijzen or not bron.any:
            return
        wanted = {pot for line in lines for pot in bron.jaarpotten(line, prijzen)}
        self.jaar |= bron.earlier(wanted - self.jaar.keys(), facts)
        pairs = {pair for line in lines for pair in bron.clients(line, prijzen)} - self._clients
        if pairs:
            bsns, codes = {bsn for bsn, _ in pairs}, {code for _, code in pairs}
            partijen = bron.partijen
            found = facts.besteed_aan(partijen.gemeente, partijen.wet, bsns, codes)
            self.client |= {
                pot: cents for pot, cents in found.items() if (pot.bsn, pot.productcode) in pairs
            }
            self._clients |= pairs

    def add(self, bron: Potbron, lines: Iterable[Prestatie], prijzen: Prijzen) -> None:
        """Put granted lines into the pots that were filled before."""
        if not self.jaar and not self._clients:
            return
        for line in lines:
            for pot in bron.jaarpotten(line, prijzen):
                self.jaar[pot] += line.ondertekend
            if (line.bsn, line.productcode) in self._clients:
                own = Clientpot(line.bsn, line.productcode, line.begindatum.year)
                self.client[own] = self.client.get(own, 0) + line.ondertekend


class Potbron:
    """Which pots the lines of one message concern, and what earlier messages put into them."""

    def __init__(self, overeenkomsten: Overeenkomsten, partijen: Partijen) -> None:
        self.partijen = partijen
        self.plafonds = overeenkomsten.ceilings(partijen.gemeente)
        self.jaarbedragen = overeenkomsten.jaarbedragen(partijen.aanbieder)
        self._all = overeenkomsten
        cellen = [cel for one in overeenkomsten.alle for cel in one.cellen]
        self._before = frozenset(cel.hoort_bij for cel in cellen if cel.hoort_bij is not None)
        self._has_clients = bool(self._before) or any(cel.per == "client-jaar" for cel in cellen)

    @property
    def any(self) -> bool:
        """Whether any agreement has something to hold a total against."""
        return bool(self.plafonds or self.jaarbedragen or self._has_clients)

    def jaarpotten(self, line: Prestatie, prijzen: Prijzen) -> Iterator[Jaarpot]:
        """The pots of a ceiling and an allowance that a line is paid from."""
        prijs = prijzen.get(line.volgnr)
        if prijs is None:
            return
        naam, jaar = prijs.plaats.overeenkomst.id, line.begindatum.year
        if naam in self.plafonds:
            yield Jaarpot(GEMEENTE, naam, jaar)
        if naam in self.jaarbedragen:
            yield Jaarpot(AANBIEDER, naam, jaar)

    def clients(self, line: Prestatie, prijzen: Prijzen) -> Iterator[tuple[str, str]]:
        """The Bsn with the products whose totals matter to a line."""
        prijs = prijzen.get(line.volgnr)
        if prijs is None:
            return
        cel = prijs.plaats.cel
        if cel.per == "client-jaar" or line.productcode in self._before:
            yield line.bsn, line.productcode
        if cel.hoort_bij is not None:
            yield line.bsn, cel.hoort_bij

    def earlier(self, potten: Iterable[Jaarpot], facts: FactSource) -> dict[Jaarpot, int]:
        """What earlier messages were granted, per pot; one query per agreement and whose it is."""
        jaren: dict[tuple[str, str], set[int]] = {}
        for pot in potten:
            jaren.setdefault((pot.van, pot.overeenkomst), set()).add(pot.jaar)
        found: dict[Jaarpot, int] = {}
        for (van, naam), own in jaren.items():
            spent = self._spent(van, naam, own, facts)
            products = self._products(naam)
            found |= {Jaarpot(van, naam, jaar): _sum(spent, products, jaar) for jaar in own}
        return found

    def _spent(self, van: str, naam: str, jaren: Iterable[int], facts: FactSource) -> Spent:
        if van == GEMEENTE:
            return facts.besteed([self.partijen.gemeente], jaren, None)
        gemeenten = {code for one in self._all.alle if one.id == naam for code in one.gemeenten}
        return facts.besteed(sorted(gemeenten), jaren, self.partijen.aanbieder)

    def _products(self, naam: str) -> set[tuple[str, str]]:
        return {
            (wet, cel.productcode)
            for one in self._all.alle
            if one.id == naam
            for cel in one.cellen
            for wet in (one.wetten if cel.wet is None else (cel.wet,))
        }


def _sum(spent: Spent, products: set[tuple[str, str]], jaar: int) -> int:
    return sum(
        cents
        for (wet, code, year), cents in spent.items()
        if year == jaar and (wet, code) in products
    )
