"""What people see of batches: how each stands, what was refused, what became of its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.store.engine import Database
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.mutaties.mutatie import Jaar, Mutatie, found_in, mutatie_of, open_ended
from gateway.store.mutaties.tables import mutatie, mutatie_bericht, mutatie_jaar, mutatie_regel
from gateway.store.tables import (
    AANGEHOUDEN,
    ANTWOORD,
    BEZIG,
    GEPARKEERD,
    NIEUW,
    bevinding,
    inbox,
    outbox,
)
from gateway.toegang.wie import Bereik

# What becomes of a message, in the order in which it happens.
WACHT, BEHANDELING, VERSTUREN, VERSTUURD = "wacht", "in behandeling", "te versturen", "verstuurd"
GOED = "goedgekeurd"
OVERGESLAGEN, GEWEIGERD, STIL = "overgeslagen", "geweigerd", "geparkeerd"
AFGEKEURD, TE_LAAT = "afgekeurd", "zonder antwoord"
STANDEN = (WACHT, BEHANDELING, VERSTUREN, VERSTUURD, GOED)
# Those that somebody has to look at.
AANDACHT = (OVERGESLAGEN, GEWEIGERD, STIL, AFGEKEURD, TE_LAAT)
# The check that tells of a retour which refuses something.
RETOUR_KEURT_AF = "S191"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regel:
    """One assignment of a batch, in eurocents; with `weigering` it goes in no message."""

    nummer: int
    gemeente: str
    aanbieder: str
    client: str
    toewijzingnummer: int
    regel: str | None
    weigering: str | None
    voor: int | None
    na: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bericht:
    """One message of a batch with what became of it.

    `redenen` are the findings by which it was refused, or the retourcodes of its 302.
    """

    nummer: int
    gemeente: str
    aanbieder: str
    client: str
    inbox_id: int | None
    stand: str
    redenen: Sequence[str] = ()


class Mutatieinzage:
    """Reads of batches, each within a Bereik."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lijst(self, bereik: Bereik, omvang: int, na: str | None = None) -> Blad[Mutatie]:
        """The batches, the newest in front."""
        query = sa.select(mutatie).where(mutatie.c.gemeente.in_(sorted(bereik.gemeenten)))
        if na is not None:
            query = query.where(mutatie.c.id < place_of(na, int)[0])
        query = query.order_by(mutatie.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, mutatie_of, "id")

    def een(self, bereik: Bereik, nummer: int) -> Mutatie:
        """One batch with its years; raises NietGevonden for none that may be seen."""
        query = (
            sa.select(mutatie_jaar.c.jaar, mutatie_jaar.c.voor, mutatie_jaar.c.na)
            .where(mutatie_jaar.c.mutatie_id == nummer)
            .order_by(mutatie_jaar.c.jaar)
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = found_in(connection, bereik, nummer)
            jaren = [Jaar(*one) for one in connection.execute(query)]
            return mutatie_of(row, jaren, open_ended(connection, nummer))

    def regels(
        self,
        bereik: Bereik,
        nummer: int,
        omvang: int,
        na: str | None = None,
        *,
        geweigerd: bool = False,
    ) -> Blad[Regel]:
        """The assignments of a batch in order, or those that are refused."""
        query = _REGELS.where(
            mutatie_regel.c.mutatie_id == nummer,
            mutatie_regel.c.deel == sa.literal_column("0"),
        )
        if geweigerd:
            query = query.where(mutatie_regel.c.weigering.is_not(None))
        if na is not None:
            query = query.where(mutatie_regel.c.id > place_of(na, int)[0])
        query = query.order_by(mutatie_regel.c.id).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            found_in(connection, bereik, nummer)
            return blad_of(connection.execute(query).all(), omvang, _regel_of, "id")

    def voortgang(self, bereik: Bereik, nummer: int, te_laat: float) -> Mapping[str, int]:
        """How many messages are how far; what was sent before `te_laat` should have its 302."""
        query = (
            sa.select(_STAND.label("stand"), sa.func.count())
            .select_from(_GEVOLGD)
            .where(*_own(bereik, nummer))
            .group_by("stand")
        )
        with self._database.snapshot(bereik.scope) as connection:
            found_in(connection, bereik, nummer)
            found = {stand: int(count) for stand, count in connection.execute(query, _at(te_laat))}
        return {stand: found[stand] for stand in (*STANDEN, *AANDACHT) if stand in found}

    def berichten(
        self,
        bereik: Bereik,
        nummer: int,
        te_laat: float,
        omvang: int,
        na: str | None = None,
        standen: Sequence[str] = AANDACHT,
    ) -> Blad[Bericht]:
        """The messages of a batch that stand in one of these ways, with why."""
        found = _BERICHTEN.where(*_own(bereik, nummer)).subquery()
        query = sa.select(found).where(found.c.stand.in_(standen))
        if na is not None:
            query = query.where(found.c.id > place_of(na, int)[0])
        query = query.order_by(found.c.id).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            found_in(connection, bereik, nummer)
            rows = connection.execute(query, _at(te_laat)).all()
            ids = [row.inbox_id for row in rows[:omvang] if row.inbox_id is not None]
            redenen: dict[int, list[str]] = {}
            for inbox_id, reden in connection.execute(_REDENEN, {"welke": ids}) if ids else ():
                redenen.setdefault(inbox_id, []).append(reden)
        return blad_of(rows, omvang, lambda row: _bericht_of(row, redenen), "id")


def _own(bereik: Bereik, nummer: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The messages of a batch that may be seen: what goes on elsewhere is of that municipality."""
    seen = mutatie_bericht.c.gemeente.in_(sorted(bereik.gemeenten))
    return mutatie_bericht.c.mutatie_id == nummer, seen


def _at(te_laat: float) -> dict[str, float]:
    return {"te_laat": te_laat}


_sent = outbox.alias("verzonden")
_IS_SENT = sa.and_(
    _sent.c.inbox_id == inbox.c.id, _sent.c.soort == sa.literal_column(f"'{ANTWOORD}'")
)
_GEVOLGD = mutatie_bericht.outerjoin(inbox, inbox.c.id == mutatie_bericht.c.inbox_id).outerjoin(
    _sent, _IS_SENT
)


def _literal(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text)


_STAND = sa.case(
    (mutatie_bericht.c.overgeslagen.is_not(None), _literal(OVERGESLAGEN)),
    (mutatie_bericht.c.inbox_id.is_(None), _literal(WACHT)),
    (inbox.c.staat.in_((NIEUW, BEZIG, AANGEHOUDEN)), _literal(BEHANDELING)),
    (inbox.c.staat == GEPARKEERD, _literal(STIL)),
    (inbox.c.verdict != "accepted", _literal(GEWEIGERD)),
    (inbox.c.beantwoord == sa.literal_column("2"), _literal(AFGEKEURD)),
    (inbox.c.beantwoord == sa.literal_column("1"), _literal(GOED)),
    (_sent.c.sent_at.is_(None), _literal(VERSTUREN)),
    (
        _sent.c.sent_at < sa.bindparam("te_laat", type_=sa.Double),
        _literal(TE_LAAT),
    ),
    else_=_literal(VERSTUURD),
)
_BERICHTEN = sa.select(
    mutatie_bericht.c.id,
    mutatie_bericht.c.gemeente,
    mutatie_bericht.c.aanbieder,
    mutatie_bericht.c.bsn_hash,
    mutatie_bericht.c.inbox_id,
    mutatie_bericht.c.overgeslagen,
    inbox.c.reden,
    _STAND.label("stand"),
).select_from(_GEVOLGD)
_REGELS = sa.select(mutatie_regel)
_retour = inbox.alias("retour")
_WELKE: sa.BindParameter[Any] = sa.bindparam("welke", expanding=True)
# Why a message was refused by ourselves, or by whom it went to.
_REDENEN = sa.union_all(
    sa.select(bevinding.c.inbox_id, (bevinding.c.rule + ": " + bevinding.c.text).label("reden"))
    .join(inbox, inbox.c.id == bevinding.c.inbox_id)
    .where(
        bevinding.c.inbox_id.in_(_WELKE),
        bevinding.c.tot_volgnr.is_(None),
        bevinding.c.effect == "reject",
        inbox.c.verdict != "accepted",
    ),
    sa.select(
        _retour.c.heen_id,
        (sa.literal("302: ") + bevinding.c.found + " bij " + bevinding.c.klasse).label("reden"),
    )
    .join_from(bevinding, _retour, _retour.c.id == bevinding.c.inbox_id)
    .where(
        _retour.c.heen_id.in_(_WELKE),
        bevinding.c.tot_volgnr.is_(None),
        bevinding.c.rule == RETOUR_KEURT_AF,
    ),
)


def _regel_of(row: Any) -> Regel:
    return Regel(
        nummer=row.id,
        gemeente=row.gemeente,
        aanbieder=row.aanbieder,
        client=row.bsn_hash,
        toewijzingnummer=row.toewijzingnummer,
        regel=row.regel,
        weigering=row.weigering,
        voor=row.voor,
        na=row.na,
    )


def _bericht_of(row: Any, redenen: Mapping[int, Sequence[str]]) -> Bericht:
    own = [one for one in (row.overgeslagen, row.reden) if one]
    return Bericht(
        nummer=row.id,
        gemeente=row.gemeente,
        aanbieder=row.aanbieder,
        client=row.bsn_hash,
        inbox_id=row.inbox_id,
        stand=row.stand,
        redenen=[*own, *redenen.get(row.inbox_id, ())],
    )
