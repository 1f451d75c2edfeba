"""Makes a pack in a folder of its own and keeps what it came to; and makes one again to compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.records.masker import HIDDEN
from gateway.store.archiefbestand import file_sha256
from gateway.store.engine import ALL
from gateway.store.ggm.manifest import Bestand
from gateway.store.ggm.merk import marked
from gateway.store.jaareinde.afsluitingen import Nieuw, keep
from gateway.store.jaareinde.bestanden import rows_without
from gateway.store.jaareinde.bron import last_message
from gateway.store.jaareinde.cijfers import Cijfers
from gateway.store.jaareinde.opgavelijsten import write_statements
from gateway.store.jaareinde.pakket import (
    CLIENT,
    CONTROLE,
    NUMMERLIJSTEN,
    SAMENVATTING,
    SCHEMAS,
    VASTGELEGD,
    VERANTWOORDINGEN,
    VERSCHILLEN,
    Manifest,
    Opdracht,
    vraag_of,
    write_lists,
    write_pack_manifest,
)
from gateway.store.jaareinde.samenvatting import summary
from gateway.store.manifesten import MANIFEST, read_manifest_of
from gateway.store.schijf import new_folder
from gateway.store.store import SqlStore

WAT = "jaarafsluiting"


class Controleuitslag(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the ledger added up when the pack was made, by `gateway ledger check`.

    `fouten` counts what did not, by its kind.
    """

    klopt: bool
    fouten: Mapping[str, int]


class Gemaakt(NamedTuple):
    """A pack that was made: its number, where, what it came to, whether the ledger added up."""

    nummer: int
    folder: Path
    cijfers: Cijfers
    controle: Controleuitslag


# Checks the ledger of the municipality from the same state of the store.
Controleer = Callable[[Connection], Controleuitslag]


def make_pack(
    store: SqlStore, out: Path, opdracht: Opdracht, now: datetime, controleer: Controleer
) -> Gemaakt:
    """Write the pack of a year to a folder of its own below `out`, whole or not at all."""
    moment = now.astimezone(UTC)
    naam = f"{WAT}-{opdracht.gemeente}-{opdracht.jaar}-{moment:%Y%m%dT%H%M%SZ}"
    place = out / naam
    if place.exists():
        raise WrongUse(f"{place} bestaat al")
    with new_folder(place, WAT) as folder, marked(store.database) as (connection, merk):
        store.database.scope(connection, opdracht.gemeente)
        vraag = vraag_of(opdracht, merk, last_message(connection))
        cijfers = write_lists(store, connection, folder, opdracht, vraag)
        controle = controleer(connection)
        write_statements(connection, folder, opdracht.gemeente, opdracht.jaar)
        (folder / CONTROLE).write_bytes(_json(controle))
        klopt = controle.klopt and cijfers.klopt
        text = summary(opdracht, cijfers, klopt=klopt)
        (folder / SAMENVATTING).write_text(text, encoding="utf-8")
        manifest = write_pack_manifest(store, folder, vraag, cijfers)
        sha256 = str(file_sha256(folder / MANIFEST))
    een = Nieuw(
        gemeente=opdracht.gemeente,
        jaar=opdracht.jaar,
        gemaakt=moment,
        volgnr=manifest.merk.volgnr,
        map=naam,
        manifest=sha256,
        klopt=klopt,
    )
    nummer = keep(store.database, een, cijfers.standen)
    return Gemaakt(nummer, place, cijfers, controle)


def packs_in(folder: Path) -> Sequence[Path]:
    """The packs in a folder in the order of their names, or the folder itself if it is one.

    Raises WrongUse where there is none.
    """
    if (folder / MANIFEST).exists():
        return [folder]
    found = sorted(one.parent for one in folder.glob(f"{WAT}-*/{MANIFEST}"))
    if not found:
        raise WrongUse(f"in {folder} staat geen {WAT}")
    return found


