"""The strict grammar of free-text sigs (book 1.5.7): the whole text, or nothing."""

import pytest

from cds_service.fhir.sig import read_sig
from cds_service.fhir.timing import Schedule

DAILY = Schedule(frequency=1, period=1, period_unit="d")
TWICE = DAILY._replace(frequency=2)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "schedule"),
    [
        ("Take 75 mg by mouth twice daily", 75, 75, "mg", TWICE),
        ("take 1 capsule po bid", 1, 1, "{capsule}", TWICE),
        ("Give 1-2 tabs po tid", 1, 2, "{tablet}", DAILY._replace(frequency=3)),
        ("1 to 2 tablets four times a day", 1, 2, "{tablet}", DAILY._replace(frequency=4)),
        ("One tablet three times daily", 1, 1, "{tablet}", DAILY._replace(frequency=3)),
        ("TAKE 100MG QID", 100, 100, "mg", DAILY._replace(frequency=4)),
        ("Take 1 tablet(s) by mouth twice a day", 1, 1, "{tablet}", TWICE),
        ("2 CAP(S) PO BID", 2, 2, "{capsule}", TWICE),
        ("300 mg daily", 300, 300, "mg", DAILY),
        ("300 mg once daily", 300, 300, "mg", DAILY),
        ("1 tablet per day", None, None, None, None),  # "per day" stands after a frequency only
        ("75 mg nightly", 75, 75, "mg", DAILY._replace(when=("HS",))),
        ("75 mg at bedtime", 75, 75, "mg", DAILY._replace(when=("HS",))),
        ("1 cap every 8 hours", 1, 1, "{capsule}", Schedule(frequency=1, period=8, period_unit="h")),
        ("1 cap every 0 hours", 1, 1, "{capsule}", Schedule(frequency=1, period=0, period_unit="h")),
        ("Take 50 mg three times daily for 7 days.", 50, 50, "mg", DAILY._replace(frequency=3, lasts_days=7)),
        ("5 mL twice a day", 5, 5, "mL", TWICE),
        ("2.5 ml twice a day", 2.5, 2.5, "mL", TWICE),
        ("500 mcg daily", 500, 500, "ug", DAILY),
        ("take  0.5 g\n twice daily ", 0.5, 0.5, "g", TWICE),
        ("1000 mg once", 1000, 1000, "mg", Schedule(total=1, once_by_code=True)),
    ],
)
def test_a_sig_of_the_grammar_is_read(text, low, high, unit, schedule):
    sig = read_sig(text)
    assert (sig and (sig.low, sig.high, sig.unit, sig.schedule)) == (low and (low, high, unit, schedule))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as directed",
        "Take as needed.",
        "1 tablet, daily",
        "Take 1 capsule twice daily with food",
        "Take 1 capsule twice daily as needed",
        "Take 1 capsule twice daily for pain",
        "1-2 tablets every 4-6 hours",
        "2 times a day for 10 days",
        "1 capsule",
        "twice daily",
        "Take 75 mg in the morning and 150 mg at bedtime",
        "75 mg twice daily then 150 mg twice daily",
        "one or two, four times daily",
        "1/2 tablet daily",
        "1.200 mg daily",
        "20 units before dinner",
        "10 drops four times daily",
        "Atorvastatin 20mg tablet - 1 tablet at night",
        "100mg (4ml) three times daily",
        "150-75 mg daily",  # upside down
        "75 mg once for 7 days",  # once, or for a week?
        "no 75 mg daily",
        "Take 75 mg daily " + "x" * 200,
    ],
)
def test_any_word_left_over_leaves_the_whole_text_unread(text):
    assert read_sig(text) is None
