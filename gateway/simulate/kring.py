"""One municipality under one law while its stories are told: its people, numbers and cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from random import Random

from gateway.records.overeenkomst import Plaats
from gateway.records.toewijzing import ToegewezenProduct
from gateway.simulate.agreements import Aanbod
from gateway.simulate.persons import Client, invent, resident_bsns
from gateway.simulate.region import WETTEN, Gemeente, Markt, Regio
from gateway.simulate.story import Looptijd, Versie, Zorg, started

LAST_FIRST_DAY = 20  # so that a start is told before the invoice of its month leaves
# In how many days from the Ingangsdatum an assignment is sent, and the share of those sent later.
VOORAF, NA, ACHTERAF = (-14, -3), (1, 5), 0.05
# A ToewijzingNummer is unique in the region: each municipality has a million, half for each law.
PER_GEMEENTE, PER_WET = 1_000_000, 500_000
UNKNOWN_NUMBER = 500_000_000  # added to a number that is in use it gives one that never is


@dataclass(frozen=True)
class Bevolking:
    """The people of one municipality; nobody is drawn twice, under whatever law."""

    seed: int
    gemeente: Gemeente

    @cached_property
    def _bsns(self) -> Iterator[str]:
        return resident_bsns(self.seed, self.gemeente)

    def client(self, wet: str) -> Client:
        """Someone new who gets care under a law."""
        return invent(self.seed, self.gemeente, wet, next(self._bsns))


@dataclass(frozen=True)
class Kring:
    """Where a story takes place; everything random in it comes from `rng`."""

    aanbod: Aanbod
    bevolking: Bevolking
    wet: str
    rng: Random
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _contracted: dict[str, list[Plaats]] = field(default_factory=dict)

    @property
    def regio(self) -> Regio:
        """The whole region."""
        return self.aanbod.regio

    @property
    def gemeente(self) -> Gemeente:
        """The municipality."""
        return self.bevolking.gemeente

    @cached_property
    def maanden(self) -> tuple[date, ...]:
        """The invoiced months."""
        return self.regio.maanden

    @cached_property
    def markten(self) -> tuple[Markt, ...]:
        """The providers that work here."""
        return tuple(map(self.markt_van, self.aanbod.aanbieders(self.gemeente, self.wet)))

    def markt_van(self, aanbieder: str) -> Markt:
        """What one provider does here."""
        return Markt(self.gemeente, self.wet, aanbieder, self.regio.gewoonten(aanbieder))

    def markt(self) -> Markt:
        """One of the providers."""
        return self.rng.choice(self.markten)

    def under_contract(self, markt: Markt) -> list[Plaats]:
        """The project's cells that a provider can be assigned here."""
        if markt.aanbieder not in self._contracted:
            found = self.aanbod.under_contract(self.gemeente, self.wet, markt.aanbieder)
            self._contracted[markt.aanbieder] = found
        return self._contracted[markt.aanbieder]

    def under_model(self) -> list[tuple[Markt, list[Plaats]]]:
        """The providers with cells of the agreement that the municipality pays by."""
        model = self.regio.model(self.gemeente)
        found = (
            (markt, [one for one in self.under_contract(markt) if one.overeenkomst.id == model])
            for markt in self.markten
        )
        return [one for one in found if one[1]]

    def vorm(self, naam: str) -> Plaats:
        """The cell of our own agreements with this form."""
        return self.aanbod.vormen[self.wet, naam]

    def client(self) -> Client:
        """Someone new."""
        return self.bevolking.client(self.wet)

    def nummer(self) -> int:
        """The next ToewijzingNummer."""
        return self._first_number + next(self._numbers)

    @cached_property
    def _first_number(self) -> int:
        place = self.regio.gemeenten.index(self.gemeente)
        return PER_GEMEENTE * (place + 1) + PER_WET * WETTEN.index(self.wet)

    def first_day(self, maand: date) -> date:
        """A day in the month on which an assignment begins: the first, half of the times."""
        if self.rng.random() < 0.5:
            return maand
        return maand.replace(day=self.rng.randint(2, LAST_FIRST_DAY))

    def begun(
        self,
        plaats: Plaats,
        loop: Looptijd,
        *,
        client: Client | None = None,
        markt: Markt | None = None,
    ) -> Zorg:
        """Care that was assigned and has started; nothing is invoiced yet.

        The start is sent some days after it, and when the assignment is known.
        """
        zorg = self.assigned(plaats, loop, client=client, markt=markt)
        most = zorg.markt.gewoonten.start_na
        begin = loop.ingangsdatum + timedelta(days=self.rng.randint(0, most))
        known = (zorg.toewijzing.bekend_op - begin).days + 1
        return started(zorg, begin, days=max(known, self.rng.randint(1, 3)))

    def assigned(
        self,
        plaats: Plaats,
        loop: Looptijd,
        *,
        client: Client | None = None,
        markt: Markt | None = None,
    ) -> Zorg:
        """Care that was assigned; it has not started."""
        client, markt = client or self.client(), markt or self.markt()
        product = self._product(client, markt, plaats, loop)
        return Zorg(client, markt, plaats, (Versie(product),))

    def _product(
        self, client: Client, markt: Markt, plaats: Plaats, loop: Looptijd
    ) -> ToegewezenProduct:
        """The assignment; one with a Budget names no product code and no Omvang."""
        cel, rng = plaats.cel, self.rng
        late = rng.random() < ACHTERAF
        sent = loop.ingangsdatum + timedelta(days=rng.randint(*(NA if late else VOORAF)))
        exact = loop.budget is None
        return ToegewezenProduct(
            pad="",
            bsn=client.bsn,
            aanbieder=markt.aanbieder,
            bekend_op=sent,
            toewijzingnummer=self.nummer(),
            referentie_aanbieder=None,
            productcategorie=cel.productcategorie,
            productcode=cel.productcode if exact else None,
            toewijzingsdatum=sent,
            toewijzingstijd=f"{rng.randint(8, 16):02d}:{rng.randint(0, 59):02d}:00",
            ingangsdatum=loop.ingangsdatum,
            einddatum=loop.einddatum,
            reden_wijziging=None,
            volume=loop.volume,
            eenheid=cel.eenheid if exact else None,
            frequentie=loop.frequentie,
            budget=loop.budget,
            commentaar=None,
        )
