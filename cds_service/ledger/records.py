"""What the ledger keeps: a row for each card issued and each feedback received; what was said in free text apart."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

LONGEST_CODE = 200
LONGEST_COMMENT = 4_000


class IssuedCard(NamedTuple):
    """A card that was issued, or would have been were it not silent (`is_shown` False).

    `user` and `encounter` are keyed hashes, empty when unknown; no patient, no value.
    `rule_version` is the day on which the rule was last reviewed, `suggestions` their uuids as a JSON array.
    `repetition` is the one hash by which a card that was overridden is known again, until `repetition_until` (seconds
    since 1970); None: it may be repeated. `hook_instance` is empty when the client sent no UUID.
    """

    card: str
    client: str
    tenant: str
    service: str
    hook: str
    hook_instance: str
    topic: str
    rule_version: str
    indicator: str
    issued_at: datetime
    user: str
    encounter: str
    suggestions: str
    repetition: str | None = None
    repetition_until: int | None = None
    is_shown: bool = True


class Tally(NamedTuple):
    """What is counted: on this `day` (UTC, as ISO 8601) something happened in calls of a client to a hook.

    `topic` is that of a rule, `what` then what it had to say ("shown", "silent", "kept-back", "nothing-to-add",
    "cannot-tell", "failed") and `reason` why it could not tell; or it is empty and `what` is "call": the call itself.
    """

    day: str
    client: str
    tenant: str
    hook: str
    topic: str
    what: str
    reason: str


class ReceivedFeedback(NamedTuple):
    """What became of a card. `id` is the same for the same feedback sent again.

    `card` and `accepted_suggestions` (a JSON array) are uuids; what is no uuid is a keyed hash: it could be anything.
    `reasons`: a JSON array of codes with system and display, each marked `is_known` when the code is one of ours.
    """

    id: str
    card: str
    client: str
    tenant: str
    service: str
    outcome: str
    accepted_suggestions: str
    reasons: str
    has_reason: bool
    outcome_at: datetime
    received_at: datetime

    @property
    def is_override_with_reason(self) -> bool:
        """Was the card overridden, and a reason given that is more than a comment?"""
        return self.has_reason and self.outcome == "overridden"


class Comment(NamedTuple):
    """What was said in free text, which may name a patient; kept apart. `extension`: a client's own reasons as JSON."""

    feedback: str
    comment: str
    extension: str
    received_at: datetime


def storable(text: str, longest: int | None = None) -> str:
    """The text as any database takes it: without NUL and half characters, cut to `longest`."""
    return text.replace("\0", "")[:longest].encode(errors="replace").decode()
