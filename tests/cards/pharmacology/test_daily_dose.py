"""Dose lines add up to a daily dose: phases, several drafts, after-dialysis lines (book 1.5, vectors of 1.11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.errors import NotKnown
from cards.orders import Amount, DoseLine, Drug, Hook, MedicationOrder, Timing, group_by_drug
from cards.pharmacology.daily_dose import daily_dose, order_dose
from tests.cards.pharmacology.charts import CAPSULE_75, a_day, line, mg, order, signed

DAYS_7 = {"lasts_days": 7}


def doses(*lines: DoseLine) -> tuple[float, float, float]:
    """Start, final and peak daily dose of an order in mg."""
    dose = order_dose(order(*lines))
    return dose.start_mg, dose.final_mg, dose.peak_mg


def lengths(*lines: DoseLine) -> list[tuple[float, float | None]]:
    """Daily dose in mg and days of each phase."""
    return [(phase.high, phase.days) for phase in order_dose(order(*lines)).phases]


def test_lines_without_numbers_are_added() -> None:
    dose = order_dose(order(line(mg(75), a_day(2)), line(mg(150), Timing(when=("HS",)))))
    assert (dose.start_mg, dose.final_mg, dose.peak_mg) == (300, 300, 300)
    assert dose.steps == ("75 mg × 2/day = 150 mg/day + 150 mg × 1/day = 150 mg/day; together 300 mg/day",)


@pytest.mark.parametrize(
    ("dose", "timing"),
    [
        (100, Timing(frequency=1, period=480, period_unit="min")),
        (50, Timing(frequency=1, period=240, period_unit="min")),
        (700, Timing(frequency=3, period=1, period_unit="wk")),
    ],
)
def test_fractions_of_a_day_make_no_dose_a_little_smaller(dose: float, timing: Timing) -> None:
    assert doses(line(mg(dose), timing)) == (300, 300, 300)
    assert doses(line(mg(dose), timing), line(mg(75), a_day(2))) == (450, 450, 450)


def test_a_dated_phase_before_one_without_dates_is_as_long_as_its_dates_say() -> None:
    week = a_day(1, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 21))
    assert lengths(line(mg(150), week, sequence=1), line(mg(300), a_day(1), sequence=2)) == [(150, 7), (300, None)]
    # without numbers the two overlap, for all that is said
    assert doses(line(mg(150), week), line(mg(300), a_day(1))) == (450, 450, 450)


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        ({"starts_on": date(2026, 6, 15), "ends_on": date(2026, 6, 15)}, 1),
        ({"starts_on": date(2026, 6, 15), "ends_on": date(2026, 6, 14)}, None),
        ({"starts_on": date(2026, 6, 15)}, None),
        ({"ends_on": date(2026, 6, 21)}, None),
    ],
)
def test_only_a_first_and_a_last_day_tell_how_long_a_phase_is(dates: dict[str, date], days: int | None) -> None:
    first, second = line(mg(150), a_day(1, **dates), sequence=1), line(mg(300), a_day(1), sequence=2)
    assert lengths(first, second) == [(150, days), (300, None)]


def test_lines_of_one_number_are_added_for_as_long_as_each_lasts() -> None:
    week, fortnight = a_day(1, **DAYS_7), a_day(1, lasts_days=14)
    lines = [line(mg(300), week, sequence=1), line(mg(150), fortnight, sequence=1)]
    assert lengths(*lines) == [(450, 7), (150, 7)]
    assert lengths(*lines, line(mg(75), a_day(1), sequence=2)) == [(450, 7), (150, 7), (75, None)]


def test_numbered_lines_are_phases() -> None:
    first, second = line(mg(50), a_day(3, **DAYS_7), sequence=1), line(mg(100), a_day(3), sequence=2)
    assert doses(first, second) == (150, 300, 300)
    assert doses(second, first) == (150, 300, 300), "the numbers count, not the order in which they are written"
    assert order_dose(order(first, second)).minimum_mg == 150


def test_numbered_lines_without_lengths_are_phases_all_the_same() -> None:
    dose = order_dose(order(line(mg(50), a_day(3), sequence=1), line(mg(100), a_day(3), sequence=2)))
    assert (dose.start_mg, dose.final_mg) == (150, 300)
    assert dose.steps == ("phase 1: 50 mg × 3/day = 150 mg/day", "phase 2: 100 mg × 3/day = 300 mg/day")


@pytest.mark.parametrize(
    "length",
    [
        {},
        {"lasts_days": 6},
        {"starts_on": date(2026, 6, 15)},
        {"starts_on": date(2026, 6, 15), "ends_on": date(2026, 7, 15)},
    ],
)
def test_numbered_lines_that_may_be_the_doses_of_one_day_are_not_read(length: dict[str, Any]) -> None:
    own = {"lasts_days": length["lasts_days"]} if "lasts_days" in length else {}
    morning = line(mg(150), Timing(when=("MORN",), **length), sequence=1)
    evening = line(mg(75), Timing(when=("EVE",), **own), sequence=2)
    dose = order_dose(order(morning, evening))
    assert (dose.status, "times of day" in dose.why) == ("unknown", True)
    assert doses(morning._replace(sequence=None), evening._replace(sequence=None))[0] == 225


def test_numbered_lines_for_times_of_day_are_phases_where_lengths_or_a_common_time_tell() -> None:
    evening = line(mg(75), Timing(when=("EVE",)), sequence=1)
    both = line(mg(75), Timing(when=("MORN", "EVE")), sequence=2)
    assert doses(evening, both) == (75, 150, 150)
    week = line(mg(75), Timing(times_of_day=("20:00",), lasts_days=7), sequence=1)
    assert lengths(week, line(mg(75), Timing(times_of_day=("08:00", "21:00")), sequence=2)) == [(75, 7), (150, None)]


def test_a_line_without_a_number_runs_through_the_numbered_phases() -> None:
    through = line(mg(25), a_day(1))
    phases = line(mg(50), a_day(3), sequence=1), line(mg(100), a_day(3), sequence=2)
    assert lengths(*phases, through) == [(175, None), (325, None)]


def test_durations_that_follow_one_another_are_phases() -> None:
    dose = order_dose(order(line(mg(50), a_day(3, **DAYS_7)), line(mg(100), a_day(3))))
    assert (dose.start_mg, dose.final_mg, dose.peak_mg, dose.is_taper) == (150, 300, 300, False)
    assert dose.steps == ("phase 1: 50 mg × 3/day = 150 mg/day for 7 days", "phase 2: 100 mg × 3/day = 300 mg/day")


def test_equal_durations_run_side_by_side() -> None:
    assert doses(line(mg(75), a_day(1, **DAYS_7)), line(mg(150), a_day(1, **DAYS_7))) == (225, 225, 225)


def test_a_bounded_line_after_an_open_one_runs_beside_it() -> None:
    assert lengths(line(mg(75), a_day(1)), line(mg(50), a_day(1, **DAYS_7))) == [(125, 7), (75, None)]


def test_lines_around_an_open_one_run_beside_it() -> None:
    week, fortnight = line(mg(300), a_day(1, **DAYS_7)), line(mg(75), a_day(1, lasts_days=14))
    assert doses(week, line(mg(150), a_day(1)), fortnight) == (525, 150, 525)


@pytest.mark.parametrize(
    ("timing", "days"),
    [
        (a_day(1, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 21)), 7),
        (a_day(1, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 15)), 1),
        (a_day(1, starts_on=date(2026, 6, 15), lasts_days=7), 7),
        (a_day(1, lasts_days=1), 1),
        (a_day(1, ends_on=date(2026, 6, 21)), None),
        (a_day(1), None),
    ],
)
def test_a_single_line_lasts_from_its_first_to_its_last_day(timing: Timing, days: float | None) -> None:
    assert lengths(line(mg(75), timing)) == [(75, days)]


def test_periods_that_follow_one_another_are_phases() -> None:
    june = a_day(3, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 21))
    later = a_day(3, starts_on=date(2026, 6, 22))
    assert doses(line(mg(50), june), line(mg(100), later)) == (150, 300, 300)


def test_a_period_may_end_on_the_day_on_which_the_next_begins() -> None:
    june = a_day(3, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 22))
    later = a_day(3, starts_on=date(2026, 6, 22), lasts_days=30)
    assert doses(line(mg(50), june), line(mg(100), later)) == (150, 300, 300)


def test_periods_that_overlap_are_added_even_when_numbered() -> None:
    month = {"starts_on": date(2026, 6, 15), "ends_on": date(2026, 7, 15)}
    morning, evening = line(mg(75), a_day(1, **month), sequence=1), line(mg(150), a_day(1, **month), sequence=2)
    assert doses(morning, evening) == (225, 225, 225)


def test_a_gap_between_periods_is_no_phase() -> None:
    first = a_day(1, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2))
    second = a_day(1, starts_on=date(2026, 6, 10), ends_on=date(2026, 6, 12))
    assert len(order_dose(order(line(mg(75), first), line(mg(50), second))).phases) == 2


def test_a_period_that_ends_before_it_starts_is_no_dosage_alone_or_beside_another() -> None:
    reversed_period = line(mg(75), a_day(1, starts_on=date(2026, 6, 15), ends_on=date(2026, 6, 1)))
    later = line(mg(75), a_day(1, starts_on=date(2026, 6, 20)))
    assert [order_dose(order(*lines)).status for lines in ((reversed_period,), (reversed_period, later))] == [
        "unknown",
        "unknown",
    ]


@pytest.mark.parametrize(
    "timing",
    [a_day(1, lasts_days=0.0), a_day(1, lasts_days=-3.0), a_day(1, starts_on=date(2026, 6, 15), lasts_days=0.0)],
)
def test_a_single_line_that_lasts_no_time_is_no_dosage(timing: Timing) -> None:
    dose = order_dose(order(line(mg(75), timing)))
    assert (dose.status, "duration" in dose.why) == ("unknown", True)


def test_falling_phases_are_a_taper() -> None:
    falling = [line(mg(dose), a_day(1, **DAYS_7), sequence=number) for number, dose in ((1, 300), (2, 150), (3, 75))]
    assert order_dose(order(*falling)).is_taper
    assert not order_dose(order(*falling[:1])).is_taper


def test_a_dip_is_no_taper() -> None:
    phases = [line(mg(dose), a_day(1, **DAYS_7), sequence=number) for number, dose in ((1, 300), (2, 150), (3, 150))]
    assert not order_dose(order(*phases)).is_taper


def test_after_dialysis_lines_are_kept_apart() -> None:
    dose = order_dose(order(line(mg(25), a_day(1)), line(mg(50), None, after_dialysis=True)))
    assert (dose.final_mg, dose.post_dialysis_mg, dose.is_only_after_dialysis) == (25, 50, False)
    assert dose.steps[-1] == "50 mg after dialysis"
    assert order_dose(order(line(mg(25), a_day(1)))).post_dialysis_mg is None


def test_an_order_for_after_dialysis_only_has_no_daily_dose() -> None:
    dose = order_dose(order(line(mg(50), None, after_dialysis=True)))
    assert (dose.peak_mg, dose.post_dialysis_mg, dose.is_only_after_dialysis) == (0, 50, True)
    assert not order_dose(order()).is_only_after_dialysis, "what cannot be read is not known to be for it"


def test_what_is_given_several_times_a_day_is_no_supplement_whatever_its_words() -> None:
    dose = order_dose(order(line(mg(300), a_day(2), after_dialysis=True)))
    assert (dose.final_mg, dose.post_dialysis_mg) == (600, None)


@pytest.mark.parametrize("timing", [a_day(1), Timing(frequency=3, period=1, period_unit="wk"), Timing(frequency=0)])
def test_once_a_day_and_less_may_be_a_supplement(timing: Timing) -> None:
    dose = order_dose(order(line(mg(75), a_day(1)), line(mg(100), timing, after_dialysis=True)))
    assert (dose.final_mg, dose.post_dialysis_mg) == (75, 100)


@pytest.mark.parametrize("numbers", [(None, None), (None, 2)])
def test_a_single_dose_beside_daily_ones_counts_on_the_first_day_only(numbers: tuple[int | None, int | None]) -> None:
    once, daily = numbers
    lines = line(mg(150), Timing(count=1), sequence=once), line(mg(75), a_day(2), sequence=daily)
    dose = order_dose(order(*lines))
    assert (dose.start_mg, dose.peak_mg, dose.final_mg) == (300, 300, 150)
    assert (dose.is_taper, dose.is_one_time) == (False, False)
    assert dose.steps[0].endswith("together 300 mg/day for 1 day")


def test_a_single_dose_beside_numbered_stages_counts_on_the_first_day_only() -> None:
    stages = [line(mg(75), a_day(at, lasts_days=7), sequence=at) for at in (1, 2)]
    dose = order_dose(order(line(mg(150), Timing(count=1)), *stages))
    assert [phase.high for phase in dose.phases] == [225, 75, 150]


def test_a_single_draft_beside_a_daily_one_counts_for_the_peak_only() -> None:
    dose = daily_dose(signed(order(line(mg(150), Timing(count=1))), order(line(mg(150), a_day(2)), id="2")))
    assert (dose.peak_mg, dose.final_mg, dose.is_taper, dose.is_one_time) == (450, 300, False, False)
    dose = daily_dose(signed(*(order(line(mg(150), Timing(count=1)), id=str(at)) for at in (1, 2))))
    assert (dose.peak_mg, dose.final_mg) == (300, 300)


@pytest.mark.parametrize(
    "once",
    [
        Timing(count=1, starts_on=date(2026, 6, 15)),
        Timing(events=(date(2026, 6, 15),)),
        a_day(1, count=1, starts_on=date(2026, 6, 15)),
    ],
)
def test_a_single_dose_on_its_day_is_over_when_daily_ones_begin(once: Timing) -> None:
    now, later = line(mg(60), once), line(mg(40), a_day(1, starts_on=date(2026, 6, 16)))
    assert lengths(now, later) == [(60, 1), (40, None)]
    assert daily_dose(signed(order(now), order(later, id="2"))).peak_mg == 60


def test_a_single_dose_on_the_day_on_which_daily_ones_begin_is_added() -> None:
    day = date(2026, 6, 15)
    assert lengths(line(mg(60), Timing(events=(day,))), line(mg(40), a_day(1, starts_on=day))) == [(100, 1), (40, None)]


def test_a_count_of_doses_from_a_day_on_ends_when_they_are_given() -> None:
    second = line(mg(40), a_day(1, starts_on=date(2026, 6, 22)))
    for count in ({"count": 14}, {"count": 10, "count_max": 14}):
        first = line(mg(30), a_day(2, starts_on=date(2026, 6, 15), **count))
        assert lengths(first, second) == [(60, 7), (40, None)]


def test_a_line_with_an_end_alone_runs_until_the_next_begins() -> None:
    first = a_day(3, ends_on=date(2026, 6, 21))
    second = a_day(3, starts_on=date(2026, 6, 22))
    dose = order_dose(order(line(mg(50), first), line(mg(100), second)))
    assert [(phase.high, phase.days) for phase in dose.phases] == [(150, None), (300, None)]
    drafts = order(line(mg(50), first)), order(line(mg(100), second), id="2")
    assert daily_dose(signed(*drafts)).peak_mg == 300


def test_a_line_with_an_end_alone_runs_beside_one_that_begins_before_its_end() -> None:
    lines = (
        line(mg(50), a_day(3, ends_on=date(2026, 6, 30))),
        line(mg(100), a_day(3, starts_on=date(2026, 6, 22))),
    )
    assert [phase.high for phase in order_dose(order(*lines)).phases] == [150, 450, 300]


def test_ends_without_any_beginning_are_no_calendar() -> None:
    lines = [line(mg(dose), a_day(1, ends_on=date(2026, 6, 21 + dose))) for dose in (1, 2)]
    assert order_dose(order(*lines)).peak_mg == 3


def test_a_dose_by_body_size_counts_by_what_it_comes_to() -> None:
    by_weight = line(Amount(1, 1, "mg/kg"), a_day(1))
    assert order_dose(order(by_weight)).status == "unknown"
    assert order_dose(order(by_weight._replace(calculated=Amount(80, 80, "mg")))).final_mg == 80


def test_as_needed_may_be_nothing_and_may_be_all() -> None:
    dose = order_dose(order(line(mg(75), a_day(2), as_needed=True)))
    assert (dose.minimum_mg, dose.peak_mg, dose.is_as_needed) == (0, 150, True)
    regular, needed = order(line(mg(75), a_day(2))), order(line(mg(75), a_day(2), as_needed=True), id="2")
    both = daily_dose(signed(regular, needed))
    assert (both.minimum_mg, both.peak_mg, both.is_as_needed) == (150, 300, True)


def test_a_range_counts_with_its_high_end_and_shows_both() -> None:
    dose = order_dose(order(line(mg(50, 75), a_day(3))))
    assert (dose.minimum_mg, dose.final_mg) == (150, 225)
    assert dose.steps == ("50–75 mg × 3/day = 150–225 mg/day",)


def test_free_text_is_marked() -> None:
    in_words, coded = line(mg(75), a_day(2), from_text=True), line(mg(75), a_day(1))
    assert order_dose(order(in_words, coded)).status == "parsed-text"


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (line(None, a_day(2)),),
        (line(mg(75), None),),
        (line(mg(75), a_day(2), unreadable="dose is words"),),
        (line(mg(75), a_day(2)), line(mg(0), a_day(1))),
        (line(mg(75), a_day(2, lasts_days=0)),),
        (line(mg(75), a_day(2, lasts_days=0)), line(mg(75), a_day(2))),
        (line(mg(75), a_day(2)), line(Amount(1, 1, "mg/kg"), None, after_dialysis=True)),
    ],
)
def test_what_cannot_be_read_is_unknown_and_says_why(lines: tuple[DoseLine, ...]) -> None:
    dose = order_dose(order(*lines))
    assert dose.status == "unknown"
    assert dose.why
    with pytest.raises(NotKnown):
        _ = dose.peak_mg


def test_a_single_dose_is_recognised() -> None:
    dose = order_dose(order(line(mg(150), Timing(count=1))))
    assert (dose.is_one_time, dose.peak_mg, dose.steps) == (True, 150, ("150 mg once",))


# -- several drafts -------------------------------------------------------------------------------------------------


def test_drafts_of_one_drug_are_added() -> None:
    dose = daily_dose(signed(order(line(mg(150), a_day(1))), order(line(mg(300), a_day(1)), id="2")))
    assert (dose.minimum_mg, dose.final_mg, dose.peak_mg) == (450, 450, 450)
    assert dose.steps == ("150 mg × 1/day = 150 mg/day", "300 mg × 1/day = 300 mg/day", "together 450 mg/day")


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        # by the code of a tablet, by the name or the ingredient
        ({"systemic_corticosteroid", "corticosteroid_systemic_clinical_drugs"}, {"systemic_corticosteroid"}, True),
        ({"tricyclic", "tricyclic_ingredients"}, {"tricyclic"}, True),
        ({"ivig"}, {"ivig", "ivig_ndc"}, True),
        ({"ivig"}, {"scig"}, False),
        ({"rituximab"}, {"rituximab", "rituximab_hyaluronidase"}, False),
        ({"opioid", "opioid_clinical_drugs"}, {"opioid", "renal_risk_drug", "nsaid_ingredients"}, False),
    ],
)
def test_drafts_of_one_drug_are_one_however_it_is_coded(one: set[str], other: set[str], is_one: bool) -> None:
    drafts = [order(drug=Drug("drug", frozenset(concepts))) for concepts in (one, other)]
    assert len(group_by_drug(drafts, Hook.ORDER_SIGN)) == (1 if is_one else 2)


@pytest.mark.parametrize(
    ("replaced_by_1", "replaced_by_2", "left"),
    [
        ((), (), ["1", "2"]),
        ((), ("1",), ["2"]),
        (("2",), (), ["1"]),
        (("2",), ("1",), ["1", "2"]),
        (("1",), (), ["1", "2"]),
        ((), ("3",), ["1", "2"]),
    ],
)
def test_a_draft_that_another_one_replaces_does_not_count(
    replaced_by_1: tuple[str, ...], replaced_by_2: tuple[str, ...], left: list[str]
) -> None:
    drafts = [
        order(line(mg(150), a_day(1)), id=name, replaces=frozenset(replaced))
        for name, replaced in (("1", replaced_by_1), ("2", replaced_by_2))
    ]
    [group] = group_by_drug(drafts, Hook.ORDER_SIGN)
    assert [draft.id for draft in group.drafts] == left
    assert daily_dose(group).final_mg == 150 * len(left)


def test_one_unreadable_draft_makes_the_sum_unknown() -> None:
    assert daily_dose(signed(order(line(mg(150), a_day(1))), order(id="2"))).status == "unknown"


def test_phases_of_drafts_are_added_phase_by_phase() -> None:
    steps = order(line(mg(50), a_day(3), sequence=1), line(mg(100), a_day(3), sequence=2))
    dose = daily_dose(signed(steps, order(line(mg(25), a_day(1), from_text=True), id="2")))
    assert (dose.start_mg, dose.final_mg, dose.peak_mg, dose.status) == (175, 325, 325, "parsed-text")
    assert dose.steps[-1] == "together 325 mg/day"


@pytest.mark.parametrize(("rises_to", "is_taper"), [(200, True), (250, False), (300, False)])
def test_drafts_are_a_taper_where_one_is_and_the_sum_ends_lower(rises_to: float, is_taper: bool) -> None:
    def steps(first: float, second: float, number: int) -> MedicationOrder:
        lines = line(mg(first), a_day(1, **DAYS_7), sequence=1), line(mg(second), a_day(1), sequence=2)
        return order(*lines, id=str(number))

    assert daily_dose(signed(steps(300, 150, 1), steps(100, rises_to, 2))).is_taper is is_taper


def test_drafts_of_different_months_are_not_added() -> None:
    june = a_day(1, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))
    july = a_day(1, starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 31))
    dose = daily_dose(signed(order(line(mg(150), june)), order(line(mg(300), july), id="2")))
    assert (dose.start_mg, dose.final_mg, dose.peak_mg) == (150, 300, 300)


def test_supplements_of_drafts_are_added() -> None:
    drafts = [order(line(mg(50), None, after_dialysis=True), id=str(number)) for number in (1, 2)]
    assert daily_dose(signed(*drafts)).post_dialysis_mg == 100


def test_capsules_of_different_strength_are_added_in_milligrams() -> None:
    counted = order(line(Amount(1, 1, "count"), a_day(2)), drug=CAPSULE_75)
    assert daily_dose(signed(counted, order(line(mg(150), a_day(1)), id="2"))).final_mg == 300


@given(st.floats(0.1, 5000), st.integers(1, 24), st.floats(0.1, 5000), st.integers(1, 24), st.booleans())
def test_the_peak_is_never_below_any_phase(one: float, times: int, other: float, again: int, numbered: bool) -> None:
    lines = [
        line(mg(dose), a_day(per), sequence=at if numbered else None)
        for at, (dose, per) in enumerate([(one, times), (other, again)])
    ]
    dose = order_dose(order(*lines))
    assert dose.minimum_mg <= dose.start_mg <= dose.peak_mg
    assert dose.final_mg <= dose.peak_mg


ODD_NUMBERS = st.none() | st.integers(1, 50) | st.integers(-2, 50) | st.floats(allow_nan=False, allow_infinity=False)
ODD_TIMINGS = st.builds(
    Timing,
    frequency=ODD_NUMBERS,
    frequency_max=ODD_NUMBERS,
    period=ODD_NUMBERS,
    period_unit=st.sampled_from([None, "h", "d", "wk", "fortnight"]),
    when=st.sampled_from([(), ("HS",), ("MORN", "HS")]),
    days_of_week=st.sampled_from([(), ("mon", "fri")]),
    count=ODD_NUMBERS,
    per_day_by_code=st.none() | st.sampled_from([0.5, 1.0, 2.0]),
    lasts_days=ODD_NUMBERS,
    starts_on=st.none() | st.dates(),
    ends_on=st.none() | st.dates(),
)
ODD_LINES = st.builds(
    DoseLine,
    sequence=st.none() | st.integers(0, 3),
    amount=st.none()
    | st.builds(
        Amount,
        ODD_NUMBERS.map(lambda n: n or 0.0),
        ODD_NUMBERS.map(lambda n: n or 0.0),
        st.sampled_from(["mg", "count", "mL", "?"]),
    ),
    timing=st.none() | ODD_TIMINGS,
    as_needed=st.booleans(),
    after_dialysis=st.booleans(),
)


@settings(max_examples=400)
@given(st.lists(ODD_LINES, max_size=4))
def test_nothing_that_senders_write_breaks_the_reading(lines: list[DoseLine]) -> None:
    dose = order_dose(order(*lines, drug=CAPSULE_75))
    if dose.status == "unknown":
        assert dose.why
    else:
        assert 0 <= dose.minimum_mg <= dose.peak_mg
        assert dose.start_mg <= dose.peak_mg
