"""Is there diabetes: coded, or by a recent HbA1c or glucose? (book 3.7)

Needs: conditions, glycaemia.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cards.endocrinology.glycaemia import newest_hba1c, reaches, recent_days
from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, load_thresholds
from cards.wording import number, on

TABLE = Path(__file__).with_suffix(".yaml")


class Diabetes(NamedTuple):
    """Why diabetes is assumed: in few words ("in diabetes") and in one line for a card."""

    in_short: str
    line: str


def diabetes_evidence(facts: Facts) -> Diabetes | None:
    """Diabetes that is coded, else a recent value in its range; None: neither.

    Raises NotKnown where nothing was found and a record that may hold it could not be had.
    """
    return facts.once(_evidence)


def _evidence(facts: Facts) -> Diabetes | None:
    unknown: NotKnown | None = None
    try:
        coded = facts.current("diabetes")
    except NotKnown as error:
        coded, unknown = (), error
    if coded:
        return Diabetes("in diabetes", f"Diabetes: {coded[0].label} ({on(coded[0].on)})")
    not_coded = "no diabetes coded" if unknown is None else f"problem list: could not be checked ({unknown.why})"
    for look in (_by_hba1c, _by_glucose):
        try:
            what = look(facts)
        except NotKnown as error:
            unknown = unknown or error
            continue
        if what:
            value = what.partition(":")[0]
            return Diabetes(f"with diabetes-range {value}", f"Diabetes-range {value}, {not_coded}. {what}")
    if unknown is not None:
        raise unknown
    return None


def _by_hba1c(facts: Facts) -> str:
    hba1c = newest_hba1c(facts)
    if hba1c.why:
        raise NotKnown("glycaemia", hba1c.why)
    limit = load_thresholds(TABLE).value("diabetic_hba1c")
    is_high = hba1c.result is not None and hba1c.is_recent and reaches(hba1c.result, limit)
    return hba1c.line if is_high else ""


def _by_glucose(facts: Facts) -> str:
    """Any recent glucose in the range of diabetes, the newest of them."""
    limit = load_thresholds(TABLE).value("diabetic_glucose")
    results = [m for m in facts.measurements("glucose", within_days=recent_days()) if not m.is_pending]
    for m in results:
        if not m.unreadable and m.comparator not in ("<", "<=") and (m.value or 0) >= limit - TOLERANCE:
            return f"glucose: {m.received or number(m.value or 0)} on {on(m.on)}"
    if results and results[0].unreadable:
        raise NotKnown("glycaemia", f"the newest glucose could not be read: {results[0].unreadable}")
    return ""
