"""The words for neuropathies that may be of a checkpoint inhibitor."""

from __future__ import annotations

from cards.neurology.attribution import attributed
from cards.neurology.attribution_wording import (
    counted_lines,
    doses_line,
    named,
    named_diagnosis,
    named_earlier,
    suspected_lines,
)
from tests.cards.neurology.charts import PEMBROLIZUMAB, UNKNOWN, diagnosis, given, graded, patient
from tests.cards.pharmacology.charts import present

ON_DRUG = {"medication_administrations": given(PEMBROLIZUMAB, 100, 20)}


def test_the_newest_diagnosis_names_the_neuropathy() -> None:
    assert named(attributed(patient(diagnosis("G62.9", 20), **ON_DRUG))) == "neuropathy (G62.9, 2026-05-26)"
    observed = attributed(patient(toxicity_grades=present(graded(2, 5), graded(1, 9)), **ON_DRUG))
    assert named(observed) == "neuropathy (graded observation, 2026-06-06)"


def test_myasthenia_has_its_own_name() -> None:
    assert named_diagnosis(diagnosis("G70.00", 20)) == "myasthenia (G70.00, 2026-05-26)"


def test_long_words_are_cut() -> None:
    long = diagnosis(
        "79268002", 20, system="snomed", display="Polyneuropathy, organomegaly, endocrinopathy, gammopathy"
    )
    assert named_diagnosis(long) == "neuropathy (Polyneuropathy, organomegaly…, 2026-05-26)"


def test_the_severe_one_names_what_was_earlier() -> None:
    severe, mild = diagnosis("G61.0", 60, is_current=False), diagnosis("G62.9", 20)
    assert "G61.0" in named_earlier(attributed(patient(severe, mild, **ON_DRUG)))
    assert "G62.9" in named_earlier(attributed(patient(mild, **ON_DRUG)))
    observed = present(graded(1, 5), graded(3, 50))
    assert "2026-04-26" in named_earlier(attributed(patient(mild, toxicity_grades=observed, **ON_DRUG)))


def test_what_counts_is_listed_with_its_link() -> None:
    past = diagnosis("G62.0", 20, is_current=False, display="Drug-induced polyneuropathy")
    assert list(counted_lines(attributed(patient(past, **ON_DRUG)))) == [
        "G62.0 Drug-induced polyneuropathy (2026-05-26, not current): begun after the first dose"
    ]
    observed = attributed(patient(toxicity_grades=present(graded(2, 5)), **ON_DRUG))
    assert list(counted_lines(observed)) == ["Graded observation since 2026-06-10, no neuropathy coded"]


def test_a_suspicion_says_what_it_is() -> None:
    suspected, sign = diagnosis("G61.0", 2, is_suspected=True), diagnosis("R26.2", 2)
    assert list(suspected_lines([suspected, sign])) == [
        "G61.0 (2026-06-13, suspected)",
        "R26.2 (2026-06-13, sign or symptom, no neuropathy coded)",
    ]


def test_a_line_shows_the_codes_that_people_read_and_is_cut() -> None:
    words = "Polyneuropathy, organomegaly, endocrinopathy, gammopathy"
    by_number = diagnosis("79268002", 2, system="snomed", is_suspected=True, display=words)
    by_letter = diagnosis("G62.9", 2, is_suspected=True, display=f"{words}, skin changes and more")
    assert list(suspected_lines([by_number, by_letter])) == [
        f"{words} (2026-06-13, suspected)",
        f"G62.9 {words}, skin… (2026-06-13, suspected)",
    ]


def test_the_doses_in_one_line() -> None:
    assert doses_line(patient(**ON_DRUG)) == "Checkpoint inhibitor: first 2026-03-07, last 2026-05-26 (pembrolizumab)"
    assert "none found" in doses_line(patient())
    assert "could not be checked" in doses_line(patient(medication_administrations=UNKNOWN))
