"""The register of providers: read, and changed by one at a time, each change with who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.register.afspraken import Register, check_crediteur
from gateway.ledger.register.bestand import Plan
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import Afspraak, Wijziging
from gateway.records.aanbieder import (
    Aanbieder,
    Aanbiedernaam,
    Agb,
    Contractstuk,
    Crediteur,
    Onderaanneming,
    Overgang,
)
from gateway.store import postgres
from gateway.store.engine import ALL, NONE, Database
from gateway.store.noteren import Noteer
from gateway.store.register.rijen import (
    AANBIEDERS,
    AGBS,
    ALLE_CONTRACTEN,
    ALLE_ONDERAANNEMINGEN,
    CONTRACTEN,
    CREDITEUREN,
    NAMEN,
    NAMEN_OP,
    ONDERAANNEMINGEN,
    OVERGANGEN,
    contract_of,
    contract_row,
    onderaanneming_of,
    onderaanneming_row,
    overgang_of,
    overgang_row,
)
from gateway.store.register.tables import (
    aanbieder,
    aanbieder_agb,
    aanbieder_contract,
    aanbieder_crediteur,
    aanbieder_naam,
    aanbieder_overgang,
    onderaannemer,
)
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is kept of one provider; subcontracts on either side, creditors within a Bereik.

    `namen` are those of every provider that it has to do with.
    """

    een: Aanbieder
    namen: Mapping[int, str]
    geheel: frozenset[str]
    overgangen: Sequence[Overgang]
    contracten: Sequence[Contractstuk]
    onderaannemingen: Sequence[Onderaanneming]
    crediteuren: Sequence[Crediteur]


