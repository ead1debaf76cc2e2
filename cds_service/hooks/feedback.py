"""Feedback: which cards were accepted or overridden, and why. Read all or nothing; counted without patient data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from cds_service.errors import InvalidRequest
from cds_service.fhir.coding import as_dict, as_list
from cds_service.hooks.fields import text
from cds_service.hooks.request import read_json
from cds_service.hooks.strict_feedback import check_as_specified

OUTCOMES = ("accepted", "overridden")
CLOCKS_DIFFER = timedelta(minutes=5)
OTHER_REASON = "other"
MOST_ENTRIES = 5_000  # they are all stored before the answer, while others wait for their turn

# RFC 3339 § 5.6: date, time, offset; a leap second is a time too
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE).fullmatch


class Reason(NamedTuple):
    """A coded reason as sent: anybody's words, never logged as they are."""

    code: str
    system: str = ""
    display: str = ""


class Feedback(NamedTuple):
    """What became of one card. `comment` is free text; `extension` holds a client's own reasons, as JSON."""

    card: str
    outcome: str
    accepted_suggestions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    outcome_at: datetime
    comment: str = ""
    extension: str = ""


def read_feedback(body: bytes, now: datetime, *, is_strict: bool = False) -> tuple[Feedback, ...]:
    """Every entry of a feedback call. One that cannot be used refuses them all: InvalidRequest names it.

    `is_strict`: one that is not as specified refuses them too, although it could be read.
    """
    entries = read_json(body).get("feedback")
    if not isinstance(entries, list):
        raise InvalidRequest("feedback", "an array")
    if len(entries) > MOST_ENTRIES:
        raise InvalidRequest("feedback", f"at most {MOST_ENTRIES} entries in one call")
    read = tuple(_entry(entry, f"feedback[{index}]", now) for index, entry in enumerate(entries))
    if is_strict:
        for index, entry in enumerate(entries):
            check_as_specified(entry, f"feedback[{index}]")
    return read


def count_feedback(feedback: Iterable[Feedback], known_reasons: Collection[str]) -> dict[str, int]:
    """How many were accepted and overridden, and how often each of our own reasons was given, foreign ones together."""
    counts: Counter[str] = Counter()
    for one in feedback:
        counts[one.outcome] += 1
        counts.update(reason.code if reason.code in known_reasons else OTHER_REASON for reason in one.reasons)
    return dict(counts)


def _entry(entry: Any, place: str, now: datetime) -> Feedback:
    if not isinstance(entry, dict):
        raise InvalidRequest(place, "an object")
    card = _text(entry.get("card"), f"{place}.card", "the uuid of a card")
    outcome = entry.get("outcome")
    if outcome not in OUTCOMES:
        raise InvalidRequest(f"{place}.outcome", " or ".join(OUTCOMES))
    at = _instant(entry.get("outcomeTimestamp"), f"{place}.outcomeTimestamp", now)
    accepted = _accepted(entry, place) if outcome == "accepted" else ()
    said = _override(entry, place)
    reasons = tuple(reason for one in said if (reason := _reason(one)))
    return Feedback(card, outcome, accepted, reasons, at, _comment(said), _extension(said))


def _text(value: Any, place: str, expected: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest(place, expected)
    return value.strip()


def _instant(value: Any, place: str, now: datetime) -> datetime:
    expected = "an instant with time and offset that has passed, such as 2026-06-15T12:00:00Z"
    parts = _TIMESTAMP(value) if isinstance(value, str) else None
    if parts is None:
        raise InvalidRequest(place, expected)
    to_the_minute, seconds, fraction, offset = parts.groups()
    seconds = "59" if seconds == "60" else seconds
    try:
        at = datetime.fromisoformat(f"{to_the_minute}{seconds}{fraction or ''}{offset}".upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(place, expected) from None
    if at > now + CLOCKS_DIFFER:
        raise InvalidRequest(place, expected)
    return at


def _accepted(entry: Mapping[str, Any], place: str) -> tuple[str, ...]:
    suggestions = entry.get("acceptedSuggestions")
    place = f"{place}.acceptedSuggestions"
    if not isinstance(suggestions, list) or not suggestions:
        raise InvalidRequest(place, "the suggestions that were accepted")
    return tuple(
        _text(as_dict(suggestion).get("id"), f"{place}[{index}].id", "the uuid of a suggestion")
        for index, suggestion in enumerate(suggestions)
    )


def _override(entry: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    """What was given as reason: `overrideReason` as specified, or a bare Coding; Epic's plural `overrideReasons`."""
    reason = entry.get("overrideReason")
    if reason is None:
        said = []
    elif isinstance(reason, dict) and {"reason", "userComment", "code", "extension"} & reason.keys():
        said = [reason]
    else:
        raise InvalidRequest(f"{place}.overrideReason", "an object with reason or userComment")
    return said + [also for also in as_list(entry.get("overrideReasons")) if isinstance(also, dict)]


def _reason(said: Mapping[str, Any]) -> Reason | None:
    coding = as_dict(said.get("reason")) or said
    code, system, display = (text(coding.get(name)) for name in ("code", "system", "display"))
    return Reason(code, system, display) if code else None


def _comment(said: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(comment for one in said if (comment := text(one.get("userComment"))))


def _extension(said: Collection[Mapping[str, Any]]) -> str:
    """Extensions of the reasons, as JSON; empty when there are none."""
    sent = [one.get("extension") for one in said] + [as_dict(one.get("reason")).get("extension") for one in said]
    kept = [extension for extension in sent if extension]
    return orjson.dumps(kept).decode() if kept else ""
