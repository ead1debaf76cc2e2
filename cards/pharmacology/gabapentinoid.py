"""Which gabapentinoid is it? The agents that are never interchanged mg for mg (book 1.9, 2.7)."""

from __future__ import annotations

from cards.orders import Drug, Route
from cards.pharmacology.product import RELEASE_FORMS
from cards.pharmacology.topical import is_topical

GABAPENTINOID = "gabapentinoid"  # the value set of all of them
AGENTS = ("pregabalin", "gabapentin", "gabapentin_enacarbil", "mirogabalin")


def agents(drug: Drug) -> frozenset[str]:
    """The agents a drug may be: one, several where code and words contradict each other, none for another drug."""
    found = drug.concepts.intersection(AGENTS)
    # the value set of gabapentin holds enacarbil too, which is an agent of its own
    return found - {"gabapentin"} if "gabapentin_enacarbil" in found else found


def agent_name(drug: Drug) -> str:
    """The agent in words: "gabapentin enacarbil"; the drug's own name where there is not exactly one."""
    found = agents(drug)
    return next(iter(found)).replace("_", " ") if len(found) == 1 else drug.name


def as_given(drug: Drug, route: Route | None) -> Drug:
    """The drug by its route: a gabapentinoid applied to the skin is none for any rule, drafted or on record."""
    if not (drug.is_a(GABAPENTINOID) and is_topical(drug, route)):
        return drug
    return drug._replace(concepts=drug.concepts.difference((GABAPENTINOID, *AGENTS), RELEASE_FORMS))
