"""Decisions on open findings: shown as a frozen list first, then taken, approved or undone.

Nothing is decided twice: the database keeps a finding to one decision.  What is decided on a held
line lets its message go once all its held lines are decided on, after the time for second thoughts
and by the clock that decides without anybody as well: so undoing is setting that clock back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.deviations.policy import Beleid
from gateway.errors import AlBeoordeeld, WrongUse
from gateway.records.masker import mask
from gateway.store import postgres
from gateway.store.engine import Conflict, Database, insert_one, translated
from gateway.store.inbox import Clock
from gateway.store.noteren import Noteer, no_log
from gateway.store.toegang.personen import vier_ogen
from gateway.store.werk import vrijgave
from gateway.store.werk.logregels import Waarover, write_log
from gateway.store.werk.melding import tell_backoffice
from gateway.store.werk.soorten import GEVOLGEN, STAATWOORDEN, Soort
from gateway.store.werk.tables import (
    BESLOTEN,
    BEZET,
    CONCEPT,
    GELDT,
    GEWEIGERD,
    INGETROKKEN,
    TELT_NIET,
    VOORGESTELD,
    besluit,
    besluit_post,
    werkpost,
)
from gateway.store.werk.volger import Werkvolger, count_again
from gateway.store.werk.wachtrij import look_again
from gateway.toegang.wie import Bereik, Wie

MOST, LISTED = 50_000, 1_000
LONGEST_REASON = 2_000
CHANGED = "een deel van deze lijst is intussen beoordeeld of veranderd; bekijk hem opnieuw"
DONE = "alle berichten zijn al opnieuw beoordeeld"
UNKNOWN = "dit besluit bestaat niet"
NO_REASON = {
    GEWEIGERD: "schrijf op waarom u dit voorstel niet goedkeurt",
    INGETROKKEN: "schrijf op waarom u dit besluit terugdraait",
}


@dataclass(frozen=True, slots=True)
class Keuze:
    """What to decide on: open findings by their number, or without those all of a cause."""

    soort: Soort
    oorzaak_id: int | None = None
    bevindingen: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Besluit:
    """A decision as it stands; `bedrag` is in eurocents, with its sign.

    `tot` is until when it can be undone for certain, `goedkeurder` who approved what another
    proposed, where that is asked for.
    """

    nummer: int
    gemeente: str
    oorzaak_id: int | None
    soort: Soort
    staat: str
    wie: str
    naam: str
    reden: str
    aantal: int
    bedrag: int
    gemaakt: datetime
    tot: datetime | None
    goedkeurder: str | None = None


class Besluiten:
    """Takes decisions; every method is a transaction of its own, within what somebody may see.

    `noteer` writes who did it in the log of processing, as the last thing in the transaction.  All
    raise WrongUse for a decision that is not there, and AlBeoordeeld when another was first.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        beleid_of: Callable[[str], Beleid],
        volger: Werkvolger,
    ) -> None:
        self._database = database
        self._clock = clock
        self._beleid_of = beleid_of
        self._volger = volger

    def freeze(self, bereik: Bereik, wie: Wie, keuze: Keuze, noteer: Noteer = no_log) -> Besluit:
        """Put a list of open findings down, to be decided on as it is shown.

        Raises WrongUse when none of them can be decided on in this way, when there are too many,
        or when they are of more than one municipality.
        """
        with self._writing(bereik) as connection:
            nummer = self._frozen(connection, bereik, wie, keuze)
            found = self._read(connection, bereik, nummer)
            noteer(connection, nummer)
            return found

    def take(
        self, bereik: Bereik, wie: Wie, nummer: int, reden: str, noteer: Noteer = no_log
    ) -> Besluit:
        """Decide on a frozen list; above the amount of the policy a second person has to approve.

        Only who froze it decides on it.  Raises WrongUse without a reason.
        """
        told = mask(reden.strip())
        if not told or len(told) > LONGEST_REASON:
            raise WrongUse(f"schrijf een reden op, van hoogstens {LONGEST_REASON} tekens")
        with self._writing(bereik) as connection:
            row = self._held(connection, bereik, nummer, CONCEPT)
            if row.wie != wie.kenmerk:
                raise WrongUse(UNKNOWN)
            self._still_open(connection, row)
            connection.execute(_TAKEN, {"welk": nummer, "reden": told, "nu": self._now()})
            weight = connection.execute(_WEIGHT, {"welk": nummer}).scalar_one()
            if weight > self._beleid_of(row.gemeente).tweede_persoon_boven:
                self._count_as(connection, nummer, BEZET)
                self._step(connection, row, wie, VOORGESTELD, told)
            else:
                self._enforce(connection, row, wie, told)
            return self._done(connection, bereik, nummer, noteer)

    def decide(
        self, bereik: Bereik, wie: Wie, keuze: Keuze, reden: str, noteer: Noteer = no_log
    ) -> Besluit:
        """Freeze and take in one go, for who shows the list himself."""
        return self.take(bereik, wie, self.freeze(bereik, wie, keuze).nummer, reden, noteer)

    def approve(self, bereik: Bereik, wie: Wie, nummer: int, noteer: Noteer = no_log) -> Besluit:
        """Let what another proposed be in force; raises NietToegestaan for one's own."""
        with self._writing(bereik) as connection:
            row = self._held(connection, bereik, nummer, VOORGESTELD)
            vier_ogen(connection, row.wie, wie)
            self._enforce(connection, row, wie, "")
            return self._done(connection, bereik, nummer, noteer)

    def refuse(
        self, bereik: Bereik, wie: Wie, nummer: int, reden: str, noteer: Noteer = no_log
    ) -> Besluit:
        """Put a proposal aside; its findings are free again.  Raises WrongUse without a reason."""
        if not reden.strip():
            raise WrongUse(NO_REASON[GEWEIGERD], veld="reden")
        with self._writing(bereik) as connection:
            row = self._held(connection, bereik, nummer, VOORGESTELD)
            self._count_as(connection, nummer, TELT_NIET)
            self._step(connection, row, wie, GEWEIGERD, reden.strip())
            return self._done(connection, bereik, nummer, noteer)

    def undo(
        self, bereik: Bereik, wie: Wie, nummer: int, reden: str = "", noteer: Noteer = no_log
    ) -> Besluit:
        """Take a decision back, as long as no answer was made of it; raises AlBeoordeeld then.

        Raises WrongUse without a reason for what is in force; a proposal needs none.
        """
        with self._writing(bereik) as connection:
            row = self._held(connection, bereik, nummer, GELDT, VOORGESTELD)
            if row.staat == GELDT and not reden.strip():
                raise WrongUse(NO_REASON[INGETROKKEN], veld="reden")
            if row.soort == Soort.HERSTEL and row.tot_at is not None:
                raise AlBeoordeeld(DONE)
            was_in_force = row.staat == GELDT
            if was_in_force and row.soort == Soort.TOEKENNEN:
                vrijgave.set_back(connection, nummer)
            self._count_as(connection, nummer, TELT_NIET)
            self._step(connection, row, wie, INGETROKKEN, reden.strip())
            if was_in_force and row.soort != Soort.HERSTEL:
                berichten = connection.scalars(_MESSAGES, {"welk": nummer}).all()
                look_again(connection, [(one, None) for one in berichten])
                self._tell(connection, row, INGETROKKEN)
            found = self._done(connection, bereik, nummer, noteer)
        self._volger.catch_up(steps=2)
        return found

    def _frozen(self, connection: Connection, bereik: Bereik, wie: Wie, keuze: Keuze) -> int:
        if len(keuze.bevindingen) > LISTED:
            raise WrongUse(f"kies hoogstens {LISTED} bevindingen apart, of een hele oorzaak")
        posts = _posts(bereik, keuze)
        total = connection.execute(_total(posts)).one()
        if not total.aantal:
            raise WrongUse("er is niets (meer) dat u zo kunt afhandelen")
        if total.aantal > MOST:
            raise WrongUse(f"kies hoogstens {MOST} bevindingen tegelijk; maak de lijst kleiner")
        if total.eerste != total.laatste:
            raise WrongUse("kies bevindingen van één gemeente tegelijk")
        row = {
            "gemeente": total.eerste,
            "oorzaak_id": keuze.oorzaak_id,
            "soort": keuze.soort.value,
            "staat": CONCEPT,
            "wie": wie.kenmerk,
            "naam": wie.naam,
            "reden": "",
            "aantal": total.aantal,
            "bedrag": int(total.bedrag),
            "gemaakt_at": self._now(),
        }
        nummer = insert_one(connection, besluit, row)
        fixed = (sa.literal(nummer, sa.BigInteger), sa.literal(TELT_NIET, sa.SmallInteger))
        chosen = sa.select(*fixed, *posts.c)
        names = ["besluit_id", "telt", *posts.c.keys()]
        connection.execute(sa.insert(besluit_post).from_select(names, chosen))
        return nummer

    def _still_open(self, connection: Connection, row: Any) -> None:
        """Raise AlBeoordeeld when something of the list is not open any more as it was."""
        standing = connection.execute(_STANDING, {"welk": row.id}).scalar_one()
        if standing != row.aantal:
            raise AlBeoordeeld(CHANGED)

    def _enforce(self, connection: Connection, row: Any, wie: Wie, tekst: str) -> None:
        """From here on it is decided."""
        if row.soort == Soort.HERSTEL:
            # Until a message is judged again, nobody decides on what it says now.
            self._count_as(connection, row.id, BEZET)
            self._step(connection, row, wie, GELDT, tekst)
            return
        self._count_as(connection, row.id, BESLOTEN)
        if row.soort == Soort.TOEKENNEN:
            minutes = self._beleid_of(row.gemeente).bedenktijd
            until = self._now() + timedelta(minutes=minutes).total_seconds()
            vrijgave.let_go(connection, row.id, until)
            connection.execute(_UNTIL, {"welk": row.id, "tot": until})
        touched = {*connection.scalars(_GONE, {"welk": row.id})}
        count_again(connection, touched, is_sqlite=self._database.is_sqlite)
        self._step(connection, row, wie, GELDT, tekst)
        self._tell(connection, row, GELDT)

    def _count_as(self, connection: Connection, nummer: int, telt: int) -> None:
        """Let the posts count; raises AlBeoordeeld when another decision has one of them."""
        try:
            with translated(), connection.begin_nested():
                connection.execute(_COUNT_AS, {"welk": nummer, "nu": telt})
        except Conflict as conflict:
            raise AlBeoordeeld(CHANGED) from conflict

    def _step(self, connection: Connection, row: Any, wie: Wie, staat: str, tekst: str) -> None:
        connection.execute(_STATE, {"welk": row.id, "nu": staat})
        over = Waarover(row.gemeente, row.oorzaak_id, row.id)
        write_log(connection, wie, self._now(), over, staat, tekst)

    def _tell(self, connection: Connection, row: Any, staat: str) -> None:
        posts = connection.execute(_POSTS, {"welk": row.id}).all()
        tell_backoffice(connection, row, posts, staat, self._now())

    def _held(self, connection: Connection, bereik: Bereik, nummer: int, *staten: str) -> Any:
        """The row of a decision in one of some states, kept from others."""
        query = sa.select(besluit).where(*_within(bereik, nummer)).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise WrongUse(UNKNOWN)
        if row.staat not in staten:
            raise AlBeoordeeld(f"over dit besluit is al beslist: {STAATWOORDEN[row.staat]}")
        return row

    def _read(self, connection: Connection, bereik: Bereik, nummer: int) -> Besluit:
        return besluit_of(
            connection.execute(sa.select(besluit).where(*_within(bereik, nummer))).one()
        )

    def _done(self, connection: Connection, bereik: Bereik, nummer: int, noteer: Noteer) -> Besluit:
        """The decision as it is now, once it is accounted for."""
        found = self._read(connection, bereik, nummer)
        noteer(connection)
        return found

    @contextmanager
    def _writing(self, bereik: Bereik) -> Iterator[Connection]:
        """A transaction in which nobody else changes the worklist."""
        with self._database.writing(bereik.scope) as connection:
            if not self._database.is_sqlite:
                postgres.take_turn(connection, "werk")
            yield connection

    def _now(self) -> float:
        return self._clock().timestamp()


