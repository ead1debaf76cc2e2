"""What is asked of the ledger's database, and how. Everything here raises LedgerUnavailable when that fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

from sqlalchemy import Connection, Insert, bindparam, func, select, update

from cds_service.config import LedgerChoice
from cds_service.ledger.database import Database
from cds_service.ledger.export import WRITERS, exported
from cds_service.ledger.records import Comment, IssuedCard, ReceivedFeedback, Tally
from cds_service.ledger.retention import purge
from cds_service.ledger.schema import bring_up_to_date
from cds_service.ledger.selection import Format, Selection
from cds_service.ledger.tables import (
    Instant,
    comments,
    feedback,
    housekeeping,
    is_its_card,
    issued_cards,
    overridden,
    tallies,
)

PURGE_SECONDS = 600
QUICKLY_OVERRIDDEN = timedelta(minutes=1)
ROOM = 16_384  # bytes that there has to be room for
LOOK_LOCK_SECONDS = 0.005  # how long a look at what was overridden may wait while another one writes the file
TOKEN_LOCK_SECONDS = 0.25

Answer = TypeVar("Answer")

_FIRST_USE = "INSERT INTO used_tokens (issuer, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class Storage:
    """The ledger's database, once it is open."""

    def __init__(self, address: str, choice: LedgerChoice) -> None:
        self._choice = choice
        self._database = Database(address)
        self._looks = self._database.direct(LOOK_LOCK_SECONDS)
        self._tokens = self._database.direct(TOKEN_LOCK_SECONDS)
        # put together once: that costs more than to carry them out
        self._new_cards = self._database.insert(issued_cards).on_conflict_do_nothing()
        self._new_feedback = self._database.insert(feedback).on_conflict_do_nothing()
        self._new_comments = self._database.insert(comments).on_conflict_do_nothing()
        self._new_overrides = _new_overrides(self._database)
        self._more_tallies = _more_tallies(self._database)

    @property
    def is_embedded(self) -> bool:
        """Is it a file on this machine?"""
        return self._database.is_embedded

    def open(self) -> None:
        """Makes the tables what this release needs, after a start or after the database was out of reach."""
        self._close_direct()
        bring_up_to_date(self._database)
        self._database.opened()
        self.overridden(("",))  # opens that connection: a call would not wait for it

    def write(self, cards: Sequence[IssuedCard]) -> None:
        """Adds issued cards; one that is there already stays as it is."""
        with self._database.writing() as connection:
            connection.execute(self._new_cards, [card._asdict() for card in cards])
            # a card can be overridden before it is written
            connection.execute(self._new_overrides, {"since": datetime.now(UTC) - QUICKLY_OVERRIDDEN})

    def count(self, tallied: Mapping[Tally, int]) -> None:
        """Adds to the tallies."""
        # in one order, or two workers could wait for each other
        rows = [{**tally._asdict(), "number": number} for tally, number in sorted(tallied.items())]
        with self._database.writing() as connection:
            connection.execute(self._more_tallies, rows)

    def store(self, received: Sequence[ReceivedFeedback], said: Sequence[Comment]) -> None:
        """Adds all of this or nothing; what was sent before is there already."""
        if not received:
            return
        with self._database.writing(durable=True) as connection:
            connection.execute(self._new_feedback, [one._asdict() for one in received])
            if said:
                connection.execute(self._new_comments, [one._asdict() for one in said])
            if any(one.is_override_with_reason for one in received):
                connection.execute(self._new_overrides, {"since": received[0].received_at})

    def first_use(self, issuer: str, jti: str, expires_at: int) -> bool:
        """Notes that a token was used; False when it was noted before, by whichever worker."""
        rows, _ = self._tokens.execute(_FIRST_USE, (issuer, jti, expires_at))
        return rows == 1

    def overridden(self, repetitions: Sequence[str]) -> frozenset[str]:
        """Those of the hashes that a card overridden with a reason has, within its window."""
        _, rows = self._looks.execute(_overridden(len(repetitions)), (*repetitions, int(time.time())))
        return frozenset([row[0] for row in rows])

    def export(self, form: Format, selection: Selection) -> Iterator[bytes]:
        """The feedback selected, line by line."""
        return WRITERS[form](exported(self._database, selection))

    def look(self, work: Callable[[Connection], Answer], seconds: float) -> Answer:
        """What `work` finds in a transaction that only reads, for so many seconds at most."""
        with self._database.looking(seconds) as connection:
            return work(connection)

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


def _new_overrides(database: Database) -> Insert:
    """Notes the hashes of cards that were overridden with a reason, by feedback received from `since` on."""
    card = issued_cards.c
    noted = (
        select(card.repetition, func.max(card.repetition_until))
        .join_from(feedback, issued_cards, is_its_card)
        .where(feedback.c.received_at >= bindparam("since", type_=Instant))
        .where(feedback.c.outcome == "overridden", feedback.c.has_reason, card.repetition.isnot(None))
        .group_by(card.repetition)
    )
    into = database.insert(overridden).from_select(["repetition", "until"], noted)
    return into.on_conflict_do_update(index_elements=["repetition"], set_={"until": into.excluded.until})


def _more_tallies(database: Database) -> Insert:
    """Adds to what was counted before, by whichever worker."""
    into = database.insert(tallies)
    number = tallies.c.number + into.excluded.number
    return into.on_conflict_do_update(index_elements=list(tallies.primary_key), set_={"number": number})


@cache
def _overridden(hashes: int) -> str:
    places = ", ".join("?" * hashes)
    return f"SELECT repetition FROM overridden WHERE repetition IN ({places}) AND until > ?"  # noqa: S608 - places only
