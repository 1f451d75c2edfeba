"""Reads the log of processing for an auditor: page by page, and everything of one client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.errors import WrongUse
from gateway.store.engine import ALL, AT_ONCE, Database
from gateway.store.inzage.blad import Blad, blad_of, read_place
from gateway.store.inzage.delen import Deel, eerste_van
from gateway.store.toegang.logboek import IEDEREEN
from gateway.store.toegang.tables import verwerking
from gateway.toegang.wie import Bereik

OMVANG = 50
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Kijker:
    """Who reads: `heel` also sees acts that are of no municipality, such as logging in."""

    bereik: Bereik
    heel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Logfilter:
    """Which acts; days are days of UTC, inclusive."""

    vanaf: date | None = None
    tot: date | None = None
    wie: str = ""
    naam: str = ""
    mislukt: bool = False


ALLES = Logfilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logregel:
    """One act, about at most one client, or about all of a municipality (`van_iedereen`)."""

    dag: date
    nr: int
    moment: datetime
    naam: str
    soort: str
    gelukt: bool
    wie: str
    weergave: str
    rollen: Sequence[str]
    doel: str
    adres: str
    gemeente: str | None
    over: str | None
    met_client: bool
    van_iedereen: bool
    trace_id: str


def logboek_blad(
    database: Database, kijker: Kijker, filter_: Logfilter, plaats: str | None = None
) -> Blad[Logregel]:
    """One page of acts, the newest first; raises WrongUse for a place that does not exist."""
    wanted = _asked(filter_)
    if plaats is not None:
        wanted.append(_before(plaats))
    newest = (verwerking.c.dag.desc(), verwerking.c.nr.desc())
    delen = [(*deel, *wanted) for deel in _delen(kijker)]
    first = eerste_van([verwerking.c.dag, verwerking.c.nr], newest, OMVANG + 1, delen)
    query = sa.select(verwerking).where(first).order_by(*newest).limit(OMVANG + 1)
    with database.snapshot(_scope(kijker)) as connection:
        rows = connection.execute(query).all()
    return blad_of([_Row(row) for row in rows], OMVANG, _regel_of, "dag_tekst", "nr")


def of_client(database: Database, kijker: Kijker, kenmerken: Sequence[str]) -> Sequence[Logregel]:
    """Who saw or changed what of a client, by every fingerprint of his Bsn; the newest first.

    What went over everybody of a municipality may have been about him, and is told as well.
    """
    query = _of_client(kijker, kenmerken, ALLES).limit(MOST)
    with database.snapshot(_scope(kijker)) as connection:
        return [_regel(row) for row in connection.execute(query)]


def all_of_client(
    database: Database, kijker: Kijker, kenmerken: Sequence[str], filter_: Logfilter
) -> Iterator[Logregel]:
    """The same of some days, however many there are; a few are held at a time."""
    query = _of_client(kijker, kenmerken, filter_)
    with database.long_snapshot(_scope(kijker)) as connection:
        options = {"yield_per": AT_ONCE}
        yield from map(_regel, connection.execute(query, execution_options=options))


def _of_client(kijker: Kijker, kenmerken: Sequence[str], filter_: Logfilter) -> sa.Select[Any]:
    about = verwerking.c.betrokkene.in_([*kenmerken, IEDEREEN])
    newest = (verwerking.c.dag.desc(), verwerking.c.nr.desc())
    return _seen(kijker).where(about, *_asked(filter_)).order_by(*newest)


class _Row:
    """A row with its day as a text, which a place in a list is made of."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.dag_tekst = row.dag.isoformat()
        self.nr = row.nr


def _regel_of(row: _Row) -> Logregel:
    return _regel(row.row)


def _scope(kijker: Kijker) -> str:
    return ALL if kijker.heel else kijker.bereik.scope


def _delen(kijker: Kijker) -> Sequence[Deel]:
    """The log in parts of which each has its newest acts in front of an index."""
    if kijker.heel:
        return [()]
    return [(verwerking.c.gemeente == one,) for one in sorted(kijker.bereik.gemeenten)]


def _seen(kijker: Kijker) -> sa.Select[Any]:
    query = sa.select(verwerking)
    if kijker.heel:
        return query
    return query.where(verwerking.c.gemeente.in_(sorted(kijker.bereik.gemeenten)))


def _asked(filter_: Logfilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filter_.vanaf is not None:
        found.append(verwerking.c.dag >= filter_.vanaf)
    if filter_.tot is not None:
        found.append(verwerking.c.dag <= filter_.tot)
    if filter_.wie:
        found.append(verwerking.c.wie == filter_.wie)
    if filter_.naam:
        found.append(verwerking.c.name == filter_.naam)
    if filter_.mislukt:
        # The words of the index.
        found.append(verwerking.c.status_code != sa.literal_column("1"))
    return found


def _before(plaats: str) -> sa.ColumnElement[bool]:
    try:
        text, nr = read_place(plaats)
        dag = date.fromisoformat(f"{text}")
        number = int(f"{nr}")
    except ValueError:
        raise WrongUse("deze plaats in de lijst bestaat niet") from None
    place = sa.tuple_(sa.literal(dag, sa.Date), sa.literal(number))
    return sa.tuple_(verwerking.c.dag, verwerking.c.nr) < place


def _regel(row: Any) -> Logregel:
    told: Mapping[str, Any] = msgspec.json.decode(row.attributes)
    user = told["dpl.nen7513.users"][0]
    participants = told.get("dpl.nen7513.participants", [])
    return Logregel(
        dag=row.dag,
        nr=row.nr,
        moment=datetime.fromtimestamp(row.end_time / 1000, UTC),
        naam=row.name,
        soort=told["dpl.nen7513.eventTypeCode"],
        gelukt=row.status_code == 1,
        wie=row.wie,
        weergave=user["userName"],
        rollen=user["roleIDCode"],
        doel=user["purposeOfUse"],
        adres=user["networkAccessPointID"],
        gemeente=row.gemeente,
        over=participants[0]["participantObjectID"] if participants else None,
        met_client=row.betrokkene is not None,
        van_iedereen=row.betrokkene == IEDEREEN,
        trace_id=row.trace_id,
    )
