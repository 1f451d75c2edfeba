"""An invoice as people look at it: what it came to, what was found in it, by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.ledger.overzicht import Betaling
from gateway.pipeline.ports import Partijen
from gateway.store.engine import Database
from gateway.store.inzage.berichten import Berichteninzage, Berichtrij
from gateway.store.inzage.betaald import betalingen_van
from gateway.store.inzage.binnen import bericht_in, partij_in
from gateway.store.tables import bevinding, declaratie, inbox, partij
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True)
class Aanwezig:
    """What stands of a Declaratie that was not rejected as a whole; amounts in eurocents."""

    partijen: Partijen
    declaratienummer: str
    begindatum: date
    einddatum: date
    dagtekening: date
    ingediend: int
    toegekend: int


@dataclass(frozen=True, slots=True)
class Bevindingsoort:
    """The findings of a message by one rule, with what they come to and one of them in words."""

    rule: str
    retourcode: str | None
    effect: str
    aantal: int
    belang: int
    voorbeeld: str


@dataclass(frozen=True, slots=True)
class Declaratieblad:
    """A 323 with its answer; `stand` is None while it waits, or when it counts as not sent.

    `betalingen` are those that its lines are in.
    """

    bericht: Berichtrij
    stand: Aanwezig | None
    soorten: Sequence[Bevindingsoort]
    betalingen: Sequence[Betaling]


class Declaratieinzage:
    """Reads of invoices, each within a Bereik."""

    def __init__(self, database: Database, berichten: Berichteninzage) -> None:
        self._database = database
        self._berichten = berichten

    def een(self, bereik: Bereik, inbox_id: int) -> Declaratieblad | None:
        """One invoice by the number of its message, None where it is not there for who asks."""
        bericht = self._berichten.een(bereik, inbox_id)
        if bericht is None or not _is_invoice(bericht):
            return None
        own = (declaratie.c.inbox_id == inbox_id, declaratie.c.tot_volgnr.is_(None))
        found = (bevinding.c.inbox_id == inbox_id, bevinding.c.tot_volgnr.is_(None))
        soorten = _SOORTEN.where(bericht_in(bereik), *found)
        if bereik.aanbieder is not None:
            soorten = soorten.where(bevinding.c.effect == "reject")
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(_STAND.where(partij_in(bereik), *own)).one_or_none()
            rows = connection.execute(soorten).all()
            betalingen = betalingen_van(connection, inbox_id)
        return Declaratieblad(
            bericht,
            None if row is None else _stand_of(row),
            [_soort_of(one) for one in rows],
            betalingen,
        )


def _is_invoice(bericht: Berichtrij) -> bool:
    outcome = bericht.outcome
    return outcome is not None and (outcome.berichttype or "").endswith("323")


_STAND = sa.select(
    declaratie, *(partij.c[name] for name in ("gemeente", "wet", "aanbieder"))
).join_from(declaratie, partij, partij.c.id == declaratie.c.partij_id)
_SOORTEN = (
    sa.select(
        bevinding.c.rule,
        bevinding.c.retourcode,
        bevinding.c.effect,
        sa.func.count().label("aantal"),
        sa.func.coalesce(sa.func.sum(bevinding.c.belang), 0).label("belang"),
        sa.func.min(bevinding.c.text).label("voorbeeld"),
    )
    .join_from(bevinding, inbox, inbox.c.id == bevinding.c.inbox_id)
    .group_by(bevinding.c.rule, bevinding.c.retourcode, bevinding.c.effect)
    .order_by(sa.func.coalesce(sa.func.sum(bevinding.c.belang), 0).desc(), bevinding.c.rule)
)


def _stand_of(row: Any) -> Aanwezig:
    sign = -1 if row.debet_credit == "C" else 1
    return Aanwezig(
        Partijen(row.gemeente, row.wet, row.aanbieder),
        row.declaratienummer,
        row.begindatum,
        row.einddatum,
        row.dagtekening,
        sign * row.totaal_bedrag,
        row.toegekend,
    )


def _soort_of(row: Any) -> Bevindingsoort:
    return Bevindingsoort(
        row.rule, row.retourcode, row.effect, row.aantal, int(row.belang), row.voorbeeld
    )
