"""Takes an agreement file into use: checked with what is there, held against the past, and logged.

The folder is the truth.  A running service looks at it every few seconds and takes over what a
start would take.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.errors import CouldNotFinish, NietToegestaan, WrongUse
from gateway.periods.maanden import first_of_month
from gateway.pipeline.grondslag import Bestand, Bronnen, grondslag_of
from gateway.records.overeenkomst import Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik, Wie
from gateway.werk.herprijzing import Herprijsvraag
from gateway.werk.wijziging import Wijziging, files_in_use, wijziging_of

DOEL = "beheer van overeenkomsten"
HANDELING = "overeenkomst publiceren"


@dataclass(frozen=True, slots=True)
class Publicatie:
    """A new version of an agreement, and where it would stand.

    `merk` tells what was in use when it was checked.
    """

    doel: Path
    inhoud: bytes
    wijziging: Wijziging
    merk: str

    @property
    def nieuw(self) -> Overeenkomst:
        """The new version."""
        (one,) = self.wijziging.nieuw
        return one

    @property
    def is_in_use(self) -> bool:
        """Whether exactly this file is in use already."""
        return any(one.hash == self.nieuw.hash for one in self.wijziging.vervangt)

    @property
    def over(self) -> str:
        """What the log tells of it."""
        return f"overeenkomst {self.nieuw.id} {self.nieuw.versie} sha-256 {self.nieuw.hash}"

    @property
    def vraag(self) -> Herprijsvraag | None:
        """Which granted lines it can change the price of; None where it can of none."""
        vanaf = self.wijziging.vanaf
        if vanaf is None:
            return None
        return Herprijsvraag(
            naam=f"{self.nieuw.naam} {self.nieuw.versie}",
            wijziging=self.wijziging,
            begin=first_of_month(vanaf),
            eind=date.max,
            gemeenten=self.wijziging.gemeenten,
        )


def prepared(bestand: Bestand, path: Path, gemeentecodes: Collection[str]) -> Publicatie:
    """Check a file by itself and with all that is in use: in a folder, or in one other file.

    Raises AgreementRefused with the first problem, and WrongUse where it has no clear place.
    """
    in_use = files_in_use(path)
    wijziging = wijziging_of([bestand], in_use, gemeentecodes)
    (nieuw,) = wijziging.nieuw
    merk = grondslag_of(in_use, []).hash
    folder = path.parent if path.is_file() else path
    return Publicatie(folder / nieuw.bestand, bestand[1], wijziging, merk)


def refuse_others(wie: Wie, bereik: Bereik, overeenkomsten: Iterable[Overeenkomst]) -> None:
    """Raises NietToegestaan for who does not manage every municipality of some agreements."""
    gemeenten = {code for one in overeenkomsten for code in one.gemeenten}
    if not wie.overal(Recht.BEHEREN) and not gemeenten <= bereik.gemeenten:
        raise NietToegestaan(
            "deze overeenkomst gaat ook over gemeenten die u niet beheert; vraag het aan een "
            "beheerder van al haar gemeenten"
        )


def place_of(bronnen: Bronnen | None) -> Path:
    """Where the agreements in use stand; raises WrongUse where there are none."""
    path = None if bronnen is None else bronnen.overeenkomsten
    return folder_of(bronnen) if path is None else path


def folder_of(bronnen: Bronnen | None) -> Path:
    """The folder in which a service publishes; raises WrongUse where it has none that it may."""
    path = None if bronnen is None else bronnen.overeenkomsten
    if path is None:
        raise WrongUse("deze gateway leest geen map met overeenkomsten om in te publiceren")
    if not path.is_dir():
        raise WrongUse(
            f"deze gateway leest één bestand met overeenkomsten ({path.name}); publiceren kan "
            "alleen in een map"
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise WrongUse(
            f"de gateway mag niet schrijven in de map met overeenkomsten ({path.name}); bewaar het "
            "voorstel als bestand en laat de beheerder van de computer het publiceren"
        )
    return path


def publish(publicatie: Publicatie, record: Callable[[], None]) -> bool:
    """Put the file in its place in one step, recorded before it is there; False if it was already.

    Raises WrongUse where something else was taken into use since it was checked, and
    CouldNotFinish where the folder takes no file; what was in use then stays.
    """
    doel = publicatie.doel
    try:
        doel.parent.mkdir(parents=True, exist_ok=True)
        with _alone(doel.parent):
            if _has(doel, publicatie.inhoud):
                return False
            if grondslag_of(files_in_use(doel.parent), []).hash != publicatie.merk:
                raise WrongUse(
                    "intussen is er een andere overeenkomst in gebruik genomen; begin opnieuw"
                )
            _put(doel, publicatie.inhoud, record)
    except OSError as error:
        raise CouldNotFinish(f"{doel}: hier is geen bestand te schrijven") from error
    return True


def _put(doel: Path, body: bytes, record: Callable[[], None]) -> None:
    waiting = _written(doel.parent, body)
    try:
        record()
        waiting.replace(doel)
        _sync(doel.parent)
    finally:
        waiting.unlink(missing_ok=True)


def _has(doel: Path, body: bytes) -> bool:
    return doel.is_file() and doel.read_bytes() == body


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else publishes here, in whatever process: two files that fit may clash together."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _written(folder: Path, body: bytes) -> Path:
    """The bytes under a name that nobody reads, safely on disk."""
    handle, name = tempfile.mkstemp(prefix=".publiceren-", suffix=".tmp", dir=folder)
    with os.fdopen(handle, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fchmod(stream.fileno(), 0o644)
        os.fsync(stream.fileno())
    return Path(name)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
