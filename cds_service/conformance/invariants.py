"""A12: the published invariants of CDS Hooks 3.0 that a service can break, evaluated on its answers.

Written from the expressions of the logical models. cds-r-* and cds-fb-* bind what clients send: what breaks one of
level error is refused, and what earns a warning is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from cds_service.conformance.expect import expect, expect_status
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import without
from cds_service.conformance.target import Target

GROUP = Group("A12", "Published invariants of CDS Hooks 3.0")

_SOURCE = "CH3 logical models"
_TOKEN = {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "s"}
_BEHAVIOURS = ("all", "any", "at-most-one")


@GROUP.row("cds-resp-1", "G3", _SOURCE, profile="3.0")
def at_most_one_is_recommended(target: Target) -> None:
    """With selectionBehavior at-most-one, at most one suggestion has isRecommended."""
    _holds(target, _cards, lambda card: card.get("selectionBehavior") != "at-most-one" or _recommended(card) <= 1)


@GROUP.row("cds-resp-2", "G3", _SOURCE, should=True, profile="3.0")
def a_delete_has_an_id_and_no_resource(target: Target) -> None:
    """An action of type delete has resourceId and no resource."""
    _holds(target, _actions, lambda one: one.get("type") != "delete" or ("resourceId" in one and "resource" not in one))


@GROUP.row("cds-resp-3", "G3", _SOURCE, profile="3.0")
def only_smart_links_have_a_context(target: Target) -> None:
    """appContext comes with links of type smart only."""
    _holds(target, _links, lambda link: link.get("type") == "smart" or "appContext" not in link)


@GROUP.row("cds-resp-4", "G3", _SOURCE, profile="3.0")
def reasons_have_words(target: Target) -> None:
    """Every override reason has a display."""
    _holds(target, _reasons, lambda reason: bool(reason.get("display")))


@GROUP.row("cds-resp-5", "G3", _SOURCE, profile="3.0")
def actions_have_words(target: Target) -> None:
    """Every action of a suggestion has a description."""
    _holds(target, _actions, lambda action: bool(action.get("description")))


@GROUP.row("cds-resp-6", "G3", _SOURCE, profile="3.0")
def suggestions_come_with_a_behaviour(target: Target) -> None:
    """Where there are suggestions there is selectionBehavior."""
    _holds(target, _cards, lambda card: not card.get("suggestions") or bool(card.get("selectionBehavior")))


@GROUP.row("cds-resp-7", "G3", _SOURCE, profile="3.0")
def action_behaviours_are_known(target: Target) -> None:
    """actionSelectionBehavior, if there, is all, any or at-most-one."""
    _holds(target, _suggestions, lambda one: one.get("actionSelectionBehavior", "all") in _BEHAVIOURS)


@GROUP.row("cds-r-1", "G3", _SOURCE, profile="3.0")
def a_token_names_its_server(target: Target) -> None:
    """A call with fhirAuthorization and without fhirServer is refused."""
    sample = target.quiet()
    request = without(without(sample.request, "fhirServer"), "fhirAuthorization")
    expect_status(target.call(sample, {**request, "fhirAuthorization": _TOKEN}), 400)


@GROUP.row("cds-r-2", "G3", _SOURCE, profile="3.0")
def a_token_need_not_name_its_patient(target: Target) -> None:
    """Patient scopes without the patient they are for earn a warning only: the call gets 200."""
    sample = target.quiet()
    granted = {"fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": _TOKEN}
    expect_status(target.call(sample, {**sample.request, **granted}), 200)


@GROUP.row("cds-fb-1", "G3", _SOURCE, profile="3.0")
def outcomes_are_of_two(target: Target) -> None:
    """Feedback whose outcome is neither accepted nor overridden is refused."""
    _refused_beside(target, {}, {"outcome": "ignored"})


@GROUP.row("cds-fb-2", "G3", _SOURCE, profile="3.0")
def accepted_says_what(target: Target) -> None:
    """Feedback that says accepted without acceptedSuggestions is refused."""
    _refused_beside(target, {"acceptedSuggestions": [{"id": str(uuid.uuid4())}]}, {}, outcome="accepted")


@GROUP.row("cds-fb-3", "G3", _SOURCE, profile="3.0")
def a_reason_says_something(target: Target) -> None:
    """Feedback whose overrideReason has neither reason nor userComment is refused."""
    _refused_beside(target, {"overrideReason": {"userComment": "conformance"}}, {"overrideReason": {}})


def _refused_beside(target: Target, good: dict[str, Any], bad: dict[str, Any], outcome: str = "overridden") -> None:
    """Feedback gets 200 with the good members and 400 with the bad ones."""
    sample = target.quiet()
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    entry = {"card": str(uuid.uuid4()), "outcome": outcome, "outcomeTimestamp": at}
    probe = target.feedback(sample, {"feedback": [{**entry, **good}]})
    if probe.status in (404, 405, 501):
        raise NotApplicable("the service takes no feedback, which is optional")
    expect_status(probe, 200)
    expect_status(target.feedback(sample, {"feedback": [{**entry, **bad}]}), 400)


def _holds(target: Target, parts: Callable[[Any], Iterator[Any]], invariant: Callable[[Any], bool]) -> None:
    for answered in target.with_cards:
        for card in answered.cards:
            for part in parts(card):
                expect(isinstance(part, dict) and invariant(part), "the invariant does not hold", answered.exchange)


def _recommended(card: dict[str, Any]) -> int:
    return sum("isRecommended" in suggestion for suggestion in card.get("suggestions") or ())


def _cards(card: Any) -> Iterator[Any]:
    yield card


def _suggestions(card: Any) -> Iterator[Any]:
    yield from card.get("suggestions") or ()


def _actions(card: Any) -> Iterator[Any]:
    for suggestion in _suggestions(card):
        yield from suggestion.get("actions") or ()


def _links(card: Any) -> Iterator[Any]:
    yield from card.get("links") or ()


def _reasons(card: Any) -> Iterator[Any]:
    yield from card.get("overrideReasons") or ()
