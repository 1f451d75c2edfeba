"""Reads of the worklist: causes, the findings of one, and decisions; a page at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from gateway.deviations.causes import Omvang, Oorzaak
from gateway.pipeline.ports import Partijen
from gateway.store.engine import Database
from gateway.store.inzage.blad import Blad, blad_of
from gateway.store.tables import bevinding, inbox, partij
from gateway.store.werk.bladeren import from_place
from gateway.store.werk.clienten import clienten_of
from gateway.store.werk.oorzaaknummers import NOOIT
from gateway.store.werk.tables import besluit_post, oorzaak, werkpost
from gateway.toegang.wie import Bereik

Volgorde = Literal["bedrag", "termijn", "leeftijd"]
OMVANG = 50
REMEMBERED_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which causes to show; what is empty does not matter.

    `vanaf` is an amount in eurocents, `uiterlijk` the last day of a term; `eigenaar` is the id of
    somebody, "" for what nobody took; `aangehouden` keeps what holds a message, `afgewezen` leaves
    out what has no retourcode.
    """

    gemeente: str | None = None
    wet: str | None = None
    aanbieder: str | None = None
    overeenkomst: str | None = None
    product: str | None = None
    rule: str | None = None
    retourcode: str | None = None
    vanaf: int | None = None
    uiterlijk: date | None = None
    eigenaar: str | None = None
    aangehouden: bool = False
    afgewezen: bool = False


@dataclass(frozen=True, slots=True)
class Oorzaakrij:
    """An open cause as it stands in the list; `termijn` is None where nothing is held."""

    nummer: int
    oorzaak: Oorzaak
    omvang: Omvang
    overeenkomst: str | None
    voorbeeld: str
    termijn: date | None
    oudste: datetime
    eigenaar: str | None
    eigenaar_naam: str | None


@dataclass(frozen=True, slots=True)
class Post:
    """An open finding in the list of its cause; `belang` in eurocents.

    `besluit` is the number of a decision that waits for a second person.
    """

    bevinding_id: int
    inbox_id: int
    regelnr: int | None
    reference: str | None
    effect: str
    is_aangehouden: bool
    belang: int
    text: str
    toewijzingnummer: int | None
    begindatum: date | None
    declaratienummer: str | None
    ontvangen: datetime
    termijn: date | None
    besluit: int | None


@dataclass(frozen=True, slots=True)
class Postfilter:
    """Which open findings of a cause are looked for; what is absent does not matter.

    `van` and `tot` are days, both inclusive, between which the care of a finding begins.
    """

    effect: str | None = None
    van: date | None = None
    tot: date | None = None


ALLE_POSTEN = Postfilter()


@dataclass(frozen=True, slots=True)
class Totaal:
    """What all causes of a filter come to."""

    oorzaken: int
    bevindingen: int
    belang: int
    aangehouden: int


@dataclass(frozen=True, slots=True)
class Keuzes:
    """What can be filtered by, in what stands open."""

    gemeenten: Sequence[str] = field(default_factory=list)
    wetten: Sequence[str] = field(default_factory=list)
    rules: Sequence[str] = field(default_factory=list)
    overeenkomsten: Sequence[str] = field(default_factory=list)


