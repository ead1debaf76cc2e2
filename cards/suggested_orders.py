"""Tests, procedures and referrals that cards suggest: one preferred code each, from the value sets."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from cards.concepts import Code, load_value_sets
from cards.errors import InvalidKnowledge, NotKnown
from cards.facts import Diagnosis, Facts
from cards.opinion import OrderService, SetReason
from cards.orders import ServiceOrder

AT_MOST = 3  # suggestions on one card, book 0.2
RUNNING = ("active", "draft")


@cache
def _tests() -> dict[str, Code]:
    concept = load_value_sets().concept("suggestion_tests")
    return {str(code.hints["key"]): code for codes in concept.codes.values() for code in codes}


def order_test(
    key: str, label: str, *, urgent: bool = False, recommended: bool = True, times_a_day: int | None = None
) -> OrderService:
    """Order the test that `order/suggestion_tests.yaml` lists under `key` ("hbsag", "creatinine" …)."""
    try:
        code = _tests()[key]
    except KeyError:
        raise InvalidKnowledge(f"order/suggestion_tests.yaml lists no test under the key '{key}'") from None
    return OrderService(label, code.display, code, urgent, recommended, times_a_day)


def order_by_concept(concept: str, label: str, text: str) -> OrderService:
    """Order a procedure or referral by the first confirmed code of its value set; by its words where it has none."""
    codes = (code for codes in load_value_sets().concept(concept).codes.values() for code in codes)
    return OrderService(label, text, next((code for code in codes if code.confirmed), None))


def drug_code(concept: str, name: str) -> Code | None:
    """The confirmed code of the drug that a value set lists under this name; None when it lists none."""
    codes = (code for codes in load_value_sets().concept(concept).codes.values() for code in codes)
    return next((code for code in codes if code.confirmed and code.display == name), None)


def ordered_lately(facts: Facts, concepts: Collection[str], within_days: int) -> bool:
    """Is one of these in the basket, or ordered on record so lately and running? (book 0.7.5)

    An unreadable record counts as not ordered.
    """
    return bool(lately_ordered(facts, concepts, within_days))


def lately_ordered(facts: Facts, concepts: Collection[str], within_days: int) -> tuple[ServiceOrder, ...]:
    """Those of the basket and those ordered on record so lately and running; none of an unreadable record."""
    drafted = facts.basket_services(*concepts)
    try:
        found = facts.service_orders(*concepts)
    except NotKnown:
        return drafted
    recent = (
        order
        for order in found
        if order.status in RUNNING and order.authored_on is not None and facts.is_within(order.authored_on, within_days)
    )
    return (*drafted, *recent)


def is_result_awaited(facts: Facts, concept: str, within_days: int, *, undated: bool = True) -> bool:
    """Is a result registered so lately and not there yet? `undated`: one without a date counts too.

    An unreadable record counts as no.
    """
    try:
        found = facts.measurements(concept)
    except NotKnown:
        return False
    return any(m.is_pending and (undated if m.on is None else facts.is_within(m.on, within_days)) for m in found)


def state_reason(order_id: str, diagnosis: Diagnosis, label: str) -> SetReason:
    """State a diagnosis as the reason of a draft: by its code where the value sets list it, else by its words."""
    value_sets = load_value_sets()
    codes = (
        code
        for concept in sorted(diagnosis.concepts)
        for codes in value_sets.concept(concept).codes.values()
        for code in codes
        if code.confirmed and code.code == diagnosis.code
    )
    text = diagnosis.display or diagnosis.code
    return SetReason(order_id, label, text, next(codes, None))
