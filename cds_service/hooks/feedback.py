"""Feedback: which cards were accepted or overridden, and why. Read all or nothing; counted without patient data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cds_service.errors import InvalidRequest
from cds_service.fhir.coding import as_dict, as_list
from cds_service.hooks.request import read_json
from cds_service.hooks.strict_feedback import check_as_specified

OUTCOMES = ("accepted", "overridden")
CLOCKS_DIFFER = timedelta(minutes=5)
OTHER_REASON = "other"

# RFC 3339 § 5.6: date, time, offset; a leap second is a time too
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE).fullmatch


class Feedback(NamedTuple):
    """What became of one card. `reasons` are codes as sent: anybody's words, never logged as they are."""

    card: str
    outcome: str
    accepted_suggestions: tuple[str, ...]
    reasons: tuple[str, ...]


def read_feedback(body: bytes, now: datetime, *, is_strict: bool = False) -> tuple[Feedback, ...]:
    """Every entry of a feedback call. One that cannot be used refuses them all: InvalidRequest names it.

    `is_strict`: one that is not as specified refuses them too, although it could be read.
    """
    entries = read_json(body).get("feedback")
    if not isinstance(entries, list):
        raise InvalidRequest("feedback", "an array")
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
        counts.update(reason if reason in known_reasons else OTHER_REASON for reason in one.reasons)
    return dict(counts)


def _entry(entry: Any, place: str, now: datetime) -> Feedback:
    if not isinstance(entry, dict):
        raise InvalidRequest(place, "an object")
    card = _text(entry.get("card"), f"{place}.card", "the uuid of a card")
    outcome = entry.get("outcome")
    if outcome not in OUTCOMES:
        raise InvalidRequest(f"{place}.outcome", " or ".join(OUTCOMES))
    _check_timestamp(entry.get("outcomeTimestamp"), f"{place}.outcomeTimestamp", now)
    accepted = _accepted(entry, place) if outcome == "accepted" else ()
    return Feedback(card, outcome, accepted, tuple(_reasons(entry, place)))


def _text(value: Any, place: str, expected: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest(place, expected)
    return value.strip()


def _check_timestamp(value: Any, place: str, now: datetime) -> None:
    expected = "an instant with time and offset that has passed, such as 2026-06-15T12:00:00Z"
    parts = _TIMESTAMP(value) if isinstance(value, str) else None
    if parts is None:
        raise InvalidRequest(place, expected)
    to_the_minute, seconds, offset = parts.groups()
    try:
        at = datetime.fromisoformat(f"{to_the_minute}{'59' if seconds == '60' else seconds}{offset}".upper())
    except ValueError:
        raise InvalidRequest(place, expected) from None
    if at > now + CLOCKS_DIFFER:
        raise InvalidRequest(place, expected)


def _accepted(entry: Mapping[str, Any], place: str) -> tuple[str, ...]:
    suggestions = entry.get("acceptedSuggestions")
    place = f"{place}.acceptedSuggestions"
    if not isinstance(suggestions, list) or not suggestions:
        raise InvalidRequest(place, "the suggestions that were accepted")
    return tuple(
        _text(as_dict(suggestion).get("id"), f"{place}[{index}].id", "the uuid of a suggestion")
        for index, suggestion in enumerate(suggestions)
    )


def _reasons(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    """Codes of the reasons given: `overrideReason` as specified, or a bare Coding; Epic's plural `overrideReasons`."""
    reason = entry.get("overrideReason")
    if reason is not None:
        if not isinstance(reason, dict) or not {"reason", "userComment", "code", "extension"} & reason.keys():
            raise InvalidRequest(f"{place}.overrideReason", "an object with reason or userComment")
        yield from _codes(reason)
    for also in as_list(entry.get("overrideReasons")):
        yield from _codes(as_dict(also))


def _codes(reason: Mapping[str, Any]) -> Iterator[str]:
    coding = as_dict(reason.get("reason")) or reason
    code = coding.get("code")
    if isinstance(code, str) and code:
        yield code
