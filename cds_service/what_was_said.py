"""What each rule that was asked had to say, in one word: for the log, the metrics and the ledger's tallies."""

from __future__ import annotations

from collections.abc import Iterable

from cards.opinion import CannotTell, NothingToAdd
from cds_service.ledger.tallies import Said
from cds_service.review import Review
from cds_service.unknowns import why_unknown

SHOWN, SILENT, KEPT_BACK = "shown", "silent", "kept-back"
NOTHING_TO_ADD, CANNOT_TELL, FAILED = "nothing-to-add", "cannot-tell", "failed"
_IN_LOG = {word: word.replace("-", " ") for word in (SHOWN, SILENT, KEPT_BACK, NOTHING_TO_ADD, CANNOT_TELL, FAILED)}


def what_was_said(review: Review) -> list[Said]:
    """(topic, word, why it could not tell) of every opinion. "silent": would have been shown, were the card not silent.

    Where a silent card has nothing to add, cannot tell or fails, the word is the same as for any other card.
    """
    answers = {} if review.collected is None else review.collected.answers
    said = []
    for card, _, opinion, kept_back, _ in review.considered:
        reason = ""
        if isinstance(opinion, NothingToAdd):
            what = NOTHING_TO_ADD
        elif isinstance(opinion, CannotTell):
            what, reason = FAILED if opinion.failed else CANNOT_TELL, why_unknown(opinion, answers)
        else:
            what = KEPT_BACK if kept_back else SILENT if card.is_silent else SHOWN
        said.append((card.knowledge.topic, what, reason))
    return said


def count_opinions(said: Iterable[Said]) -> tuple[dict[str, int], dict[str, int]]:
    """How often each word was said, as the log spells it ("kept back"), and each reason why a rule could not tell."""
    opinions: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for _, what, reason in said:  # a Counter costs more than all there is to count
        word = _IN_LOG[what]
        opinions[word] = opinions.get(word, 0) + 1
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
    return opinions, reasons
