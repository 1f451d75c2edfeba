"""The obligations of one group, assignment by assignment, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.geld.maandplan import Prijzen
from gateway.ledger.geld.opname import is_in_year
from gateway.ledger.geld.verplichting import (
    GENERIEK,
    Groep,
    Peil,
    Verplichting,
    Vrijval,
    obligation,
)
from gateway.store.engine import Database
from gateway.store.geld.buitenverkeer import outside_traffic
from gateway.store.geld.verplichtingen import Verplichtingenbron
from gateway.store.inzage.binnen import paren_van, partij_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.toewijzingen import STANDS_LAST
from gateway.store.tables import inbox, partij, toewijzing
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True)
class Toewijzingenblad:
    """Some assignments, and the message behind the judgement of each stop that released a part."""

    blad: Blad[Verplichting]
    stopberichten: Mapping[int, int]

    def message_of(self, one: Vrijval) -> int | None:
        """The row of the message that released something, None where it is not known."""
        if one.volgnr is not None:
            return self.stopberichten.get(one.volgnr)
        return one.inbox_id


@dataclass(frozen=True, slots=True)
class Bladlezer:
    """Reads pages of one group, of assignments that run in the year; the newest in front."""

    database: Database
    bereik: Bereik
    overeenkomsten: Overeenkomsten
    peil: Peil
    groep: Groep

    def blad(self, omvang: int, vanaf: str | None = None) -> Toewijzingenblad:
        """A page; five statements, whatever is on it."""
        query = _query(self.bereik, self.peil.jaar, self.groep)
        if vanaf is not None:
            query = query.where(toewijzing.c.id < place_of(vanaf, int)[0])
        query = query.order_by(toewijzing.c.id.desc()).limit(omvang + 1)
        with self.database.snapshot(self.bereik.scope) as connection:
            keys = blad_of(connection.execute(query).all(), omvang, _key, "id")
            shown = self._shown(connection, keys.rijen)
            found = _messages(connection, self.bereik, self.groep, shown)
        return Toewijzingenblad(Blad(shown, keys.volgende), found)

    def buiten(self) -> Sequence[Verplichting]:
        """What of the group is outside the message traffic, which is little."""
        own = Bereik(self.bereik.gemeenten & {self.groep.gemeente}, self.groep.aanbieder)
        prijzen = Prijzen(self.overeenkomsten)
        with self.database.snapshot(self.bereik.scope) as connection:
            found = [
                obligation(one, prijzen, self.peil)
                for one in outside_traffic(connection, own, None)
                if one.groep == self.groep
            ]
        return [one for one in found if is_in_year(one, self.peil)]

    def _shown(
        self, connection: Connection, keys: Sequence[tuple[int, int]]
    ) -> Sequence[Verplichting]:
        if not keys:
            return []
        bron, prijzen = Verplichtingenbron(connection, self.bereik), Prijzen(self.overeenkomsten)
        numbers = [nummer for _, nummer in keys]
        by_number = {one.nummer: one for one in bron.van(keys[0][0], numbers)}
        return [obligation(by_number[one], prijzen, self.peil) for one in numbers]


def _key(row: Any) -> tuple[int, int]:
    return row.partij_id, row.toewijzingnummer


def _query(bereik: Bereik, jaar: int, groep: Groep) -> sa.Select[Any]:
    """The last versions of numbers of which any version runs in the year."""
    party = (
        sa.select(partij.c.id)
        .where(
            partij_in(bereik),
            partij.c.gemeente == groep.gemeente,
            partij.c.wet == groep.wet,
            partij.c.aanbieder == groep.aanbieder,
        )
        .scalar_subquery()
    )
    own, versie = toewijzing.c, toewijzing.alias("versie")
    categorie = own.productcategorie
    is_meant = categorie.is_(None) if groep.categorie == GENERIEK else categorie == groep.categorie
    runs = sa.exists().where(
        versie.c.toewijzingnummer == own.toewijzingnummer,
        versie.c.partij_id == own.partij_id,
        versie.c.tot_volgnr.is_(None),
        versie.c.ingangsdatum <= date(jaar, 12, 31),
        sa.or_(versie.c.einddatum.is_(None), versie.c.einddatum >= date(jaar, 1, 1)),
    )
    wanted = (own.partij_id == party, is_meant, runs, *STANDS_LAST)
    return sa.select(own.id, own.partij_id, own.toewijzingnummer).where(*wanted)


def _messages(
    connection: Connection, bereik: Bereik, groep: Groep, shown: Sequence[Verplichting]
) -> Mapping[int, int]:
    """The message of each judgement that took in a stop, among those of the two parties."""
    numbers = {one.volgnr for een in shown for one in een.vrijval if one.volgnr is not None}
    own = Bereik(bereik.gemeenten & {groep.gemeente})
    query = sa.select(inbox.c.volgnr, inbox.c.id).where(
        inbox.c.paar.in_(paren_van(own, groep.aanbieder)), inbox.c.volgnr.in_(sorted(numbers))
    )
    return {row.volgnr: row.id for row in connection.execute(query)}
