"""Removes everything that has had its time, a little at a time, and keeps the count.

Each step is a transaction that removes, counts and writes in the log: a stop in between loses
nothing, and the next run goes on with the one that did not end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.bewaren import Bewaartermijnen
from gateway.store.bewaren.dossiers import Dossiers
from gateway.store.bewaren.logboekeinde import Logboekdagen
from gateway.store.bewaren.soorten import (
    ANTWOORDEN,
    BERICHTEN,
    BEVINDINGEN,
    ENVELOPPEN,
    GEPARKEERDE,
    SESSIES,
    Soort,
    Weg,
)
from gateway.store.bewaren.tables import opruiming, opruimtelling
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import ALL, Database, insert_one
from gateway.store.geld.nazorg.vergeten import FACTUREN, HANDTOEWIJZINGEN
from gateway.store.jaareinde.bewaren import STEEKPROEVEN, VERANTWOORDINGEN
from gateway.store.toegang.logboek import INGEKORT, Betrokkene, Handeling, Logboek

GEWIST = "bewaartermijn"
DOSSIERS = "dossiers"
# What is told of a removal where so many went that naming them all would say nothing.
NAMED = 200

# An act of the log about some clients, by name, and when.
Act = Callable[[str, Sequence[Betrokkene]], Handeling]


@dataclass(frozen=True, slots=True, order=True)
class Telling:
    """How much of a kind, of a municipality ('' for none); the amount stays, without a person."""

    soort: str
    gemeente: str
    aantal: int
    bytes: int
    bedrag: int


@dataclass(frozen=True, slots=True)
class Opruiming:
    """A run, by the day that it looks back from; `einde` is None where it did not end."""

    nummer: int
    dag: date
    begin: datetime
    einde: datetime | None
    tellingen: Sequence[Telling]


class Opruimingen:
    """Runs on a store."""

    def __init__(
        self,
        database: Database,
        logboek: Logboek,
        fingerprint: Fingerprinter,
        termijnen: Bewaartermijnen,
        *,
        naar_archief: bool,
    ) -> None:
        """`naar_archief` tells that bytes of messages leave by an archive, and not from here."""
        self._database = database
        self._logboek = logboek
        self._termijnen = termijnen
        kinds: list[Soort] = [] if naar_archief else [BERICHTEN]
        kinds += [GEPARKEERDE, ENVELOPPEN, ANTWOORDEN, BEVINDINGEN, SESSIES]
        kinds += [VERANTWOORDINGEN, STEEKPROEVEN]
        kinds += [FACTUREN, HANDTOEWIJZINGEN]
        # Clients go after the messages that they stand in, and their going is in the log as well.
        self._kinds = [*kinds, Dossiers(fingerprint, termijnen), Logboekdagen()]

    def preview(self, vandaag: date) -> Sequence[Telling]:
        """What has had its time, as far as nothing has to go before it; changes nothing."""
        found: Counter[tuple[str, str, str]] = Counter()
        for kind, dag in self._in_turn(vandaag):
            for some in kind.zoek(self._database, dag):
                _count(found, kind, some)
        return _tellingen(found)

    def run(self, vandaag: date, act: Act, now: Callable[[], datetime]) -> Opruiming:
        """Remove it; a run that did not end goes on first, with the day that it had."""
        nummer, dag = self._begun(vandaag, now())
        for kind, until in self._in_turn(dag):
            for some in kind.zoek(self._database, until):
                self._step(nummer, kind, some, until, act)
        with self._database.writing(ALL) as connection:
            ended = {"geeindigd_at": now().timestamp()}
            connection.execute(sa.update(opruiming).where(opruiming.c.id == nummer), ended)
        return self.of(nummer)

    def of(self, nummer: int) -> Opruiming:
        """A run by its number."""
        return next(one for one in self.all() if one.nummer == nummer)

    def all(self) -> Sequence[Opruiming]:
        """Every run, in order."""
        with self._database.snapshot() as connection:
            runs = connection.execute(sa.select(opruiming).order_by(opruiming.c.id)).all()
            counted = sa.select(opruimtelling).order_by(*opruimtelling.primary_key)
            rows = connection.execute(counted).all()
        by_run = {
            nummer: [Telling(*row[1:]) for row in own]
            for nummer, own in groupby(rows, key=attrgetter("opruiming_id"))
        }
        return [
            Opruiming(
                row.id,
                row.dag,
                datetime.fromtimestamp(row.begonnen_at, UTC),
                None if row.geeindigd_at is None else datetime.fromtimestamp(row.geeindigd_at, UTC),
                by_run.get(row.id, ()),
            )
            for row in runs
        ]

    def _in_turn(self, vandaag: date) -> Iterator[tuple[Soort, date]]:
        """The kinds with the first day of which they stay; a dossier goes by terms of its own."""
        for kind in self._kinds:
            dag = vandaag if kind.naam == DOSSIERS else self._termijnen.grens(kind.naam, vandaag)
            if dag is not None:
                yield kind, dag

    def _begun(self, vandaag: date, now: datetime) -> tuple[int, date]:
        query = sa.select(opruiming).where(opruiming.c.geeindigd_at.is_(None))
        with self._database.writing(ALL) as connection:
            row = connection.execute(query.order_by(opruiming.c.id).limit(1)).first()
            if row is not None:
                return row.id, row.dag
            made = {"dag": vandaag, "begonnen_at": now.timestamp()}
            return insert_one(connection, opruiming, made), vandaag

    def _step(self, nummer: int, kind: Soort, some: Sequence[Weg], dag: date, act: Act) -> None:
        with self._database.writing(ALL) as connection:
            gone = kind.wis(connection, some, dag)
            if not gone:
                return
            counted: Counter[tuple[str, str, str]] = Counter()
            _count(counted, kind, gone)
            _add(connection, nummer, _tellingen(counted))
            name = INGEKORT if isinstance(kind, Logboekdagen) else GEWIST
            self._logboek.schrijf(connection, act(name, list(_betrokkenen(kind, gone))))


def _betrokkenen(kind: Soort, gone: Sequence[Weg]) -> Iterator[Betrokkene]:
    """Whose it was and what: a client each, else a municipality each."""
    if kind.naam == DOSSIERS:
        for one in gone:
            yield Betrokkene(one.gemeente, one.kenmerk, f"dossier {one.sleutel.wet}")
        return
    by_gemeente = sorted(gone, key=attrgetter("gemeente"))
    for gemeente, own in groupby(by_gemeente, key=attrgetter("gemeente")):
        yield Betrokkene(gemeente or None, object=f"{kind.naam}: {_named(own)}")


def _named(gone: Iterable[Weg]) -> str:
    """Which ones; the hash of a session is nobody's business."""
    keys = [one.sleutel for one in gone]
    if isinstance(keys[0], int):
        return ", ".join(map(str, keys[:NAMED]))
    if isinstance(keys[0], str):
        return str(len(keys))
    return ", ".join(f"tot en met {one.dag}, laatste hash {one.hash}" for one in keys)


