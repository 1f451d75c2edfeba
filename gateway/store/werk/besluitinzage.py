"""Reads of decisions: what was decided, by whom, on what, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.store.engine import Database
from gateway.store.inzage.blad import Blad, blad_of
from gateway.store.tables import bevinding, inbox, partij
from gateway.store.werk.besluiten import Besluit, besluit_of
from gateway.store.werk.bladeren import from_place
from gateway.store.werk.clienten import clienten_of
from gateway.store.werk.tables import (
    CONCEPT,
    GELDT,
    VOORGESTELD,
    besluit,
    besluit_post,
    werklog,
)
from gateway.store.werk.vrijgave import left_open
from gateway.toegang.wie import Bereik

OMVANG = 50


@dataclass(frozen=True, slots=True)
class Besluitpost:
    """A finding that a decision is about; `belang` in eurocents."""

    inbox_id: int
    regelnr: int | None
    reference: str | None
    declaratienummer: str | None
    belang: int
    text: str


class Besluiteninzage:
    """Reads of decisions, each within what somebody may see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def besluit(self, bereik: Bereik, nummer: int) -> Besluit | None:
        """One decision."""
        query = _BESLUITEN.where(besluit.c.id == nummer, _seen(besluit, bereik))
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else besluit_of(row)

    def besluiten(
        self,
        bereik: Bereik,
        oorzaak_id: int | None = None,
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Besluit]:
        """The decisions that were taken or proposed, the newest in front."""
        query = _BESLUITEN.where(besluit.c.staat != CONCEPT, _seen(besluit, bereik))
        if oorzaak_id is not None:
            query = query.where(besluit.c.oorzaak_id == oorzaak_id)
        query = from_place(query, (besluit.c.id,), True, na).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, besluit_of, "id")

    def voorstellen(self, bereik: Bereik) -> Sequence[Besluit]:
        """What waits for a second person, the oldest in front."""
        query = (
            _BESLUITEN.where(
                besluit.c.staat == sa.literal_column(f"'{VOORGESTELD}'"), _seen(besluit, bereik)
            )
            .order_by(besluit.c.id)
            .limit(OMVANG)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [besluit_of(row) for row in connection.execute(query)]

    def besluiten_over(
        self, bereik: Bereik, inbox_id: int, regelnr: int | None = None
    ) -> Sequence[Besluit]:
        """The decisions in which a message, or a line of it, has a part; the newest in front."""
        part = sa.select(besluit_post.c.besluit_id).where(
            besluit_post.c.inbox_id == inbox_id, besluit_post.c.telt > sa.literal_column("0")
        )
        if regelnr is not None:
            part = part.where(besluit_post.c.regelnr == regelnr)
        query = _BESLUITEN.where(besluit.c.id.in_(part), _seen(besluit, bereik))
        query = query.order_by(besluit.c.id.desc()).limit(OMVANG)
        with self._database.snapshot(bereik.scope) as connection:
            return [besluit_of(row) for row in connection.execute(query)]

    def is_besloten(self, bereik: Bereik, inbox_id: int) -> bool:
        """Whether every held line of a message was decided on."""
        is_open = left_open(sa.literal(inbox_id, sa.BigInteger))
        with self._database.snapshot(bereik.scope) as connection:
            return not connection.execute(sa.select(is_open)).scalar_one()

    def clienten_in(self, bereik: Bereik, besluit_id: int) -> Sequence[tuple[str, str]]:
        """Whom a decision is about, each once."""
        part = sa.select(besluit_post.c.bevinding_id).where(besluit_post.c.besluit_id == besluit_id)
        query = clienten_of(
            bevinding.c.id.in_(part), partij.c.gemeente.in_(sorted(bereik.gemeenten))
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [(row.gemeente, row.bsn_hash) for row in connection.execute(query)]

    def posten_in(self, bereik: Bereik, besluit_id: int) -> Sequence[Besluitpost]:
        """The first findings of a decision, those with most at stake in front."""
        query = (
            sa.select(besluit_post, bevinding.c.text, inbox.c.declaratienummer)
            .join_from(besluit_post, bevinding, bevinding.c.id == besluit_post.c.bevinding_id)
            .join(inbox, inbox.c.id == besluit_post.c.inbox_id)
            .where(besluit_post.c.besluit_id == besluit_id, _seen(besluit_post, bereik))
            .order_by(sa.func.abs(besluit_post.c.belang).desc(), besluit_post.c.bevinding_id)
            .limit(OMVANG)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [_besluitpost_of(row) for row in connection.execute(query)]


_GOEDKEURDER = (
    sa.select(sa.func.max(werklog.c.naam))
    .where(
        werklog.c.besluit_id == besluit.c.id,
        werklog.c.soort == GELDT,
        werklog.c.wie != besluit.c.wie,
    )
    .scalar_subquery()
)
_BESLUITEN = sa.select(besluit, _GOEDKEURDER.label("goedkeurder"))


def _seen(table: sa.Table, bereik: Bereik) -> sa.ColumnElement[bool]:
    return table.c.gemeente.in_(sorted(bereik.gemeenten))


def _besluitpost_of(row: Any) -> Besluitpost:
    return Besluitpost(
        row.inbox_id, row.regelnr, row.reference, row.declaratienummer, row.belang, row.text
    )
