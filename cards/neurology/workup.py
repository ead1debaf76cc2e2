"""What would tell the pattern and the cause of a neuropathy: tests and a referral, less what is ordered already.

Needs: service_requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cards.facts import Facts
from cards.knowledge import load_thresholds
from cards.opinion import OrderService, Suggestion
from cards.suggested_orders import order_by_concept, order_test, ordered_lately
from cards.wording import joined

TABLE = Path(__file__).with_suffix(".yaml")
EMG = "emg_ncs"
NEUROLOGY = "neurology"
GRADE = "adverse_event_grade"
BREATHING_TEST = "respiratory_function_test"
VERB = re.compile(r"^(Order|Refer to|Record the) ")
PATTERN = "pattern of the neuropathy"
LABORATORY = {  # concept of the result → words
    "vitamin_b12": "vitamin B12",
    "protein_electrophoresis": "serum protein electrophoresis",
    "immunofixation": "immunofixation",
    "folate": "folate",
    "vitamin_b6": "vitamin B6",
    "vitamin_e": "vitamin E",
    "copper": "copper",
    "magnesium": "magnesium",
    "ana": "ANA",
    "esr": "ESR",
    "crp": "CRP",
}
# What ASCO asks for on a checkpoint inhibitor, the most decisive first (book 5.7).
IMMUNE_LABORATORY = {
    "creatine_kinase": "creatine kinase",
    "tsh": "TSH",
    "hba1c": "HbA1c",
    **{test: LABORATORY[test] for test in ("vitamin_b12", "folate", "vitamin_b6", "protein_electrophoresis")},
    "immunofixation": LABORATORY["immunofixation"],
}
KEYS = {"creatine_kinase": "ck"}  # of order/suggestion_tests.yaml, where they differ from the concept


def workup(facts: Facts, steps: Iterable[str], *, question: str = PATTERN) -> Iterator[OrderService]:
    """Of these steps (the names above, keys of a LABORATORY) those that are neither in the basket nor ordered lately.

    `question` is what a referral asks.
    """
    for step in steps:
        if not _is_ordered(facts, step):
            yield _order(step, question)


def named(offers: Iterable[Suggestion]) -> str:
    """What is offered as a phrase, without the verbs of the labels: "neurology, TSH and EMG/NCS"."""
    return joined([VERB.sub("", offer.label) for offer in offers])


def _order(step: str, question: str) -> OrderService:
    if step == EMG:  # by its words: the confirmed codes are of inpatient procedures
        return OrderService("Order EMG/NCS", "Electromyography and nerve conduction studies")
    if step == NEUROLOGY:
        return order_by_concept(NEUROLOGY, "Refer to neurology", f"Referral to neurology: {question}")
    if step == GRADE:
        return order_by_concept(GRADE, "Record the CTCAE grade of the neuropathy", "CTCAE grade of the neuropathy")
    if step == BREATHING_TEST:
        return order_by_concept(BREATHING_TEST, "Order respiratory function tests", "Respiratory function tests")
    words = LABORATORY.get(step) or IMMUNE_LABORATORY[step]
    return order_test(KEYS.get(step, step.replace("_", "-")), f"Order {words}")


def _is_ordered(facts: Facts, concept: str) -> bool:
    """Is it in the basket, or ordered lately on record? An unreadable record counts as not ordered."""
    return ordered_lately(facts, (concept,), int(load_thresholds(TABLE).value("already_ordered")))
