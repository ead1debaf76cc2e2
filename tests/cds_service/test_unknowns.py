"""Why something is unknown has one word of a short list, whatever the sentence on the card."""

from __future__ import annotations

import pytest

from cards.opinion import CannotTell
from cds_service.fhir.bundle import Answer, unknown
from cds_service.hooks import fhir_server
from cds_service.unknowns import OTHER, REASONS, why_unknown, word

SENTENCES = {
    name: text
    for name, text in vars(fhir_server).items()
    if name.isupper() and name[0] != "_" and isinstance(text, str)
}


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_everything_that_goes_wrong_with_a_fhir_server_has_its_word(name: str) -> None:
    assert word(SENTENCES[name]) in REASONS - {OTHER}


def test_a_sentence_that_nobody_listed_is_never_its_own_word() -> None:
    assert word("Smith, John: 4.2 mg/dL") == OTHER


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (unknown(fhir_server.LATE), "late"),
        (unknown("the query failed"), "other"),
        (Answer("unknown", why="only records of another patient were sent", foreign=2), "other-patient"),
        (Answer("present", is_complete=False), "incomplete"),
        (Answer("present"), "value-unclear"),
    ],
)
def test_a_rule_cannot_tell_because_of_the_answer_that_it_missed(answer: Answer, reason: str) -> None:
    assert why_unknown(CannotTell("no creatinine", ("renal_function",)), {"renal_function": answer}) == reason


def test_a_rule_that_failed_or_met_an_order_that_is_unclear_says_so() -> None:
    assert why_unknown(CannotTell("this rule failed", failed=True), {}) == "rule-failed"
    assert why_unknown(CannotTell("free text", ("order",)), {}) == "order-unclear"