def besluit_of(row: Any) -> Besluit:
    """A decision from its row."""
    return Besluit(
        nummer=row.id,
        gemeente=row.gemeente,
        oorzaak_id=row.oorzaak_id,
        soort=Soort(row.soort),
        staat=row.staat,
        wie=row.wie,
        naam=row.naam,
        reden=row.reden,
        aantal=row.aantal,
        bedrag=row.bedrag,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        tot=None if row.tot_at is None else datetime.fromtimestamp(row.tot_at, UTC),
        goedkeurder=getattr(row, "goedkeurder", None),
    )


def _within(bereik: Bereik, nummer: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (besluit.c.id == nummer, besluit.c.gemeente.in_(sorted(bereik.gemeenten)))


_KEY = ("inbox_id", "rule", "onderwerp")
_SAME = tuple(besluit_post.c[name] == werkpost.c[name] for name in _KEY)


def _posts(bereik: Bereik, keuze: Keuze) -> sa.Subquery:
    """The open findings that are chosen and nobody is deciding on, as they are frozen.

    What was rejected or signalled in a message that is still held waits for its answer.
    """
    effect = GEVOLGEN[keuze.soort].effect
    of_effect = (
        (werkpost.c.effect == effect, werkpost.c.aangehouden == int(effect == "hold"))
        if effect is not None
        else ()
    )
    taken = sa.exists().where(*_SAME, besluit_post.c.telt > sa.literal_column("0"))
    chosen = (
        sa.select(
            *(werkpost.c[name] for name in _KEY),
            sa.func.max(werkpost.c.gemeente).label("gemeente"),
            sa.func.max(werkpost.c.bevinding_id).label("bevinding_id"),
            sa.func.max(werkpost.c.regelnr).label("regelnr"),
            sa.func.max(werkpost.c.reference).label("reference"),
            sa.cast(sa.func.sum(werkpost.c.belang), sa.BigInteger).label("belang"),
        )
        .where(
            werkpost.c.gemeente.in_(sorted(bereik.gemeenten)),
            *of_effect,
            ~taken,
        )
        .group_by(*(werkpost.c[name] for name in _KEY))
    )
    if keuze.oorzaak_id is not None:
        chosen = chosen.where(werkpost.c.oorzaak_id == keuze.oorzaak_id)
    if keuze.bevindingen or keuze.oorzaak_id is None:
        chosen = chosen.where(werkpost.c.bevinding_id.in_(sorted(keuze.bevindingen)))
    return chosen.subquery("gekozen")


def _total(posts: sa.Subquery) -> sa.Select[Any]:
    return sa.select(
        sa.func.count().label("aantal"),
        sa.func.coalesce(sa.func.sum(posts.c.belang), 0).label("bedrag"),
        sa.func.min(posts.c.gemeente).label("eerste"),
        sa.func.max(posts.c.gemeente).label("laatste"),
    )


_WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
_OF_IT = besluit_post.c.besluit_id == _WELK
# It is of the moment at which it is taken: its list was looked at before.
_TAKEN = (
    sa.update(besluit)
    .where(besluit.c.id == _WELK)
    .values(reden=sa.bindparam("reden"), gemaakt_at=sa.bindparam("nu"))
)
_STATE = sa.update(besluit).where(besluit.c.id == _WELK).values(staat=sa.bindparam("nu"))
_UNTIL = sa.update(besluit).where(besluit.c.id == _WELK).values(tot_at=sa.bindparam("tot"))
_COUNT_AS = sa.update(besluit_post).where(_OF_IT).values(telt=sa.bindparam("nu"))
_POSTS = sa.select(besluit_post).where(_OF_IT).order_by(besluit_post.c.inbox_id)
_MESSAGES = sa.select(besluit_post.c.inbox_id).where(_OF_IT).distinct()
_WEIGHT = sa.select(
    sa.cast(sa.func.coalesce(sa.func.sum(sa.func.abs(besluit_post.c.belang)), 0), sa.BigInteger)
).where(_OF_IT)
_STANDING = (
    sa.select(sa.func.count())
    .select_from(
        besluit_post.join(werkpost, werkpost.c.bevinding_id == besluit_post.c.bevinding_id)
    )
    .where(_OF_IT)
)
_GONE = (
    sa.delete(werkpost)
    .where(
        werkpost.c.inbox_id.in_(_MESSAGES),
        sa.exists().where(_OF_IT, *_SAME),
    )
    .returning(werkpost.c.oorzaak_id)
)
