"""Everything of a client in a municipality under a law: found by its last days, and taken away.

Assignments, deliveries and requests go.  Lines stay, for all totals rest on them, and lose who they
are of: the Bsn, and the numbers by which others know it.  Numbers of their own take the place of
those, so that lines of one assignment and a credit with its debet still belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.bewaren import OPEN_EINDE, Bewaartermijnen, Dossier, bezwaren
from gateway.store import postgres
from gateway.store.bewaren.dossierinhoud import Regel, Sleutel, contents_of, hindered
from gateway.store.bewaren.onveranderd import (
    Gezien,
    last_line,
    seen,
    still_there,
    unchanged,
)
from gateway.store.bewaren.soorten import IDS, Weg
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import Database, rows_of
from gateway.store.geld.nazorg.vergeten import forget_client, rename_lines
from gateway.store.mutaties.tables import instemming, mutatie_bericht, mutatie_regel
from gateway.store.tables import (
    bevinding,
    bewijs,
    levering,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.termijnen import IN_ONDERZOEK, OPEN

# So many clients go in one transaction; their lines are found in one reading of all lines.
AT_ONCE = 100
NOBODY = ""
# What a line without a client is called by others.
ZONDER = "Z"


class Dossiers:
    """The dossiers of a store."""

    naam = "dossiers"

    def __init__(self, fingerprint: Fingerprinter, termijnen: Bewaartermijnen) -> None:
        self._nobody = fingerprint(NOBODY)
        self._termijnen = termijnen

    def zoek(self, database: Database, dag: date) -> Iterator[Sequence[Weg]]:
        """See `Soort`; the day is today."""
        with database.long_snapshot() as connection:
            last = last_line(connection)
            going = (
                Sleutel(one.gemeente, one.wet, one.kenmerk)
                for one in self.all(connection)
                if not any(bezwaren(one, self._termijnen, dag))
            )
            while some := list(islice(going, AT_ONCE)):
                contents = contents_of(connection, some)
                free = {
                    sleutel: inhoud
                    for sleutel, inhoud in contents.items()
                    if not hindered(connection, inhoud)
                }
                if free:
                    yield [
                        _weg(sleutel, gezien)
                        for sleutel, gezien in seen(connection, free, last).items()
                    ]

    def wis(self, connection: Connection, gevonden: Sequence[Weg], dag: date) -> Sequence[Weg]:
        """See `Soort`; of whom anything changed since he was found goes by a later run."""
        if connection.dialect.name == "postgresql":
            postgres.plan_for_whole_store(connection)
        still = unchanged(connection, {one.sleutel: one.gezien for one in gevonden})
        going = [one for one in gevonden if one.sleutel in still]
        while going:
            with connection.begin_nested() as attempt:
                for one in going:
                    self.forget(connection, one.sleutel, one.gezien)
                left = still_there(connection, [one.sleutel for one in going])
                if not left:
                    break
                attempt.rollback()
            going = [one for one in going if one.sleutel not in left]
        return going

    def all(
        self, connection: Connection, kenmerken: Iterable[str] | None = None
    ) -> Iterator[Dossier]:
        """Every dossier, or those of some clients; nobody has none."""
        query = _dossiers(self._nobody, None if kenmerken is None else sorted(kenmerken))
        for row in rows_of(connection, query):
            gemeente, wet, kenmerk, *days = row
            yield Dossier(
                gemeente=gemeente,
                wet=wet,
                kenmerk=kenmerk,
                **dict(zip(("toewijzing", "levering", "verzoek", "regel"), days, strict=True)),
            )

    def forget(self, connection: Connection, sleutel: Sleutel, gezien: Gezien) -> None:
        """Take what was seen of a client out of the store; what came since is `still_there`.

        In a transaction that sees his municipality.
        """
        for table in (toewijzing, levering, verzoek):
            connection.execute(_BY_ID[table], {"welke": gezien.ids_of(table)})
        for table in (mutatie_regel, mutatie_bericht, instemming):
            connection.execute(
                sa.delete(table).where(
                    table.c.bsn_hash == sleutel.kenmerk,
                    table.c.gemeente == sleutel.gemeente,
                    table.c.wet == sleutel.wet,
                )
            )
        regels = gezien.inhoud.regels
        named = [{"bericht": one.inbox_id, "nr": one.nummer} for one in regels]
        if named:
            connection.execute(_NO_FINDINGS, named)
            connection.execute(_NO_RECEIPTS, named)
            nameless = list(self._nameless(regels))
            connection.execute(_WITHOUT_CLIENT, nameless)
            rename_lines(connection, map(_renamed, regels, nameless))
        forget_client(connection, *sleutel, self._nobody)

    def _nameless(self, regels: Sequence[Regel]) -> Iterator[dict[str, Any]]:
        """The lines under numbers of their own, each the same for what belongs together."""
        of_assignment: dict[tuple[int, int], int] = {}
        debets: dict[tuple[int, str], int] = {}
        for one in regels:
            of_assignment.setdefault((one.partij_id, one.toewijzingnummer), -one.id)
            if one.is_debet and one.is_granted:
                debets[one.partij_id, one.referentie] = one.id
        for one in regels:
            debet = None if one.vorig is None else debets.get((one.partij_id, one.vorig))
            yield {
                "welke": one.id,
                "bsn": NOBODY,
                "bsn_hash": self._nobody,
                "toewijzingnummer": of_assignment[one.partij_id, one.toewijzingnummer],
                "referentienummer": f"{ZONDER}{one.id}",
                "vorig_referentienummer": None if debet is None else f"{ZONDER}{debet}",
            }


def _renamed(one: Regel, nameless: Mapping[str, Any]) -> dict[str, Any]:
    """A line by what it was known by, with its new number."""
    return {
        "partij": one.partij_id,
        "bericht": one.inbox_id,
        "nr": one.nummer,
        "toewijzing": one.toewijzingnummer,
        "referentienummer": nameless["referentienummer"],
    }


def _weg(sleutel: Sleutel, gezien: Gezien) -> Weg:
    return Weg(
        sleutel,
        sleutel.gemeente,
        bedrag=gezien.inhoud.bedrag,
        kenmerk=sleutel.kenmerk,
        gezien=gezien,
    )


_OPEN_DAY = sa.literal(OPEN_EINDE, sa.Date)


def _dossiers(nobody: str, kenmerken: Sequence[str] | None) -> sa.Select[Any]:
    """The last day of each kind per municipality, law and client."""
    stands = toewijzing.c.tot_volgnr.is_(None)
    days = {
        toewijzing: sa.case(
            (stands, sa.func.coalesce(toewijzing.c.einddatum, _OPEN_DAY)),
            else_=toewijzing.c.ingangsdatum,
        ),
        levering: sa.func.coalesce(levering.c.einddatum, levering.c.begindatum),
        verzoek: sa.case((_is_open(), _OPEN_DAY), else_=verzoek.c.termijn),
        prestatie: prestatie.c.einddatum,
    }
    parts = []
    for number, (table, day) in enumerate(days.items()):
        hash_ = table.c.bsn_hash
        part = sa.select(
            table.c.partij_id,
            hash_.label("kenmerk"),
            sa.literal_column(str(number), sa.Integer).label("soort"),
            sa.func.max(day, type_=sa.Date).label("dag"),
        ).group_by(table.c.partij_id, hash_)
        limited = hash_ != nobody if kenmerken is None else hash_.in_(kenmerken)
        parts.append(part.where(limited, hash_ != nobody))
    every = sa.union_all(*parts).subquery()
    last = [
        sa.func.max(sa.case((every.c.soort == number, every.c.dag)), type_=sa.Date)
        for number in range(len(parts))
    ]
    key = (partij.c.gemeente, partij.c.wet, every.c.kenmerk)
    return (
        sa.select(*key, *last)
        .join_from(every, partij, partij.c.id == every.c.partij_id)
        .group_by(*key)
        .order_by(*key)
    )


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(verzoek.c.tot_volgnr.is_(None), verzoek.c.staat.in_((OPEN, IN_ONDERZOEK)))


def _of_line(table: sa.Table) -> sa.Delete:
    return sa.delete(table).where(
        table.c.inbox_id == sa.bindparam("bericht"), table.c.regelnr == sa.bindparam("nr")
    )


_BY_ID = {
    table: sa.delete(table).where(table.c.id.in_(IDS)) for table in (toewijzing, levering, verzoek)
}
_NO_FINDINGS, _NO_RECEIPTS = _of_line(bevinding), _of_line(bewijs)
_WITHOUT_CLIENT = (
    sa.update(prestatie)
    .where(prestatie.c.id == sa.bindparam("welke"))
    .values(
        {
            name: sa.bindparam(name)
            for name in (
                "bsn",
                "bsn_hash",
                "toewijzingnummer",
                "referentienummer",
                "vorig_referentienummer",
            )
        }
    )
)
