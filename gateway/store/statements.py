"""The statements behind a unit of work: what ends earlier rows, and records as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.finding import Evidence, Finding
from gateway.records.verzoek import Verzoekstaat
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.tables import (
    bevinding,
    declaratie,
    inbox,
    levering,
    ontheven,
    toewijzing,
    verzoek,
)

GEMEENTE = sa.select(inbox.c.gemeente).where(inbox.c.id == sa.bindparam("bericht"))

HEEN = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("bericht"))
    .values(heen_id=sa.bindparam("heen"))
)
BEANTWOORD = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("heen"))
    .values(beantwoord=sa.bindparam("hoe", type_=sa.SmallInteger))
)

REGELS = sa.update(declaratie).where(declaratie.c.id == sa.bindparam("welke"))

_VERSIE = ("gemeente", "wet", "toewijzingnummer", "toewijzingsdatum", "toewijzingstijd")
SLEUTEL = (
    "soort",
    "partij_id",
    "bsn_hash",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "reden_beeindiging",
    "einddatum",
)
_NO_EVIDENCE = Evidence()


def _ending(table: sa.Table, keys: tuple[str, ...]) -> sa.Update:
    """End the standing rows with the same key; an absent part equals an absent part."""
    return sa.update(table).where(*_same(table, keys), table.c.tot_volgnr.is_(None))


def _same(table: sa.Table, keys: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    return [_equals(table.c[key], sa.bindparam(f"oud_{key}")) for key in keys]


def _equals(column: sa.Column[Any], value: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """PostgreSQL uses no index for a part that may be absent."""
    return column.is_not_distinct_from(value) if column.nullable else column == value


_END_VERSIE = (
    sa.update(toewijzing)
    .where(toewijzing.c.id == sa.bindparam("welke"))
    .values(tot_volgnr=sa.bindparam("nu"))
)
# What may differ when a version is only sent again.
_REPEATED = {
    "bekend_op",
    "referentie_aanbieder",
    "reden_wijziging",
    "inbox_id",
    "postcode",
    "van_volgnr",
}
_END_LEVERING = _ending(levering, SLEUTEL)
_VERZOEK = ("partij_id", "referentie_aanbieder")
_END_VERZOEK = _ending(verzoek, _VERZOEK)
_STANDING_VERZOEK = sa.select(verzoek).where(
    *_same(verzoek, _VERZOEK), verzoek.c.tot_volgnr.is_(None)
)
_END_BEVINDINGEN = sa.update(bevinding).where(
    bevinding.c.inbox_id == sa.bindparam("bericht"), bevinding.c.tot_volgnr.is_(None)
)
_END_ONTHEVEN = sa.update(ontheven).where(
    ontheven.c.inbox_id == sa.bindparam("bericht"), ontheven.c.tot_volgnr.is_(None)
)


def versie_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one version of an assignment from all others."""
    return tuple(row[name] for name in _VERSIE)


def standing_versies(
    connection: Connection, rows: Sequence[Mapping[str, Any]], is_sqlite: bool
) -> Mapping[tuple[Any, ...], Mapping[str, Any]]:
    """The same versions of assignments, where they stand already."""
    query = sa.select(toewijzing).where(
        among(toewijzing.c.toewijzingnummer, is_sqlite),
        among(toewijzing.c.gemeente, is_sqlite, "gemeenten"),
        toewijzing.c.tot_volgnr.is_(None),
    )
    given = {
        KEYS: as_keys([row["toewijzingnummer"] for row in rows], is_sqlite),
        "gemeenten": as_keys(sorted({row["gemeente"] for row in rows}), is_sqlite),
    }
    found = map(dict, connection.execute(query, given).mappings())
    return {versie_of(row): row for row in found}


def is_repeated(standing: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a version that stands comes again with the same content.

    A 301 repeats every actual assignment (OP087): who knew it before goes on to know it.
    """
    reden = row["reden_wijziging"]
    compared = row.keys() - _REPEATED
    return reden in (None, standing["reden_wijziging"]) and all(
        standing[name] == row[name] for name in compared
    )


def end_toewijzingen(connection: Connection, ended: Sequence[tuple[int, int]]) -> None:
    """End versions of assignments, told by their number with that of the judgement."""
    connection.execute(_END_VERSIE, [{"welke": welke, "nu": volgnr} for welke, volgnr in ended])


def end_levering(connection: Connection, row: Mapping[str, Any], volgnr: int) -> None:
    """End the start or stop with the same logical key."""
    connection.execute(_END_LEVERING, _key(row, SLEUTEL, volgnr))


def end_verzoek(
    connection: Connection, partij_id: int, referentie: str, volgnr: int
) -> list[dict[str, Any]]:
    """End the standing rows of a request, and give them back to go on from."""
    given = {"oud_partij_id": partij_id, "oud_referentie_aanbieder": referentie}
    rows = [dict(row) for row in connection.execute(_STANDING_VERZOEK, given).mappings()]
    connection.execute(_END_VERZOEK, given | {"tot_volgnr": volgnr})
    return rows


def answered(row: Mapping[str, Any], staat: Verzoekstaat) -> dict[str, Any]:
    """A request as it goes on after an answer."""
    now = {name: value for name, value in row.items() if name not in ("id", "tot_volgnr")}
    if staat == "in onderzoek":
        now["onderzocht"] = 1
    return now | {"staat": staat}


def end_bevindingen(connection: Connection, inbox_id: int, volgnr: int) -> None:
    """End the findings of an earlier judgement of the same message."""
    connection.execute(_END_BEVINDINGEN, {"bericht": inbox_id, "tot_volgnr": volgnr})


def end_ontheven(connection: Connection, inbox_id: int, volgnr: int) -> None:
    """End what an earlier judgement of the same message counted as waived."""
    connection.execute(_END_ONTHEVEN, {"bericht": inbox_id, "tot_volgnr": volgnr})


def _key(row: Mapping[str, Any], keys: tuple[str, ...], volgnr: int) -> dict[str, Any]:
    return _oud(row, keys) | {"tot_volgnr": volgnr}


def _oud(row: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {f"oud_{key}": row.get(key) for key in keys}


NO_COLUMN = frozenset({"pad", "extra"})


def row_of(record: Any) -> dict[str, Any]:
    """The fields of a record by name, without its path and what has no column."""
    names = getattr(record, "_fields", None) or [one.name for one in fields(record)]
    return {name: getattr(record, name) for name in names if name not in NO_COLUMN}


def finding_row(
    finding: Finding, inbox_id: int, volgnr: int, partij_id: int | None
) -> dict[str, Any]:
    """A finding and what it rests on as one row."""
    row = row_of(finding)
    row.pop("evidence")
    row |= row_of(finding.evidence or _NO_EVIDENCE)
    own = {"inbox_id": inbox_id, "van_volgnr": volgnr, "partij_id": partij_id}
    return row | {"pad": finding.pad} | own
