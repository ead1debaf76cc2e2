"""Why something could not be known, as one of a few words: what metrics and traces may say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cards.opinion import CannotTell
from cds_service.fhir.bundle import Answer
from cds_service.hooks import fhir_reply

OTHER: Final = "other"
RULE_FAILED, INCOMPLETE, OTHER_PATIENT = "rule-failed", "incomplete", "other-patient"
ORDER_UNCLEAR, VALUE_UNCLEAR = "order-unclear", "value-unclear"

_WORDS: Mapping[str, str] = {
    fhir_reply.LATE: "late",
    fhir_reply.UNREACHABLE: "unreachable",
    fhir_reply.NOT_TRUSTED: "not-trusted",
    fhir_reply.REFUSED: "refused",
    fhir_reply.NOT_FOUND: "not-found",
    fhir_reply.NOT_ACCEPTED: "not-accepted",
    fhir_reply.FAILED: "server-failed",
    fhir_reply.REDIRECTED: "redirected",
    fhir_reply.TOO_LARGE: "too-large",
    fhir_reply.UNREADABLE: "unreadable",
    fhir_reply.NOT_ALLOWED: "not-allowed",
    fhir_reply.NOT_SUPPLIED: "not-supplied",
    fhir_reply.NO_TOKEN: "no-access",
}
REASONS = frozenset({*_WORDS.values(), RULE_FAILED, INCOMPLETE, OTHER_PATIENT, ORDER_UNCLEAR, VALUE_UNCLEAR, OTHER})


def word(why: str) -> str:
    """The word for the reason of a `Reply` or an `Answer`, which is written for a card."""
    return _WORDS.get(why, OTHER)


def why_unknown(opinion: CannotTell, answers: Mapping[str, Answer]) -> str:
    """Why a rule could not tell, from the answers to the data requests that it missed."""
    if opinion.failed:
        return RULE_FAILED
    for need in opinion.missing:
        answer = answers.get(need)
        if answer is not None and answer.state == "unknown":
            return OTHER_PATIENT if answer.foreign else word(answer.why)
        if answer is not None and not answer.is_complete:
            return INCOMPLETE
    return ORDER_UNCLEAR if "order" in opinion.missing else VALUE_UNCLEAR
