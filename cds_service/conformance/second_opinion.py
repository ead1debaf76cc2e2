"""A11: the generic rules of the public test kit for CRD servers, as it applies them; and the models of the wire.

A second opinion, so nothing here uses the checks of the other groups. The kit's payer rules are left out: coverage
information, system actions on order-sign, and profiles of payer guides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.conformance.expect import shape_faults
from cds_service.conformance.row import Fault, Group
from cds_service.conformance.samples import drafts
from cds_service.conformance.target import Target
from cds_service.hooks.wire import Answer, Discovery

GROUP = Group("A11", "Second opinion: generic rules of the public CRD server test kit")

_KIT = "INF"
_REQUIRED = {"summary": str, "indicator": str, "source": dict}
_OPTIONAL = {
    "uuid": str,
    "detail": str,
    "suggestions": list,
    "selectionBehavior": str,
    "overrideReasons": list,
    "links": list,
}
_KIT_LIMIT = 140


@GROUP.row("INF-1.3", "G", f"{_KIT} 1.3")
def listed_services_have_their_texts(target: Target) -> None:
    """services is an array; hook, description and id of each are texts."""
    listed = _member(target.discovery.json, "services")
    if not isinstance(listed, list):
        raise Fault("services is no array", target.discovery)
    for service in listed:
        for name in ("hook", "description", "id"):
            if not isinstance(_member(service, name), str) or not _member(service, name):
                raise Fault(f"a service without {name}", target.discovery)


@GROUP.row("INF-2.4", "G", f"{_KIT} 2.4, 3.x.5")
def cards_have_what_they_must(target: Target) -> None:
    """cards is an array; summary below 140 characters, indicator of three, source with a label."""
    for answered in target.answers:
        if answered.exchange.status == 200 and not isinstance(_member(answered.exchange.json, "cards"), list):
            raise Fault("cards is no array", answered.exchange)
    for answered in target.with_cards:
        for card in answered.cards:
            for name, kind in _REQUIRED.items():
                if not isinstance(card.get(name), kind) or not card[name]:
                    raise Fault(f"a card without {name}", answered.exchange)
            if len(card["summary"]) >= _KIT_LIMIT:
                raise Fault("a summary of 140 characters or more", answered.exchange)
            if card["indicator"] not in ("info", "warning", "critical"):
                raise Fault("an unknown indicator", answered.exchange)
            if not isinstance(card["source"].get("label"), str) or not card["source"]["label"]:
                raise Fault("a source without label", answered.exchange)


@GROUP.row("INF-3.x.6", "G", f"{_KIT} 3.x.6")
def optional_members_are_well_typed_and_not_empty(target: Target) -> None:
    """uuid, detail, links, suggestions, overrideReasons are well typed and not empty; selectionBehavior fits."""
    for answered in target.with_cards:
        for card in answered.cards:
            for name, kind in _OPTIONAL.items():
                if name in card and (not isinstance(card[name], kind) or not card[name]):
                    raise Fault(f"{name} is empty or of another type", answered.exchange)
            if ("suggestions" in card) and card.get("selectionBehavior") not in ("any", "at-most-one"):
                raise Fault("suggestions without selectionBehavior", answered.exchange)
            for reason in card.get("overrideReasons", ()):
                if not all(isinstance(_member(reason, name), str) for name in ("code", "system", "display")):
                    raise Fault("an override reason that is not complete", answered.exchange)
            for link in card.get("links", ()):
                if (
                    _member(link, "type") not in ("absolute", "smart")
                    or not _member(link, "url")
                    or not _member(link, "label")
                ):
                    raise Fault("a link that is not complete", answered.exchange)


@GROUP.row("INF-2.4-actions", "CRD", f"{_KIT} 2.4, action shape")
def actions_fit_the_drafts(target: Target) -> None:
    """create and update hold a resource with its type; update and delete name an order of draftOrders."""
    for answered in target.with_cards:
        known = {f"{draft.get('resourceType')}/{draft.get('id')}" for draft in drafts(answered.sample.request)}
        for card in answered.cards:
            for suggestion in card.get("suggestions", ()):
                for action in _member(suggestion, "actions") or ():
                    problem = _action_problem(action, known)
                    if problem:
                        raise Fault(problem, answered.exchange)


@GROUP.row("WIRE-01", "G", "the models of the wire, which /openapi.json shows")
def answers_have_the_shape_of_the_models(target: Target) -> None:
    """Discovery and every answer have the shape of the models of the wire, to the last member."""
    for fault in shape_faults(Discovery, target.discovery.json):
        raise Fault(fault.text, target.discovery)
    for answered in target.answers:
        for fault in shape_faults(Answer, answered.exchange.json):
            raise Fault(fault.text, answered.exchange)


def _action_problem(action: Any, known: set[str]) -> str:
    kind, resource = _member(action, "type"), _member(action, "resource")
    if kind not in ("create", "update", "delete") or not _member(action, "description"):
        return "an action without a known type or without description"
    if kind == "delete":
        return "" if _member(action, "resourceId") in known else "a delete of something that is no draft"
    if not isinstance(resource, Mapping) or not resource.get("resourceType"):
        return f"a {kind} without a resource"
    is_known = kind == "create" or f"{resource['resourceType']}/{resource.get('id')}" in known
    return "" if is_known else "an update of something that is no draft"


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
