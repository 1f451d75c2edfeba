"""Takes a client out of what was put right afterwards: by his dossier, and by the term of invoices.

Amounts stay: totals rest on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.store.bewaren.soorten import IDS, Rijen
from gateway.store.geld.nazorg.tables import (
    creditverzoek_regel,
    factuur,
    gemeenteverrekening,
    handtoewijzing,
)


def forget_client(
    connection: Connection, gemeente: str, wet: str, kenmerk: str, nobody: str
) -> None:
    """Items between municipalities are of nobody from now on."""
    own = sa.update(gemeenteverrekening).where(
        gemeenteverrekening.c.van == gemeente,
        gemeenteverrekening.c.wet == wet,
        gemeenteverrekening.c.client == kenmerk,
    )
    connection.execute(own.values(client=nobody))


def rename_lines(connection: Connection, regels: Iterable[Mapping[str, Any]]) -> None:
    """Lines of credit requests follow the lines that they are of, which got other numbers.

    Each has `partij`, `bericht`, `nr`, `toewijzing` (the old number) and `referentienummer` (the
    new one).  Invoices are no longer on the assignments of the client.
    """
    rows = list(regels)
    if rows:
        connection.execute(_RENAMED, [{name: row[name] for name in _NAMES} for row in rows])
        pairs = {(row["partij"], row["toewijzing"]) for row in rows}
        connection.execute(_UNLINKED, [{"partij": one, "nummer": two} for one, two in pairs])


_NAMES = ("bericht", "nr", "referentienummer")
_RENAMED = (
    sa.update(creditverzoek_regel)
    .where(
        creditverzoek_regel.c.inbox_id == sa.bindparam("bericht"),
        creditverzoek_regel.c.regelnr == sa.bindparam("nr"),
    )
    .values(referentienummer=sa.bindparam("referentienummer"))
)
_UNLINKED = (
    sa.update(factuur)
    .where(
        factuur.c.partij_id == sa.bindparam("partij"),
        factuur.c.toewijzingnummer == sa.bindparam("nummer"),
    )
    .values(toewijzingnummer=None, partij_id=None)
)
_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0")
_DAG: sa.BindParameter[Any] = sa.bindparam("dag", type_=sa.Date)
FACTUREN = Rijen(
    "facturen",
    sa.select(factuur.c.id, factuur.c.gemeente, _ONE, _NOTHING, factuur.c.bedrag).where(
        factuur.c.factuurdatum < _DAG,
        sa.or_(
            factuur.c.client.is_not(None),
            factuur.c.referentie != "",
            factuur.c.toewijzingnummer.is_not(None),
        ),
    ),
    (
        sa.update(factuur)
        .where(factuur.c.id.in_(IDS))
        .values(client=None, referentie="", toewijzingnummer=None, partij_id=None),
    ),
)
HANDTOEWIJZINGEN = Rijen(
    "handtoewijzingen",
    sa.select(handtoewijzing.c.id, handtoewijzing.c.gemeente, _ONE, _NOTHING, _NOTHING).where(
        handtoewijzing.c.einddatum < _DAG,
        sa.or_(handtoewijzing.c.client.is_not(None), handtoewijzing.c.referentie != ""),
    ),
    (
        sa.update(handtoewijzing)
        .where(handtoewijzing.c.id.in_(IDS))
        .values(client=None, referentie=""),
    ),
)
