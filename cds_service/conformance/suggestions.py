"""A6: suggestions, their actions, and system actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds_service.conformance.expect import expect, expect_shape
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import drafts
from cds_service.conformance.target import Answered, Target
from cds_service.hooks.wire import UUID, Answer

GROUP = Group("A6", "Suggestions, actions, system actions")

_MARKUP = re.compile(r"<[A-Za-z/!]|\*\*|\]\(|^#+ ", re.MULTILINE)


@GROUP.row("SUG-01", "G", "CH2#93-95; cds-resp-6; INF")
def suggestions_say_how_to_choose(target: Target) -> None:
    """A card with suggestions has selectionBehavior, any or at-most-one."""
    for answered, card in _with_suggestions(target):
        behaviour = card.get("selectionBehavior")
        expect(behaviour in ("any", "at-most-one"), f"selectionBehavior is {behaviour!r}", answered.exchange)


@GROUP.row("SUG-02", "V", "EPIC")
def suggestions_fit_the_largest_ehr(target: Target) -> None:
    """selectionBehavior is any, and each suggestion has one action."""
    for answered, card in _with_suggestions(target):
        expect(card.get("selectionBehavior") == "any", "selectionBehavior is not any", answered.exchange)
        for suggestion in card["suggestions"]:
            expect(len(suggestion.get("actions") or ()) == 1, "not one action in a suggestion", answered.exchange)


@GROUP.row("SUG-03", "G", "cds-resp-1")
def one_is_recommended_where_one_may_be_chosen(target: Target) -> None:
    """With at-most-one, at most one suggestion is recommended."""
    for answered, card in _with_suggestions(target):
        recommended = sum(bool(suggestion.get("isRecommended")) for suggestion in card["suggestions"])
        is_one = card.get("selectionBehavior") != "at-most-one" or recommended <= 1
        expect(is_one, "several recommended although one may be chosen", answered.exchange)


@GROUP.row("SUG-04", "G", "CH2#117; CRD 77")
def suggestions_have_labels_and_uuids(target: Target) -> None:
    """Each suggestion has a non-empty label, and a uuid where feedback is to say what was accepted."""
    for answered, suggestion in _suggestions(target):
        label = suggestion.get("label")
        expect(isinstance(label, str) and bool(label.strip()), "a suggestion without label", answered.exchange)
        expect(bool(re.match(UUID, str(suggestion.get("uuid", "")))), "a suggestion without uuid", answered.exchange)


@GROUP.row("SUG-05", "CRD", "INF")
def suggestions_have_actions(target: Target) -> None:
    """Each suggestion has actions."""
    for answered, suggestion in _suggestions(target):
        expect(bool(suggestion.get("actions")), "a suggestion without actions", answered.exchange)


@GROUP.row("SUG-06", "G", "CH2#127-128")
def actions_say_what_they_do(target: Target) -> None:
    """Each action is a create, an update or a delete, with a description in plain text."""
    for answered, action in _actions(target):
        kind, said = action.get("type"), action.get("description")
        expect(kind in ("create", "update", "delete"), f"an action of type {kind!r}", answered.exchange)
        expect(isinstance(said, str) and bool(said.strip()), "an action without description", answered.exchange)
        expect(not _MARKUP.search(str(said)), "markup in a description", answered.exchange)


@GROUP.row("SUG-07", "G", "CH2#130-132; INF")
def creates_and_updates_hold_the_resource(target: Target) -> None:
    """create and update hold a whole FHIR resource, as an object; what is created is valid R4."""
    tried = False
    for answered, action in _actions(target, "create", "update"):
        tried = True
        resource = action.get("resource")
        expect(isinstance(resource, dict) and "resourceType" in resource, "no resource in an action", answered.exchange)
        if action["type"] == "create":
            problem = _r4_problem(resource)
            expect(not problem, f"what is created is not valid R4: {problem}", answered.exchange)
    if not tried:
        raise NotApplicable("no create and no update came")


@GROUP.row("SUG-08", "G", "CH2#133-134; cds-resp-2; INF")
def deletes_name_the_order(target: Target) -> None:
    """delete names Type/id of a draft in resourceId, and holds no resource."""
    for answered, action in _actions(target, "delete"):
        known = {f"{draft.get('resourceType')}/{draft.get('id')}" for draft in drafts(answered.sample.request)}
        expect("resource" not in action, "a delete with a resource", answered.exchange)
        expect(action.get("resourceId") in known, "a delete of something that is no draft", answered.exchange)
    _some(target, "delete")


@GROUP.row("SUG-09", "CRD", "INF")
def updates_change_drafts(target: Target) -> None:
    """update changes an order of draftOrders, whole but for what is changed."""
    for answered, action in _actions(target, "update"):
        offered = action.get("resource") or {}
        sent = [draft for draft in drafts(answered.sample.request) if _name(draft) == _name(offered)]
        expect(len(sent) == 1, "an update of something that is no draft", answered.exchange)
        expect(sent[0].keys() <= offered.keys(), "an update that drops members of the draft", answered.exchange)
    _some(target, "update")


@GROUP.row("SUG-10", "G3", "CH3")
def no_action_selection_behavior(target: Target) -> None:
    """actionSelectionBehavior is not sent to a client that is not known to understand it."""
    for answered, suggestion in _suggestions(target):
        expect("actionSelectionBehavior" not in suggestion, "actionSelectionBehavior was sent", answered.exchange)


@GROUP.row("SUG-11", "P", "CH3 (human review bypassed)")
def no_system_actions(target: Target) -> None:
    """systemActions are not sent: nothing changes without a person."""
    for answered in target.answers:
        there = isinstance(answered.exchange.json, dict) and bool(answered.exchange.json.get("systemActions"))
        expect(not there, "systemActions were sent", answered.exchange)


@GROUP.row("SUG-12", "CRD", "INF vs CH2#3")
def no_empty_system_actions_by_default(target: Target) -> None:
    """An empty systemActions, which one public test kit wants on order-sign, is sent only to clients set up for it."""
    for answered in target.answers:
        there = isinstance(answered.exchange.json, dict) and "systemActions" in answered.exchange.json
        expect(not there, "systemActions were sent", answered.exchange)
        expect_shape(answered.exchange, Answer, "systemActions")


def _with_suggestions(target: Target) -> Iterator[tuple[Answered, dict[str, Any]]]:
    found = False
    for answered, card in target.cards():
        if isinstance(card.get("suggestions"), list):
            found = True
            yield answered, card
    if not found:
        raise NotApplicable("no card came with suggestions")


def _suggestions(target: Target) -> Iterator[tuple[Answered, dict[str, Any]]]:
    for answered, card in _with_suggestions(target):
        for suggestion in card["suggestions"]:
            expect(isinstance(suggestion, dict), "a suggestion that is no object", answered.exchange)
            yield answered, suggestion


def _actions(target: Target, *kinds: str) -> Iterator[tuple[Answered, dict[str, Any]]]:
    for answered, suggestion in _suggestions(target):
        for action in suggestion.get("actions") or ():
            expect(isinstance(action, dict), "an action that is no object", answered.exchange)
            if not kinds or action.get("type") in kinds:
                yield answered, action


def _some(target: Target, kind: str) -> None:
    if not any(True for _ in _actions(target, kind)):
        raise NotApplicable(f"no {kind} came")


def _name(resource: dict[str, Any]) -> tuple[Any, Any]:
    return resource.get("resourceType"), resource.get("id")


def _r4_problem(resource: Any) -> str:
    from cds_service.hooks.r4_check import r4_problem

    return r4_problem(resource) or ""
