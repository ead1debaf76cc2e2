"""Feedback is stored before it is acknowledged, once, apart from what was said (certification.md A8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.ledger.records import LONGEST_CODE, LONGEST_COMMENT
from tests.cds_service.ledger.books import Books, accepted, everything_in, overridden

STRANGER = "3b0e8a52-9d0a-4b8e-8c1f-5e0c7a52f00d"
SUGGESTION = "9b7a1a58-0a35-4f4b-8d5c-7f3f4e2d6c01"


def test_fbk_01_acknowledged_feedback_is_stored(books: Books) -> None:
    kept = books()
    (card, *_) = kept.call()
    assert kept.report(accepted(card["uuid"], SUGGESTION)) == 200
    (row,) = kept.rows("feedback")
    assert (row["card"], row["outcome"]) == (card["uuid"], "accepted")
    assert json.loads(row["accepted_suggestions"]) == [SUGGESTION]
    assert row["outcome_at"].isoformat() == "2026-06-15T09:14:07.250000+00:00"


def test_fbk_02_one_bad_entry_leaves_nothing_of_the_batch(books: Books) -> None:
    kept = books()
    assert kept.report(overridden(STRANGER), overridden(STRANGER, outcomeTimestamp="2026-06-15")) == 400
    assert kept.rows("feedback") == []


def test_fbk_03_what_is_delivered_again_counts_once(books: Books) -> None:
    kept = books()
    batch = [overridden(STRANGER), accepted(STRANGER, SUGGESTION), overridden(STRANGER)]
    assert [kept.report(*batch) for _ in range(3)] == [200, 200, 200]
    assert sorted(row["outcome"] for row in kept.rows("feedback")) == ["accepted", "overridden"]


@pytest.mark.parametrize("again", [{"outcomeTimestamp": "2026-06-15T11:14:31.000+02:00"}, {"card": STRANGER.upper()}])
def test_fbk_03_the_same_in_another_spelling_is_the_same(books: Books, again: dict[str, Any]) -> None:
    kept = books()
    kept.report(overridden(STRANGER))
    kept.report({**overridden(STRANGER), **again})
    assert len(kept.rows("feedback")) == 1


def test_fbk_10_what_is_reported_later_about_the_same_card_is_another_feedback(books: Books) -> None:
    kept = books()
    kept.report(overridden(STRANGER))
    kept.report(overridden(STRANGER, outcomeTimestamp="2026-06-15T09:20:00Z"))
    assert len(kept.rows("feedback")) == 2


def test_a_comment_that_comes_with_a_second_delivery_is_kept(books: Books) -> None:
    kept = books()
    reason = {"reason": {"code": "data-incorrect"}}
    kept.report(overridden(STRANGER, overrideReason=reason))
    kept.report(overridden(STRANGER, overrideReason={**reason, "userComment": "as discussed"}))
    assert len(kept.rows("feedback")) == 1
    assert [row["comment"] for row in kept.rows("comments")] == ["as discussed"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("overrideReason", {"reason": {"code": "other-code", "system": "urn:x", "display": "Other"}}),
        ("overrideReason", {"code": "other-code", "system": "urn:x", "display": "Other"}),
        ("overrideReasons", [{"reason": {"code": "other-code", "system": "urn:x", "display": "Other"}}]),
        ("overrideReasons", {"code": "other-code", "system": "urn:x", "display": "Other"}),
    ],
)
def test_fbk_04_reasons_are_kept_in_whichever_form_they_come(books: Books, member: str, value: Any) -> None:
    kept = books()
    assert kept.report({**overridden(STRANGER, code=""), member: value}) == 200
    (row,) = kept.rows("feedback")
    assert json.loads(row["reasons"]) == [
        {"code": "other-code", "system": "urn:x", "display": "Other", "is_known": False}
    ]
    assert row["has_reason"]


def test_fbk_04_a_reason_of_ours_is_marked_as_known(books: Books) -> None:
    kept = books()
    kept.report(overridden(STRANGER))
    assert json.loads(kept.rows("feedback")[0]["reasons"])[0]["is_known"] is True


def test_fbk_04_reasons_in_an_extension_are_kept_apart(books: Books) -> None:
    kept = books()
    reasons = [{"extension": {"com.epic.reason": {"id": "7"}}}, {"reason": {"code": "c", "extension": {"x": 1}}}]
    assert kept.report(overridden(STRANGER, code="", overrideReasons=reasons)) == 200
    assert json.loads(kept.rows("comments")[0]["extension"]) == [{"com.epic.reason": {"id": "7"}}, {"x": 1}]


def test_fbk_08_a_comment_stands_apart_and_has_its_length(books: Books) -> None:
    kept = books()
    said = {"reason": {"code": "c" * 1_000}, "userComment": "MARKER " + "x" * 10_000}
    assert kept.report(overridden(STRANGER, overrideReason=said)) == 200
    (row,), (comment,) = kept.rows("feedback"), kept.rows("comments")
    assert "MARKER" not in json.dumps(row, default=str)
    assert len(comment["comment"]) == LONGEST_COMMENT
    assert len(json.loads(row["reasons"])[0]["code"]) == LONGEST_CODE


def test_fbk_05_feedback_on_a_card_that_nobody_issued_is_taken(books: Books) -> None:
    kept = books()
    (card, *_) = kept.call()
    answers = [
        kept.client.post("/cds-services/neuropathy-order-sign/feedback", json={"feedback": [overridden(about)]})
        for about in (card["uuid"], STRANGER)
    ]
    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"received": 1})] * 2


def test_fbk_05_an_id_that_is_no_uuid_is_kept_as_a_hash_for_it_could_be_anything(books: Books) -> None:
    kept = books()
    assert kept.report(accepted("MARKER of Mrs Smith", "MARKER too")) == 200
    assert "MARKER" not in everything_in(kept.address)
    assert len(kept.rows("feedback")[0]["card"]) == 32


@pytest.mark.parametrize("text", ["a\x00b", "𝔸 ü", "'; DROP TABLE feedback; --", "x" * 100_000])
def test_whatever_text_is_sent_is_stored_or_cut_never_an_error(books: Books, text: str) -> None:
    kept = books()
    reason = {"reason": {"code": text, "system": text, "display": text}, "userComment": text}
    assert kept.report(overridden(text, overrideReason=reason)) == 200
    assert len(kept.rows("feedback")) == len(kept.rows("comments")) == 1


def test_an_extension_nested_without_end_is_refused(books: Books) -> None:
    kept = books()
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"a": deep}
    assert kept.report(overridden(STRANGER, overrideReason={"extension": deep})) == 400


def test_a_batch_of_thousands_is_stored_whole(books: Books) -> None:
    kept = books()
    entries = [overridden(f"3b0e8a52-9d0a-4b8e-8c1f-{number:012}") for number in range(3_000)]
    assert kept.report(*entries) == 200
    assert len(kept.rows("feedback")) == 3_000


def test_no_feedback_at_all_is_nothing_to_store(books: Books) -> None:
    kept = books()
    assert kept.report() == 200
    assert kept.rows("feedback") == []
