"""What is asked of the ledger's database, and how. Everything here raises LedgerUnavailable when that fails."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from sqlalchemy import update

from cds_service.config import LedgerChoice
from cds_service.ledger.database import Database
from cds_service.ledger.export import WRITERS, exported
from cds_service.ledger.records import Comment, IssuedCard, ReceivedFeedback
from cds_service.ledger.retention import purge
from cds_service.ledger.schema import bring_up_to_date
from cds_service.ledger.selection import Format, Selection
from cds_service.ledger.tables import comments, feedback, housekeeping, issued_cards

PURGE_SECONDS = 600
ROOM = 16_384  # bytes that there has to be room for
LOOK_SECONDS = 0.005  # how long a look at what was overridden may wait for the file
TOKEN_SECONDS = 0.25
PLACES = 8  # hashes looked for at once, as many as the statement below has

_FIRST_USE = "INSERT INTO used_tokens (issuer, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_OVERRIDDEN = (
    "SELECT issued.repetition FROM issued_cards issued"
    " JOIN feedback said ON said.card = issued.card AND said.client = issued.client AND said.tenant = issued.tenant"
    " WHERE issued.repetition IN (?, ?, ?, ?, ?, ?, ?, ?) AND issued.repetition_until > ?"
    " AND said.outcome = 'overridden' AND said.has_reason"
)


class Storage:
    """The ledger's database, once it is open."""

    def __init__(self, address: str, choice: LedgerChoice) -> None:
        self._choice = choice
        self._database = Database(address)
        self._looks = self._database.direct(LOOK_SECONDS)
        self._tokens = self._database.direct(TOKEN_SECONDS)

    @property
    def is_embedded(self) -> bool:
        """Is it a file on this machine?"""
        return self._database.is_embedded

    def open(self) -> None:
        """Makes the tables what this release needs, after a start or after the database was out of reach."""
        self._close_direct()
        bring_up_to_date(self._database)
        self._database.opened()

    def write(self, cards: Sequence[IssuedCard]) -> None:
        """Adds issued cards; one that is there already stays as it is."""
        with self._database.writing() as connection:
            connection.execute(self._database.insert_new(issued_cards), [card._asdict() for card in cards])

    def store(self, received: Sequence[ReceivedFeedback], said: Sequence[Comment]) -> None:
        """Adds all of this or nothing; what was sent before is there already."""
        if not received:
            return
        with self._database.writing(durable=True) as connection:
            connection.execute(self._database.insert_new(feedback), [one._asdict() for one in received])
            if said:
                connection.execute(self._database.insert_new(comments), [one._asdict() for one in said])

    def first_use(self, issuer: str, jti: str, expires_at: int) -> bool:
        """Notes that a token was used; False when it was noted before, by whichever worker."""
        rows, _ = self._tokens.execute(_FIRST_USE, (issuer, jti, expires_at))
        return rows == 1

    def overridden(self, repetitions: Collection[str]) -> frozenset[str]:
        """Those of the hashes that a card overridden with a reason has, within its window."""
        found: set[str] = set()
        rest = iter(repetitions)
        while some := list(islice(rest, PLACES)):
            some += some[:1] * (PLACES - len(some))
            _, rows = self._looks.execute(_OVERRIDDEN, (*some, int(time.time())))
            found.update(row[0] for row in rows)
        return frozenset(found)

    def export(self, form: Format, selection: Selection) -> Iterator[bytes]:
        """The feedback selected, line by line."""
        return WRITERS[form](exported(self._database, selection))

    def probe(self) -> None:
        """Writes something and takes it away again: is there room for more?"""
        row = update(housekeeping).where(housekeeping.c.task == "probe")
        for padding in (os.urandom(ROOM), None):
            with self._database.writing() as connection:
                connection.execute(row.values(done_at=int(time.time()), padding=padding))

    def tidy(self) -> None:
        """Is the database still there? Purges it when that is due: one worker does it for all."""
        self._database.check_file()
        now = int(time.time())
        is_due = (housekeeping.c.task == "purge") & (housekeeping.c.done_at < now - PURGE_SECONDS)
        with self._database.reading() as connection:
            if connection.scalar(housekeeping.select().where(is_due)) is None:
                return
        with self._database.writing() as connection:
            is_mine = connection.execute(update(housekeeping).where(is_due).values(done_at=now)).rowcount == 1
        if is_mine:
            purge(self._database, self._choice)

    def close(self) -> None:
        """Gives all connections back."""
        self._close_direct()
        self._database.close()

    def _close_direct(self) -> None:
        self._looks.close()
        self._tokens.close()
