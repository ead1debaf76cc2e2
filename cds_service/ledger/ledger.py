"""The ledger as the service sees it: cards behind the answer, feedback before it, tokens and overrides in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from cds_service.config import LedgerChoice, Settings
from cds_service.errors import LedgerUnavailable
from cds_service.ledger.desk import LATE, Clerk, Desk, InPlace
from cds_service.ledger.keyed_hash import Hash, keyed_hash
from cds_service.ledger.reach import Reach
from cds_service.ledger.records import Comment, IssuedCard, ReceivedFeedback, storable
from cds_service.ledger.tallies import Group, Said
from cds_service.ledger.writer import Writer
from cds_service.turn import given_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from cds_service.ledger.selection import Format, Selection
    from cds_service.ledger.storage import Storage

OPENING_SECONDS = 5.0  # a new database has to be set up first
FEEDBACK_SECONDS = 2.5
FLUSH_SECONDS = 0.5
TOKEN_SECONDS = 0.5
LOOK_SECONDS = 0.02  # usually a fiftieth of it; a file is asked in place and takes less
CLOSING_SECONDS = 5.0

Answer = TypeVar("Answer")


class Ledger:
    """Keeps cards, feedback and tallies in the database at an address. `hash` makes its keyed hashes.

    Nothing happens before `start`, or before it is first needed.
    """

    def __init__(self, address: str, hash_key: str | None, choice: LedgerChoice) -> None:
        self.hash: Hash = keyed_hash(hash_key)
        self._address = address
        self._choice = choice
        self._reach = Reach()
        self._writer = Writer(self._storage, self._reach)
        self._desk: Desk | None = None
        self._reader = Clerk()

    @property
    def repetition_seconds(self) -> float:
        """How long a card that was overridden with a reason is not repeated; 0: it always is."""
        return self._choice.repetition_hours * 3600

    @property
    def is_reachable(self) -> bool:
        """Did the database do what it was last asked, in time?"""
        return self._reach.is_reachable and not self._writer.is_overdue

    @property
    def is_opening(self) -> bool:
        """Is the first attempt to open the database still under way?"""
        return not self._writer.tried.is_set()

    @property
    def written(self) -> int:
        """Issued cards that this worker has written."""
        return self._writer.written

    @property
    def lost(self) -> int:
        """Issued cards that could not be written."""
        return self._writer.lost

    @property
    def queue_length(self) -> int:
        """Issued cards that wait to be written."""
        return self._writer.queue_length

    def start(self) -> None:
        """Begins to open the database, in a thread."""
        self._writer.start()

    def issue(self, cards: Sequence[IssuedCard]) -> None:
        """Writes these cards some time soon. Never waits, never raises."""
        self._writer.start()
        self._writer.add(cards)

    def count(self, group: Group, said: Iterable[Said]) -> None:
        """Has this counted some time soon. Never waits, never raises."""
        self._writer.start()
        self._writer.tallies.add(group, said)

    def record_feedback(self, received: Sequence[ReceivedFeedback], said: Sequence[Comment]) -> None:
        """Has all of this stored when it returns. Raises LedgerUnavailable: then nothing is, as far as we know."""
        with given_away():
            if any(one.is_override_with_reason for one in received):
                self._writer.flush(FLUSH_SECONDS)  # the cards it is about may be among those that wait
            self._ask(lambda storage: storage.store(received, said), FEEDBACK_SECONDS)

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Is this token used for the first time, in any worker? Raises LedgerUnavailable.

        A file on this machine is asked with the turn kept: giving it away and waiting for it again takes far longer.
        """
        until = int(expires_at.timestamp()) + 1
        with nullcontext() if isinstance(self._desk, InPlace) else given_away():
            return self._ask(lambda storage: storage.first_use(_digest(issuer), _digest(jti), until), TOKEN_SECONDS)

    def overridden(self, repetitions: Sequence[str]) -> frozenset[str]:
        """Those hashes that belong to cards overridden with a reason, within the window; none of them when it cannot be
        told: then the card is shown.

        Waits for LOOK_SECONDS at most, with the turn kept.
        """
        storage, desk = self._writer.storage, self._desk
        if storage is None or desk is None or not self.is_reachable:
            return frozenset()
        try:
            return desk.ask(lambda: storage.overridden(repetitions), LOOK_SECONDS)
        except LedgerUnavailable as error:
            if error.cause != LATE:  # a look that is late says little about the database
                self._lost(error)
            return frozenset()

    def export(self, form: Format, selection: Selection) -> Iterator[bytes]:
        """The feedback selected, line by line, read as it is asked for. Raises LedgerUnavailable."""
        return self._opened().export(form, selection)

    def look(self, work: Callable[[Connection], Answer], seconds: float) -> Answer:
        """What `work` finds in a transaction that only reads. Raises LedgerUnavailable, also when it takes longer.

        For pages: a thread of its own does it, one look after the other. That one failed says nothing about the next
        call, so nobody else is told.
        """
        with given_away():
            storage = self._opened()
            return self._reader.ask(lambda: storage.look(work, seconds), seconds)

    def close(self) -> None:
        """Writes what waits, and gives the database back."""
        self._writer.close(CLOSING_SECONDS)
        self._reader.close()
        if self._desk is not None:
            self._desk.close()
        if self._writer.storage is not None and not self._writer.is_overdue:
            self._writer.storage.close()

    def _ask(self, work: Callable[[Storage], Answer], seconds: float) -> Answer:
        storage, desk = self._opened(), self._desk
        if desk is None:
            raise LedgerUnavailable("not open")
        try:
            return desk.ask(lambda: work(storage), seconds)
        except LedgerUnavailable as error:
            self._lost(error)
            raise

    def _lost(self, error: LedgerUnavailable) -> None:
        self._reach.lost(error)
        self._writer.wake()

    def _opened(self) -> Storage:
        self._writer.start()
        if not self._writer.tried.wait(OPENING_SECONDS) or not self.is_reachable:
            raise LedgerUnavailable("out of reach")
        if self._writer.storage is None:
            raise LedgerUnavailable("not open")
        return self._writer.storage

    def _storage(self) -> Storage:
        from cds_service.ledger.storage import Storage  # 0.3 s to import: not on the way to the first answer

        storage = Storage(self._address, self._choice)
        self._desk = InPlace() if storage.is_embedded else Clerk()
        return storage


