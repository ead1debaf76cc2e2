"""Where a ledger can be: a SQLite file or a PostgreSQL database, by its address as SQLAlchemy spells it."""

from __future__ import annotations

from importlib.util import find_spec

from cds_service.errors import InvalidConfiguration

_KEY = "CDS_SERVICE_DATABASE"


def check_address(address: str) -> None:
    """Raises InvalidConfiguration saying what to write; the address, which holds a password, is not repeated.

    Looks at the spelling alone: a database that is out of reach stops no start.
    """
    kind, found, place = address.partition("://")
    if not found:
        raise InvalidConfiguration(f"{_KEY}: write an address such as sqlite:////var/lib/cds/ledger.sqlite3")
    if kind == "sqlite":
        if place.partition("?")[0] in ("", "/", "/:memory:"):
            raise InvalidConfiguration(f"{_KEY}: name a file; a ledger in memory would differ from worker to worker")
    elif kind not in ("postgresql", "postgresql+psycopg"):
        raise InvalidConfiguration(f"{_KEY}: the ledger can be in sqlite or in postgresql")
    elif find_spec("psycopg") is None:
        raise InvalidConfiguration(f"{_KEY}: postgresql needs psycopg: install neuropathy-cds[postgresql]")
