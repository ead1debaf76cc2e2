"""A3: the context of the order hooks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from cds_service.conformance.expect import cards_of, expect, expect_same_cards, expect_status
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import OUR_HOOKS, Request, Sample, changed, drafts, without
from cds_service.conformance.target import Target

GROUP = Group("A3", "Hook context")

_SELECT = "order-select"
_OTHER_TYPES = (
    "ServiceRequest", "NutritionOrder", "DeviceRequest", "VisionPrescription", "ProcedureRequest", "InventedOrder",
)  # fmt: skip


@GROUP.row("CTX-01", "G", "LIB; INF")
def required_members_are_missed(target: Target) -> None:
    """patientId, userId or draftOrders missing or mistyped gets 400."""
    for sample in _quiet_orders(target):
        for member in ("patientId", "userId", "draftOrders"):
            place = f"context.{member}"
            expect_status(target.call(sample, without(sample.request, place)), 400)
            expect_status(target.call(sample, changed(sample.request, place, 12)), 400)


@GROUP.row("CTX-02", "G", "LIB")
def users_of_every_kind_may_order(target: Target) -> None:
    """userId may be a Practitioner or a PractitionerRole; other kinds do no harm."""
    for sample in _quiet_orders(target):
        for user in ("Practitioner/1", "PractitionerRole/1", "RelatedPerson/1"):
            expect_status(target.call(sample, changed(sample.request, "context.userId", user)), 200)


@GROUP.row("CTX-03", "G", "LIB")
def no_encounter_is_needed(target: Target) -> None:
    """encounterId is optional, for requests that bring cards too."""
    for answered in target.with_cards:
        answer = target.call(answered.sample, without(answered.sample.request, "context.encounterId"))
        expect(bool(cards_of(answer)), "no card without an encounter", answer)


@GROUP.row("CTX-04", "G", "INF")
def a_patient_reference_is_read_as_its_id(target: Target) -> None:
    """patientId is a bare id; Patient/x is read as x, and no answer says Patient/Patient/x."""
    sample = _good_order(target)
    patient = str(sample.request["context"]["patientId"])
    answer = target.call(sample, changed(sample.request, "context.patientId", f"Patient/{patient}"))
    expect(bool(cards_of(answer)), "no card for a patientId written as a reference", answer)
    expect(b"Patient/Patient/" not in answer.body, "an id was taken for a whole reference", answer)


@GROUP.row("CTX-05", "G", "LIB; INF")
def dangling_selections_are_passed_over(target: Target) -> None:
    """Selections are Type/id of drafts; one that points nowhere is passed over."""
    sample = target.good(_SELECT)
    selections = [*sample.request["context"].get("selections", ()), "MedicationRequest/nowhere"]
    answer = target.call(sample, changed(sample.request, "context.selections", selections))
    expect_same_cards(target.call(sample), answer, "a selection that points nowhere changed the guidance")


@GROUP.row("CTX-06", "G", "LIB; CRD 210-211", should=True)
def cards_concern_selected_orders(target: Target) -> None:
    """At order-select cards concern the selected orders; the other drafts are context."""
    good, quiet = target.good(_SELECT), target.quiet(_SELECT)
    both = _with_drafts(good.request, [*drafts(good.request), *_for_patient_of(good, quiet)])
    harmless = [_reference(draft) for draft in drafts(quiet.request)]
    silent = target.call(good, changed(both, "context.selections", harmless))
    expect(not cards_of(silent), "a card about an order that was not selected", silent)
    told = target.call(good, both)
    expect(bool(cards_of(told)), "no card about the selected order", told)


@GROUP.row("CTX-07", "G", "LIB")
def orders_signed_again_are_reviewed(target: Target) -> None:
    """At order-sign every order is reviewed, whatever its status: re-signing sends active ones."""
    sample = target.good("order-sign")
    request = copy.deepcopy(sample.request)
    for draft in drafts(request):
        draft["status"] = "active"
    answer = target.call(sample, request)
    expect(bool(cards_of(answer)), "no card about an order with status active", answer)


@GROUP.row("CTX-08", "G", "LIB")
def other_orders_do_no_harm(target: Target) -> None:
    """Orders of other kinds, known or invented, do not disturb."""
    sample = _good_order(target)
    others = [
        {"resourceType": kind, "id": f"other-{number}", "status": "draft", "intent": "order"}
        for number, kind in enumerate(_OTHER_TYPES)
    ]
    answer = target.call(sample, _with_drafts(sample.request, [*drafts(sample.request), *others]))
    expect(bool(cards_of(answer)), "no card beside orders of other kinds", answer)


@GROUP.row("CTX-09", "V", "SBX sends all of these on screen load")
def unfinished_drafts_do_no_harm(target: Target) -> None:
    """An empty Bundle, one without type, an entry without resource, an order without medication or intent get 200."""
    for sample in _quiet_orders(target):
        for bundle in _unfinished(sample):
            expect_status(target.call(sample, changed(sample.request, "context.draftOrders", bundle)), 200)


@GROUP.row("CTX-10", "G", "LIB")
def an_order_without_dose_gets_no_dose(target: Target) -> None:
    """At order-select an order without a dose yet gets 200, and no suggestion changes a dose that nobody gave."""
    sample = target.good(_SELECT)
    request = copy.deepcopy(sample.request)
    for draft in drafts(request):
        draft.pop("dosageInstruction", None)
    answer = target.call(sample, request)
    for card in cards_of(answer):
        for suggestion in card.get("suggestions", ()):
            for action in suggestion.get("actions", ()):
                dosed = action.get("type") == "update" and "dosageInstruction" in (action.get("resource") or {})
                expect(not dosed, "a dose was suggested for an order that has none", answer)


def _quiet_orders(target: Target) -> Iterator[Sample]:
    samples = [sample for sample in target.quiets if sample.entry.get("hook") in OUR_HOOKS]
    if not samples:
        raise NotApplicable("the service has neither order-select nor order-sign")
    yield from samples


def _good_order(target: Target) -> Sample:
    for answered in target.with_cards:
        if answered.sample.entry.get("hook") in OUR_HOOKS:
            return answered.sample
    raise NotApplicable("no request for order-select or order-sign brought a card")


def _with_drafts(request: Request, resources: list[dict[str, Any]]) -> Request:
    return changed(request, "context.draftOrders.entry", [{"resource": resource} for resource in resources])


def _for_patient_of(good: Sample, quiet: Sample) -> list[dict[str, Any]]:
    subject = {"reference": f"Patient/{good.request['context']['patientId']}"}
    return [{**draft, "subject": subject} for draft in drafts(quiet.request)]


def _reference(draft: dict[str, Any]) -> str:
    return f"{draft['resourceType']}/{draft.get('id')}"


def _unfinished(sample: Sample) -> Iterator[dict[str, Any]]:
    subject = {"reference": f"Patient/{sample.request['context']['patientId']}"}
    order = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft", "subject": subject}
    yield {"resourceType": "Bundle", "entry": []}
    yield {"resourceType": "Bundle"}
    yield {"resourceType": "Bundle", "entry": [{}]}
    yield {"resourceType": "Bundle", "entry": [{"resource": order}]}
    yield {"resourceType": "Bundle", "entry": [{"resource": {**order, "category": {"text": "outpatient"}}}]}
