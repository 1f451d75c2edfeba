"""The lines of Declaraties as people look at them, one by one and by assignment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from gateway.pipeline.ports import Partijen
from gateway.records.declaratie import GRANTED, REFUSED, Prestatie
from gateway.store.columns import PRESTATIE
from gateway.store.engine import Database
from gateway.store.inzage.berichten import Gevonden, gevonden_of
from gateway.store.inzage.binnen import bericht_in, partij_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.rijen import prestatie_of
from gateway.store.tables import bevinding, declaratie, inbox, partij, prestatie
from gateway.toegang.wie import Bereik

_STAND = {GRANTED: True, REFUSED: False}


@dataclass(frozen=True, slots=True)
class Regelrij:
    """A line: in which Declaratie, whether it was granted (None: not answered), whose it is.

    `client` is the fingerprint of the Bsn.
    """

    inbox_id: int
    regelnr: int
    declaratienummer: str
    toegekend: bool | None
    prestatie: Prestatie
    client: str
    partijen: Partijen


@dataclass(frozen=True, slots=True, kw_only=True)
class Regelfilter:
    """Which lines are looked for; what is absent does not matter.

    `van` and `tot` are days, both inclusive, between which the ProductPeriode begins.
    """

    toegekend: bool | None = None
    van: date | None = None
    tot: date | None = None


ALLE_REGELS = Regelfilter()


class Regelinzage:
    """Reads of lines, each within a Bereik."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def van_declaratie(
        self,
        bereik: Bereik,
        inbox_id: int,
        omvang: int,
        vanaf: str | None = None,
        filter_: Regelfilter = ALLE_REGELS,
    ) -> Blad[Regelrij]:
        """A page of the lines of a Declaratie, in the order in which they were judged.

        One that was rejected as a whole, or that waits, has no lines that count.
        """
        query = REGELS.where(partij_in(bereik), *_of_bericht(inbox_id), *_wanted(filter_))
        if vanaf is not None:
            query = query.where(prestatie.c.id > place_of(vanaf, int)[0])
        return self._blad(bereik, query.order_by(prestatie.c.id), omvang)

    def van_toewijzing(
        self,
        bereik: Bereik,
        toewijzing: tuple[int, int],
        omvang: int,
        vanaf: str | None = None,
        filter_: Regelfilter = ALLE_REGELS,
    ) -> Blad[Regelrij]:
        """A page of the lines on an assignment, the one that was judged last in front.

        `toewijzing` is its number and that of its party.
        """
        nummer, partij_id = toewijzing
        query = REGELS.where(
            partij_in(bereik),
            prestatie.c.toewijzingnummer == nummer,
            prestatie.c.partij_id == partij_id,
            prestatie.c.tot_volgnr.is_(None),
            *_wanted(filter_),
        )
        if vanaf is not None:
            query = query.where(prestatie.c.id < place_of(vanaf, int)[0])
        return self._blad(bereik, query.order_by(prestatie.c.id.desc()), omvang)

    def een(self, bereik: Bereik, inbox_id: int, regelnr: int) -> Regelrij | None:
        """One line by the number of its message and its own, None where it is not there."""
        query = REGELS.where(
            partij_in(bereik), *_of_bericht(inbox_id), prestatie.c.volgnr == regelnr
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else regel_of(row)

    def bevindingen(self, bereik: Bereik, inbox_id: int, regelnr: int) -> Sequence[Gevonden]:
        """What was found on a line; an aanbieder is told what was rejected."""
        query = (
            sa.select(bevinding)
            .join_from(bevinding, inbox, inbox.c.id == bevinding.c.inbox_id)
            .where(
                bericht_in(bereik),
                bevinding.c.inbox_id == inbox_id,
                bevinding.c.regelnr == regelnr,
                bevinding.c.tot_volgnr.is_(None),
            )
            .order_by(bevinding.c.id)
        )
        if bereik.aanbieder is not None:
            query = query.where(bevinding.c.effect == "reject")
        with self._database.snapshot(bereik.scope) as connection:
            return [gevonden_of(row) for row in connection.execute(query)]

    def _blad(self, bereik: Bereik, query: sa.Select[Any], omvang: int) -> Blad[Regelrij]:
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query.limit(omvang + 1)).all()
        return blad_of(rows, omvang, regel_of, "id")


# Lines with the Declaratie and the party that they are of; read by `regel_of`.
REGELS = (
    sa.select(
        prestatie.c.id,
        declaratie.c.inbox_id,
        declaratie.c.declaratienummer,
        partij.c.gemeente,
        partij.c.wet,
        partij.c.aanbieder,
        prestatie.c.bsn_hash,
        prestatie.c.toegekend,
        *PRESTATIE,
    )
    .join_from(
        prestatie,
        declaratie,
        sa.and_(
            declaratie.c.id == prestatie.c.declaratie_id,
            declaratie.c.partij_id == prestatie.c.partij_id,
        ),
    )
    .join(partij, partij.c.id == prestatie.c.partij_id)
)
_BEFORE = 8


def _wanted(filter_: Regelfilter) -> Iterator[sa.ColumnElement[bool]]:
    if filter_.toegekend is not None:
        yield prestatie.c.toegekend == (GRANTED if filter_.toegekend else REFUSED)
    if filter_.van is not None:
        yield prestatie.c.begindatum >= filter_.van
    if filter_.tot is not None:
        yield prestatie.c.begindatum <= filter_.tot


def _of_bericht(inbox_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The lines of the Declaratie of a message stand behind each other."""
    return (
        declaratie.c.inbox_id == inbox_id,
        declaratie.c.tot_volgnr.is_(None),
        prestatie.c.id > declaratie.c.regel_van,
        prestatie.c.id <= declaratie.c.regel_tot,
    )


def regel_of(row: Any) -> Regelrij:
    """A line from a row of REGELS."""
    return Regelrij(
        inbox_id=row.inbox_id,
        regelnr=row.volgnr,
        declaratienummer=row.declaratienummer,
        toegekend=_STAND.get(row.toegekend),
        prestatie=prestatie_of(tuple(row)[_BEFORE:]),
        client=row.bsn_hash,
        partijen=Partijen(row.gemeente, row.wet, row.aanbieder),
    )
