"""A pack or the papers of a sample as one file, for who cannot reach the folder of a command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from gateway.store.jaareinde.afsluiten import Controleer, make_pack
from gateway.store.jaareinde.pakket import Opdracht
from gateway.store.schijf import ONLY_OURS
from gateway.store.store import SqlStore


class Pakketbestand(NamedTuple):
    """A zip with such a folder in it: its name, where it is kept, and its size in bytes.

    `nummer` is that of the pack or the sample.  `inhoud` is a temporary file without a name, which
    is gone once it is closed.
    """

    nummer: int
    naam: str
    inhoud: IO[bytes]
    grootte: int


# Makes the pack of a municipality and a year; what is given is done first, once its turn has come.
DoeJaarpakket = Callable[[str, int, Callable[[], None]], Pakketbestand]


def pack_file(
    store: SqlStore, opdracht: Opdracht, now: datetime, controleer: Controleer
) -> Pakketbestand:
    """Make a pack and put it in a zip on disk, never whole in memory."""
    with TemporaryDirectory(prefix="jaarafsluiting-") as kept:
        made = make_pack(store, Path(kept), opdracht, now, controleer)
        return packed(made.nummer, made.folder)


def packed(nummer: int, folder: Path) -> Pakketbestand:
    """The files of a folder in a zip with its name; the same files are the same zip."""
    made = TemporaryFile(prefix=f"{folder.name}-")  # noqa: SIM115 - closed when it is sent
    try:
        with ZipFile(made, "w", ZIP_DEFLATED) as archive:
            for one in sorted(folder.iterdir()):
                # Without the time of day at which it was made.
                info = ZipInfo(f"{folder.name}/{one.name}")
                info.compress_type, info.external_attr = ZIP_DEFLATED, ONLY_OURS << 16
                info.file_size = one.stat().st_size
                with one.open("rb") as source, archive.open(info, "w") as target:
                    shutil.copyfileobj(source, target)
        size = made.tell()
    except BaseException:
        made.close()
        raise
    return Pakketbestand(nummer, f"{folder.name}.zip", made, size)
