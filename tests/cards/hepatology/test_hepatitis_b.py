"""The state of each hepatitis B test: newest result, diagnoses that stand for one, passive antibody (book 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cards.facts import Diagnosis, Finding, Measurement, State, Supplied
from cards.hepatology.hepatitis_b import HepatitisB, hepatitis_b, infused_before
from cards.hepatology.markers import TestState as Known  # pytest would collect a class of that name
from cards.orders import ServiceOrder
from tests.cards.neurology.charts import IVIG, UNKNOWN, diagnosis, given, ordered, patient
from tests.cards.pharmacology.charts import ago, present

POSITIVE, NEGATIVE, UNCLEAR = Finding.POSITIVE, Finding.NEGATIVE, Finding.INDETERMINATE
NO_IVIG = Supplied(State.ABSENT)


def result(concept: str, finding: Finding | None, days: int | None = 20, **details: Any) -> Measurement:
    """A result of so many days ago; None: undated."""
    return Measurement(concept, on=None if days is None else ago(days), finding=finding, **details)


def hbsag(finding: Finding | None, days: int | None = 20, **details: Any) -> Measurement:
    """HBsAg."""
    return result("hbsag", finding, days, **details)


def core(finding: Finding | None, days: int | None = 20, **details: Any) -> Measurement:
    """Total anti-HBc."""
    return result("anti_hbc_total", finding, days, **details)


def status(*results: Measurement, problems: tuple[Diagnosis, ...] = (), **supplied: Supplied) -> HepatitisB:
    """The hepatitis B status of a chart with these results."""
    return hepatitis_b(patient(*problems, hbv_markers=present(*results), **supplied))


PRELIMINARY = f"registered or preliminary {ago(1)}"

# -- one test ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "state", "line"),
    [
        ((), Known.ABSENT, "searched, none found"),
        ((hbsag(NEGATIVE, 365),), Known.NEGATIVE, f"negative on {ago(365)}"),
        ((hbsag(NEGATIVE, 366),), Known.STALE, f"negative on {ago(366)}, old (not of the last 365 days)"),
        ((hbsag(NEGATIVE, None),), Known.STALE, "negative, undated"),
        ((hbsag(UNCLEAR),), Known.INDETERMINATE, f"indeterminate on {ago(20)}"),
        ((hbsag(POSITIVE, 4000),), Known.POSITIVE, f"positive on {ago(4000)}"),
        ((hbsag(None, 1, is_pending=True),), Known.PENDING, f"{PRELIMINARY}, no final result yet"),
        ((hbsag(None, 1, is_pending=True), hbsag(NEGATIVE)), Known.NEGATIVE, f"negative on {ago(20)}"),
        (
            (hbsag(None, 1, is_pending=True), hbsag(NEGATIVE, 400)),
            Known.PENDING,
            f"negative on {ago(400)}, repeat awaited",
        ),
        ((hbsag(POSITIVE, 1, is_pending=True),), Known.PENDING, f"{PRELIMINARY}, no final result yet"),
        (
            (hbsag(POSITIVE, 15, is_pending=True),),
            Known.UNKNOWN,
            f"could not be checked (registered or preliminary {ago(15)}, no final result yet)",
        ),
        ((hbsag(None),), Known.UNKNOWN, f"could not be checked (result of {ago(20)}: could not be read)"),
        (
            (hbsag(None, unreadable="see comment"),),
            Known.UNKNOWN,
            f"could not be checked (result of {ago(20)}: see comment)",
        ),
        (
            (hbsag(NEGATIVE, unreadable="two results"),),
            Known.UNKNOWN,
            f"could not be checked (result of {ago(20)}: two results)",
        ),
        ((hbsag(None, None),), Known.UNKNOWN, "could not be checked (could not be read)"),
        ((hbsag(NEGATIVE, code="5195-3"),), Known.NEGATIVE, f"negative on {ago(20)} (LOINC 5195-3)"),
        (
            (hbsag(NEGATIVE, code="5195-3", performer="Lab"),),
            Known.NEGATIVE,
            f"negative on {ago(20)} (LOINC 5195-3, Lab)",
        ),
        ((hbsag(NEGATIVE, received="non-reactive"),), Known.NEGATIVE, f"negative on {ago(20)}"),
        ((hbsag(NEGATIVE, received="0.02 [IU]/mL"),), Known.NEGATIVE, f"negative on {ago(20)} (0.02 [IU]/mL)"),
        ((hbsag(NEGATIVE, performer="Lab"),), Known.NEGATIVE, f"negative on {ago(20)} (Lab)"),
    ],
)
def test_the_newest_result_tells_the_state(results: tuple[Measurement, ...], state: Known, line: str) -> None:
    found = status(*results).hbsag
    assert (found.state, found.line) == (state, f"HBsAg: {line}")


def test_a_positive_of_any_day_goes_before_a_newer_negative() -> None:
    found = status(hbsag(NEGATIVE, 5), hbsag(POSITIVE, 900), hbsag(POSITIVE, 500)).hbsag
    assert (found.state, found.positive_on, found.line) == (
        Known.POSITIVE,
        ago(500),
        f"HBsAg: positive on {ago(500)}; negative on {ago(5)}",
    )
    undated = status(hbsag(POSITIVE, None), hbsag(POSITIVE, 900)).hbsag
    assert undated.positive_on == ago(900)
    assert status(hbsag(POSITIVE, None)).hbsag.positive_on is None


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (core(UNCLEAR, 20), f"positive on {ago(500)}; indeterminate on {ago(20)}"),
        (core(None, 20), f"positive on {ago(500)}; not readable on {ago(20)}"),
        (core(NEGATIVE, 500), f"positive on {ago(500)}"),
        (core(NEGATIVE, None), f"positive on {ago(500)}"),
        (core(POSITIVE, 20), f"positive on {ago(20)}"),
    ],
)
def test_what_was_found_since_a_positive_is_told_beside_it(other: Measurement, line: str) -> None:
    assert status(core(POSITIVE, 500), other).anti_hbc.line == f"anti-HBc: {line}"


def test_what_was_found_since_a_coded_disease_is_told_beside_it() -> None:
    coded = f"HBsAg: taken as positive from the diagnosis B18.1 ({ago(900)})"
    for days, since in ((30, f"; negative on {ago(30)}"), (1000, "")):
        assert status(hbsag(NEGATIVE, days), problems=(diagnosis("B18.1", 900),)).hbsag.line == f"{coded}{since}"


def test_a_test_that_is_no_screen_is_named_where_the_screen_is_missing() -> None:
    found = status(result("anti_hbc_igm", NEGATIVE), result("hbsag_confirmatory", NEGATIVE))
    assert found.anti_hbc.line == f"anti-HBc: searched, none found (IgM of {ago(20)} does not count)"
    assert found.hbsag.line == f"HBsAg: searched, none found (confirmatory test of {ago(20)} does not count)"
    measured = status(result("anti_hbc_igm", NEGATIVE), core(NEGATIVE))
    assert measured.anti_hbc.line == f"anti-HBc: negative on {ago(20)}"
    assert status(result("anti_hbc_igm", None, is_pending=True)).anti_hbc.line == "anti-HBc: searched, none found"


def test_a_confirmation_counts_when_positive_and_for_nothing_else() -> None:
    assert status(result("hbsag_confirmatory", POSITIVE)).hbsag.state is Known.POSITIVE
    assert status(result("hbsag_confirmatory", NEGATIVE)).hbsag.state is Known.ABSENT
    assert status(result("hbsag_confirmatory", POSITIVE, is_pending=True)).hbsag.state is Known.ABSENT


def test_of_one_day_the_result_that_says_less_counts() -> None:
    for weaker, state in ((None, Known.UNKNOWN), (UNCLEAR, Known.INDETERMINATE)):
        for results in ((core(NEGATIVE), core(weaker)), (core(weaker), core(NEGATIVE))):
            assert status(*results).anti_hbc.state is state
    assert status(core(None), core(UNCLEAR)).anti_hbc.state is Known.UNKNOWN


def test_of_one_day_the_later_hour_counts_and_a_dated_result_before_an_undated_one() -> None:
    morning, evening = (datetime(2026, 5, 26, hour, tzinfo=UTC) for hour in (8, 20))
    assert status(core(UNCLEAR, at=morning), core(NEGATIVE, at=evening)).anti_hbc.state is Known.NEGATIVE
    assert status(core(NEGATIVE, at=morning), core(UNCLEAR, at=evening)).anti_hbc.state is Known.INDETERMINATE
    assert status(core(UNCLEAR, None), result("anti_hbc_igg", NEGATIVE)).anti_hbc.state is Known.NEGATIVE


@pytest.mark.parametrize(
    ("panel", "state"),
    [
        (result("hbv_panels", None, 365, unreadable="members not sent"), Known.UNKNOWN),
        (result("hbv_panels", None, 366, unreadable="members not sent"), Known.ABSENT),
        (result("hbv_panels", None, None, unreadable="members not sent"), Known.ABSENT),
        (result("hbv_panels", None), Known.ABSENT),
    ],
)
def test_a_recent_panel_without_its_members_may_hold_the_result(panel: Measurement, state: Known) -> None:
    found = status(panel, core(NEGATIVE))
    assert (found.hbsag.state, found.anti_hbc.state) == (state, Known.NEGATIVE)


def test_a_search_without_an_answer_is_unknown_and_says_why() -> None:
    for supplied, why in ((UNKNOWN, "the search was refused"), (Supplied(State.UNKNOWN), "not supplied")):
        found = hepatitis_b(patient(hbv_markers=supplied))
        assert found.hbsag.line == f"HBsAg: could not be checked ({why})"
        assert not found.is_positive


def test_a_repeat_that_is_ordered_makes_an_unclear_and_an_old_result_pending() -> None:
    ordered = present(ServiceOrder("s1", frozenset({"hbsag"}), authored_on=ago(3)))
    for finding, days, state in (
        (UNCLEAR, 20, Known.PENDING),
        (NEGATIVE, 400, Known.PENDING),
        (NEGATIVE, 20, Known.NEGATIVE),
    ):
        assert status(hbsag(finding, days), service_requests=ordered).hbsag.state is state


@pytest.mark.parametrize(("days", "state"), [(2, Known.PENDING), (3, Known.INDETERMINATE), (4, Known.INDETERMINATE)])
def test_an_order_that_the_unclear_result_answered_is_no_repeat(days: int, state: Known) -> None:
    ordered = present(ServiceOrder("s1", frozenset({"hbsag"}), authored_on=ago(days)))
    found = status(hbsag(UNCLEAR, 3), service_requests=ordered).hbsag
    assert found.state is state
    assert found.line.startswith(f"HBsAg: indeterminate on {ago(3)}")


@pytest.mark.parametrize(("days", "state"), [(14, Known.PENDING), (15, Known.UNKNOWN), (None, Known.PENDING)])
def test_a_result_that_is_not_final_is_awaited_for_two_weeks(days: int | None, state: Known) -> None:
    found = status(hbsag(None, days, is_pending=True)).hbsag
    assert found.state is state
    assert "registered or preliminary" in found.line


# -- diagnoses that stand for a positive ------------------------------------------------------------------------------


def test_a_coded_disease_stands_for_a_positive_and_a_result_goes_before_it() -> None:
    found = status(problems=(diagnosis("B18.1", 900),)).hbsag
    assert (found.state, found.positive_on) == (Known.POSITIVE, ago(900))
    assert found.line == f"HBsAg: taken as positive from the diagnosis B18.1 ({ago(900)})"
    both = status(hbsag(POSITIVE, 30), problems=(diagnosis("B18.1", 900),)).hbsag
    assert both.line == f"HBsAg: positive on {ago(30)}"


@pytest.mark.parametrize(
    ("negatives", "begun", "is_positive"),
    [
        ((hbsag(NEGATIVE), core(NEGATIVE)), 21, False),
        ((hbsag(NEGATIVE), core(NEGATIVE)), 20, True),
        ((hbsag(NEGATIVE), core(NEGATIVE)), None, False),
        ((hbsag(NEGATIVE),), 900, True),
        ((core(NEGATIVE),), 900, True),
        ((hbsag(NEGATIVE), core(NEGATIVE, None)), 900, True),
        ((hbsag(NEGATIVE), core(NEGATIVE, 901)), 900, True),
        ((hbsag(NEGATIVE), core(UNCLEAR)), 900, True),
    ],
)
def test_it_is_refuted_only_where_both_tests_were_negative_later(
    negatives: tuple[Measurement, ...], begun: int | None, is_positive: bool
) -> None:
    assert status(*negatives, problems=(diagnosis("B18.1", begun),)).is_positive is is_positive


def test_a_suspicion_and_words_stand_for_nothing() -> None:
    assert not status(problems=(diagnosis("B18.1", 30, is_suspected=True),)).is_positive
    assert not status(problems=(diagnosis("B18.1", 30, by_text=True),)).is_positive
    assert hepatitis_b(patient(conditions=UNKNOWN, hbv_markers=present(hbsag(NEGATIVE)))).hbsag.state is Known.NEGATIVE


# -- immunoglobulin ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(0, True), (90, True), (91, False), (-1, False)])
def test_an_infusion_counts_up_to_and_on_the_day_of_the_sample(days: int, expected: bool) -> None:
    assert infused_before(ago(100), [ago(100 + days)]) is expected
    assert not infused_before(None, [ago(100)])


DURING, AFTER = core(POSITIVE, 480), core(NEGATIVE, 20)


def passive(*results: Measurement, infused: tuple[int, ...] = (500,), **details: Any) -> HepatitisB:
    """The status of somebody who had immunoglobulin."""
    return status(*results, medication_administrations=given(IVIG, *infused), **details)


def test_a_positive_of_infusion_time_is_reversed_by_a_negative_outside_it() -> None:
    found = passive(DURING, AFTER)
    assert (found.reversed_positive, found.is_positive, found.anti_hbc.state) == (True, False, Known.NEGATIVE)
    assert found.anti_hbc.line == f"anti-HBc: negative on {ago(20)}"
    assert passive(DURING, core(NEGATIVE, 366)).anti_hbc.state is Known.STALE
    assert passive(DURING, AFTER, infused=(900, 500)).reversed_positive, "one infusion before the sample is enough"


@pytest.mark.parametrize(
    ("status_of_order", "is_reversed"), [("active", True), ("completed", True), ("stopped", False), ("on-hold", False)]
)
def test_an_order_that_was_carried_out_shows_an_infusion_where_no_dose_could_be_read(
    status_of_order: str, is_reversed: bool
) -> None:
    orders = ordered(IVIG, 500, status=status_of_order)
    found = status(DURING, AFTER, medication_administrations=UNKNOWN, medication_orders=orders)
    assert found.reversed_positive is is_reversed


@pytest.mark.parametrize(
    "read",
    [
        lambda: passive(DURING, AFTER, infused=(500, 110)),
        lambda: passive(DURING, AFTER, core(POSITIVE, 900)),
        lambda: passive(DURING, core(UNCLEAR, 20)),
        lambda: passive(DURING, AFTER, hbsag(POSITIVE)),
        lambda: passive(DURING, AFTER, result("hbv_dna_qualitative", POSITIVE)),
        lambda: passive(DURING, AFTER, problems=(diagnosis("B16.9", 10),)),
        lambda: passive(DURING, AFTER, infused=(479,)),
        lambda: status(DURING, AFTER, medication_administrations=UNKNOWN, medication_orders=UNKNOWN),
        lambda: status(DURING, AFTER, medication_administrations=NO_IVIG),
    ],
    ids=[
        "the negative is of infusion time too",
        "a positive before it",
        "no negative",
        "HBsAg positive",
        "DNA detected",
        "coded",
        "infused after the sample",
        "history unknown",
        "no infusion",
    ],
)
def test_nothing_else_reverses_it(read: Callable[[], HepatitisB]) -> None:
    found = read()
    assert (found.reversed_positive, found.anti_hbc.state) == (False, Known.POSITIVE)


# -- anti-HBs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "problems", "is_doubtful"),
    [
        ((hbsag(POSITIVE, by_text=True),), (), True),
        ((hbsag(POSITIVE),), (), False),
        ((hbsag(POSITIVE, by_text=True), hbsag(POSITIVE, 400)), (), False),
        ((hbsag(POSITIVE, by_text=True), core(POSITIVE)), (), False),
        ((hbsag(POSITIVE, by_text=True), core(POSITIVE, by_text=True)), (), True),
        ((hbsag(POSITIVE, by_text=True), core(NEGATIVE)), (), True),
        ((core(POSITIVE, by_text=True),), (diagnosis("B18.1", 900),), False),
        ((result("hbv_dna_quantitative", POSITIVE, by_text=True),), (), True),
        ((result("hbv_dna_quantitative", POSITIVE), hbsag(POSITIVE, by_text=True)), (), False),
        ((hbsag(POSITIVE, by_text=True), result("hbv_dna_quantitative", NEGATIVE)), (), True),
        ((hbsag(NEGATIVE, by_text=True),), (), False),
        ((), (), False),
    ],
)
def test_markers_known_by_the_name_of_the_test_only_are_in_doubt(
    results: tuple[Measurement, ...], problems: tuple[Diagnosis, ...], is_doubtful: bool
) -> None:
    assert bool(status(*results, problems=problems).doubts) is is_doubtful


def test_a_result_known_by_name_only_says_so_in_its_line() -> None:
    assert status(hbsag(POSITIVE, by_text=True)).hbsag.line.endswith("(recognised by its name only)")


MORNING, LATER = (datetime(2026, 5, 26, hour, tzinfo=UTC) for hour in (8, 9))


@pytest.mark.parametrize(
    ("counted", "seen", "is_detected"),
    [
        (None, None, True),
        (MORNING, MORNING, True),
        (MORNING, None, True),
        (None, MORNING, True),
        (LATER, MORNING, False),
        (MORNING, LATER, True),
    ],
)
def test_detected_beside_less_than_can_be_counted_in_one_sample_is_detected(
    counted: datetime | None, seen: datetime | None, is_detected: bool
) -> None:
    below = result("hbv_dna_quantitative", NEGATIVE, at=counted)
    detected = result("hbv_dna_qualitative", POSITIVE, at=seen)
    for results in ((below, detected), (detected, below)):
        assert status(*results).dna.is_detected is is_detected


def test_detected_dna_alone_is_a_positive_marker() -> None:
    found = status(result("hbv_dna_quantitative", POSITIVE), hbsag(NEGATIVE), core(NEGATIVE))
    assert (found.dna.is_detected, found.is_positive) == (True, True)


def test_anti_hbs_is_never_a_positive_marker() -> None:
    found = status(result("anti_hbs_qualitative", POSITIVE))
    assert (found.anti_hbs.state, found.is_positive) == (Known.POSITIVE, False)