def read_pack(folder: Path) -> Manifest:
    """The manifest of a pack; raises WrongUse where there is none of this version."""
    manifest = read_manifest_of(folder, Manifest, WAT)
    if manifest.schema not in SCHEMAS:
        raise WrongUse(f"{folder} is gemaakt met een andere versie van de gateway")
    return manifest


def is_from_before(store: SqlStore, manifest: Manifest) -> bool:
    """Whether the clients of the store had other ids when a pack was made."""
    return manifest.wissels != store.wissels


def differences(
    store: SqlStore, folder: Path, manifest: Manifest, opdracht: Opdracht
) -> Iterator[str]:
    """Every way in which a pack is not what was made, or not what the store says.

    Where clients got other ids since, those are what is not held against each other.
    """
    if manifest.opslag != store.kenmerken.of("opslag", 0):
        raise WrongUse(f"{folder} is een jaarafsluiting van een andere opslag")
    yield from _changed(folder, manifest)
    with TemporaryDirectory(prefix="jaarafsluiting-") as kept:
        again = Path(kept)
        with store.database.long_snapshot(ALL) as connection:
            store.database.scope(connection, manifest.gemeente)
            vraag = vraag_of(opdracht, manifest.merk, manifest.tot_bericht)
            schema = manifest.schema
            cijfers = write_lists(store, connection, again, opdracht, vraag, schema=schema)
        if cijfers.grootboek != manifest.grootboek:
            yield "het grootboek op dat moment is nu anders dan in het manifest staat"
        zonder = CLIENT if is_from_before(store, manifest) else None
        for one in manifest.bestanden:
            if one.naam not in VASTGELEGD and not _is_same(folder, again, one, zonder):
                yield f"{one.naam} komt er nu anders uit: de opslag is buiten het werk om veranderd"
    for nummer in cijfers.onleesbaar:
        yield (
            f"bericht {nummer}, dat toen openstond, is niet meer te lezen; open.csv en de totalen "
            "kunnen daarom afwijken"
        )


def _changed(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files themselves."""
    told = {one.naam: one.sha256 for one in manifest.bestanden}
    for naam, sha256 in told.items():
        found = file_sha256(folder / Path(naam).name)
        if found is None:
            yield f"{naam} ontbreekt"
        elif found != sha256:
            yield f"{naam} is niet het bestand dat is gemaakt"
    here = {one.name for one in folder.iterdir()} - {MANIFEST}
    yield from (f"{naam} hoort er niet bij" for naam in sorted(here - told.keys()))
    missing = {SAMENVATTING, CONTROLE, VERSCHILLEN, VERANTWOORDINGEN} - told.keys()
    yield from (f"{naam} staat niet in het manifest" for naam in sorted(missing))


def _is_same(folder: Path, again: Path, one: Bestand, zonder: str | None) -> bool:
    """Whether a file of a pack comes out as it was made, but for a column and what is hidden since.

    Of one that is changed itself nobody can tell what else the column hides.
    """
    if file_sha256(again / one.naam) == one.sha256:
        return True
    if one.naam not in NUMMERLIJSTEN:
        return False
    if file_sha256(folder / one.naam) != one.sha256:
        return zonder is not None
    rows = (rows_without(place / one.naam, zonder or "") for place in (folder, again))
    return _same_rows(*rows)


def _same_rows(made: Iterator[Sequence[str]], again: Iterator[Sequence[str]]) -> bool:
    pairs = zip_longest(made, again, fillvalue=())
    return all(
        len(here) == len(there) and all(map(_same_or_hidden, here, there)) for here, there in pairs
    )


def _same_or_hidden(made: str, again: str) -> bool:
    """Whether a cell is what was made, perhaps without a Bsn that showed in it then."""
    hidden = re.escape(again).replace(re.escape(HIDDEN), r"\d{5}")
    return made == again or re.fullmatch(hidden, made) is not None


def _json(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
