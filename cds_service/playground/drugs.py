"""The drugs of the picker: names that an order can be written with and that some rule speaks about."""

from __future__ import annotations

from functools import lru_cache

from cards.catalogue import Catalogue
from cards.concepts import Concept, ValueSets
from cds_service.order_product import medication

_LEVELS = ("IN", "PIN", "MIN", "BN")


@lru_cache(maxsize=4)
def drug_names(value_sets: ValueSets, catalogue: Catalogue) -> tuple[str, ...]:
    """Ingredients and brands of the value sets that trigger cards, in alphabetical order."""
    triggers = {name for card in catalogue.cards for name in card.knowledge.triggers}
    names = {
        name
        for trigger in triggers
        for name in _names(value_sets.concept(trigger))
        if "coding" in medication(name, value_sets) and "/" not in name  # in an order it would be a fraction
    }
    return tuple(sorted(names, key=str.lower))


def _names(drug: Concept) -> set[str]:
    if drug.kind != "med":
        return set()
    codes = [code for code in drug.codes.get("rxnorm", ()) if code.confirmed]
    named = {code.display for code in codes if code.hints.get("tty") in _LEVELS}
    brands = {str(code.hints["brand"]) for code in codes if code.hints.get("brand")}
    known = {name.lower() for name in named}
    short = {drug.name} & set(drug.text) - known  # what everybody says for a name that nobody says
    return named | brands | short
