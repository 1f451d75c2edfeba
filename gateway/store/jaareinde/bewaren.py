"""What goes by its age of the year end: statements with their differences, and samples."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.bewaren.soorten import IDS, Rijen
from gateway.store.jaareinde.tables import (
    jaarverschil,
    steekproef,
    steekproefpost,
    verantwoording,
    verantwoordingsregel,
)

_VOOR: sa.BindParameter[float] = sa.bindparam("voor", type_=sa.Double)
_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0")

VERANTWOORDINGEN = Rijen(
    "verantwoordingen",
    sa.select(
        verantwoording.c.id,
        verantwoording.c.gemeente,
        _ONE,
        _NOTHING,
        verantwoording.c.bedrag,
    ).where(verantwoording.c.ontvangen_at < _VOOR),
    (
        sa.delete(jaarverschil).where(jaarverschil.c.verantwoording_id.in_(IDS)),
        sa.delete(verantwoordingsregel).where(verantwoordingsregel.c.verantwoording_id.in_(IDS)),
        sa.delete(verantwoording).where(verantwoording.c.id.in_(IDS)),
    ),
)
STEEKPROEVEN = Rijen(
    "steekproeven",
    sa.select(steekproef.c.id, steekproef.c.gemeente, _ONE, _NOTHING, steekproef.c.populatie).where(
        steekproef.c.gemaakt_at < _VOOR
    ),
    (
        sa.delete(steekproefpost).where(steekproefpost.c.steekproef_id.in_(IDS)),
        sa.delete(steekproef).where(steekproef.c.id.in_(IDS)),
    ),
)
