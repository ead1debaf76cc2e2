"""Is HBV DNA detectable? (book 5.2)"""

from __future__ import annotations

from dataclasses import dataclass

from cards.facts import Facts, Finding, Measurement
from cards.hepatology.markers import (
    HBV_DNA,
    TestState,
    is_awaited,
    no_result_line,
    old_result_line,
    result_line,
    results_or_why,
    windows,
)

_AS_FOUND = {
    Finding.POSITIVE: TestState.POSITIVE,
    Finding.NEGATIVE: TestState.NEGATIVE,
    Finding.INDETERMINATE: TestState.INDETERMINATE,
}
_IN_WORDS = {Finding.POSITIVE: "detected", Finding.NEGATIVE: "not detected", Finding.INDETERMINATE: "indeterminate"}


@dataclass(frozen=True, slots=True)
class ViralLoad:
    """HBV DNA: the state of the last weeks, and the newest result, older ones too."""

    state: TestState
    newest: Measurement | None = None
    why: str = ""

    @property
    def is_detected(self) -> bool:
        """Was it detectable in the last weeks?"""
        return self.state is TestState.POSITIVE

    @property
    def line(self) -> str:
        """HBV DNA in one line for a card."""
        if self.newest is None or self.state in (TestState.UNKNOWN, TestState.PENDING):
            return no_result_line("HBV DNA", self.state, self.why)
        found = "unclear" if self.newest.finding is None else _IN_WORDS[self.newest.finding]
        if self.state is TestState.STALE:
            return old_result_line("HBV DNA", self.newest, found, "dna_recent")
        return result_line("HBV DNA", self.newest, found)


def viral_load(facts: Facts) -> ViralLoad:
    """HBV DNA as of today."""
    results, why = results_or_why(facts, HBV_DNA)
    done = [m for m in results if not m.is_pending]
    newest = done[0] if done else None
    if newest is not None and newest.on and facts.is_within(newest.on, int(windows().value("dna_recent"))):
        for other in done:  # one sample may be detected by one test and below what another can count
            if other.finding is Finding.POSITIVE and _is_of_one_sample(other, newest):
                return ViralLoad(TestState.POSITIVE, other)
        if newest.finding is None:
            return ViralLoad(TestState.UNKNOWN, newest, newest.unreadable or "the result could not be read")
        return ViralLoad(_AS_FOUND[newest.finding], newest)
    if why:
        return ViralLoad(TestState.UNKNOWN, why=why)
    if is_awaited(facts, HBV_DNA, results, newest):
        return ViralLoad(TestState.PENDING, newest)
    return ViralLoad(TestState.ABSENT if newest is None else TestState.STALE, newest)


def _is_of_one_sample(one: Measurement, other: Measurement) -> bool:
    """Results of one moment; of one day where either states no time."""
    return one.on == other.on and (one.at == other.at or None in (one.at, other.at))
