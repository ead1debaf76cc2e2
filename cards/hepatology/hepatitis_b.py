"""The state of each hepatitis B test, as 5.1 and 5.2 of the book read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding, Measurement
from cards.hepatology.markers import (
    ANTI_HBC,
    ANTI_HBS,
    HBSAG,
    Marker,
    TestState,
    is_awaited,
    never_final,
    no_result_line,
    old_result_line,
    result_line,
    results_of,
    results_or_why,
    windows,
)
from cards.hepatology.viral_load import ViralLoad, viral_load
from cards.pharmacology.exposure import Exposure, exposures_dispensed, exposures_given, orders_taken
from cards.wording import on

IVIG = ("ivig",)
CARRIED_OUT = ("active", "completed")  # statuses of an order that was infused for all the record says
REPEATABLE = (TestState.INDETERMINATE, TestState.STALE)  # a repeat that is to come answers them (book 0.7.5)


@dataclass(frozen=True, slots=True)
class Test:
    """One test: its state, its newest result, and what made it positive if anything did."""

    marker: Marker
    state: TestState
    newest: Measurement | None = None
    positives: tuple[Measurement, ...] = ()
    coded: tuple[Diagnosis, ...] = ()
    why: str = ""

    @property
    def positive_on(self) -> date | None:
        """Date of the newest positive result, else of the coded disease."""
        days = [m.on for m in self.positives] or [d.on for d in self.coded]
        return max((day for day in days if day is not None), default=None)

    @property
    def line(self) -> str:
        """The test in one line for a card."""
        name = self.marker.name
        if self.coded and not self.positives:
            coded = f"{self.coded[0].label} ({on(self.coded[0].on)})"
            return f"{name}: taken as positive from the diagnosis {coded}{self._since}"
        if self.positives and self.state is TestState.POSITIVE:
            return f"{result_line(name, self.positives[0], 'positive')}{self._since}"
        if self.newest is not None and self.state is TestState.STALE:
            return old_result_line(name, self.newest, "negative", "fresh")
        if self.newest is not None and self.state in (TestState.NEGATIVE, TestState.INDETERMINATE):
            return result_line(name, self.newest, self.newest.finding or "unclear")
        if self.newest is not None and self.state is TestState.PENDING:
            return f"{result_line(name, self.newest, self.newest.finding or 'unclear')}, repeat awaited"
        if self.newest is not None and self.newest.on is not None and self.why:
            return no_result_line(name, self.state, f"result of {on(self.newest.on)}: {self.why}")
        return no_result_line(name, self.state, self.why)

    @property
    def _since(self) -> str:
        """What was found since the positive that counts, which never expires; empty where nothing was."""
        newest, positive = self.newest, self.positive_on
        if newest is None or newest in self.positives or newest.on is None or (positive and newest.on <= positive):
            return ""
        return f"; {newest.finding or 'not readable'} on {on(newest.on)}"


@dataclass(frozen=True, slots=True)
class HepatitisB:
    """All that the rules need: both screening tests, anti-HBs, HBV DNA, and when immunoglobulin was infused.

    `infusions` None: the immunoglobulin history is UNKNOWN. `reversed_positive`: a positive anti-HBc of infusion time
    that a later negative outside that window contradicts (book 5.2, first row).
    """

    hbsag: Test
    anti_hbc: Test
    anti_hbs: Test
    dna: ViralLoad
    infusions: tuple[date, ...] | None
    reversed_positive: bool

    @property
    def is_positive(self) -> bool:
        """Is any marker positive (HBsAg, anti-HBc, HBV DNA; never anti-HBs)?"""
        return (
            self.hbsag.state is TestState.POSITIVE or self.anti_hbc.state is TestState.POSITIVE or self.dna.is_detected
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes a positive marker uncertain, in words: all of them were recognised by the name of the test."""
        tests = [test for test in (self.hbsag, self.anti_hbc) if test.state is TestState.POSITIVE]
        positives = [m for test in tests for m in test.positives]
        if self.dna.is_detected and self.dna.newest is not None:
            positives.append(self.dna.newest)
        if any(test.coded for test in tests) or not positives or not all(m.by_text for m in positives):
            return ()
        return ("test recognised by its name only",)


def hepatitis_b(facts: Facts) -> HepatitisB:
    """The hepatitis B status as of today, worked out once per call."""
    return facts.once(_hepatitis_b)


def infused_before(sample: date | None, infusions: Iterable[date]) -> bool:
    """Was immunoglobulin infused in the window up to and including the sample date?"""
    days = int(windows().value("passive_window"))
    return sample is not None and any(0 <= (sample - infusion).days <= days for infusion in infusions)


def _hepatitis_b(facts: Facts) -> HepatitisB:
    infusions = _infusions(facts)
    hbsag, anti_hbc, anti_hbs = (_test(facts, marker) for marker in (HBSAG, ANTI_HBC, ANTI_HBS))
    dna = viral_load(facts)
    reverses = (
        hbsag.state is not TestState.POSITIVE
        and not dna.is_detected
        and infusions is not None
        and _contradicted(anti_hbc, infusions)
    )
    if reverses and anti_hbc.newest is not None:
        anti_hbc = Test(anti_hbc.marker, _negative_state(facts, anti_hbc.newest), anti_hbc.newest, anti_hbc.positives)
    return HepatitisB(hbsag, anti_hbc, anti_hbs, dna, infusions, reverses)


