"""Works out a year with the settings of an installation, for commands, pages and the API.

What it takes: settings, agreements, and how invoices are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.agreements.table import agreement_contents
from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.http.beurt import Beurt
from gateway.inlezen import (
    NO_AGREEMENTS,
    load_agreements,
    load_lists,
    load_reader,
    load_types,
)
from gateway.ledger.boek import Fout
from gateway.ledger.controle import Controle
from gateway.ledger.jaareinde.instellingen import Instellingen, read_instellingen
from gateway.messages.definition import Berichttypen
from gateway.messages.reader import Reader, Source
from gateway.records.declaratie import Prestatie
from gateway.records.header import Header
from gateway.store.jaareinde.afsluiten import Controleuitslag
from gateway.store.jaareinde.openstaand import Ingelezen
from gateway.store.jaareinde.pakket import INSTELLINGEN, OVEREENKOMST, Manifest, Opdracht
from gateway.store.jaareinde.pakketbestand import DoeJaarpakket, Pakketbestand, pack_file
from gateway.store.jaareinde.verantwoordingen import DoeVergelijking, Verantwoording
from gateway.store.ledger_views import Grootboek, Soorten
from gateway.store.noteren import Noteer
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

NO_CAP = 1 << 40
_BUSY = "er wordt al een pakket gemaakt; probeer het over een minuut opnieuw"
_BUSY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Jaarlezer:
    """Reads invoices that have no answer yet, and knows which messages are invoices."""

    types: Berichttypen
    reader: Reader

    @property
    def codes(self) -> list[str]:
        """The Berichtcodes of invoices."""
        return sorted({one.code for one in self.types.all() if one.nummer == "323"})

    def __call__(self, body: Iterable[bytes]) -> Ingelezen | None:
        """The lines of an invoice, None for any other message."""
        message = self.reader.open(Source(body, NO_CAP))
        if message.kind.nummer != "323":
            return None
        aanbieder, regels = "", []
        for _, record in message.records():
            if isinstance(record, Header):
                aanbieder = record.afzender
            elif isinstance(record, Prestatie):
                regels.append(record)
        return Ingelezen(message.kind.wet, aanbieder, regels)

    def controleer(self, store: SqlStore, connection: Connection) -> Controleuitslag:
        """Whether the ledger adds up, from the state of the store that is read."""
        controle = Controle()
        for _ in self.faults(store, connection, controle):
            pass
        return Controleuitslag(klopt=controle.klopt, fouten=dict(sorted(controle.fouten.items())))

    def faults(self, store: SqlStore, connection: Connection, controle: Controle) -> Iterator[Fout]:
        """Everything in the ledger that does not add up, from the state that is read."""
        soorten = Soorten(
            declaraties=frozenset(self.codes),
            antwoorden=frozenset(one.naam for one in self.types.all() if one.nummer == "325"),
        )
        grootboek = Grootboek(store.database, connection, store.fingerprint, soorten, NO_AGREEMENTS)
        reader = self.reader
        yield from controle.run(grootboek, lambda body: reader.open(Source(body, NO_CAP)).records())


def lezer_of(settings: Settings) -> Jaarlezer:
    """The reader for the types of the installation."""
    types = load_types(settings)
    return Jaarlezer(types, load_reader(settings, types))


def settings_of(settings: Settings, gemeente: str) -> tuple[bytes, Instellingen]:
    """The settings of the year end: the bytes of their file, and those of a municipality."""
    path = settings.jaareindebestand
    try:
        text = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te lezen ({error.strerror})") from None
    return text, read_instellingen(text, gemeente)


def opdracht_of(settings: Settings, gemeente: str, jaar: int, agreements: Path | None) -> Opdracht:
    """A pack with the settings and agreements of now."""
    text, _ = settings_of(settings, gemeente)
    chosen = agreements or settings.agreements
    files = [] if chosen is None else agreement_contents(chosen)
    return _opdracht(settings, (gemeente, jaar), text, chosen, files)


def opdracht_again(settings: Settings, folder: Path, manifest: Manifest) -> Opdracht:
    """A pack that was made, with the settings and agreements that are in it."""
    text = _read(folder / INSTELLINGEN)
    names = [one.naam for one in manifest.bestanden if one.naam.startswith(OVEREENKOMST)]
    files = [(name.removeprefix(OVEREENKOMST), _read(folder / Path(name).name)) for name in names]
    with TemporaryDirectory(prefix="overeenkomsten-") as kept:
        for name, body in files:
            (Path(kept) / Path(name).name).write_bytes(body)
        plaats = (manifest.gemeente, manifest.jaar)
        return _opdracht(
            settings,
            plaats,
            text,
            Path(kept) if files else None,
            files,
        )


def _opdracht(
    settings: Settings,
    plaats: tuple[str, int],
    text: bytes,
    agreements: Path | None,
    files: list[tuple[str, bytes]],
) -> Opdracht:
    lezer, (gemeente, jaar) = lezer_of(settings), plaats
    overeenkomsten: Overeenkomsten = load_agreements(agreements, load_lists())
    return Opdracht(
        gemeente=gemeente,
        jaar=jaar,
        instellingen=read_instellingen(text, gemeente),
        instellingentekst=text,
        overeenkomsten=overeenkomsten,
        overeenkomstbestanden=files,
        codes=lezer.codes,
        lees=lezer,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise WrongUse(f"{path} ontbreekt of is niet te lezen; deze map is niet compleet") from None


def doe_jaarpakket_of(
    settings: Settings, store: SqlStore, clock: Callable[[], datetime]
) -> DoeJaarpakket:
    """Makes the same pack as the command, as one file; one at a time, for it goes over all lines.

    Raises VerzoekGeweigerd (429) while another one is made, here or by another process.
    """
    beurt = Beurt(store.database, "jaarpakket", _BUSY, _BUSY_SECONDS)

    def doe(gemeente: str, jaar: int, begin: Callable[[], None]) -> Pakketbestand:
        with beurt():
            begin()
            opdracht, lezer = opdracht_of(settings, gemeente, jaar, None), lezer_of(settings)
            return pack_file(
                store, opdracht, clock(), lambda connection: lezer.controleer(store, connection)
            )

    return doe


def doe_vergelijking_of(settings: Settings, store: SqlStore) -> DoeVergelijking:
    """Lays a statement beside the ledger with the settings of its municipality."""

    def doe(bereik: Bereik, nummer: int, noteer: Noteer) -> Verantwoording:
        een = store.verantwoordingen.get(bereik, nummer)
        _, instellingen = settings_of(settings, een.gemeente)
        lezer = lezer_of(settings)
        return store.verantwoordingen.compare(
            bereik, nummer, instellingen, lezer.codes, lezer, noteer
        )

    return doe
