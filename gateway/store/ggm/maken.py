"""Makes an export: what changed since the last one, by object type, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway import __version__
from gateway.errors import WrongUse
from gateway.ledger.boek import Saldo
from gateway.store.archiefbestand import file_sha256
from gateway.store.engine import ALL, AT_ONCE, rows_of
from gateway.store.ggm.manifest import (
    FOLDER,
    SCHEMA,
    Bestand,
    Deel,
    Manifest,
    Stand,
    Telling,
    exports_in,
    read_manifest,
    stand_of,
)
from gateway.store.ggm.merk import Merk, marked, stood
from gateway.store.ggm.model import left_out
from gateway.store.ggm.schrijver import written
from gateway.store.ggm.soorten import CLIENT, SOORTEN, VERVALLEN, Kolom, Soort
from gateway.store.ledger_balances import SALDO
from gateway.store.manifesten import write_manifest
from gateway.store.schijf import new_folder
from gateway.store.store import SqlStore
from gateway.store.tables import partij, prestatie
from gateway.toegang.kenmerk import Kenmerken


class Vraag(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: the key of a purpose, and which municipalities (none: all).

    `volledig` begins again with everything that stands.
    """

    doel: str
    gemeenten: tuple[str, ...] = ()
    parquet: bool = False
    volledig: bool = False


def make_export(store: SqlStore, out: Path, vraag: Vraag, now: datetime) -> tuple[Path, Manifest]:
    """Write what changed since the last export in `out` to a folder of its own below it.

    Raises WrongUse where the exports in `out` are of something else, CouldNotFinish where it
    cannot be written.
    """
    moment = now.astimezone(UTC)
    before = None if vraag.volledig else _last(store, out, vraag)
    since = None if before is None else before.tot
    place = out / f"{FOLDER}{moment:%Y%m%dT%H%M%SZ}"
    with new_folder(place, "uitvoer") as folder, marked(store.database) as (connection, merk):
        store.database.scope(connection, ",".join(vraag.gemeenten) or ALL)
        maker = _Maker(connection, folder, vraag, store.kenmerken_for(vraag.doel))
        manifest = Manifest(
            schema=SCHEMA,
            versie=__version__,
            gemaakt=moment.isoformat(timespec="seconds"),
            opslag=opslag_of(store),
            doel=vraag.doel,
            gemeenten=vraag.gemeenten,
            vanaf=since,
            tot=merk,
            grootboek_vanaf=Stand() if before is None else before.grootboek,
            grootboek=ledger_at(connection, merk, vraag.gemeenten),
            delen=tuple(maker.deel(soort, since, merk) for soort in SOORTEN),
            zonder=left_out(),
        )
        write_manifest(folder, manifest)
    return place, manifest


def opslag_of(store: SqlStore) -> str:
    """What tells this store from another one, and from itself before its clients had other ids."""
    return store.kenmerken.of("opslag", 0, store.wissels)


def ledger_at(connection: Connection, merk: Merk, gemeenten: Sequence[str]) -> Stand:
    """What the lines that stood at a mark come to."""
    query = sa.select(*SALDO).where(stood(prestatie, merk))
    if gemeenten:
        query = query.join_from(prestatie, partij, partij.c.id == prestatie.c.partij_id)
        query = query.where(partij.c.gemeente.in_(gemeenten))
    return stand_of(Saldo(*map(int, connection.execute(query).one())))


class _Maker:
    """Writes one object type after another from one state of the store."""

    def __init__(
        self, connection: Connection, folder: Path, vraag: Vraag, kenmerken: Kenmerken
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._vraag = vraag
        self._client = lru_cache(maxsize=100_000)(kenmerken.of_client)

    def deel(self, soort: Soort, since: Merk | None, merk: Merk) -> Deel:
        """The files of an object type, written now."""
        nieuw, vervallen = Telling(), Telling()
        told = self._told(soort, since, merk)
        with written(self._folder, soort, parquet=self._vraag.parquet) as write:
            while rows := list(islice(told, AT_ONCE)):
                for row in rows:
                    count(vervallen if row[0] == VERVALLEN else nieuw, soort, row)
                write(rows)
        return Deel(
            soort=soort.naam, bestanden=self._files(soort), nieuw=nieuw, vervallen=vervallen
        )

    def _told(self, soort: Soort, since: Merk | None, merk: Merk) -> Iterator[Sequence[Any]]:
        """The rows as they are written."""
        via: list[Callable[[Any], Any] | None] = [None]
        via += map(self._via, soort.kolommen)
        for row in rows_of(self._connection, soort.rows(since, merk, self._vraag.gemeenten)):
            yield [tell(one) if tell else one for one, tell in zip(row, via, strict=True)]

    def _via(self, kolom: Kolom) -> Callable[[Any], Any] | None:
        """How a value of a column is told; to a purpose that it is not for, it is not."""
        if kolom.alleen_voor not in (None, self._vraag.doel):
            return _nothing
        return self._client if kolom.naam == CLIENT else kolom.via

    def _files(self, soort: Soort) -> tuple[Bestand, ...]:
        return tuple(
            Bestand(naam=one.name, grootte=one.stat().st_size, sha256=str(file_sha256(one)))
            for one in sorted(self._folder.glob(f"{soort.naam}.*"))
        )


def _nothing(_: object) -> None:
    """What a column tells to a purpose that it is not for."""


def count(telling: Telling, soort: Soort, row: Sequence[Any]) -> None:
    """Add a row, whose kind of change stands in front, to what was counted."""
    telling.rijen += 1
    for place, kolom in enumerate(soort.kolommen, start=1):
        if kolom.waarde == "bedrag":
            telling.bedragen[kolom.naam] = telling.bedragen.get(kolom.naam, 0) + (row[place] or 0)


def _last(store: SqlStore, out: Path, vraag: Vraag) -> Manifest | None:
    """The export that this one goes on behind."""
    known = [read_manifest(folder) for folder in exports_in(out)]
    if not known:
        return None
    last = max(known, key=lambda one: (one.tot.volgnr, -len(one.tot.onderweg), one.gemaakt))
    own = (SCHEMA, opslag_of(store), vraag.doel, vraag.gemeenten)
    if (last.schema, last.opslag, last.doel, last.gemeenten) != own:
        raise WrongUse(
            f"in {out} staat uitvoer van iets anders (opslag, doel, gemeenten of kolommen); kies "
            "een andere map"
        )
    return last
