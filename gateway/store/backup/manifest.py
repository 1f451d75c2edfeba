"""What stands beside a copy of a store: what it is of, and by what it is known to be whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.store.archiefbestand import file_sha256
from gateway.store.bsn import WISSEL
from gateway.store.instellingen import read_setting
from gateway.store.kluis import kept_names
from gateway.store.manifesten import read_manifest_of
from gateway.store.tables import instelling

# Which migration the tables are of is told by the manifest: see `postgres.restore`.
REVISION_TABLE = "alembic_version"

Kind = Literal["sqlite", "postgresql"]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A copy: of which kind of store, by which version, and when (ISO 8601, UTC).

    `revision` is the migration that the tables are of, `schema` where they stood in PostgreSQL.
    `size` is in bytes; `rows` are the rows of every table at the moment of the copy, `keys` the
    names of the keys that its bytes are enciphered with (`kluis`).
    """

    kind: Kind
    version: str
    revision: str
    schema: str | None
    made: str
    file: str
    size: int
    sha256: str
    rows: dict[str, int]
    keys: list[str] = []


class Copied(NamedTuple):
    """What a file holds: the fields of `Manifest` that only the store can tell."""

    revision: str | None
    schema: str | None
    rows: dict[str, int]
    keys: list[str]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a copy; raises WrongUse where there is none, or one that cannot be read."""
    return read_manifest_of(folder, Manifest, "back-up")


def whole(folder: Path, manifest: Manifest) -> Path:
    """The file of a copy; raises CouldNotFinish when it is not the one that was made."""
    file = folder / Path(manifest.file).name
    if file_sha256(file) != manifest.sha256:
        raise CouldNotFinish(f"{file} ontbreekt, of is niet het bestand dat is gemaakt")
    return file


def check_whole(connection: Connection, rows: Mapping[str, int]) -> None:
    """Raise CouldNotFinish for a store of which a part has other keys: nobody can open its copy."""
    if instelling.name in rows and read_setting(connection, WISSEL) is not None:
        raise CouldNotFinish(
            "de kenmerken van BSN's in deze opslag krijgen een nieuwe sleutel; voer `gateway "
            "fingerprints rotate` uit tot zij klaar is, en maak dan een back-up"
        )


def keys_of(connection: Connection, rows: Mapping[str, int]) -> list[str]:
    """The names of the keys under which bytes may stand; none where there is no store."""
    return sorted(kept_names(connection)) if instelling.name in rows else []


def rows_of(connection: Connection) -> dict[str, int]:
    """How many rows every table has that this connection finds."""
    tables = set(sa.inspect(connection).get_table_names()) - {REVISION_TABLE}
    counts = ((name, sa.select(sa.func.count()).select_from(sa.table(name))) for name in tables)
    return {name: int(connection.execute(query).scalar_one()) for name, query in sorted(counts)}


def same_rows(found: dict[str, int], manifest: Manifest) -> None:
    """Raise CouldNotFinish that names the first table with other rows than were copied."""
    for name in sorted(found.keys() | manifest.rows.keys()):
        is_now, was = found.get(name), manifest.rows.get(name)
        if is_now != was:
            raise CouldNotFinish(
                f"de back-up klopt niet: {name} heeft {is_now} rijen en hoort er {was} te hebben"
            )
