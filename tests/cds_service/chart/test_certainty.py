"""What the words around a name make of it."""

import pytest

from cds_service.chart.certainty import Certainty, Heard, heard


@pytest.mark.parametrize(
    "text",
    [
        "Family history of diabetic amyotrophy",
        "Screening for small fiber neuropathy",
        "CIDP ruled out",
        "CIDP has been excluded",
        "Ruled out: CIDP, MMN",
        "Denies neuropathy",
        "At risk of falls",
        "Referral to hospice",
        "Absence of pheochromocytoma",
        "Mother had CIDP",
        "FHx: diabetic neuropathy",
        "Fam hx of CIDP",
        "GBS (brother)",
        "CIDP, no; father had it",
        "CIDP not present",
        "Myasthenia absent",
    ],
)
def test_what_somebody_else_has_or_nobody_found_names_nothing(text):
    assert heard(text).text == ""


def test_words_after_a_denial_do_not_count():
    assert heard("Type 2 diabetes mellitus without complications") == Heard("type 2 diabetes mellitus")
    assert heard("No evidence of small fiber neuropathy") == Heard("")
    assert heard("diabetic neuropathy w/o CIDP") == Heard("diabetic neuropathy")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Multiple myeloma not having achieved remission", "multiple myeloma"),
        ("CIDP (not in remission)", "cidp"),
        ("CIDP, no prior treatment", "cidp"),
        ("Small fiber neuropathy, no family history", "small fiber neuropathy"),
        ("Diabetes without risk factors", "diabetes"),
    ],
)
def test_what_is_denied_is_neither_past_nor_somebody_elses(text, named):
    assert heard(text) == Heard(named)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Painful DPN, CIDP excluded", "painful dpn"),
        ("CIDP; myasthenia ruled out", "cidp"),
        ("CIDP (GBS excluded), progressive", "cidp progressive"),
        ("Absent reflexes, CIDP", "absent reflexes cidp"),
    ],
)
def test_what_is_excluded_leaves_the_rest_as_it_was(text, named):
    assert heard(text) == Heard(named)


@pytest.mark.parametrize(
    "text",
    [
        "CIDP not excluded",
        "CIDP cannot be excluded",
        "CIDP has not yet been ruled out",
        "CIDP to be confirmed",
        "CIDP not confirmed",
        "exclude CIDP",
    ],
)
def test_what_is_not_excluded_is_suspected(text):
    assert heard(text).certainty is Certainty.SUSPECTED
    assert "cidp" in heard(text).text


@pytest.mark.parametrize(
    "text",
    [
        "Possible small fiber neuropathy",
        "r/o small fiber neuropathy",
        "?small fiber neuropathy",
        "small fiber neuropathy vs radiculopathy",
        "suspected small fiber neuropathy",
        "R/O small fiber neuropathy",
        "concern for small fiber neuropathy",
        "c/f small fiber neuropathy",
        "small fiber neuropathy unlikely",
        "small fiber neuropathy not likely",
        "Susp. small fiber neuropathy",
        "DDx: small fiber neuropathy",
        "Workup for small fiber neuropathy",
    ],
)
def test_what_is_only_considered_is_suspected(text):
    assert heard(text).certainty is Certainty.SUSPECTED
    assert "small fiber neuropathy" in heard(text).text


@pytest.mark.parametrize(
    "text",
    [
        "History of small fiber neuropathy",
        "Hx small fiber neuropathy",
        "neuropathy, resolved",
        "h/o GBS",
        "H/O neuropathy",
        "resolved neuropathy without weakness",
        "neuropathy without pain, resolved",
    ],
)
def test_what_is_past_is_history(text):
    assert heard(text).certainty is Certainty.HISTORY


def test_a_plain_name_is_stated():
    assert heard("Small-fiber neuropathy (disorder)") == Heard("small fiber neuropathy disorder", Certainty.STATED)
