"""Dialysis and its kind, by procedures, orders and codes (book 1.4, states)."""

from __future__ import annotations

import pytest

from cards.facts import Diagnosis, Facts, Procedure, State, Supplied
from cards.orders import Basket, ServiceOrder
from cards.pharmacology.renal.dialysis import Mode, dialysis
from tests.cards.pharmacology.charts import ago, chart, present

Z99_2 = Diagnosis(frozenset({"dialysis_dependence"}), "Z99.2")


def done(concept: str, days: int, *, is_done: bool = True) -> Procedure:
    """A procedure of so many days ago."""
    return Procedure(frozenset({concept}), done_on=ago(days), is_done=is_done)


def mode(facts: Facts) -> Mode | None:
    """Kind of dialysis."""
    found = dialysis(facts)
    return None if found is None else found.mode


@pytest.mark.parametrize(
    ("concept", "days", "expected"),
    [
        ("hemodialysis", 30, Mode.HAEMODIALYSIS),
        ("hemodialysis", 31, None),
        ("peritoneal_dialysis", 30, Mode.PERITONEAL),
        ("peritoneal_dialysis", 31, None),
        ("dialysis_mode_not_stated", 30, Mode.HAEMODIALYSIS),
        ("dialysis_mode_not_stated", 31, None),
        ("hemodialysis", -3, None),
    ],
)
def test_a_procedure_of_the_last_30_days(concept: str, days: int, expected: Mode | None) -> None:
    assert mode(chart(procedures=present(done(concept, days)))) is expected


def test_a_procedure_that_was_not_done_is_no_evidence() -> None:
    assert mode(chart(procedures=present(done("hemodialysis", 3, is_done=False)))) is None


def test_an_order_counts_by_its_day_and_a_draft_from_today() -> None:
    ordered = ServiceOrder("1", frozenset({"hemodialysis"}), authored_on=ago(3))
    assert mode(chart(service_requests=present(ordered))) is Mode.HAEMODIALYSIS
    unsigned = ordered._replace(status="draft")
    assert mode(chart(service_requests=present(unsigned))) is None
    drafted = ServiceOrder("2", frozenset({"peritoneal_dialysis"}), is_draft=True)
    assert mode(chart(basket=Basket(services=(drafted,)))) is Mode.PERITONEAL
    for authored_on in (ago(31), None):
        long_ago = ServiceOrder("3", frozenset({"hemodialysis"}), authored_on=authored_on)
        assert mode(chart(service_requests=present(long_ago))) is None


def test_a_procedure_still_to_come_does_not_hide_one_that_was_done() -> None:
    assert mode(chart(procedures=present(done("hemodialysis", 3), done("hemodialysis", -3)))) is Mode.HAEMODIALYSIS


def test_dependence_is_haemodialysis_unless_there_is_peritoneal_evidence() -> None:
    assert mode(chart(conditions=present(Z99_2))) is Mode.HAEMODIALYSIS
    assert (
        mode(chart(conditions=present(Z99_2), procedures=present(done("peritoneal_dialysis", 80)))) is Mode.PERITONEAL
    )


def test_dialysis_of_unstated_kind_is_peritoneal_where_that_was_done_before() -> None:
    procedures = present(done("dialysis_mode_not_stated", 3), done("peritoneal_dialysis", 80))
    assert mode(chart(procedures=procedures)) is Mode.PERITONEAL


def test_a_code_that_names_peritoneal_dialysis_is_evidence_of_it() -> None:
    care = Diagnosis(frozenset({"dialysis_dependence", "peritoneal_dialysis_care"}), "Z49.32")
    found = dialysis(chart(conditions=present(Z99_2, care)))
    assert found is not None
    assert (found.mode, found.evidence) == (Mode.PERITONEAL, "Z49.32 current")
    assert mode(chart(conditions=present(care), procedures=present(done("hemodialysis", 3)))) is Mode.HAEMODIALYSIS


def test_what_is_known_by_its_name_only_says_so_unless_something_coded_shows_dialysis_too() -> None:
    named = Procedure(frozenset({"hemodialysis"}), done_on=ago(3), by_text=True)
    found = dialysis(chart(procedures=present(named)))
    assert found is not None
    assert found.by_text
    assert found.evidence.endswith("recognised by its name only")
    for coded in ({"conditions": present(Z99_2)}, {"procedures": present(named, done("hemodialysis", 9))}):
        found = dialysis(chart(**{"procedures": present(named), **coded}))
        assert found is not None
        assert not found.by_text


def test_the_evidence_is_named() -> None:
    found = dialysis(chart(conditions=present(Z99_2)))
    assert found is not None
    assert found.evidence == "Z99.2 current"


def test_what_could_not_be_had_is_no_evidence() -> None:
    unknown = Supplied(State.UNKNOWN)
    assert mode(chart(procedures=unknown, service_requests=unknown, conditions=unknown)) is None


def test_orders_count_though_procedures_could_not_be_had() -> None:
    ordered = ServiceOrder("1", frozenset({"hemodialysis"}), authored_on=ago(3))
    unknown = Supplied(State.UNKNOWN)
    assert mode(chart(procedures=unknown, service_requests=present(ordered))) is Mode.HAEMODIALYSIS
