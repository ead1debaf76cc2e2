"""Which clearance counts, how fresh it is and what a table of bands makes of its doubts (book 1.4, vectors of 1.11)."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue
from cards.errors import NotKnown
from cards.facts import Diagnosis, Encounter, Facts, Measurement, Patient, Procedure, Sex, State, Supplied
from cards.pharmacology.renal.creatinine_clearance import About, Source, shown_ml_min, thresholds
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalState
from tests.cards.pharmacology.charts import (
    GABAPENTIN_MAXIMUM,
    PREGABALIN_MAXIMUM,
    ago,
    chart,
    creatinine,
    kidneys,
    measured,
    present,
    weight,
)

MALE, FEMALE = Sex.MALE, Sex.FEMALE
DIABETES = Diagnosis(frozenset({"diabetes"}), "E11.42")
UNKNOWN = Supplied(State.UNKNOWN, why="the search failed")


def of_a(*results: Measurement, age: int = 60, **supplied: Supplied) -> Facts:
    """Patient A with these laboratory results."""
    return kidneys(age, MALE, 80, 178, *results, **supplied)


def clearance(value: float, days: int = 20, code: str = "2164-2") -> Measurement:
    """A measured (or with another code a reported) clearance."""
    return measured("creatinine_clearance", value, days, unit="mL/min", code=code)


def egfr(value: float, days: int = 20) -> Measurement:
    """A reported eGFR."""
    return measured("egfr", value, days, unit="mL/min/{1.73_m2}")


def source(facts: Facts) -> Source | None:
    """Where the clearance comes from."""
    found = renal_function(facts).clearance
    return None if found is None else found.source


# -- priority -------------------------------------------------------------------------------------------------------


def test_sources_in_their_order() -> None:
    everything = [clearance(50), creatinine(1.0), clearance(70, code="35591-7"), egfr(80)]
    assert source(of_a(*everything)) is Source.MEASURED
    assert source(of_a(*everything[1:])) is Source.CALCULATED
    assert source(of_a(*everything[2:])) is Source.REPORTED
    assert source(of_a(*everything[3:])) is Source.STAND_IN


def test_without_a_weight_a_reported_value_stands_in() -> None:
    assert source(chart(renal_function=present(creatinine(1.0), egfr(80)))) is Source.STAND_IN


@pytest.mark.parametrize(("days", "expected"), [(50, Source.MEASURED), (51, Source.CALCULATED)])
def test_of_two_clearances_more_than_30_days_apart_the_newer_counts(days: int, expected: Source) -> None:
    assert source(of_a(clearance(50, days), creatinine(1.0, 20))) is expected


def test_the_lower_of_a_measured_and_a_calculated_clearance_counts_where_the_bands_differ() -> None:
    renal = renal_function(of_a(clearance(50), creatinine(1.0)))
    assert renal.has_conflict(PREGABALIN_MAXIMUM, About.MEASURED)
    assert renal.ml_min(PREGABALIN_MAXIMUM) == 50
    measured_higher = renal_function(of_a(clearance(95), creatinine(2.0)))
    assert measured_higher.ml_min(PREGABALIN_MAXIMUM) == pytest.approx(80 * 80 / 144)
    same_band = renal_function(of_a(clearance(95), creatinine(1.0)))
    assert same_band.ml_min(PREGABALIN_MAXIMUM) == 95


def test_a_fresh_source_goes_before_a_stale_one() -> None:
    assert source(of_a(creatinine(1.0, 400), egfr(80, 20))) is Source.STAND_IN
    assert source(of_a(creatinine(1.0, 400), egfr(80, 400))) is Source.CALCULATED


def test_the_sources_that_do_not_count_are_kept() -> None:
    renal = renal_function(of_a(creatinine(1.0), clearance(70, code="35591-7"), egfr(80)))
    assert [other.source for other in renal.others] == [Source.REPORTED, Source.STAND_IN]


def test_nothing_older_passes_for_a_creatinine_that_cannot_be_read() -> None:
    unreadable = creatinine(None, 20, unreadable="no unit")
    assert renal_function(of_a(unreadable, egfr(80, 21))).state is RenalState.UNKNOWN
    assert source(of_a(unreadable, egfr(80, 20))) is Source.STAND_IN
    assert source(of_a(unreadable, clearance(50, 50))) is Source.MEASURED
    assert renal_function(of_a(unreadable, clearance(50, 51))).state is RenalState.UNKNOWN


# -- freshness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "value", "days", "supplied", "expected"),
    [
        (60, 1.0, 365, {}, RenalState.FRESH),
        (60, 1.0, 366, {}, RenalState.STALE),
        (64, 1.0, 365, {}, RenalState.FRESH),
        (65, 1.0, 180, {}, RenalState.FRESH),
        (65, 1.0, 181, {}, RenalState.STALE),
        (60, 1.0, 181, {"conditions": present(DIABETES)}, RenalState.STALE),
        (60, 1.0, 181, {"conditions": present(Diagnosis(frozenset({"ckd"}), "N18.2"))}, RenalState.STALE),
        (60, 1.5, 181, {}, RenalState.STALE),
        (60, 1.48, 181, {}, RenalState.FRESH),
        (60, 1.0, 181, {"conditions": UNKNOWN}, RenalState.STALE),
        (60, 1.0, 7, {"encounter": present(Encounter(is_inpatient=True))}, RenalState.FRESH),
        (60, 1.0, 8, {"encounter": present(Encounter(is_inpatient=True))}, RenalState.STALE),
        (60, 1.0, 730, {}, RenalState.STALE),
        (60, 1.0, 731, {}, RenalState.ABSENT),
    ],
)
def test_both_sides_of_every_window(
    age: int, value: float, days: int, supplied: dict[str, Supplied], expected: RenalState
) -> None:
    assert renal_function(of_a(creatinine(value, days), age=age, **supplied)).state is expected


@pytest.mark.parametrize(("ml_min", "expected"), [(60, RenalState.FRESH), (59.9, RenalState.STALE)])
def test_a_clearance_of_60_is_no_risk_yet(ml_min: float, expected: RenalState) -> None:
    assert renal_function(of_a(clearance(ml_min, 181))).state is expected


def test_a_stale_value_says_so() -> None:
    renal = renal_function(of_a(creatinine(1.0, 400)))
    assert renal.why == "last value 400 days old"
    assert "STALE" in renal.facts[0]


# -- what is missing ------------------------------------------------------------------------------------------------


def test_nothing_on_file_is_absent() -> None:
    renal = renal_function(chart())
    assert (renal.state, renal.why, renal.has_band) == (RenalState.ABSENT, "none on file within 730 days", False)
    assert not renal.is_near_edge(PREGABALIN_MAXIMUM)
    with pytest.raises(NotKnown):
        renal.ml_min(PREGABALIN_MAXIMUM)


def test_a_creatinine_without_a_date_is_named_and_does_not_count() -> None:
    renal = renal_function(of_a(creatinine(4.0)._replace(on=None)))
    assert (renal.state, renal.why) == (RenalState.ABSENT, "none dated within 730 days")
    assert renal.facts[-1] == "Newest creatinine: 4.0 mg/dL undated"


def test_a_failed_search_could_not_be_checked() -> None:
    renal = renal_function(chart(renal_function=UNKNOWN))
    assert (renal.state, renal.why, renal.is_unchecked) == (RenalState.UNKNOWN, "could not be checked", True)


def test_a_failed_search_for_the_weight_could_not_be_checked() -> None:
    renal = renal_function(chart(renal_function=present(creatinine(1.0)), body_size=UNKNOWN))
    assert (renal.state, renal.is_unchecked) == (RenalState.UNKNOWN, True)


def test_a_patient_that_could_not_be_had_could_not_be_checked() -> None:
    facts = chart(renal_function=present(creatinine(1.0)), body_size=present(weight(80)), patient=UNKNOWN)
    assert renal_function(facts).is_unchecked


def test_a_missing_birth_date_leaves_no_usable_value() -> None:
    facts = chart(age=None, renal_function=present(creatinine(1.0)), body_size=present(weight(80)))
    renal = renal_function(facts)
    assert (renal.state, renal.why, renal.is_unchecked) == (RenalState.UNKNOWN, "no birth date", False)


def test_a_birth_date_that_is_not_plausible_leaves_no_usable_value_but_what_was_reported() -> None:
    results = [creatinine(1.0)]
    renal = renal_function(chart(age=150, renal_function=present(*results), body_size=present(weight(80))))
    assert (renal.state, renal.why, renal.is_unchecked) == (RenalState.UNKNOWN, "birth date not plausible", False)
    results.append(measured("egfr", 50, 20, unit="mL/min/{1.73_m2}"))
    renal = renal_function(chart(age=150, renal_function=present(*results), body_size=present(weight(80))))
    assert renal.is_stand_in


def test_conflicting_weights_leave_no_usable_value() -> None:
    facts = chart(renal_function=present(creatinine(1.0)), body_size=present(weight(80), weight(95)))
    renal = renal_function(facts)
    assert (renal.state, renal.is_unchecked) == (RenalState.UNKNOWN, False)
    assert renal.why.startswith("conflicting weights")


@pytest.mark.parametrize(
    ("days", "others", "expected"),
    [
        (365, {}, RenalState.WEIGHT_MISSING),
        (366, {}, RenalState.ABSENT),
        (180, {"conditions": present(DIABETES)}, RenalState.WEIGHT_MISSING),
        (181, {"conditions": present(DIABETES)}, RenalState.ABSENT),
    ],
)
def test_a_fresh_creatinine_without_a_weight_asks_for_the_weight(
    days: int, others: dict[str, Supplied], expected: RenalState
) -> None:
    assert renal_function(chart(renal_function=present(creatinine(1.0, days)), **others)).state is expected


# -- states ---------------------------------------------------------------------------------------------------------


def test_dialysis_takes_the_lowest_band_whatever_the_number() -> None:
    haemodialysis = Procedure(frozenset({"hemodialysis"}), done_on=ago(3))
    renal = renal_function(of_a(creatinine(1.5), procedures=present(haemodialysis)))
    assert renal.band(PREGABALIN_MAXIMUM).upper == 75
    assert renal.is_on_haemodialysis
    assert renal.is_usable
    assert renal.shown(PREGABALIN_MAXIMUM) == "haemodialysis"
    assert not renal.conflicts(PREGABALIN_MAXIMUM)
    assert not renal.is_near_edge(PREGABALIN_MAXIMUM)
    assert not renal.has_doubt(PREGABALIN_MAXIMUM, About.SEX)


def test_end_stage_disease_without_a_fresh_value_is_the_lowest_band() -> None:
    end_stage = present(Diagnosis(frozenset({"end_stage_renal_disease"}), "N18.6"))
    renal = renal_function(chart(conditions=end_stage))
    assert renal.is_end_stage
    assert renal.band(PREGABALIN_MAXIMUM).upper == 75
    assert renal.shown(PREGABALIN_MAXIMUM) == "end-stage renal disease"
    assert not renal.is_usable
    assert not renal_function(of_a(creatinine(1.0), conditions=end_stage)).is_end_stage


@pytest.mark.parametrize("by_text", [True, False])
def test_end_stage_disease_is_told_beside_a_dialysis_that_only_words_tell(by_text: bool) -> None:
    end_stage = present(Diagnosis(frozenset({"end_stage_renal_disease"}), "N18.6"))
    session = Procedure(frozenset({"hemodialysis"}), done_on=ago(3), by_text=by_text)
    renal = renal_function(chart(conditions=end_stage, procedures=present(session)))
    assert renal.dialysis is not None
    assert renal.is_end_stage is by_text
    assert renal.facts[0].startswith("On haemodialysis")


def test_unstable_kidneys_keep_their_number_and_are_not_usable() -> None:
    renal = renal_function(of_a(creatinine(1.6, 0), creatinine(1.0, 3)))
    assert renal.has_band
    assert not renal.is_usable
    assert any("Cockcroft-Gault not valid" in fact for fact in renal.facts)


def test_kidneys_are_unstable_without_a_number_too() -> None:
    injury = Diagnosis(frozenset({"acute_kidney_injury"}), "N17.9", onset_on=ago(5))
    without_values = renal_function(chart(conditions=present(injury)))
    assert (without_values.state, without_values.unstable) == (RenalState.ABSENT, "N17.9 of 2026-06-10")
    without_weight = renal_function(chart(renal_function=present(creatinine(1.6, 0), creatinine(1.0, 3))))
    assert without_weight.state is RenalState.WEIGHT_MISSING
    assert any("Cockcroft-Gault not valid" in fact for fact in without_weight.facts)


def test_unread_procedures_are_named() -> None:
    facts = renal_function(of_a(creatinine(1.0), procedures=UNKNOWN)).facts
    assert "Dialysis procedures could not be checked" in facts


@pytest.mark.parametrize(
    ("days", "encounter", "is_named"),
    [(8, UNKNOWN, True), (7, UNKNOWN, False), (8, present(Encounter()), False), (8, Supplied(State.ABSENT), False)],
)
def test_an_unread_encounter_is_named_where_a_value_would_be_too_old_in_hospital(
    days: int, encounter: Supplied, is_named: bool
) -> None:
    renal = renal_function(of_a(creatinine(1.0, days), encounter=encounter))
    assert renal.state is RenalState.FRESH
    assert any("Hospital stay could not be checked" in fact for fact in renal.facts) is is_named


def test_a_low_creatinine_is_named() -> None:
    assert "may overestimate" in renal_function(of_a(creatinine(0.39))).facts[1]


def test_of_a_fresh_ordinary_value_nothing_is_said_but_what_it_is() -> None:
    renal = renal_function(of_a(creatinine(1.0), encounter=present(Encounter())))
    assert renal.clearance is not None
    assert renal.facts == (renal.clearance.text,)


def test_a_stale_value_is_not_called_too_old_for_a_hospital_besides() -> None:
    renal = renal_function(of_a(creatinine(1.0, 600), encounter=UNKNOWN))
    assert renal.state is RenalState.STALE
    assert not any("Hospital stay" in fact for fact in renal.facts)
    nothing = renal_function(chart(encounter=UNKNOWN))
    assert nothing.facts == ("Creatinine, clearance, eGFR: none on file within 730 days",)


def test_an_undated_result_that_is_still_pending_is_no_newest() -> None:
    undated, pending = creatinine(4.0)._replace(on=None), creatinine(3.0, is_pending=True)._replace(on=None)
    renal = renal_function(chart(renal_function=present(pending, undated)))
    assert renal.facts[-1] == "Newest creatinine: 4.0 mg/dL undated"
    assert renal_function(chart(renal_function=present(pending))).facts[-1].startswith("Creatinine, clearance, eGFR")


def test_renal_function_is_worked_out_once() -> None:
    facts = of_a(creatinine(1.0))
    assert renal_function(facts) is renal_function(facts)


# -- bands ----------------------------------------------------------------------------------------------------------


def of_60_kg(value: float) -> Facts:
    """Patient E, whose clearance is 60 divided by the creatinine."""
    return kidneys(68, MALE, 60, 165, creatinine(value))


@pytest.mark.parametrize(
    ("value", "pregabalin", "gabapentin"),
    [
        (1.0, 600, 3600),
        (1.01, 300, 1400),
        (2.0, 300, 700),
        (1.99, 300, 1400),
        (4.0, 150, 300),
        (3.99, 150, 700),
        (4.01, 75, 300),
    ],
)
def test_edges_are_the_labels_own(value: float, pregabalin: float, gabapentin: float) -> None:
    renal = renal_function(of_60_kg(value))
    assert renal.band(PREGABALIN_MAXIMUM).upper == pregabalin
    assert renal.band(GABAPENTIN_MAXIMUM).upper == gabapentin


@pytest.mark.parametrize(
    ("ml_min", "pregabalin", "gabapentin"),
    [
        (60, False, False),
        (59.9, True, True),
        (54, True, True),
        (53.9, False, False),
        (30, False, True),
        (29.9, True, True),
        (27, True, True),
        (26.9, False, False),
        (15, False, True),
        (13.5, True, True),
        (13.4, False, False),
        (30.1, False, False),
    ],
)
def test_near_an_edge_is_within_a_tenth_below_it(ml_min: float, pregabalin: bool, gabapentin: bool) -> None:
    renal = renal_function(chart(renal_function=present(clearance(ml_min))))
    assert renal.is_near_edge(PREGABALIN_MAXIMUM) is pregabalin
    assert renal.is_near_edge(GABAPENTIN_MAXIMUM) is gabapentin


def test_two_weights_conflict_only_across_an_edge() -> None:
    of_i = renal_function(kidneys(66, FEMALE, 95, 160, creatinine(1.1)))
    of_b = renal_function(kidneys(70, FEMALE, 70, 165, creatinine(1.2)))
    assert of_i.has_conflict(PREGABALIN_MAXIMUM, About.WEIGHT)
    assert not of_b.has_conflict(PREGABALIN_MAXIMUM, About.WEIGHT)


@pytest.mark.parametrize(
    ("ml_min", "shown"),
    [
        (88.9, "89"),
        (150.4, ">150"),
        (150, "150"),
        (149.6, "150"),
        (60.4, "60.4"),
        (60.5, "61"),
        (59.96, "59.9"),
        (14.96, "14.9"),
        (15.0, "15"),
        (0.3, "0"),
    ],
)
def test_a_clearance_is_shown_whole_but_for_the_edges(ml_min: float, shown: str) -> None:
    assert shown_ml_min(ml_min) == shown


def test_every_edge_of_a_table_is_one_near_which_a_clearance_is_shown_with_a_decimal() -> None:
    known = {band.edge for band in thresholds().threshold("label_bands").bands}
    tables = [table for card in load_catalogue().cards for table in card.knowledge.thresholds.values()]
    by_clearance = [table for table in tables if table.by is not None and table.by.quantity == "creatinine clearance"]
    assert len(by_clearance) > 20
    assert {band.edge for table in by_clearance for band in table.bands} == known


def test_an_egfr_is_called_by_its_name() -> None:
    renal = renal_function(of_a(egfr(80)))
    assert renal.is_stand_in
    assert renal.shown(PREGABALIN_MAXIMUM) == "eGFR 80 mL/min"


def test_the_patient_of_the_chart_is_not_needed_for_a_measured_clearance() -> None:
    assert source(chart(patient=present(Patient()), renal_function=present(clearance(50)))) is Source.MEASURED
