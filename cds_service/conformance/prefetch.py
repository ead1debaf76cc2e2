"""A4: prefetch: keys that are there, null, absent or failed."""

from __future__ import annotations

from typing import Any

from cds_service.conformance.access import from_chart, with_access
from cds_service.conformance.expect import cards_of, expect, expect_outcome, expect_same_cards, expect_status
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import Request, Sample, changed, without_data
from cds_service.conformance.target import Target

GROUP = Group("A4", "Prefetch and FHIR access")

FAILED: Request = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden", "diagnostics": "conformance: the query failed"}],
}
NO_RESULTS: Request = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 0,
    "entry": [{
        "search": {"mode": "outcome"},
        "resource": {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "warning", "code": "not-found", "details": {"text": "no results"}}],
        },
    }],
}  # fmt: skip


@GROUP.row("PRE-02", "G", "CH2#53")
def null_means_that_there_is_nothing(target: Target) -> None:
    """A key that is null says that the client has no such data: no query, no 412."""
    sample = _with_prefetch(target)
    request = changed(sample.request, "prefetch", {**sample.request["prefetch"], **dict.fromkeys(_keys(sample))})
    expect_status(target.call(sample, request), 200)
    double = target.double
    with double.answering(from_chart(sample)) as seen:
        expect_status(target.call(sample, with_access(target, request)), 200)
    expect(not seen.queries, f"{len(seen.queries)} queries for keys that are null")


@GROUP.row("PRE-04", "G", "CH2#54; P")
def what_cannot_be_had_is_no_all_clear(target: Target) -> None:
    """Neither prefetch nor FHIR access: 412, or cards that do without; never an empty list: it reads as all clear."""
    for answered in target.with_cards:
        if not answered.sample.request.get("prefetch"):
            continue
        answer = target.call(answered.sample, without_data(answered.sample.request))
        expect_status(answer, 200, 412)
        if answer.status == 412:
            expect_outcome(answer)
        else:
            expect(bool(cards_of(answer)), "without data the list of cards is empty, which reads as all clear", answer)


@GROUP.row("PRE-05", "P", "CH2#54 reading")
def data_nobody_needs_may_be_missing(target: Target) -> None:
    """Neither prefetch nor FHIR access, and nothing to review: 200 with an empty list."""
    for sample in target.quiets:
        answer = target.call(sample, without_data(sample.request))
        expect(not cards_of(answer), "a card without anything to review", answer)


@GROUP.row("PRE-06", "G", "CH2#50,52")
def a_failed_query_is_no_finding(target: Target) -> None:
    """An OperationOutcome as a prefetch value, or an entry of severity error in a Bundle, counts as a missing key."""
    in_bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": FAILED}]}
    for sample in _all_with_prefetch(target):
        missing = target.call(sample, changed(sample.request, "prefetch", {}))
        for value in (FAILED, in_bundle):
            answer = target.call(sample, changed(sample.request, "prefetch", dict.fromkeys(_keys(sample), value)))
            expect(
                answer.status == missing.status, f"taken for a finding: {answer}, without the keys {missing}", answer
            )
            if answer.status == 200:
                expect_same_cards(missing, answer, "a failed query was taken for a finding")


@GROUP.row("PRE-07", "V", "EPIC example")
def an_empty_search_may_say_so(target: Target) -> None:
    """A searchset that holds only an OperationOutcome of severity warning is an empty search, no failure."""
    for sample in _all_with_prefetch(target):
        searched = {key for key, template in _templates(sample).items() if "?" in str(template)}
        given = sample.request["prefetch"].items()
        said = {key: NO_RESULTS if key in searched else value for key, value in given}
        null = {key: None if key in searched else value for key, value in given}
        answer = target.call(sample, changed(sample.request, "prefetch", said))
        expect_same_cards(target.call(sample, changed(sample.request, "prefetch", null)), answer, "not read as empty")


@GROUP.row("PRE-12", "P", "safety")
def another_patient_is_refused(target: Target) -> None:
    """A prefetched Patient or a draft of another patient gets 400, and no cards."""
    sample = target.good()
    patients = [key for key, value in (sample.request.get("prefetch") or {}).items() if _is_patient(value)]
    if not patients:
        raise NotApplicable("the request brings no Patient in prefetch")
    stranger = {"resourceType": "Patient", "id": "somebody-else", "birthDate": "1980-01-01"}
    expect_status(target.call(sample, changed(sample.request, f"prefetch.{patients[0]}", stranger)), 400)
    entries = sample.request["context"].get("draftOrders", {}).get("entry", ())
    if entries:
        theirs = [
            {"resource": {**entry["resource"], "subject": {"reference": "Patient/somebody-else"}}} for entry in entries
        ]
        expect_status(target.call(sample, changed(sample.request, "context.draftOrders.entry", theirs)), 400)


@GROUP.row("PRE-13", "G", "CH2#46-47")
def unknown_keys_are_passed_over(target: Target) -> None:
    """Prefetch keys that the service did not ask for change nothing."""
    sample = _with_prefetch(target)
    request = changed(sample.request, "prefetch.conformance-unknown", {"resourceType": "Basic", "id": "1"})
    expect_same_cards(target.call(sample), target.call(sample, request), "an unknown key changed the guidance")


GROUP.elsewhere(
    "PRE-14", "P", "FDA criterion 4(d)", "A card built on incomplete data says which data were unavailable.",
    test="tests/cds_service/test_hook_endpoints.py::test_pre_04_pre_30_when_part_could_be_had_a_card_names_what_could_not",
)  # fmt: skip


def _templates(sample: Sample) -> dict[str, Any]:
    return dict(sample.entry.get("prefetch") or {})


def _keys(sample: Sample) -> list[str]:
    """The keys of its prefetch but for the Patient, whom every client has."""
    return [key for key in sample.request["prefetch"] if not _is_patient(sample.request["prefetch"][key])]


def _is_patient(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Patient"


def _with_prefetch(target: Target) -> Sample:
    """One request that brings cards, and brings prefetch along."""
    return _all_with_prefetch(target)[0]


def _all_with_prefetch(target: Target) -> list[Sample]:
    found = [answered.sample for answered in target.with_cards if answered.sample.request.get("prefetch")]
    if not found:
        raise NotApplicable("no request with prefetch brought a card")
    return found
