"""What the words of an order say about its infusions, beside their layout in days (book 4.2)."""

from __future__ import annotations

import pytest

from cards.orders import Amount, DoseLine
from cards.pharmacology.infusion.infusion_clauses import phase_of
from cards.pharmacology.infusion.infusion_schedule import is_spread
from cards.pharmacology.infusion.infusion_words import InfusionWords, zero_interval

# -- an interval that cannot be ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "every 0 weeks",
        "q0w",
        "Q 0 WK",
        "q0d",
        "every 0 months",
        "each 0 days",
        "q 0 m",
        "every zero weeks",
        "every 00 days",
        "every 0.0 weeks",
        "every 0-weeks",
        "every 0-4 weeks",
        "every 0 (zero) weeks",
        "every zero (0) weeks",
        "interval: 0 weeks",
        "interval of 0 days",
        "q0 to 4w",
        "q0h",
    ],
)
def test_an_interval_of_nothing_is_found(text: str) -> None:
    assert zero_interval(("", f"0.4 g/kg daily x5 {text} as planned")) == text


@pytest.mark.parametrize(
    "text",
    [
        "every 0.5 weeks",
        "every 10 weeks",
        "q20d",
        "every 08 hours",
        "every 1-4 weeks",
        "at 0 weeks",
        "sequence 0 d",
        "q0900",
        "",
    ],
)
def test_another_interval_is_none_of_nothing(text: str) -> None:
    assert zero_interval((text,)) == ""


# -- days over which a dose is spread ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("over 2-5 days", 5),
        ("over 4 hours", None),
        ("for 5 days", None),
        ("daily over 5 days", None),
        ("over 2 weeks", None),
        ("over 0 days", None),
        ("divided into 0 doses", None),
    ],
)
def test_a_dose_is_spread_by_the_words_over_so_many_days(text: str, days: int | None) -> None:
    assert InfusionWords(text).spread_over() == days


@pytest.mark.parametrize(
    ("text", "amount", "days"),
    [
        ("2 g/kg divided in 5 daily doses", "2 g/kg", 5),
        ("2 g/kg divided over 5 days, infuse over 5 hours daily", "2 g/kg", 5),
        ("2 g/kg over 5 days, daily infusions", "2 g/kg", 5),
        ("total dose of 2 g/kg given daily over 5 days", "2 g/kg", 5),
        ("2 g/kg (0.4 g/kg/day x 5 days)", "2 g/kg", 5),
        ("2 g/kg (0.4 g/kg/day x 5 days)", "0.4 g/kg", None),
        ("0.4 g/kg/day x 5 days, total dose 2 g/kg", "0.4 g/kg", None),
        ("2 g/kg divided over 5 days", "400 mg/kg", None),
        ("2,000 mg/kg divided over 5 days", "0.4 g/kg", None),
        ("Total 160 g, as 32 grams daily x 5", "160 g", 5),
        ("Total 160 g, as 32 grams daily x 5", "32 g", None),
        ("2 g/kg daily, divided over 5 days", "2 g/kg", None),
        ("divided over 5 days", "2 g/kg/d", None),
        ("30 g IV x 5 days, split infusion if headache", "30 g", None),
        ("30 g IV q24h x 5, divided into bags", "30 g", None),
        ("divided over 5 days", "300 mL", 5),
        ("2 g/kg daily for 5 days", "2 g/kg", None),
        ("2 g/kg once", "2 g/kg", None),
        ("1 g/kg over 1 day", "1 g/kg", 1),
    ],
)
def test_other_doses_beside_it_tell_what_is_spread(text: str, amount: str, days: int | None) -> None:
    value, unit = amount.split()
    assert InfusionWords(text).spread_over(Amount(float(value), float(value), unit)) == days


@pytest.mark.parametrize(
    ("text", "expected"), [("2 g/kg over 2 days", True), ("2 g/kg over 1 day", False), ("2 g/kg once", False)]
)
def test_a_dose_of_several_days_together_is_spread(text: str, expected: bool) -> None:
    assert is_spread(DoseLine(amount=Amount(2, 2, "g/kg"), text=text)) is expected


# -- loading and maintenance ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount", "phase"),
    [
        ("0.4 g/kg/day x 5, then 1 g/kg every 3 weeks", 0.4, "0.4 g/kg/day x 5, "),
        ("2 g/kg over 5 days. Maintenance 1 g/kg every 3 weeks", 1, " 1 g/kg every 3 weeks"),
        ("2 g/kg over 5 days, then 1 g/kg every 3 weeks", 0.5, ""),
        ("0.4 g/kg/day x 5, then reassess in 4 weeks", 0.4, "0.4 g/kg/day x 5, then reassess in 4 weeks"),
        ("maintenance 1 g/kg every 3 weeks", 1, "maintenance 1 g/kg every 3 weeks"),
        ("1 g/kg every 3 weeks, then 0.5 g/kg every 3 weeks", 1, "1 g/kg every 3 weeks, then 0.5 g/kg every 3 weeks"),
    ],
)
def test_of_loading_and_maintenance_the_one_of_the_dose_counts(text: str, amount: float, phase: str) -> None:
    assert phase_of(text, Amount(amount, amount, "g/kg")) == phase
