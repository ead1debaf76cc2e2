"""HBV DNA: never measured, not detected, detected and the other states, with amount and day (book 0.6, 5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from cards.facts import Finding, Measurement
from cards.hepatology.markers import TestState as Known  # pytest would collect a class of that name
from cards.hepatology.viral_load import viral_load
from cards.orders import ServiceOrder
from tests.cards.neurology.charts import UNKNOWN, patient
from tests.cards.pharmacology.charts import ago, present

POSITIVE, NEGATIVE, UNCLEAR = Finding.POSITIVE, Finding.NEGATIVE, Finding.INDETERMINATE


def dna(finding: Finding | None, days: int | None = 20, kind: str = "quantitative", **details: Any) -> Measurement:
    """A result of so many days ago; None: undated."""
    on = None if days is None else ago(days)
    return Measurement(f"hbv_dna_{kind}", on=on, finding=finding, **details)


PENDING = dna(None, 5, is_pending=True)


@pytest.mark.parametrize(
    ("results", "state", "line"),
    [
        ((), Known.ABSENT, "searched, none found"),
        (
            (dna(POSITIVE, 90, received="2000 [IU]/mL"),),
            Known.POSITIVE,
            f"detected on {ago(90)} (2000 [IU]/mL)",
        ),
        ((dna(NEGATIVE, received="<10 [IU]/mL"),), Known.NEGATIVE, f"not detected on {ago(20)} (<10 [IU]/mL)"),
        ((dna(NEGATIVE, kind="qualitative", received="Not detected"),), Known.NEGATIVE, f"not detected on {ago(20)}"),
        ((dna(UNCLEAR),), Known.INDETERMINATE, f"indeterminate on {ago(20)}"),
        ((dna(POSITIVE, 91),), Known.STALE, f"detected on {ago(91)}, old (not of the last 90 days)"),
        ((dna(None, 91),), Known.STALE, f"unclear on {ago(91)}, old (not of the last 90 days)"),
        ((dna(POSITIVE, None),), Known.STALE, "detected, undated"),
        ((dna(None),), Known.UNKNOWN, "could not be checked (the result could not be read)"),
        ((dna(None, unreadable="see comment"),), Known.UNKNOWN, "could not be checked (see comment)"),
        ((PENDING,), Known.PENDING, "ordered, no result yet"),
        ((PENDING, dna(NEGATIVE, 91)), Known.PENDING, "ordered, no result yet"),
        ((PENDING, dna(POSITIVE, 30, "qualitative")), Known.POSITIVE, f"detected on {ago(30)}"),
        ((dna(NEGATIVE, 5), dna(POSITIVE, 30, "qualitative")), Known.NEGATIVE, f"not detected on {ago(5)}"),
    ],
)
def test_the_newest_result_of_the_last_weeks_counts(results: tuple[Measurement, ...], state: Known, line: str) -> None:
    found = viral_load(patient(hbv_markers=present(*results)))
    assert (found.state, found.line, found.is_detected) == (state, f"HBV DNA: {line}", state is Known.POSITIVE)


@pytest.mark.parametrize(("days", "state"), [(14, Known.PENDING), (15, Known.ABSENT)])
def test_an_order_of_two_weeks_is_awaited(days: int, state: Known) -> None:
    ordered = ServiceOrder("s1", frozenset({"hbv_dna_quantitative"}), authored_on=ago(days))
    assert viral_load(patient(hbv_markers=present(), service_requests=present(ordered))).state is state


def test_a_search_without_an_answer_says_why() -> None:
    found = viral_load(patient(hbv_markers=UNKNOWN))
    assert (found.state, found.line) == (Known.UNKNOWN, "HBV DNA: could not be checked (the search was refused)")
