"""Is the patient on dialysis, and which kind? Book 1.4, states."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.pharmacology.renal.creatinine_clearance import thresholds
from cards.wording import on

KINDS = ("hemodialysis", "peritoneal_dialysis", "dialysis_mode_not_stated")


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
    seen = _seen(facts)
    peritoneal = seen.get("peritoneal_dialysis")
    if seen:
        window = int(thresholds().value("dialysis_within"))
        haemodialysis = seen.get("hemodialysis")
        if haemodialysis is not None and facts.is_within(haemodialysis, window):
            return Dialysis(Mode.HAEMODIALYSIS, f"{Mode.HAEMODIALYSIS} on {on(haemodialysis)}")
        if peritoneal is not None and facts.is_within(peritoneal, window):
            return Dialysis(Mode.PERITONEAL, f"{Mode.PERITONEAL} on {on(peritoneal)}")
        unnamed = seen.get("dialysis_mode_not_stated")
        if unnamed is not None and facts.is_within(unnamed, window):
            return _by_other_evidence(peritoneal, f"dialysis on {on(unnamed)}")
    dependence = _dependence(facts)
    return None if dependence is None else _by_other_evidence(peritoneal, dependence)


def _by_other_evidence(peritoneal: date | None, evidence: str) -> Dialysis:
    """Dialysis of unstated kind counts as haemodialysis, unless there is evidence of peritoneal dialysis."""
    return Dialysis(Mode.HAEMODIALYSIS if peritoneal is None else Mode.PERITONEAL, evidence)


def _seen(facts: Facts) -> dict[str, date]:
    """The newest day of each kind of dialysis that was done or ordered."""
    newest: dict[str, date] = {}
    for read in (_done, _ordered):
        try:
            found = read(facts)
        except NotKnown:
            continue  # no evidence from there; the clearance itself still tells a failing kidney
        for concepts, day in found:
            if day is not None and not facts.is_future(day):
                newest.update((kind, max(day, newest.get(kind, day))) for kind in concepts.intersection(KINDS))
    return newest


def _done(facts: Facts) -> list[tuple[frozenset[str], date | None]]:
    return [(procedure.concepts, procedure.done_on) for procedure in facts.procedures() if procedure.is_done]


def _ordered(facts: Facts) -> list[tuple[frozenset[str], date | None]]:
    recorded = (order for order in facts.service_orders() if order.status != "draft")  # never signed: no evidence
    orders = (*facts.basket_services(), *recorded)
    return [(order.concepts, facts.as_of if order.is_draft else order.authored_on) for order in orders]


def _dependence(facts: Facts) -> str | None:
    try:
        found = facts.current("dialysis_dependence")
    except NotKnown:
        return None
    return f"{found[0].label} current" if found else None
