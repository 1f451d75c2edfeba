"""Lets a batch go: released by who made it or by a second person, stopped and taken up again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietToegestaan, WrongUse
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.store import postgres
from gateway.store.engine import Database
from gateway.store.geld.tables import voorstel
from gateway.store.geld.voorstellen import GEMEENTEN, Voorstel, Voorstelsoort, propose
from gateway.store.geld.voorstellen import Vraag as Voorstelvraag
from gateway.store.inbox import Clock
from gateway.store.mutaties.mutatie import Mutatie, found_in, mutatie_of, open_ended
from gateway.store.mutaties.tables import (
    CONCEPT,
    GESTOPT,
    KLAAR,
    LOOPT,
    OPEN,
    OPMAAK,
    VOORGESTELD,
    mutatie,
    mutatie_bericht,
    mutatie_regel,
)
from gateway.store.noteren import Noteer, no_log
from gateway.store.tables import BEZIG, NIEUW, inbox
from gateway.toegang.wie import Bereik, Wie

SOORT = "mutatie"
NOTHING = "er is niets om te versturen: alle toewijzingen in deze partij zijn geweigerd"
CHANGED = "dat kan nu niet: deze partij is {}"
STATEN = {
    OPMAAK: "nog niet af",
    CONCEPT: "nog niet vrijgegeven",
    VOORGESTELD: "voorgesteld aan een tweede persoon",
    LOOPT: "vrijgegeven",
    GESTOPT: "gestopt",
    KLAAR: "klaar",
}


class Verloop:
    """Moves batches on; every method is a transaction of its own, within what may be changed.

    `noteer` writes who did it in the log of processing, as the last thing.  All raise NietGevonden
    for a batch that is not there and AlBeoordeeld for one that is not as it was shown.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def release(
        self, bereik: Bereik, wie: Wie, nummer: int, boven: int, noteer: Noteer = no_log
    ) -> Mutatie:
        """Let the messages go; above an amount in eurocents a second person has to approve.

        So it is too where the whole of an assignment is not known: a month has no price, or it has
        no end.  Raises WrongUse where there is nothing to send, or where another batch still
        changes the same assignments.
        """
        with self._writing(bereik) as connection:
            row = self._held(connection, bereik, nummer, CONCEPT)
            if not row.berichten:
                raise WrongUse(NOTHING)
            if not self._database.is_sqlite:
                # Of two at the same moment neither would see that the other goes.
                postgres.take_turn(connection, f"partij {row.gemeente}")
            _refuse_shared(connection, nummer)
            open_ends = open_ended(connection, nummer)
            if row.verschil > boven or row.zonder_bedrag or open_ends:
                self._propose(connection, wie, row, open_ends)
            else:
                now = self._now()
                self._change(connection, nummer, LOOPT, vrijgegeven_at=now, volgende_at=now)
            return self._done(connection, bereik, nummer, noteer)

    def stop(self, bereik: Bereik, nummer: int, noteer: Noteer = no_log) -> Mutatie:
        """Offer no more messages; what was offered goes its way."""
        with self._writing(bereik) as connection:
            self._held(connection, bereik, nummer, LOOPT)
            self._change(connection, nummer, GESTOPT)
            return self._done(connection, bereik, nummer, noteer)

    def resume(self, bereik: Bereik, nummer: int, noteer: Noteer = no_log) -> Mutatie:
        """Go on with a batch that was stopped."""
        with self._writing(bereik) as connection:
            self._held(connection, bereik, nummer, GESTOPT)
            self._change(connection, nummer, LOOPT, volgende_at=self._now())
            return self._done(connection, bereik, nummer, noteer)

    def _propose(self, connection: Connection, wie: Wie, row: Any, open_ends: int) -> None:
        goes = aantal(row.toewijzingen - row.geweigerd, "toewijzing", "toewijzingen")
        told = [
            f"{goes} in {aantal(row.berichten, 'bericht', 'berichten')}",
            f"verschil {euros(row.verschil)}",
        ]
        if row.zonder_bedrag:
            told.append(f"{row.zonder_bedrag} zonder bekende prijs")
        if open_ends:
            told.append(f"{open_ends} zonder einddatum")
        vraag = Voorstelvraag(
            gemeente=row.gemeente,
            soort=SOORT,
            onderwerp=f"{row.naam}: {', '.join(told)}",
            inhoud={"mutatie": row.id, GEMEENTEN: sorted(mutatie_of(row).vraag.gemeenten)},
            bedrag=row.verschil,
        )
        number = propose(connection, wie, vraag, self._now())
        self._change(connection, row.id, VOORGESTELD, voorstel_id=number)

    def _held(self, connection: Connection, bereik: Bereik, nummer: int, staat: str) -> Any:
        """The row of a batch in a state, kept from others; all of its municipalities are seen."""
        row = found_in(connection, bereik, nummer, lock=True)
        if not mutatie_of(row).vraag.gemeenten <= bereik.gemeenten:
            raise NietToegestaan("deze partij gaat ook over een gemeente waarvoor u niet werkt")
        if row.staat != staat:
            raise AlBeoordeeld(CHANGED.format(STATEN[row.staat]))
        return row

    def _change(self, connection: Connection, nummer: int, staat: str, **values: Any) -> None:
        change = sa.update(mutatie).where(mutatie.c.id == nummer)
        connection.execute(change.values(staat=staat, **values))

    def _done(self, connection: Connection, bereik: Bereik, nummer: int, noteer: Noteer) -> Mutatie:
        found = mutatie_of(found_in(connection, bereik, nummer))
        noteer(connection)
        return found

    def _writing(self, bereik: Bereik) -> AbstractContextManager[Connection]:
        return self._database.writing(bereik.scope)

    def _now(self) -> float:
        return self._clock().timestamp()


