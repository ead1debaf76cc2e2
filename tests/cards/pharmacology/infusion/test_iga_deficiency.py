"""IgA deficiency by code and by level, bounds included, and the state of anti-IgA antibodies."""

from __future__ import annotations

from datetime import date

import pytest

from cards.errors import NotKnown
from cards.facts import Finding, Measurement
from cards.orders import ServiceOrder
from cards.pharmacology.infusion.iga_deficiency import AntiIga, anti_iga, iga_deficiency
from tests.cards.neurology.charts import UNKNOWN, diagnosis, patient
from tests.cards.pharmacology.charts import EMPTY, ago, measured, present

BELOW = 0.07
D80_2 = diagnosis("D80.2")


def level(value: float, comparator: str = "") -> Measurement:
    return measured("iga", value, unit="g/L", comparator=comparator)


@pytest.mark.parametrize(
    ("value", "comparator", "is_deficient"),
    [
        (0.069, "", True),
        (0.07, "", False),
        (0.07, "<", True),
        (0.05, "<=", True),
        (0.07, ">=", False),
        (0.1, ">", False),
    ],
)
def test_a_level_or_a_bound_that_decides(value: float, comparator: str, is_deficient: bool) -> None:
    facts = patient(immunoglobulin_levels=present(level(value, comparator)))
    assert (iga_deficiency(facts, BELOW) is not None) is is_deficient


@pytest.mark.parametrize(("value", "comparator"), [(0.25, "<"), (0.07, "<="), (0.01, ">"), (0.05, ">=")])
def test_a_bound_that_leaves_it_open_is_not_known(value: float, comparator: str) -> None:
    with pytest.raises(NotKnown, match=r"may be more or less than 0\.07 g/L"):
        iga_deficiency(patient(immunoglobulin_levels=present(level(value, comparator))), BELOW)


def test_the_code_counts_without_a_level_and_the_level_without_a_problem_list() -> None:
    coded = iga_deficiency(patient(D80_2, immunoglobulin_levels=UNKNOWN), BELOW)
    assert coded is not None
    assert coded.lines[-1] == "IgA level: could not be checked (the search was refused)"
    measured_only = iga_deficiency(patient(conditions=UNKNOWN, immunoglobulin_levels=present(level(0.05))), BELOW)
    assert measured_only is not None
    assert measured_only.shown == "IgA 0.05 g/L"


def test_one_code_and_the_level_beside_it_are_shown() -> None:
    twice = (D80_2, diagnosis("D80.2", 30))
    found = iga_deficiency(patient(*twice, immunoglobulin_levels=present(level(0.0512, "<"))), BELOW)
    assert found is not None
    assert found.shown == "D80.2"
    assert [line.split()[0] for line in found.lines] == ["D80.2", "IgA"]
    assert found.lines[1] == "IgA <0.051 g/L (2026-05-26)"


def test_no_iga_at_all_is_a_deficiency() -> None:
    found = iga_deficiency(patient(immunoglobulin_levels=present(level(0.0))), BELOW)
    assert found is not None
    assert found.shown == "IgA 0 g/L"


@pytest.mark.parametrize(
    ("day", "state"), [(ago(14), AntiIga.ORDERED), (ago(15), AntiIga.ABSENT), (None, AntiIga.ABSENT)]
)
def test_a_registered_result_is_awaited_for_some_days_and_not_without_a_date(day: date | None, state: AntiIga) -> None:
    results = present(Measurement("anti_iga", on=day, is_pending=True))
    assert anti_iga(patient(iga_antibodies=results), 14)[0] == state


def test_one_of_both_that_could_not_be_had_leaves_it_open() -> None:
    for missing in ({"conditions": UNKNOWN, "immunoglobulin_levels": EMPTY}, {"immunoglobulin_levels": UNKNOWN}):
        with pytest.raises(NotKnown, match="refused"):
            iga_deficiency(patient(**missing), BELOW)


def test_the_newest_antibody_result_counts_before_any_order() -> None:
    ordered = present(ServiceOrder("s1", frozenset({"anti_iga"}), authored_on=ago(3)))
    for finding in (Finding.POSITIVE, Finding.NEGATIVE):
        results = present(Measurement("anti_iga", on=ago(400), finding=finding))
        assert anti_iga(patient(iga_antibodies=results, service_requests=ordered), 14)[0] == finding.value
    assert anti_iga(patient(iga_antibodies=EMPTY, service_requests=ordered), 14)[0] is AntiIga.ORDERED
    assert anti_iga(patient(iga_antibodies=UNKNOWN, service_requests=ordered), 14)[0] is AntiIga.ORDERED
    assert anti_iga(patient(iga_antibodies=UNKNOWN, service_requests=UNKNOWN), 14)[0] is AntiIga.UNKNOWN