class Aanbiedersregister:
    """Of the whole region: whoever may see money sees it, whoever may change that changes it.

    `noteer` writes who did it in the log of processing, as the last thing in the transaction.  What
    is wrong with a change is raised as OngeldigeVelden, and then nothing has changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def gemeenten(self) -> frozenset[str]:
        """The municipalities that know a provider by a number of their own."""
        query = sa.select(aanbieder_crediteur.c.gemeente).distinct()
        with self._database.snapshot(ALL) as connection:
            return frozenset(connection.scalars(query))

    def stand(self) -> Registerstand:
        """All providers, with their names and codes."""
        with self._database.snapshot(NONE) as connection:
            return _stand(connection)

    def namen_op(
        self, dag: date, codes: Collection[str] | None = None
    ) -> Mapping[str, tuple[int, str]]:
        """Per code the number and name of whose it is on a day, else of whose it was last."""
        query = NAMEN_OP
        if codes is not None:
            query = query.where(aanbieder_agb.c.agb.in_(sorted(codes)))
        found: dict[str, tuple[int, str]] = {}
        with self._database.snapshot(NONE) as connection:
            for row in connection.execute(query, {"dag": dag}):
                found[row.agb] = (row.aanbieder_id, row.naam)
        return found

    def dossier(self, bereik: Bereik, nummer: int) -> Dossier | None:
        """All of one provider, None where there is none with this number."""
        with self._database.snapshot(bereik.scope) as connection:
            stand = _stand(connection)
            one = stand.aanbieders.get(nummer)
            if one is None:
                return None
            contracts = connection.execute(CONTRACTEN, {"welk": nummer}).all()
            subs = connection.execute(ONDERAANNEMINGEN, {"welk": nummer}).all()
            given = {"welk": nummer, "gemeenten": sorted(bereik.gemeenten)}
            creditors = connection.execute(CREDITEUREN, given).all()
        overgangen = [each for each in stand.overgangen if nummer in (each.van, each.naar)]
        onderaannemingen = [onderaanneming_of(row) for row in subs]
        others = {each.van for each in overgangen} | {each.naar for each in overgangen}
        others |= {each.hoofd for each in onderaannemingen}
        others |= {each.onder for each in onderaannemingen}
        return Dossier(
            een=one,
            namen={each: stand.aanbieders[each].naam for each in others},
            geheel=stand.geheel(nummer),
            overgangen=overgangen,
            contracten=[contract_of(row) for row in contracts],
            onderaannemingen=onderaannemingen,
            crediteuren=[Crediteur(*row) for row in creditors],
        )

    def onderaannemingen(self) -> Sequence[Onderaanneming]:
        """Every approved subcontract, the first one in front."""
        with self._database.snapshot(NONE) as connection:
            return [onderaanneming_of(row) for row in connection.execute(ALLE_ONDERAANNEMINGEN)]

    def register(self) -> Register:
        """The whole register: providers, and what was agreed with them."""
        with self._database.snapshot(NONE) as connection:
            return _register(connection)

    def wijzig(self, wijzigingen: Iterable[Wijziging], noteer: Noteer) -> Sequence[int]:
        """Change providers themselves, all or none; returns the number that each is about."""
        with self._changing() as (connection, stand):
            before, gone_over = dict(stand.aanbieders), len(stand.overgangen)
            nummers = [stand.neem(one) for one in wijzigingen]
            for nummer, now in stand.aanbieders.items():
                if now is not before.get(nummer):
                    _write(connection, before.get(nummer), now)
            for overgang in stand.overgangen[gone_over:]:
                connection.execute(sa.insert(aanbieder_overgang), overgang_row(overgang))
            noteer(connection, *nummers)
        return nummers

    def spreek_af(self, afspraken: Iterable[Afspraak], noteer: Noteer) -> None:
        """Keep what was agreed with providers, all or none."""
        with self._changing() as (connection, stand):
            register = _register(connection, stand)
            contracten, subs = dict(register.contracten), dict(register.onderaannemingen)
            for one in afspraken:
                register.spreek_af(one)
            _write_contracts(connection, contracten, register)
            _write_subcontracts(connection, subs, register)
            noteer(connection)

    def voer_door(self, plan: Plan, noteer: Noteer) -> None:
        """Do all that a file asks: it changes providers, or what was agreed with them."""
        changes = [one for _, one in plan.wijzigingen]
        agreed = [one for one in changes if isinstance(one, Afspraak)]
        if agreed:
            self.spreek_af(agreed, noteer)
        else:
            self.wijzig([one for one in changes if isinstance(one, Wijziging)], noteer)

    def crediteer(self, nummer: int, nieuw: Crediteur, noteer: Noteer) -> None:
        """Keep the number under which a municipality knows a provider, from a day on."""
        with self._changing(nieuw.gemeente) as (connection, stand):
            given = {"welk": nummer, "gemeenten": [nieuw.gemeente]}
            known = [Crediteur(*row) for row in connection.execute(CREDITEUREN, given)]
            check_crediteur(stand, nummer, nieuw, known)
            row = {
                "gemeente": nieuw.gemeente,
                "aanbieder_id": nummer,
                "crediteurnummer": nieuw.crediteurnummer,
                "vanaf": nieuw.vanaf,
            }
            connection.execute(sa.insert(aanbieder_crediteur), row)
            noteer(connection)

    @contextmanager
    def _changing(self, scope: str = ALL) -> Iterator[tuple[Connection, Registerstand]]:
        """One change at a time, so that a code is never of two providers."""
        with self._database.writing(scope) as connection:
            if not self._database.is_sqlite:
                postgres.take_turn(connection, "aanbiedersregister")
            yield connection, _stand(connection)


def _stand(connection: Connection) -> Registerstand:
    names = _per_aanbieder(connection.execute(NAMEN))
    codes = _per_aanbieder(connection.execute(AGBS))
    alle = [
        Aanbieder(
            nummer=row.id,
            kvk=row.kvk,
            contact=row.contact,
            vanaf=row.vanaf,
            tot=row.tot,
            namen=tuple(Aanbiedernaam(one.naam, one.vanaf) for one in names[row.id]),
            agbs=tuple(Agb(one.agb, one.vanaf, one.tot) for one in codes.get(row.id, ())),
        )
        for row in connection.execute(AANBIEDERS)
    ]
    return Registerstand(alle, map(overgang_of, connection.execute(OVERGANGEN)))


def _per_aanbieder(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.aanbieder_id, []).append(row)
    return found


def _write(connection: Connection, before: Aanbieder | None, now: Aanbieder) -> None:
    """Write what is different of one provider."""
    own = {"kvk": now.kvk, "contact": now.contact, "vanaf": now.vanaf, "tot": now.tot}
    if before is None:
        connection.execute(sa.insert(aanbieder), own | {"id": now.nummer})
    elif (before.kvk, before.contact, before.tot) != (now.kvk, now.contact, now.tot):
        connection.execute(sa.update(aanbieder).where(aanbieder.c.id == now.nummer).values(own))
    names = {} if before is None else {one.vanaf: one.naam for one in before.namen}
    for name in now.namen:
        if names.get(name.vanaf) != name.naam:
            row = {"naam": name.naam, "vanaf": name.vanaf}
            place = aanbieder_naam.c.vanaf == name.vanaf
            _put(connection, aanbieder_naam, now.nummer, place, row, name.vanaf in names)
    codes = {} if before is None else {(one.code, one.vanaf): one for one in before.agbs}
    for code in now.agbs:
        if codes.get((code.code, code.vanaf)) != code:
            row = {"agb": code.code, "vanaf": code.vanaf, "tot": code.tot}
            table = aanbieder_agb.c
            place = sa.and_(table.agb == code.code, table.vanaf == code.vanaf)
            is_known = (code.code, code.vanaf) in codes
            _put(connection, aanbieder_agb, now.nummer, place, row, is_known)


def _put(
    connection: Connection,
    table: sa.Table,
    nummer: int,
    place: sa.ColumnElement[bool],
    row: Mapping[str, Any],
    is_known: bool,
) -> None:
    if is_known:
        own = table.c.aanbieder_id == nummer
        connection.execute(sa.update(table).where(own, place).values(row))
    else:
        connection.execute(sa.insert(table), {**row, "aanbieder_id": nummer})


def _register(connection: Connection, stand: Registerstand | None = None) -> Register:
    contracten = [
        (row.aanbieder_id, contract_of(row)) for row in connection.execute(ALLE_CONTRACTEN)
    ]
    subs = [onderaanneming_of(row) for row in connection.execute(ALLE_ONDERAANNEMINGEN)]
    return Register(stand or _stand(connection), contracten, subs)


def _write_contracts(
    connection: Connection, before: Mapping[int, tuple[int, Contractstuk]], now: Register
) -> None:
    changed = [one for one in now.contracten.values() if before.get(one[1].nummer) != one]
    new = [contract_row(nummer, stuk) for nummer, stuk in changed if stuk.nummer < 0]
    ended = [(stuk.nummer, stuk.tot) for _, stuk in changed if stuk.nummer > 0]
    _keep(connection, aanbieder_contract, new, ended)


def _write_subcontracts(
    connection: Connection, before: Mapping[int, Onderaanneming], now: Register
) -> None:
    changed = [one for one in now.onderaannemingen.values() if before.get(one.nummer) != one]
    new = [onderaanneming_row(one) for one in changed if one.nummer < 0]
    ended = [(one.nummer, one.tot) for one in changed if one.nummer > 0]
    _keep(connection, onderaannemer, new, ended)


def _keep(
    connection: Connection,
    table: sa.Table,
    new: Sequence[Mapping[str, Any]],
    ended: Sequence[tuple[int, date | None]],
) -> None:
    """Put in what is new, and give the rest another last day."""
    if new:
        connection.execute(sa.insert(table), new)
    if ended:
        update = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("welk"))
            .values(tot=sa.bindparam("einde"))
        )
        connection.execute(update, [{"welk": one, "einde": tot} for one, tot in ended])