def _refuse_shared(connection: Connection, nummer: int) -> None:
    """Raise WrongUse where another batch that is not done yet changes the same assignments."""
    shared = connection.execute(_SHARED, {"welke": nummer}).first()
    if shared is not None:
        raise WrongUse(
            f"toewijzing {shared.toewijzingnummer} staat ook in partij {shared.id}, die nog niet "
            "klaar is; wacht daarop en maak deze partij dan opnieuw"
        )


_other = mutatie_regel.alias("ander")
_IN_HAND = sa.exists().where(
    mutatie_bericht.c.mutatie_id == _other.c.mutatie_id,
    mutatie_bericht.c.gemeente == _other.c.gemeente,
    mutatie_bericht.c.aanbieder == _other.c.aanbieder,
    mutatie_bericht.c.bsn_hash == _other.c.bsn_hash,
    mutatie_bericht.c.inbox_id == inbox.c.id,
    inbox.c.staat.in_((NIEUW, BEZIG)),
)
_SHARED = (
    sa.select(mutatie.c.id, mutatie_regel.c.toewijzingnummer)
    .join_from(
        mutatie_regel,
        _other,
        sa.and_(
            _other.c.toewijzing_id == mutatie_regel.c.toewijzing_id,
            _other.c.mutatie_id != mutatie_regel.c.mutatie_id,
        ),
    )
    .join(mutatie, mutatie.c.id == _other.c.mutatie_id)
    .where(
        mutatie_regel.c.mutatie_id == sa.bindparam("welke", type_=sa.BigInteger),
        mutatie_regel.c.weigering.is_(None),
        _other.c.weigering.is_(None),
        sa.or_(mutatie.c.staat.in_(OPEN), _IN_HAND),
    )
    .limit(1)
)


def _approved(connection: Connection, een: Voorstel) -> None:
    """A second person agrees: the messages may go."""
    moment = sa.select(voorstel.c.besloten_at).where(voorstel.c.id == een.nummer).scalar_subquery()
    values = {"staat": LOOPT, "vrijgegeven_at": moment, "volgende_at": moment}
    if connection.execute(_PROPOSED.values(values), _of(een)).rowcount != 1:
        raise AlBeoordeeld("de partij van dit voorstel wacht niet meer op goedkeuring")


def _dropped(connection: Connection, een: Voorstel) -> None:
    """Nobody agrees: the batch can be looked at again."""
    connection.execute(_PROPOSED.values(staat=CONCEPT, voorstel_id=None), _of(een))


def _of(een: Voorstel) -> dict[str, Any]:
    return {"welke": een.inhoud["mutatie"]}


_PROPOSED = sa.update(mutatie).where(
    mutatie.c.id == sa.bindparam("welke", type_=sa.BigInteger), mutatie.c.staat == VOORGESTELD
)
VOORSTEL = Voorstelsoort("Toewijzingen wijzigen", _approved, _dropped)
