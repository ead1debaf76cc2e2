"""Is the patient on dialysis, and which kind? Book 1.4, states."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.pharmacology.creatinine_clearance import thresholds
from cards.wording import on


class Mode(StrEnum):
    """Kind of dialysis."""

    HAEMODIALYSIS = "haemodialysis"
    PERITONEAL = "peritoneal dialysis"


class Dialysis(NamedTuple):
    """Kind of dialysis and the evidence for it, in words for a card."""

    mode: Mode
    evidence: str


def dialysis(facts: Facts) -> Dialysis | None:
    """Dialysis as of now; None: no evidence in what could be read."""
    window = int(thresholds().value("dialysis_within"))
    haemodialysis = _newest(facts, "hemodialysis")
    if haemodialysis is not None and facts.is_within(haemodialysis, window):
        return Dialysis(Mode.HAEMODIALYSIS, f"{Mode.HAEMODIALYSIS} on {on(haemodialysis)}")
    peritoneal = _newest(facts, "peritoneal_dialysis")
    if peritoneal is not None and facts.is_within(peritoneal, window):
        return Dialysis(Mode.PERITONEAL, f"{Mode.PERITONEAL} on {on(peritoneal)}")
    unnamed = _newest(facts, "dialysis_mode_not_stated")
    if unnamed is not None and facts.is_within(unnamed, window):
        return _by_other_evidence(peritoneal, f"dialysis on {on(unnamed)}")
    dependence = _dependence(facts)
    return None if dependence is None else _by_other_evidence(peritoneal, dependence)


def _by_other_evidence(peritoneal: date | None, evidence: str) -> Dialysis:
    """Dialysis of unstated kind counts as haemodialysis, unless there is evidence of peritoneal dialysis."""
    return Dialysis(Mode.HAEMODIALYSIS if peritoneal is None else Mode.PERITONEAL, evidence)


def _newest(facts: Facts, concept: str) -> date | None:
    days: list[date | None] = []
    for read in (_done, _ordered):
        try:
            days.extend(read(facts, concept))
        except NotKnown:
            continue  # no evidence from there; the clearance itself still tells a failing kidney
    return max((day for day in days if day is not None and not facts.is_future(day)), default=None)


def _done(facts: Facts, concept: str) -> list[date | None]:
    return [procedure.done_on for procedure in facts.procedures(concept) if procedure.is_done]


def _ordered(facts: Facts, concept: str) -> list[date | None]:
    orders = (*facts.service_orders(concept), *facts.basket_services(concept))
    return [facts.as_of if order.is_draft else order.authored_on for order in orders]


def _dependence(facts: Facts) -> str | None:
    try:
        found = facts.current("dialysis_dependence")
    except NotKnown:
        return None
    return f"{found[0].label} current" if found else None
