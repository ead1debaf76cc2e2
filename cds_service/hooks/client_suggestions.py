"""Suggestions as a client takes them: those that it can carry out, in its spelling of code systems, one or any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cards.concepts import Code
from cards.opinion import OrderService, ProposeDrug, RemoveOrder, SetDosage, SetProduct, SetReason, Suggestion
from cards.suggested_orders import AT_MOST
from cds_service.clients import Answers

ACTIONS = tuple(  # the kinds that suggestions become, each with the types of resource it is about
    (action, resource_type)
    for action in ("create", "update", "delete")
    for resource_type in ("MedicationRequest", "ServiceRequest")
)
AS_SPECIFIED = Answers()


def for_client(suggestions: Iterable[Suggestion], answers: Answers) -> Iterator[Suggestion]:
    """The suggestions that the client can carry out, their code systems as it spells them."""
    for suggestion in suggestions:
        if answers.can(*_action_on(suggestion)):
            yield _respelt(suggestion, answers.code_systems) if answers.code_systems else suggestion


def offers_in_words(suggestions: Iterable[Suggestion], answers: Answers) -> list[str]:
    """What can only be said of these suggestions, because the client cannot carry them out."""
    return [one.label for one in suggestions if not answers.can(*_action_on(one))][:AT_MOST]


def as_chosen(written: list[dict[str, Any]], answers: Answers) -> list[dict[str, Any]]:
    """Written suggestions for the way in which the client lets one choose."""
    if answers.selection_behavior == "any":
        return written
    return _one_recommended(_joined(written) if answers.several_actions else written)


def _action_on(suggestion: Suggestion) -> tuple[str, str]:
    """The action that a suggestion becomes, and the type of resource it is about."""
    match suggestion:
        case OrderService():
            return "create", "ServiceRequest"
        case ProposeDrug():
            return "create", "MedicationRequest"
        case RemoveOrder():
            return "delete", suggestion.order_id.partition("/")[0]
        case _:
            return "update", suggestion.order_id.partition("/")[0]


def _respelt(suggestion: Suggestion, spelling: Mapping[str, str]) -> Suggestion:
    match suggestion:
        case SetDosage(product=Code() as product) if product.system in spelling:
            return suggestion._replace(product=replace(product, system=spelling[product.system]))
        case OrderService(code=Code() as code) | ProposeDrug(code=Code() as code) if code.system in spelling:
            return suggestion._replace(code=replace(code, system=spelling[code.system]))
        case SetProduct(code=Code() as code) | SetReason(code=Code() as code) if code.system in spelling:
            return suggestion._replace(code=replace(code, system=spelling[code.system]))
        case _:
            return suggestion


def _joined(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Orders to be created that are all recommended, as one suggestion: they are no alternatives."""
    together = [one for one in written if one["isRecommended"] and one["actions"][0]["type"] == "create"]
    if len(together) < 2:
        return written
    label = "; ".join(one["label"] for one in together)
    joined = {**together[0], "label": label, "actions": [one["actions"][0] for one in together]}
    return [joined if one is together[0] else one for one in written if one not in together[1:]]


def _one_recommended(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where one can be chosen, one is recommended: the first."""
    best = next((one for one in written if one["isRecommended"]), None)
    return [{**one, "isRecommended": one is best} for one in written]
