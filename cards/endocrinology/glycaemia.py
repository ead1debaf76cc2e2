"""HbA1c, glucose and what lowers it, as books 3.6 and 3.7 read them.

Needs: glycaemia, medication_orders, service_requests.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import load_thresholds
from cards.pharmacology.current_orders import drafted_or_active, is_stopped_in_basket
from cards.suggested_orders import is_result_awaited, ordered_lately
from cards.wording import number, on

TABLE = Path(__file__).with_suffix(".yaml")
HBA1C = "hba1c"
LOWERING = ("insulin", "sulfonylurea")
APART = 0.006  # %, by which the two master equations of book 1.3 differ: 42 mmol/mol is 6.0 %, not 5.994


class Hba1c(NamedTuple):
    """The newest HbA1c, in NGSP %. No `result` and no `why`: none on file; `why`: it could not be had or read.

    `is_recent`: young enough to stand for today.
    """

    result: Measurement | None
    is_recent: bool = False
    why: str = ""

    @property
    def in_short(self) -> str:
        """The value and its day, in a few words."""
        if self.result is None:
            return "HbA1c could not be checked" if self.why else "no HbA1c on file"
        return f"last HbA1c {hba1c_words(self.result)}, {on(self.result.on)}"

    @property
    def in_percent(self) -> str:
        """The same without mmol/mol, where there is little room."""
        result = self.result
        shown = "" if result is None else f"{result.comparator}{number(result.value or 0)} %, {on(result.on)}"
        return f"last HbA1c {shown}" if shown else self.in_short

    @property
    def line(self) -> str:
        """The value and its day in one line for a card."""
        if self.result is not None:
            return f"HbA1c: {hba1c_words(self.result)} on {on(self.result.on)}"
        return f"HbA1c: could not be checked ({self.why})" if self.why else "HbA1c: searched, none found"


def newest_hba1c(facts: Facts) -> Hba1c:
    """The newest HbA1c, or why there is none."""
    return facts.once(_newest_hba1c)


def _newest_hba1c(facts: Facts) -> Hba1c:
    try:
        result = facts.latest(HBA1C)
    except NotKnown as unknown:
        return Hba1c(None, why=unknown.why or "not supplied")
    return Hba1c(result, result is not None and result.on is not None and facts.is_within(result.on, recent_days()))


def recent_days() -> int:
    """Days for which an HbA1c or a glucose stands for today."""
    return int(load_thresholds(TABLE).value("recent"))


def hba1c_mmol_mol(percent: float) -> float:
    """HbA1c in IFCC mmol/mol. Source: NGSP/IFCC master equation, 10.93 × NGSP − 23.5."""
    return 10.93 * percent - 23.5


def hba1c_words(result: Measurement) -> str:
    """The result in both units: "8.1 % (65 mmol/mol)"."""
    percent, bound = result.value or 0.0, result.comparator
    return f"{bound}{number(percent)} % ({bound}{number(hba1c_mmol_mol(percent), 0)} mmol/mol)"


def reaches(result: Measurement, limit: float) -> bool:
    """Is the value at or above the limit? A bound counts where it decides; NotKnown where it does not."""
    value = result.value or 0.0
    if result.comparator in (">", ">="):
        if value >= limit - APART:
            return True
        raise NotKnown("glycaemia", f"{result.received or result.concept} does not tell")
    if result.comparator in ("<", "<="):
        if value < limit or (result.comparator == "<" and value <= limit):
            return False
        raise NotKnown("glycaemia", f"{result.received or result.concept} does not tell")
    return value >= limit - APART


def lowering_drugs(facts: Facts) -> tuple[str, ...]:
    """Insulins and sulfonylureas that are drafted, or being taken and not stopped in the basket, by name.

    Raises NotKnown when none is drafted and the orders could not be had.
    """
    found = drafted_or_active(facts, *LOWERING)
    return tuple(sorted({one.drug.name for one in found if one.is_draft or not is_stopped_in_basket(one, facts)}))


def is_hba1c_awaited(facts: Facts) -> bool:
    """Is an HbA1c under way: pending, in the basket, or ordered lately? An unreadable record counts as no."""
    return is_ordered_lately(facts, HBA1C) or is_result_awaited(facts, HBA1C, _counts_as_ordered())


def is_ordered_lately(facts: Facts, concept: str) -> bool:
    """Is the test in the basket, or ordered on record lately? An unreadable record counts as no."""
    return ordered_lately(facts, (concept,), _counts_as_ordered())


def _counts_as_ordered() -> int:
    """Days for which an order stands for its result."""
    return int(load_thresholds(TABLE).value("already_ordered"))
