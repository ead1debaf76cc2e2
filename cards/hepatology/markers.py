"""Hepatitis B markers: how their results and orders are found, and how they read on a card (book 1.9, 5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts, Finding, Measurement
from cards.knowledge import Thresholds, load_thresholds
from cards.suggested_orders import lately_ordered
from cards.wording import on

TABLE = Path(__file__).with_name("hepatitis_b.yaml")


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
    """How one test is called, where its results and its orders are found, which diagnoses stand for a positive.

    `no_screen`: the test that does not replace it when negative, as a concept and in words (book 1.9, H2).
    """

    name: str
    results: tuple[str, ...]
    positive_only: tuple[str, ...]
    no_screen: tuple[str, str]
    ordered: tuple[str, ...]
    diagnoses: tuple[str, ...]
    suggestion: str


HBSAG = Marker(
    "HBsAg",
    ("hbsag",),
    ("hbsag_confirmatory",),
    ("hbsag_confirmatory", "confirmatory test"),
    ("hbsag", "hbv_panel_with_hbsag"),
    ("hbv_surface_antigen_coded",),
    "hbsag",
)
ANTI_HBC = Marker(
    "anti-HBc",
    ("anti_hbc_total", "anti_hbc_igg"),
    (),
    ("anti_hbc_igm", "IgM"),
    ("anti_hbc_total", "anti_hbc_igg", "hbv_panel_with_anti_hbc"),
    ("hbv_core_antibody_coded",),
    "anti-hbc-total",
)
ANTI_HBS = Marker(
    "anti-HBs",
    ("anti_hbs_qualitative", "anti_hbs_quantitative"),
    (),
    ("", ""),
    ("anti_hbs_qualitative", "anti_hbs_quantitative", "hbv_panel_with_anti_hbs"),
    (),
    "anti-hbs",
)
HBV_DNA = ("hbv_dna_quantitative", "hbv_dna_qualitative")


def windows() -> Thresholds:
    """The windows that both rules share."""
    return load_thresholds(TABLE)


def results_of(facts: Facts, concepts: Iterable[str]) -> tuple[Measurement, ...]:
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


def results_or_why(facts: Facts, concepts: Iterable[str]) -> tuple[tuple[Measurement, ...], str]:
    """(results, why they could not be had: "" where they could)."""
    try:
        return results_of(facts, concepts), ""
    except NotKnown as unknown:
        return (), unknown.why or "not supplied"


def _recency(result: Measurement) -> tuple[date, float, bool, bool]:
    at = result.at.timestamp() if result.at is not None else 0.0
    return (result.on or date.min, at, result.finding is None, result.finding is Finding.INDETERMINATE)


def is_awaited(
    facts: Facts, ordered: tuple[str, ...], results: Iterable[Measurement], newest: Measurement | None
) -> bool:
    """Is a result to come: in the basket, ordered on record or registered lately? An unreadable record counts as not.

    What is not later than the newest result is what that result answered, though its order may stay active.
    """
    days = int(windows().value("test_ordered"))
    orders = [None if order.is_draft else order.authored_on for order in lately_ordered(facts, ordered, days)]
    registered = [m.on for m in results if m.is_pending and (m.on is None or facts.is_within(m.on, days))]
    answered = None if newest is None else newest.on
    return any(day is None or answered is None or day > answered for day in (*orders, *registered))


def result_line(name: str, result: Measurement, finding: str) -> str:
    """A result in one line for a card: finding, day, amount, code, laboratory."""
    measured = result.received if any(map(str.isdigit, result.received)) else ""
    known_by = "recognised by its name only" if result.by_text else f"LOINC {result.code}" if result.code else ""
    where = ", ".join(part for part in (measured, known_by, result.performer) if part)
    day = f" on {on(result.on)}" if result.on is not None else ", undated"
    return f"{name}: {finding}{day}" + (f" ({where})" if where else "")


def old_result_line(name: str, result: Measurement, finding: str, window: str) -> str:
    """A result that is not of the days of this window."""
    old = "" if result.on is None else f", old (not of the last {windows().value(window):g} days)"
    return result_line(name, result, finding) + old


def no_result_line(name: str, state: TestState, why: str) -> str:
    """Why there is no result to show."""
    if state is TestState.UNKNOWN:
        return f"{name}: could not be checked" + (f" ({why})" if why else "")
    if state is TestState.PENDING:
        return f"{name}: {why or 'ordered, no result yet'}"
    return f"{name}: searched, none found" + (f" ({why})" if why else "")


def never_final(results: Iterable[Measurement]) -> str:
    """The newest result that is registered or preliminary only, in words; empty where there is none."""
    found = next((m for m in results if m.is_pending), None)
    return "" if found is None else f"registered or preliminary {on(found.on)}, no final result yet"
