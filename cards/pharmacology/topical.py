"""Is a product applied to the skin, where a rule on the drug taken by mouth does not mean it? Book 1.9, formulation."""

from __future__ import annotations

from cards.orders import Drug, Route
from cards.pharmacology.gabapentinoid import AGENTS, GABAPENTINOID
from cards.pharmacology.product import RELEASE_FORMS

LOCAL = frozenset({"cream", "gel", "ointment", "lotion"})
APPLIED = LOCAL | {"patch"}
SWALLOWED = frozenset({"capsule", "tablet"})

# Drugs that no rule means on the skin: the value set of each → all value sets by which rules know it.
MEANT_BY_RULES = {
    GABAPENTINOID: (GABAPENTINOID, *AGENTS, *RELEASE_FORMS),
    "tricyclic": ("tricyclic", "tricyclic_ingredients"),
    "opioid": ("opioid",),
}


def as_given(drug: Drug, route: Route | None) -> Drug:
    """The drug by its route: a gabapentinoid, tricyclic or opioid applied to the skin is none for any rule."""
    for kind, names in MEANT_BY_RULES.items():
        if drug.is_a(kind) and _is_local(kind, drug, route):
            drug = drug._replace(concepts=drug.concepts.difference(names))
    return drug


def _is_local(kind: str, drug: Drug, route: Route | None) -> bool:
    """A patch of an opioid is systemic, whatever its route is called."""
    return drug.dose_form in LOCAL if kind == "opioid" else _is_topical(drug, route)


def _is_topical(drug: Drug, route: Route | None) -> bool:
    """By its dose form, else by its route; a capsule or a tablet is swallowed whatever the route says."""
    return drug.dose_form in APPLIED or (route is Route.TOPICAL and drug.dose_form not in SWALLOWED)
