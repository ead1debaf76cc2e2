"""Is the ordered daily dose of gabapentin above the label's maximum for this renal function?

WHEN  immediate-release gabapentin is ordered with a daily dose that can be worked out
AND   the peak daily dose is above the label maximum of the patient's clearance band (at 15 mL/min and below in
      proportion to the clearance), or the dose after haemodialysis is above the label supplement
THEN  warn, critically above twice the maximum, and offer the label dose (book 2.5).
"""

from __future__ import annotations

from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import Opinion
from cards.orders import OrderedDrug
from cards.pharmacology.renal.renal_maximum import above_renal_maximum


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The decision table of 2.5, which is that of 2.2 with the maxima of gabapentin."""
    return above_renal_maximum(order, facts, knowledge)
