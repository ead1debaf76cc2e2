"""Is the patient on dialysis, and which kind? Book 1.4, states."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.pharmacology.renal.creatinine_clearance import thresholds
from cards.wording import on

KINDS = ("hemodialysis", "peritoneal_dialysis", "dialysis_mode_not_stated")


class Mode(StrEnum):
    """Kind of dialysis."""

    HAEMODIALYSIS = "haemodialysis"
    PERITONEAL = "peritoneal dialysis"


class Dialysis(NamedTuple):
    """Kind of dialysis and the evidence for it, in words for a card. `by_text`: none of it is coded."""

    mode: Mode
    evidence: str
    by_text: bool = False


class _Event(NamedTuple):
    """Something done or ordered. `by_text`: recognised by its name only."""

    concepts: frozenset[str]
    day: date | None
    by_text: bool


def dialysis(facts: Facts) -> Dialysis | None:
    """Dialysis as of now; None: no evidence in what could be read."""
    events, dependence = _events(facts), _dependence(facts)
    found = _of(events, dependence, facts)
    if found is None or _of([event for event in events if not event.by_text], dependence, facts) is not None:
        return found
    return found._replace(evidence=f"{found.evidence}, recognised by its name only", by_text=True)


def _of(events: list[_Event], dependence: tuple[Diagnosis, ...], facts: Facts) -> Dialysis | None:
    seen = _newest(events, facts)
    peritoneal = seen.get("peritoneal_dialysis")
    care = [d for d in dependence if d.is_a("peritoneal_dialysis_care")]
    unstated = Mode.PERITONEAL if peritoneal is not None or care else Mode.HAEMODIALYSIS
    if seen:
        window = int(thresholds().value("dialysis_within"))
        haemodialysis = seen.get("hemodialysis")
        if haemodialysis is not None and facts.is_within(haemodialysis, window):
            return Dialysis(Mode.HAEMODIALYSIS, f"{Mode.HAEMODIALYSIS} on {on(haemodialysis)}")
        if peritoneal is not None and facts.is_within(peritoneal, window):
            return Dialysis(Mode.PERITONEAL, f"{Mode.PERITONEAL} on {on(peritoneal)}")
        unnamed = seen.get("dialysis_mode_not_stated")
        if unnamed is not None and facts.is_within(unnamed, window):
            return Dialysis(unstated, f"dialysis on {on(unnamed)}")
    shown = next(iter((*care, *dependence)), None)
    return None if shown is None else Dialysis(unstated, f"{shown.label} current")


def _newest(events: list[_Event], facts: Facts) -> dict[str, date]:
    """The newest day of each kind of dialysis that was done or ordered."""
    newest: dict[str, date] = {}
    for concepts, day, _ in events:
        if day is not None and not facts.is_future(day):
            newest.update((kind, max(day, newest.get(kind, day))) for kind in concepts.intersection(KINDS))
    return newest


def _events(facts: Facts) -> list[_Event]:
    found: list[_Event] = []
    for read in (_done, _ordered):
        try:
            found += read(facts)
        except NotKnown:
            continue  # no evidence from there; the clearance itself still tells a failing kidney
    return found


def _done(facts: Facts) -> list[_Event]:
    return [_Event(one.concepts, one.done_on, one.by_text) for one in facts.procedures() if one.is_done]


def _ordered(facts: Facts) -> list[_Event]:
    recorded = (order for order in facts.service_orders() if order.status != "draft")  # never signed: no evidence
    orders = (*facts.basket_services(), *recorded)
    return [_Event(one.concepts, facts.as_of if one.is_draft else one.authored_on, one.by_text) for one in orders]


def _dependence(facts: Facts) -> tuple[Diagnosis, ...]:
    try:
        return facts.current("dialysis_dependence")
    except NotKnown:
        return ()
