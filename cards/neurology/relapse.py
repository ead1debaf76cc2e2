"""Does the record say that a neuropathy has come back? (book 4.1, 4.3)"""

from __future__ import annotations

from collections.abc import Iterable

from cards.facts import Diagnosis
from cards.neurology.phenotype import IN_SHORT, WORSE_AGAIN, is_neuropathy

IN_WORDS = "relapse"
OWN = (IN_SHORT, "neuropathic_symptoms")


def has_relapsed(diagnoses: Iterable[Diagnosis], reasons: Iterable[Diagnosis]) -> bool:
    """By the clinical status or the words of a diagnosis, or by the words of a reason that names no other disease."""
    return any(d.clinical_status in WORSE_AGAIN or d.is_a(IN_WORDS) for d in diagnoses) or any(
        reason.is_a(IN_WORDS) and (is_neuropathy(reason) or reason.is_a(*OWN) or _names_nothing_else(reason))
        for reason in reasons
    )


def _names_nothing_else(reason: Diagnosis) -> bool:
    return not reason.code and reason.concepts == {IN_WORDS}
