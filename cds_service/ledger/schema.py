"""Brings a database to the newest schema: one worker does it, the others wait and find it done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, table, text

from cds_service.errors import LedgerUnavailable
from cds_service.ledger.database import Database

NEWEST = "0002"
MIGRATIONS = Path(__file__).parent / "migrations"
_TURN = 7_203_114_905_518_233_601  # the advisory lock of those who migrate this ledger; any number of our own


def bring_up_to_date(database: Database) -> None:
    """Applies the migrations that are missing. Raises LedgerUnavailable, also for a schema newer than ours.

    A database that is up to date costs one look: alembic, half a second to import, is left alone.
    """
    with database.reading() as connection:
        if version_of(connection) == NEWEST:
            return
    with database.writing() as connection:  # in SQLite that alone keeps the others waiting
        if not database.is_embedded:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        if version_of(connection) != NEWEST:
            migrate(connection)


def version_of(connection: Connection) -> str:
    """The version of the schema; empty in a new database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(select(text("version_num")).select_from(table("alembic_version"))) or "")


def migrate(connection: Connection, to: str = "head") -> None:
    """Applies the steps up to `to` within the transaction of the connection."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    try:
        command.upgrade(configuration, to)
    except CommandError:  # a version that none of our steps leads to: a newer release was here
        raise LedgerUnavailable("the schema is newer than this release") from None
