"""Which assignments a batch is of: the latest version of each, by what was chosen and how."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa

from gateway.ledger.geld.maandplan import EURO
from gateway.ledger.mutaties.wijzen import Agb, Code, Indexatie, Verlenging, Wijze
from gateway.store.columns import TOEWIJZING
from gateway.store.inzage.toewijzingen import STANDS_LAST
from gateway.store.tables import partij, toewijzing
from gateway.store.uitgebleven import VERVALLEN, VERWIJDERD

MOST_NUMBERS = 1_000
Nummers = Annotated[tuple[int, ...], msgspec.Meta(max_length=MOST_NUMBERS)]


class Keuze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What assignments have to be; what is absent does not matter, days are inclusive.

    A cell of an agreement is its `overeenkomst` with a `productcode` and an `eenheid`.
    """

    aanbieder: Agb | None = None
    productcategorie: Code | None = None
    productcode: Code | None = None
    eenheid: Code | None = None
    overeenkomst: str | None = None
    ingang_vanaf: date | None = None
    ingang_tot: date | None = None
    einde_vanaf: date | None = None
    einde_tot: date | None = None
    nummers: Nummers = ()


Voorwaarde = sa.ColumnElement[bool]
T = toewijzing.c
_TAKEN_BACK = sa.and_(T.reden_wijziging == VERVALLEN, T.einddatum == T.ingangsdatum)
STANDS: tuple[Voorwaarde, ...] = (
    *STANDS_LAST,
    sa.func.coalesce(T.reden_wijziging, "") != VERWIJDERD,
    sa.not_(sa.func.coalesce(_TAKEN_BACK, sa.false())),
)
KANDIDATEN = sa.select(
    toewijzing.c.id, toewijzing.c.bsn_hash, toewijzing.c.inbox_id, *TOEWIJZING
).join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)


def conditions(
    keuze: Keuze, wijze: Wijze, vandaag: date, producten: Collection[str] | None
) -> list[Voorwaarde]:
    """What the assignments of a batch are; `producten` are the codes of its agreement."""
    equal: dict[sa.Column[Any], Any] = {
        T.productcategorie: keuze.productcategorie,
        T.productcode: keuze.productcode,
        T.eenheid: keuze.eenheid,
    }
    found = [*STANDS, *_touched(wijze, vandaag)]
    found += [column == value for column, value in equal.items() if value is not None]
    if keuze.aanbieder is not None:
        found.append(partij.c.aanbieder == keuze.aanbieder)
    if producten is not None:
        found.append(T.productcode.in_(sorted(producten)))
    if keuze.nummers:
        found.append(T.toewijzingnummer.in_(sorted(keuze.nummers)))
    found += _between(T.ingangsdatum, keuze.ingang_vanaf, keuze.ingang_tot)
    found += _between(T.einddatum, keuze.einde_vanaf, keuze.einde_tot)
    return found


def _between(column: sa.Column[Any], vanaf: date | None, tot: date | None) -> list[Voorwaarde]:
    first = [] if vanaf is None else [column >= vanaf]
    return first if tot is None else [*first, column <= tot]


def _touched(wijze: Wijze, vandaag: date) -> list[Voorwaarde]:
    """What a way of changing is about at all: what is over by then stays as it is."""
    if isinstance(wijze, Verlenging):
        return [T.einddatum >= vandaag, T.einddatum < wijze.tot]
    runs = sa.or_(T.einddatum.is_(None), T.einddatum >= wijze.vanaf)
    if isinstance(wijze, Indexatie):
        return [runs, sa.or_(T.budget.is_not(None), T.eenheid == EURO)]
    return [runs]
