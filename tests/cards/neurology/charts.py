"""Problem lists in codes, doses and grades, built directly, for the tests of neurology and its neighbours."""

from __future__ import annotations

from typing import Any

from cards.concepts import load_value_sets
from cards.facts import Administration, Diagnosis, Facts, Finding, Measurement, State, Supplied
from cards.orders import Drug, MedicationOrder
from tests.cards.pharmacology.charts import EMPTY, ago, chart, present

UNKNOWN = Supplied(State.UNKNOWN, why="the search was refused")
PEMBROLIZUMAB = Drug("pembrolizumab", frozenset({"immune_checkpoint_inhibitors"}))
IVIG = Drug("immunoglobulin", frozenset({"ivig"}))
ALSO_SEARCHED = (
    "medication_administrations",
    "medication_dispenses",
    "toxicity_grades",
    "neuropathy_antibodies",
    "allergies",
)


def diagnosis(code: str, days: int | None = None, *, system: str = "icd-10-cm", **details: Any) -> Diagnosis:
    """A confirmed current diagnosis by its code, with an onset of so many days ago or none."""
    onset = None if days is None else ago(days)
    return Diagnosis(load_value_sets().coded(system, code), code, onset_on=onset, **details)


def named(text: str, **details: Any) -> Diagnosis:
    """A confirmed current diagnosis in words only."""
    return Diagnosis(load_value_sets().named(text, ("cond", "book")), display=text, by_text=True, **details)


def stated(code: str, **details: Any) -> Diagnosis:
    """A reason stated on an order."""
    return diagnosis(code, is_stated_reason=True, **details)


def given(drug: Drug, *days: int, **details: Any) -> Supplied:
    """Doses of so many days ago."""
    return present(*(Administration(drug, given_on=ago(day), **details) for day in days))


def ordered(drug: Drug, *days: int, **details: Any) -> Supplied:
    """Orders on record of so many days ago."""
    details = {"status": "active", **details}
    return present(*(MedicationOrder(f"o{day}", drug, authored_on=ago(day), **details) for day in days))


def graded(value: float | None, days: int = 5, **details: Any) -> Measurement:
    """A graded observation of so many days ago."""
    return Measurement("adverse_event_grade", on=ago(days), value=value, **details)


def anti_mag(finding: Finding, days: int = 60, **details: Any) -> Measurement:
    """An anti-MAG result."""
    return Measurement("anti_mag", on=ago(days), finding=finding, **details)


def patient(*problems: Diagnosis, is_complete: bool = True, **supplied: Supplied) -> Facts:
    """A patient with these problems; what is not given was searched and not found."""
    listed = present(*problems, is_complete=is_complete) if problems else EMPTY
    return chart(**{**dict.fromkeys(ALSO_SEARCHED, EMPTY), "conditions": listed, **supplied})
