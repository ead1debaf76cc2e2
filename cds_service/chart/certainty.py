"""How sure do the words of a problem sound? For problems that are recognised by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from cards.coding_systems import words


class Certainty(Enum):
    """What the words around a name make of it."""

    STATED = "stated"
    SUSPECTED = "suspected"
    HISTORY = "history"


class Heard(NamedTuple):
    """The part of a text that names what the patient has, and how sure that is; empty: it says something else."""

    text: str
    certainty: Certainty = Certainty.STATED


# Somebody else's, only looked for, or denied.
_OTHERWISE = {
    "absence", "aunt", "brother", "counseling", "counselling", "cousin", "daughter", "denied", "denies", "deny",
    "discussion", "education", "evaluation", "fam", "family", "famhx", "father", "fh", "fhx", "grandfather",
    "grandmother", "maternal", "mother", "negative", "never", "paternal", "refer", "referral", "risk", "screen",
    "screening", "sibling", "sister", "son", "uncle",
}  # fmt: skip
_DENIED_AFTER = {"no", "not", "without", "excluding", "excludes"}
_SUSPECTED = {
    "ausschluss", "concern", "concerning", "ddx", "differential", "doubt", "doubtful", "exclude", "likely", "possible",
    "possibly", "presumed", "presumptive", "probable", "probably", "query", "questionable", "rule", "susp", "suspect",
    "suspected", "suspicion", "unconfirmed", "unlikely", "verdacht", "versus", "vs", "workup",
}  # fmt: skip
_HISTORY = {"former", "history", "hx", "past", "previous", "previously", "prior", "recovered", "remission", "resolved"}

# Clinical shorthand, which would fall apart into single letters.
_SHORT_FORMS = {"r/o": "rule out", "c/f": "concern for", "h/o": "history of", "w/o": "without"}
_SHORT_FORM = re.compile("|".join(rf"\b{short}\b" for short in _SHORT_FORMS), re.IGNORECASE)

_CLAUSE_ENDS = re.compile(r"[,;.()]")
_STILL_OPEN = re.compile(
    r"\b(?:not|cannot|be)(?: (?:be|been|yet|fully|definitely))* (?:excluded|ruled out|confirmed)\b"
)
_DISMISSED = re.compile(r"\b(?:excluded|ruled out|not present|not found)\b|\babsent$")


@lru_cache(maxsize=2_048)  # bounded, because texts come from outside
def heard(text: str) -> Heard:
    """The words that count, up to the first denial: "diabetes without complications" is diabetes.

    A denial goes for the past and for others too: "not in remission" is no history, "no family history" nobody else's.
    """
    written_out = _SHORT_FORM.sub(lambda short: _SHORT_FORMS[short[0].lower()], text)
    clauses = [clause.split() for clause in _upheld(written_out)]
    affirmed = {word for clause in clauses for word in _before_denial(clause)}
    if not _OTHERWISE.isdisjoint(affirmed):
        return Heard("")
    spoken = [word for clause in clauses for word in clause]
    named = " ".join(_before_denial(spoken))
    if "?" in text or not _SUSPECTED.isdisjoint(spoken):
        return Heard(named, Certainty.SUSPECTED)
    if not _HISTORY.isdisjoint(affirmed):
        return Heard(named, Certainty.HISTORY)
    return Heard(named)


def _before_denial(spoken: list[str]) -> Iterator[str]:
    return takewhile(lambda word: word not in _DENIED_AFTER, spoken)


def _upheld(text: str) -> Iterator[str]:
    """The words of each clause but those that dismiss: "DPN, CIDP excluded" is DPN. "Not excluded" is a suspicion."""
    for clause in _CLAUSE_ENDS.split(text):
        spoken = _STILL_OPEN.sub("suspected", " ".join(words(clause)))
        dismissed = _DISMISSED.search(spoken)
        if dismissed is None:
            yield spoken
        elif dismissed.start() == 0:  # "ruled out: CIDP, MMN"
            return
