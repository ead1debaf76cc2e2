"""A8: feedback."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cds_service.conformance.expect import expect, expect_status, guidance
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.target import Answered, Target

GROUP = Group("A8", "Feedback")

_LONG_COMMENT = "A comment that goes on. " * 400


@GROUP.row("FBK-01", "G", "CH2#152,154")
def feedback_is_taken(target: Target) -> None:
    """POST /cds-services/{id}/feedback with {"feedback": […]} gets 200, for a card accepted and one overridden."""
    answered = _answered(target)
    for entry in (_accepted(answered), _overridden(answered)):
        expect_status(target.feedback(answered.sample, {"feedback": [entry]}), 200)


@GROUP.row("FBK-02", "G", "cds-fb-1/2/3")
def feedback_is_complete_or_refused(target: Target) -> None:
    """accepted needs acceptedSuggestions with id, outcome is one of two, overridden may omit the reason; else 400."""
    answered = _answered(target)
    plain = _overridden(answered)
    without_reason = {name: value for name, value in plain.items() if name != "overrideReason"}
    expect_status(target.feedback(answered.sample, {"feedback": [without_reason]}), 200)
    for body in _incomplete(plain):
        expect_status(target.feedback(answered.sample, body), 400)


@GROUP.row("FBK-03", "G", "CH2 feedback text")
def feedback_may_come_again_and_together(target: Target) -> None:
    """Several cards in one call, the same entry twice, and the same call again get 200."""
    answered = _answered(target)
    entries = [_overridden(one) for one in target.with_cards if one.sample.service == answered.sample.service]
    body = {"feedback": [*entries, *entries]}
    for _ in range(2):
        expect_status(target.feedback(answered.sample, body), 200)


@GROUP.row("FBK-04", "V", "EPIC")
def reasons_are_read_as_vendors_write_them(target: Target) -> None:
    """overrideReason and the plural overrideReasons are read, and reasons in an extension do no harm."""
    answered = _answered(target)
    plain = _overridden(answered)
    reason = {"code": "other", "system": "urn:oid:1.2.3", "display": "Other"}
    plural = {**plain, "overrideReasons": [{"reason": reason}]}
    extended = {**plain, "overrideReason": {"reason": reason, "extension": {"com.example.reason": {"id": "1"}}}}
    for entry in (plural, extended):
        expect_status(target.feedback(answered.sample, {"feedback": [entry]}), 200)


@GROUP.row("FBK-05", "P", "OWASP API1")
def an_unknown_card_is_no_secret(target: Target) -> None:
    """Feedback on a card that was never issued gets the same answer as feedback on one that was."""
    answered = _answered(target)
    known = target.feedback(answered.sample, {"feedback": [_overridden(answered)]})
    unknown = target.feedback(answered.sample, {"feedback": [{**_overridden(answered), "card": str(uuid.uuid4())}]})
    expect_status(unknown, 200)
    expect(guidance(known.json) == guidance(unknown.json), "the answer tells which cards there are", unknown)


@GROUP.row("FBK-06", "G", "CH2#178; SBX")
def feedback_asks_for_the_same_token(target: Target) -> None:
    """Where calls need a token, feedback without one gets 401, and with one for the feedback address 200."""
    if target.is_open:
        raise NotApplicable("callers need no token")
    answered = _answered(target)
    body = {"feedback": [_overridden(answered)]}
    expect_status(target.feedback(answered.sample, body, token=None), 401)
    expect_status(target.feedback(answered.sample, body), 200)


@GROUP.row("FBK-07", "G", "CH2#161")
def times_are_instants_that_have_passed(target: Target) -> None:
    """outcomeTimestamp is an RFC 3339 instant, fraction and offset allowed; a date, words or the future get 400."""
    answered = _answered(target)
    now = datetime.now(UTC)
    plain = _overridden(answered)
    zoned = (now - timedelta(minutes=1)).astimezone().isoformat()
    for good in (f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}.123Z", zoned):
        expect_status(target.feedback(answered.sample, {"feedback": [{**plain, "outcomeTimestamp": good}]}), 200)
    future = f"{now + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    for bad in (f"{now:%Y-%m-%d}", "yesterday", future, 12, None):
        expect_status(target.feedback(answered.sample, {"feedback": [{**plain, "outcomeTimestamp": bad}]}), 400)


@GROUP.row("FBK-08", "P", "-")
def long_comments_are_taken(target: Target) -> None:
    """A long userComment gets 200; that it is cut, stored apart and never logged shows only inside."""
    answered = _answered(target)
    entry = {**_overridden(answered), "overrideReason": {"userComment": _LONG_COMMENT}}
    expect_status(target.feedback(answered.sample, {"feedback": [entry]}), 200)


@GROUP.row("FBK-09", "P", "OWASP API1")
def cards_of_another_client_are_unknown(target: Target) -> None:
    """Feedback on another client's card gets the very answer that an unknown card gets."""
    answered = _answered(target)
    other = target.other_client
    entry = _overridden(answered)
    theirs = target.feedback(answered.sample, {"feedback": [entry]}, sender=other)
    nobodys = target.feedback(answered.sample, {"feedback": [{**entry, "card": str(uuid.uuid4())}]}, sender=other)
    is_same = theirs.status == nobodys.status and guidance(theirs.json) == guidance(nobodys.json)
    expect(is_same, "the answer tells that another client has the card", theirs)


def _answered(target: Target) -> Answered:
    """A card whose service takes feedback. Raises NotApplicable where the service offers none (it is optional)."""
    answered = target.with_cards[0]
    probe = target.feedback(answered.sample, {"feedback": []})
    if probe.status in (404, 405, 501):
        raise NotApplicable("the service takes no feedback, which is optional")
    return answered


def _overridden(answered: Answered) -> dict[str, Any]:
    card = answered.cards[0]
    reasons = card.get("overrideReasons") or [{"system": "urn:oid:1.2.3", "code": "other", "display": "Other"}]
    return {
        "card": card.get("uuid", str(uuid.uuid4())),
        "outcome": "overridden",
        "outcomeTimestamp": _now(),
        "overrideReason": {"reason": reasons[0], "userComment": "conformance: overridden"},
    }


def _accepted(answered: Answered) -> dict[str, Any]:
    for card in answered.cards:
        for suggestion in card.get("suggestions") or ():
            ids = [{"id": suggestion.get("uuid")}]
            return {"card": card["uuid"], "outcome": "accepted", "outcomeTimestamp": _now(), "acceptedSuggestions": ids}
    return _overridden(answered)


def _incomplete(plain: dict[str, Any]) -> Iterator[Any]:
    """Bodies that the published invariants forbid; the last one has a good entry beside a bad one."""
    accepted = {"card": plain["card"], "outcome": "accepted", "outcomeTimestamp": plain["outcomeTimestamp"]}
    yield {"feedback": [{**plain, "outcome": "ignored"}]}
    yield {"feedback": [{name: value for name, value in plain.items() if name != "outcome"}]}
    yield {"feedback": [{name: value for name, value in plain.items() if name != "card"}]}
    yield {"feedback": [accepted]}
    yield {"feedback": [{**accepted, "acceptedSuggestions": []}]}
    yield {"feedback": [{**accepted, "acceptedSuggestions": [{}]}]}
    yield {"feedback": [{**plain, "overrideReason": {}}]}
    yield {"feedback": {}}
    yield [plain]
    yield {"feedback": [plain, {**plain, "outcome": "ignored"}]}


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
