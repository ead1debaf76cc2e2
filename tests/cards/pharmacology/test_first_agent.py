"""Which drugs for neuropathic pain are taken already; the rest stands in the cases of the card."""

from __future__ import annotations

from cards.facts import Diagnosis
from cards.orders import Drug
from cards.pharmacology.first_agent import class_of, first_agents
from tests.cards.neurology.charts import diagnosis, patient
from tests.cards.pharmacology.charts import PREGABALIN, a_day, ago, line, mg, order, present, signed

DULOXETINE = Drug("duloxetine", frozenset({"duloxetine", "snri"}))
NORTRIPTYLINE = Drug("nortriptyline", frozenset({"nortriptyline", "tricyclic"}))
DRAFT = signed(order(line(mg(75), a_day(2)), drug=Drug("venlafaxine", frozenset({"snri"})), is_draft=True))


def taken(drug: Drug, days: int = 60, dose: float = 30, reasons: tuple[Diagnosis, ...] = ()):
    """An active order."""
    lines = line(mg(dose), a_day(1))
    id = f"MedicationRequest/{drug.name}-{days}"
    return order(lines, drug=drug, id=id, status="active", authored_on=ago(days), reasons=reasons)


def names(*orders, problem="E11.42"):
    found = first_agents(DRAFT, patient(diagnosis(problem), medication_orders=present(*orders)), ending_within=14)
    return [(one.name, one.history.current_mg) for one in found]


def test_the_classes():
    assert [class_of(drug) for drug in (PREGABALIN, DULOXETINE, NORTRIPTYLINE)] == [
        "gabapentinoid",
        "snri",
        "tricyclic",
    ]
    assert class_of(Drug("in doubt", frozenset({"snri", "tricyclic"}))) == ""
    assert class_of(Drug("oxycodone", frozenset({"opioid"}))) == ""


def test_drugs_of_other_classes_gabapentinoids_first_each_once():
    assert names(taken(NORTRIPTYLINE), taken(DULOXETINE), taken(PREGABALIN, 60, 75), taken(PREGABALIN, 20, 150)) == [
        ("Pregabalin", 150),
        ("Nortriptyline", 30),
    ]


def test_a_drug_for_something_else_is_none_of_them():
    assert names(taken(PREGABALIN, reasons=(diagnosis("G40.909", is_stated_reason=True),))) == []
    assert names(taken(PREGABALIN), problem="E11.9") == []
