"""The state of each hepatitis B test, as 5.1 and 5.2 of the book read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding, Measurement
from cards.knowledge import Thresholds, load_thresholds
from cards.pharmacology.exposure import exposures
from cards.suggested_orders import ordered_lately
from cards.wording import on

TABLE = Path(__file__).with_name("hepatitis_b.yaml")
IVIG = ("ivig",)


class TestState(StrEnum):
    """What is known of one test, loudest first (book 5.1)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    STALE = "negative, old"
    INDETERMINATE = "indeterminate"
    PENDING = "pending"
    ABSENT = "none on file"
    UNKNOWN = "could not be checked"


@dataclass(frozen=True, slots=True)
class Marker:
    """How one test is called, where its results and its orders are found, which diagnoses stand for a positive."""

    name: str
    results: tuple[str, ...]
    positive_only: tuple[str, ...]
    ordered: tuple[str, ...]
    diagnoses: tuple[str, ...]
    suggestion: str


HBSAG = Marker(
    "HBsAg",
    ("hbsag",),
    ("hbsag_confirmatory",),
    ("hbsag", "hbv_panel_with_hbsag"),
    ("hbv_surface_antigen_coded",),
    "hbsag",
)
ANTI_HBC = Marker(
    "anti-HBc",
    ("anti_hbc_total", "anti_hbc_igg"),
    (),
    ("anti_hbc_total", "anti_hbc_igg", "hbv_panel_with_anti_hbc"),
    ("hbv_core_antibody_coded",),
    "anti-hbc-total",
)
ANTI_HBS = Marker(
    "anti-HBs",
    ("anti_hbs_qualitative", "anti_hbs_quantitative"),
    (),
    ("anti_hbs_qualitative", "anti_hbs_quantitative", "hbv_panel_with_anti_hbs"),
    (),
    "anti-hbs",
)
HBV_DNA = ("hbv_dna_quantitative", "hbv_dna_qualitative")


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
            return f"{name}: taken as positive from the diagnosis {self.coded[0].label} ({on(self.coded[0].on)})"
        if self.positives and self.state is TestState.POSITIVE:
            return _result_line(name, self.positives[0], "positive")
        if self.newest is not None and self.state in (TestState.NEGATIVE, TestState.STALE, TestState.INDETERMINATE):
            return _result_line(name, self.newest, self.newest.finding or "unclear")
        if self.state is TestState.UNKNOWN:
            return f"{name}: could not be checked" + (f" ({self.why})" if self.why else "")
        if self.state is TestState.PENDING:
            return f"{name}: ordered, no result yet"
        return f"{name}: searched, none found"