def _test(facts: Facts, marker: Marker) -> Test:
    results, why = results_or_why(facts, marker.results)
    confirmed, _ = results_or_why(facts, marker.positive_only)
    done = tuple(m for m in results if not m.is_pending)
    positives = tuple(m for m in (*done, *confirmed) if m.finding is Finding.POSITIVE and not m.is_pending)
    newest = done[0] if done else None
    coded = _coded(facts, marker)
    if positives or coded:
        return Test(marker, TestState.POSITIVE, newest, positives, coded)
    if why:
        return Test(marker, TestState.UNKNOWN, why=why)
    if not done and _panel_unread(facts):
        return Test(marker, TestState.UNKNOWN, why="a hepatitis panel came without readable members")
    if newest is None:
        return _without_result(facts, marker, results)
    if newest.unreadable or newest.finding is None:
        return Test(marker, TestState.UNKNOWN, newest, why=newest.unreadable or "could not be read")
    is_unclear = newest.finding is Finding.INDETERMINATE
    state = TestState.INDETERMINATE if is_unclear else _negative_state(facts, newest)
    is_repeated = state in REPEATABLE and is_awaited(facts, marker.ordered, results, newest)
    return Test(marker, TestState.PENDING if is_repeated else state, newest)


def _without_result(facts: Facts, marker: Marker, results: tuple[Measurement, ...]) -> Test:
    """Nothing final: awaited, or missing. What was registered long ago may have become a result that is not seen."""
    why = never_final(results)
    if is_awaited(facts, marker.ordered, results, None):
        return Test(marker, TestState.PENDING, why=why)
    if why:
        return Test(marker, TestState.UNKNOWN, why=why)
    return Test(marker, TestState.ABSENT, why=_no_screen(facts, marker))


def _no_screen(facts: Facts, marker: Marker) -> str:
    """What was measured in place of a missing test and does not count as it, in words; empty where nothing was."""
    concept, words = marker.no_screen
    results, _ = results_or_why(facts, (concept,) if concept else ())
    found = next((m for m in results if not m.is_pending), None)
    return "" if found is None else f"{words} of {on(found.on)} does not count"


def _panel_unread(facts: Facts) -> bool:
    """Is there a fresh hepatitis panel whose members were not sent? It may hold the result."""
    days = int(windows().value("fresh"))
    panels, _ = results_or_why(facts, ("hbv_panels",))
    return any(m.unreadable and m.on is not None and facts.is_within(m.on, days) for m in panels)


def _negative_state(facts: Facts, negative: Measurement) -> TestState:
    fresh = negative.on is not None and facts.is_within(negative.on, int(windows().value("fresh")))
    return TestState.NEGATIVE if fresh else TestState.STALE


def _coded(facts: Facts, marker: Marker) -> tuple[Diagnosis, ...]:
    """Coded hepatitis B counts as a positive marker unless both tests were negative later (book 5.1)."""
    try:
        found = facts.diagnoses(*marker.diagnoses) if marker.diagnoses else ()
    except NotKnown:
        return ()
    found = tuple(d for d in found if not d.is_suspected and not d.by_text)
    negatives = [_last_negative(facts, other) for other in (HBSAG, ANTI_HBC)] if found else []
    return tuple(d for d in found if not all(n is not None and (d.on is None or n > d.on) for n in negatives))


def _last_negative(facts: Facts, marker: Marker) -> date | None:
    try:
        results = results_of(facts, marker.results)
    except NotKnown:
        return None
    return next((m.on for m in results if m.finding is Finding.NEGATIVE and m.on is not None), None)


def _infusions(facts: Facts) -> tuple[date, ...] | None:
    """Days of immunoglobulin, newest first; None: nothing found, and a record could not be had.

    An order that was stopped or held shows no infusion: taken for one it would call an infection passive (book H3).
    """
    days: set[date] = set()
    is_unknown = False
    for read in (exposures_given, exposures_dispensed, _ordered):
        try:
            days.update(exposure.on for exposure in read(facts, IVIG))
        except NotKnown:
            is_unknown = True
    return None if is_unknown and not days else tuple(sorted(days, reverse=True))


def _ordered(facts: Facts, concepts: tuple[str, ...]) -> list[Exposure]:
    orders = (order for order in orders_taken(facts, concepts) if order.status in CARRIED_OUT)
    return [Exposure(order.authored_on, order.drug) for order in orders if order.authored_on is not None]


def _contradicted(anti_hbc: Test, infusions: tuple[date, ...]) -> bool:
    """Positives all sampled at infusion time, then a negative sampled outside it."""
    newest = anti_hbc.newest
    if anti_hbc.coded or not anti_hbc.positives or newest is None or newest.finding is not Finding.NEGATIVE:
        return False
    return not infused_before(newest.on, infusions) and all(infused_before(m.on, infusions) for m in anti_hbc.positives)
