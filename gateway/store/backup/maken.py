"""Makes a copy of a store, and a store of a copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from gateway import __version__
from gateway.errors import CouldNotFinish, WrongUse
from gateway.store import counters
from gateway.store.archiefbestand import file_sha256
from gateway.store.backup import postgres, sqlite
from gateway.store.backup.manifest import (
    Kind,
    Manifest,
    read_manifest,
    rows_of,
    same_rows,
    whole,
)
from gateway.store.engine import Database, open_database, readable_url, sqlite_file
from gateway.store.manifesten import write_manifest
from gateway.store.migrate import HEAD
from gateway.store.schijf import new_folder


def make_backup(url: str, folder: Path, now: datetime) -> tuple[Path, Manifest]:
    """Copy a store as it is at one moment, to a folder of its own below `folder`.

    Others may go on working meanwhile.  Raises CouldNotFinish when there is no store, when it is
    damaged, or when it may not be read whole.
    """
    moment = now.astimezone(UTC)
    place = folder / f"gateway-{moment:%Y%m%dT%H%M%SZ}"
    target = readable_url(url)
    kind = _kind_of(target)
    with new_folder(place, "back-up") as partial:
        if kind == "sqlite":
            file = partial / sqlite.FILE
            copied = sqlite.copy(sqlite_file(target), file)
        else:
            file = partial / postgres.FILE
            copied = postgres.copy(url, file)
        if copied.revision is None:
            raise CouldNotFinish("er is nog geen opslag om een back-up van te maken")
        manifest = Manifest(
            kind=kind,
            version=__version__,
            revision=copied.revision,
            schema=copied.schema,
            made=moment.isoformat(timespec="seconds"),
            file=file.name,
            size=file.stat().st_size,
            sha256=str(file_sha256(file)),
            rows=copied.rows,
            keys=copied.keys,
        )
        write_manifest(partial, manifest)
    return place, manifest


@contextmanager
def put_back(folder: Path, url: str, now: datetime) -> Iterator[tuple[str, Manifest]]:
    """A store that was made of a copy where there was none: its URL within the block.

    It has the rows that were copied, and gives out no number that was given out since.  On SQLite
    it has its own name only when the block ends well.  Raises WrongUse for what is no copy,
    CouldNotFinish for one that is not whole, not for this kind of store, or of a newer version.
    """
    manifest = read_manifest(folder)
    target = readable_url(url)
    kind = _kind_of(target)
    if manifest.kind != kind:
        raise CouldNotFinish(f"de back-up is van {manifest.kind}, en de opslag is {kind}")
    if manifest.revision > HEAD:
        raise CouldNotFinish(
            f"de back-up is van een nieuwere versie van de gateway ({manifest.version})"
        )
    file = whole(folder, manifest)
    if kind == "sqlite":
        with sqlite.placed(file, sqlite_file(target)) as partial:
            own = f"sqlite:///{partial}"
            with closing(open_database(own)) as database:
                _begin(database, manifest, now)
            yield own, manifest
        return
    with closing(open_database(url)) as database:
        postgres.restore(database, url, file, manifest.schema)
        _begin(database, manifest, now)
    yield url, manifest


def _kind_of(target: URL) -> Kind:
    """The kind of a store; raises WrongUse for one that the gateway does not know."""
    match target.get_backend_name():
        case "sqlite":
            return "sqlite"
        case "postgresql":
            return "postgresql"
        case other:
            raise WrongUse(f"een opslag van de soort {other} kent de gateway niet")


def _begin(database: Database, manifest: Manifest, now: datetime) -> None:
    """Look whether all rows are there, and make a store of them that goes on beyond the copy."""
    with database.alone() as connection:
        same_rows(rows_of(connection), manifest)
        counters.skip_given_out(connection, now)
        if not database.is_sqlite:
            postgres.tell_revision(connection, manifest.revision)
