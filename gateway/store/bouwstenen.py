"""What every statement behind the facts is made of: its keys, and the judgement that asks.

Every statement reads the facts as the judgement with number `peil` sees them, so that what was
judged can be read back later.  Keys go in as one value, whatever their number: a JSON list for
SQLite, an array for PostgreSQL, as text: the driver takes longer for a list than the query.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

KEYS = "keys"
PEIL = "peil"

Select = sa.Select[Any]


def as_keys(keys: Sequence[Any], is_sqlite: bool) -> Any:
    """Keys as the one value that a statement takes."""
    return json.dumps(keys) if is_sqlite else _array(keys)


def _array(keys: Sequence[Any]) -> str:
    """Numbers or texts as PostgreSQL writes an array; no text of XML has a NUL in it."""
    if keys and isinstance(keys[0], str):
        told = "\0".join(keys).replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
        return f'{{"{told}"}}'
    return f"{{{','.join(map(str, keys))}}}"


def among(column: sa.Column[Any], is_sqlite: bool, name: str = KEYS) -> sa.ColumnElement[bool]:
    """Whether a column has one of the keys that go in under a name."""
    keys: sa.BindParameter[str] = sa.bindparam(name, type_=sa.Text)
    if is_sqlite:
        each = sa.func.json_each(keys).table_valued("value")
        return column.in_(sa.select(each.c.value))
    # Texts without a length: PostgreSQL shortens an array only after it has looked who may see the
    # rows, and would look at every row of a party for that.
    kind = sa.Text() if isinstance(column.type, sa.String) else column.type
    return column == sa.any_(sa.cast(keys, ARRAY(kind)))


def stands_at_peil(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a row stands for the judgement that is asked for."""
    peil: sa.BindParameter[int] = sa.bindparam(PEIL, type_=sa.BigInteger)
    return (
        table.c.van_volgnr < peil,
        sa.or_(table.c.tot_volgnr.is_(None), table.c.tot_volgnr >= peil),
    )


def of_partij(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row is of the municipality, law and provider that are asked for."""
    return table.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger)
