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
        ("One capsule to be taken twice daily", 1, 1, "{capsule}", TWICE),
        ("Take 1 capsule by oral route 2 times every day", 1, 1, "{capsule}", TWICE),
        ("1 cap p.o. b.i.d.", 1, 1, "{capsule}", TWICE),
        ("75mg BD", 75, 75, "mg", TWICE),
        ("75 mg TDS", 75, 75, "mg", DAILY._replace(frequency=3)),
        ("75 mg q8h", 75, 75, "mg", DAILY._replace(frequency=3)),
        ("1 capsule every morning", 1, 1, "{capsule}", DAILY._replace(when=("MORN",))),
        ("1 tablet in the evening", 1, 1, "{tablet}", DAILY._replace(when=("EVE",))),
        ("75 mg once daily in the morning", 75, 75, "mg", DAILY._replace(when=("MORN",))),
        ("0.4 g/kg/day IV for 5 days", 0.4, 0.4, "g/kg", DAILY._replace(lasts_days=5)),
        ("Infuse 32 g IV daily x 5 days", 32, 32, "g", DAILY._replace(lasts_days=5)),
        ("375 mg/m² IV once weekly for 4 doses", 375, 375, "mg/m2", DAILY._replace(period=7, total=4)),
        ("1000 mg IV once", 1000, 1000, "mg", Schedule(total=1, once_by_code=True)),
        ("1 capsule morning and night", 1, 1, "{capsule}", TWICE),
        ("10mg ON", 10, 10, "mg", DAILY._replace(when=("HS",))),
        ("25 mg nocte", 25, 25, "mg", DAILY._replace(when=("HS",))),
        ("75 mg qHS x 7 days", 75, 75, "mg", DAILY._replace(when=("HS",), lasts_days=7)),
        ("75 mg bid for 2 weeks", 75, 75, "mg", TWICE._replace(lasts_days=14)),
        ("10 mg once a week", 10, 10, "mg", DAILY._replace(period=7)),
        ("75 mg on alternate days", 75, 75, "mg", DAILY._replace(period=2)),
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
        "20 units before dinner",
        "10 drops four times daily",
        "Atorvastatin 20mg tablet - 1 tablet at night",
        "100mg (4ml) three times daily",
        "150-75 mg daily",  # upside down
        "75 mg once for 7 days",  # once, or for a week?
        "1.200 mg daily",  # 1200 or 1.2?
        "75 mg bid x 7",  # days, or doses?
        "75 mg AM / 150 mg HS",
        "30 g in the morning",  # every morning, or one infusion?
        "375 mg/m2 IV weekly x 4",
        "2 g/kg IV divided over 5 days",
        "0.4 g/kg/day",
        "75 mg mane, 150 mg nocte",
        "one morning two night",
        "75 mg BD, increase by 75 mg weekly to 300 mg/d",
        "300 mg daily in three divided doses",
        "75 mg up to three times daily",
        "2 x 75 mg BD",
        "1-0-1",
        "75mg/d",
        "75 mg 0800",
        "75 mg twice daily at bedtime",
        "75 mg q0h",
        "no 75 mg daily",
        "Take 75 mg daily " + "x" * 200,
    ],
)
def test_any_word_left_over_leaves_the_whole_text_unread(text):
    assert read_sig(text) is None


def test_an_infusion_is_by_size_or_into_a_vein():
    assert read_sig("0.4 g/kg daily").is_infusion
    assert read_sig("40 g IV daily").is_infusion
    assert not read_sig("40 g daily").is_infusion


def test_by_mouth_is_said():
    assert read_sig("75 mg po daily").is_oral
    assert not read_sig("75 mg daily").is_oral
