"""Takes an agreement file into use: checked with what is there, held against the past, and logged.

The folder is the truth.  A running service looks at it every few seconds and takes over what a
start would take.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from gateway.agreements.gevolg import first_day
from gateway.agreements.match import index
from gateway.agreements.table import agreement_files, problems, read_agreement, read_agreements
from gateway.errors import AgreementRefused, CouldNotFinish, WrongUse
from gateway.inlezen import load_lists
from gateway.periods.maanden import first_of_month
from gateway.pipeline.correctie.verleden import changed_in_past
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.prijzen import Prijzen
from gateway.records.overeenkomst import Overeenkomst
from gateway.store.store import SqlStore
from gateway.werk.correctie import now_at


@dataclass(frozen=True, slots=True)
class Verleden:
    """Granted lines to be credited for another price: how many, and what they came to."""

    regels: int
    bedrag: int


@dataclass(frozen=True, slots=True)
class Publicatie:
    """A new version of an agreement, and where it would stand.

    `vervangt` are the versions in use with the same id.  `vanaf` is the first day on which a price
    can be another one, None where the file says what is in use already.
    """

    bron: Path
    doel: Path
    nieuw: Overeenkomst
    vervangt: Sequence[Overeenkomst]
    vanaf: date | None

    @property
    def over(self) -> str:
        """What the log tells of it."""
        return f"overeenkomst {self.nieuw.id} {self.nieuw.versie} sha-256 {self.nieuw.hash}"


def prepared(bron: Path, folder: Path) -> Publicatie:
    """Check a file by itself and with all that is in use.

    Raises AgreementRefused with the first problem, and WrongUse where it has no clear place.
    """
    codes = load_lists().gemeentecodes()
    nieuw = read_agreement(bron, codes)
    in_use = _in_use(folder)
    own = [one for one in in_use if one.id == nieuw.id]
    doel = folder / _name(bron, nieuw, in_use)
    vervangt = [one for one in own if one.bestand == doel.name]
    with _as_if(bron, doel) as trial:
        if told := problems(trial, codes):
            raise AgreementRefused(told[0])
    vanaf = first_day(vervangt, nieuw)
    if vanaf is None and vervangt and vervangt[0].hash != nieuw.hash:
        vanaf = date.max  # other texts or contracts, and no other price
    return Publicatie(bron, doel, nieuw, vervangt, vanaf)


def past_of(store: SqlStore, publicatie: Publicatie, moment: datetime) -> Verleden:
    """The granted lines that ask for another price, in Declaraties since the first day."""
    if publicatie.vanaf is None or publicatie.vanaf == date.max:
        return Verleden(0, 0)
    folder = publicatie.doel.parent
    codes = load_lists().gemeentecodes()
    old = index(_in_use(folder))
    with _as_if(publicatie.bron, publicatie.doel) as trial:
        new = read_agreements(trial, codes)

    def prijzen(one: Beoordeeld) -> tuple[Prijzen, Prijzen]:
        dag = one.header.dagtekening
        return Prijzen(old, one.partijen, dag), Prijzen(new, one.partijen, dag)

    gemeenten = {code for one in (publicatie.nieuw, *publicatie.vervangt) for code in one.gemeenten}
    regels = bedrag = 0
    since = first_of_month(publicatie.vanaf)
    for group in store.declaraties.judged(since, date.max, gemeenten):
        with store.reading() as facts_of:
            facts = facts_of(now_at(moment))
            for beoordeeld in group:
                for line in changed_in_past(beoordeeld, facts, prijzen):
                    regels += 1
                    bedrag += line.ingediend_bedrag
    return Verleden(regels, bedrag)


def publish(publicatie: Publicatie, record: Callable[[], None]) -> None:
    """Put the file in its place in one step, recorded before it is there.

    A file that changed since it was checked is refused.  Raises CouldNotFinish where the folder
    takes no file; what was in use then stays.
    """
    body = publicatie.bron.read_bytes()
    if hashlib.sha256(body).hexdigest() != publicatie.nieuw.hash:
        raise WrongUse(f"{publicatie.bron}: dit bestand is intussen gewijzigd; begin opnieuw")
    try:
        publicatie.doel.parent.mkdir(parents=True, exist_ok=True)
        waiting = _written(publicatie.doel.parent, body)
    except OSError as error:
        raise CouldNotFinish(f"{publicatie.doel}: hier is geen bestand te schrijven") from error
    try:
        record()
        waiting.replace(publicatie.doel)
        _sync(publicatie.doel.parent)
    except OSError as error:
        raise CouldNotFinish(f"{publicatie.doel}: dit bestand is niet te vervangen") from error
    finally:
        waiting.unlink(missing_ok=True)


def _in_use(folder: Path) -> Sequence[Overeenkomst]:
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder}: dit is geen map")
    return read_agreements(folder, load_lists().gemeentecodes()).alle if _files(folder) else ()


def _files(folder: Path) -> Sequence[Path]:
    """The agreement files of a folder; one that is not there yet has none."""
    if not folder.is_dir() or not any(one.suffix == ".toml" for one in folder.iterdir()):
        return ()
    return agreement_files(folder)


def _name(bron: Path, nieuw: Overeenkomst, in_use: Sequence[Overeenkomst]) -> str:
    """The file that the new version goes into: its own name, else that of the same agreement."""
    same_name = [one for one in in_use if one.bestand == bron.name]
    if same_name:
        if same_name[0].id != nieuw.id:
            raise WrongUse(
                f"{bron.name}: zo heet daar al het bestand van overeenkomst {same_name[0].id}"
            )
        return bron.name
    own = [one.bestand for one in in_use if one.id == nieuw.id]
    if len(own) > 1:
        told = " en ".join(sorted(own))
        raise WrongUse(
            f"overeenkomst {nieuw.id} staat in {told}; geef het nieuwe bestand de naam van het "
            "bestand dat het vervangt"
        )
    return own[0] if own else f"{bron.stem}.toml"


@contextmanager
def _as_if(bron: Path, doel: Path) -> Iterator[Path]:
    """A folder of what is in use, with the new file in its place."""
    with tempfile.TemporaryDirectory(prefix="gateway-publiceren-") as name:
        trial = Path(name)
        for one in _files(doel.parent):
            shutil.copyfile(one, trial / one.name)
        shutil.copyfile(bron, trial / doel.name)
        yield trial


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
