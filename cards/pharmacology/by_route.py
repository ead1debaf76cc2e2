"""What the route makes of a drug: another product, or one that no rule means (book 1.9, formulation)."""

from __future__ import annotations

from cards.orders import Drug, Route
from cards.pharmacology.gabapentinoid import AGENTS, GABAPENTINOID
from cards.pharmacology.product import RELEASE_FORMS

# Human normal immunoglobulin is one substance; the route makes it one product or the other.
IVIG = "ivig"
ROUTE_OPEN = "immune_globulin_route_open"  # words that mean it and leave the route open
OTHER_GLOBULINS = frozenset({"scig", "immune_globulin_intramuscular", "hyperimmune_globulin"})
_GLOBULIN = {
    Route.INTRAVENOUS: IVIG,
    Route.SUBCUTANEOUS: "scig",
    Route.INTRAMUSCULAR: "immune_globulin_intramuscular",
}
IMMUNOGLOBULINS = frozenset({*_GLOBULIN.values(), ROUTE_OPEN})
_GLOBULIN_BY_ROUTE = frozenset({IVIG, ROUTE_OPEN})
_RITUXIMAB, _UNDER_THE_SKIN = "rituximab", "rituximab_hyaluronidase"

_LOCAL = frozenset({"cream", "gel", "ointment", "lotion"})
_APPLIED = _LOCAL | {"patch"}
_SWALLOWED = frozenset({"capsule", "tablet"})
# Drugs that no rule means on the skin: the value set of each → all value sets by which rules know it.
_NOT_ON_THE_SKIN = {
    GABAPENTINOID: (GABAPENTINOID, *AGENTS, *RELEASE_FORMS),
    "tricyclic": ("tricyclic", "tricyclic_ingredients"),
    "opioid": ("opioid",),
}

DEPEND_ON_ROUTE = _GLOBULIN_BY_ROUTE | {_RITUXIMAB, *_NOT_ON_THE_SKIN}


def given_by(drug: Drug, route: Route | None) -> Drug:
    """The drug as this route gives it; the same where the route changes nothing, or none is stated."""
    for kind, names in _NOT_ON_THE_SKIN.items():
        if drug.is_a(kind) and _is_local(kind, drug, route):
            drug = drug._replace(concepts=drug.concepts.difference(names))
    if drug.is_a(_RITUXIMAB) and route is Route.SUBCUTANEOUS:
        return drug._replace(concepts=drug.concepts | {_UNDER_THE_SKIN})
    is_open = drug.is_a(*_GLOBULIN_BY_ROUTE) and not drug.is_a(*OTHER_GLOBULINS)
    globulin = _GLOBULIN.get(route) if route and is_open else None
    if globulin is None or drug.is_a(globulin):
        return drug
    return drug._replace(concepts=drug.concepts - _GLOBULIN_BY_ROUTE | {globulin})


def _is_local(kind: str, drug: Drug, route: Route | None) -> bool:
    """A patch of an opioid is systemic, whatever its route is called."""
    return drug.dose_form in _LOCAL if kind == "opioid" else _is_topical(drug, route)


def _is_topical(drug: Drug, route: Route | None) -> bool:
    """By its dose form, else by its route; a capsule or a tablet is swallowed whatever the route says."""
    return drug.dose_form in _APPLIED or (route is Route.TOPICAL and drug.dose_form not in _SWALLOWED)