@dataclass(frozen=True, slots=True)
class HepatitisB:
    """All that the rules need: both screening tests, anti-HBs, HBV DNA, and when immunoglobulin was infused.

    `infusions` None: the immunoglobulin history is UNKNOWN. `reversed_positive`: a positive anti-HBc of infusion time
    that a later negative outside that window contradicts (book 5.2, first row).
    """

    hbsag: Test
    anti_hbc: Test
    anti_hbs: Test
    dna_detected: Measurement | None
    infusions: tuple[date, ...] | None
    reversed_positive: bool

    @property
    def is_positive(self) -> bool:
        """Is any marker positive (HBsAg, anti-HBc, HBV DNA; never anti-HBs)?"""
        return (
            self.hbsag.state is TestState.POSITIVE
            or self.anti_hbc.state is TestState.POSITIVE
            or self.dna_detected is not None
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes a positive marker uncertain, in words: all of them were recognised by the name of the test."""
        tests = [test for test in (self.hbsag, self.anti_hbc) if test.state is TestState.POSITIVE]
        positives = [m for test in tests for m in test.positives] + ([self.dna_detected] if self.dna_detected else [])
        if any(test.coded for test in tests) or not positives or not all(m.by_text for m in positives):
            return ()
        return ("test recognised by its name only",)


def windows() -> Thresholds:
    """The windows that both rules share."""
    return load_thresholds(TABLE)


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
    dna = _dna_detected(facts)
    reverses = (
        hbsag.state is not TestState.POSITIVE
        and dna is None
        and infusions is not None
        and _contradicted(anti_hbc, infusions)
    )
    if reverses and anti_hbc.newest is not None:
        anti_hbc = Test(anti_hbc.marker, _negative_state(facts, anti_hbc.newest), anti_hbc.newest, anti_hbc.positives)
    return HepatitisB(hbsag, anti_hbc, anti_hbs, dna, infusions, reverses)


def _test(facts: Facts, marker: Marker) -> Test:
    results, why = _results_or_why(facts, marker.results)
    confirmed, _ = _results_or_why(facts, marker.positive_only)
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
    awaited = any(m.is_pending for m in results) or is_ordered(facts, marker.ordered, "test_ordered")
    return _without_positive(facts, marker, newest, is_ordered=awaited)


def _panel_unread(facts: Facts) -> bool:
    """Is there a fresh hepatitis panel whose members were not sent? It may hold the result."""
    days = int(windows().value("fresh"))
    panels, _ = _results_or_why(facts, ("hbv_panels",))
    return any(m.unreadable and m.on is not None and facts.is_within(m.on, days) for m in panels)


def _without_positive(facts: Facts, marker: Marker, newest: Measurement | None, *, is_ordered: bool) -> Test:
    if newest is None:
        return Test(marker, TestState.PENDING if is_ordered else TestState.ABSENT)
    if newest.unreadable or newest.finding is None:
        return Test(marker, TestState.UNKNOWN, newest, why=newest.unreadable or "the result could not be read")
    if newest.finding is Finding.INDETERMINATE:
        return Test(marker, TestState.PENDING if is_ordered else TestState.INDETERMINATE, newest)
    state = _negative_state(facts, newest)
    return Test(marker, TestState.PENDING if is_ordered and state is TestState.STALE else state, newest)


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
        results = _results(facts, marker.results)
    except NotKnown:
        return None
    return next((m.on for m in results if m.finding is Finding.NEGATIVE and m.on is not None), None)


def _results(facts: Facts, concepts: Iterable[str]) -> tuple[Measurement, ...]:
    """Results of several value sets, newest first. Raises NotKnown when none was found and the search is no answer.

    Of results of one moment the one that says less comes first: unreadable, indeterminate, negative.
    """
    found: list[Measurement] = []
    unknown: NotKnown | None = None
    for concept in concepts:
        try:
            found.extend(facts.measurements(concept))
        except NotKnown as error:  # what else is on a first page counts all the same (book 0.6)
            unknown = error
    if unknown is not None and not found:
        raise unknown
    return tuple(sorted(found, key=_recency, reverse=True)) if len(found) > 1 else tuple(found)


def _results_or_why(facts: Facts, concepts: Iterable[str]) -> tuple[tuple[Measurement, ...], str]:
    """(results, why they could not be had: "" where they could)."""
    try:
        return _results(facts, concepts), ""
    except NotKnown as unknown:
        return (), unknown.why or "not supplied"


def _recency(result: Measurement) -> tuple[date, float, bool, bool]:
    at = result.at.timestamp() if result.at is not None else 0.0
    return (result.on or date.min, at, result.finding is None, result.finding is Finding.INDETERMINATE)


def is_ordered(facts: Facts, concepts: tuple[str, ...], window: str) -> bool:
    """Is one of these in the basket, or ordered on record within the window? An unreadable record counts as not."""
    return ordered_lately(facts, concepts, int(windows().value(window)))


def _dna_detected(facts: Facts) -> Measurement | None:
    """The newest HBV DNA of the last weeks, if it was detectable: in any of the results of that sample."""
    try:
        recent = [
            m for m in _results(facts, HBV_DNA) if m.on and facts.is_within(m.on, int(windows().value("dna_recent")))
        ]
    except NotKnown:
        return None
    done = [m for m in recent if not m.is_pending]
    return next((m for m in done if m.finding is Finding.POSITIVE and _is_of_one_sample(m, done[0])), None)


def _is_of_one_sample(one: Measurement, other: Measurement) -> bool:
    """Results of one moment; of one day where either states no time."""
    return one.on == other.on and (one.at == other.at or None in (one.at, other.at))


def _infusions(facts: Facts) -> tuple[date, ...] | None:
    try:
        return tuple(exposure.on for exposure in exposures(facts, *IVIG))
    except NotKnown:
        return None


def _contradicted(anti_hbc: Test, infusions: tuple[date, ...]) -> bool:
    """Positives all sampled at infusion time, then a negative sampled outside it."""
    newest = anti_hbc.newest
    if anti_hbc.coded or not anti_hbc.positives or newest is None or newest.finding is not Finding.NEGATIVE:
        return False
    return not infused_before(newest.on, infusions) and all(infused_before(m.on, infusions) for m in anti_hbc.positives)


def _result_line(name: str, result: Measurement, finding: str) -> str:
    known_by = "recognised by its name only" if result.by_text else f"LOINC {result.code}" if result.code else ""
    where = ", ".join(part for part in (known_by, result.performer) if part)
    return f"{name}: {finding} on {on(result.on)}" + (f" ({where})" if where else "")
