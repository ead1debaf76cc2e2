"""Is the ordered daily dose of pregabalin above the label's maximum for this renal function?

WHEN  pregabalin is ordered with a daily dose that can be worked out
AND   the peak daily dose is above the label maximum of the patient's clearance band, or extended release is ordered
      below 30 mL/min or on dialysis, or the dose after haemodialysis is above the label supplement
THEN  warn, critically above twice the maximum, and offer the label dose (book 2.2).
"""

from __future__ import annotations

from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import Opinion
from cards.orders import OrderedDrug
from cards.pharmacology.renal.renal_maximum import above_renal_maximum


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.2."""
    return above_renal_maximum(order, facts, knowledge)
