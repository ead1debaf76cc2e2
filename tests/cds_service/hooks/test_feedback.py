"""Feedback: cds-hooks.md section 6, certification.md A8, and what Epic and the sandbox send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.errors import InvalidRequest
from cds_service.hooks.feedback import Feedback, count_feedback, read_feedback
from cds_service.log import configure_logging

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
URL = "/cds-services/neuropathy-order-sign/feedback"


def accepted(**more: Any) -> dict[str, Any]:
    return {
        "card": "2f8a6f0c-1f0d-4d4b-9a55-3b6f0a7d9c21",
        "outcome": "accepted",
        "outcomeTimestamp": "2026-06-15T09:14:07.250Z",
        "acceptedSuggestions": [{"id": "9b7a1a58-0a35-4f4b-8d5c-7f3f4e2d6c01"}],
        **more,
    }


def overridden(**more: Any) -> dict[str, Any]:
    return {
        "card": "a64d2c5e-8e7b-4f19-b7c3-5c0e9d1f2a34",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-06-15T09:14:31Z",
        **more,
    }


def read(*entries: Any) -> tuple[Feedback, ...]:
    return read_feedback(json.dumps({"feedback": entries}).encode(), NOW)


def codes(feedback: tuple[Feedback, ...]) -> tuple[str, ...]:
    return tuple(reason.code for reason in feedback[0].reasons)


def refused(*entries: Any) -> str:
    """The field that is named when this batch is refused; the value found must not be repeated."""
    with pytest.raises(InvalidRequest) as refusal:
        read(*entries)
    assert "Smith" not in refusal.value.text
    return refusal.value.field


@pytest.mark.parametrize("path", [URL, "/cds-services/neuropathy-order-select/feedback"])
def test_fbk_1_fbk_01_feedback_is_acknowledged(client: FlaskClient, path: str):
    answer = client.post(path, json={"feedback": [accepted(), overridden()]})
    assert (answer.status_code, answer.json) == (200, {"received": 2})


def test_fbk_3_fbk_10_fbk_05_unknown_cards_and_repeated_deliveries_are_taken(client: FlaskClient):
    batch = {"feedback": [accepted(), accepted(), overridden(card="never-issued")]}
    answers = [client.post(URL, json=batch) for _ in range(2)]
    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"received": 3})] * 2


def test_fbk_11_an_unknown_service_is_404(client: FlaskClient):
    assert client.post("/cds-services/unknown/feedback", json={"feedback": []}).status_code == 404


@pytest.mark.parametrize("body", [[accepted()], accepted(), {"feedback": accepted()}, {"feedback": None}, {}, 7])
def test_fbk_2_a_body_without_an_array_of_feedback_is_refused(client: FlaskClient, body: Any):
    assert client.post(URL, json=body).status_code == 400


def test_req_10_more_entries_than_are_stored_in_one_go_are_refused():
    """REQ-10: a body of 4 MB has room for twenty thousand, which take seconds to store."""
    assert len(read(*[accepted()] * 5_000)) == 5_000
    assert refused(*[accepted()] * 5_001) == "feedback"


def test_fbk_11_fbk_02_one_bad_entry_refuses_the_batch_and_is_named(client: FlaskClient):
    answer = client.post(URL, json={"feedback": [accepted(), overridden(outcome="Smith")]})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["issue"][0]["expression"] == ["feedback[1].outcome"]


@pytest.mark.parametrize("entry", ["Smith", None, 7, [accepted()]])
def test_an_entry_that_is_no_object_is_refused(entry: Any):
    assert refused(accepted(), entry) == "feedback[1]"


@pytest.mark.parametrize("value", [None, "", " ", 7, ["Smith"]])
def test_fbk_3_the_card_is_required(value: Any):
    assert refused(accepted(card=value)) == "feedback[0].card"


@pytest.mark.parametrize("value", [None, "", "ignored", "ACCEPTED", 7, ["accepted"]])
def test_fbk_4_the_outcome_is_accepted_or_overridden(value: Any):
    assert refused(accepted(outcome=value)) == "feedback[0].outcome"


@pytest.mark.parametrize("value", [None, [], {}, "Smith"])
def test_fbk_5_fbk_02_accepted_feedback_names_the_suggestions(value: Any):
    assert refused(accepted(acceptedSuggestions=value)) == "feedback[0].acceptedSuggestions"


@pytest.mark.parametrize("value", [["Smith"], [{}], [{"id": ""}], [{"id": 7}]])
def test_fbk_5_each_accepted_suggestion_is_an_object_with_an_id(value: Any):
    assert refused(accepted(acceptedSuggestions=value)) == "feedback[0].acceptedSuggestions[0].id"


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ({}, ()),
        ({"overrideReason": None}, ()),
        ({"overrideReason": {"userComment": "Mrs Smith agrees"}}, ()),
        ({"overrideReason": {"reason": {"code": "data-incorrect", "system": "s"}}}, ("data-incorrect",)),
        ({"overrideReason": {"reason": {"code": "foreign"}, "userComment": "x"}}, ("foreign",)),
    ],
)
def test_fbk_6_fbk_7_every_form_of_an_override_is_read(more: dict[str, Any], reasons: tuple[str, ...]):
    assert codes(read(overridden(**more))) == reasons


@pytest.mark.parametrize("value", [{}, "Smith", [], {"text": "Smith"}])
def test_fbk_6_an_override_reason_with_neither_reason_nor_comment_is_refused(value: Any):
    assert refused(overridden(overrideReason=value)) == "feedback[0].overrideReason"


def test_a_bare_coding_as_override_reason_is_read_as_an_early_sandbox_sent_it():
    assert codes(read(overridden(overrideReason={"code": "data-incorrect", "system": "s"}))) == ("data-incorrect",)


@pytest.mark.parametrize(
    "plural",
    [
        [{"reason": {"code": "data-incorrect"}, "extension": {"com.epic.reason": {"id": "7"}}}],
        [{"code": "data-incorrect", "system": "s"}],
        {"reason": {"code": "data-incorrect"}},
        [{"reason": {"code": "data-incorrect"}}, {"userComment": "Smith"}, "Smith", None],
    ],
)
def test_fbk_04_the_plural_override_reasons_of_epic_are_read_too(plural: Any):
    assert codes(read(overridden(overrideReasons=plural))) == ("data-incorrect",)


def test_fbk_04_an_override_reason_that_is_only_an_extension_is_taken():
    assert codes(read(overridden(overrideReason={"extension": {"com.epic.reason": {"id": "7"}}}))) == ()


@pytest.mark.parametrize(
    "at",
    [
        "2026-06-15T11:59:59Z",
        "2026-06-15T11:59:59.123456789Z",
        "2026-06-15t11:59:59z",
        "2026-06-15T13:59:59+02:00",
        "2016-12-31T23:59:60Z",
        "2026-06-15T12:05:00Z",
    ],
)
def test_fbk_9_fbk_07_rfc_3339_instants_are_taken_with_some_tolerance_for_clocks(at: str):
    assert read(accepted(outcomeTimestamp=at))


def test_an_instant_is_kept_as_that_of_utc_and_a_leap_second_as_the_one_before():
    at = ("2026-06-15T13:59:58+02:00", "2016-12-31T23:59:60Z")
    assert [read(accepted(outcomeTimestamp=one))[0].outcome_at for one in at] == [
        datetime(2026, 6, 15, 11, 59, 58, tzinfo=UTC),
        datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "at",
    [
        None,
        "",
        7,
        "2026-06-15",
        "2026-06-15T09:14:07",
        "2026-06-15 09:14:07Z",
        "2026-02-30T09:14:07Z",
        "2026-06-15T25:14:07Z",
        "Smith",
        (NOW + timedelta(minutes=5, seconds=1)).isoformat(),
    ],
)
def test_fbk_9_fbk_07_anything_else_or_a_time_to_come_is_refused(at: Any):
    assert refused(accepted(outcomeTimestamp=at)) == "feedback[0].outcomeTimestamp"


def test_extensions_and_unknown_members_are_ignored():
    assert read(accepted(extension={"org.example": {}}, unknown=1))[0].outcome == "accepted"


def test_counts_hold_outcomes_and_our_own_reasons_and_foreign_ones_together():
    batch = read(
        accepted(),
        overridden(overrideReason={"reason": {"code": "data-incorrect"}}),
        overridden(overrideReason={"reason": {"code": "Mrs Smith"}}),
    )
    assert count_feedback(batch, {"data-incorrect"}) == {
        "accepted": 1,
        "overridden": 2,
        "data-incorrect": 1,
        "other": 1,
    }


@pytest.fixture
def _logging() -> Iterator[None]:
    configure_logging("info")
    yield
    configure_logging("info")


@pytest.mark.usefixtures("_logging")
def test_fbk_8_log_02_the_log_counts_and_holds_nothing_that_was_sent(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
):
    reason = {"reason": {"code": "MARKER1", "system": "MARKER2", "display": "MARKER3"}, "userComment": "MARKER4"}
    batch = [accepted(card="MARKER5"), overridden(card="MARKER6", overrideReason=reason, MARKER7="MARKER8")]
    batch[0]["acceptedSuggestions"] = [{"id": "MARKER9"}]
    client.post(URL, json={"feedback": batch})
    written = capsys.readouterr().out
    line = json.loads(written)
    assert line["feedback"] == {"accepted": 1, "overridden": 1, "other": 1}
    assert "MARKER" not in written


# -- strict clients -------------------------------------------------------------------------------------------------


def coding(**more: str) -> dict[str, str]:
    return {"code": "titration-in-progress", "system": "https://neuropathy-cds.example.org/CodeSystem/x", **more}


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (accepted(card="never-issued"), "card"),
        (accepted(acceptedSuggestions=[{"id": "Smith"}]), "acceptedSuggestions[0].id"),
        (accepted(outcomeTimestamp="2026-06-15T11:14:07+02:00"), "outcomeTimestamp"),
        (overridden(overrideReason=coding()), "overrideReason"),
        (overridden(overrideReason={"extension": {}}), "overrideReason"),
        (overridden(overrideReason={"reason": "Smith"}), "overrideReason.reason"),
        (overridden(overrideReason={"reason": {"code": "Smith"}}), "overrideReason.reason"),
        (overridden(overrideReason={"userComment": ["Smith"]}), "overrideReason.userComment"),
    ],
    ids=["FBK-3", "FBK-5", "FBK-9", "FBK-6 Coding", "FBK-6 neither", "FBK-7 text", "FBK-7 system", "FBK-8"],
)
def test_fbk_what_is_not_as_specified_is_refused_to_a_strict_client_only(entry: dict[str, Any], field: str):
    body = json.dumps({"feedback": [accepted(), entry]}).encode()
    with pytest.raises(InvalidRequest) as refusal:
        read_feedback(body, NOW, is_strict=True)
    assert refusal.value.field == f"feedback[1].{field}"
    assert "Smith" not in refusal.value.text
    assert len(read_feedback(body, NOW)) == 2


@pytest.mark.parametrize(
    "entry",
    [
        accepted(outcomeTimestamp="2026-06-15T09:14:07.250+00:00"),
        overridden(),
        overridden(overrideReason={"userComment": "seen"}),
        overridden(overrideReason={"reason": coding()}),
        overridden(overrideReason={"reason": coding(display="shown"), "userComment": "seen"}),
        overridden(overrideReason={"reason": coding()}, extension={"com.example": {}}),
    ],
)
def test_fbk_what_is_as_specified_is_read_for_a_strict_client(entry: dict[str, Any]):
    assert len(read_feedback(json.dumps({"feedback": [entry]}).encode(), NOW, is_strict=True)) == 1
