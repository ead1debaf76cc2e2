"""`cds-service export` and `cds-service purge`: the ledger for those who operate the service."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cds_service.config import EMBEDDED, PREFIX, load_settings, load_site
from cds_service.errors import CannotBeDone, LedgerUnavailable
from cds_service.ledger.selection import Selection, read_instant

if TYPE_CHECKING:
    from cds_service.ledger.database import Database


def add_commands(command: Callable[[str, Any], argparse.ArgumentParser]) -> None:
    """Adds both, each with its options."""
    exporting = command("export", export)
    exporting.add_argument("--format", choices=["ndjson", "csv"], default="ndjson")
    exporting.add_argument("--since", type=_instant, help="outcomes from this day or instant on, such as 2026-06-15")
    exporting.add_argument("--until", type=_instant, help="outcomes before this day or instant")
    exporting.add_argument("--client", help="of this client only")
    exporting.add_argument("--tenant", help="of this tenant only")
    exporting.add_argument("--unanswered", action="store_true", help="the cards without feedback too")
    command("purge", purge)


def export(options: argparse.Namespace) -> None:
    """Write the feedback in the ledger to standard output, one row each, with the card it is about."""
    from cds_service.ledger.export import WRITERS, exported

    selection = Selection(options.since, options.until, options.client, options.tenant, options.unanswered)
    with _database() as database:
        for line in WRITERS[options.format](exported(database, selection)):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def purge(options: argparse.Namespace) -> None:
    """Delete from the ledger what is past its time now (the service does so by itself every few minutes)."""
    from cds_service.ledger.retention import purge as delete_what_is_past

    with _database() as database:
        deleted = delete_what_is_past(database, load_site(load_settings().site).ledger)
    sys.stdout.write("".join(f"{name}: {count}\n" for name, count in deleted.items()))


@contextmanager
def _database() -> Iterator[Database]:
    """The database that the settings name. Raises CannotBeDone when it is out of reach, or when there is none."""
    from cds_service.ledger.database import Database
    from cds_service.ledger.schema import bring_up_to_date

    address = load_settings().database.get_secret_value()
    if not address:
        raise CannotBeDone(f"{PREFIX}DATABASE: no ledger is kept; write an address such as {EMBEDDED}")
    try:
        with closing(Database(address)) as database:
            bring_up_to_date(database)
            yield database
    except LedgerUnavailable as error:
        raise CannotBeDone(f"the ledger is out of reach: {error.cause}") from None


def _instant(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a day or an instant such as 2026-06-15T12:00:00Z") from None
