"""Is what a card would offer in the basket already? Then it is not offered again: the next call would ask for ever."""

from __future__ import annotations

from cards.concepts import Code, load_value_sets
from cards.opinion import AddNote, OrderService, ProposeDrug, Suggestion
from cards.orders import Basket, ServiceOrder

OFFERED = frozenset({"suggestion_tests"})  # lists what cards offer; no test of its own


def not_yet_drafted(suggestions: tuple[Suggestion, ...], basket: Basket) -> tuple[Suggestion, ...]:
    """The suggestions that would still change something."""
    return tuple([one for one in suggestions if not _is_drafted(one, basket)])


def _is_drafted(suggestion: Suggestion, basket: Basket) -> bool:
    match suggestion:
        case AddNote():
            return any(
                draft.id == suggestion.order_id and suggestion.note in draft.note for draft in basket.medications
            )
        case OrderService():
            return any(_is_same(suggestion, service) for service in basket.services)
        case ProposeDrug():
            return any(_is_named(suggestion, draft.drug.code, draft.drug.display) for draft in basket.medications)
        case _:
            return False


def _is_same(suggestion: OrderService, service: ServiceOrder) -> bool:
    """By its code, by another code of the same value sets, else by its words."""
    if _is_named(suggestion, service.code, service.display):
        return True
    return suggestion.code is not None and _meaning(suggestion.code) == service.concepts - OFFERED != frozenset()


def _meaning(code: Code) -> frozenset[str]:
    return load_value_sets().coded(code.system, code.code) - OFFERED


def _is_named(suggestion: OrderService | ProposeDrug, code: str, display: str) -> bool:
    """By its code, else by its words."""
    return code == suggestion.code.code if suggestion.code is not None else display == suggestion.text
