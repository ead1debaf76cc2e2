"""Which gabapentinoid is it? The agents that are never interchanged mg for mg (book 1.9, 2.7)."""

from __future__ import annotations

from cards.orders import Drug

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
