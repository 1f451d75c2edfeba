"""Whether what was found of a client still stands, told by what is found by an index.

To find a client all lines of the store are read, and nobody may wait for that: it is done in a
snapshot.  The short transaction that takes him away then sees whether anything of him changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bewaren.dossierinhoud import (
    Inhoud,
    Sleutel,
    open_findings,
    unfinished,
    with_bytes,
)
from gateway.store.bewaren.soorten import IDS
from gateway.store.bouwstenen import KEYS, among, as_keys
from gateway.store.tables import levering, partij, prestatie, toewijzing, verzoek

P = prestatie.c
_LAST = sa.select(sa.func.coalesce(sa.func.max(P.id), 0))


class Stand(NamedTuple):
    """Everything on which it depends what may go of a dossier, and what goes."""

    feiten: frozenset[tuple[Any, ...]]
    regels: frozenset[tuple[Any, ...]]
    met_bytes: frozenset[int]
    onderweg: frozenset[int]
    open: frozenset[tuple[int, int | None]]


class Gezien(NamedTuple):
    """A dossier as a snapshot saw it; `last` is the last line that was there then."""

    inhoud: Inhoud
    stand: Stand
    last: int

    def ids_of(self, table: sa.Table) -> Sequence[int]:
        """The rows of a table with facts."""
        return sorted(nr for naam, nr, *_ in self.stand.feiten if naam == table.name)


def last_line(connection: Connection) -> int:
    """The number of the last line that a snapshot sees."""
    return int(connection.execute(_LAST).scalar_one())


def seen(
    connection: Connection, dossiers: Mapping[Sleutel, Inhoud], last: int
) -> Mapping[Sleutel, Gezien]:
    """Some dossiers with how they stand, in the snapshot whose last line this is."""
    stands = _stands(connection, dossiers, last)
    return {one: Gezien(inhoud, stands[one], last) for one, inhoud in dossiers.items()}


def unchanged(connection: Connection, gezien: Mapping[Sleutel, Gezien]) -> Set[Sleutel]:
    """The dossiers that still stand as they were seen; all of them by one snapshot."""
    if not gezien:
        return set()
    last = min(one.last for one in gezien.values())
    now = _stands(connection, {key: one.inhoud for key, one in gezien.items()}, last)
    return {key for key, one in gezien.items() if one.stand == now[key]}


def still_there(connection: Connection, sleutels: Collection[Sleutel]) -> Set[Sleutel]:
    """Those of some dossiers of which there is something, such as what came in just now.

    A transaction on PostgreSQL that writes sees at each statement what others did before it; on
    SQLite there are no others.
    """
    if connection.dialect.name == "sqlite":
        return set()
    given = {"welke": sorted({one.kenmerk for one in sleutels})}
    found = {Sleutel(*row) for row in connection.execute(_THERE, given)}
    return found.intersection(sleutels)


def _stands(
    connection: Connection, dossiers: Mapping[Sleutel, Inhoud], last: int
) -> Mapping[Sleutel, Stand]:
    kenmerken = sorted({one.kenmerk for one in dossiers})
    numbers = [one.id for inhoud in dossiers.values() for one in inhoud.regels]
    berichten = {one for inhoud in dossiers.values() for one in inhoud.berichten}
    is_sqlite = connection.dialect.name == "sqlite"
    given = {"welke": kenmerken, "last": last, KEYS: as_keys(numbers, is_sqlite)}
    feiten = _by_dossier(connection.execute(_FEITEN, {"welke": kenmerken}))
    regels = _by_dossier(
        row for query in _lines(is_sqlite) for row in connection.execute(query, given)
    )
    stored = set(with_bytes(connection, berichten))
    busy = set(unfinished(connection, berichten))
    disputed = set(open_findings(connection, berichten))
    return {
        sleutel: Stand(
            frozenset(feiten[sleutel]),
            frozenset(regels[sleutel]),
            frozenset(stored & inhoud.berichten),
            frozenset(busy & inhoud.berichten),
            frozenset(disputed.intersection((one.inbox_id, one.nummer) for one in inhoud.regels)),
        )
        for sleutel, inhoud in dossiers.items()
    }


def _by_dossier(rows: Iterable[Any]) -> Mapping[Sleutel, set[tuple[Any, ...]]]:
    found: dict[Sleutel, set[tuple[Any, ...]]] = defaultdict(set)
    for gemeente, wet, kenmerk, *told in rows:
        found[Sleutel(gemeente, wet, kenmerk)].add(tuple(told))
    return found


def _of_client(table: sa.Table, *told: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The rows of clients, by dossier."""
    return (
        sa.select(partij.c.gemeente, partij.c.wet, table.c.bsn_hash, *told)
        .join_from(table, partij, partij.c.id == table.c.partij_id)
        .where(table.c.bsn_hash.in_(IDS))
    )


def _lines(is_sqlite: bool) -> list[sa.Select[Any]]:
    """The lines that were found, and those that came since.

    Numbers of PostgreSQL are not given in the order of commits, so that there all are read again:
    its transactions do not wait for one that reads.
    """
    query = _of_client(prestatie, P.id, P.tot_volgnr)
    if not is_sqlite:
        return [query]
    since = P.id > sa.bindparam("last", type_=sa.BigInteger)
    return [query.where(among(P.id, is_sqlite)), query.where(since)]


_THERE = sa.union(*map(_of_client, (toewijzing, levering, verzoek, prestatie)))
_NO_STATE = sa.literal("")
_FEITEN = sa.union_all(
    *(
        _of_client(table, sa.literal(table.name), table.c.id, table.c.tot_volgnr, staat)
        for table, staat in (
            (toewijzing, _NO_STATE),
            (levering, _NO_STATE),
            (verzoek, verzoek.c.staat),
        )
    )
)
