"""Users and their roles; who loses a right is out at once, for his sessions end with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import WrongUse
from gateway.ledger.geld.gemeenteverrekening import AKKOORD, INGETROKKEN
from gateway.store.beleid import beleidsversie
from gateway.store.engine import ALL, Conflict, Database, insert_one
from gateway.store.geld.nazorg.tables import gemeenteverrekening
from gateway.store.geld.tables import VOORGESTELD, voorstel
from gateway.store.toegang.logboek import Handeling, Logboek
from gateway.store.toegang.tables import gebruiker, gebruiker_rol, sessie
from gateway.store.werk.tables import besluit
from gateway.toegang.namen import AAN_DE_MACHINE
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Wie

Rollen = Mapping[str, frozenset[Rol]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gebruiker:
    """Somebody who may log in; `rollen` per municipality, `*` for all.

    `wachtwoord` is an argon2id hash, `oidc` what the provider calls him.  Until `wacht_tot`
    (seconds since 1970) nobody comes in under his name, after too many wrong passwords.
    `machineaccount` is the account on the machine by which he gives commands.
    """

    nummer: int
    naam: str
    weergave: str
    actief: bool
    rollen: Rollen
    aanbieder: str | None = None
    wachtwoord: str | None = None
    oidc: str | None = None
    mislukt: int = 0
    wacht_tot: float = 0.0
    machineaccount: str | None = None

    @property
    def wie(self) -> Wie:
        """Him as rights and log know him."""
        return Wie(self.naam, self.weergave, "gebruiker", self.rollen, self.aanbieder)


@dataclass(frozen=True, slots=True, kw_only=True)
class NieuweGebruiker:
    """What is needed to make a user."""

    naam: str
    weergave: str
    rollen: Rollen = field(default_factory=dict)
    aanbieder: str | None = None
    wachtwoord: str | None = None
    oidc: str | None = None


class Gebruikers:
    """The users of this store; every change is written in the log in the same transaction."""

    def __init__(self, database: Database, clock: Callable[[], datetime], logboek: Logboek) -> None:
        self._database = database
        self._clock = clock
        self._logboek = logboek

    def make(self, nieuw: NieuweGebruiker, handeling: Handeling) -> int:
        """Make a user and return his number; raises WrongUse for a name that is taken."""
        row = {
            "naam": nieuw.naam,
            "zoeknaam": nieuw.naam.lower(),
            "weergave": nieuw.weergave,
            "wachtwoord": nieuw.wachtwoord,
            "oidc": nieuw.oidc,
            "aanbieder": nieuw.aanbieder,
            "actief": 1,
            "gemaakt_at": self._clock().timestamp(),
        }
        try:
            with self._database.writing(ALL) as connection:
                nummer = insert_one(connection, gebruiker, row)
                _write_rollen(connection, nummer, nieuw.rollen)
                self._logboek.schrijf(connection, handeling)
        except Conflict:
            raise WrongUse(f"er is al een gebruiker met de naam {nieuw.naam}") from None
        return nummer

    def by_naam(self, naam: str) -> Gebruiker | None:
        """The user who logs in by this name, in capitals or not."""
        return self._one(gebruiker.c.zoeknaam == naam.lower())

    def by_nummer(self, nummer: int) -> Gebruiker | None:
        """The user with this number."""
        return self._one(gebruiker.c.id == nummer)

    def by_oidc(self, oidc: str) -> Gebruiker | None:
        """The user whom the provider calls this."""
        return self._one(gebruiker.c.oidc == oidc)

    def all(self) -> Sequence[Gebruiker]:
        """Everybody, by name."""
        with self._database.snapshot() as connection:
            return gebruikers_of(connection.execute(GEBRUIKERS.order_by(gebruiker.c.naam)).all())

    def is_empty(self) -> bool:
        """Whether nobody can log in yet."""
        with self._database.snapshot() as connection:
            return connection.execute(sa.select(gebruiker.c.id).limit(1)).first() is None

    def set_rollen(self, nummer: int, rollen: Rollen, handeling: Handeling) -> None:
        """Give these roles in the place of what he had, and end his sessions."""
        with self._database.writing(ALL) as connection:
            of_him = gebruiker_rol.c.gebruiker_id == nummer
            connection.execute(sa.delete(gebruiker_rol).where(of_him))
            _write_rollen(connection, nummer, rollen)
            self._end_sessions(connection, nummer)
            self._logboek.schrijf(connection, handeling)

    def set_actief(self, nummer: int, actief: bool, handeling: Handeling) -> None:
        """Let him in again, or nowhere any more."""
        self._change(nummer, {"actief": int(actief)}, handeling)

    def set_wachtwoord(self, nummer: int, hash_: str, handeling: Handeling) -> None:
        """Give him another password, and a new start in guessing."""
        given = {"wachtwoord": hash_, "mislukt": 0, "wacht_tot": None}
        self._change(nummer, given, handeling)

    def set_machineaccount(self, nummer: int, account: str | None, handeling: Handeling) -> None:
        """Tell by which account on the machine he gives commands.

        Raises WrongUse for another's, and for taking away one that proposed what still waits: as
        that of somebody else it would let him approve his own.
        """
        own = sa.update(gebruiker).where(gebruiker.c.id == nummer)
        try:
            with self._database.writing(ALL) as connection:
                _check_nothing_waits(connection, nummer, account)
                connection.execute(own.values(machineaccount=account))
                self._logboek.schrijf(connection, handeling)
        except Conflict:
            raise WrongUse(f"account {account} op de machine is al van een ander") from None

    def missed(self, nummer: int, wacht_tot: float) -> None:
        """Count a wrong password; nobody comes in under this name before then."""
        values = {"mislukt": gebruiker.c.mislukt + 1, "wacht_tot": wacht_tot}
        with self._database.writing() as connection:
            connection.execute(sa.update(gebruiker).where(gebruiker.c.id == nummer).values(values))

    def came_in(self, nummer: int) -> None:
        """Forget wrong passwords."""
        values = {"mislukt": 0, "wacht_tot": None}
        with self._database.writing() as connection:
            connection.execute(sa.update(gebruiker).where(gebruiker.c.id == nummer).values(values))

    def _change(self, nummer: int, values: Mapping[str, Any], handeling: Handeling) -> None:
        with self._database.writing(ALL) as connection:
            connection.execute(
                sa.update(gebruiker).where(gebruiker.c.id == nummer).values(**values)
            )
            self._end_sessions(connection, nummer)
            self._logboek.schrijf(connection, handeling)

    def _end_sessions(self, connection: Connection, nummer: int) -> None:
        open_ones = sessie.c.gebruiker_id == nummer, sessie.c.geeindigd_at.is_(None)
        ended = {"geeindigd_at": self._clock().timestamp(), "oidc_token": None}
        connection.execute(sa.update(sessie).where(*open_ones).values(ended))

    def _one(self, where: sa.ColumnElement[bool]) -> Gebruiker | None:
        with self._database.snapshot() as connection:
            found = gebruikers_of(connection.execute(GEBRUIKERS.where(where)).all())
        return found[0] if found else None


# A row per role; a user without roles has one row too.
COLUMNS = (gebruiker, gebruiker_rol.c.gemeente, gebruiker_rol.c.rol)
GEBRUIKERS = sa.select(*COLUMNS).select_from(gebruiker.outerjoin(gebruiker_rol))


def gebruikers_of(rows: Iterable[Any]) -> list[Gebruiker]:
    """The users of rows of `COLUMNS`, in the order in which they are met."""
    first: dict[int, Any] = {}
    rollen: dict[int, dict[str, frozenset[Rol]]] = {}
    for row in rows:
        first.setdefault(row.id, row)
        own = rollen.setdefault(row.id, {})
        if row.rol is not None:
            own[row.gemeente] = own.get(row.gemeente, frozenset()) | {Rol(row.rol)}
    return [_gebruiker(row, rollen[nummer]) for nummer, row in first.items()]


def _gebruiker(row: Any, rollen: Rollen) -> Gebruiker:
    return Gebruiker(
        nummer=row.id,
        naam=row.naam,
        weergave=row.weergave,
        actief=bool(row.actief),
        rollen=rollen,
        aanbieder=row.aanbieder,
        wachtwoord=row.wachtwoord,
        oidc=row.oidc,
        mislukt=row.mislukt,
        wacht_tot=row.wacht_tot or 0.0,
        machineaccount=row.machineaccount,
    )


def _check_nothing_waits(connection: Connection, nummer: int, account: str | None) -> None:
    query = sa.select(gebruiker.c.machineaccount).where(gebruiker.c.id == nummer)
    had = connection.execute(query).scalar_one_or_none()
    if had in (None, account):
        return
    if connection.execute(_WAITS, {"wie": f"{AAN_DE_MACHINE}{had}"}).first() is not None:
        raise WrongUse(
            f"wat account {had} op de machine voorstelde, wacht nog op een tweede persoon; laat "
            "daar eerst over beslissen, of trek het in"
        )


# What somebody proposed and nobody decided on, and items of which he spoke for one side while the
# sides do not agree.
_WIE = sa.bindparam("wie", type_=sa.String)
_POST = gemeenteverrekening.c
_WAITS = sa.union_all(
    *(
        sa.select(table.c.id).where(table.c.wie == _WIE, table.c.staat == VOORGESTELD)
        for table in (voorstel, besluit, beleidsversie)
    ),
    sa.select(_POST.id).where(
        sa.or_(*(one == _WIE for one in (_POST.wie, _POST.bevestigd_wie, _POST.aan_wie))),
        _POST.buiten == 0,
        _POST.van_staat != INGETROKKEN,
        _POST.aan_staat != AKKOORD,
    ),
).limit(1)


def _write_rollen(connection: Connection, nummer: int, rollen: Rollen) -> None:
    rows = [
        {"gebruiker_id": nummer, "gemeente": gemeente, "rol": rol.value}
        for gemeente, here in sorted(rollen.items())
        for rol in sorted(here)
    ]
    if rows:
        connection.execute(sa.insert(gebruiker_rol), rows)
