"""What each rule that was asked had to say, in one word: for the log, the metrics and the ledger's tallies."""

from __future__ import annotations

from cards.consult import Considered
from cards.opinion import Advice, CannotTell
from cds_service.ledger.tallies import Said
from cds_service.review import Review
from cds_service.unknowns import why_unknown

SHOWN, SILENT, KEPT_BACK = "shown", "silent", "kept-back"
NOTHING_TO_ADD, CANNOT_TELL, FAILED = "nothing-to-add", "cannot-tell", "failed"


def what_was_said(review: Review) -> list[Said]:
    """(topic, word, why it could not tell) of every opinion. "silent": would have been shown, were the card not silent.

    What a silent card has not got to say is in the same words as that of any other.
    """
    answers = {} if review.collected is None else review.collected.answers
    said = []
    for one in review.considered:
        reason = why_unknown(one.opinion, answers) if isinstance(one.opinion, CannotTell) else ""
        said.append((one.card.knowledge.topic, _word(one), reason))
    return said


def _word(one: Considered) -> str:
    if isinstance(one.opinion, Advice):
        if one.kept_back:
            return KEPT_BACK
        return SILENT if one.is_silent else SHOWN
    if isinstance(one.opinion, CannotTell):
        return FAILED if one.opinion.failed else CANNOT_TELL
    return NOTHING_TO_ADD
