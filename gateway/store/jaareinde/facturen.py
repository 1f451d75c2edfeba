"""Invoices outside the message traffic as they stood at a mark: lines, each with its year."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.ledger.geld.specificatie import FACTUUR
from gateway.ledger.jaareinde.stand import Jaarstand, Sleutel
from gateway.ledger.jaareinde.steekproef import Post
from gateway.periods.verdelen import Verdeling, per_year
from gateway.store.bouwstenen import Select
from gateway.store.geld.nazorg.tables import GOEDGEKEURD, VOORGESTELD, factuur, factuurregel
from gateway.store.geld.tables import voorstel
from gateway.store.ggm.merk import Condition, ended_by
from gateway.store.jaareinde.vragen import Jaarvraag

F, L = factuur.c, factuurregel.c
_credit, _van_credit, _eerdere = (
    factuurregel.alias("credit"),
    factuur.alias("creditfactuur"),
    factuur.alias("eerdere"),
)


class Jaarfactuur(NamedTuple):
    """A line of an invoice that a second person approved, or that waits for one (`is_open`).

    `bedrag` is eurocents, below nothing where it takes a line of invoice `tegen` back;
    `besloten_at` is when it was approved, `client` the fingerprint of a reference of ours.
    """

    factuur_id: int
    regelnr: int
    wet: str
    aanbieder: str
    factuurnummer: str
    factuurdatum: date
    soort: str
    tegen: str | None
    productcode: str
    begindatum: date
    einddatum: date
    client: str | None
    bedrag: int
    besloten_at: float | None
    is_open: bool
    is_teruggenomen: bool

    @property
    def sleutel(self) -> Sleutel:
        """Of which balance it is."""
        return Sleutel(self.wet, self.aanbieder, self.productcode)

    @property
    def jaren(self) -> Verdeling:
        """What of it belongs to each year, by the days of its period."""
        return per_year(self.bedrag, self.begindatum, self.einddatum)

    def stand(self, jaar: int) -> Jaarstand:
        """What it adds to the balance of a year."""
        deel = self.jaren.get(jaar, 0)
        return Jaarstand(facturen_open=deel) if self.is_open else Jaarstand(facturen=deel)

    def post(self, jaar: int) -> Post | None:
        """What may be drawn of it: a line that counts, and that nothing takes back."""
        deel = self.jaren.get(jaar, 0)
        if self.is_open or self.is_teruggenomen or deel <= 0:
            return None
        return Post(self.factuur_id, self.regelnr, self.aanbieder, deel, FACTUUR)


def invoice_lines(vraag: Jaarvraag) -> Select:
    """The lines in the order of Jaarfactuur, of all years, in the order of putting down."""
    approved = _approved(factuur, vraag)
    is_open = sa.and_(
        ended_by(F.van_volgnr, vraag.merk),
        sa.or_(F.staat == VOORGESTELD, sa.not_(ended_by(F.besluit_volgnr, vraag.merk))),
    )
    own = [F.gemeente == vraag.gemeente, sa.or_(approved, is_open)]
    if vraag.aanbieder is not None:
        own.append(F.aanbieder == vraag.aanbieder)
    return (
        sa.select(
            F.id,
            L.volgnr,
            F.wet,
            F.aanbieder,
            F.factuurnummer,
            F.factuurdatum,
            F.soort,
            _eerdere.c.factuurnummer.label("tegen"),
            L.productcode,
            L.begindatum,
            L.einddatum,
            F.client,
            L.bedrag,
            sa.case((approved, voorstel.c.besloten_at)),
            sa.not_(approved).label("is_open"),
            _is_taken_back(vraag).label("is_teruggenomen"),
        )
        .join_from(factuurregel, factuur, F.id == L.factuur_id)
        .join(voorstel, voorstel.c.id == F.voorstel_id)
        .outerjoin(_eerdere, _eerdere.c.id == F.tegen_id)
        .where(*own)
        .order_by(F.id, L.volgnr)
    )


def _approved(table: Any, vraag: Jaarvraag) -> Condition:
    """Whether an invoice counted at the mark."""
    return sa.and_(
        table.c.staat == GOEDGEKEURD,
        ended_by(table.c.van_volgnr, vraag.merk),
        ended_by(table.c.besluit_volgnr, vraag.merk),
    )


def _is_taken_back(vraag: Jaarvraag) -> Condition:
    """Whether a creditfactuur that counted at the mark takes a line back."""
    return (
        sa.exists()
        .where(
            _credit.c.tegen_id == L.id,
            _van_credit.c.id == _credit.c.factuur_id,
            _approved(_van_credit, vraag),
        )
        .correlate(factuurregel)
    )
