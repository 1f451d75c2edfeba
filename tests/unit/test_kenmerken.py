"""Which columns hold a fingerprint of a client: all of them get another key with the store."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.bsn import DIGITS
from gateway.store.schema import metadata
from gateway.store.sleutelwissel import plaatsen

# What is as long and is something else, or stays: the log is never changed, and finds a client by
# every key; a line that was checked is of nobody.
ANDERS = {
    "controle_regel.hash",
    "inbox.token",
    "verwerking.betrokkene",
    "verwerking.trace_id",
}


def test_every_column_for_a_fingerprint_is_one_that_changes() -> None:
    as_long = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.String)
        and (column.type.length == DIGITS or column.name in ("bsn_hash", "client"))
    }
    assert {str(one) for one in plaatsen()} == as_long - ANDERS
    assert as_long > ANDERS


def test_every_one_is_found_by_the_number_of_its_row() -> None:
    for one in plaatsen():
        assert ["id"] == [column.name for column in one.table.primary_key], one
    tables = [one.table.name for one in plaatsen()]
    assert sorted(set(tables)) == sorted(tables)
