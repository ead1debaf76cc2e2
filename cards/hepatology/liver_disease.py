"""Is the liver diseased, by diagnosis or by its enzymes? (book 3.1)"""

from __future__ import annotations

from typing import NamedTuple

from cards.bounds import is_above
from cards.facts import Diagnosis, Facts, Measurement
from cards.wording import number, on

# Cirrhosis, portal hypertension and hepatic failure; then other chronic disease, chronic hepatitis B by any code.
ADVANCED = ("advanced_liver_disease", "cirrhosis_hepatic_failure")
CHRONIC = ("chronic_liver_disease", "hbv_chronic_or_carrier")


class Transaminase(NamedTuple):
    """The newest ALT against its upper limit of normal, both in U/L.

    `is_assumed`: the laboratory sent no limit as a number, and the limit is the one of the card's knowledge.
    """

    result: Measurement
    limit: float
    is_assumed: bool

    @property
    def text(self) -> str:
        """ "ALT 150 U/L on 2026-05-26 (upper limit 40 U/L)"."""
        assumed = ", assumed: none was sent as a number" if self.is_assumed else ""
        shown = f"{self.result.comparator}{number(self.result.value or 0)} U/L"
        return f"ALT {shown} on {on(self.result.on)} (upper limit {number(self.limit)} U/L{assumed})"

    def is_above(self, times: float) -> bool:
        """Is it more than so many times the limit? Raises NotKnown where a bound leaves it open."""
        return is_above(self.result, self.limit * times, need="liver_enzymes")


def liver_disease(facts: Facts) -> tuple[Diagnosis, ...]:
    """Current liver disease beyond simple steatosis. Raises NotKnown when the problem list could not be had."""
    return facts.current(*ADVANCED, *CHRONIC)


def transaminase(facts: Facts, *, within_days: int, usual_limit: float) -> Transaminase | None:
    """The newest ALT of these days; None: none on file. Raises NotKnown when it could not be had or read."""
    found = facts.latest("alt", within_days=within_days)
    if found is None:
        return None
    return Transaminase(found, found.upper_limit or usual_limit, not found.upper_limit)
