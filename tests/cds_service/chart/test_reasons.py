"""Reasons stated on orders, in the shapes senders were seen to write them."""

from datetime import UTC

import pytest

from cards.concepts import load_value_sets
from cards.facts import Diagnosis
from cds_service.chart.reasons import stated_reasons

VALUE_SETS = load_value_sets()
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def code(number: str) -> dict:
    return {"coding": [{"system": ICD, "code": number}]}


def condition(number: str, **more: object) -> dict:
    return {"resourceType": "Condition", "id": "c", "code": code(number), **more}


AT_HAND = {
    "Condition/c": condition("E11.42"),
    "Condition/suspected": condition("G61.81", verificationStatus={"coding": [{"code": "provisional"}]}),
    "Condition/refuted": condition("G61.81", verificationStatus={"coding": [{"code": "refuted"}]}),
    "Observation/o": {"resourceType": "Observation", "code": {"text": "neuropathic pain"}},
}


def reasons(**order: object) -> tuple[Diagnosis, ...]:
    return stated_reasons(order, VALUE_SETS, UTC, AT_HAND.get)


@pytest.mark.parametrize(
    "order",
    [
        {"reasonCode": [code("E11.42")]},
        {"reasonCode": code("E11.42")},  # CDS Hooks sandbox: an object where FHIR has an array
        {"reasonReference": [{"reference": "Condition/c"}]},
        {"reasonReference": {"reference": "Condition/c"}},
        {"reasonReference": [{"reference": "#c"}], "contained": [condition("E11.42")]},
        {"reason": [{"concept": code("E11.42")}]},  # R5
        {"reason": [{"reference": {"reference": "Condition/c"}}]},  # R5
        {"reason": [{"reference": "Condition/c"}]},
    ],
)
def test_a_reason_is_found_wherever_it_is_stated(order):
    (reason,) = reasons(**order)
    assert (reason.code, reason.is_a("diabetic_polyneuropathy"), reason.is_stated_reason) == ("E11.42", True, True)


def test_several_reasons_are_all_read():
    found = reasons(
        reasonCode=[code("E11.42"), {"text": "fibromyalgia"}], reasonReference=[{"reference": "Condition/c"}]
    )
    assert [reason.label for reason in found] == ["E11.42", "fibromyalgia", "E11.42"]


def test_a_referred_condition_keeps_how_sure_it_is():
    (suspected,) = reasons(reasonReference=[{"reference": "Condition/suspected"}])
    assert suspected.is_suspected
    assert reasons(reasonReference=[{"reference": "Condition/refuted"}]) == ()


def test_an_observation_is_a_reason_by_its_name():
    (reason,) = reasons(reasonReference=[{"reference": "Observation/o"}])
    assert reason.display == "neuropathic pain"


def test_a_reference_that_leads_nowhere_is_known_by_its_display():
    (reason,) = reasons(reasonReference=[{"reference": "Condition/gone", "display": "Diabetic amyotrophy"}])
    assert (reason.is_a("diabetic_amyotrophy"), reason.by_text) == (True, True)


@pytest.mark.parametrize(
    "reference", [{"reference": "Condition/gone"}, {"reference": "#gone"}, {"identifier": {"value": "1"}}]
)
def test_a_reason_that_cannot_be_read_is_not_taken_for_none(reference):
    (reason,) = reasons(reasonReference=[reference])
    assert (reason.concepts, reason.is_stated_reason, reason.is_unread) == (frozenset(), True, True)
    both = reasons(reasonReference=[reference], reasonCode=[code("E11.42")])
    assert not any(one.is_unread for one in both)
    assert [one.label for one in both] == ["E11.42"]


@pytest.mark.parametrize(
    "order",
    [
        {}, {"reasonCode": None}, {"reasonCode": []}, {"reasonCode": [{}]}, {"reasonReference": []}, {"reason": None},
        {"reasonReference": [None, 7, "x"]}, {"reason": [7]},
    ],
)  # fmt: skip
def test_no_reason_is_none(order):
    assert reasons(**order) == ()
