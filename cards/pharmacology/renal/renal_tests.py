"""Creatinine and weight: already ordered, or to be offered? Book 0.7.5, 2.6."""

from __future__ import annotations

from cards.errors import NotKnown
from cards.facts import Facts
from cards.opinion import OrderService
from cards.pharmacology.body_size import NoUsableValue, weight_for_clearance
from cards.pharmacology.renal.creatinine_clearance import newest_creatinine, thresholds
from cards.pharmacology.renal.renal_function import fresh_days
from cards.suggested_orders import is_result_awaited, order_test, ordered_lately

CREATININE = "serum_creatinine"
ORDERED_AS = (CREATININE, "panel_with_creatinine")


def is_creatinine_pending(facts: Facts) -> bool:
    """Is a creatinine in the basket, ordered or under way, lately enough to wait for? Unknown counts as no."""
    window = int(thresholds().value("pending_within"))
    return ordered_lately(facts, ORDERED_AS, window) or is_result_awaited(facts, CREATININE, window, undated=False)


def has_fresh_creatinine(facts: Facts) -> bool:
    """Is there a readable creatinine that another one would only repeat? One that could not be had counts as no."""
    try:
        found = newest_creatinine(facts)
    except NotKnown:
        return False
    return found is not None and found.on is not None and facts.days_since(found.on) <= fresh_days(None, facts)


def offer_creatinine(*, recommended: bool = True) -> OrderService:
    """Order a serum creatinine."""
    return order_test("creatinine", "Order serum creatinine", recommended=recommended)


def offer_weight() -> OrderService:
    """Ask for a body weight."""
    return order_test("body-weight", "Record body weight")


def has_no_weight(facts: Facts) -> bool:
    """Is there no weight fresh enough for a clearance? One that could not be had or read does not count as missing."""
    try:
        return weight_for_clearance(facts) is None
    except NotKnown:
        return False


def weights_conflict(facts: Facts) -> bool:
    """Do two weights of nearly one day contradict each other, so that a new one is needed?"""
    try:
        weight_for_clearance(facts)
    except NotKnown as unknown:
        return isinstance(unknown, NoUsableValue)
    return False
