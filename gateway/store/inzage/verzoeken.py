"""Requests (VOT, VOW) as people look for them: how far each is, and until when it may wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import sqlalchemy as sa

from gateway.errors import WrongUse
from gateway.pipeline.ports import Partijen
from gateway.records.verzoek import Verzoekstaat
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import Database
from gateway.store.inzage.binnen import partij_in
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.delen import eerste_van
from gateway.store.tables import partij, verzoek
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Verzoekfilter:
    """What is looked for; what is absent does not matter; `staten` are those of a request."""

    staten: tuple[str, ...] = ()
    referentie: str | None = None
    bsn: str | None = None
    aanbieder: str | None = None
    gemeente: str | None = None


@dataclass(frozen=True, slots=True)
class Verzoekrij:
    """A request; `nummer` is that of its first row, which never changes.

    `soort` is 315 (VOT, a product of it) or 317 (VOW, the whole of it); `termijn` the last day for
    the answer; `bsn` for who may see it.
    """

    nummer: int
    inbox_id: int
    partijen: Partijen
    soort: str
    referentie_aanbieder: str
    client: str
    bsn: str
    toewijzingnummers: tuple[int, ...]
    dagtekening: date
    ontvangen_op: date
    termijn: date
    staat: str
    onderzocht: bool


class Verzoekeninzage:
    """Reads of requests, each within a Bereik."""

    def __init__(self, database: Database, fingerprint: Fingerprinter) -> None:
        self._database = database
        self._fingerprint = fingerprint

    def zoek(
        self, bereik: Bereik, filter_: Verzoekfilter, omvang: int, vanaf: str | None = None
    ) -> Blad[Verzoekrij]:
        """A page of requests, those that are due first in front."""
        seen = sa.select(partij.c.id).where(partij_in(bereik), *_of_partij(filter_))
        wanted = self._wanted(filter_)
        wanted += [verzoek.c.tot_volgnr.is_(None), verzoek.c.partij_id.in_(seen)]
        if vanaf is not None:
            dag, nummer = place_of(vanaf, str, int)
            wanted.append(
                sa.tuple_(verzoek.c.termijn, verzoek.c.id) > sa.tuple_(_day(str(dag)), nummer)
            )
        delen = [(verzoek.c.staat == staat, *wanted) for staat in filter_.staten or STATEN]
        due = (verzoek.c.termijn, verzoek.c.id)
        first = eerste_van([verzoek.c.id], due, omvang + 1, delen)
        query = _VERZOEKEN.where(partij_in(bereik), first).order_by(*due).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, _rij_of, "termijn", "id")

    def een(self, bereik: Bereik, nummer: int) -> Verzoekrij | None:
        """One request, None where it is not there for who asks."""
        first = verzoek.alias("begin")
        query = (
            _VERZOEKEN.join(
                first,
                sa.and_(
                    first.c.partij_id == verzoek.c.partij_id,
                    first.c.referentie_aanbieder == verzoek.c.referentie_aanbieder,
                    first.c.inbox_id == verzoek.c.inbox_id,
                ),
            )
            .where(partij_in(bereik), first.c.id == nummer)
            .order_by(verzoek.c.id.desc())
            .limit(1)
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _rij_of(row)

    def _wanted(self, filter_: Verzoekfilter) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if filter_.referentie is not None:
            found.append(verzoek.c.referentie_aanbieder == filter_.referentie)
        if filter_.bsn is not None:
            found.append(verzoek.c.bsn_hash == self._fingerprint(filter_.bsn))
        return found


def _of_partij(filter_: Verzoekfilter) -> list[sa.ColumnElement[bool]]:
    values: Mapping[sa.Column[Any], Any] = {
        partij.c.aanbieder: filter_.aanbieder,
        partij.c.gemeente: filter_.gemeente,
    }
    return [column == value for column, value in values.items() if value is not None]


# Each has its requests by term in an index.
STATEN: tuple[Verzoekstaat, ...] = get_args(Verzoekstaat)
_other = verzoek.alias("eerder")
_NUMMER = (
    sa.select(sa.func.min(_other.c.id))
    .where(
        _other.c.partij_id == verzoek.c.partij_id,
        _other.c.referentie_aanbieder == verzoek.c.referentie_aanbieder,
        _other.c.inbox_id == verzoek.c.inbox_id,
    )
    .scalar_subquery()
)
_VERZOEKEN = (
    sa.select(verzoek, _NUMMER.label("nummer"), partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
    .join_from(verzoek, partij, partij.c.id == verzoek.c.partij_id)
    .where(verzoek.c.tot_volgnr.is_(None))
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse("deze plaats in de lijst bestaat niet") from None


def _rij_of(row: Any) -> Verzoekrij:
    return Verzoekrij(
        nummer=row.nummer,
        inbox_id=row.inbox_id,
        partijen=Partijen(row.gemeente, row.wet, row.aanbieder),
        soort=row.soort,
        referentie_aanbieder=row.referentie_aanbieder,
        client=row.bsn_hash,
        bsn=row.bsn,
        toewijzingnummers=tuple(map(int, row.toewijzingnummers.split())),
        dagtekening=row.dagtekening,
        ontvangen_op=row.ontvangen_op,
        termijn=row.termijn,
        staat=row.staat,
        onderzocht=bool(row.onderzocht),
    )
