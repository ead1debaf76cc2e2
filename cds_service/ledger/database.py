"""The database of the ledger: SQLite in a file of its own, or PostgreSQL. Every failure of it is LedgerUnavailable.

SQLite writes ahead (WAL), so that readers and the one writer do not wait for each other. What is committed survives the
end of any process. A power cut may take the last moments of it, but not what was committed as durable: that is
synchronised to the disk first, as PostgreSQL does with everything.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import LedgerUnavailable

LOCK_SECONDS = 2.0  # how long a writer waits for another one
_STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine, between looks at the clock; less than a hundredth of a second
_POSTGRESQL = {
    "connect_timeout": 2,
    "application_name": "neuropathy-cds",
    "options": "-c statement_timeout=5000 -c lock_timeout=2000",
    # a network that swallows everything is noticed in seconds, not hours
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class Database:
    """Connections to the database at an address, which the settings have checked. `is_embedded`: it is SQLite."""

    def __init__(self, address: str) -> None:
        with _unavailable():
            self._engine = _engine(address)
        self.is_embedded = self._engine.dialect.name == "sqlite"
        self._file = Path(str(self._engine.url.database)) if self.is_embedded else None
        self._identity: tuple[int, int] | None = None
        if self.is_embedded:
            _set_up_sqlite(self._engine)

    def opened(self) -> None:
        """Remembers the file that is open now."""
        self._identity = self._identity_of_file()

    def check_file(self) -> None:
        """Raises LedgerUnavailable when the file was moved or deleted: what is written to it now would be lost."""
        if self._identity is not None and self._identity_of_file() != self._identity:
            self._identity = None
            self._engine.dispose()
            raise LedgerUnavailable("the file is gone")

    def _identity_of_file(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with _unavailable(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def looking(self, seconds: float) -> Iterator[Connection]:
        """A transaction that only reads, sees one state of the database all along and is ended after so many seconds.

        In PostgreSQL it is each statement that is, after the seconds that every statement has.
        """
        with _unavailable(), self._engine.connect() as connection:
            if not self.is_embedded:
                yield connection.execution_options(isolation_level="REPEATABLE READ")
                return
            driver: Any = connection.connection.driver_connection
            ends_at = time.monotonic() + seconds
            driver.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS_BETWEEN_LOOKS)
            try:
                yield connection
            finally:
                driver.set_progress_handler(None, 0)

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction that is committed at the end, or not at all. `durable`: it survives a power cut, too."""
        self.check_file()
        level = "FULL" if durable else "NORMAL"
        with _unavailable(), self._engine.connect() as connection:
            connection = connection.execution_options(ledger_writes=level)
            with connection.begin():
                yield connection

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can be told what to do with rows that are there already."""
        return sqlite.insert(table) if self.is_embedded else postgresql.insert(table)

    def shorten_journal(self) -> None:
        """Empties the write-ahead file of SQLite, which still holds what was deleted; not while others read in it."""
        with self.reading() as connection:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def direct(self, lock_seconds: float) -> Direct:
        """A connection for the questions of every call."""
        return Direct(self._engine, lock_seconds)

    def close(self) -> None:
        """Gives all connections back."""
        self._engine.dispose()


class Direct:
    """One connection that is kept open and spoken to in the driver's own words, a twentieth of the cost.

    For what is asked on every call; each statement is a transaction. `?` stands for a parameter.
    """

    def __init__(self, engine: Engine, lock_seconds: float) -> None:
        self._engine = engine
        self._is_embedded = engine.dialect.name == "sqlite"
        self._lock_seconds = lock_seconds
        self._lock = Lock()
        self._connection: Any = None

    def execute(self, statement: str, parameters: Sequence[Any]) -> tuple[int, list[Any]]:
        """(rows changed, rows found). Raises LedgerUnavailable."""
        with self._lock:
            was_open = self._connection is not None
            try:
                return self._done(statement, parameters)
            except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
                self._let_go()
                if not was_open or self._is_embedded:
                    raise LedgerUnavailable(cause_of(error)) from None
            try:  # the server may have been started again since the connection was last used
                return self._done(statement, parameters)
            except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
                self._let_go()
                raise LedgerUnavailable(cause_of(error)) from None

    def _done(self, statement: str, parameters: Sequence[Any]) -> tuple[int, list[Any]]:
        if self._connection is None:
            self._connection = self._opened()
        cursor = self._connection.execute(statement if self._is_embedded else statement.replace("?", "%s"), parameters)
        return cursor.rowcount, cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Closes the connection; the next statement opens another one."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _opened(self) -> Any:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        if self._is_embedded:
            driver.execute(f"PRAGMA busy_timeout = {int(self._lock_seconds * 1000)}")
        else:
            driver.autocommit = True
        return driver


def cause_of(error: Exception) -> str:
    """What went wrong, as a word that holds nothing of what was written: SQLITE_FULL, 57P01, OperationalError."""
    cause = getattr(error, "orig", None) or error
    for name in ("sqlite_errorname", "sqlstate"):
        if word := getattr(cause, name, None):
            return str(word)
    return type(cause).__name__


def _engine(address: str) -> Engine:
    url = make_url(address)
    arguments: dict[str, Any] = {"timeout": LOCK_SECONDS}
    if url.get_backend_name() == "postgresql":
        url, arguments = url.set(drivername="postgresql+psycopg"), {**_POSTGRESQL, **url.query}
    return create_engine(
        url,
        connect_args=arguments,
        hide_parameters=True,  # an error of the driver must not quote a row
        pool_pre_ping=url.get_backend_name() == "postgresql",
        pool_timeout=LOCK_SECONDS,
        max_overflow=20,
    )


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise LedgerUnavailable(cause_of(error)) from None


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(driver: Any, _: object) -> None:
        driver.isolation_level = None  # transactions begin where we say so, below
        if driver.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA secure_delete = ON")  # what was purged is gone from the file, too

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        level = connection.get_execution_options().get("ledger_writes")
        if level is None:
            connection.exec_driver_sql("BEGIN")
            return
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # or two that read first and write then would block each other