_FIELDS = ("aantal", "bytes", "bedrag")


def _count(found: Counter[tuple[str, str, str]], kind: Soort, some: Iterable[Weg]) -> None:
    for one in some:
        for name in _FIELDS:
            found[kind.naam, one.gemeente, name] += getattr(one, name)


def _tellingen(found: Mapping[tuple[str, str, str], int]) -> Sequence[Telling]:
    keys = dict.fromkeys((soort, gemeente) for soort, gemeente, _ in found)
    return [Telling(*key, *(found[*key, name] for name in _FIELDS)) for key in keys]


def _add(connection: Connection, nummer: int, tellingen: Iterable[Telling]) -> None:
    for one in tellingen:
        row = {name: getattr(one, name) for name in ("soort", "gemeente", *_FIELDS)}
        connection.execute(_ADD, {"nummer": nummer, **row})


_ADD = sa.text(
    "INSERT INTO opruimtelling (opruiming_id, soort, gemeente, aantal, bytes, bedrag) "
    "VALUES (:nummer, :soort, :gemeente, :aantal, :bytes, :bedrag) "
    "ON CONFLICT (opruiming_id, soort, gemeente) DO UPDATE SET "
    "aantal = opruimtelling.aantal + excluded.aantal, "
    "bytes = opruimtelling.bytes + excluded.bytes, "
    "bedrag = opruimtelling.bedrag + excluded.bedrag"
)
