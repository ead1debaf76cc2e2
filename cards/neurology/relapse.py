"""Does the record say that a neuropathy has come back? (book 4.1, 4.3)"""

from __future__ import annotations

from collections.abc import Iterable

from cards.facts import Diagnosis

STATUSES = ("relapse", "recurrence")
WORDS = ("relaps", "recurr")


def has_relapsed(diagnoses: Iterable[Diagnosis], reasons: Iterable[Diagnosis]) -> bool:
    """By the clinical status of a diagnosis, or by the words of a diagnosis or of a stated reason."""
    diagnoses = tuple(diagnoses)
    if any(d.clinical_status in STATUSES for d in diagnoses):
        return True
    return any(word in d.display.lower() for d in (*diagnoses, *reasons) for word in WORDS)
