"""What stands beside the files of an export: up to where they go, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.ledger.boek import Saldo
from gateway.store.ggm.merk import Merk
from gateway.store.manifesten import MANIFEST, read_manifest_of

# The columns of the files; another version is not put behind this one.
SCHEMA = "2"
FOLDER = "ggm-"


class Telling(msgspec.Struct, kw_only=True):
    """How many rows, and what each of their amounts comes to in eurocents."""

    rijen: int = 0
    bedragen: dict[str, int] = {}


class Bestand(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its name, size in bytes and sha-256."""

    naam: str
    grootte: int
    sha256: str


class Deel(msgspec.Struct, frozen=True, kw_only=True):
    """An object type: its files, which all hold the same rows, and what those come to."""

    soort: str
    bestanden: tuple[Bestand, ...]
    nieuw: Telling
    vervallen: Telling


class Stand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What the lines in the ledger come to at a mark, in eurocents with a sign."""

    regels: int = 0
    ingediend: int = 0
    toegekend: int = 0
    afgewezen: int = 0
    wacht: int = 0


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """An export: of which store and municipalities (none: all), what for, and between which marks.

    `vanaf` is absent where everything that stood is in it.  `gemaakt` is ISO 8601, UTC.
    `zonder` are the attributes of the GGM that are in no file, by object type.
    """

    schema: str
    versie: str
    gemaakt: str
    opslag: str
    doel: str
    gemeenten: tuple[str, ...]
    vanaf: Merk | None
    tot: Merk
    grootboek_vanaf: Stand
    grootboek: Stand
    delen: tuple[Deel, ...]
    zonder: Mapping[str, Sequence[str]] = {}


def stand_of(saldo: Saldo) -> Stand:
    """A balance as a manifest tells it."""
    return Stand(
        regels=saldo.regels,
        ingediend=saldo.ingediend,
        toegekend=saldo.toegekend,
        afgewezen=saldo.afgewezen,
        wacht=saldo.wacht,
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an export; raises WrongUse where there is none that can be read."""
    return read_manifest_of(folder, Manifest, "uitvoer")


def exports_in(folder: Path) -> Sequence[Path]:
    """The exports in a folder in the order of their names, or the folder itself if it is one."""
    if (folder / MANIFEST).exists():
        return [folder]
    return sorted(one.parent for one in folder.glob(f"{FOLDER}*/{MANIFEST}"))
