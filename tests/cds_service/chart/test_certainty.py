"""What the words around a name make of it."""

import pytest

from cds_service.chart.certainty import Certainty, Heard, heard


@pytest.mark.parametrize(
    "text",
    [
        "Family history of diabetic amyotrophy",
        "Screening for small fiber neuropathy",
        "CIDP ruled out",
        "Denies neuropathy",
        "At risk of falls",
        "Referral to hospice",
        "Absence of pheochromocytoma",
    ],
)
def test_what_somebody_else_has_or_nobody_found_names_nothing(text):
    assert heard(text).text == ""


def test_words_after_a_denial_do_not_count():
    assert heard("Type 2 diabetes mellitus without complications") == Heard("type 2 diabetes mellitus")
    assert heard("No evidence of small fiber neuropathy") == Heard("")


@pytest.mark.parametrize(
    "text",
    [
        "Possible small fiber neuropathy",
        "r/o small fiber neuropathy",
        "?small fiber neuropathy",
        "small fiber neuropathy vs radiculopathy",
        "suspected small fiber neuropathy",
    ],
)
def test_what_is_only_considered_is_suspected(text):
    assert heard(text).certainty is Certainty.SUSPECTED
    assert "small fiber neuropathy" in heard(text).text


@pytest.mark.parametrize(
    "text", ["History of small fiber neuropathy", "Hx small fiber neuropathy", "neuropathy, resolved"]
)
def test_what_is_past_is_history(text):
    assert heard(text).certainty is Certainty.HISTORY


def test_a_plain_name_is_stated():
    assert heard("Small-fiber neuropathy (disorder)") == Heard("small fiber neuropathy disorder", Certainty.STATED)
