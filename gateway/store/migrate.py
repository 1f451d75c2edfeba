"""Brings the tables of a database to this version: forward only, with Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from gateway.errors import CouldNotFinish
from gateway.store.engine import Database, translated
from gateway.store.schema import metadata

# The revision that this code works with; a test compares it with the migrations.
HEAD = "0036"
MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(database: Database) -> None:
    """Make or update the tables, in one transaction; does nothing when they are up to date."""
    if current(database) == HEAD:
        return
    # Alembic is imported only when there is work: a start without it is much faster.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with database.alone() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise CouldNotFinish(_NEWER) from error


def make_fresh(database: Database) -> None:
    """Make all tables in a new database that is thrown away afterwards, without Alembic.

    A test keeps this equal to the migrations; importing Alembic takes longer than the rest.
    """
    with database.writing() as connection:
        metadata.create_all(connection, checkfirst=False)
        # As Alembic leaves it: who asks whether the tables are of this version hears that they are.
        connection.exec_driver_sql(_VERSION_TABLE)
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def check_version(database: Database) -> None:
    """Raise CouldNotFinish when the tables are not those of this version."""
    found = current(database)
    if found != HEAD:
        raise CouldNotFinish(
            "de opslag is nog niet bijgewerkt; voer eerst `gateway migrate` uit"
            if found is None or found < HEAD
            else _NEWER
        )


def current(database: Database) -> str | None:
    """The revision of the tables, None when there are none yet."""
    with translated(), database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        query = sa.text("SELECT version_num FROM alembic_version")
        return connection.execute(query).scalar_one_or_none()


_VERSION_TABLE = """
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""
_NEWER = "de opslag is van een nieuwere versie van de gateway; installeer die versie"
