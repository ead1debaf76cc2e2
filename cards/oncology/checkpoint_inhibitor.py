"""Is, or was, the patient exposed to an immune checkpoint inhibitor? (book 1.8)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.pharmacology.exposure import Exposure, exposures_given, exposures_ordered

TABLE = Path(__file__).with_name("checkpoint_inhibitor.yaml")
CHECKPOINT_INHIBITORS = ("immune_checkpoint_inhibitors",)


class ExposureState(StrEnum):
    """How long ago the drug can still have been at work."""

    ACTIVE = "active"
    RECENT = "recent"
    PAST = "past"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CheckpointInhibitorExposure:
    """State, first and last day; `drug` is the one of the last day."""

    state: ExposureState
    first_on: date | None = None
    last_on: date | None = None
    drug: str = ""

    @property
    def is_present(self) -> bool:
        """Active or recent?"""
        return self.state in (ExposureState.ACTIVE, ExposureState.RECENT)


def checkpoint_inhibitor_exposure(facts: Facts) -> CheckpointInhibitorExposure:
    """Exposure as of today. Raises NotKnown when neither doses given nor orders settle it.

    Where doses given could be read (some or none), they decide: an order never given is no exposure. Where they could
    not, an active order counts.
    """
    return facts.once(_exposure)


def _exposure(facts: Facts) -> CheckpointInhibitorExposure:
    try:
        return _by_doses(facts, exposures_given(facts, CHECKPOINT_INHIBITORS))
    except NotKnown as unknown:
        ordered = exposures_ordered(facts, CHECKPOINT_INHIBITORS)
        if not ordered:
            raise unknown
        return _by_orders(facts, ordered)


def _by_doses(facts: Facts, doses: list[Exposure]) -> CheckpointInhibitorExposure:
    return _state(facts, doses, "active_after_dose")


def _by_orders(facts: Facts, orders: list[Exposure]) -> CheckpointInhibitorExposure:
    return _state(facts, orders, "active_after_order")


def _state(facts: Facts, found: list[Exposure], active_window: str) -> CheckpointInhibitorExposure:
    if not found:
        return CheckpointInhibitorExposure(ExposureState.NONE)
    table = load_thresholds(TABLE)
    first, last = min(found, key=lambda e: e.on), max(found, key=lambda e: e.on)
    days = facts.days_since(last.on)
    if days <= table.value(active_window):
        state = ExposureState.ACTIVE
    elif days <= table.value("recent"):
        state = ExposureState.RECENT
    else:
        state = ExposureState.PAST
    return CheckpointInhibitorExposure(state, first.on, last.on, last.drug.name)
