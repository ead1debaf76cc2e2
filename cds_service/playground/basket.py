"""The draft orders of a scenario: words become drafts, and what a suggestion does to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from cards.concepts import ValueSets
from cds_service.fhir.coding import as_dict, as_list
from cds_service.order_product import medication
from cds_service.order_text import OrderNotUnderstood, draft_from_text, reason
from cds_service.playground.packing import NotPacked, unpacked
from cds_service.playground.scenario import MOST_DRAFTS, ORDER_TYPES, SLOTS, OrderFields, Resource, Scenario

_HOW = "Write a drug, a dose and how often; 'How to write an order' shows how."
_ACTIONS = ("create", "update", "delete")


class FieldProblem(ValueError):
    """A field of the form cannot be used. `field` is its name, `text` what to tell the person."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


def basket_of(scenario: Scenario, patient_id: str, today: date, value_sets: ValueSets) -> list[Resource]:
    """All drafts: those that suggestions left, then the orders in words. Raises FieldProblem."""
    drafts = [_for_patient(draft, patient_id) for draft in kept_drafts(scenario)]
    for slot, order in zip(SLOTS, scenario.orders, strict=True):
        if not order.is_empty:
            draft = _from_words(order, slot, patient_id, today, value_sets)
            drafts.append({**draft, "id": _free_id(drafts, f"order-{slot}")})
    return drafts


def kept_drafts(scenario: Scenario) -> list[Resource]:
    """The drafts that are no longer words. Raises FieldProblem."""
    try:
        return scenario.basket
    except NotPacked:
        raise FieldProblem("drafts", "The basket in this address cannot be read. Start again from an order.") from None


def selected(drafts: Iterable[Resource]) -> list[str]:
    """What the EHR says is chosen at order-select: every draft."""
    return [_reference(draft) for draft in drafts]


def applied(scenario: Scenario, drafts: list[Resource], actions: Iterable[Resource]) -> Scenario:
    """The scenario after a suggestion was taken. `drafts` is its basket. Raises FieldProblem."""
    basket = {_reference(draft): draft for draft in drafts}
    changed = set()
    for action in actions:
        resource = as_dict(action.get("resource"))
        if action["type"] == "create":
            new = {**resource, "id": _free_id(basket.values(), "added-1")}
            basket[_reference(new)] = new
            changed.add(_reference(new))
        elif action["type"] == "delete":
            basket.pop(str(action.get("resourceId")), None)
        elif _reference(resource) in basket:
            basket[_reference(resource)] = resource
            changed.add(_reference(resource))
    if len(basket) > MOST_DRAFTS:
        raise FieldProblem("drafts", f"A basket holds {MOST_DRAFTS} drafts at most.")
    return _in_words_where_unchanged(scenario, basket, changed)


def read_actions(text: str) -> list[Resource]:
    """The actions of a suggestion as the page packed them. Raises FieldProblem."""
    try:
        actions = unpacked(text)
    except NotPacked:
        actions = None
    if not isinstance(actions, list) or not all(map(_is_action, actions)):
        raise FieldProblem("drafts", "This suggestion cannot be read. Ask the service again.")
    return actions


def _is_action(action: object) -> bool:
    if not isinstance(action, dict) or action.get("type") not in _ACTIONS:
        return False
    if action["type"] == "delete":
        return isinstance(action.get("resourceId"), str)
    return as_dict(action.get("resource")).get("resourceType") in ORDER_TYPES


def _in_words_where_unchanged(scenario: Scenario, basket: dict[str, Resource], changed: set[str]) -> Scenario:
    """Orders that nobody touched stay words; the rest travels as drafts."""
    kept = {_reference(draft) for draft in kept_drafts(scenario)}
    orders = []
    for slot, order in zip(SLOTS, scenario.orders, strict=True):
        name = f"MedicationRequest/order-{slot}"
        stays = name in basket and name not in changed and name not in kept
        orders.append(order if stays else OrderFields(how=order.how))
        if stays:
            basket.pop(name)
    first, second = orders
    return scenario._replace(orders=(first, second)).with_basket(list(basket.values()))


def _from_words(order: OrderFields, slot: int, patient_id: str, today: date, value_sets: ValueSets) -> Resource:
    if order.is_drug_alone:
        return _drug_alone(order, patient_id, today, value_sets)
    try:
        return draft_from_text(order.line, patient_id=patient_id, value_sets=value_sets, today=today)
    except OrderNotUnderstood as error:
        what = error.summary
        raise FieldProblem(f"order{slot}", f"{what[0].upper()}{what[1:]}. {_HOW}") from None


def _drug_alone(order: OrderFields, patient_id: str, today: date, value_sets: ValueSets) -> Resource:
    """The draft that an EHR sends as soon as a drug is chosen: no dose yet."""
    draft: Resource = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": medication(order.drug, value_sets),
        "subject": {"reference": f"Patient/{patient_id}"},
        "authoredOn": today.isoformat(),
    }
    return {**draft, "reasonCode": [reason(order.reason)]} if order.reason else draft


def _for_patient(draft: Resource, patient_id: str) -> Resource:
    return {**draft, "subject": {"reference": f"Patient/{patient_id}"}}


def _reference(draft: Resource) -> str:
    return f"{draft.get('resourceType')}/{draft.get('id')}"


def _free_id(drafts: Iterable[Resource], wished: str) -> str:
    taken = {draft["id"] for draft in drafts}
    return next(id for id in _ids(wished) if id not in taken)


def _ids(wished: str) -> Iterator[str]:
    yield wished
    word = wished.rpartition("-")[0]
    yield from (f"{word}-{number}" for number in range(3, MOST_DRAFTS + 5))


def described(draft: Resource) -> str:
    """A draft in a line: what, and how it is taken."""
    concept = as_dict(draft.get("medicationCodeableConcept") or draft.get("code"))
    codings = [as_dict(coding) for coding in as_list(concept.get("coding"))]
    name = concept.get("text") or next((str(one["display"]) for one in codings if one.get("display")), "without a name")
    lines = [str(text) for line in as_list(draft.get("dosageInstruction")) if (text := as_dict(line).get("text"))]
    notes = [str(text) for note in as_list(draft.get("note")) if (text := as_dict(note).get("text"))]
    reasons = [_words(as_dict(one)) for one in as_list(draft.get("reasonCode"))]
    said = [str(name), *lines, *(f"because {one}" for one in reasons if one)]
    return ", ".join(said) + "".join(f" (note: {note})" for note in notes)


def _words(concept: dict[str, Any]) -> str:
    codings = [as_dict(coding) for coding in as_list(concept.get("coding"))]
    return str(concept.get("text") or next((one.get("code") or "" for one in codings), ""))
