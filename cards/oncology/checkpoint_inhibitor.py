"""Is, or was, the patient exposed to an immune checkpoint inhibitor? (book 1.8)

Needs: medication_administrations, medication_dispenses, medication_orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts, State
from cards.knowledge import load_thresholds
from cards.pharmacology.exposure import Exposure, exposures, exposures_dispensed, exposures_given, orders_taken
from cards.wording import on

TABLE = Path(__file__).with_name("checkpoint_inhibitor.yaml")
CHECKPOINT_INHIBITORS = ("immune_checkpoint_inhibitors",)
DOSES, ORDERS = "medication_administrations", "medication_orders"


class ExposureState(StrEnum):
    """How long ago the drug can still have been at work."""

    ACTIVE = "active"
    RECENT = "recent"
    PAST = "past"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CheckpointInhibitorExposure:
    """State, first and last day; `drug` is the one of the last day, `by_order` that it is known by an order alone."""

    state: ExposureState
    first_on: date | None = None
    last_on: date | None = None
    drug: str = ""
    by_order: bool = False

    @property
    def is_present(self) -> bool:
        """Active or recent?"""
        return self.state in (ExposureState.ACTIVE, ExposureState.RECENT)


def checkpoint_inhibitor_exposure(facts: Facts) -> CheckpointInhibitorExposure:
    """Exposure as of today. Raises NotKnown when neither doses given nor orders settle it.

    Where doses given could be read (some or none), they decide, with those handed out: an order never given is no
    exposure. Where they could not, or not all of them and none of late, the orders count.
    """
    return facts.once(_exposure)


def require_first_dose(facts: Facts) -> None:
    """Raises NotKnown when an earlier dose than the first one found may stand on a page that was not read.

    Where doses given could not be had at all, orders stand in for them, if all of those were read.
    """
    if not facts.is_complete(DOSES) and (facts.request_state(DOSES) is State.PRESENT or not facts.is_complete(ORDERS)):
        raise NotKnown(DOSES, facts.why_unknown(DOSES) or "only part of the record was sent")


def exposure_line(facts: Facts) -> str:
    """The exposure in one line for a card; empty where there is none to tell of."""
    try:
        exposure = checkpoint_inhibitor_exposure(facts)
    except NotKnown as unknown:
        return f"Checkpoint inhibitor: could not be checked ({unknown.why})"
    return f"Checkpoint inhibitor: {exposure.drug}, last {on(exposure.last_on)}" if exposure.is_present else ""


def windows_line() -> str:
    """How long exposure counts, in one sentence for a card."""
    active, recent = _days("active_after_dose"), _days("recent")
    return f"Exposure is active for {active} days after the last dose (five half-lives), recent for {recent}."


def _exposure(facts: Facts) -> CheckpointInhibitorExposure:
    doses = exposures_dispensed(facts, CHECKPOINT_INHIBITORS)
    try:
        doses += exposures_given(facts, CHECKPOINT_INHIBITORS)
    except NotKnown:
        return _by_orders(facts, doses)
    state = _state_after(facts, _last(doses), "active_after_dose")
    if state is not ExposureState.ACTIVE and not facts.is_complete(DOSES):
        return _by_orders(facts, doses)  # a later dose may stand on the next page
    return _seen(doses, state)


def _by_orders(facts: Facts, doses: Sequence[Exposure]) -> CheckpointInhibitorExposure:
    """By orders beside these doses: a running order counts longer than a dose, because the dose may be to come.

    Raises NotKnown without any, for no order is no proof of no dose.
    """
    found = exposures(facts, *CHECKPOINT_INHIBITORS)
    last = _last(found)
    state = ExposureState.ACTIVE if _is_ordered(facts) else _state_after(facts, last, "active_after_dose")
    by_order = last is not None and all(dose.on != last.on for dose in doses)
    return replace(_seen(found, state), by_order=by_order)


def _is_ordered(facts: Facts) -> bool:
    """Is there an active order, authored not too long ago?"""
    try:
        orders = orders_taken(facts, CHECKPOINT_INHIBITORS)
    except NotKnown:
        return False  # what was handed out tells
    running = [order.authored_on for order in orders if order.status == "active"]
    return any(day is not None and facts.is_within(day, _days("active_after_order")) for day in running)


def _seen(found: Sequence[Exposure], state: ExposureState) -> CheckpointInhibitorExposure:
    last = _last(found)
    if last is None:
        return CheckpointInhibitorExposure(ExposureState.NONE)
    return CheckpointInhibitorExposure(state, min(exposure.on for exposure in found), last.on, last.drug.name)


def _state_after(facts: Facts, last: Exposure | None, active_window: str) -> ExposureState:
    if last is None:
        return ExposureState.NONE
    if facts.is_within(last.on, _days(active_window)):
        return ExposureState.ACTIVE
    return ExposureState.RECENT if facts.is_within(last.on, _days("recent")) else ExposureState.PAST


def _last(found: Sequence[Exposure]) -> Exposure | None:
    return max(found, key=lambda exposure: exposure.on, default=None)


def _days(window: str) -> int:
    return int(load_thresholds(TABLE).value(window))