class Werkvoorraad:
    """Reads of the worklist, each of one state and within what somebody may see."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._keuzes: dict[str, tuple[float, Keuzes]] = {}

    def oorzaken(
        self,
        bereik: Bereik,
        filter_: Filter = Filter(),
        volgorde: Volgorde = "bedrag",
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Oorzaakrij]:
        """The open causes of a filter, from a place on."""
        column, falls = _VOLGORDE[volgorde]
        query = sa.select(oorzaak).where(*_wanted(bereik, filter_))
        query = from_place(query, (column, oorzaak.c.id), falls, na).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, _oorzaak_of, column.name, "id")

    def totaal(self, bereik: Bereik, filter_: Filter = Filter()) -> Totaal:
        """What the causes of a filter come to."""
        names = ("bevindingen", "belang", "aangehouden")
        sums = (sa.func.coalesce(sa.func.sum(oorzaak.c[name]), 0) for name in names)
        query = sa.select(sa.func.count(), *sums).where(*_wanted(bereik, filter_))
        with self._database.snapshot(bereik.scope) as connection:
            return Totaal(*map(int, connection.execute(query).one()))

    def toewijzingen(self, bereik: Bereik, rule: str) -> Mapping[Partijen, Sequence[int]]:
        """The ToewijzingNummers that a check still speaks of, by the parties that they are between.

        Each number once, in order.
        """
        query = (
            sa.select(oorzaak.c.gemeente, oorzaak.c.wet, oorzaak.c.aanbieder)
            .add_columns(werkpost.c.toewijzingnummer)
            .join(werkpost, werkpost.c.oorzaak_id == oorzaak.c.id)
            .where(*_wanted(bereik, Filter(rule=rule)))
            .where(werkpost.c.toewijzingnummer.is_not(None))
            .distinct()
            .order_by(*oorzaak.c["gemeente", "wet", "aanbieder"], werkpost.c.toewijzingnummer)
        )
        found: dict[Partijen, list[int]] = {}
        with self._database.snapshot(bereik.scope) as connection:
            for *parties, nummer in connection.execute(query):
                found.setdefault(Partijen(*parties), []).append(nummer)
        return found

    def keuzes(self, bereik: Bereik) -> Keuzes:
        """What there is to filter by, as it was a minute ago at most: it goes over all causes."""
        known = self._keuzes.get(bereik.scope)
        now = self._monotonic()
        if known is None or now - known[0] > REMEMBERED_SECONDS:
            known = (now, self._read_keuzes(bereik))
            self._keuzes[bereik.scope] = known
        return known[1]

    def _read_keuzes(self, bereik: Bereik) -> Keuzes:
        names = ("wet", "rule", "overeenkomst")
        columns = [oorzaak.c[name] for name in names]
        query = sa.select(*columns).where(*_wanted(bereik, Filter())).group_by(*columns)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        found = ({row[place] for row in rows} - {None} for place in range(len(names)))
        return Keuzes(sorted(bereik.gemeenten), *map(sorted, found))

    def oorzaak(self, bereik: Bereik, nummer: int) -> Oorzaakrij | None:
        """One cause, also when nothing of it stands open any more."""
        query = sa.select(oorzaak).where(oorzaak.c.id == nummer, _seen(oorzaak, bereik))
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _oorzaak_of(row)

    def posten(
        self,
        bereik: Bereik,
        nummer: int,
        volgorde: Volgorde = "bedrag",
        na: str | None = None,
        omvang: int = OMVANG,
        filter_: Postfilter = ALLE_POSTEN,
    ) -> Blad[Post]:
        """The open findings of a cause, from a place on."""
        column, falls = _POSTVOLGORDE[volgorde]
        query = _POSTEN.where(
            werkpost.c.oorzaak_id == nummer, _seen(werkpost, bereik), *_wanted_posts(filter_)
        )
        key = (column, werkpost.c.bevinding_id)
        query = from_place(query, key, falls, na).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, _post_of, column.name, "bevinding_id")

    def posten_van(
        self, bereik: Bereik, inbox_id: int, regelnr: int | None = None
    ) -> Sequence[Post]:
        """What stands open of a message, or of one line in it; at most a page of the first."""
        query = _POSTEN.where(werkpost.c.inbox_id == inbox_id, _seen(werkpost, bereik))
        if regelnr is not None:
            query = query.where(werkpost.c.regelnr == regelnr)
        query = query.order_by(werkpost.c.bevinding_id).limit(OMVANG)
        with self._database.snapshot(bereik.scope) as connection:
            return [_post_of(row) for row in connection.execute(query)]

    def clienten(self, bereik: Bereik, bevindingen: Sequence[int]) -> Sequence[tuple[str, str]]:
        """Whom findings are about, each once: municipality, and fingerprint of the Bsn."""
        query = clienten_of(
            bevinding.c.id.in_(sorted(bevindingen)), partij.c.gemeente.in_(sorted(bereik.gemeenten))
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [(row.gemeente, row.bsn_hash) for row in connection.execute(query)]

    def oorzaken_van(self, bereik: Bereik, inbox_id: int) -> Sequence[Oorzaakrij]:
        """The open causes that a message has a part in, those with most at stake in front."""
        part = sa.select(werkpost.c.oorzaak_id).where(werkpost.c.inbox_id == inbox_id)
        query = sa.select(oorzaak).where(oorzaak.c.id.in_(part), _seen(oorzaak, bereik))
        query = query.order_by(oorzaak.c.gewicht.desc(), oorzaak.c.id).limit(OMVANG)
        with self._database.snapshot(bereik.scope) as connection:
            return [_oorzaak_of(row) for row in connection.execute(query)]


_VOLGORDE: dict[Volgorde, tuple[sa.Column[Any], bool]] = {
    "bedrag": (oorzaak.c.gewicht, True),
    "termijn": (oorzaak.c.termijn, False),
    "leeftijd": (oorzaak.c.oudste_at, False),
}
_POSTVOLGORDE: dict[Volgorde, tuple[sa.Column[Any], bool]] = {
    "bedrag": (werkpost.c.gewicht, True),
    "termijn": (werkpost.c.termijn, False),
    "leeftijd": (werkpost.c.received_at, False),
}
_proposed = besluit_post.alias("voorgesteld")
_POSTEN = (
    sa.select(
        werkpost,
        bevinding.c.text,
        inbox.c.declaratienummer,
        _proposed.c.besluit_id,
    )
    .join_from(werkpost, bevinding, bevinding.c.id == werkpost.c.bevinding_id)
    .join(inbox, inbox.c.id == werkpost.c.inbox_id)
    .outerjoin(
        _proposed,
        sa.and_(
            _proposed.c.inbox_id == werkpost.c.inbox_id,
            _proposed.c.rule == werkpost.c.rule,
            _proposed.c.onderwerp == werkpost.c.onderwerp,
            _proposed.c.telt > sa.literal_column("0"),
        ),
    )
)
_EQUAL = ("gemeente", "wet", "aanbieder", "overeenkomst", "product", "rule", "retourcode")


# Whether it holds a message itself; in one that is held there may be findings of other causes.
# Only what waits in a held message has a term.
_HOLDS = sa.exists().where(
    werkpost.c.oorzaak_id == oorzaak.c.id,
    werkpost.c.termijn < NOOIT,
    werkpost.c.effect == "hold",
)


def _seen(table: sa.Table, bereik: Bereik) -> sa.ColumnElement[bool]:
    return table.c.gemeente.in_(sorted(bereik.gemeenten))


def _wanted_posts(filter_: Postfilter) -> Iterator[sa.ColumnElement[bool]]:
    if filter_.effect is not None:
        yield werkpost.c.effect == filter_.effect
    if filter_.van is not None:
        yield werkpost.c.begindatum >= filter_.van
    if filter_.tot is not None:
        yield werkpost.c.begindatum <= filter_.tot


def _wanted(bereik: Bereik, filter_: Filter) -> list[sa.ColumnElement[bool]]:
    """The open causes that fit."""
    wanted = [oorzaak.c.bevindingen > sa.literal_column("0"), _seen(oorzaak, bereik)]
    wanted += [
        oorzaak.c[name] == getattr(filter_, name) for name in _EQUAL if getattr(filter_, name)
    ]
    if bereik.aanbieder is not None:
        wanted.append(oorzaak.c.aanbieder == bereik.aanbieder)
    if filter_.vanaf is not None:
        wanted.append(oorzaak.c.gewicht >= filter_.vanaf)
    if filter_.uiterlijk is not None:
        wanted.append(oorzaak.c.termijn <= filter_.uiterlijk)
    if filter_.eigenaar is not None:
        owner = oorzaak.c.eigenaar
        wanted.append(owner == filter_.eigenaar if filter_.eigenaar else owner.is_(None))
    if filter_.aangehouden:
        wanted += [oorzaak.c.aangehouden > 0, _HOLDS]
    if filter_.afgewezen:
        wanted.append(oorzaak.c.retourcode != "")
    return wanted


def _oorzaak_of(row: Any) -> Oorzaakrij:
    counts = (getattr(row, one.name) for one in fields(Omvang))
    return Oorzaakrij(
        row.id,
        Oorzaak(row.gemeente, row.wet, row.rule, row.retourcode, row.product, row.aanbieder),
        Omvang(*counts),
        row.overeenkomst,
        row.voorbeeld,
        _termijn(row.termijn),
        datetime.fromtimestamp(row.oudste_at, UTC),
        row.eigenaar,
        row.eigenaar_naam,
    )


def _post_of(row: Any) -> Post:
    return Post(
        row.bevinding_id,
        row.inbox_id,
        row.regelnr,
        row.reference,
        row.effect,
        row.aangehouden == 1,
        row.belang,
        row.text,
        row.toewijzingnummer,
        row.begindatum,
        row.declaratienummer,
        datetime.fromtimestamp(row.received_at, UTC),
        _termijn(row.termijn),
        row.besluit_id,
    )


def _termijn(day: date) -> date | None:
    return None if day == NOOIT else day