class NoLedger:
    """Where no database is configured: cards and feedback are counted in the log, and kept nowhere."""

    repetition_seconds = 0.0

    def __init__(self, hash_key: str | None = None) -> None:
        self.hash: Hash = keyed_hash(hash_key)

    def start(self) -> None:
        """Nothing to open."""

    def issue(self, cards: Sequence[IssuedCard]) -> None:
        """Nothing is kept."""

    def count(self, group: Group, said: Iterable[Said]) -> None:
        """Nothing is counted."""

    def record_feedback(self, received: Sequence[ReceivedFeedback], said: Sequence[Comment]) -> None:
        """Nothing is kept."""

    def first_use(self, issuer: str, jti: str, expires_at: datetime) -> bool:
        """Cannot be told here."""
        raise LedgerUnavailable("no database is configured")

    def overridden(self, repetitions: Sequence[str]) -> frozenset[str]:
        """None that we know of."""
        return frozenset()

    def close(self) -> None:
        """Nothing to close."""


AnyLedger = Ledger | NoLedger


def ledger_of(settings: Settings, choice: LedgerChoice) -> AnyLedger:
    """The ledger that the settings name."""
    address = settings.database.get_secret_value()
    key = settings.hash_key.get_secret_value() if settings.hash_key else None
    if not address:
        return NoLedger(key)
    return Ledger(address, key, choice)


def _digest(text: str) -> str:
    """Without a key, so that workers and replicas agree: an issuer is no secret, and a token's id is random."""
    return sha256(storable(text).encode()).hexdigest()[:32]
