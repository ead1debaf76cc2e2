"""Is a product applied to the skin, where a rule on the drug taken by mouth does not mean it? Book 1.9, formulation."""

from __future__ import annotations

from cards.orders import Drug, Route

APPLIED = frozenset({"cream", "gel", "ointment", "lotion", "patch"})
SWALLOWED = frozenset({"capsule", "tablet"})


def is_topical(drug: Drug, route: Route | None) -> bool:
    """By its dose form, else by its route; a capsule or a tablet is swallowed whatever the route says."""
    return drug.dose_form in APPLIED or (route is Route.TOPICAL and drug.dose_form not in SWALLOWED)
