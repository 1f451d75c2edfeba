"""What judging has to know of the register, as a file that is kept with a judgement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from gateway.records.onderaanneming import Samenwerking
from gateway.store.engine import Database
from gateway.store.register.tables import aanbieder_agb, onderaannemer

NAAM = "onderaannemers.json"
_HOOFD, _ONDER = aanbieder_agb.alias("hoofd"), aanbieder_agb.alias("onder")


class Registerkennis:
    """Which code may declare for which: what was approved, on the days that both have the code."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bestanden(self) -> Sequence[tuple[str, bytes]]:
        """One file with all of it in a fixed order; none where nobody works for another."""
        with self._database.reading() as connection:
            found = list(_samenwerkingen(connection.execute(_ALLE)))
        return [(NAAM, msgspec.json.encode(found))] if found else []


def _samenwerkingen(rows: Any) -> Iterator[Samenwerking]:
    for row in rows:
        vanaf = max(row.vanaf, row.hoofd_vanaf, row.onder_vanaf)
        ends = [one for one in (row.tot, row.hoofd_tot, row.onder_tot) if one is not None]
        tot = min(ends, default=None)
        if tot is None or vanaf <= tot:
            yield Samenwerking(
                hoofd=row.hoofd,
                onder=row.onder,
                vanaf=vanaf,
                tot=tot,
                wet=row.wet,
                productcategorie=row.productcategorie,
            )


_ALLE = (
    sa.select(
        onderaannemer.c.wet,
        onderaannemer.c.productcategorie,
        onderaannemer.c.vanaf,
        onderaannemer.c.tot,
        _HOOFD.c.agb.label("hoofd"),
        _HOOFD.c.vanaf.label("hoofd_vanaf"),
        _HOOFD.c.tot.label("hoofd_tot"),
        _ONDER.c.agb.label("onder"),
        _ONDER.c.vanaf.label("onder_vanaf"),
        _ONDER.c.tot.label("onder_tot"),
    )
    .join_from(onderaannemer, _HOOFD, _HOOFD.c.aanbieder_id == onderaannemer.c.hoofd_id)
    .join(_ONDER, _ONDER.c.aanbieder_id == onderaannemer.c.onder_id)
    .order_by(onderaannemer.c.id, _HOOFD.c.agb, _HOOFD.c.vanaf, _ONDER.c.agb, _ONDER.c.vanaf)
)
