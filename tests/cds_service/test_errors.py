"""Every error becomes a status with an OperationOutcome that helps and gives nothing away."""

from __future__ import annotations

import re

import pytest
from werkzeug.exceptions import BadRequest, MethodNotAllowed, NotFound, RequestEntityTooLarge

from cds_service.errors import (
    DataNotAvailable,
    InvalidRequest,
    LedgerUnavailable,
    NotAuthenticated,
    NotJson,
    NotReady,
    OtherPatient,
    PackedBody,
    Refused,
    StrippedCall,
    TooManyCalls,
    operation_outcome,
    outcome_of,
    place_of,
)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidRequest("hook", "the name of a hook"), 400, "invalid"),
        (DataNotAvailable(("patient",)), 412, "processing"),
        (NotJson(), 415, "not-supported"),
        (PackedBody(), 415, "not-supported"),
        (NotAuthenticated(), 401, "login"),
        (LedgerUnavailable(), 503, "transient"),
        (StrippedCall(), 400, "invalid"),
        (OtherPatient("fhirServer"), 400, "invalid"),
        (TooManyCalls(1), 429, "throttled"),
        (NotReady(), 503, "transient"),
        (BadRequest(), 400, "invalid"),
        (NotFound(), 404, "not-found"),
        (MethodNotAllowed(["POST"]), 405, "not-supported"),
        (RequestEntityTooLarge(), 413, "too-long"),
        (RuntimeError("Mrs Smith"), 500, "exception"),
    ],
)
def test_sts_1_each_error_has_its_status_and_an_operation_outcome(error: Exception, status: int, code: str):
    outcome = outcome_of(error)
    issue = outcome.body["issue"][0]
    assert outcome.status == status
    assert outcome.body["resourceType"] == "OperationOutcome"
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert issue["details"]["text"]


def test_every_refusal_there_is_has_a_status():
    refusals = [
        InvalidRequest("a", "b"), StrippedCall(), OtherPatient("a"), NotAuthenticated(), DataNotAvailable(()),
        NotJson(), PackedBody(), TooManyCalls(1), LedgerUnavailable(), NotReady(),
    ]  # fmt: skip
    assert {type(refusal) for refusal in refusals} == {*Refused.__subclasses__(), *InvalidRequest.__subclasses__()}
    assert all(400 <= outcome_of(refusal).status < 600 for refusal in refusals)


def test_sts_3_a_401_says_the_same_whatever_the_reason():
    assert outcome_of(NotAuthenticated("expired", "ehr")) == outcome_of(NotAuthenticated())


def test_req_11_an_unforeseen_error_says_nothing_about_itself():
    assert "Smith" not in str(outcome_of(RuntimeError("Mrs Smith")).body)


def test_a_field_is_named_in_the_text_and_as_expression():
    issue = outcome_of(InvalidRequest("context.userId", "a reference")).body["issue"][0]
    assert issue["expression"] == ["context.userId"]
    assert issue["details"]["text"] == "context.userId: expected a reference"


def test_a_412_names_the_data_requests_that_could_not_be_had():
    issue = outcome_of(DataNotAvailable(("patient", "hbv_markers"))).body["issue"][0]
    assert "patient, hbv_markers" in issue["diagnostics"]


def test_jsn_2_no_member_of_an_operation_outcome_is_empty():
    assert operation_outcome("invalid", "text")["issue"] == [
        {"severity": "error", "code": "invalid", "details": {"text": "text"}}
    ]


def test_the_place_of_a_failure_is_a_file_and_a_line():
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError("Mrs Smith")
    assert re.fullmatch(r"test_errors\.py:\d+", place_of(raised.value))
    assert place_of(RuntimeError()) == ""
