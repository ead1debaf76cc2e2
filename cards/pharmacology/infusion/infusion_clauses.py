"""Which part of an order's words is about its infusions, and which about other drugs, monitoring or the past?"""

from __future__ import annotations

import re
from functools import lru_cache

from cards.orders import Amount, DoseLine
from cards.pharmacology.infusion.infusion_words import InfusionWords
from cards.pharmacology.infusion.stated_doses import in_grams, is_near, stated_doses

_CLAUSES = re.compile(r"(?<=[;\n])|(?<=\.\s)")  # each with its end
# a clause about another drug, monitoring or the past, where no dose goes before
_ASIDE = re.compile(
    r"^(?:(?!\d\s*(?:m?g|gm|grams?)\b).)*\b(?:(?P<drug>pre-?med\w*|paracetamol|acetaminophen|tylenol|ibuprofen"
    r"|chlorphen(?:ir)?amine|diphenhydramine|benadryl|cetirizine|loratadine|predniso\w+|methylprednisolone"
    r"|hydrocortisone|dexamethasone|saline)|(?P<monitoring>blood\s+\w+|hydrat\w+|flush|vitals?|monitor\w*|(?:re)?check"
    r"|labs?|cbc|cmp|bmp|creatinine|trough|headache)|(?:last|previous|prior|earlier)\s+(?:dose|course|infusion))\b",
    re.IGNORECASE,
)
_NEXT_PHASE = re.compile(r"\b(?:then|thereafter|followed by|maintenance)\b", re.IGNORECASE)


def words_of(line: DoseLine) -> InfusionWords:
    """What the texts of a dose line say about its infusions, asides left out."""
    code = line.timing.code if line.timing else ""
    return _read(tuple(text for text in (line.text, line.patient_instruction, code) if text))


@lru_cache(maxsize=256)  # bounded, because texts come from outside; several rules read the same ones
def _read(texts: tuple[str, ...]) -> InfusionWords:
    return InfusionWords(" ".join(map(without_asides, texts)))


def without_asides(text: str) -> str:
    """A text without what it says about other drugs, monitoring and the past; whole where only that states a dose."""
    rest = "".join(clause for clause in _CLAUSES.split(text) if not _is_aside(clause))
    is_told = InfusionWords(rest).says_when or stated_doses(rest)
    return rest if is_told or not stated_doses(text) else text


def phase_of(text: str, amount: Amount) -> str:
    """Of loading and maintenance in one text the one that states this dose, empty where neither does; else the text."""
    before, *rest = _NEXT_PHASE.split(text, maxsplit=1)
    after = "".join(rest)
    is_maintained = not _has_interval(before) and _has_interval(after)
    if not (is_maintained and stated_doses(before) and stated_doses(after)):
        return text
    own = in_grams(amount)
    for phase in (before, after):
        if own and any(d.is_per_kg == own.is_per_kg and is_near(d.grams, own.grams) for d in stated_doses(phase)):
            return phase
    return ""


def _has_interval(text: str) -> bool:
    return InfusionWords(text).interval_days is not None


def _is_aside(clause: str) -> bool:
    """Does a clause speak of something else, and not of a dose of these infusions beside it?"""
    match = _ASIDE.search(clause)
    if match is None:
        return False
    if match["drug"]:  # "paracetamol 1 g"
        return not any(dose.is_per_kg for dose in stated_doses(clause))
    return not (match["monitoring"] and stated_doses(clause))
