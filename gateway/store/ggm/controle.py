"""Holds an export against its own manifest, and against the store that it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.periods.bedragen import euros
from gateway.store.archiefbestand import file_sha256
from gateway.store.engine import ALL
from gateway.store.ggm.maken import ledger_at, opslag_of
from gateway.store.ggm.manifest import Deel, Manifest, Stand, Telling, read_manifest
from gateway.store.ggm.merk import Merk
from gateway.store.ggm.schrijver import read
from gateway.store.ggm.soorten import (
    DECLARATIEREGEL,
    MUTATIE,
    NIEUW,
    SOORTEN,
    VERVALLEN,
    Soort,
)
from gateway.store.store import SqlStore

MUTATIES = (NIEUW, VERVALLEN)
_BY_NAME = {one.naam: one for one in SOORTEN}


def differences(store: SqlStore, folder: Path) -> Iterator[str]:
    """Every way in which an export is not what the store says, as one sentence; none when it is."""
    manifest = read_manifest(folder)
    if manifest.opslag != opslag_of(store):
        raise WrongUse(f"{folder} is uitvoer van een andere opslag")
    database = store.database
    with database.long_snapshot(ALL) as connection:
        database.scope(connection, ",".join(manifest.gemeenten) or ALL)
        for deel in manifest.delen:
            soort = _BY_NAME.get(deel.soort)
            if soort is None:
                yield f"{deel.soort} kent deze versie van de gateway niet"
                continue
            yield from _files(folder, deel, soort)
            for mutatie in MUTATIES:
                found = _in_store(connection, soort, mutatie, manifest)
                yield from _compared(f"{deel.soort} ({mutatie})", _of(deel, mutatie), found)
        yield from _missing(manifest)
        yield from _ledger(connection, manifest)


def breaks(folders: Sequence[Path]) -> Iterator[str]:
    """Where exports do not go on behind each other: something between them is nowhere."""
    known = {folder: read_manifest(folder) for folder in folders}
    ends = [one.tot for one in known.values()]
    begins = [one.vanaf for one in known.values() if one.vanaf != one.tot]
    for folder, one in known.items():
        if one.vanaf is not None and one.vanaf not in ends:
            yield f"{folder}: de uitvoer waarop deze volgt, ontbreekt"
        if one.vanaf not in (None, one.tot) and begins.count(one.vanaf) > 1:
            yield f"{folder}: er is nog een uitvoer vanaf hetzelfde merk"


def _of(deel: Deel, mutatie: str) -> Telling:
    return deel.nieuw if mutatie == NIEUW else deel.vervallen


def _missing(manifest: Manifest) -> Iterator[str]:
    told = {one.soort for one in manifest.delen}
    yield from (f"{naam} ontbreekt in het manifest" for naam in _BY_NAME if naam not in told)


def _files(folder: Path, deel: Deel, soort: Soort) -> Iterator[str]:
    """What is wrong with the files of an object type, held against the manifest."""
    for bestand in deel.bestanden:
        path = folder / Path(bestand.naam).name
        found = file_sha256(path)
        if found is None:
            yield f"{bestand.naam} ontbreekt"
            continue
        if found != bestand.sha256:
            yield f"{bestand.naam} is niet het bestand dat is gemaakt"
        counted = {mutatie: Telling(bedragen={}) for mutatie in MUTATIES}
        try:
            for row in read(path, soort):
                telling = counted[VERVALLEN if row[MUTATIE] == VERVALLEN else NIEUW]
                telling.rijen += 1
                for kolom in soort.bedragen:
                    amount = telling.bedragen.get(kolom.naam, 0) + row[kolom.naam]
                    telling.bedragen[kolom.naam] = amount
        except (WrongUse, KeyError):
            yield f"{bestand.naam} is niet te lezen"
            continue
        for mutatie, telling in counted.items():
            yield from _compared(f"{bestand.naam} ({mutatie})", telling, _of(deel, mutatie))


def _in_store(connection: Connection, soort: Soort, mutatie: str, manifest: Manifest) -> Telling:
    """The same changes, added up by the store itself."""
    since: Merk | None = manifest.vanaf
    query = soort.totals(mutatie, since, manifest.tot, manifest.gemeenten)
    rijen, *sums = map(int, connection.execute(query).one())
    names = (one.naam for one in soort.bedragen)
    return Telling(rijen=rijen, bedragen=dict(zip(names, sums, strict=True)))


def _ledger(connection: Connection, manifest: Manifest) -> Iterator[str]:
    """What the ledger says of both marks, and whether the lines make the difference."""
    stands = [("het grootboek", manifest.tot, manifest.grootboek)]
    if manifest.vanaf is not None:
        stands.append(("het grootboek van ervoor", manifest.vanaf, manifest.grootboek_vanaf))
    for naam, merk, told in stands:
        yield from _stands(naam, told, ledger_at(connection, merk, manifest.gemeenten))
    regels = [one for one in manifest.delen if one.soort == DECLARATIEREGEL.naam]
    for deel in regels:
        made = _amount(deel.nieuw) - _amount(deel.vervallen)
        wanted = manifest.grootboek.ingediend - manifest.grootboek_vanaf.ingediend
        if made != wanted:
            yield (
                f"de declaratieregels maken {euros(made)} verschil, en het grootboek "
                f"{euros(wanted)}"
            )


def _amount(telling: Telling) -> int:
    return telling.bedragen.get("bedrag", 0)


def _stands(naam: str, told: Stand, found: Stand) -> Iterator[str]:
    if told.regels != found.regels:
        yield f"{naam} telt {found.regels} regels; in het manifest staan er {told.regels}"
    for field in ("ingediend", "toegekend", "afgewezen", "wacht"):
        is_, was = getattr(found, field), getattr(told, field)
        if is_ != was:
            yield f"{naam}: {field} is {euros(is_)}; in het manifest staat {euros(was)}"


def _compared(naam: str, told: Telling, found: Telling) -> Iterator[str]:
    if told.rijen != found.rijen:
        yield f"{naam}: {told.rijen} rijen, en het moeten er {found.rijen} zijn"
    for kolom in sorted(told.bedragen.keys() | found.bedragen.keys()):
        was, is_ = told.bedragen.get(kolom, 0), found.bedragen.get(kolom, 0)
        if was != is_:
            yield f"{naam}: {kolom} is samen {euros(was)}, en het moet {euros(is_)} zijn"
